"""A value for all rows that say nothing of a column: given once, proposed again, never taken unseen."""

from __future__ import annotations

from app.directories.importing import services
from app.directories.importing.checking import options_of
from app.directories.importing.looking import kept_look
from app.directories.importing.services import Choice
from app.directories.rules import ImportMode
from tests.directories.importing.files import HEADINGS, csv_of, receive, row

WITHOUT = HEADINGS[:-1]


def test_a_missing_region_is_given_for_all_rows_and_an_empty_cell_gets_it_too(act_as):
    with act_as("office") as unit:
        run = receive(unit, csv_of([row(1)[:-1], row(2)[:-1]], WITHOUT))
        (sheet,) = kept_look(unit.session, run.id)
        choice = Choice(
            [""], sheet["mapping"], options_of(run).key, ImportMode.UPDATE, fixed={"region": "兴庆区"}
        )
        run = services.choose(unit, run.id, choice)
        assert (run.state, run.report["new"], run.report["bad"]) == ("checked", 2, 0), run.report
        wrong = Choice([""], sheet["mapping"], choice.key, ImportMode.UPDATE, fixed={"region": "没有此区"})
        run = services.choose(unit, run.id, wrong)
        assert {(e["row"], e["column"], e["value"]) for e in run.report["errors"]} == {
            (2, "行政区域", "没有此区"), (3, "行政区域", "没有此区"),
        }  # fmt: skip
        filled = receive(unit, csv_of([row(3), [*row(4)[:-1], ""]]))
        (sheet,) = kept_look(unit.session, filled.id)
        both = Choice([""], sheet["mapping"], choice.key, ImportMode.UPDATE, fixed={"region": "金凤区"})
        filled = services.choose(unit, filled.id, both)
        assert (filled.report["new"], filled.report["bad"]) == (2, 0), filled.report["errors"]


def test_the_value_is_proposed_again_and_waits_for_a_person(act_as):
    content = csv_of([row(1)[:-1]], WITHOUT)
    with act_as("office") as unit:
        run = receive(unit, content)
        (sheet,) = kept_look(unit.session, run.id)
        key = options_of(run).key
        services.choose(
            unit, run.id, Choice([""], sheet["mapping"], key, ImportMode.UPDATE, fixed={"region": "兴庆区"})
        )
        again = receive(unit, content)
        assert again.state == "choosing"
        assert kept_look(unit.session, again.id)[0]["fixed"] == {"region": "兴庆区"}


def test_the_page_asks_for_it_and_takes_it(client_as):
    import io

    client = client_as("office")
    sent = {"file": (io.BytesIO(csv_of([row(7)[:-1]], WITHOUT)), "a.csv"), "mode": "update"}
    answer = client.post("/imports/targets/new", data=sent, content_type="multipart/form-data")
    place = answer.headers["Location"].replace("/columns", "")
    page = client.get(f"{place}/columns").text
    assert 'name="fix-region"' in page and 'list="fix-region-words"' in page
    columns = {f"col-{n}": name for n, name in enumerate(
        ("name", "code", "address", "legal_representative", "contact", "phone")
    )}  # fmt: skip
    chosen = {"sheet": "", "key": "code", "mode": "update", **columns, "fix-region": "兴庆区"}
    answer = client.post(f"{place}/columns", data=chosen)
    assert answer.status_code == 302, answer.text
    shown = client.get(answer.headers["Location"]).text
    assert "兴庆区" in shown
    kept = client.get(f"{place}/columns").text
    assert 'value="兴庆区"' in kept
