"""One-time codes by time (RFC 6238: SHA-1, six digits, thirty seconds, which every authenticator app reads)."""

from __future__ import annotations

import pyotp
import segno
from markupsafe import Markup

from app.security.login.factors.rules import DIGITS, LOOKED_AT, STEP_SECONDS

SECRET_CHARACTERS = 32
"""Of base32: 160 bits (RFC 4226, 4)."""


def new_secret() -> str:
    return pyotp.random_base32(SECRET_CHARACTERS)


def find_step(secret: str, code: str, now_step: int) -> int | None:
    """The step nearest to `now_step` for which `code` is right, within `LOOKED_AT`; every one is computed."""
    counter = pyotp.HOTP(secret, digits=DIGITS)
    found = None
    for away in sorted(range(-LOOKED_AT, LOOKED_AT + 1), key=abs):
        step = now_step + away
        if pyotp.utils.strings_equal(counter.at(max(step, 0)), code) and found is None:
            found = step
    return found


def key_uri(secret: str, account: str, issuer: str) -> str:
    """The `otpauth://` address that authenticator apps scan."""
    counter = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS)
    return counter.provisioning_uri(name=account, issuer_name=issuer)


def qr_svg(text: str) -> Markup:
    """A QR code as an element of the page, without style or script: the policy of the page allows neither."""
    drawing = segno.make(text, error="m", micro=False)
    return Markup(  # noqa: S704 - made of figures by segno; the text is not in it
        drawing.svg_inline(light="#fff", dark="#18212f", omitsize=True, svgclass=None, lineclass=None)
    )
