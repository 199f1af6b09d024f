"""Saved views, columns and the page that a list opens with: own, shared, and nobody else's."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.audit.models import Event
from app.directories.listing import services
from app.directories.listing.models import ListChoice, SavedView
from app.directories.listing.rules import MOST_VIEWS, may_change, view_faults
from app.kernel.errors import Invalid, NotFound, Refused, Stale
from app.security.scope import Scope

STATE = {
    "q": "酒店",
    "filters": {"status": ["active"]},
    "sort": "-code",
    "columns": ["name", "code", "address"],
}


def names(html):
    return [re.sub(r"<[^>]+>", "", part) for part in re.findall(r"<th scope=\"col\"[^>]*>(.*?)</th>", html)]


def tabs(html):
    nav = html.split('class="eh-views"', 1)[1].split("</nav>", 1)[0]
    return [re.sub(r"<[^>]+>", "", part) for part in re.findall(r"<a href=[^>]*>(.*?)</a>", nav)]


@pytest.fixture
def saved_by(act_as):
    def save(who, name="酒店", **more):
        with act_as(who) as unit:
            return services.save_view(unit, "targets", name, STATE, **more).id

    return save


def test_a_view_keeps_search_filters_order_and_columns(client_as, saved_by):
    view_id = saved_by("police_clerk")
    html = client_as("police_clerk").get(f"/targets/?view={view_id}").text
    assert 'value="酒店"' in html
    assert names(html)[-3:] == ["名称", "编码", "住所（地址）"]
    assert 'aria-sort="descending"' in html
    assert "存续" in html.split('data-swap="chips"', 1)[1].split("</div>", 1)[0]


def test_an_own_view_is_nobody_elses_and_a_shared_one_is_the_units(client_as, saved_by):
    own, shared = saved_by("police_clerk", "自用"), saved_by("police_clerk", "共用", shared=True)
    assert {"自用", "共用"} <= set(tabs(client_as("police_clerk").get("/targets/").text))
    colleague = client_as("police_reviewer")
    assert "自用" not in tabs(colleague.get("/targets/").text)
    assert "共用" in tabs(colleague.get("/targets/").text)
    assert colleague.get(f"/directories/targets/views/{own}").status_code == 404
    assert colleague.get(f"/directories/targets/views/{shared}").status_code == 200
    elsewhere = client_as("amr_clerk")
    assert not {"自用", "共用"} & set(tabs(elsewhere.get("/targets/").text))
    assert elsewhere.get(f"/directories/targets/views/{shared}").status_code == 404


def test_a_colleague_does_not_change_a_shared_view_but_the_administrator_may_delete_it(act_as, saved_by):
    shared = saved_by("police_clerk", "共用", shared=True)
    with act_as("police_reviewer") as unit, pytest.raises(Refused, match="view_of_another"):
        services.change_view(unit, "targets", shared, {**STATE, "q": ""})
    with act_as("police_admin") as unit:
        services.delete_view(unit, "targets", shared)
    with act_as("police_clerk") as unit:
        assert unit.session.scalars(select(SavedView)).all() == []


def test_another_unit_neither_changes_nor_deletes_a_shared_view(act_as, saved_by):
    shared = saved_by("police_clerk", "共用", shared=True)
    with act_as("amr_clerk") as unit:
        for act in (services.delete_view, lambda *args: services.change_view(*args, STATE)):
            with pytest.raises(NotFound):
                act(unit, "targets", shared)


def test_a_changed_view_can_be_saved_back(client_as, saved_by, session):
    view_id = saved_by("police_clerk")
    client = client_as("police_clerk")
    assert "视图已修改" not in client.get(f"/targets/?view={view_id}").text
    changed = f"view={view_id}&q=学校&sort=name&cols=name,code"
    assert "视图已修改" in client.get(f"/targets/?{changed}").text
    answer = client.post(f"/directories/targets/views/{view_id}/state?{changed}")
    assert answer.status_code == 302
    html = client.get(f"/targets/?view={view_id}").text
    assert 'value="学校"' in html
    assert "视图已修改" not in html
    assert names(html)[-2:] == ["名称", "编码"]


def test_every_act_on_a_view_leaves_one_event(act_as, session):
    with act_as("police_clerk") as unit:
        view = services.save_view(unit, "targets", "一", STATE)
        services.change_view(unit, "targets", view.id, {**STATE, "q": "二"})
        services.change_view(unit, "targets", view.id, {**STATE, "q": "二"})
        services.rename_view(unit, "targets", view.id, "三", shared=True, version=view.version)
        services.open_with(unit, "targets", view.id)
        services.choose_columns(unit, "targets", view.id, ["name", "code"])
        services.delete_view(unit, "targets", view.id)
    session.info["scope"] = Scope.system("test")
    tags = session.scalars(select(Event.tag).order_by(Event.id.desc()).limit(6)).all()
    assert tags == [
        "view.deleted", "list.columns_chosen", "list.opens_with", "view.renamed", "view.changed", "view.saved",
    ]  # fmt: skip


def test_a_name_is_needed_once_and_not_too_long(act_as, saved_by):
    saved_by("police_clerk", "一")
    for name, code in (("", "required"), ("一", "view_name_taken"), ("长" * 41, "view_name_too_long")):
        with act_as("police_clerk") as unit, pytest.raises(Invalid) as found:
            services.save_view(unit, "targets", name, {**STATE, "q": "另一个"})
        assert [fault.code for fault in found.value.faults] == [code]
    assert [f.code for f in view_faults("新", [], MOST_VIEWS)] == ["views_too_many"]


def test_sent_twice_a_view_is_kept_once(saved_by):
    assert saved_by("police_clerk", "一") == saved_by("police_clerk", "一")


def test_the_form_comes_back_with_the_fault_beside_the_name(client_as, saved_by):
    saved_by("police_clerk", "一")
    answer = client_as("police_clerk").post("/directories/targets/views/new?q=x", data={"name": "一"})
    assert answer.status_code == 422
    assert "已有同名视图" in answer.text
    assert 'value="一"' in answer.text


def test_a_view_that_was_renamed_meanwhile_is_stale(act_as, saved_by):
    view_id = saved_by("police_clerk")
    with act_as("police_clerk") as unit:
        services.rename_view(unit, "targets", view_id, "二", shared=False, version=1)
    with act_as("police_clerk") as unit, pytest.raises(Stale):
        services.rename_view(unit, "targets", view_id, "三", shared=False, version=1)


def test_the_list_opens_with_the_chosen_view_and_all_rows_stay_a_click_away(client_as, saved_by):
    client = client_as("police_clerk")
    made = client.post("/directories/targets/views/new?q=酒店", data={"name": "首选", "opens": "y"})
    view_id = made.location.rpartition("=")[2]
    assert client.get("/targets/").location.endswith(f"view={view_id}")
    every = client.get("/targets/?view=0")
    assert every.status_code == 200
    assert 'value="酒店"' not in every.text
    client.post(f"/directories/targets/views/{view_id}", data={"name": "首选", "version": "1"})
    assert client.get("/targets/").status_code == 200


def test_a_deleted_view_leaves_the_list_as_it_was(client_as, saved_by):
    view_id = saved_by("police_clerk")
    client = client_as("police_clerk")
    client.post(f"/directories/targets/views/{view_id}", data={"name": "酒店", "version": "1", "opens": "y"})
    assert client.post(f"/directories/targets/views/{view_id}/delete").status_code == 302
    assert client.get("/targets/").status_code == 200
    assert client.get(f"/targets/?view={view_id}").status_code == 200


def test_columns_are_kept_per_person_and_per_view(client_as, saved_by):
    view_id = saved_by("police_clerk", shared=True)
    client, other = client_as("police_clerk"), client_as("police_reviewer")
    answer = client.post(
        f"/directories/targets/columns?view={view_id}",
        data={"order": ["name", "tags", "code"], "col": ["name", "tags", "code"]},
    )
    assert "cols=name,tags,code" in answer.location.replace("%2C", ",")
    assert names(client.get(f"/targets/?view={view_id}").text)[-3:] == ["名称", "所需专业", "编码"]
    assert names(other.get(f"/targets/?view={view_id}").text)[-3:] == ["名称", "编码", "住所（地址）"]
    assert names(client.get("/targets/").text)[-1] != "编码"
    client.post(f"/directories/targets/columns?view={view_id}", data={"usual": "1"})
    assert names(client.get(f"/targets/?view={view_id}").text)[-3:] == ["名称", "编码", "住所（地址）"]


def test_columns_are_put_in_order_without_scripts(client_as):
    sent = {"order": ["name", "code", "kind"], "col": ["name", "kind"], "move": "up:kind"}
    html = client_as("police_clerk").post("/directories/targets/columns", data=sent).text
    order = re.findall(r'name="order" value="(\w+)"', html)
    assert order[:3] == ["name", "kind", "code"]
    ticked = re.findall(r'name="col" value="(\w+)" checked', html)
    assert ticked == ["name", "kind"]


def test_two_choices_at_once_end_as_one(act_as, session):
    for _ in range(2):
        with act_as("police_clerk") as unit:
            services.choose_columns(unit, "targets", None, ["name"])
    session.info["scope"] = Scope.system("test")
    assert len(session.scalars(select(ListChoice)).all()) == 1


class _View:
    owner_id, agency_id, shared = 1, 7, True


@pytest.mark.parametrize(
    ("user", "agency", "roles", "allowed"),
    [
        (1, 7, {"clerk"}, True),
        (2, 7, {"clerk"}, False),
        (2, 7, {"agency_admin"}, True),
        (2, 8, {"agency_admin"}, False),
        (None, None, {"system"}, False),
    ],
)
def test_who_changes_a_view(user, agency, roles, allowed):
    assert bool(may_change(_View, user, agency, roles)) is allowed


def test_whoever_may_not_open_a_list_has_none_of_its_pages(client_as):
    auditor = client_as("auditor")
    for page in ("filters", "columns", "views/new"):
        assert auditor.get(f"/directories/inspectors/{page}").status_code == 404
        assert auditor.get(f"/directories/none/{page}").status_code == 404
        assert auditor.get(f"/directories/targets/{page}").status_code == 200
