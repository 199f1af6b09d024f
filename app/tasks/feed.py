"""The events of a task as the `feed` component shows them, grouped by day, the newest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.audit.models import Event
from app.audit.names import event_name
from app.kernel.clock import SHANGHAI
from app.tasks.models import Task


def feed(task: Task, events: Iterable[Event], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """`[{day, items: [{time, iso, text, note}]}]`."""
    agencies = {
        agency.code: agency.name for agency in [task.initiator, *(p.agency for p in task.participants)]
    }
    groups: list[dict[str, Any]] = []
    for event in events:
        at = event.at.astimezone(SHANGHAI)
        day = at.strftime("%m-%d")
        if not groups or groups[-1]["day"] != day:
            groups.append({"day": day, "items": []})
        groups[-1]["items"].append(
            {
                "time": at.strftime("%H:%M"),
                "iso": event.at.isoformat(),
                "text": event_name(event.tag),
                "note": _note(event, names, agencies),
            }
        )
    return groups


def _note(event: Event, names: Mapping[str, str], agencies: Mapping[str, str]) -> str:
    data = event.data
    code = data.get("agency")
    parts = [names.get(event.actor, ""), agencies.get(code, code) if isinstance(code, str) else ""]
    return " · ".join(part for part in parts if part)
