"""Starts everything on one machine: checks, installation, demo, local gateway, web and jobs.

What keeps it from starting is told in one sentence, with exit status 2.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from app.server import locks, ports
from app.server.refusals import of_database, refuse
from config import ConfigError, load_settings


def main(environ: Mapping[str, str] | None = None) -> int:
    try:
        settings = load_settings(environ)
        with locks.data_folder(Path(settings["DATA_DIR"])):
            return _serve(settings)
    except (ConfigError, locks.FolderInUse, ports.PortInUse) as exc:
        return refuse(exc)
    except DBAPIError as exc:
        return refuse(of_database(exc))


def _serve(settings: dict[str, Any]) -> int:
    with ports.bound(settings["HOST"], settings["PORT"], "PORT") as listener:
        if settings["DEMO"]:
            ports.bound("127.0.0.1", settings["LOCAL_GATEWAY_PORT"], "LOCAL_GATEWAY_PORT").close()
        # Imported here: a refusal should not wait for the whole product to load.
        from app.server import demo_load, installation, product
        from app.services.system import schema

        try:
            return product.run(settings, listener)
        except (schema.NewerSchema, installation.WrongCity, demo_load.HalfLoaded) as exc:
            return refuse(exc)
