"""What every job needs around it: an application, and a quiet end when there is nothing to do."""

import functools
import logging
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import Flask, has_app_context

from app.services.system import app_errors, timetable
from app.services.system.job_runs import AlreadyRan, Cancelled

logger = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")


def job(function: Callable[P, R]) -> Callable[P, R | None]:
    """Run in an application context of its own; a period that is done already is no error."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R | None:
        if has_app_context():  # in tests, and in a job that calls a job
            return _quietly(function, *args, **kwargs)
        with process_app().app_context():
            return _quietly(function, *args, **kwargs)

    return wrapper


def _quietly(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R | None:
    try:
        with timetable.kept(function.__module__.rpartition(".")[2]):
            return function(*args, **kwargs)
    except (AlreadyRan, Cancelled) as exc:
        logger.info("%s has nothing to do: %s", function.__module__, exc.details)
        return None
    except Exception as exc:
        app_errors.keep(exc, f"job {function.__module__.rpartition('.')[2]}")
        raise


@functools.cache
def process_app() -> Flask:
    """The application of an RQ worker's process, made once."""
    # Imported here: the package's root is above the jobs, and the web does not come this way.
    from app import create_app

    return create_app()
