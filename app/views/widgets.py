"""How form fields are drawn. All markup is escaped; none needs an inline script or style."""

from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup
from wtforms.widgets import Input, TextArea, html_params


def _described(field: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Tie the input to its hint and its errors, for those who do not see them side by side."""
    kwargs["class"] = f"form-control {kwargs.get('class', '')}".strip()
    notes = [f"{field.id}-hint"] if field.description else []
    if field.errors:
        notes.append(f"{field.id}-error")
        kwargs["aria-invalid"] = "true"
    if notes:
        kwargs["aria-describedby"] = " ".join(notes)
    return kwargs


class TextWidget(Input):
    validation_attrs = ("required", "disabled", "maxlength", "minlength", "min", "max")

    def __init__(self, input_type: str = "text", **attributes: str) -> None:
        super().__init__(input_type)
        self.attributes = attributes

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        if self.input_type == "password":
            kwargs["value"] = ""  # a password is never sent back
        return super().__call__(field, **_described(field, {**self.attributes, **kwargs}))


class LongTextWidget(TextArea):
    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        kwargs.setdefault("rows", 4)
        return super().__call__(field, **_described(field, kwargs))


class DateTimeLocalWidget(Input):
    input_type = "datetime-local"
    validation_attrs = ("required", "disabled")

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        if field._value().count(":") > 1:
            kwargs["step"] = "1"
        return super().__call__(field, **_described(field, kwargs))


class MoneyWidget(Input):
    input_type = "text"
    validation_attrs = ("required", "disabled")

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        kwargs |= {"inputmode": "decimal", "autocomplete": "off"}
        box = super().__call__(field, **_described(field, {**kwargs, "class": "num"}))
        unit = Markup('<span class="unit" aria-hidden="true">¥</span>')
        return Markup('<span class="with-unit">{}{}</span>').format(unit, box)


class SelectWidget:
    """A select of a field with `options()`: (value, text, chosen)."""

    def attributes(self, field: Any) -> dict[str, Any]:
        return {"required": True} if field.flags.required else {}

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        given = _described(field, {**self.attributes(field), **kwargs})
        # html_params has escaped each value already.
        parameters = Markup(html_params(id=field.id, name=field.name, **given))  # noqa: S704
        return Markup("<select {}>{}</select>").format(
            parameters, Markup("").join(_option(*option) for option in field.options())
        )


def _option(value: str, text: Any, chosen: bool) -> Markup:
    mark = Markup(" selected") if chosen else ""
    return Markup('<option value="{}"{}>{}</option>').format(value, mark, text)


class RowSelectWidget(SelectWidget):
    """A select that the page's script turns into a searching one when `data-source` is there."""

    def attributes(self, field: Any) -> dict[str, Any]:
        if field.multiple:
            given: dict[str, Any] = {"multiple": True}
        else:
            given = super().attributes(field)
        if not field.lookup.small:
            given["class"] = "js-lookup"
            given["data-source"] = field.source()
            given["data-placeholder"] = _("Type to search")
        return given


class CheckListWidget:
    """Boxes to tick for a few rows, as one named group."""

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        boxes = (
            Markup('<label><input type="checkbox" name="{}" value="{}"{}>{}</label>').format(
                field.name, value, Markup(" checked") if chosen else "", text
            )
            for value, text, chosen in field.options()
        )
        group = Markup('<div class="checks" id="{0}" role="group" aria-labelledby="{0}-label">')
        return group.format(field.id) + Markup("").join(boxes) + Markup("</div>")


class CheckboxWidget(Input):
    input_type = "checkbox"
    validation_attrs = ("disabled",)

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        if field.data:
            kwargs["checked"] = True
        described = _described(field, kwargs)
        described["class"] = "check"
        return super().__call__(field, **described)
