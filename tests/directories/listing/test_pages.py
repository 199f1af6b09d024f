"""The list pages: what they show, keep in the URL, and offer when nothing is there."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event, select

from app.db import db
from app.directories.listing.acts import bulk_acts
from app.directories.targets.models import Target
from app.security.models import Account
from app.security.scope import Scope

MOST_QUERIES = 12
PART = {"X-Part": "list", "X-Requested-With": "fetch"}


def link(html, rel):
    return re.search(rf'rel="{rel}" href="([^"]+)"', html)[1].replace("&amp;", "&")


def an_inspector():
    accounts = Account.__table__.c
    return db.session.execute(
        select(accounts.username).where(accounts.username.like("i\\_%")).order_by(accounts.id).limit(1)
    ).scalar_one()


def ids(html):
    return re.findall(r'class="eh-strong" href="/targets/(\d+)"', html)


def test_a_script_gets_the_list_without_the_page_around_it(client_as):
    client = client_as("office")
    part, page = client.get("/targets/?q=酒店", headers=PART).text, client.get("/targets/?q=酒店").text
    assert "<html" not in part
    assert ids(part) == ids(page) != []
    assert {"views", "keep", "chips", "rows"} == set(re.findall(r'data-swap="(\w+)"', part))


@pytest.mark.parametrize(
    "path",
    [
        "/targets/",
        "/inspectors/",
        "/recusals/",
        "/experts/list/",
        "/targets/?q=酒店",
    ],
)
def test_a_list_takes_few_queries(client_as, path):
    client = client_as("police_clerk")
    client.get(path)
    seen = []
    note = lambda conn, cursor, statement, *rest: seen.append(statement)  # noqa: E731
    event.listen(db.engines[None], "before_cursor_execute", note)
    try:
        client.get(path, headers=PART)
    finally:
        event.remove(db.engines[None], "before_cursor_execute", note)
    asked = [s for s in seen if s.startswith(("SELECT", "EXPLAIN")) and "set_config" not in s]
    assert len(asked) <= MOST_QUERIES, "\n".join(asked)


def test_only_the_place_where_rows_without_a_value_begin_asks_once_more(client_as):
    client = client_as("police_clerk")
    asked = []
    note = lambda conn, cursor, statement, *rest: asked.append(statement)  # noqa: E731
    event.listen(db.engines[None], "before_cursor_execute", note)
    try:
        for order in ("last_checked_on", "-last_checked_on"):
            asked.append(order)
            client.get(f"/targets/?sort={order}", headers=PART)
    finally:
        event.remove(db.engines[None], "before_cursor_execute", note)
    at = asked.index("-last_checked_on")
    assert len(asked[at:]) <= len(asked[:at]) + 1


def test_pages_keep_filters_order_columns_and_size(client_as):
    client = client_as("office")
    first = client.get("/targets/?region=640104&sort=-code&cols=name,code&size=20").text
    second = client.get(link(first, "next")).text
    assert len(ids(first)) == len(ids(second)) == 20
    assert not set(ids(first)) & set(ids(second))
    assert ids(client.get(link(second, "prev")).text) == ids(first)
    assert "region=640104" in link(second, "next")
    assert "size=20" in link(second, "next")


def test_a_search_box_keeps_the_rest_of_the_state(client_as):
    html = client_as("office").get("/targets/?region=640104&sort=-code&size=20").text
    form = html.split("data-list-search", 1)[1].split("</form>", 1)[0]
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    assert hidden == {"region": "640104", "sort": "-code", "size": "20"}


def test_nothing_found_tells_the_way_on(client_as):
    html = client_as("office").get("/targets/?q=没有这样的名字").text
    assert "清除" in html
    assert 'href="/targets/"' in html
    beyond = client_as("office").get("/targets/?sort=-code&after=WyJ2IiwiIiwxXQ").text
    assert ids(beyond) == []
    assert "首页" in beyond


def test_an_empty_directory_tells_how_it_is_filled(client_as, session):
    html = client_as("police_admin").get("/experts/list/?view=0").text
    assert "专家" in html
    session.info["scope"] = Scope.system("test")


def test_a_very_long_name_stands_in_the_list(client_as, session):
    session.info["scope"] = Scope.system("test")
    target = session.scalars(select(Target).where(Target.code.like("9_6401%")).limit(1)).one()
    target.name = "宁夏" + "长" * 198
    session.flush()
    html = client_as("office").get(f"/targets/?q={target.code}").text
    assert f'title="{target.name}"' in html


def test_personal_data_stand_under_their_mask_and_only_for_whoever_needs_them(client_as, session):
    session.info["scope"] = Scope.system("test")
    target = session.scalars(select(Target).where(Target.code.like("9_6401%")).limit(1)).one()
    target.phone = "13912345678"
    session.flush()
    path = f"/targets/?q={target.code}&cols=name,phone,risk_class"
    html = client_as("police_clerk").get(path).text
    assert "139****5678" in html
    assert "13912345678" not in html
    reviewer = client_as("police_reviewer").get(path).text
    assert "139" not in reviewer.split("<tbody>", 1)[1].split("</tbody>", 1)[0].replace(target.code, "")
    assert "信用风险" not in client_as(an_inspector()).get(path).text


def test_the_inspector_neither_filters_nor_sorts_by_the_risk_class(client_as):
    inspector = client_as(an_inspector())
    assert inspector.get("/directories/targets/filters").text.count("risk_class") == 0
    plain = ids(inspector.get("/targets/?sort=name").text)
    assert ids(inspector.get("/targets/?sort=risk_class").text) == plain
    assert ids(inspector.get("/targets/?risk_class=D").text) == plain


def test_filters_have_a_page_that_works_without_scripts(client_as):
    html = client_as("office").get("/directories/targets/filters?region=640104&industry=6110&q=酒店").text
    assert re.search(r'name="region" value="640104" checked', html)
    assert re.search(r'<option value="6110" selected', html)
    assert '<input type="hidden" name="q" value="酒店">' in html
    assert 'method="get" action="/targets/"' in html
    assert "全区" not in re.findall(r'name="region" value="640200"', html)
    panel = client_as("office").get("/directories/targets/filters", headers={"X-Part": "panel"}).text
    assert "<html" not in panel


def test_the_bar_posts_the_ticked_rows_and_the_state_to_the_page_of_the_act(client_as):
    assert [act.key for act in bulk_acts("targets")]
    html = client_as("police_admin").get("/targets/?region=640104&sort=-code").text
    bar = html.split('id="list-acts"', 1)[1].split("</form>", 1)[0]
    assert {"region", "sort"} <= set(re.findall(r'type="hidden" name="(\w+)"', bar))
    assert 'name="all" value="1"' in bar
    assert re.findall(r'formaction="([^"]+)"', bar)
    assert 'name="ids"' in html
