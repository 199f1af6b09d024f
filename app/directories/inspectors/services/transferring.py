"""An inspector goes to another agency: one side asks, the other accepts, and it takes effect on its day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.audit.services import record
from app.db import Unit
from app.directories.inspectors.models import Inspector, Transfer
from app.directories.inspectors.places import after_moving, visit_keepers
from app.directories.inspectors.rules import TransferState, reason_faults, transfer_faults
from app.directories.inspectors.services.keeping import KEEPERS, locked, may_keep
from app.kernel.clock import today
from app.kernel.errors import DomainError, Invalid, NotFound, Refused
from app.notifications.services import notify, register_template
from app.people.places import Successor, open_work_of
from app.people.services import accept_move, ask_move
from app.people.services.handing_over import STAYS
from app.security.explain import explain
from app.security.models import Account, Agency, Membership
from app.security.queries import actor_of, people
from app.security.rules import RoleName, may_act
from app.security.scoping import unscoped

CROSSING = "an inspector goes from one agency to another, and both have agreed"

register_template(
    "inspector.transfer_asked",
    subject=_l("%(name)s is to be transferred to %(agency)s"),
    body=_l(
        "%(sender)s asks that the inspector %(name)s goes to %(agency)s from %(day)s on. Reason: %(reason)s"
    ),
)
register_template(
    "inspector.transfer_answered",
    subject=_l("Transfer of %(name)s to %(agency)s: %(answer)s"),
    body=_l("Transfer of the inspector %(name)s to %(agency)s on %(day)s: %(answer)s. %(remark)s"),
)


def ask_transfer(unit: Unit, inspector_id: int, to_agency_id: int, day: date, reason: str) -> Transfer:
    """Ask the other agency to take an inspector from a day on; until then everything stays as it is.

    :raises Invalid: no reason, or a day that has gone by
    :raises Refused: there already, another transfer waits, or no agency that sends inspectors
    """
    inspector = locked(unit, inspector_id)
    may_keep(unit, inspector.agency_id)
    if faults := transfer_faults(reason, day, today(unit.clock)):
        raise Invalid(faults=faults)
    agency = unit.session.get(Agency, to_agency_id)
    if agency is None or not agency.active:
        raise NotFound("not_in_scope", kind="agency")
    if agency.id == inspector.agency_id:
        raise Refused("transfer_goes_nowhere")
    if agency.is_office:
        raise Refused("transfer_to_office")
    known = _open_one(unit, inspector.id)
    if known is not None:
        raise Refused("transfer_waits", agency=known.to_agency.name)
    transfer = Transfer(
        inspector_id=inspector.id,
        from_agency_id=inspector.agency_id,
        to_agency_id=agency.id,
        takes_effect_on=day,
        reason=reason.strip(),
        state=TransferState.ASKED.value,
        asked_by=unit.actor.user_id,
        asker_membership_id=unit.actor.membership_id,
        asked_at=unit.clock.now(),
    )
    unit.session.add(transfer)
    unit.session.flush()
    facts = {"to": agency.code, "on": day.isoformat()}
    record(unit, "inspector.transfer_asked", f"inspector:{inspector.id}", facts, inspector.agency_id)
    told = people(unit.session, agency.id, KEEPERS, today(unit.clock))
    words = {"name": inspector.name, "agency": agency.name, "sender": unit.actor.label}
    words |= {"day": day.isoformat(), "reason": transfer.reason}
    key = f"inspector.transfer:{transfer.id}:asked"
    notify(unit, told, "inspector.transfer_asked", key, words, f"/inspectors/transfers/{transfer.id}")
    return transfer


def _open_one(unit: Unit, inspector_id: int) -> Transfer | None:
    waiting = Transfer.state.in_([TransferState.ASKED.value, TransferState.ACCEPTED.value])
    query = select(Transfer).where(Transfer.inspector_id == inspector_id, waiting)
    return unit.session.scalars(query.options(joinedload(Transfer.to_agency))).first()


def accept_transfer(unit: Unit, transfer_id: int) -> Transfer:
    """The receiving agency agrees. When the day has come it takes effect at once, else on that day.

    :raises Refused: answered already, asked by the same person, or an open visit cannot be handed over
    """
    transfer = _locked(unit, transfer_id)
    may_act(unit.actor.roles, unit.actor.agency_id, KEEPERS, transfer.to_agency_id).require()
    if transfer.state in (TransferState.ACCEPTED, TransferState.DONE) and (
        transfer.decided_by == unit.actor.user_id
    ):
        return transfer
    _must_be_asked(transfer)
    if unit.actor.user_id == transfer.asked_by:
        raise Refused("transfer_of_own_request")
    _decide(unit, transfer, TransferState.ACCEPTED, "")
    transfer.decider_membership_id = unit.actor.membership_id
    unit.session.flush()
    if transfer.takes_effect_on <= today(unit.clock):
        carry_out(unit, transfer)
    _tell(unit, transfer, {transfer.asked_by})
    return transfer


def decline_transfer(unit: Unit, transfer_id: int, answer: str) -> Transfer:
    """The receiving agency does not agree, and says why; nothing changes."""
    transfer = _locked(unit, transfer_id)
    may_act(unit.actor.roles, unit.actor.agency_id, KEEPERS, transfer.to_agency_id).require()
    if transfer.state == TransferState.DECLINED and transfer.decided_by == unit.actor.user_id:
        return transfer
    _must_be_asked(transfer)
    if unit.actor.user_id == transfer.asked_by:
        raise Refused("transfer_of_own_request")
    if faults := reason_faults("answer", answer):
        raise Invalid(faults=faults)
    _decide(unit, transfer, TransferState.DECLINED, answer.strip())
    _tell(unit, transfer, {transfer.asked_by})
    return transfer


def withdraw_transfer(unit: Unit, transfer_id: int) -> Transfer:
    """The agency that asked takes it back, as long as it has not been carried out."""
    transfer = _locked(unit, transfer_id)
    may_act(unit.actor.roles, unit.actor.agency_id, KEEPERS, transfer.from_agency_id).require()
    if transfer.state == TransferState.WITHDRAWN:
        return transfer
    if transfer.state not in (TransferState.ASKED, TransferState.ACCEPTED):
        raise Refused("transfer_decided")
    transfer.state = TransferState.WITHDRAWN.value
    unit.session.flush()
    _record(unit, transfer, "inspector.transfer_withdrawn")
    _tell(unit, transfer, {transfer.decided_by})
    return transfer


def _must_be_asked(transfer: Transfer) -> None:
    if transfer.state != TransferState.ASKED:
        raise Refused("transfer_decided")


def _decide(unit: Unit, transfer: Transfer, state: TransferState, answer: str) -> None:
    transfer.state, transfer.answer = state.value, answer
    transfer.decided_by, transfer.decided_at = unit.actor.user_id, unit.clock.now()
    unit.session.flush()
    _record(unit, transfer, f"inspector.transfer_{state.value}")


def carry_out(unit: Unit, transfer: Transfer) -> None:
    """Hand the open visits over, each to the next in its drawn order, and put the inspector at the new agency.

    For somebody with an account the move of the person does both, in the names of those who agreed.

    :raises Refused: whoever asked no longer may, or a visit cannot be handed over
    """
    with unscoped(unit.session, CROSSING):
        inspector = locked(unit, transfer.inspector_id)
        giving = _as(unit, transfer.asker_membership_id, transfer.from_agency_id)
        if not _move_person(unit, giving, inspector, transfer):
            _hand_visits_over(giving, inspector, transfer)
        agency = unit.session.get_one(Agency, transfer.to_agency_id)
        inspector.agency_id, inspector.active = agency.id, True
        if agency.region.code not in inspector.regions:
            inspector.regions = [agency.region.code]
        transfer.state, transfer.problem = TransferState.DONE.value, ""
        unit.session.flush()
        for callback in after_moving:
            callback(unit, inspector, transfer.from_agency_id)
        for agency_id in (transfer.from_agency_id, transfer.to_agency_id):
            facts = {"from": transfer.from_agency.code, "to": transfer.to_agency.code}
            record(unit, "inspector.transferred", f"inspector:{inspector.id}", facts, agency_id)


def _move_person(unit: Unit, giving: Unit, inspector: Inspector, transfer: Transfer) -> bool:
    """Whether the inspector's account belongs to the former agency and has moved with the inspector."""
    if inspector.user_id is None:
        return False
    query = select(Membership).where(
        Membership.user_id == inspector.user_id,
        Membership.agency_id == transfer.from_agency_id,
        Membership.active,
    )
    membership = unit.session.scalars(query).first()
    account = unit.session.get_one(Account, inspector.user_id)
    if membership is None or not account.active:
        return False
    receiving = _as(unit, transfer.decider_membership_id, transfer.to_agency_id)
    work = open_work_of(unit.session, account, transfer.from_agency_id)
    stays = {f"{w.kind}:{w.key}": STAYS for w in work if w.successor is Successor.NAMED}
    asked = ask_move(
        giving,
        account.id,
        membership.id,
        transfer.to_agency_id,
        title=membership.title,
        reason=transfer.reason,
        choices=stays,
    )
    accept_move(receiving, asked.id, title=membership.title, roles=[RoleName.INSPECTOR.value])
    return True


def _hand_visits_over(giving: Unit, inspector: Inspector, transfer: Transfer) -> None:
    for keeper in visit_keepers:
        for visit in keeper.open_visits(giving.session, inspector.id, transfer.from_agency_id):
            try:
                keeper.hand_over(giving, visit.key, transfer.reason)
            except DomainError as error:
                raise Refused("visit_cannot_go", label=visit.label, why=explain(error)) from error


def _as(unit: Unit, membership_id: int | None, agency_id: int) -> Unit:
    """The unit as one of the two who agreed, with the rights that person has now."""
    membership = unit.session.get(Membership, membership_id) if membership_id else None
    if membership is None or not membership.active or not membership.user.active:
        raise Refused("transfer_asker_gone")
    actor = actor_of(membership, today(unit.clock))
    if membership.agency_id != agency_id or not actor.roles & KEEPERS:
        raise Refused("transfer_asker_gone")
    return replace(unit, actor=actor)


def carry_out_due(unit: Unit, day: date) -> int:
    """Carry out what is accepted and due; what cannot be done keeps its reason, and both sides are told.

    Gives the number of those carried out. For the system.
    """
    table = Transfer.__table__.c
    query = select(table.id).where(table.state == TransferState.ACCEPTED.value, table.takes_effect_on <= day)
    done = 0
    for transfer_id in unit.session.scalars(query.order_by(table.id)).all():
        transfer = _locked(unit, transfer_id)
        try:
            with unit.session.begin_nested():
                carry_out(unit, transfer)
            done += 1
        except DomainError as error:
            transfer = _locked(unit, transfer_id)
            transfer.problem = explain(error)[:300]
            unit.session.flush()
        _tell(unit, transfer, {transfer.asked_by, transfer.decided_by})
    return done


def _locked(unit: Unit, transfer_id: int) -> Transfer:
    query = select(Transfer).where(Transfer.id == transfer_id).with_for_update(of=Transfer)
    found = unit.session.scalars(query.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound("not_in_scope", kind="transfer")
    return found


def _record(unit: Unit, transfer: Transfer, tag: str) -> None:
    facts = {"from": transfer.from_agency.code, "to": transfer.to_agency.code}
    record(unit, tag, f"inspector:{transfer.inspector_id}", facts, transfer.from_agency_id)


def _tell(unit: Unit, transfer: Transfer, user_ids: set[int | None]) -> None:
    with unscoped(unit.session, CROSSING):
        wanted = [i for i in user_ids if i is not None]
        told = list(unit.session.scalars(select(Account).where(Account.id.in_(wanted))))
        inspector = unit.session.get_one(Inspector, transfer.inspector_id)
        words = {
            "name": inspector.name,
            "agency": transfer.to_agency.name,
            "day": transfer.takes_effect_on.isoformat(),
            "answer": _l(TransferState(transfer.state).label),
            "remark": transfer.problem or transfer.answer,
        }
        key = f"inspector.transfer:{transfer.id}:{transfer.state}:{len(transfer.problem)}"
        link = f"/inspectors/transfers/{transfer.id}"
        notify(unit, told, "inspector.transfer_answered", key, words, link)
