"""Step 5: what the public reads, the follow-up, the dossiers, the bundle."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.browser.person import Person
from tests.browser.portal import Portal
from tests.browser.test_journey_4_checks import PROBLEM

pytestmark = pytest.mark.journey
Somebody = Callable[..., Person]


def test_the_worker_has_published_list_plan_draw_and_results(
    visitor: Somebody, story: SimpleNamespace
) -> None:
    anyone = visitor().waits_for("/public/results?q=" + story.target, story.target)
    story.code = anyone.page.locator("main tbody .eh-muted").first.inner_text()
    anyone.go("/public/").go("/public/lists")
    anyone.press_part("main tbody a").go("/public/plans").press_part("main tbody a").sees(story.entry_name)
    anyone.go("/public/draws").sees(story.draw).press_part("main tbody a")
    anyone.go(f"/public/draws/{story.draw}/check")
    assert anyone.page.locator(".eh-verdict.is-bad").count() == 0
    anyone.waits_for(f"/public/targets/{story.code}", "违反公安部门相关规定").go("/public/log")


def test_without_javascript_the_public_pages_say_the_same(visitor: Somebody, story: SimpleNamespace) -> None:
    anyone = visitor("visitor-no-js", scripts=False)
    anyone.go("/public/").go(f"/public/draws/{story.draw}").sees(story.draw)
    anyone.go("/public/results").fill("q", story.target).press("Search").sees(story.target)
    anyone.go(f"/public/targets/{story.code}").sees("违反公安部门相关规定")
    assert PROBLEM not in anyone.text(), "the words of the inspector are not for everybody"


def test_the_problem_has_opened_a_follow_up_that_one_handles_and_another_closes(
    person: Somebody, story: SimpleNamespace
) -> None:
    clerk = person("police_clerk").go("/follow-ups/").press(story.target)
    path = clerk.page.url.removeprefix(clerk.portal.url)
    clerk.press("Keep", status=409).fill("text", "复查合格，价目表已公示。").press("Keep")
    assert clerk.named("Close the case").count() == 0, "whoever handled the case does not close it"
    person("police_reviewer").go(path).press("Close the case")


def test_the_task_is_closed_and_its_dossier_holds_a_list_of_contents(
    person: Somebody, story: SimpleNamespace, tmp_path: Path
) -> None:
    clerk = person("police_clerk").go(story.task.path).press("Close the task").press("Close the task")
    clerk.waits_for("/dossiers/", f"{story.task.no}-POLICE-640100-1")
    clerk.press(f"{story.task.no}-POLICE-640100-1")
    titles = clerk.page.locator("main tbody tr").count()
    path = clerk.download("Download", tmp_path)
    with zipfile.ZipFile(path) as dossier:
        assert dossier.testzip() is None
        names = dossier.namelist()
    assert len(names) >= titles > 5
    assert any("目录" in name or "contents" in name for name in names), names
    clerk.go(story.task.path)


def test_the_auditor_takes_the_full_bundle_and_the_verifier_says_ok_until_one_byte_is_changed(
    person: Somebody, story: SimpleNamespace, portal: Portal, tmp_path: Path
) -> None:
    auditor = person("auditor").go(f"/draws/{story.draw}/")
    bundle = auditor.download("Full bundle", tmp_path)
    said = portal.json("draw", "verify", str(bundle))
    assert said["verdict"] == "ok"
    assert {check["status"] for check in said["checks"]} <= {"ok", "not checked"}
    spoilt = portal.json("draw", "verify", str(with_one_byte_changed(bundle)), code=1)
    assert spoilt["verdict"] == "FAIL"
    assert [check["name"] for check in spoilt["checks"] if check["status"] == "FAIL"]


def with_one_byte_changed(bundle: Path) -> Path:
    """The same bundle, but for one byte of the list of targets."""
    changed = bundle.with_name("changed.zip")
    with zipfile.ZipFile(bundle) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            content = bytearray(source.read(name))
            if Path(name).name.startswith("frame"):
                content[len(content) // 2] ^= 1
            target.writestr(name, bytes(content))
    return changed
