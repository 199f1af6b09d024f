"""After the draw: an inspector who cannot go is replaced for that one target (article 25)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from app.matching.engine.eligibility import Target, explain
from app.matching.engine.files import Assigned, Inspector, Recusal
from app.matching.engine.optimum import roles
from app.matching.engine.plan import Needs
from app.matching.engine.tickets import Tickets


@dataclass(frozen=True, slots=True)
class Replaced:
    """`in_id` goes instead; `rows` is the target's whole team with the roles worked out anew."""

    in_id: str
    rows: tuple[Assigned, ...]


@dataclass(frozen=True, slots=True)
class NobodyLeft:
    """No one may go instead. False in a condition.

    `leader`: a leader was needed; `removed`: why not, counted over the roster: `RECUSED REGION SPECIALTY`,
    then `OUT` cannot go, `TEAM` goes there already, `LEADER` may not lead, `CAP` has no visit left.
    """

    leader: bool
    removed: Mapping[str, int]

    def __bool__(self) -> bool:
        return False


def replace_inspector(
    target: Target,
    out_id: str,
    team: Iterable[Assigned],
    roster: Iterable[Inspector],
    recusals: Iterable[Recusal],
    needs: Needs,
    tickets: Tickets,
    visits: Mapping[str, int],
    out: Collection[str] = (),
) -> Replaced | NobodyLeft:
    """The eligible inspector on the frozen roster, below the cap, with the smallest h for this target.

    `team`: the target's rows now, `out_id` among them; `visits`: per inspector all visits of this draw that
    count now; `out`: others who cannot go (replaced here before, ill, left); `tickets` of the target's batch.
    It is a leader if without `out_id` fewer than `needs.leaders` remain. Raises ValueError if `out_id` is not
    on the team.
    """
    people = {row.id: row for row in roster}
    going = {row.inspector_id for row in team if row.target_id == target.id}
    if out_id not in going:
        raise ValueError(f"{out_id} does not go to {target.id}")
    staying = [people[name] for name in sorted(going - {out_id})]
    leader = sum(person.leader for person in staying) < needs.leaders
    removed: dict[str, int] = {}
    candidates = []
    for verdict in explain(target, people.values(), recusals, needs.tags):
        person = people[verdict.inspector_id]
        reason = verdict.reason or _reason(person, going, {*out, out_id}, leader, visits)
        if reason is None:
            candidates.append(person)
        else:
            removed[reason] = removed.get(reason, 0) + 1
    if not candidates:
        return NobodyLeft(leader, removed)
    chosen = min(candidates, key=lambda person: (tickets.of(target.id, person.id), person.id))
    return Replaced(chosen.id, roles({target.id: [*staying, chosen]}, needs.leaders, tickets))


def _reason(
    person: Inspector, going: Collection[str], out: Collection[str], leader: bool, visits: Mapping[str, int]
) -> str | None:
    checks = (
        ("OUT", person.id in out),
        ("TEAM", person.id in going),
        ("LEADER", leader and not person.leader),
        ("CAP", visits.get(person.id, 0) >= person.cap),
    )
    return next((reason for reason, applies in checks if applies), None)
