"""The verifier's checks in plain words: what each of them proves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

OUTCOMES = {"ok": "ok", "FAIL": "bad", "not checked": "none"}
_WORDS: tuple[tuple[str, Any], ...] = (
    (r"canonical JSON (?P<what>\S+)", _l("%(what)s is written in the one canonical form")),
    (r"plan", _l("The plan of the draw is complete and within the rules")),
    (r"transcript", _l("The record of the draw has the expected form")),
    (r"everything else", _l("All further checks")),
    (r"log events", _l("The entries of this draw in the public log")),
    (r"log signature", _l("The head of the public log is signed")),
    (r"log cosignatures", _l("Independent witnesses signed the head of the log too")),
    (r"log proofs", _l("The public log contains every event of this draw")),
    (r"files", _l("No file is missing and none is too many")),
    (r"edition", _l("The public edition shows what it may and nothing else")),
    (r"verifier file", _l("The verifier in the bundle is the published one")),
    (r"readme", _l("The notes in the bundle belong to it")),
    (r"void", _l("Whether the draw is void, and why")),
    (r"plan hash", _l("The commitment shown at the freeze belongs to this plan")),
    (r"log order", _l("Freeze, commitments, closing, numbers and draw happened in this order")),
    (r"previous head", _l("The log continues the state known at the freeze")),
    (r"closing", _l("The closing value was fixed before any number was revealed")),
    (r"closing head", _l("The closing value is a signed head of the log")),
    (r"times", _l("The times of the record agree with the log")),
    (r"operator commitment", _l("The operator's secret is the one committed at the freeze")),
    (r"contributions", _l("All random numbers are there, unaltered")),
    (r"witness commitments", _l("Every number is the one its witness had committed to")),
    (r"beacon", _l("The public random value is the one named in the plan")),
    (r"beacon signature", _l("The public random value carries its signature")),
    (r"seed", _l("The seed follows from all secrets and numbers")),
    (r"codes", _l("The codes of the batches form the committed chain")),
    (r"frame", _l("The frozen list can be read")),
    (r"frame digest", _l("The frozen list is the one committed to")),
    (r"frame nonce", _l("The mark of the frozen list follows from its secret")),
    (r"frame root", _l("Every row of the frozen list is part of the commitment")),
    (r"results in the log", _l("The results are those entered in the log at the draw")),
    (r"replacements", _l("Replacements followed the order of the tickets")),
    (r"matching (?P<what>\S+) inputs", _l("Inspectors and recusals of %(what)s are those frozen")),
    (r"tickets (?P<what>\d+)", _l("Every ticket, computed anew (batch %(what)s)")),
    (r"selection (?P<what>\d+)", _l("The drawn targets have the smallest tickets (batch %(what)s)")),
    (r"result digest (?P<what>\d+)", _l("The result is the one logged (batch %(what)s)")),
    (r"result root (?P<what>\d+)", _l("Every row of the result is part of its commitment (batch %(what)s)")),
    (r"drawn list (?P<what>\d+)", _l("The published list is the one drawn (batch %(what)s)")),
    (r"matching certificate (?P<what>\S+) \d+", _l("The matching of %(what)s is the best possible one")),
    (r"matching (?P<what>\S+) \d+", _l("The matching of %(what)s follows the rules")),
    (r"bundle", _l("The bundle can be read")),
)


@dataclass(frozen=True)
class PlainCheck:
    """`outcome`: ok, bad or none (not checked); `detail` is the verifier's own English line."""

    outcome: str
    title: str
    name: str
    detail: str


def in_plain_words(check: dict[str, str]) -> PlainCheck:
    """One of the verifier's checks; a name that is not known here keeps its own."""
    name = check["name"]
    for pattern, sentence in _WORDS:
        match = re.fullmatch(pattern, name)
        if match:
            title = str(sentence) % match.groupdict() if match.groupdict() else str(sentence)
            return PlainCheck(OUTCOMES[check["status"]], title, name, check["detail"])
    return PlainCheck(OUTCOMES[check["status"]], name, name, check["detail"])
