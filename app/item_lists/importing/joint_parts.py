"""Which items of the agencies a joint item rests on: those a sheet names, else those that are called like it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.item_lists.importing.joint_rows import Entry
from app.item_lists.models import Item
from app.item_lists.parties import plain
from app.item_lists.queries import published_items
from app.security.models import Region


class Parts:
    """Items of the published lists of a year that hold in a region (N-1)."""

    def __init__(self, session: Session, year: int, region: Region) -> None:
        self._by_word: dict[str, list[Item]] = {}
        for item in published_items(session, year, None, region):
            for word in dict.fromkeys((item.code, plain(item.name))):
                self._by_word.setdefault(word, []).append(item)

    def of(self, entry: Entry) -> tuple[tuple[int, ...], list[str]]:
        """Ids of the items, sorted, and the words that name none.

        Without a column of them: items of the lines that take part, called like the joint item; whoever has none of
        that name stays a gap of the draft.
        """
        if not entry.parts:
            named = self._by_word.get(plain(entry.fields.name), [])
            return tuple(sorted(item.id for item in named if item.line_code in entry.lines)), []
        found: set[int] = set()
        unknown = []
        for word in entry.parts:
            items = self._by_word.get(word) or self._by_word.get(plain(word), [])
            meant = [item for item in items if item.line_code in entry.lines] or items
            if len(meant) == 1:
                found.add(meant[0].id)
            else:
                unknown.append(word)
        return tuple(sorted(found)), unknown
