"""The state of a list as its URL carries it: search, filters, order, columns, place. Pure."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Protocol

LONGEST_TEXT = 100
LONGEST_VALUE = 80
LONGEST_TOKEN = 1600
MOST_VALUES = 100
SIZES = (20, 50, 100, 200)
USUAL_SIZE = 50
OWN_KEYS = frozenset({"q", "sort", "cols", "after", "before", "view", "size", "ids", "all", "csrf_token"})
"""Keys of the URL that are no filters."""

KeyValue = str | int | bool | date | datetime | None


class Args(Protocol):
    """What a request's arguments offer."""

    def get(self, key: str, default: str = "") -> Any: ...

    def getlist(self, key: str) -> list[str]: ...


class Offers(Protocol):
    """What a listing says of itself."""

    order: str

    @property
    def sortable(self) -> Mapping[str, Any]: ...

    @property
    def columns(self) -> Iterable[Any]: ...

    @property
    def filters(self) -> Iterable[Any]: ...


@dataclass(frozen=True)
class Place:
    """The key of a row in an order: the value that is sorted by, and the id."""

    value: KeyValue
    id: int


@dataclass(frozen=True)
class ListState:
    """`columns` empty: as kept or as usual; `view` None: none chosen, 0: all rows on purpose."""

    q: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = ""
    descending: bool = False
    columns: tuple[str, ...] = ()
    after: Place | None = None
    before: Place | None = None
    view: int | None = None
    size: int = USUAL_SIZE

    @classmethod
    def from_args(cls, listing: Offers, args: Args) -> ListState:
        """Read a URL; what the list does not offer is left out."""
        filters = {f.key: values for f in listing.filters if (values := _values(args.getlist(f.key)))}
        sort, descending = _order(listing, str(args.get("sort") or ""))
        return cls(
            q=_text(args.get("q") or ""),
            filters=filters,
            sort=sort,
            descending=descending,
            columns=_columns(listing, (args.get("cols") or "").split(",")),
            after=place_of(args.get("after")),
            before=place_of(args.get("before")),
            view=number_of(args.get("view")),
            size=size_of(args.get("size")),
        )

    def to_args(self, *, paging: bool = True) -> dict[str, Any]:
        """The arguments of the URL, repeatable ones as lists.

        :param paging: with the place in the list
        """
        found: dict[str, Any] = {}
        if self.view is not None:
            found["view"] = str(self.view)
        if self.q:
            found["q"] = self.q
        found |= {key: list(values) for key, values in self.filters.items()}
        if self.sort:
            found["sort"] = self.order
        if self.columns:
            found["cols"] = ",".join(self.columns)
        if self.size != USUAL_SIZE:
            found["size"] = str(self.size)
        if paging and self.after is not None:
            found["after"] = token(self.after)
        if paging and self.before is not None:
            found["before"] = token(self.before)
        return found

    def pairs(self) -> list[tuple[str, str]]:
        """The state without the place, as hidden fields of a form."""
        return [
            (key, value)
            for key, values in self.to_args(paging=False).items()
            for value in (values if isinstance(values, list) else [values])
        ]

    def to_json(self) -> dict[str, Any]:
        """What a saved view keeps: no place, no size."""
        return {
            "q": self.q,
            "filters": {key: list(values) for key, values in sorted(self.filters.items())},
            "sort": self.order,
            "columns": list(self.columns),
        }

    @classmethod
    def from_json(cls, listing: Offers, data: Mapping[str, Any]) -> ListState:
        """Read a saved view; what the list does not offer any more, or not to this person, is left out."""
        kept = data.get("filters") or {}
        sort, descending = _order(listing, str(data.get("sort") or ""))
        return cls(
            q=_text(data.get("q") or ""),
            filters={f.key: values for f in listing.filters if (values := _values(kept.get(f.key) or []))},
            sort=sort,
            descending=descending,
            columns=_columns(listing, data.get("columns") or []),
        )

    @property
    def order(self) -> str:
        """`name`, or `-name` for descending."""
        return f"-{self.sort}" if self.descending else self.sort

    @property
    def is_narrowed(self) -> bool:
        return bool(self.q or self.filters)

    def without(self, key: str) -> ListState:
        """Without one filter, from the first page on."""
        return replace(
            self.first_page(), filters={name: v for name, v in self.filters.items() if name != key}
        )

    def first_page(self) -> ListState:
        return replace(self, after=None, before=None)

    def sorted_by(self, key: str) -> ListState:
        """By this column; by the same one again the other way round."""
        turned = self.sort == key and not self.descending
        return replace(self.first_page(), sort=key, descending=turned)


def token(place: Place) -> str:
    value = place.value
    kind = "d" if type(value) is date else "t" if isinstance(value, datetime) else "v"
    text = value.isoformat() if isinstance(value, (date, datetime)) else value
    packed = json.dumps([kind, text, place.id], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def place_of(text: Any) -> Place | None:
    """The place of a token; None for nothing or nonsense, which shows the first page."""
    if not text or len(text) > LONGEST_TOKEN:
        return None
    try:
        kind, value, number = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        read = {"d": date.fromisoformat, "t": datetime.fromisoformat, "v": _plain}[kind]
        if type(number) is not int or not 0 < number < 1 << 62:
            return None
        return Place(read(value), number)
    except (binascii.Error, ValueError, TypeError, KeyError, RecursionError):
        return None


def _plain(value: Any) -> KeyValue:
    if value is None or isinstance(value, (str, bool)) or (type(value) is int and abs(value) < 1 << 62):
        if isinstance(value, str) and "\x00" in value:
            raise ValueError("no character of a text")
        return value
    raise TypeError("no key of a row")


def number_of(text: Any) -> int | None:
    found = str(text or "")
    return int(found) if found.isascii() and found.isdecimal() and len(found) < 10 else None


def size_of(text: Any) -> int:
    found = number_of(text)
    return found if found in SIZES else USUAL_SIZE


def _text(text: Any) -> str:
    return str(text).replace("\x00", "").strip()[:LONGEST_TEXT]


def _values(values: Any) -> tuple[str, ...]:
    if isinstance(values, str):
        values = [values]
    kept = [_text(value)[:LONGEST_VALUE] for value in list(values)[:MOST_VALUES]]
    return tuple(dict.fromkeys(value for value in kept if value))


def _order(listing: Offers, text: str) -> tuple[str, bool]:
    key, descending = text.removeprefix("-"), text.startswith("-")
    if key in listing.sortable:
        return key, descending
    return listing.order.removeprefix("-"), listing.order.startswith("-")


def _columns(listing: Offers, keys: Iterable[Any]) -> tuple[str, ...]:
    """Known columns in the order given; those that are fixed stand first."""
    known = {column.key: column for column in listing.columns}
    wanted = [key for key in dict.fromkeys(keys) if key in known]
    if not wanted:
        return ()
    fixed = [key for key, column in known.items() if column.fixed]
    return tuple(fixed + [key for key in wanted if key not in fixed])
