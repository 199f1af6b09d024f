"""The selection: its shape, its integers, and a rule for every stratum of the frame."""

from collections.abc import Iterator
from typing import Any

from app.draws.engine.frame import Frame
from app.draws.engine.refusals.shapes import STRATUM, is_integer
from app.kernel.errors import Fault

MOST_BATCHES = 1000
_FIELDS = {
    "strata": {"kind", "rules"},
    "total": {"kind", "n", "multipliers"},
    "weighted": {"kind", "n"},
    "order": {"kind", "batches"},
}
_RULE_FIELDS = {
    "ratio": {"kind", "num", "den", "base", "round", "min"},
    "count": {"kind", "n"},
    "all": {"kind"},
}
_RULE_CHOICES = {"base": ("rows", "eligible"), "round": ("ceil", "half_up", "floor")}
_LEAST = {"num": 1, "den": 1, "min": 0, "n": 1}


def faults(selection: Any, frame: Frame) -> Iterator[Fault]:
    kind = selection.get("kind") if isinstance(selection, dict) else None
    if not isinstance(kind, str) or kind not in _FIELDS or selection.keys() != _FIELDS[kind]:
        yield Fault("selection", "draw.selection_shape", value=selection)
        return
    if "n" in selection:
        yield from _integer("n", selection["n"], 1)
    if kind == "strata":
        yield from _strata(selection["rules"], frame, "rules")
        if isinstance(selection["rules"], dict):
            for code, rule in selection["rules"].items():
                yield from _rule(code, rule)
    elif kind == "total":
        yield from _strata(selection["multipliers"], frame, "multipliers")
        if isinstance(selection["multipliers"], dict):
            for code, multiplier in selection["multipliers"].items():
                yield from _integer("multiplier", multiplier, 1, stratum=code)
    elif kind == "order":
        yield from _batches(selection["batches"])


def _strata(by_stratum: Any, frame: Frame, name: str) -> Iterator[Fault]:
    if not isinstance(by_stratum, dict):
        yield Fault("selection", "draw.selection_shape", value=by_stratum, name=name)
        return
    for code in by_stratum:
        if not isinstance(code, str) or not STRATUM.fullmatch(code):
            yield Fault("selection", "draw.stratum_code", value=code)
    for code in frame.strata:
        if code not in by_stratum:
            yield Fault("selection", "draw.stratum_without_rule", stratum=code)


def _rule(code: str, rule: Any) -> Iterator[Fault]:
    kind = rule.get("kind") if isinstance(rule, dict) else None
    if not isinstance(kind, str) or kind not in _RULE_FIELDS or rule.keys() != _RULE_FIELDS[kind]:
        yield Fault("selection", "draw.rule_shape", value=rule, stratum=code)
        return
    for name, least in _LEAST.items():
        if name in rule:
            yield from _integer(name, rule[name], least, stratum=code)
    for name, allowed in _RULE_CHOICES.items():
        if name in rule and rule[name] not in allowed:
            yield Fault("selection", "draw.not_a_choice", value=rule[name], choices=allowed, stratum=code)


def _batches(batches: Any) -> Iterator[Fault]:
    if not isinstance(batches, list | tuple) or not batches:
        yield Fault("selection", "draw.selection_shape", value=batches, name="batches")
        return
    if len(batches) > MOST_BATCHES:
        yield Fault("selection", "draw.too_many_batches", value=len(batches), most=MOST_BATCHES)
    for batch, size in enumerate(batches):
        yield from _integer("batches", size, 1, batch=batch)


def _integer(name: str, value: Any, least: int, **facts: Any) -> Iterator[Fault]:
    if not is_integer(value, least):
        yield Fault("selection", "draw.integer_out_of_range", value=value, name=name, least=least, **facts)
