"""Step 2: task and scheme, the push, the answers of the participants."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from tests.browser.acts import make_and_push
from tests.browser.person import Person

pytestmark = pytest.mark.journey
Somebody = Callable[..., Person]


def test_the_clerk_makes_task_and_scheme_from_the_plan_entry_and_pushes_it(
    person: Somebody, story: SimpleNamespace
) -> None:
    clerk = person("police_clerk")
    story.task = make_and_push(clerk, story.entry_name)
    clerk.sees("市场监督管理局", "卫生健康委员会")


@pytest.mark.parametrize("name", ["amr_clerk", "health_clerk"])
def test_each_participant_has_a_mail_and_a_line_with_the_deadline_of_two_working_days(
    person: Somebody, story: SimpleNamespace, name: str
) -> None:
    clerk = person(name).go("/")
    line = clerk.page.locator("#todo tr", has_text=story.entry_name)
    assert line.locator(".eh-due").count() == 1, "the workbench shows by when"
    story.deadline = line.locator(".eh-due").inner_text()
    clerk.waits_for("/mailbox/", story.task.no)
    assert clerk.page.locator(".card", has_text=story.task.no).count() == 1


def test_a_participant_confirms_items_and_scheme_on_one_page_with_one_button(
    person: Somebody, story: SimpleNamespace
) -> None:
    clerk = person("amr_clerk").go("/")
    clerk.press("Respond to the task", within=clerk.page.locator("#todo tr", has_text=story.task.no))
    clerk.sees(story.task.no).press("Take part, confirm items and scheme")
    clerk.reads("Thank you. Your agency takes part.")


def test_the_other_logs_in_and_answers_by_keyboard_alone(visitor: Somebody, story: SimpleNamespace) -> None:
    clerk = visitor("health_clerk").go("/login/")
    keyboard = clerk.page.keyboard
    assert clerk.page.evaluate("document.activeElement.name") == "username", "the first field has the focus"
    keyboard.type(clerk.name)
    keyboard.press("Tab")
    keyboard.type(clerk.portal.password)
    clerk.send_by_enter()
    tab_to(clerk, clerk.page.locator("#todo tr", has_text=story.task.no).get_by_role("link").first)
    clerk.send_by_enter()
    tab_to(clerk, clerk.named("Take part, confirm items and scheme"))
    clerk.send_by_enter().reads("Thank you. Your agency takes part.")


def test_the_task_is_ready_when_all_have_accepted(person: Somebody, story: SimpleNamespace) -> None:
    clerk = person("police_clerk").go(story.task.path)
    assert clerk.named("Freeze").count() == 1, "the next step is offered"


def tab_to(one: Person, goal: object, most: int = 80) -> None:
    """Press Tab until the goal has the focus."""
    wanted = goal.element_handle()  # type: ignore[attr-defined]
    for _ in range(most):
        one.page.keyboard.press("Tab")
        if wanted.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError("the keyboard does not reach it")
