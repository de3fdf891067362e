"""`make serve`: what the Procfile lists, each a process of its own, on PostgreSQL and Redis."""

import shlex
import sys
from typing import Any

import honcho.manager
from honcho.environ import parse_procfile
from sqlalchemy.exc import DBAPIError

from app import create_app
from app.server import demo_load, installation, job_processes, ports, product
from app.server.refusals import of_database, refuse
from app.services.system import schema
from config import BASE_DIR, ConfigError, load_settings

# Honcho's own five seconds would cut off requests and jobs that are being finished.
honcho.manager.KILL_WAIT = 60


def main() -> int:
    try:
        settings = load_settings()
        _refuse_embedded(settings)
        job_processes.require_redis(settings)
        ports.bound(settings["HOST"], settings["PORT"], "PORT").close()
        app = create_app(settings)
        installed = installation.install(app)
        demo_load.complete(app)
    except (ConfigError, ports.PortInUse, schema.NewerSchema) as exc:
        return refuse(exc)
    except (installation.WrongCity, demo_load.HalfLoaded) as exc:
        return refuse(exc)
    except DBAPIError as exc:
        return refuse(of_database(exc))
    if installed.password:
        print(f"Administrator: admin / {installed.password}", flush=True)
    return _run_all(settings)


def _refuse_embedded(settings: dict[str, Any]) -> None:
    if settings["SQLALCHEMY_DATABASE_URI"].startswith("sqlite") or not settings["REDIS_URL"]:
        raise ConfigError(
            "Several processes need DATABASE_URL=postgresql://... and REDIS_URL=redis://...; "
            "`make run` serves from one process without them."
        )


def _run_all(settings: dict[str, Any]) -> int:
    manager = honcho.manager.Manager()
    for name, command in parse_procfile((BASE_DIR / "Procfile").read_text()).processes.items():
        manager.add_process(name, f"exec {command}", cwd=str(BASE_DIR))
    if settings["DEMO"]:
        command = shlex.join(product.gateway_command(settings))
        manager.add_process("gateway", f"exec {command}", cwd=str(BASE_DIR))
    manager.loop()
    return manager.returncode or 0


if __name__ == "__main__":
    sys.exit(main())
