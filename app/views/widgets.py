"""How form fields are drawn. All markup is escaped; none needs an inline script or style."""

from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup
from wtforms.widgets import Input, Select, TextArea, html_params


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
    def __init__(self, input_type: str = "text", **attributes: str) -> None:
        super().__init__(input_type)
        self.attributes = attributes

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        return super().__call__(field, **_described(field, {**self.attributes, **kwargs}))


class LongTextWidget(TextArea):
    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        kwargs.setdefault("rows", 4)
        return super().__call__(field, **_described(field, kwargs))


class DateTimeLocalWidget(Input):
    input_type = "datetime-local"

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        if field._value().count(":") > 1:
            kwargs["step"] = "1"
        return super().__call__(field, **_described(field, kwargs))


class MoneyWidget(Input):
    input_type = "text"

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        kwargs |= {"inputmode": "decimal", "autocomplete": "off"}
        box = super().__call__(field, **_described(field, {**kwargs, "class": "num"}))
        return Markup('<span class="with-unit"><span class="unit" aria-hidden="true">¥</span>{}</span>'
                      ).format(box)  # fmt: skip


class SelectWidget(Select):
    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        return super().__call__(field, **_described(field, kwargs))


class RowSelectWidget(Select):
    """A select that the page's script turns into a searching one when `data-source` is there."""

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        self_multiple = bool(field.multiple)
        if not field.lookup.small:
            kwargs["data-source"] = field.source()
            kwargs["data-placeholder"] = _("Type to search")
            kwargs["class"] = "js-lookup"
        if self_multiple:
            kwargs["multiple"] = True
        options = (self.render_option(*choice) for choice in field.iter_choices())
        attributes = html_params(
            name=field.name,
            id=field.id,
            **_required(field, self_multiple),
            **_described(field, kwargs),
        )
        return Markup("<select {}>{}</select>").format(Markup(attributes), Markup("").join(options))


def _required(field: Any, multiple: bool) -> dict[str, bool]:
    return {"required": True} if field.flags.required and not multiple else {}


class CheckboxWidget(Input):
    input_type = "checkbox"

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        if field.data:
            kwargs["checked"] = True
        described = _described(field, kwargs)
        described["class"] = "check"
        return super().__call__(field, **described)
