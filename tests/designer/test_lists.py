"""A list that an office defines in the browser is there at once, for everybody below, in every process."""

from __future__ import annotations

import pytest

from app.designer.rules import FieldSpec, FieldType, read_fields, read_value
from app.designer.services import change_list, define_list
from app.kernel.errors import Invalid, NotFound, Refused, Stale

ROWS = [
    {"label": "场所名称", "type": "text", "required": True},
    {"label": "面积", "type": "decimal"},
    {"label": "检查日期", "type": "date"},
    {"label": "类别", "type": "choice", "choices": ["甲", "乙"]},
    {"label": "已整改", "type": "boolean"},
]


@pytest.fixture
def fire_exits(act_as):
    with act_as("office") as unit:
        define_list(unit, "fire-exits", "安全出口台账", ROWS)
    return "fire-exits"


def _entry(**changes):
    return {"f1": "示例宾馆", "f2": "120.50", "f3": "2026-11-20", "f4": "甲", "f5": "y"} | changes


def test_an_office_defines_a_list_with_five_fields_in_the_browser(client_as):
    form = {"name": "安全出口台账", "slug": "fire-exits", "rows": "5"}
    for i, row in enumerate(ROWS):
        form |= {
            f"label-{i}": row["label"],
            f"type-{i}": row["type"],
            f"choices-{i}": "\n".join(row.get("choices", [])),
        }
    answer = client_as("office").post("/designer/new", data=form)
    assert answer.status_code == 302
    page = client_as("office").get(answer.location)
    assert "安全出口台账" in page.text
    assert "场所名称" in page.text


def test_a_clerk_below_adds_finds_changes_and_deletes_rows(fire_exits, client_as):
    client = client_as("police_clerk")
    assert client.post("/lists/fire-exits/add", data=_entry()).status_code == 302
    page = client.get("/lists/fire-exits/list/?_flt_0_f4=甲&_oc_RecordView=f2&_od_RecordView=desc")
    assert "示例宾馆" in page.text
    assert "120.5" in page.text
    key = page.text.split("/lists/fire-exits/show/")[1].split('"')[0]
    assert "2026-11-20" in client.get(f"/lists/fire-exits/show/{key}").text
    assert client.post(f"/lists/fire-exits/edit/{key}", data=_entry(f1="改名宾馆示例")).status_code == 302
    assert "改名宾馆示例" in client.get("/lists/fire-exits/list/").text
    assert client.post(f"/lists/fire-exits/delete/{key}").status_code == 302
    assert "改名宾馆示例" not in client.get("/lists/fire-exits/list/").text


def test_rows_of_another_agency_are_not_there(fire_exits, client_as):
    client_as("police_clerk").post("/lists/fire-exits/add", data=_entry())
    page = client_as("police_clerk").get("/lists/fire-exits/list/").text
    key = page.split("/lists/fire-exits/show/")[1].split('"')[0]
    other = client_as("health_clerk")
    assert "示例宾馆" not in other.get("/lists/fire-exits/list/").text
    assert other.get(f"/lists/fire-exits/show/{key}").status_code == 404
    assert other.post(f"/lists/fire-exits/edit/{key}", data=_entry()).status_code == 404
    assert other.post(f"/lists/fire-exits/delete/{key}").status_code == 404
    assert "示例宾馆" in client_as("office").get("/lists/fire-exits/list/").text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"f1": ""}, "请填写"),
        ({"f2": "很大"}, "不是数字"),
        ({"f2": "1e99"}, "过大"),
        ({"f3": "2026-02-30"}, "不是日期"),
        ({"f4": "丙"}, "不在可选范围内"),
    ],
)
def test_a_wrong_value_is_named_beside_its_field_and_the_entry_is_kept(
    fire_exits, client_as, changes, sentence
):
    page = client_as("police_clerk").post("/lists/fire-exits/add", data=_entry(**changes))
    assert page.status_code == 200
    assert sentence in page.text
    assert "示例" in page.text or "120.50" in page.text


def test_a_second_process_serves_the_next_version_at_once(fire_exits, client_as, act_as):
    """A process keeps the view of the version it knows; the version is read with every request."""
    client = client_as("police_clerk")
    client.post("/lists/fire-exits/add", data=_entry())
    assert "面积" in client.get("/lists/fire-exits/list/").text
    with act_as("office") as unit:
        rows = [
            FieldSpec(
                f"f{i}", r["label"], FieldType(r["type"]), choices=tuple(r.get("choices", ()))
            ).as_data()
            for i, r in enumerate(ROWS, 1)
        ]
        rows[1]["label"] = "建筑面积"
        change_list(unit, "fire-exits", 1, "安全出口台账", [*rows, {"label": "备注", "type": "text"}])
    page = client.get("/lists/fire-exits/list/").text
    assert "建筑面积" in page
    assert "备注" in page
    assert "示例宾馆" in page


def test_a_field_with_rows_keeps_its_type(fire_exits, client_as, act_as):
    client_as("police_clerk").post("/lists/fire-exits/add", data=_entry())
    with pytest.raises(Invalid) as refused, act_as("office") as unit:
        change_list(unit, "fire-exits", 1, "x", [{"key": "f1", "label": "场所名称", "type": "integer"}])
    assert [f.code for f in refused.value.faults] == ["designer_retyped"]


def test_a_stale_change_and_a_foreign_office_are_refused(fire_exits, act_as):
    with pytest.raises(Stale), act_as("office") as unit:
        change_list(unit, "fire-exits", 7, "x", ROWS)
    with pytest.raises(NotFound), act_as("region_office") as unit:
        change_list(unit, "fire-exits", 1, "x", ROWS)


def test_a_clerk_may_not_define_a_list(act_as, client_as):
    with pytest.raises(Refused), act_as("police_clerk") as unit:
        define_list(unit, "mine", "我的", ROWS)
    assert client_as("police_clerk").get("/designer/new").status_code == 404


def test_a_short_name_is_given_once(fire_exits, act_as):
    with pytest.raises(Invalid) as refused, act_as("office") as unit:
        define_list(unit, "fire-exits", "再来", ROWS)
    assert refused.value.faults[0].code == "designer_slug_taken"


def test_an_unknown_list_is_not_there(client_as):
    assert client_as("office").get("/lists/no-such-list/list/").status_code == 404


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], "designer_no_fields"),
        ([{"label": "a", "type": "text"}, {"label": "a", "type": "date"}], "designer_label_twice"),
        ([{"label": "a", "type": "sql"}], "not_a_choice"),
        ([{"label": "a", "type": "choice", "choices": ["one"]}], "designer_too_few_choices"),
        ([{"label": "x" * 61, "type": "text"}], "too_long"),
        ([{"label": f"f{i}", "type": "text"} for i in range(61)], "designer_too_many_fields"),
    ],
)
def test_faults_of_a_definition_are_all_named(rows, code):
    assert code in {fault.code for fault in read_fields(rows)[1]}


@pytest.mark.parametrize(
    ("kind", "given", "stored"),
    [
        ("integer", "1,200", "1200"),
        ("decimal", "0.250", "0.25"),
        ("percent", "12.5％", "12.5"),
        ("date", "2026/11/23", "2026-11-23"),
        ("link", "https://example.invalid/a", "https://example.invalid/a"),
        ("boolean", "", False),
        ("text", "", None),
    ],
)
def test_values_are_stored_in_one_form(kind, given, stored):
    assert read_value(FieldSpec("f1", "x", FieldType(kind)), given) == (stored, None)


@pytest.mark.parametrize(
    ("kind", "given"), [("link", "javascript:alert(1)"), ("integer", "1.5"), ("decimal", "NaN")]
)
def test_harmful_or_senseless_values_are_refused(kind, given):
    assert read_value(FieldSpec("f1", "x", FieldType(kind)), given)[1] is not None
