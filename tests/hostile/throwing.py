"""Which strings go through which inputs of a route, and in what shape."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import quote

import prison

from tests.hostile.files import contents
from tests.hostile.inputs import Door
from tests.hostile.pages import Field
from tests.hostile.sending import BINARY, Sender, encoded
from tests.hostile.strings import Hostile
from tests.sweep.browsing import SHORT

HEADERS = (
    "User-Agent", "Referer", "X-Forwarded-For", "X-Forwarded-Host", "X-Requested-With", "X-Part", "Accept-Language",
    "If-None-Match", "If-Modified-Since", "Range", "Accept", "Cookie", "Origin", "Idempotency-Key", "HX-Request",
    "Authorization",
)  # fmt: skip
PLAUSIBLE = {
    "reason": "核对后更正",
    "name": "示例",
    "text": "示例",
    "remarks": "示例",
    "basis": "示例",
    "phone": "13900000000",
    "email": "someone@example.invalid",
}


def plausible(field: Field, chance: random.Random) -> str:
    """What a person might hand in: what the page offers, else something that fits the name."""
    offered = [text for text in field.offered if text]
    if offered:
        return chance.choice(offered) if field.kind in {"select", "radio"} else offered[0]
    if field.kind == "date" or field.name.endswith(("_on", "_day", "day", "until", "since")):
        return "2026-12-01"
    if field.kind == "number":
        return "1"
    return PLAUSIBLE.get(field.name, "")


class Thrower:
    """Throws strings in turn at all inputs of a door. `strings` begin again when they are at their end."""

    def __init__(self, sender: Sender, strings: list[Hostile], seed: int) -> None:
        self.sender, self.chance = sender, random.Random(seed)
        self._strings = self._in_turn(strings)

    @staticmethod
    def _in_turn(strings: list[Hostile]) -> Iterator[Hostile]:
        while True:
            yield from strings

    def take(self, number: int) -> list[str]:
        return [next(self._strings).text for _ in range(number)]

    def throw(self, door: Door, number: int) -> None:
        """One request of the kind whose turn it is."""
        role = self.chance.choice(door.roles)
        ways = [self._arguments, self._path, self._headers] if door.method == "GET" else [
            self._all_fields, self._one_field, self._json, self._files, self._path
        ]  # fmt: skip
        offered = [way for way in ways if way != self._path or door.parts]
        offered = [way for way in offered if way != self._files or door.files]
        offered[number % len(offered)](door, role)

    def _arguments(self, door: Door, role: str) -> None:
        names = sorted(door.arguments)
        if self.chance.random() < 0.5:
            names = self.chance.sample(names, min(len(names), 2))
        strings = self.take(len(names))
        # A server takes an address of a few thousand characters; what is longer goes through the forms.
        pairs = [(name, text[:1500]) for name, text in zip(names, strings, strict=True)]
        if door.url.startswith("/api/") and self.chance.random() < 0.5:
            pairs = [("q", _rison(strings[0], self.chance))]
        self._send(door, role, f"{door.url}?{encoded(pairs)}"[:30_000], strings, headers=SHORT)

    def _path(self, door: Door, role: str) -> None:
        (text,) = self.take(1)
        name = self.chance.choice(door.parts)
        marked = {**door.keys, name: 4242424242 if isinstance(door.keys[name], int) else "MARKED"}
        part = quote(text[:600], safe="", errors="surrogatepass")
        url = Door(door.method, door.rule, marked, door.roles)
        self._send(
            door, role, url.url.replace("4242424242", part).replace("MARKED", part), [text], headers=SHORT
        )

    def _headers(self, door: Door, role: str) -> None:
        names = self.chance.sample(HEADERS, 3)
        strings = self.take(3)
        # A line break cannot come in a header's value: it would be the next header.
        clean = [
            "".join(c for c in text if c == "\t" or c >= " " and c != "\x7f")[:4000]
            .encode("utf-8", "ignore")
            .decode("latin-1")
            for text in strings
        ]
        given = {n: f"Bearer {t}" if n == "Authorization" else t for n, t in zip(names, clean, strict=True)}
        self._send(door, role, door.url, strings, headers={**SHORT, **given})

    def _all_fields(self, door: Door, role: str) -> None:
        names = door.texts
        strings = self.take(len(names))
        body = encoded(list(zip(names, strings, strict=True)))
        self._send(door, role, door.url, strings, data=body, content_type=BINARY, headers=SHORT)

    def _one_field(self, door: Door, role: str) -> None:
        fields = [door.fields[name] for name in door.texts]
        texts = {field.name: plausible(field, self.chance) for field in fields}
        writable = [
            field.name for field in fields if field.kind in {"text", "textarea", "search", "tel", "email"}
        ]
        (text,) = self.take(1)
        if texts:
            texts[self.chance.choice(writable or list(texts))] = text
        self._send(
            door, role, door.url, [text], data=encoded(list(texts.items())), content_type=BINARY,
            headers={"Accept": "text/html"},
        )  # fmt: skip

    def _json(self, door: Door, role: str) -> None:
        names = door.texts[:12] or ["value"]
        strings = self.take(len(names))
        shapes: list[Any] = [
            dict(zip(names, strings, strict=True)), strings, strings[0], {name: {"$gt": strings[0]} for name in names},
            {name: [strings[0]] for name in names}, dict.fromkeys(names, 10 ** 400), None, True, 1,
            {"source": strings[0], "rows": [{"source_id": text, "code": text, "name": text} for text in strings]},
        ]  # fmt: skip
        body = json.dumps(self.chance.choice(shapes))
        self._send(door, role, door.url, strings, data=body, content_type="application/json", headers=SHORT)

    def _files(self, door: Door, role: str) -> None:
        texts: dict[str, Any] = {name: plausible(door.fields[name], self.chance) for name in door.texts}
        strings = self.take(len(door.files) * 2)
        for name in door.files:
            file_name = strings[0].replace("\x00", "%00")[:500].encode("utf-8", "replace").decode()
            content, ending = self.chance.choice(contents())
            texts[name] = (BytesIO(content), file_name + self.chance.choice((ending, ending, "")))
        self._send(
            door, role, door.url, strings, data=texts, content_type="multipart/form-data",
            headers={"Accept": "text/html"},
        )  # fmt: skip

    def _send(self, door: Door, role: str, url: str, strings: list[str], **request: Any) -> None:
        self.sender.send(door.rule.rule, role, door.method, url, strings, **request)


def _rison(text: str, chance: random.Random) -> str:
    """The text as a value, a column or an operator of a list of the interface."""
    value = text[:800].encode("utf-8", "replace").decode()
    column, operator = chance.choice(("name", "code", "id", value)), chance.choice(("ct", "eq", "gt", value))
    shape = {
        "filters": [{"col": column, "opr": operator, "value": value}],
        "order_column": chance.choice(("name", value)),
        "page": chance.choice((0, -1, 10**30)),
    }
    return str(prison.dumps(shape))
