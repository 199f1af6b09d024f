"""The same acts for the many forms that no test looks at closely: sent by hand, in a session of their own.

The pages are the real ones, with their tokens; only nothing is drawn on a screen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser

from playwright.sync_api import APIRequestContext, Browser

from tests.browser.portal import Portal


class _Form(HTMLParser):
    """Hidden fields, the first value of each group of radio buttons, and the dates of one form."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._action, self._inside = action, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._inside = (given.get("action") or "").endswith(self._action)
        name, kind = given.get("name"), given.get("type")
        if not self._inside or tag != "input" or not name or kind == "checkbox":
            return
        if kind == "radio":
            self.values.setdefault(name, given.get("value") or "")
        elif kind == "date":
            self.values[name] = given.get("max") or ""
        else:
            self.values[name] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "form"


class Hurried:
    """A logged-in session without a window."""

    def __init__(self, request: APIRequestContext) -> None:
        self._request = request

    def read(self, path: str) -> str:
        answer = self._request.get(path)
        assert answer.status == 200, f"{answer.status} at {path}"
        return answer.text()

    def send(self, path: str, action: str | None = None, **more: str) -> str:
        """The form of a page, with the first answer to every question."""
        form = _Form(path if action is None else action)
        form.feed(self.read(path))
        assert form.values, f"no form on {path}"
        answer = self._request.post(action or path, form={**form.values, **more})
        assert answer.status == 200, f"{answer.status} for {action or path}: {answer.text()}"
        return answer.text()

    def links(self, path: str, pattern: str) -> list[str]:
        return list(dict.fromkeys(re.findall(rf'href="({pattern})"', self.read(path))))


@contextmanager
def hurried(browser: Browser, portal: Portal, name: str) -> Iterator[Hurried]:
    context = browser.new_context(base_url=portal.url, locale="zh-CN")
    session = Hurried(context.request)
    session.send("/login/", action="", username=name, password=portal.password)
    try:
        yield session
    finally:
        context.close()


def fill_all_forms(browser: Browser, portal: Portal, name: str) -> int:
    """Every form that still waits for this inspector: nothing found, today."""
    with hurried(browser, portal, name) as inspector:
        waiting = inspector.links("/visits/", r"/visits/forms/\d+")
        for path in waiting:
            inspector.send(path, act="submit")
        return len(waiting)


def approve_all_forms(browser: Browser, portal: Portal, name: str) -> int:
    """Every form that waits for this reviewer."""
    with hurried(browser, portal, name) as reviewer:
        waiting = reviewer.links("/reviews/", r"/reviews/\d+")
        for path in waiting:
            reviewer.send(path, action=f"{path}/approve")
        return len(waiting)
