"""The record page: beside each field who said it and since when, what waits, and why a library holds the target."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, update

from app.directories.libraries.models import Library, LibraryPick
from app.directories.sources.models import SourceConflict
from app.directories.targets.models import Target
from app.security.models import Agency
from app.security.scope import Scope
from tests.directories.sources.batches import found, push, row, system


def facts(page):
    """The rows of the first list of facts: {label: markup}."""
    block = page.split('<dl class="eh-kv is-wide">')[1].split("</dl>")[0]
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", block, re.S))


def library(session, name, rule, **more):
    session.info["scope"] = Scope.system("test")
    agency = session.scalars(select(Agency).where(Agency.code == "POLICE-640100")).one()
    made = Library(
        name=name, kind="category", agency_id=agency.id, rule={"status": ["active"], **rule}, **more
    )
    session.add(made)
    session.flush()
    return made


@pytest.fixture
def pushed(act_as, session):
    system(act_as)
    push(act_as, row(1, kind="enterprise", industry="6110"))
    return found(session, 1)


def test_source_and_date_stand_beside_each_field(act_as, client_as, session, pushed, clock):
    shown = facts(client_as("office").get(f"/targets/{pushed.id}").text)
    day = clock.now().date().isoformat()
    for label in ("名称", "行政区域", "住所（地址）", "联系人", "联系电话", "状态"):
        assert "登记注册系统示例" in shown[label], label
        assert day in shown[label], label


def test_a_contradiction_stands_beside_its_field_with_the_way_to_decide(act_as, client_as, session, pushed):
    system(act_as, "second")
    push(act_as, {**row(1, address="别处示例"), "source_id": "Z1"}, source="second")
    conflict = session.scalars(select(SourceConflict)).first()
    assert conflict is not None and conflict.field == "address"
    shown = facts(client_as("office").get(f"/targets/{pushed.id}").text)
    assert re.search(rf'href="[^"]*/{conflict.id}"', shown["住所（地址）"])
    assert "eh-contest" not in shown["名称"]
    hidden = facts(client_as("amr_clerk").get(f"/targets/{pushed.id}").text)
    assert "eh-contest" not in hidden["住所（地址）"]


def test_the_class_says_since_when_and_what_it_was(client_as, session, pushed):
    session.info["scope"] = Scope.system("test")
    session.execute(update(Target).where(Target.id == pushed.id).values(risk_class="C"))
    session.flush()
    shown = facts(client_as("office").get(f"/targets/{pushed.id}").text)
    assert "N" in shown["信用风险"].split("<small>")[1]


def test_a_library_names_the_parts_of_its_rule_that_take_the_target_in(client_as, session, pushed):
    library(session, "按行业的库", {"kinds": ["enterprise"], "industries": ["H"], "regions": ["640100"]})
    library(session, "未检查的库", {"not_checked_since": ["1y"]})
    page = client_as("police_clerk").get(f"/targets/{pushed.id}").text
    panel = page[page.index("按行业的库") :]
    assert "6110" in panel and "银川市" in panel and "企业" in panel
    assert "从未检查" in page[page.index("未检查的库") :]


def test_an_addition_says_what_of_the_rule_does_not_fit_and_an_exclusion_its_reason(
    client_as, session, pushed
):
    added = library(session, "添加的库", {"industries": ["A"], "kinds": ["enterprise"]})
    left_out = library(session, "排除的库", {"kinds": ["enterprise"]})
    session.add_all(
        [
            LibraryPick(library_id=added.id, target_id=pushed.id, included=True, reason="群众举报示例"),
            LibraryPick(library_id=left_out.id, target_id=pushed.id, included=False, reason="停业整顿示例"),
        ]
    )
    session.flush()
    page = client_as("police_clerk").get(f"/targets/{pushed.id}").text
    first = page[page.index("添加的库") :].split("</tr>")[0]
    assert "群众举报示例" in first and "6110" in first and "企业" not in first.split("<ul")[1]
    second = page[page.index("排除的库") :].split("</tr>")[0]
    assert "停业整顿示例" in second and "企业" in second.split("<ul")[1]
