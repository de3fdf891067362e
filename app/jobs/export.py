from app.jobs.context import job
from app.services.system import exports


@job
def run(export_id: int) -> None:
    """Make the file that somebody asked for. Running it twice makes one file."""
    exports.make(export_id)
