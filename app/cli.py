"""`flask ...`: installation, checks and single jobs, for people and for machines."""

import getpass
import os

import click
from flask import Flask, current_app
from flask_babel import force_locale
from sqlalchemy.exc import DBAPIError

from app.domain.errors import DomainError
from app.server import locks, refusals
from app.services.system import schema

LEDGER = "ledger"


def register(app: Flask) -> None:
    commands = (
        init, add_administrator, check, audit_head, run_job, seed_demo, demo_order, demo_reset,
    )  # fmt: skip
    for command in commands:
        app.cli.add_command(command)


@click.command("init")
def init() -> None:
    """Migrate the database and add what is missing. Safe to repeat."""
    # Imported here, as below: a server must not pay for what only a command needs.
    from app.server import installation

    try:
        done = installation.install(_app())
    except (schema.NewerSchema, installation.WrongCity) as exc:
        raise click.ClickException(str(exc)) from exc
    except DBAPIError as exc:
        raise click.ClickException(refusals.of_database(exc)) from exc
    click.echo(f"Schema {schema.head()}: {'migrated' if done.migrated else 'up to date'}.")
    if done.password:
        click.echo(f"First administrator: {installation.FIRST_USERNAME} / {done.password}")
        click.echo(f"Shown once; kept in {done.password_file}.")


@click.command("add-administrator")
@click.argument("username")
def add_administrator(username: str) -> None:
    """Make the second administrator. In the pages an administrator is named by two."""
    from app.services.identity import administrators

    _needs_tables()
    try:
        password = administrators.add_second(username, by=_who())
    except DomainError as exc:
        with force_locale("en"):  # as all commands speak
            raise click.ClickException(f"{exc}.") from exc
    click.echo(f"Administrator: {username} / {password}")
    click.echo("Shown once. To be changed after the first sign-in; the audit log tells of this.")


@click.command("check")
@click.argument("names", nargs=-1)
@click.option("--head", help="what `flask audit-head` printed earlier: it must be in the chain")
def check(names: tuple[str, ...], head: str | None) -> None:
    """Prove the invariants on the whole database, or those named; exit 1 when one does not hold.

    `ledger` names the nine invariants of the ledger, each with its figures.
    """
    from app.services.system import checks

    _needs_tables()
    unknown = sorted(set(names) - checks.CHECKS.keys() - {LEDGER})
    if unknown:
        known = ", ".join([LEDGER, *checks.CHECKS])
        raise click.ClickException(f"There is no check {unknown[0]!r}: {known}.")
    if head is not None:
        _expect_in_chain(head)
    failed = _prove_ledger() if LEDGER in names else 0
    others = set(names) - {LEDGER}
    found = checks.run_all(names=others) if others or not names else {}
    for name, finding in found.items():
        failed += not finding.ok
        figures = "  ".join(f"{key} {value}" for key, value in finding.figures.items())
        click.echo(f"{'ok  ' if finding.ok else 'FAIL'}  {name:<40} {figures}")
        for failure in finding.failures:
            click.echo(f"      {failure}")
    if failed:
        raise click.ClickException(f"{failed} checks failed.")


def _prove_ledger() -> int:
    """Print the nine invariants; returns how many do not hold."""
    from app.services.system import invariants
    from app.services.transactions import snapshot

    with snapshot() as session:
        proofs = invariants.prove(session)
    for invariant, proof in zip(invariants.INVARIANTS, proofs, strict=True):
        click.echo(f"{'ok  ' if proof.ok else 'FAIL'}  {invariant.number}  {invariant.says}")
        click.echo(f"         {invariants.told(proof, invariant.told)}")
        for name, rows in proof.failures.items():
            about = invariants.ABOUT.get(name, "order")
            click.echo(f"         {name}: {about} {', '.join(map(str, rows))}")
    return sum(not proof.ok for proof in proofs)


def _expect_in_chain(text: str) -> None:
    from app.services.system import audit_seals

    try:
        known = audit_seals.Head.parse(text)
    except ValueError as exc:
        raise click.ClickException(str(exc)) from exc
    if not audit_seals.is_in_chain(known):
        raise click.ClickException(f"Seal {known.seal} with that hash is not in the audit chain.")


@click.command("audit-head")
def audit_head() -> None:
    """Print the newest seal of the audit log. Kept elsewhere, it proves all before it."""
    from app.services.system import audit_seals

    _needs_tables()
    newest = audit_seals.head()
    if newest is None:
        raise click.ClickException("Nothing is sealed yet; `flask run-job seal_audit` does it.")
    click.echo(str(newest))


@click.command("run-job")
@click.argument("name")
@click.argument("arguments", nargs=-1)
def run_job(name: str, arguments: tuple[str, ...]) -> None:
    """Run one job of app/jobs here and now."""
    from app.jobs import handlers
    from app.services.queue import resolve
    from app.services.system.timetable import path_of

    _needs_tables()
    handlers.load()
    try:
        job = resolve(path_of(name))
    except (ImportError, AttributeError) as exc:
        raise click.ClickException(f"There is no job {name!r} in app/jobs.") from exc
    click.echo(f"{name}: {job(*arguments)}")


@click.command("seed-demo")
@click.option("--scale", default="small", show_default=True)
def seed_demo(scale: str) -> None:
    """Fill an empty database with the demo company. Needs DEMO=1.

    small: 1,100 orders of three months; city: 200,000 of a year; large: a million. Both large
    ones are written in bulk and take minutes.
    """
    from app.demo.loader import SCALES
    from app.server import demo_load, installation

    _demo_only()
    if scale not in SCALES:
        raise click.ClickException(f"There is no scale {scale!r}; choose {', '.join(SCALES)}.")
    _needs_tables()
    if installation.demo_is_loaded():
        raise click.ClickException("The demo is loaded already; `flask demo-reset` forgets it.")
    try:
        demo_load.complete(_app(), scale)
    except (demo_load.HalfLoaded, demo_load.OtherData) as exc:
        raise click.ClickException(str(exc)) from exc


@click.command("demo-order")
@click.option("--base-url", help="send it to a running product instead")
def demo_order(base_url: str | None) -> None:
    """Let one order travel from booking to the settlement, and print each step."""
    from app.demo import journey

    _demo_only()
    if base_url is None:
        _needs_tables()
    journey.run(click.echo, base_url=base_url)


@click.command("demo-reset")
@click.confirmation_option(prompt="Delete the demo's database and files?")
def demo_reset() -> None:
    """Forget the demo company; the next start makes a new one."""
    from app.server import demo_reset as reset

    try:
        reset.forget(current_app.config)
    except locks.FolderInUse as exc:
        raise click.ClickException(str(exc)) from exc
    click.echo("The demo is gone; the next `make run` makes a new one.")


def _needs_tables() -> None:
    """Say so in a sentence when the database does not answer, or is empty or of another version."""
    try:
        usable = schema.has_tables()
    except DBAPIError as exc:
        raise click.ClickException(refusals.of_database(exc)) from exc
    if not usable:
        raise click.ClickException(
            "The database is empty or not of this version; `flask init` first."
        )


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined]


def _who() -> str:
    """The account of the machine whose shell this is, for the audit log."""
    try:
        return getpass.getuser()[:64]
    except (KeyError, OSError):  # a container may have no name for its user
        return str(os.getuid())


def _demo_only() -> None:
    if not current_app.config["DEMO"]:
        raise click.ClickException("This is for the demo only; DEMO=1 is not set.")
