"""Form fields that several domains use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget


def choices(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """Choices of a field from pairs of value and label."""
    return [SelectChoice(value, label) for value, label in pairs]


class CheckboxesField(SelectMultipleField):
    """Several of a few choices, as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class PercentField(StringField):
    """A share in percent with at most one decimal; `data` is an integer in per mille, None when empty."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        whole, rest = divmod(int(self.data), 10)
        return f"{whole}.{rest}" if rest else str(whole)

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = str(valuelist[0]).strip().rstrip("%％").strip() if valuelist else ""
        self.data = None
        if not text:
            return
        whole, _, rest = text.partition(".")
        if not (whole.isascii() and whole.isdigit() and len(whole) <= 3) or (rest and not _is_figure(rest)):
            raise ValueError(_l("Please enter percent with at most one decimal, such as 2.5."))
        self.data = int(whole) * 10 + int(rest or 0)


def _is_figure(text: str) -> bool:
    return len(text) == 1 and text.isascii() and text.isdigit()
