"""Forms as a browser finds them: which fields an address takes, and what stands in them."""

from __future__ import annotations

from collections import defaultdict
from html.parser import HTMLParser
from urllib.parse import urlsplit


class _Forms(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.found: list[tuple[str, list[tuple[str, str]]]] = []
        self._fields: list[tuple[str, str]] | None = None
        self._select: str | None = None
        self._text: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "form":
            self._fields = []
            action = urlsplit(given.get("action") or self.page).path
            if (given.get("method") or "get").lower() == "post":
                self.found.append((action, self._fields))
        if self._fields is None or not given.get("name") and tag != "option":
            return
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "input" and given.get("type") in {"checkbox", "radio"}:
            self._fields.append((name, value or "on"))
        elif tag in {"input", "button"}:
            self._fields.append((name, value))
        elif tag == "textarea":
            self._text = name
            self._fields.append((name, ""))
        elif tag == "select":
            self._select = name
            self._fields.append((name, ""))
        elif tag == "option" and self._select and ("selected" in given or self._fields[-1][1] == ""):
            self._fields[-1] = (self._select, value)

    def handle_data(self, data: str) -> None:
        if self._text and self._fields is not None:
            self._fields[-1] = (self._text, self._fields[-1][1] + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._fields = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._text = None


def forms_in(page: str, html: str) -> dict[str, dict[str, list[str]]]:
    """The POST forms of a page: address -> field -> values; several forms of one address are joined."""
    parser = _Forms(page)
    parser.feed(html)
    joined: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for action, fields in parser.found:
        for name, value in fields:
            values = joined[action].setdefault(name, [])
            if value not in values:
                values.append(value)
    return dict(joined)
