"""Starts everything on one machine: checks, installation, demo, local gateway, web and jobs.

What keeps it from starting is told in one sentence, with exit status 2.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError

from app.server import locks, ports
from config import ConfigError, load_settings

CANNOT_START = 2


def main(environ: Mapping[str, str] | None = None) -> int:
    try:
        settings = load_settings(environ)
        with locks.data_folder(Path(settings["DATA_DIR"])):
            return _serve(settings)
    except (ConfigError, locks.FolderInUse, ports.PortInUse) as exc:
        return refuse(exc)
    except OperationalError as exc:
        return refuse(f"The database does not answer: {first_line(exc)}")


def _serve(settings: dict[str, Any]) -> int:
    with ports.bound(settings["HOST"], settings["PORT"], "PORT") as listener:
        if settings["DEMO"]:
            ports.bound("127.0.0.1", settings["LOCAL_GATEWAY_PORT"], "LOCAL_GATEWAY_PORT").close()
        # Imported here: a refusal should not wait for the whole product to load.
        from app.server import installation, product
        from app.services.system import schema

        try:
            return product.run(settings, listener)
        except (schema.NewerSchema, installation.WrongCity) as exc:
            return refuse(exc)


def refuse(reason: object) -> int:
    print(reason, file=sys.stderr, flush=True)
    return CANNOT_START


def first_line(exc: OperationalError) -> str:
    return str(exc.orig).strip().splitlines()[0]
