"""Every route with everything that it takes: parts of the path, arguments, fields, files."""

from __future__ import annotations

import inspect
import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect, Rule

from tests.hostile.pages import Field, Form, read_page
from tests.sweep import matrix
from tests.sweep.addresses import values
from tests.sweep.browsing import SHORT
from tests.sweep.test_reading import address, routes
from tests.sweep.test_writing import ENDS_THE_SESSION, USUAL
from tests.sweep.world import Ids

_ARGUMENT = re.compile(r"""args(?:\.get|\.getlist)?[(\[]\s*["'](\w+)["']""")
EVERYWHERE = (
    "q",
    "search",
    "after",
    "before",
    "page",
    "sort",
    "order",
    "next",
    "lang",
    "format",
    "kind",
    "state",
)
"""Arguments that are tried on every page, whether it knows them or not."""


@dataclass
class Door:
    """One route: an address that stands for it, who may use it, what it takes."""

    method: str
    rule: Rule
    keys: dict[str, object]
    roles: tuple[str, ...]
    arguments: set[str] = field(default_factory=set)
    fields: dict[str, Field] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return address(self.rule, self.keys)

    @property
    def texts(self) -> list[str]:
        return [f.name for f in self.fields.values() if f.kind != "file" and f.name != "csrf_token"]

    @property
    def files(self) -> list[str]:
        return [f.name for f in self.fields.values() if f.kind == "file"]

    @property
    def parts(self) -> list[str]:
        """Parameters in the path that take more than a few words."""
        converters = self.rule._converters
        return sorted(name for name in self.rule.arguments if not hasattr(converters[name], "items"))

    @property
    def inputs(self) -> int:
        return len(self.rule.arguments) + len(self.arguments) + len(self.fields)


def doors(app: Flask, ids: Ids, people: dict[str, Any]) -> list[Door]:
    """All routes that somebody may use, with what the pages and the sources say that they take."""
    roles = {key: tuple(sorted(who)) for key, who in matrix.read().items()}
    found = []
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        for rule in routes(app, method):
            keys = values(rule, ids.own)
            who = roles.get((method, rule.rule), ())
            if keys is not None and who and rule.rule not in ENDS_THE_SESSION:
                found.append(Door(method, rule, keys, who, _named_in_source(app, rule)))
    forms, arguments = _harvest(app, [door for door in found if door.method == "GET"], people)
    for door in found:
        door.arguments |= arguments.get(door.rule.rule, set())
        if door.method == "GET":
            door.arguments |= set(EVERYWHERE)
            continue
        for form in forms.get(door.rule.rule, []):
            door.fields.update(form.fields)
        if not door.fields:
            door.fields = {name: Field(name, "text", [""]) for name in USUAL}
    return found


def _named_in_source(app: Flask, rule: Rule) -> set[str]:
    view = inspect.unwrap(app.view_functions[rule.endpoint])
    owner = getattr(view, "__self__", None)
    name = type(owner).__module__ if owner is not None else getattr(view, "__module__", "")
    module = sys.modules.get(name)
    if module is None or not name.startswith("app."):
        return set()
    return set(_ARGUMENT.findall(inspect.getsource(module)))


def _harvest(
    app: Flask, pages: list[Door], people: dict[str, Any]
) -> tuple[dict[str, list[Form]], dict[str, set[str]]]:
    """Rule -> the POST forms that pages send there; rule -> arguments in links and GET forms."""
    forms: dict[str, list[Form]] = defaultdict(list)
    arguments: dict[str, set[str]] = defaultdict(set)
    for page in pages:
        answer = people[page.roles[0]].get(page.url, headers=SHORT)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        of_page, of_links = read_page(page.url, answer.get_data(as_text=True))
        for form in of_page:
            rule = rule_of(app, form.action, form.method.upper())
            if rule and form.method == "post":
                forms[rule].append(form)
            elif rule:
                arguments[rule] |= set(form.fields)
        for path, names in of_links.items():
            rule = rule_of(app, path, "GET")
            if rule:
                arguments[rule] |= names
    return forms, arguments


def rule_of(app: Flask, path: str, method: str) -> str | None:
    try:
        rule, _ = app.url_map.bind("localhost").match(path, method=method, return_rule=True)
    except (HTTPException, RequestRedirect):
        return None
    return rule.rule
