"""The check form: what was entered, and every fault of it (R-26.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.kernel.errors import Fault
from app.kernel.states import StateEnum
from app.regulation import implements

LONGEST_TEXT = 2000
LONGEST_REMARK = 500
LONGEST_NAMES = 200


class ResultKind(StateEnum):
    NO_PROBLEM = "no_problem", "No problem found", "ok"
    PROBLEM = "problem", "Problem found", "bad"
    CORRECTED = "corrected", "Problem corrected", "warn"
    UNABLE = "unable", "Cannot be reached", "bad"
    REFUSED = "refused", "Check refused", "bad"
    CLOSED = "closed", "Closed down", "mute"
    NOT_APPLICABLE = "not_applicable", "Activity not found", "mute"


CHECK_NOT_CARRIED_OUT = frozenset(
    {ResultKind.UNABLE, ResultKind.REFUSED, ResultKind.CLOSED, ResultKind.NOT_APPLICABLE}
)
"""Results with which the lines cannot be answered."""


class LineAnswer(StateEnum):
    OK = "ok", "No problem found", "ok"
    PROBLEM = "problem", "Problem found", "bad"
    NOT_APPLICABLE = "not_applicable", "Does not apply", "mute"


@dataclass(frozen=True)
class LineEntry:
    answer: str = ""
    remark: str = ""


@dataclass(frozen=True)
class FormEntry:
    """What the inspector entered. `lines` by the line's key; `version` of the record that the page showed."""

    result_id: int | None = None
    problem_text: str = ""
    lines: Mapping[str, LineEntry] = field(default_factory=dict)
    disposition_code: str | None = None
    disposition_text: str = ""
    accompanied_by: str = ""
    started_on: date | None = None
    ended_on: date | None = None
    version: int | None = None


@dataclass(frozen=True)
class Choice:
    """A result or disposition as the rules need it."""

    kind: str
    is_problem: bool
    needs_follow_up: bool
    needs_text: bool = False


def read_entry(values: Mapping[str, Any], keys: Iterable[str]) -> tuple[FormEntry, list[Fault]]:
    """The entry in a sent form (`result`, `line-<key>`, `remark-<key>`, ...), and its broken shapes."""
    faults: list[Fault] = []

    def text(name: str) -> str:
        return str(values.get(name) or "").replace("\r\n", "\n").strip()

    def number(name: str) -> int | None:
        raw = text(name)
        if raw and not (raw.isascii() and raw.isdecimal() and len(raw) <= 15):
            faults.append(Fault(name, "not_a_choice", value=raw[:40]))
            return None
        return int(raw) if raw else None

    def day(name: str) -> date | None:
        raw = text(name)
        try:
            return date.fromisoformat(raw) if raw else None
        except ValueError:
            faults.append(Fault(name, "not_a_date", value=raw[:40]))
            return None

    lines = {}
    for key in keys:
        answer = text(f"line-{key}")
        if answer and answer not in set(LineAnswer):
            faults.append(Fault(f"line-{key}", "not_a_choice", value=answer[:40]))
            answer = ""
        lines[key] = LineEntry(answer, text(f"remark-{key}"))
    entry = FormEntry(
        result_id=number("result"),
        problem_text=text("problem_text"),
        lines=lines,
        disposition_code=text("disposition") or None,
        disposition_text=text("disposition_text"),
        accompanied_by=text("accompanied_by"),
        started_on=day("started_on"),
        ended_on=day("ended_on"),
        version=number("version"),
    )
    return entry, faults + length_faults(entry)


def length_faults(entry: FormEntry) -> list[Fault]:
    """Texts that are longer than the record holds."""
    texts = [
        ("problem_text", entry.problem_text, LONGEST_TEXT),
        ("disposition_text", entry.disposition_text, LONGEST_TEXT),
        ("accompanied_by", entry.accompanied_by, LONGEST_NAMES),
        *((f"remark-{key}", line.remark, LONGEST_REMARK) for key, line in entry.lines.items()),
    ]
    return [
        Fault(name, "too_long", most=most, found=len(text)) for name, text, most in texts if len(text) > most
    ]


@implements("R-26.1")
def form_faults(
    entry: FormEntry, keys: Iterable[str], result: Choice | None, disposition: Choice | None, today: date
) -> list[Fault]:
    """Everything that keeps a form from being submitted.

    :param result: of the vocabulary open to the agency; None when nothing usable was chosen
    :param disposition: likewise; None when nothing was chosen
    """
    faults = _result_faults(entry, result, disposition)
    if result is None or result.kind not in CHECK_NOT_CARRIED_OUT:
        faults += [Fault(f"line-{key}", "line_unanswered") for key in keys if not _line(entry, key).answer]
    for key in keys:
        line = _line(entry, key)
        if line.answer == LineAnswer.PROBLEM and not line.remark:
            faults.append(Fault(f"remark-{key}", "problem_needs_text"))
    problems = any(line.answer == LineAnswer.PROBLEM for line in entry.lines.values())
    if result is not None and problems and result.kind == ResultKind.NO_PROBLEM:
        faults.append(Fault("result", "result_contradicts_lines"))
    return faults + _day_faults(entry, today) + length_faults(entry)


def _line(entry: FormEntry, key: str) -> LineEntry:
    return entry.lines.get(key, LineEntry())


def _result_faults(entry: FormEntry, result: Choice | None, disposition: Choice | None) -> list[Fault]:
    faults = []
    if result is None:
        faults.append(Fault("result", "result_missing"))
    elif result.is_problem and not entry.problem_text:
        faults.append(Fault("problem_text", "problem_needs_text"))
    if disposition is not None and disposition.needs_text and not entry.disposition_text:
        faults.append(Fault("disposition_text", "disposition_needs_text"))
    return faults


def _day_faults(entry: FormEntry, today: date) -> list[Fault]:
    faults = []
    for name, day in (("started_on", entry.started_on), ("ended_on", entry.ended_on)):
        if day is None:
            faults.append(Fault(name, "day_missing"))
        elif day > today:
            faults.append(Fault(name, "day_in_future", value=day.isoformat(), today=today.isoformat()))
    if entry.started_on and entry.ended_on and entry.started_on > entry.ended_on:
        faults.append(Fault("ended_on", "days_out_of_order"))
    return faults


def form_warnings(entry: FormEntry, period_from: date, period_to: date) -> list[Fault]:
    """What is shown but does not stop: a visit outside the period of the scheme."""
    days = [day for day in (entry.started_on, entry.ended_on) if day is not None]
    if any(day < period_from or day > period_to for day in days):
        return [
            Fault("started_on", "outside_period", first=period_from.isoformat(), last=period_to.isoformat())
        ]
    return []


def what_is_missing(faults: Iterable[Fault]) -> list[str]:
    """Names of the fields with faults, in order and once: what the bar at the foot of the phone says."""
    return list(dict.fromkeys(fault.field for fault in faults))


@implements("R-26.1")
def lines_of_items(items: Iterable[tuple[int, str, Iterable[tuple[int, str, str]]]]) -> list[dict[str, Any]]:
    """The unanswered lines of a new form, frozen as text: a later change of the list does not touch it.

    :param items: `(item id, item name, [(line id, text, help)])`; an item without lines becomes one line
    """
    lines: list[dict[str, Any]] = []
    for item_id, name, form_lines in items:
        own = list(form_lines) or [(0, name, "")]
        lines.extend(
            {
                "key": f"{item_id}-{line_id}",
                "item_id": item_id,
                "item": name,
                "line_id": line_id,
                "text": text,
                "help": help_text,
                "answer": "",
                "remark": "",
            }
            for line_id, text, help_text in own
        )
    return lines
