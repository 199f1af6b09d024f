"""Step 6: an office defines a list in the browser; it can be used at once, in both web processes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.browser.person import Person
from tests.browser.portal import Portal

pytestmark = pytest.mark.journey
Somebody = Callable[..., Person]
FIELDS = (
    ("场所名称", "text"),
    ("层数", "integer"),
    ("启用日期", "date"),
    ("类别", "choice"),
    ("自动喷淋", "boolean"),
)
LIST = "安全出口台账"
ROW = {"f1": "东大街旅馆示例", "f2": "6", "f3": "2024-05-06"}
REQUESTS = 10


def test_an_office_defines_a_list_with_five_fields_and_uses_it(person: Somebody) -> None:
    office = person("office").go("/designer/").press("New list").fill("name", LIST).fill("slug", "fire-exits")
    for number, (label, kind) in enumerate(FIELDS):
        office.fill(f"label-{number}", label)
        office.page.locator(f'[name="type-{number}"]').select_option(kind)
    office.fill("choices-3", "宾馆\n商场")
    office.press("Save the list").sees(LIST)
    office.go("/lists/fire-exits/add")
    for key, value in ROW.items():
        office.fill(key, value)
    office.page.locator('[name="f4"]').select_option("宾馆")
    office.choose("f5").press_part("main form button[type=submit]")
    office.go("/lists/fire-exits/list/").sees(*[label for label, _kind in FIELDS], ROW["f1"], "宾馆")


def test_a_second_person_sees_it_in_both_web_processes(person: Somebody, portal: Portal) -> None:
    clerk = person("office", window=(1280, 800)).go("/lists/fire-exits/list/").sees(ROW["f1"])
    cookies = "; ".join(f"{c['name']}={c['value']}" for c in clerk.page.context.cookies())
    before = {pid: worked(pid) for pid in web_workers(portal)}
    assert len(before) == 2
    asked = [Request(f"{portal.url}/lists/fire-exits/list/", headers={"Cookie": cookies})] * REQUESTS
    with ThreadPoolExecutor(REQUESTS) as pool:
        pages = list(pool.map(lambda request: urlopen(request).read().decode(), asked))  # noqa: S310
    assert [ROW["f1"] in page for page in pages] == [True] * REQUESTS
    assert all(worked(pid) > then for pid, then in before.items()), "one of the processes was not asked"


def web_workers(portal: Portal) -> list[int]:
    """The processes that answer: children of the one that `run.json` names."""
    pid = json.loads((portal.home / "run.json").read_text())["web"]["pid"]
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def worked(pid: int) -> float:
    """Seconds of processor time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
