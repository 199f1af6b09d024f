"""The security log as a file: written line by line, so that a million lines need no memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import BinaryIO

from flask_babel import gettext as _

from app.kernel.clock import SHANGHAI
from app.kernel.workbook import Watermark, write_sheet
from app.ops.security_log.actions import action_name, outcome_name
from app.ops.security_log.details import log_detail
from app.ops.security_log.filters import LogFilter
from app.security.models import SecurityLog

Row = list[str]
Names = Callable[[list[SecurityLog]], Mapping[str, str]]


def headings() -> Row:
    return [
        _("Number"),
        _("Time"),
        _("Account"),
        _("Name"),
        _("Agency"),
        _("From address"),
        _("Program"),
        _("What was done"),
        _("Code"),
        _("Subject"),
        _("Outcome"),
        _("Detail"),
    ]


def rows(pieces: Iterable[list[SecurityLog]], names: Names) -> Iterator[Row]:
    """The cells of all lines, in the language in force."""
    for piece in pieces:
        known = names(piece)
        for line in piece:
            yield [
                str(line.id),
                line.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
                known.get(f"name:{line.user_id}", ""),
                known.get(f"account:{line.user_id}", ""),
                known.get(f"agency:{line.agency_id}", ""),
                line.address,
                line.agent,
                action_name(line.action),
                line.action,
                line.subject,
                outcome_name(line.outcome),
                log_detail(line),
            ]


def watermark(who: str, at: datetime, asked: LogFilter) -> Watermark:
    """Who took it out, when, and what was asked for: the first line of every file."""
    filters = "; ".join(f"{name}={value}" for name, value in asked.as_data().items()) or "-"
    moment = at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    text = _(
        "Security log, exported by %(who)s at %(at)s. Filters: %(filters)s",
        who=who,
        at=moment,
        filters=filters,
    )
    return Watermark(text, who, "", at)


def write(kind: str, target: BinaryIO, mark: Watermark, lines: Iterable[Row]) -> int:
    """Write a file of a kind; gives the number of lines. No cell becomes a formula."""
    return write_sheet(kind, target, headings(), lines, mark, title=_("Security log"), first=True)
