"""The matching part of the terms: shape only, feasibility is tried by the matching engine."""

from collections.abc import Iterator
from typing import Any

from app.draws.engine.refusals.shapes import is_hex32, is_identifier, is_integer, is_text
from app.kernel.errors import Fault

_FIELDS = {"roster", "recusals", "tags", "need", "leaders", "relax"}
_RELAX_FIELDS = {"region": {"kind"}, "cap": {"kind", "add"}, "postpone": {"kind"}}


def faults(matching: Any) -> Iterator[Fault]:
    if matching is None:
        return
    if not isinstance(matching, dict) or not matching:
        yield Fault("matching", "draw.matching_shape", value=matching)
        return
    for agency, part in matching.items():
        if not is_identifier(agency) or "/" in agency or agency.startswith("."):
            yield Fault("matching", "draw.identifier", value=agency)
        if not isinstance(part, dict) or part.keys() != _FIELDS:
            yield Fault("matching", "draw.matching_shape", value=part, agency=agency)
        else:
            yield from _part(agency, part)


def _part(agency: str, part: dict[str, Any]) -> Iterator[Fault]:
    for name in ("roster", "recusals"):
        if not is_hex32(part[name]):
            yield Fault("matching", "draw.not_a_digest", value=part[name], name=name, agency=agency)
    tags = part["tags"]
    if not isinstance(tags, list | tuple) or not all(is_text(tag) and "," not in tag for tag in tags):
        yield Fault("matching", "draw.matching_shape", value=tags, name="tags", agency=agency)
    need, leaders = part["need"], part["leaders"]
    if not is_integer(need, 1):
        yield Fault("matching", "draw.integer_out_of_range", value=need, name="need", least=1, agency=agency)
    elif not is_integer(leaders, 0) or leaders > need:
        yield Fault("matching", "draw.leaders_out_of_range", value=leaders, need=need, agency=agency)
    for step in part["relax"] if isinstance(part["relax"], list | tuple) else [part["relax"]]:
        kind = step.get("kind") if isinstance(step, dict) else None
        sound = isinstance(kind, str) and kind in _RELAX_FIELDS and step.keys() == _RELAX_FIELDS[kind]
        if not sound or (kind == "cap" and not is_integer(step["add"], 1)):
            yield Fault("matching", "draw.relaxation", value=step, agency=agency)
