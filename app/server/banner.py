"""What the terminal shows when the product is up."""

from collections.abc import Iterator

from flask import Flask

from app.server.installation import FIRST_USERNAME, Installed


def show(app: Flask, installed: Installed) -> None:
    print("\n".join(["", *_lines(app, installed), ""]), flush=True)


def _lines(app: Flask, installed: Installed) -> Iterator[str]:
    url = app.config["PUBLIC_URL"]
    yield f"  Back office          {url}/"
    yield f"  API documentation    {url}/api/docs"
    if app.config["DEMO"]:
        yield f"  Payment and SMS      {app.config['LOCAL_GATEWAY_URL']}/_local/"
    yield ""
    yield from _logins(app, installed)
    yield from _notes(app)
    yield "  Stop with Ctrl-C."


def _logins(app: Flask, installed: Installed) -> Iterator[str]:
    if installed.password:
        yield f"  Administrator        {FIRST_USERNAME} / {installed.password}"
        yield f"                       shown once; kept in {installed.password_file}"
    elif installed.password_file.exists():
        yield f"  Administrator        {FIRST_USERNAME}, password in {installed.password_file}"
    if app.config["DEMO"]:
        yield from _demo_logins()


def _demo_logins() -> Iterator[str]:
    # Imported here: production knows no demo.
    from app.demo import loader
    from app.demo.staff import STAFF

    for person in STAFF:
        login = f"{person.username} / {loader.STAFF_PASSWORD}"
        yield f"  {person.duty_en:<20} {login:<36} {person.role}"


def _notes(app: Flask) -> Iterator[str]:
    yield ""
    if not app.config["PUBLIC_URL"].startswith("https://"):
        yield "  Without HTTPS browsers refuse positions and offline use, except on this machine."
