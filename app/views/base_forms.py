"""Builds the add and edit forms of a view from its columns."""

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.i18n import Translations
from wtforms import BooleanField, DateField, DecimalField, HiddenField, IntegerField, TimeField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.domain.actors import Actor
from app.domain.errors import N_, DomainError
from app.fab_kinds import Kind, column_of, largest, relationship
from app.fab_messages import said
from app.views.fields import (
    ChoiceField,
    JsonField,
    LocalDateTimeField,
    RowSelectField,
    RowsSelectField,
    TextField,
    YuanField,
)
from app.views.widgets import CheckboxWidget, LongTextWidget, TextWidget

if TYPE_CHECKING:
    from app.views.base import ModelView

VERSION = "version"


# WTForms says in Chinese "above" and "below" where it means "at least" and "at most".
OUR_WORDS = (N_("Number must be at least %(min)s."), N_("Number must be at most %(max)s."))


class FieldWords(Translations):
    """What fields say: in our words where WTForms's are wrong."""

    def gettext(self, string: str) -> str:
        return str(_(string)) if string in OUR_WORDS else str(super().gettext(string))


class RowForm(FlaskForm):
    """A form of one row. `columns` are what it may change; the version only guards."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: Any) -> FieldWords:
            return FieldWords()

    columns: tuple[str, ...] = ()

    @classmethod
    def refresh(cls, obj: Any = None) -> "RowForm":
        return cls(obj=obj)

    def look_at(self, row: Any, actor: Actor) -> None:
        """Tell what depends on the row and on who looks, before an action asks with this form."""

    def populate_obj(self, obj: Any) -> None:
        for name in self.columns:
            if name in self._fields:
                self._fields[name].populate_obj(obj, name)

    def values(self) -> dict[str, Any]:
        """What was typed, by column."""
        return {name: self._fields[name].data for name in self.columns if name in self._fields}

    def refuse(self, message: Any, field: str | None = None) -> None:
        """Show a refusal at its field, or above the form."""
        target = self._fields.get(field or "")
        if target is None:
            self.form_errors: list[Any] = [*self.form_errors, message]
        else:
            target.errors = [*target.errors, message]

    def refuse_with(self, error: DomainError) -> None:
        self.refuse(said(error), error.details.get("field"))


SIMPLE: dict[Kind, tuple[type[Any], Any]] = {
    Kind.TEXT: (TextField, TextWidget()),
    Kind.LONG_TEXT: (TextField, LongTextWidget()),
    Kind.INTEGER: (IntegerField, TextWidget("number", step="1")),
    Kind.DECIMAL: (DecimalField, TextWidget("number", step="any")),
    Kind.DATE: (DateField, TextWidget("date")),
    Kind.TIME: (TimeField, TextWidget("time")),
    Kind.BOOLEAN: (BooleanField, CheckboxWidget()),
    Kind.JSON: (JsonField, LongTextWidget()),
}


class FormBuilder:
    def __init__(self, view: "ModelView") -> None:
        self.view = view
        self.model = view.datamodel.obj

    def form(self, columns: list[str], extra: dict[str, Any], *, guarded: bool) -> type[RowForm]:
        """A form class with these columns; `guarded` adds the hidden version."""
        fields: dict[str, Any] = {"columns": tuple(columns)}
        for name in columns:
            fields[name] = extra.get(name) or self.field(name)
        if guarded and column_of(self.model, VERSION) is not None:
            fields[VERSION] = HiddenField()
        return type(f"{type(self.view).__name__}Form", (RowForm,), fields)

    def field(self, name: str) -> Any:
        kind = self.view.kind(name)
        common = {
            "label": self.view.label_columns[name],
            "description": self.view.description_columns.get(name, ""),
            "validators": self._validators(name, kind),
        }
        if name in self.view.lookups:
            cls = RowsSelectField if kind is Kind.TO_MANY else RowSelectField
            return self._made(cls, **common, **self._lookup(name))
        default = _default(column_of(self.model, name))
        if default is not None:
            common["default"] = default
        return self._simple(name, kind, common)

    def _simple(self, name: str, kind: Kind, common: dict[str, Any]) -> Any:
        if kind is Kind.CHOICE:
            return self._made(ChoiceField, labels=self.view.choices[name], **common)
        if kind is Kind.MONEY:
            return self._made(YuanField, **common)
        if kind is Kind.INSTANT:
            return self._made(LocalDateTimeField, **common)
        cls, widget = SIMPLE[kind]
        if cls is TextField and not self._nullable(name):
            common["empty"] = ""
        return self._made(cls, widget=widget, **common)

    def _made(self, cls: type[Any], **arguments: Any) -> Any:
        made: Any = cls(**arguments)
        return made

    def _lookup(self, name: str) -> dict[str, Any]:
        return {
            "lookup": self.view.lookups[name],
            "source": lambda: self.view.url_of("lookup", name=name),
        }

    def _validators(self, name: str, kind: Kind) -> list[Any]:
        own = list(self.view.validators_columns.get(name, []))
        column = column_of(self.model, name)
        if kind is Kind.BOOLEAN:
            return own
        first: Any = InputRequired() if self._required(name, kind) else Optional()
        return [first, *_bounds(column, kind), *own]

    def _required(self, name: str, kind: Kind) -> bool:
        if kind is Kind.TO_MANY:
            return False
        column = column_of(self.model, name)
        empty_is_fine = column is not None and column.default is not None and kind in EMPTY_TEXT
        return not self._nullable(name) and not (empty_is_fine and _default(column) == "")

    def _nullable(self, name: str) -> bool:
        relation = relationship(self.model, name)
        if relation is not None:
            return all(local.nullable for local in relation.local_columns)
        column = column_of(self.model, name)
        return column is None or bool(column.nullable)


EMPTY_TEXT = {Kind.TEXT, Kind.LONG_TEXT}


def _bounds(column: sa.Column[Any] | None, kind: Kind) -> list[Any]:
    """What the database would refuse anyway, said kindly and at the field."""
    if column is None:
        return []
    length = getattr(column.type, "length", None)
    if kind in EMPTY_TEXT and length:
        return [Length(max=length)]
    if kind is Kind.INTEGER:
        highest = largest(column)
        return [NumberRange(-highest, highest, message=_l("This number is out of range"))]
    return []


def _default(column: sa.Column[Any] | None) -> Any:
    """The column's default as a field's default; a function of the column stays a function."""
    default = getattr(column, "default", None)
    if default is None or default.is_sequence or default.is_clause_element:
        return None
    return (lambda: default.arg(None)) if default.is_callable else default.arg
