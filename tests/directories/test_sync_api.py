"""The interfaces of the directory: systems push, agencies pull, programs search as the screens do."""

from __future__ import annotations

import json

import pytest

from app.directories.sources.models import SourcePush
from app.directories.targets.models import Target
from app.directories.targets.services import upgrade_code
from app.kernel.identifiers import make_uscc
from tests.directories.sources.batches import code, found, push, row, system
from tests.directories.sources.test_issuing import region_id
from tests.directories.sources.test_pushing import agency_id

ADDRESS = "/api/v1/sync/targets"


def send(client, *rows, source="registration", **headers):
    return client.post(ADDRESS, json={"source": source, "rows": list(rows)}, headers=headers)


def token_of(client, home, name="office"):
    login = {"username": name, "password": (home / "demo_password").read_text(), "provider": "db"}
    return client.post("/api/v1/security/login", json=login).json["access_token"]


@pytest.mark.rule("R-6.2")
def test_a_system_pushes_with_the_token_of_its_account(client_as, act_as, session, home):
    system(act_as)
    client = client_as(None)
    bearer = {"Authorization": f"Bearer {token_of(client, home)}"}
    answer = client.post(ADDRESS, json={"source": "registration", "rows": [row(1)]}, headers=bearer)
    assert answer.status_code == 200, answer.text
    assert answer.json["counts"]["new"] == 1
    assert answer.json["rows"][0]["status"] == "new"
    assert found(session, 1).name == "推送第1号示例"


def test_the_same_key_is_answered_from_what_was_kept(client_as, act_as, session):
    system(act_as)
    client = client_as("office")
    first = send(client, row(1), **{"Idempotency-Key": "k1"})
    again = send(client, row(1), **{"Idempotency-Key": "k1"})
    assert (first.json, "Idempotency-Replayed" in first.headers) == (again.json, False)
    assert again.headers["Idempotency-Replayed"] == "true"
    other = send(client, row(2), **{"Idempotency-Key": "k1"})
    assert (other.status_code, other.json["code"]) == (409, "sync_key_reused")
    assert send(client, row(2), **{"Idempotency-Key": "k 1"}).status_code == 409
    assert session.query(SourcePush).count() == 1


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"", 400, "sync_body"),
        (b"[]", 400, "sync_body"),
        (b'{"source": 1, "rows": []}', 400, "sync_body"),
        (b'{"source": "registration", "rows": {}}', 400, "sync_body"),
        (b"[" * 100_000, 400, "sync_body"),
        (b"\xff\xfe", 400, "sync_body"),
        (json.dumps({"source": "registration", "rows": [0] * 10_001}).encode(), 409, "sync_too_many"),
        (json.dumps({"source": "nobody", "rows": []}).encode(), 404, "source_unknown"),
    ],
)
def test_a_body_that_is_no_batch_is_refused_with_a_sentence(client_as, act_as, body, status, reason):
    system(act_as)
    answer = client_as("office").post(ADDRESS, data=body, content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (status, reason)
    assert answer.json["message"]


def test_a_batch_beyond_the_size_is_not_read(client_as, act_as, monkeypatch):
    from app.directories.sources import receiving

    system(act_as)
    monkeypatch.setattr(receiving, "MOST_BYTES", 1024 * 1024)
    answer = client_as("office").post(ADDRESS, data=b" " * (1024 * 1024 + 1), content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (413, "sync_too_big")


def test_who_may_not_push_gets_nothing(client_as, act_as):
    system(act_as)
    assert send(client_as(None), row(1)).status_code == 401
    for name in ("police_clerk", "auditor", "sysadmin"):
        assert send(client_as(name), row(1)).status_code == 404
    assert send(client_as("police_admin"), row(1)).status_code == 404
    assert send(client_as("region_office"), row(1)).status_code == 409


def test_a_row_outside_the_area_is_bad_and_another_area_s_target_is_not_told(client_as, act_as, session):
    system(act_as)
    with act_as("region_office") as unit:
        from app.directories.targets.services import add_target
        from tests.directories.sources.test_pushing import VALUES

        add_target(unit, {**VALUES, "code": code(1, "640202"), "region": "640202", "name": "外市示例"})
    body = push(act_as, row(2, region="640202"), row(1, code=code(1, "640202")))
    assert [one["errors"][0]["code"] for one in body["rows"]] == [
        "target_region_elsewhere",
        "target_code_taken",
    ]


def test_both_interfaces_are_described(client_as):
    paths = client_as("office").get("/api/v1/_openapi").json["paths"]
    assert "post" in paths["/api/v1/sync/targets"]
    assert {"/api/v1/targets/changes", "/api/v1/targets/search", "/api/v1/targets/code/{code}"} <= set(paths)
    names = {one["name"] for one in paths["/api/v1/targets/changes"]["get"]["parameters"]}
    assert names == {"since", "limit"}


def test_the_search_gives_what_the_page_lists(client_as, act_as):
    system(act_as)
    push(act_as, row(1), row(2, status="suspended"))
    client = client_as("police_clerk")
    answer = client.get("/api/v1/targets/search?q=推送第&status=suspended")
    assert [one["code"] for one in answer.json["rows"]] == [code(2)]
    assert (answer.json["count"], answer.json["after"]) == (1, None)
    page = client.get("/targets/?q=推送第&status=suspended").text
    assert "推送第2号示例" in page and "推送第1号示例" not in page
    first = client.get("/api/v1/targets/search?size=20").json
    second = client.get(f"/api/v1/targets/search?size=20&after={first['after']}").json
    assert len(first["rows"]) == 20
    assert not {one["id"] for one in first["rows"]} & {one["id"] for one in second["rows"]}
    assert client.get("/api/v1/targets/search?colour=red").status_code == 400


def test_no_personal_data_leaves_through_the_interfaces(client_as, act_as):
    system(act_as)
    push(act_as, row(1, home_address="住址示例"))
    for path in ("search?q=推送第1", f"code/{code(1)}"):
        text = client_as("office").get(f"/api/v1/targets/{path}").text
        assert code(1) in text
        assert "10900000000" not in text and "住址示例" not in text
        assert "home_address" not in text


def test_the_class_is_there_only_for_whoever_sees_it(client_as, act_as, session):
    system(act_as)
    push(act_as, row(1))
    address = f"/api/v1/targets/code/{code(1)}"
    assert client_as("police_clerk").get(address).json["result"]["risk_class"] == "N"
    inspector = session.query(Target).first()
    assert inspector is not None
    name = _inspector(session)
    assert "risk_class" not in client_as(name).get(address).json["result"]
    assert client_as(name).get("/api/v1/targets/search?risk_class=N").status_code == 400


def _inspector(session):
    from sqlalchemy import select

    from app.security.models import Account

    return session.scalars(select(Account.username).where(Account.username.like("i\\_%")).limit(1)).one()


@pytest.mark.rule("R-11.5")
def test_an_old_code_finds_the_target_everywhere(client_as, act_as, session):
    system(act_as)
    old = code(1)[8:17]
    push(act_as, row(1, code=old, kind="enterprise"))
    with act_as("office") as unit:
        target = unit.session.query(Target).filter_by(code=old).one()
        upgrade_code(unit, target.id, code(1))
    client = client_as("office")
    assert client.get(f"/api/v1/targets/code/{old}").json["result"]["code"] == code(1)
    assert client.get(f"/api/v1/targets/code/{old}").json["result"]["former_codes"] == [old]
    assert [one["code"] for one in client.get(f"/api/v1/targets/search?q={old}").json["rows"]] == [code(1)]
    assert code(1) in client.get(f"/targets/?q={old}").text
    assert any(code(1) in hit["note"] for hit in client.get(f"/lookup/targets?q={old}").json)
    assert push(act_as, row(7, code=old))["rows"][0]["code"] == code(1)
    assert client.get("/api/v1/targets/code/nothing").status_code == 404


def test_a_code_of_every_authority_is_taken_in(act_as, session):
    system(act_as)
    kinds = {"A": "2", "N": "1", "Y": "1", "1": "2", "5": "1"}
    rows = [
        row(n, code=make_uscc(authority, second, "640104", f"YY7{n:05d}"), kind="enterprise")
        for n, (authority, second) in enumerate(kinds.items())
    ]
    assert [one["status"] for one in push(act_as, *rows)["rows"]] == ["new"] * len(rows)


def test_pages_of_systems_orders_and_conflicts(client_as, act_as, session):
    made = system(act_as)
    push(act_as, row(1), row(2, name=""))
    client = client_as("office")
    assert "登记注册系统示例" in client.get("/sources/").text
    shown = client.get(f"/sources/{made.id}")
    assert shown.status_code == 200 and "/api/v1/sync/targets" in shown.text
    last = session.query(SourcePush).one()
    assert "R2" in client.get(f"/sources/pushes/{last.id}").text
    answer = client.post("/sources/add", data={"code": "X y", "name": ""})
    assert answer.status_code == 422
    answer = client.post("/sources/add", data={"code": "tax", "name": "税务系统示例", "agency": ""})
    assert answer.status_code == 302
    assert client.get("/sources/orders/").status_code == 200
    assert client.get("/sources/orders/nothing").status_code == 404
    answer = client.post("/sources/orders/address", data={"place1": "tax", "place2": "form", "lower": "keep"})
    assert answer.status_code == 302
    assert "税务系统示例 › " in client.get("/sources/orders/").text
    twice = client.post("/sources/orders/all", data={"place1": "tax", "place2": "tax", "lower": "ask"})
    assert twice.status_code == 422
    assert client_as("police_clerk").get("/sources/").status_code == 404
    assert client_as("police_admin").get(f"/sources/{made.id}").status_code == 404


def test_a_conflict_is_decided_on_its_page(client_as, act_as, session):
    from tests.directories.sources.test_deciding import conflicts, contradicted

    contradicted(act_as, 1, 2)
    client = client_as("office")
    page = client.get("/sources/conflicts/?source=registration").text
    assert "由人填写的地址" in page and "银川市兴庆区解放街一号" in page
    first, second = conflicts(session)
    assert "由人填写的地址" in client.get(f"/sources/conflicts/{first.id}").text
    lacking = client.post(f"/sources/conflicts/{first.id}", data={"decision": "take", "reason": ""})
    assert lacking.status_code == 422
    done = client.post(
        f"/sources/conflicts/{first.id}", data={"decision": "take", "reason": "以登记机关为准"}
    )
    assert done.status_code == 302
    assert "由人填写的地址" in client.get("/sources/conflicts/all?source=registration").text
    sent = {"source": "registration", "decision": "keep", "reason": "实地核实过"}
    assert client.post("/sources/conflicts/all", data=sent).status_code == 302
    assert [one.state for one in conflicts(session)] == ["taken", "kept"]
    assert client.get("/targets/?contradicted=registration").status_code == 200
    assert client.get(f"/targets/{second.target_id}").status_code == 200
    other = client_as("police_admin")
    assert other.get(f"/sources/conflicts/{second.id}").status_code == 200
    refused = other.post(f"/sources/conflicts/{second.id}", data={"decision": "take", "reason": "试一试"})
    assert refused.status_code == 422


def test_an_agency_s_account_pushes_for_its_own_system(client_as, act_as, session):
    system(act_as, "police-net", agency_id(session))
    assert region_id(session)
    answer = send(client_as("police_admin"), row(1), source="police-net")
    assert answer.json["rows"][0]["status"] == "new"
    assert found(session, 1).source == "agency"


@pytest.mark.rule("R-11.5")
def test_published_results_are_found_by_the_old_and_by_the_new_code(act_as, session, clock):
    from app.kernel.clock import today
    from app.publicity.models import PublicRecord
    from app.publicity.queries import results_of
    from app.security.scope import Scope

    system(act_as)
    old = code(1)[8:17]
    push(act_as, row(1, code=old, kind="enterprise"))
    now = clock.now()
    shared = {"agency_name": "某局", "region_code": "640104", "year": 2026, "payload": {}}
    moments = {"published_at": now, "updated_at": now}
    with act_as("office") as unit:
        for number, written in enumerate((old, code(1))):
            key = f"R-{number}"
            unit.session.add(
                PublicRecord(
                    kind="result", key=key, title="结果示例", target_code=written, **shared, **moments
                )
            )
    push(act_as, row(1))
    session.info["scope"] = Scope.public()
    for asked in (old, code(1)):
        assert {one.key for one in results_of(session, asked, today(clock))} == {"R-0", "R-1"}
    assert results_of(session, "nothing", today(clock)) == []
