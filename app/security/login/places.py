"""Where further ways to show who one is register: second factors and single sign-on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.db import Unit
from app.kernel.places import Place
from app.security.models import Account

FactorsOf = Callable[[Session, int], list[str]]
second_factors: Place[FactorsOf] = Place("second factors")
"""`(session, user_id)` -> kinds of second factor that the person has enrolled."""

CodeCheck = Callable[[Unit, int, str], str | None]
one_time_codes: Place[CodeCheck] = Place("one-time codes")
"""`(unit, user_id, code)` -> the factor that the code proves, None when it proves none. Uses the code up."""


@dataclass(frozen=True)
class Way:
    """A link to another way: on the log-in page, or to show again who one is."""

    label: Any
    url: str
    icon: str = "login"


login_ways: Place[Callable[[str], Way | None]] = Place("ways to log in")
"""`(next_path)` -> a way beside the password on the log-in page."""

fresh_ways: Place[Callable[[Account, frozenset[str], str], Way | None]] = Place("ways to show who one is")
"""`(account, factors of the session, next_path)` -> a way beside the password when re-authentication is asked."""


farewells: Place[Callable[[Account, frozenset[str]], str | None]] = Place("pages after log-out")
"""`(account, factors of the session that has ended)` -> the page to show instead of the log-in."""


def factors_of(session: Session, user_id: int) -> list[str]:
    """All second factors of a person."""
    return [kind for ask in second_factors for kind in ask(session, user_id)]
