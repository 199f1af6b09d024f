"""Step 7: a task that nobody answers, and the portal's clock some days on."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from types import SimpleNamespace

import pytest

from app.kernel.clock import SHANGHAI
from tests.browser.acts import make_and_push
from tests.browser.person import Person
from tests.browser.portal import Portal

pytestmark = pytest.mark.journey
Somebody = Callable[..., Person]
LONGEST_HOLIDAY = 14
PARTICIPANTS = {"amr_clerk": "市场监督管理局", "health_clerk": "卫生健康委员会"}
DECLINED = "本季度人员已全部派出。"


def test_a_task_is_pushed_that_nobody_answers(
    person: Somebody, portal: Portal, story: SimpleNamespace
) -> None:
    clerk = person("police_clerk")
    story.unanswered = make_and_push(clerk, story.entry_name)
    row = clerk.page.locator("tr", has_text=PARTICIPANTS["amr_clerk"]).first.inner_text()
    last = date.fromisoformat(re.findall(r"\d{4}-\d\d-\d\d", row)[-1])
    story.days = (last - datetime.now(SHANGHAI).date()).days + 1
    for name in PARTICIPANTS:
        wait_for_mails(person(name), story.unanswered.no, 1)
    portal.restart(f"+{story.days}d")


@pytest.mark.parametrize("name", PARTICIPANTS)
def test_each_participant_is_reminded(person: Somebody, story: SimpleNamespace, name: str) -> None:
    wait_for_mails(person(name), story.unanswered.no, 2)


def test_the_region_sees_it_on_the_list_of_overdue_answers(person: Somebody, story: SimpleNamespace) -> None:
    office = person("region_office").go("/overdue/").sees(*PARTICIPANTS.values())
    assert office.page.locator("tbody tr", has_text=story.unanswered.no).count() == 2


def test_a_participant_declines_late_and_the_initiator_releases_it(
    person: Somebody, story: SimpleNamespace
) -> None:
    clerk = person("amr_clerk").go("/")
    todo = clerk.page.locator("#todo tr", has_text=story.unanswered.no)
    clerk.press("Respond to the task", within=todo).unfold("Not take part")
    clerk.press("Decline with this reason", status=422)
    clerk.fill("reason", DECLINED).press("Decline with this reason").sees(DECLINED)
    initiator = person("police_clerk").go(story.unanswered.path).sees(DECLINED)
    row = initiator.page.locator("tr", has_text=PARTICIPANTS["amr_clerk"])
    silent = initiator.page.locator("tr", has_text=PARTICIPANTS["health_clerk"])
    assert initiator.named("Release the agency", silent).count() == 0, (
        "two more working days of silence first"
    )
    initiator.press("Release the agency", within=row).fill("reason", "同意，改由其余部门检查。")
    initiator.press("Release the agency").sees("同意，改由其余部门检查。")


def test_after_two_more_working_days_the_silent_one_is_released_and_the_task_goes_back_to_draft(
    person: Somebody, portal: Portal, story: SimpleNamespace
) -> None:
    portal.restart(f"+{story.days + LONGEST_HOLIDAY}d")
    initiator = person("police_clerk").go(story.unanswered.path)
    silent = initiator.page.locator("tr", has_text=PARTICIPANTS["health_clerk"])
    initiator.press("Release the agency", within=silent).fill("reason", "逾期四个工作日未响应。")
    initiator.press("Release the agency")
    assert initiator.named("Push the task").count() == 1, "with one agency left it is a draft again"


@pytest.mark.parametrize("name", PARTICIPANTS)
def test_nobody_was_reminded_twice(person: Somebody, story: SimpleNamespace, name: str) -> None:
    assert mails_of(person(name), story.unanswered.no, "催办") == 1


def mails_of(one: Person, no: str, subject: str = "") -> int:
    """Mails in the mailbox that name the task."""
    one.go("/mailbox/")
    return one.page.locator(".card", has_text=no).filter(has_text=subject).count()


def wait_for_mails(one: Person, no: str, number: int) -> None:
    for _ in range(60):
        if mails_of(one, no) == number:
            return
        one.page.wait_for_timeout(500)
    raise AssertionError(f"{one.name} has {mails_of(one, no)} mails about {no}, not {number}")
