"""Which code carries out which rule: `@implements("R-23.1")` and the list of rules behind it."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

Code = TypeVar("Code", bound=Callable[..., Any])

_FIELDS = frozenset({"article", "title_zh", "text_zh", "text_en", "since", "planned"})


class UnknownRule(LookupError):
    """A rule or article that `rules.toml` does not hold."""


class FaultyRule(ValueError):
    """A table of `rules.toml` that lacks a field, or that says both `since` and `planned`, or neither."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the regulation. Exactly one of `since` (a version) and `planned` (an issue) is set."""

    name: str
    article: str
    title_zh: str
    text_zh: str
    text_en: str
    since: str | None = None
    planned: str | None = None


class Implementation(NamedTuple):
    module: str
    qualname: str

    def __str__(self) -> str:
        return f"{self.module}:{self.qualname}"


def parse_rules(toml_text: str) -> dict[str, Rule]:
    """Rules by name, in the order of the text. Raises `FaultyRule` with the name of the faulty one."""
    parsed: dict[str, Rule] = {}
    for name, fields in tomllib.loads(toml_text).items():
        strange = set(fields) - _FIELDS
        missing = {"article", "title_zh", "text_zh", "text_en"} - set(fields)
        if strange or missing:
            raise FaultyRule(f"{name}: unknown {sorted(strange)}, missing {sorted(missing)}")
        if not all(isinstance(text, str) and text.strip() for text in fields.values()):
            raise FaultyRule(f"{name}: every field must be text")
        if ("since" in fields) == ("planned" in fields):
            raise FaultyRule(f"{name}: exactly one of since and planned")
        parsed[name] = Rule(name=name, **fields)
    return parsed


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule by its name ("R-23.1"), in the regulation's order."""
    text = files("app.regulation").joinpath("rules.toml").read_text(encoding="utf-8")
    return MappingProxyType(parse_rules(text))


_implementations: dict[str, set[Implementation]] = {}


def implements(*names: str) -> Callable[[Code], Code]:
    """Says that a function or class carries out these rules, and returns it unchanged.

    Raises `UnknownRule` at import for a name that `rules.toml` does not hold, `TypeError` without a name.
    """
    if not names or not all(isinstance(name, str) for name in names):
        raise TypeError('implements needs the names of rules, as in @implements("R-23.1")')
    for name in names:
        if name not in rules():
            raise UnknownRule(name)

    def register(code: Code) -> Code:
        for name in names:
            _implementations.setdefault(name, set()).add(Implementation(code.__module__, code.__qualname__))
        return code

    return register


def implementations(name: str) -> tuple[Implementation, ...]:
    """What the modules imported so far say they carry out of this rule, sorted."""
    if name not in rules():
        raise UnknownRule(name)
    return tuple(sorted(_implementations.get(name, ())))
