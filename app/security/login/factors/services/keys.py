"""Security keys (W3C Web Authentication, level 2): a challenge is kept here, answered once, within five minutes."""

from __future__ import annotations

import json
import secrets
from typing import Any

from sqlalchemy import delete, select
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.options_to_json_dict import options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.audit.services import record
from app.db import Unit
from app.kernel.decisions import Allowed, Decision, refused
from app.kernel.errors import Fault, Invalid, Refused
from app.security.login.factors.models import KeyChallenge, SecurityKey
from app.security.login.factors.queries import KEY, keys_of
from app.security.login.factors.rules import CHALLENGE_LASTS, MOST_KEYS, RelyingParty, is_over, read_name
from app.security.login.factors.services.recovery import first_recovery_codes
from app.security.models import Account
from app.security.scoping import unscoped
from app.security.services import note_security

TIMEOUT_MS = int(CHALLENGE_LASTS.total_seconds() * 1000)
LONGEST_ANSWER = 20_000
# What the library raises on garbage, besides its own errors: base64, CBOR and JSON of the wrong shape.
_UNREADABLE = (
    WebAuthnException,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    RecursionError,
)


def offer_key(unit: Unit, account: Account, party: RelyingParty, product: str) -> tuple[int, dict[str, Any]]:
    """A challenge for a new key: its number, and the options for `navigator.credentials.create`.

    :raises Refused: when the person has as many keys as anybody may have
    """
    known = keys_of(unit.session, account.id)
    if len(known) >= MOST_KEYS:
        raise Refused("key_too_many", most=MOST_KEYS)
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=product,
        user_id=known[0].user_handle if known else secrets.token_bytes(32),
        user_name=account.username,
        user_display_name=account.get_full_name(),
        timeout=TIMEOUT_MS,
        exclude_credentials=[_descriptor(key) for key in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    return _keep(unit, account.id, "add", options.challenge), options_to_json_dict(options)


def add_key(
    unit: Unit, account: Account, party: RelyingParty, challenge: bytes, answer: str, name: str
) -> tuple[SecurityKey, list[str]]:
    """Keep a new key; gives the recovery codes when there were none yet.

    :param challenge: from `take_challenge`, in a unit of its own: used up even when this one comes to nothing
    :param answer: the JSON of the browser's `PublicKeyCredential`
    :raises Invalid: on `name` or `answer`
    """
    known = keys_of(unit.session, account.id)
    kept = read_name(name)
    if kept is None:
        raise Invalid(faults=[Fault("name", "key_name")])
    if kept.casefold() in {key.name.casefold() for key in known}:
        raise Invalid(faults=[Fault("name", "duplicate", value=kept)])
    if len(known) >= MOST_KEYS:
        raise Refused("key_too_many", most=MOST_KEYS)
    try:
        if len(answer) > LONGEST_ANSWER:
            raise ValueError("longer than any answer of a key")
        found = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
        )
    except _UNREADABLE:
        raise Invalid(faults=[Fault("answer", "key_not_added")]) from None
    if _is_taken(unit, found.credential_id):
        raise Invalid(faults=[Fault("answer", "key_known")])
    key = SecurityKey(
        user_id=account.id,
        name=kept,
        credential_id=found.credential_id,
        public_key=found.credential_public_key,
        user_handle=known[0].user_handle if known else secrets.token_bytes(32),
        sign_count=found.sign_count,
        transports=_transports(answer),
        backed_up=found.credential_backed_up,
        added_at=unit.clock.now(),
    )
    unit.session.add(key)
    unit.session.flush()
    note_security(unit, "factor_added", "ok", subject=f"account:{account.id}", detail=f"{KEY}: {kept}")
    record(unit, "factor.added", f"account:{account.id}", {"kind": KEY})
    return key, first_recovery_codes(unit, account.id)


def offer_pass(unit: Unit, user_id: int, party: RelyingParty) -> tuple[int, dict[str, Any]]:
    """A challenge for one of the person's keys, with the options for `navigator.credentials.get`."""
    known = keys_of(unit.session, user_id)
    if not known:
        raise Refused("key_none")
    options = generate_authentication_options(
        rp_id=party.id,
        timeout=TIMEOUT_MS,
        allow_credentials=[_descriptor(key) for key in known],
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return _keep(unit, user_id, "log_in", options.challenge), options_to_json_dict(options)


def pass_with_key(
    unit: Unit, user_id: int, party: RelyingParty, challenge_id: int | None, answer: str
) -> Decision:
    """Whether the answer of a key opens. The challenge is used up, whatever the answer."""
    taken = take_challenge(unit, user_id, "log_in", challenge_id)
    if not isinstance(taken, bytes):
        return taken
    key = _answering_key(unit, user_id, answer)
    if key is None:
        return refused("key_wrong")
    try:
        found = verify_authentication_response(
            credential=answer,
            expected_challenge=taken,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=key.public_key,
            # Judged below, after the signature: a count that goes back is another matter than a wrong key.
            credential_current_sign_count=0,
        )
    except _UNREADABLE:
        return refused("key_wrong")
    if (found.new_sign_count or key.sign_count) and found.new_sign_count <= key.sign_count:
        note_security(
            unit,
            "key_count_went_back",
            "refused",
            subject=f"account:{user_id}",
            detail=f"{key.name}: {found.new_sign_count} after {key.sign_count}",
            user_id=user_id,
        )
        return refused("key_copied", name=key.name)
    key.sign_count, key.last_used_at = found.new_sign_count, unit.clock.now()
    key.backed_up = found.credential_backed_up
    unit.session.flush()
    return Allowed({"factor": KEY})


def _answering_key(unit: Unit, user_id: int, answer: str) -> SecurityKey | None:
    try:
        if len(answer) > LONGEST_ANSWER:
            return None
        wanted = parse_authentication_credential_json(answer).raw_id
    except _UNREADABLE:
        return None
    query = (
        select(SecurityKey)
        .where(SecurityKey.credential_id == wanted, SecurityKey.user_id == user_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return unit.session.scalars(query).first()


def _is_taken(unit: Unit, credential_id: bytes) -> bool:
    """Whether anybody has registered this credential."""
    with unscoped(unit.session, "a security key belongs to one person only"):
        query = select(SecurityKey.id).where(SecurityKey.credential_id == credential_id)
        return unit.session.scalars(query).first() is not None


def _transports(answer: str) -> list[str]:
    """What the browser says of how the key is reached; a hint for the next time, nothing more."""
    said = json.loads(answer).get("response", {}).get("transports") or []
    known = {transport.value for transport in AuthenticatorTransport}
    return sorted({t for t in said if isinstance(t, str)} & known) if isinstance(said, list) else []


def _descriptor(key: SecurityKey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(
        id=key.credential_id, transports=[AuthenticatorTransport(t) for t in key.transports] or None
    )


def _keep(unit: Unit, user_id: int, purpose: str, challenge: bytes) -> int:
    """One open challenge per person and purpose: a new one takes the place of all that went unanswered."""
    unit.session.execute(
        delete(KeyChallenge).where(KeyChallenge.user_id == user_id, KeyChallenge.purpose == purpose)
    )
    row = KeyChallenge(user_id=user_id, purpose=purpose, challenge=challenge, at=unit.clock.now())
    unit.session.add(row)
    unit.session.flush()
    return row.id


def take_challenge(unit: Unit, user_id: int, purpose: str, challenge_id: int | None) -> bytes | Decision:
    """The challenge, which is gone from now on: of two answers at once, one finds it."""
    taken = unit.session.execute(
        delete(KeyChallenge)
        .where(
            KeyChallenge.id == (challenge_id or 0),
            KeyChallenge.user_id == user_id,
            KeyChallenge.purpose == purpose,
        )
        .returning(KeyChallenge.challenge, KeyChallenge.at)
        .execution_options(synchronize_session=False)
    ).first()
    if taken is None:
        return refused("challenge_gone")
    if is_over(taken.at, CHALLENGE_LASTS, unit.clock.now()):
        return refused("challenge_old")
    return bytes(taken.challenge)
