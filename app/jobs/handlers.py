"""Services register what they do with messages, timers and approvals when they are imported."""

import importlib
import pkgutil

from app import services


def load() -> None:
    """Import every service, so that every handler is there, whoever is asked first.

    A module whose name begins with an underscore registers nothing: it is loaded when it is needed.
    """
    for module in pkgutil.walk_packages(services.__path__, f"{services.__name__}."):
        if not module.name.rpartition(".")[2].startswith("_"):
            importlib.import_module(module.name)
