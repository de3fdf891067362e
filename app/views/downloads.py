"""Files made for one person: written, recorded, handed over, gone."""

import json
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Response, send_file

from app.domain.actors import Actor
from app.services import audit
from app.services.transactions import transaction

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"
JSON = "application/json"


def made(write: Callable[[Path], Any], suffix: str) -> bytes:
    """What `write` puts into a file. Nothing is left on the disk, also when it fails."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"file{suffix}"
        write(path)
        return path.read_bytes()


def sent(content: bytes, name: str, mime: str) -> Response:
    """The download of what a service has recorded already."""
    return send_file(BytesIO(content), mimetype=mime, as_attachment=True, download_name=name)


def handed_over(content: bytes, name: str, mime: str, row: Any, actor: Actor) -> Response:
    """The download, with an audit row that says who took what."""
    with transaction(actor):
        entity, key = row.__tablename__, row.id
        audit.record("export", entity, key, {"file": name, "bytes": len(content)}, actor=actor)
    return sent(content, name, mime)


def data_file(told: Any, name: str) -> Response:
    """What is kept about a person, as a file that he can read and programs, too."""
    return sent(json.dumps(told, ensure_ascii=False, indent=1).encode(), name, JSON)
