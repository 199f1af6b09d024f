"""A clerk's morning in the directory: find, keep the view, change many at once and take it back, import, export."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.browser.person import PHONE, Person
from tests.browser.test_axe import grave

pytestmark = pytest.mark.journey
Somebody = Callable[..., Person]
REASON = "年度清理"
FILTERED = "/targets/?kind=enterprise&region=640104&sort=-name&cols=name,code,region,status"
GOOD = {
    "统一社会信用代码": "申请内部编码",
    "名称": "旅程导入商店示例",
    "主体类型": "个体工商户",
    "所属区域": "640104",
    "地址": "示例路一号",
    "法定代表人": "周示例",
    "联系人": "周示例",
    "联系电话": "13900000001",
}


def names(person: Person) -> list[str]:
    return person.page.locator("#list-table tbody td:nth-child(2)").all_inner_texts()


def test_the_office_narrows_the_list_and_keeps_it_as_a_view(person: Somebody, story: SimpleNamespace) -> None:
    office = person("office").go("/targets/")
    assert grave(office.page) == []
    everything = names(office)
    office.go(FILTERED)
    shown = names(office)
    assert shown and shown != everything and shown == sorted(shown, reverse=True)
    office.press("Next page")
    assert names(office) and not set(names(office)) & set(shown)
    office.go(FILTERED.replace("/targets/?", "/directories/targets/views/new?"))
    assert grave(office.page) == []
    office.fill("name", "兴庆企业").press("Save").sees("兴庆企业")
    story.view = office.page.url.removeprefix(office.portal.url)
    office.go("/targets/").press("兴庆企业")
    assert names(office) == shown


def test_the_office_changes_many_at_once_sees_it_first_and_takes_it_back(
    person: Somebody, story: SimpleNamespace
) -> None:
    office = person("office").go(story.view)
    boxes = office.page.locator('#list-table input[name="ids"]')
    for n in range(3):
        boxes.nth(n).check()
    office.press_part('form.eh-bulk button[formaction*="edit"]')
    assert grave(office.page) == []
    office.press("Show what would change", status=422)
    office.choose("set_status").page.locator('select[name="new_status"]').select_option("suspended")
    office.fill("reason", REASON).press("Show what would change")
    assert grave(office.page) == []
    office.press_part('button[value="apply"]').reads("Undo")
    story.edit = office.page.url.removeprefix(office.portal.url)
    office.press("Undo").fill("reason", REASON).press("Undo")
    office.reads("Everything stands as before.")


def test_an_agency_imports_a_file_of_its_own_layout_and_undoes_it(
    person: Somebody, tmp_path: Path, story: SimpleNamespace
) -> None:
    admin = person("amr_admin").go("/imports/targets/new")
    assert grave(admin.page) == []
    bad = {**GOOD, "统一社会信用代码": "", "名称": ""}
    text = io.StringIO()
    writer = csv.DictWriter(text, list(GOOD))
    text.write("本单位检查对象一览表,,,,,,,\n")
    writer.writeheader()
    writer.writerows([GOOD, bad])
    path = tmp_path / "对象.csv"
    path.write_bytes(text.getvalue().encode("gb18030"))
    admin.page.locator('input[type="file"]').set_input_files(path)
    admin.press("Check the file")
    if "/columns" in admin.page.url:
        assert grave(admin.page) == []
        admin.press("Compare with the directory")
    admin.reads("Take over without the faulty rows")
    assert grave(admin.page) == []
    admin.press("Take over without the faulty rows").reads("Undo this import")
    run = admin.page.url.removeprefix(admin.portal.url)
    admin.go("/targets/?q=旅程导入").sees(GOOD["名称"])
    admin.go(run).press("Undo this import").fill("reason", REASON)
    admin.press_part('main form button[type="submit"]')
    admin.go("/targets/?q=旅程导入")
    assert GOOD["名称"] not in " ".join(names(admin))


def test_what_is_shown_is_what_is_exported(person: Somebody, tmp_path: Path, story: SimpleNamespace) -> None:
    office = person("office").go(FILTERED + "&q=示例")
    office.page.locator('form.eh-bulk input[name="all"]').evaluate(
        "box => { box.closest('form').hidden = false }"
    )
    office.page.locator('#list-table input[name="ids"]').first.check()
    office.page.locator('form.eh-bulk input[name="all"]').check()
    office.press_part('form.eh-bulk button[formaction*="export"]')
    assert grave(office.page) == []
    office.choose("format", "csv")
    lines = office.download("Export", tmp_path).read_text("utf-8-sig").splitlines()
    heading = next(n for n, line in enumerate(lines) if line.startswith(("名称", '"名称"')))
    assert len(lines) - heading - 1 >= 10
    assert not re.search(r"\b1[3-9]\d{9}\b", "\n".join(lines[heading:]))


@pytest.mark.parametrize("path", ["/targets/", "/inspectors/", "/recusals/", "/libraries/", "/imports/"])
def test_the_lists_fit_a_phone(person: Somebody, path: str) -> None:
    admin = person("amr_admin", window=PHONE).go(path)
    assert admin.wide() <= 0
    assert grave(admin.page) == []
