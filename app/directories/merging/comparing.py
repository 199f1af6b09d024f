"""Two targets side by side, as the page of a merger shows them; personal data under their mask."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.directories.merging.rules import CHOICES, SEALED, decide
from app.directories.merging.services import columns_of
from app.directories.rules import PERSONAL
from app.directories.targets.changes import LABELS, show, words_of
from app.directories.targets.models import Target
from app.directories.targets.wording import Piece, side_by_side
from app.regulation.vocabulary import RiskClass
from app.security.protection.masks import shown
from app.security.protection.showing import my_sight


@dataclass(frozen=True)
class Line:
    """`chosen`: "kept", "gone", or empty where both are the same or nothing is to be chosen.

    `decided`: the rules decide it, a person does not.
    """

    name: str
    label: str
    kept: Sequence[Piece]
    gone: Sequence[Piece]
    chosen: str = ""
    decided: str = ""


def lines(
    session: Session, kept: Target, gone: Target, take: Collection[str], seen: Collection[str]
) -> list[Line]:
    """Every field that can be chosen, and what the rules decide. At most four queries.

    :param seen: fields of protected kinds that the person sees, under a mask or not
    """
    ours, theirs = columns_of(kept), columns_of(gone)
    words = words_of(session, [ours, theirs])
    found = []
    for name in CHOICES:
        same = (ours[name] or None) == (theirs[name] or None)
        old, new = (_text(name, row[name], words, seen) for row in (ours, theirs))
        left, right = side_by_side(old, new) if name not in SEALED else ([Piece(old)], [Piece(new)])
        chosen = "" if same else "gone" if name in take else "kept"
        found.append(Line(name, str(LABELS[name]), left, right, chosen))
    return found


def decided_lines(session: Session, kept: Target, gone: Target, sees_class: bool) -> list[Line]:
    """Code, source, class and last check: which of the two stays by the rules."""
    ours, theirs = columns_of(kept), columns_of(gone)
    changed = decide(ours, theirs).columns
    words = words_of(session, [ours, theirs])
    found = []
    for name in ("code", "source", "risk_class", "last_checked_on"):
        if name == "risk_class" and not sees_class:
            continue
        side = "gone" if name in changed else "kept"
        left, right = (Piece(_decided(name, row[name], words)) for row in (ours, theirs))
        found.append(Line(name, str(LABELS[name]), [left], [right], decided=side))
    return found


def _text(name: str, value: Any, words: Any, seen: Collection[str]) -> str:
    if name in PERSONAL:
        if name not in seen:
            return _("covered") if value else "—"
        return shown(PERSONAL[name], value, my_sight(PERSONAL[name])) or "—"
    return show(name, _plain(value), words)


def _decided(name: str, value: Any, words: Any) -> str:
    if name == "risk_class":
        return f"{value} {_(RiskClass(value).label)}"
    return show(name, _plain(value), words)


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def usual_choice(kept: Target, gone: Target) -> set[str]:
    """What is taken from the gone target unless somebody says otherwise: what the kept one lacks."""
    ours, theirs = columns_of(kept), columns_of(gone)
    return {name for name in CHOICES if theirs[name] and not ours[name]}
