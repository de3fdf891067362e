"""Services register what they do with messages, timers and approvals when they are imported."""

import importlib
import pkgutil

from app import services


def load() -> None:
    """Import every service, so that every handler is there, whoever is asked first."""
    for module in pkgutil.walk_packages(services.__path__, f"{services.__name__}."):
        importlib.import_module(module.name)
