"""Acts that several tests need, done on the pages."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.browser.person import Person

CONTENT = "对抽中的旅馆开展治安、卫生、明码标价联合检查，一次入户。"


@dataclass(frozen=True)
class TaskOnPage:
    """The number of a task and where its page is."""

    no: str
    path: str


def make_and_push(clerk: Person, entry_name: str) -> TaskOnPage:
    clerk.go("/tasks/").press("New task")
    clerk.press("Make the scheme", within=clerk.page.locator("tr", has_text=entry_name))
    clerk.fill("content", CONTENT).press("Make the task")
    path = clerk.page.url.removeprefix(clerk.portal.url)
    clerk.press("Push the task").press("Push the task")
    found = re.search(r"\d{4}-\d{4}-\d{4}", clerk.text())
    assert found, clerk.text()
    return TaskOnPage(found[0], path)
