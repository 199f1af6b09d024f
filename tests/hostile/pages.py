"""What a page offers to type into: forms with their fields, and the arguments of its links."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

TEXTS = frozenset(
    {"text", "search", "textarea", "tel", "email", "url", "number", "date", "password", "hidden"}
)


@dataclass
class Field:
    """`kind`: the type of the input, or `select`, `textarea`, `button`. `offered`: the values that stand in it."""

    name: str
    kind: str
    offered: list[str] = field(default_factory=list)


@dataclass
class Form:
    method: str
    action: str
    fields: dict[str, Field] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.forms, self.links = page, [], []
        self._form: Form | None = None
        self._field: Field | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag in {"a", "link"} and "?" in given.get("href", ""):
            self.links.append(given["href"])
        elif tag == "form":
            action = urlsplit(given.get("action") or self.page).path
            self._form = Form(given.get("method", "get").lower(), action)
            self.forms.append(self._form)
        elif tag == "option" and self._field is not None:
            self._field.offered.append(given.get("value", ""))
        elif tag in {"input", "select", "textarea", "button"} and given.get("name") and self._form:
            kind = given.get("type", "text") if tag == "input" else tag
            found = self._form.fields.setdefault(given["name"], Field(given["name"], kind))
            if tag in {"input", "button"}:
                found.offered.append(given.get("value", ""))
            self._field = found if tag in {"select", "textarea"} else None

    def handle_data(self, data: str) -> None:
        if self._field is not None and self._field.kind == "textarea" and data.strip():
            self._field.offered.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag in {"form", "select", "textarea"}:
            self._field = None


def read_page(page: str, html: str) -> tuple[list[Form], dict[str, set[str]]]:
    """The forms of a page, and path -> names of arguments of its links."""
    reader = _Reader(page)
    reader.feed(html)
    arguments: dict[str, set[str]] = defaultdict(set)
    for link in reader.links:
        parts = urlsplit(link)
        if not parts.netloc:
            names = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
            arguments[parts.path or page] |= names
    return reader.forms, arguments
