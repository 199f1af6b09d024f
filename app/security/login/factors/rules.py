"""What counts as a right code, who may take a factor away, where security keys work. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from app.kernel.clock import SHANGHAI
from app.kernel.decisions import Allowed, Decision, refused

STEP_SECONDS = 30
DIGITS = 6
WINDOW = 1
"""Steps before and after the server's own that are accepted (RFC 6238, 5.2)."""
LOOKED_AT = 20
"""Steps on either side in which a code is recognised as right for another time: ten minutes."""

CHALLENGE_LASTS = timedelta(minutes=5)
HALF_LASTS = timedelta(minutes=5)
PENDING_LASTS = timedelta(minutes=30)
"""How long a secret that was shown and not confirmed is kept."""

RECOVERY_CODES = 10
RECOVERY_LENGTH = 12
RECOVERY_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, 1, I and O, which are hard to tell apart on paper: 32 signs, 60 bits a code."""

MOST_KEYS = 10
LONGEST_NAME = 60

_IGNORED = re.compile(r"[\s\-‐-―−·.,_]+")


@dataclass(frozen=True)
class TypedCode:
    """What was typed, in the one form in which it is compared."""

    kind: Literal["totp", "recovery"]
    text: str


def read_code(typed: str) -> TypedCode | None:
    """Blanks, dashes, full-width and small letters do not matter; None when it cannot be a code at all."""
    plain = _IGNORED.sub("", unicodedata.normalize("NFKC", typed)).upper()
    if len(plain) == DIGITS and plain.isascii() and plain.isdigit():
        return TypedCode("totp", plain)
    if len(plain) == RECOVERY_LENGTH and set(plain) <= set(RECOVERY_ALPHABET):
        return TypedCode("recovery", plain)
    return None


def in_groups(text: str, size: int = 4) -> str:
    """For reading and typing: `ABCD EFGH`."""
    return " ".join(text[i : i + size] for i in range(0, len(text), size))


def step_at(now: datetime) -> int:
    return int(now.timestamp()) // STEP_SECONDS


def judge_step(
    found: int | None, now: datetime, last_used: int | None, burned: frozenset[int] = frozenset()
) -> Decision:
    """Whether a code that is right for the step `found` opens now. Each step opens once.

    :param found: None when the code is right for no step that was looked at
    :param last_used: the latest step that has opened
    :param burned: steps whose codes were typed too early and are known now
    """
    if found is None:
        return refused("code_wrong")
    if abs(found - step_at(now)) > WINDOW:
        minutes = max(1, round(abs(found - step_at(now)) * STEP_SECONDS / 60))
        time = now.astimezone(SHANGHAI).strftime("%H:%M:%S")
        return refused("code_clock_differs", minutes=minutes, time=time, step=found)
    if found in burned or (last_used is not None and found <= last_used):
        return refused("code_used")
    return Allowed({"step": found})


def is_over(since: datetime, lasts: timedelta, now: datetime) -> bool:
    return now - since > lasts or since > now + timedelta(minutes=1)


@dataclass(frozen=True)
class RelyingParty:
    """The portal as security keys know it: `id` is the host's name, `origin` what the browser reports."""

    id: str
    origin: str


def relying_party(base_url: str) -> RelyingParty | None:
    """None where browsers refuse security keys: without https (loopback's name excepted), or at a bare number."""
    parts = urlsplit(base_url)
    host = (parts.hostname or "").rstrip(".")
    if not host or _is_number(host):
        return None
    local = host == "localhost" or host.endswith(".localhost")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        return None
    return RelyingParty(id=host, origin=f"{parts.scheme}://{parts.netloc.lower()}")


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def read_name(typed: str) -> str | None:
    """The name of a key as it is kept; None when nothing readable is left or it is too long."""
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    if not name or len(name) > LONGEST_NAME or any(unicodedata.category(c) in {"Cc", "Cs"} for c in name):
        return None
    return name


def may_remove(left: int, required: bool) -> Decision:
    """Whoever must have a second factor keeps one: the last goes only after another has come.

    :param left: factors that would remain
    """
    return refused("factor_last") if required and left == 0 else Allowed()
