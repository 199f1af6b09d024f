"""The domains of the portal, lowest first. Each may have `models`, `views`, `api`, `jobs`, `commands`, `messages`."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

DOMAINS = (
    "app.db",
    "app.audit",
    "app.security",
    "app.security.protection",
    "app.security.roles",
    "app.security.login",
    "app.security.login.factors",
    "app.security.login.oidc",
    "app.jobs",
    "app.notifications",
    "app.people",
    "app.designer",
    "app.directories",
    "app.directories.undoing",
    "app.directories.importing",
    "app.directories.listing",
    "app.directories.targets",
    "app.directories.sources",
    "app.directories.children",
    "app.directories.permits",
    "app.directories.premises",
    "app.directories.merging",
    "app.directories.institutions",
    "app.directories.inspectors",
    "app.directories.outside",
    "app.directories.libraries",
    "app.directories.recusals",
    "app.directories.exporting",
    "app.directories.bulk_edits",
    "app.directories.past",
    "app.risk",
    "app.item_lists",
    "app.plans",
    "app.tasks",
    "app.draws",
    "app.matching",
    "app.inspections",
    "app.inspections.national",
    "app.publicity",
    "app.archive",
    "app.ops",
    "app.ops.keys",
    "app.web",
)


def parts(name: str) -> list[ModuleType]:
    """The module `name` of every domain that has one, lowest domain first."""
    found = []
    for domain in DOMAINS:
        path = f"{domain}.{name}"
        if find_spec(path) is not None:
            found.append(import_module(path))
    return found


def import_models() -> None:
    """Import every table and every wall, so that metadata and choke point are complete."""
    parts("models")
    import_module("app.db.history")
    import_module("app.security.walls")
