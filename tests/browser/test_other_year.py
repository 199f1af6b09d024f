"""A year without an official calendar of working days: everything goes on, every deadline is provisional."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.acts import make_and_push
from tests.browser.person import Person
from tests.browser.portal import Portal

JANUARY = "2027-01-11T09:00:00+08:00"


@pytest.fixture
def portal_of_2027(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    portal = Portal(tmp_path_factory.mktemp("later") / "home")
    try:
        portal.start(clock=JANUARY)
        yield portal
    finally:
        portal.erase()


def test_in_2027_the_loop_runs_with_provisional_deadlines(portal_of_2027: Portal, browser: Browser) -> None:
    played = json.loads(portal_of_2027.command("demo", "journey", "--json").splitlines()[-1])
    assert played["state"] in {"closed", "archived"}
    assert portal_of_2027.json("draw", "verify", played["bundle"])["verdict"] == "ok"
    clerk = Person(browser, portal_of_2027, "police_clerk").log_in()
    task = make_and_push(clerk, "2027")
    clerk.sees("暂定")
    clerk.close()
    participant = Person(browser, portal_of_2027, "amr_clerk").log_in()
    line = participant.page.locator("#todo tr", has_text=task.no)
    assert "暂定" in line.inner_text()
    participant.close()
