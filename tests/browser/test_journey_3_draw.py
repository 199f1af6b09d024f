"""Step 3: freeze, contributions, draw, matching, papers."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person

pytestmark = pytest.mark.journey
Somebody = Callable[..., Person]
WITNESSES = {"amr_clerk": "63504 91827", "health_clerk": "骰子：3、1、6、6、2", "auditor": "7f 05 11 a0"}
AGENCIES = ("POLICE-640100", "AMR-640100", "HEALTH-640100")


def test_the_initiator_freezes_the_list(person: Somebody, story: SimpleNamespace) -> None:
    clerk = person("police_clerk").go(story.task.path).press("Freeze").press("Freeze")
    story.draw = clerk.page.url.rstrip("/").rpartition("/")[2]
    assert re.fullmatch(rf"{story.task.no}-\d+", story.draw)


@pytest.mark.parametrize("name", WITNESSES)
def test_each_witness_commits_in_the_own_browser(person: Somebody, story: SimpleNamespace, name: str) -> None:
    one = person(name).go(f"/draws/{story.draw}/contribute")
    one.page.wait_for_load_state("networkidle")
    one.page.locator("#number").fill(WITNESSES[name])
    one.press("Commit").reads("Your commitment is logged.")
    one.page.locator("[data-slip-value]", has_text=WITNESSES[name]).wait_for()


def test_nobody_sees_a_number_before_all_have_committed(person: Somebody, story: SimpleNamespace) -> None:
    wall = person("police_clerk").go(f"/draws/{story.draw}/")
    assert not any(value in wall.text() for value in WITNESSES.values())


@pytest.mark.parametrize("name", WITNESSES)
def test_each_witness_reveals_what_the_browser_has_kept(
    person: Somebody, story: SimpleNamespace, name: str
) -> None:
    one = person(name).go(f"/draws/{story.draw}/contribute")
    expect(one.page.locator("#value")).to_have_value(WITNESSES[name])
    one.press("Reveal").reads("Your number is revealed. Thank you.")


def test_the_initiator_draws_six_targets(person: Somebody, story: SimpleNamespace) -> None:
    clerk = person("police_clerk").go(story.task.path).press("Draw").press("Draw")
    clerk.go(f"/draws/{story.draw}/").sees(*WITNESSES.values())
    clerk.press("Drawn targets")
    assert clerk.page.locator("main tbody tr").count() == 6


def test_the_inspectors_of_three_agencies_are_matched_and_confirmed(
    person: Somebody, story: SimpleNamespace, portal: object
) -> None:
    clerk = person("police_clerk").go(story.task.path).press("Match")
    clerk.unfold("Match").press("Match").reads("The inspectors of all agencies are matched. Please confirm.")
    for agency in AGENCIES:
        clerk.go(f"/matching/{story.draw}/?agency={agency}")
    clerk.unfold("Confirm").press("Confirm").reads("Confirmed. The inspectors have been told.")
    story.matched = clerk.portal.json("demo", "who-is-matched", story.draw)
    assert {row["agency"] for row in story.matched} == set(AGENCIES)
    assert len({row["drawn_target"] for row in story.matched}) == 6


def test_no_notice_is_printed_before_the_visits_are_approved(
    person: Somebody, story: SimpleNamespace
) -> None:
    task_id = story.task.path.rpartition("/")[2]
    clerk = person("police_clerk").go(f"/visits/papers/notices/{task_id}", status=409)
    person("police_reviewer").go("/reviews/").press(
        "Approve", within=person("police_reviewer").page.locator("tr", has_text=story.task.no)
    ).press("Approve all visits").reads("The inspections are approved. The notices can be printed.")
    clerk.go(f"/visits/papers/notices/{task_id}")
    assert clerk.page.locator("h1", has_text="行政检查通知书").count() == 6
    clerk.go(f"/visits/papers/sheets/{task_id}?blank=1")
    assert clerk.page.locator("h1", has_text="检查记录表").count() == 6
