"""A draw from the freeze to the bundle, through the services, on the demo."""

from __future__ import annotations

import io
import secrets
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from app.audit.models import Event
from app.db import unit_of_work
from app.draws import services
from app.draws.engine import Secrets
from app.draws.models import Draw, DrawnTarget
from app.draws.queries import bundle, by_no, drawn_targets
from app.draws.queries.witnesses import Witness, possible_witnesses
from app.draws.rules import DrawState
from app.draws.secrets import SecretsLost, new_secrets, seal, unseal
from app.kernel.clock import today
from app.kernel.errors import DomainError, Invalid, Refused
from app.security.models import Account
from app.tasks.models import Task
from app.verifier import verify
from tests.draws.stage import auditor_code, make_task


def failed(report: dict) -> list[dict]:
    return [check for check in report["checks"] if check["status"] == "FAIL"]


def code_of(refusal: pytest.ExceptionInfo[DomainError]) -> str:
    return refusal.value.code


@pytest.mark.rule("R-24.1")
def test_the_full_bundle_of_a_drawn_task_is_verified(session, ceremony) -> None:
    draw = by_no(session, ceremony.to_the_draw().draw_no)
    report = verify.verify(bundle(session, draw))
    assert report["verdict"] == "ok", failed(report)
    unchecked = {check["name"] for check in report["checks"] if check["status"] == "not checked"}
    assert all(name.startswith("matching") for name in unchecked), unchecked


@pytest.mark.rule("R-24.1")
@pytest.mark.parametrize(
    "file", ["plan.json", "frame.tsv", "result-0.tsv", "drawn-0.tsv", "log.json", "verify.py"]
)
def test_one_changed_byte_fails(session, ceremony, file) -> None:
    draw = by_no(session, ceremony.to_the_draw().draw_no)
    content = bundle(session, draw)
    files = {
        name: zipfile.ZipFile(io.BytesIO(content)).read(name)
        for name in zipfile.ZipFile(io.BytesIO(content)).namelist()
    }
    changed = bytearray(files[file])
    place = len(changed) * 2 // 3
    changed[place] ^= 1
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**files, file: bytes(changed)}.items():
            archive.writestr(name, data)
    assert verify.verify(buffer.getvalue())["verdict"] == "FAIL"


@pytest.mark.rule("R-24.1")
def test_the_bundle_is_the_same_to_the_byte_each_time(session, ceremony) -> None:
    draw = by_no(session, ceremony.to_the_draw().draw_no)
    assert bundle(session, draw) == bundle(session, draw)


@pytest.mark.rule("R-24.1")
def test_the_public_edition_keeps_list_and_secrets_back_until_the_opening(session, ceremony, act_as) -> None:
    draw = by_no(session, ceremony.to_the_draw().draw_no)
    early = bundle(session, draw, "public")
    names = set(zipfile.ZipFile(io.BytesIO(early)).namelist())
    assert names == {
        "plan.json",
        "transcript.json",
        "replacements.tsv",
        "log.json",
        "verify.py",
        "README.txt",
    }
    assert (draw.seed or "").encode() not in zipfile.ZipFile(io.BytesIO(early)).read("transcript.json")
    assert verify.verify(early)["verdict"] == "ok"
    with act_as("health_clerk") as unit:
        assert services.open_draw(unit, draw.id).state == DrawState.OPENED
    late = bundle(session, by_no(session, draw.draw_no), "public")
    report = verify.verify(late)
    assert report["verdict"] == "ok", failed(report)
    names = set(zipfile.ZipFile(io.BytesIO(late)).namelist())
    assert "drawn-0.tsv" in names and not any(n.startswith(("frame", "result", "matching")) for n in names)


@pytest.mark.rule("R-24.2")
def test_each_class_is_its_own_neutral_stratum_and_six_hotels_are_drawn(session, ceremony) -> None:
    draw = ceremony.to_the_draw()
    assert [s["code"] for s in draw.strata] == ["S1", "S2", "S3", "S4", "S5"]
    assert [s["risk_class"] for s in draw.strata] == list("ABCDN")
    targets = drawn_targets(session, draw.id)
    assert len(targets) == sum(s["size"] for s in draw.strata) == 6
    classes = {s["code"]: s["risk_class"] for s in draw.strata}
    assert all(row.target.risk_class == classes[row.stratum] for row in targets)
    assert "risk_class" not in str(draw.plan)


def test_the_task_is_told_and_everybody_is_asked(session, ceremony, task) -> None:
    draw = ceremony.freeze()
    session.expire_all()
    asked = session.execute(text("select kind, count(*) from message group by kind")).all()
    assert dict(asked)["draw.contribute"] == len(draw.plan["witnesses"]) == 3
    for witness in draw.plan["witnesses"]:
        ceremony.commit(draw, witness)
    assert (
        dict(session.execute(text("select kind, count(*) from message group by kind")).all())["draw.reveal"]
        == 3
    )
    for witness in draw.plan["witnesses"]:
        ceremony.reveal(draw, witness)
    ceremony.run(draw)
    session.expire_all()
    assert session.get(Task, task.id).state == "drawn"


def test_every_step_leaves_one_event_in_the_log(session, ceremony) -> None:
    draw = ceremony.to_the_draw()
    tags = session.scalars(
        select(Event.tag).where(Event.subject == f"draw:{draw.draw_no}").order_by(Event.id)
    ).all()
    assert tags == [
        "draw.frozen",
        *["draw.committed"] * 3,
        "draw.closing",
        *["draw.revealed"] * 3,
        "draw.drawn",
    ]


@pytest.mark.rule("R-24.1")
def test_freezing_twice_gives_the_same_draw(ceremony) -> None:
    assert ceremony.freeze().id == ceremony.freeze().id


@pytest.mark.rule("R-24.1")
def test_committing_and_drawing_twice_change_nothing(session, ceremony) -> None:
    draw = ceremony.freeze()
    first, *others = draw.plan["witnesses"]
    ceremony.commit(draw, first)
    assert ceremony.commit(draw, first).state == DrawState.COMMITTING
    for witness in others:
        ceremony.commit(draw, witness)
    for witness in draw.plan["witnesses"]:
        ceremony.reveal(draw, witness)
        ceremony.reveal(draw, witness)
    seed = ceremony.run(draw).seed
    assert ceremony.run(draw).seed == seed
    assert session.scalar(select(func.count()).select_from(DrawnTarget)) == 6


@pytest.mark.rule("R-24.1")
def test_a_commitment_cannot_be_exchanged(ceremony, act_as) -> None:
    draw = ceremony.freeze()
    ceremony.commit(draw, "AMR-640100")
    with pytest.raises(Refused) as refusal, act_as("amr_clerk") as unit:
        services.commit_contribution(unit, draw.id, "AMR-640100", secrets.token_hex(32))
    assert code_of(refusal) == "draw.given_before"


@pytest.mark.rule("R-24.1")
def test_nobody_reveals_before_all_have_committed(ceremony) -> None:
    draw = ceremony.freeze()
    ceremony.commit(draw, "AMR-640100")
    with pytest.raises(Refused) as refusal:
        ceremony.reveal(draw, "AMR-640100")
    assert code_of(refusal) == "draw.not_closed"


@pytest.mark.rule("R-24.1")
def test_what_is_revealed_must_be_what_was_committed(ceremony, act_as) -> None:
    draw = ceremony.to_closing()
    with pytest.raises(Refused) as refusal, act_as("amr_clerk") as unit:
        services.reveal_contribution(unit, draw.id, "AMR-640100", "another", ceremony.values["AMR-640100"][1])
    assert code_of(refusal) == "draw.reveal_differs"


@pytest.mark.rule("R-24.1")
def test_nothing_is_drawn_before_all_have_revealed(session, ceremony) -> None:
    draw = ceremony.to_closing()
    with pytest.raises(Refused) as refusal:
        ceremony.run(draw)
    assert code_of(refusal) == "draw.witnesses_missing"
    ceremony.reveal(draw, "AMR-640100")
    with pytest.raises(Refused):
        ceremony.run(draw)
    assert session.scalar(select(func.count()).select_from(DrawnTarget)) == 0


@pytest.mark.rule("R-24.1")
@pytest.mark.parametrize(
    ("account", "witness"),
    [("amr_clerk", "HEALTH-640100"), ("police_clerk", "AMR-640100"), ("amr_reviewer", "AMR-640100")],
)
def test_nobody_contributes_for_another(ceremony, act_as, account, witness) -> None:
    draw = ceremony.freeze()
    with pytest.raises(Refused) as refusal, act_as(account) as unit:
        services.commit_contribution(unit, draw.id, witness, ceremony.digest(draw, witness))
    assert code_of(refusal) in {"other_agency", "role_missing"}


@pytest.mark.rule("R-24.1")
def test_a_foreign_witness_is_refused(session, ceremony, act_as) -> None:
    office = session.scalars(select(Account).where(Account.username == "office")).one()
    stranger = Witness(f"u{office.id}", "office", 1, "OFFICE-640100", office.id)
    with pytest.raises(Refused) as refusal:
        ceremony.freeze(witnesses=[stranger])
    assert code_of(refusal) == "draw.witness_unknown"
    draw = ceremony.freeze()
    with pytest.raises(Refused) as refusal, act_as("amr_clerk") as unit:
        services.commit_contribution(unit, draw.id, "FIRE-640100", secrets.token_hex(32))
    assert code_of(refusal) == "draw.not_a_witness"


@pytest.mark.rule("R-24.1")
def test_a_late_commitment_is_refused(ceremony, clock) -> None:
    draw = ceremony.freeze()
    clock.advance(hours=9)
    with pytest.raises(Refused) as refusal:
        ceremony.commit(draw, "AMR-640100")
    assert code_of(refusal) == "draw.deadline_passed"


@pytest.mark.rule("R-24.1")
def test_somebody_from_outside_the_initiator_has_to_be_there(ceremony) -> None:
    with pytest.raises(Refused) as refusal:
        ceremony.freeze(witnesses=[])
    assert code_of(refusal) == "draw_no_outside_witness"


@pytest.mark.rule("R-24.1")
def test_an_empty_library_is_not_drawn_from(session, clock, ceremony) -> None:
    ceremony.task_id = make_task(
        session,
        clock.now(),
        no="6401-2026-0002",
        rule={"kinds": ["enterprise"], "industries": ["0111"], "regions": ["640500"]},
    ).id
    with pytest.raises(Refused) as refusal:
        ceremony.freeze()
    assert code_of(refusal) == "draw_library_empty_for_draw"


def test_a_task_that_is_not_ready_is_not_frozen(session, clock, ceremony) -> None:
    ceremony.task_id = make_task(session, clock.now(), no="6401-2026-0003", state="pushed").id
    with pytest.raises(Refused) as refusal:
        ceremony.freeze()
    assert code_of(refusal) == "draw_task_not_ready"


def test_only_the_initiators_clerk_freezes(ceremony, act_as, clock, task) -> None:
    for account in ("amr_clerk", "police_reviewer", "auditor"):
        with pytest.raises(Refused), act_as(account) as unit:
            witnesses = possible_witnesses(unit.session, unit.session.get(Task, task.id), today(unit.clock))
            services.freeze(unit, task.id, witnesses=witnesses, until=clock.now() + timedelta(hours=1))


@pytest.mark.rule("R-9.1")
def test_a_draw_above_the_cap_of_a_general_item_is_refused(session, clock, ceremony) -> None:
    high = {"kind": "per_class", "ratios": {c: {"num": 500, "den": 1000} for c in "ABCDN"}, "min": 0}
    ceremony.task_id = make_task(session, clock.now(), no="6401-2026-0004", selection=high).id
    with pytest.raises(Refused) as refusal:
        ceremony.freeze()
    assert (code_of(refusal), refusal.value.facts["rule"]) == ("above_cap", "R-9.1")


@pytest.mark.rule("R-9.1")
def test_a_key_item_has_no_cap(session, clock, ceremony) -> None:
    high = {"kind": "per_class", "ratios": {c: {"num": 300, "den": 1000} for c in "ABCDN"}, "min": 0}
    ceremony.task_id = make_task(session, clock.now(), no="6401-2026-0005", selection=high, category="key").id
    assert sum(s["size"] for s in ceremony.freeze().strata) > 6


@pytest.mark.rule("R-24.2")
def test_a_number_in_all_is_shared_out_by_class(session, clock, ceremony) -> None:
    total = {"kind": "total", "number": 4, "multipliers": {"D": 5}}
    ceremony.task_id = make_task(session, clock.now(), no="6401-2026-0006", selection=total).id
    draw = ceremony.to_the_draw()
    assert draw.plan["selection"]["kind"] == "total"
    assert len(drawn_targets(session, draw.id)) == 4


@pytest.mark.rule("R-24.2")
def test_no_class_of_the_library_is_left_out(session, clock, ceremony) -> None:
    partial = {"kind": "per_class", "ratios": {"A": {"num": 8, "den": 1000}}, "min": 0}
    ceremony.task_id = make_task(session, clock.now(), no="6401-2026-0007", selection=partial).id
    with pytest.raises(Refused) as refusal:
        ceremony.freeze()
    assert code_of(refusal) == "draw_class_without_ratio"


@pytest.mark.rule("R-24.1")
def test_a_draw_by_risk_classes_cannot_be_open(ceremony) -> None:
    with pytest.raises(Invalid) as refusal:
        ceremony.freeze(mode="open")
    assert "draw.open_with_risk" in {fault.code for fault in refusal.value.faults}


@pytest.mark.rule("R-24.1")
def test_the_secrets_cannot_be_read_from_the_row(session, ceremony, app) -> None:
    draw = ceremony.to_the_draw()
    directory = app.extensions["settings"].log_key_dir
    opened = unseal(draw.secrets, draw.draw_no, directory)
    for secret in (opened.operator, opened.list, opened.chain):
        assert len(secret) == 32
        assert secret not in draw.secrets
    with pytest.raises(SecretsLost):
        unseal(draw.secrets, "6401-2026-0001-9", directory)
    with pytest.raises(SecretsLost):
        unseal(draw.secrets[:-1] + bytes([draw.secrets[-1] ^ 1]), draw.draw_no, directory)
    history = session.execute(
        text(
            "select coalesce(before::text,'')||coalesce(after::text,'') from row_history where "
            "table_name='draw'"
        )
    )
    told = " ".join(row[0] for row in history)
    assert opened.operator.hex() not in told and opened.list.hex() not in told


def test_another_installation_cannot_open_them(tmp_path) -> None:
    value = new_secrets()
    sealed = seal(value, "D-1", tmp_path / "one")
    assert unseal(sealed, "D-1", tmp_path / "one") == Secrets(value.operator, value.list, value.chain)
    with pytest.raises(SecretsLost):
        unseal(sealed, "D-1", tmp_path / "two")
    seal(value, "D-2", tmp_path / "two")
    with pytest.raises(SecretsLost):
        unseal(sealed, "D-1", tmp_path / "two")


@pytest.mark.rule("R-24.1")
def test_a_void_draw_stays_and_the_next_has_a_new_number(session, ceremony, act_as) -> None:
    first = ceremony.freeze()
    with act_as("police_clerk") as unit:
        services.void_draw(unit, first.id, "a wrong list", "police")
    with act_as("auditor") as unit:
        services.void_draw(unit, first.id)
    second = ceremony.freeze()
    assert (first.draw_no, second.draw_no) == ("6401-2026-0001-1", "6401-2026-0001-2")
    assert session.get(Draw, first.id).state == DrawState.VOID
    report = verify.verify(bundle(session, by_no(session, first.draw_no)))
    assert report["verdict"] == "ok", failed(report)


@pytest.mark.rule("R-24.1")
def test_one_asks_for_a_void_and_the_auditor_confirms_it(session, ceremony, act_as) -> None:
    draw = ceremony.freeze()
    ceremony.commit(draw, "AMR-640100")
    with pytest.raises(Refused) as refusal, act_as("auditor") as unit:
        services.void_draw(unit, draw.id)
    assert code_of(refusal) == "draw_void_not_asked"
    with act_as("police_clerk") as unit:
        assert services.void_draw(unit, draw.id, "no reveal", "health").state == DrawState.COMMITTING
    with act_as("auditor") as unit:
        assert services.void_draw(unit, draw.id).state == DrawState.VOID
    report = verify.verify(bundle(session, by_no(session, draw.draw_no)))
    assert report["verdict"] == "ok", failed(report)


@pytest.mark.rule("R-24.1")
def test_a_draw_that_is_asked_to_be_void_is_not_repeated_before_it_is_confirmed(ceremony, act_as) -> None:
    draw = ceremony.freeze()
    with act_as("police_clerk") as unit:
        assert services.ask_void(unit, draw.id, "a wrong list", "police").state == DrawState.FROZEN
    assert ceremony.freeze().draw_no == draw.draw_no
    ceremony.commit(draw, "AMR-640100")
    with pytest.raises(Refused) as refusal:
        ceremony.freeze()
    assert code_of(refusal) == "draw_exists"


@pytest.mark.rule("R-24.1")
def test_one_person_with_two_memberships_is_one_person(session, ceremony, act_as, clock) -> None:
    """The clerk who asked also audits elsewhere, and switches to that membership."""
    draw = ceremony.freeze()
    with act_as("police_clerk") as unit:
        services.ask_void(unit, draw.id, "a wrong list", "police")
        clerk = unit.actor
    with act_as("auditor") as unit:
        scope, actor = unit.scope, replace(unit.actor, code=clerk.code, user_id=clerk.user_id)
    with pytest.raises(Refused) as refusal, unit_of_work(actor, scope, clock) as unit:
        services.confirm_void(unit, draw.id)
    assert code_of(refusal) == "draw_void_same_person"
    assert session.get(Draw, draw.id).state == DrawState.FROZEN


def test_the_database_itself_refuses_a_void_by_one_person(session, ceremony, act_as) -> None:
    draw = ceremony.freeze()
    with act_as("police_clerk") as unit:
        services.ask_void(unit, draw.id, "a wrong list", "police")
    draw = session.get(Draw, draw.id)
    draw.void_by = draw.void_asked_by
    with pytest.raises(IntegrityError, match="void_by_another"):
        session.flush()
    session.rollback()


@pytest.mark.rule("R-24.1")
def test_a_void_needs_its_reason(ceremony, act_as) -> None:
    draw = ceremony.freeze()
    with pytest.raises(Refused) as refusal, act_as("police_clerk") as unit:
        services.void_draw(unit, draw.id, " ", "")
    assert code_of(refusal) == "draw_void_without_reason"


@pytest.mark.rule("R-24.3")
def test_a_drawn_list_is_neither_voided_nor_drawn_anew(ceremony, act_as) -> None:
    draw = ceremony.to_the_draw()
    with pytest.raises(Refused) as refusal, act_as("police_clerk") as unit:
        services.void_draw(unit, draw.id, "we do not like it", "nobody")
    assert code_of(refusal) == "draw_list_fixed"
    with pytest.raises(Refused) as refusal:
        ceremony.freeze()
    assert code_of(refusal) == "draw_exists"


@pytest.mark.rule("R-24.3")
def test_a_replacement_is_the_next_ticket_and_stays_in_the_record(session, ceremony, act_as) -> None:
    draw = ceremony.to_the_draw()
    old = next(row for row in drawn_targets(session, draw.id) if row.stratum == "S5")
    with act_as("police_clerk") as unit:
        new = services.replace_target(unit, old.id, "DEREGISTERED", "register extract 12")
    rows = drawn_targets(session, draw.id)
    assert new.id in {row.id for row in rows} and old.id not in {row.id for row in rows}
    assert new.stratum == "S5" and session.get(DrawnTarget, old.id).replaced_by_id == new.id
    draw = by_no(session, draw.draw_no)
    content = bundle(session, draw)
    report = verify.verify(content)
    assert report["verdict"] == "ok", failed(report)
    assert new.code.encode() in zipfile.ZipFile(io.BytesIO(content)).read("replacements.tsv")
    public = bundle(session, draw, "public")
    assert new.code.encode() not in b"".join(
        zipfile.ZipFile(io.BytesIO(public)).read(n) for n in zipfile.ZipFile(io.BytesIO(public)).namelist()
    )
    assert verify.verify(public)["verdict"] == "ok"


@pytest.mark.rule("R-24.3")
@pytest.mark.parametrize(
    ("reason", "evidence", "code"),
    [("NOT_FOUND", "x", "draw.replacement_reason"), ("MOVED", " ", "draw_replacement_without_evidence")],
)
def test_not_found_is_no_reason_and_evidence_is_needed(
    session, ceremony, act_as, reason, evidence, code
) -> None:
    draw = ceremony.to_the_draw()
    row = drawn_targets(session, draw.id)[0]
    with pytest.raises(Refused) as refusal, act_as("police_clerk") as unit:
        services.replace_target(unit, row.id, reason, evidence)
    assert code_of(refusal) == code


def test_the_auditor_is_a_witness_under_an_opaque_code(session, ceremony) -> None:
    draw = ceremony.freeze()
    assert auditor_code(session) in draw.plan["witnesses"]
