"""The page on which a person says how a file is to be read: what it shows, and what comes back from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.db import Unit
from app.directories.importing.checking import options_of
from app.directories.importing.kinds import ImportKind
from app.directories.importing.looking import kept_look, mandatory
from app.directories.importing.models import ImportRun
from app.directories.importing.services import Choice
from app.directories.rules import PERSONAL, ImportMode, covered
from app.kernel.errors import DomainError, Invalid
from app.security.explain import explain, explain_fault
from app.security.protection.masks import cover_numbers

_LONGEST_EXAMPLE = 40
_SHEET, _ROW, _DEPTH, _COLUMN, _FIX = "sheet", "row-", "depth-", "col-", "fix-"
_LONGEST_FIXED = 300
_ON_THE_PAGE = frozenset({"key", "mode"})


def question(unit: Unit, kind: ImportKind, run: ImportRun, sent: Any = None) -> dict[str, Any]:
    """Sheets and columns as the page shows them. `sent`: what a person has chosen already, which stays."""
    look = kept_look(unit.session, run.id)
    taken = {one["name"] for one in run.settings.get("sheets", [])}
    usable = [one for one in look if any(one["labels"])]
    if not taken:
        taken = {one["name"] for one in usable if not one["hidden"]}
    if sent is not None:
        taken = set(sent.getlist(_SHEET))
    mapping: dict[str, str] = {}
    for one in usable:
        mapping = {**{label: name for name, label in one["mapping"].items()}, **mapping}
    columns = []
    for number, label in enumerate(_labels(usable)):
        name = sent.get(f"{_COLUMN}{number}", "") if sent is not None else mapping.get(label, "")
        columns.append(
            {
                "id": f"{_COLUMN}{number}",
                "label": label,
                "name": name,
                "examples": _examples(usable, label, name),
            }
        )
    needed = {c.name for c in mandatory(kind, options_of(run).key)}
    words = kind.template(unit, run.agency_id)
    given = {name: value for one in reversed(usable) for name, value in one.get("fixed", {}).items()}
    fixed = [
        {
            "name": c.name,
            "id": f"{_FIX}{c.name}",
            "label": kind.label(c.name),
            "words": list(words.get(c.name, ())),
            "value": sent.get(f"{_FIX}{c.name}", "") if sent is not None else given.get(c.name, ""),
        }
        for c in kind.fixables(words)
    ]
    return {
        "sheets": [{**one, "index": at, "chosen": one["name"] in taken} for at, one in enumerate(look)],
        "columns": columns,
        "fixed": fixed,
        "choices": [(c.name, kind.label(c.name), c.name in needed) for c in kind.columns],
    }


def _labels(look: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(label for one in look for label in one["labels"] if label))


def _examples(look: list[dict[str, Any]], label: str, name: str) -> list[str]:
    """What stands in the first rows, personal data under its mask."""
    found = []
    for one in look:
        if label in one["labels"]:
            at = one["labels"].index(label)
            found += [row[at] for row in one["examples"] if at < len(row) and row[at]]
    return [
        (covered(name, text) if name in PERSONAL else cover_numbers(text))[:_LONGEST_EXAMPLE]
        for text in dict.fromkeys(found)
    ]


def headings(unit: Unit, run_id: int, sent: Any) -> dict[str, tuple[int, int]]:
    """Row and depth of the heading by sheet, as a person has typed them."""
    found = {}
    for at, one in enumerate(kept_look(unit.session, run_id)):
        row, depth = sent.get(f"{_ROW}{at}", ""), sent.get(f"{_DEPTH}{at}", "1")
        if row.isdecimal() and len(row) < 10 and int(row) > 0:
            found[one["name"]] = (int(row), 2 if depth == "2" else 1)
    return found


def choice(unit: Unit, kind: ImportKind, run: ImportRun, sent: Any) -> Choice:
    run_id = run.id
    usable = [one for one in kept_look(unit.session, run_id) if any(one["labels"])]
    mapping: dict[str, str] = {}
    twice: dict[str, str] = {}
    read = set(_labels([one for one in usable if one["name"] in sent.getlist(_SHEET)]))
    for number, label in enumerate(_labels(usable)):
        name = sent.get(f"{_COLUMN}{number}", "") if label in read else ""
        if name in mapping:
            twice[name] = label
        elif name:
            mapping[name] = label
    offered = [c.name for c in kind.fixables(kind.template(unit, run.agency_id))]
    fixed = {name: sent.get(f"{_FIX}{name}", "").strip()[:_LONGEST_FIXED] for name in offered}
    mode = sent.get("mode", "")
    known = {m.value: m for m in ImportMode}
    return Choice(
        sheets=sent.getlist(_SHEET),
        mapping=mapping,
        key=sent.get("key", ""),
        mode=known.get(mode, ImportMode.UPDATE),
        twice=twice,
        fixed={name: value for name, value in fixed.items() if value},
    )


def faults_by_field(error: DomainError) -> Mapping[str, str]:
    return {fault.field: explain_fault(fault) for fault in error.faults} if isinstance(error, Invalid) else {}


def sentences(kind: ImportKind, error: DomainError) -> list[str]:
    if not isinstance(error, Invalid) or not error.faults:
        return [explain(error)]
    return [
        f"{kind.label(fault.field)}: {explain_fault(fault)}"
        if fault.field not in _ON_THE_PAGE | {"sheets", "file"}
        else explain_fault(fault)
        for fault in error.faults
    ]
