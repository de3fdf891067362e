"""The download centre: the files that one asked for, how far they are, and until when they stay."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import Response, redirect, request, send_file, url_for
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Query, joinedload

from app.extensions import db
from app.models import Export
from app.services import access
from app.services.system import exports
from app.views import labels
from app.views.base import ModelInterface, ReadOnlyModelView, expose, has_access, row_action
from app.views.base_polling import part_of_page
from app.views.downloads import XLSX
from app.views.formatters import EMPTY
from app.views.staff_names import name_of_staff

UNDER_WAY = ("waiting", "running")
MOST_FOLLOWED = 10
REASONS = {
    exports.BROKEN: _l("Something broke. An administrator sees what; you can try again."),
    exports.LOST: _l("The process that made it was ended. Please try again."),
}


def size(value: int | None) -> Any:
    """A file's size as people say it."""
    if value is None:
        return EMPTY
    return f"{value / 1024:,.0f} KB" if value < 1024 * 1024 else f"{value / 1024 / 1024:,.1f} MB"


def why(code: str) -> Any:
    return REASONS.get(code, code) if code else EMPTY


class ExportView(ReadOnlyModelView):
    route_base = "/exports"
    datamodel = ModelInterface(Export, load=("job_run",))
    base_permissions = ["can_list", "can_show", "can_see_all"]
    noun, noun_plural = _l("Exported file"), _l("Exported files")
    list_columns = ["title", "created_at", "status", "rows", "size_bytes", "expires_at", "staff_id"]
    show_columns = [*list_columns, "finished_at", "downloads", "failure"]
    search_columns = ["title", "status", "created_at"]
    label_columns = {
        "title": _l("List"),
        "created_at": _l("Asked for at"),
        "rows": _l("Rows"),
        "size_bytes": _l("Size"),
        "expires_at": _l("Can be fetched until"),
        "staff_id": _l("Asked by"),
        "finished_at": _l("Finished at"),
        "downloads": _l("Downloads"),
        "failure": _l("What went wrong"),
    }
    choices = {"status": labels.EXPORT_STATUS}
    badges = {"status": labels.EXPORT_KINDS}
    formatters_columns = {"size_bytes": size, "staff_id": name_of_staff, "failure": why}
    base_order = ("id", "desc")
    list_template = "exports/list.html"
    show_template = "exports/show.html"
    empty_text = _l("No files yet.")
    empty_next = _l("Open a list, filter it, and press “Export to Excel”.")

    def scope(self, query: Query[Any]) -> Query[Any]:
        """One's own; administrators see that there are others, and cannot fetch them."""
        if self.holds("can_see_all"):
            return access.visible(query, Export, self.actor)
        return query.filter(Export.staff_id == self.actor.id)

    def list_context(self) -> dict[str, Any]:
        files = self._under_way()
        return {"under_way": files, "keys": ",".join(str(file.id) for file in files)}

    def _under_way(self) -> Sequence[Export]:
        """One's own files that are waiting or being made, the oldest first."""
        mine = sa.select(Export).where(
            Export.staff_id == self.actor.id, Export.status.in_(UNDER_WAY)
        )
        rows = mine.options(joinedload(Export.job_run)).order_by(Export.id).limit(MOST_FOLLOWED)
        return db.session.scalars(rows).all()

    @expose("/under-way", methods=["GET"])
    @has_access
    @permission_name("list")
    def under_way(self) -> Response:
        """How far the files are; ends when one of those that the page knows is finished."""
        files = self._under_way()
        known = set(request.args.get("keys", "").split(","))
        text = self.render_template("exports/under_way.html", under_way=files)
        return part_of_page(text, ended=known != {str(file.id) for file in files})

    def show_context(self, row: Export) -> dict[str, Any]:
        return {"export": row, "under_way": row.status in UNDER_WAY, "mine": self._is_mine(row)}

    def _is_mine(self, row: Export) -> bool:
        return row.staff_id == self.actor.id

    @expose("/progress/<pk>", methods=["GET"])
    @has_access
    def progress(self, pk: str) -> Response:
        """How far the file is: a part of its page, asked for again and again."""
        export = self.row_or_404(pk)
        text = self.render_template("exports/progress.html", export=export)
        return part_of_page(text, ended=export.status not in UNDER_WAY)

    @expose("/download/<pk>", methods=["GET"])
    @has_access
    def fetch(self, pk: str) -> Any:
        row = self.row_or_404(pk)
        export, file = exports.open_file(row.id, actor=self.actor)
        name = f"{export.title} {export.created_at:%Y-%m-%d} {export.id}.xlsx"
        return send_file(file, mimetype=XLSX, as_attachment=True, download_name=name)

    @row_action("again", _l("Export again"), icon="fa-rotate-right", multiple=False,
                when=lambda row: row.status not in UNDER_WAY)  # fmt: skip
    def again(self, pk: int) -> Any:
        export_id = exports.ask_again(pk, actor=self.actor)
        return redirect(url_for("ExportView.show", pk=export_id))

    @row_action("stop", _l("Cancel the export"), icon="fa-stop", multiple=False,
                when=lambda row: row.status in UNDER_WAY)  # fmt: skip
    def stop(self, pk: int) -> str:
        exports.cancel(pk, actor=self.actor)
        return str(_("The export is asked to stop."))

    @row_action("remove", _l("Delete"), icon="fa-trash-can", danger=True,
                confirm=_l("Delete this file? It can be exported again from its list."),
                when=lambda row: row.status != "running")  # fmt: skip
    def remove_file(self, pk: int) -> Any:
        exports.remove(pk, actor=self.actor)
        return redirect(self.url_of("list"))
