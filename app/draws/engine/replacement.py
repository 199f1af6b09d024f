"""replacements.tsv: who fell out, who came in, and by which entry of the log."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.kernel.errors import Refused

HEADER = "batch\tstratum\tout_id\tin_id\treason\tlog_index"
REASONS = ("DEREGISTERED", "REVOKED", "MOVED")
"""Not among them: "could not be found", which is a result of the inspection and never a ground to draw
another."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """One line; `log_index` is the position of its `draw.replaced` entry in the log."""

    batch: int
    stratum: str
    out_id: str
    in_id: str
    reason: str
    log_index: int


def require_reason(reason: str) -> None:
    """Raises Refused `draw.replacement_reason` for every ground but the three."""
    if reason not in REASONS:
        raise Refused("draw.replacement_reason", reason=reason)


def write_replacements(replacements: Iterable[Replacement]) -> bytes:
    """The file, in the order of the log entries; the header alone when nobody was replaced."""
    lines = [HEADER]
    for r in sorted(replacements, key=lambda r: r.log_index):
        require_reason(r.reason)
        lines.append(f"{r.batch}\t{r.stratum}\t{r.out_id}\t{r.in_id}\t{r.reason}\t{r.log_index}")
    return "\n".join([*lines, ""]).encode()
