"""What a row of a national system comes to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.inspections.national.rules import Against, Subject
from app.kernel.errors import Fault


@dataclass
class Finding:
    """One row.

    - `row_id`, `version`: of what the system said before; None for something new
    - `values`: plain values of the columns that are written, or asked about; of a known row those that differ, `before`
      then holds what stands there
    - `against`: why a person decides; `task_id`, `result_id`, `form_id`: what stands; `waiting`: this very question
      waits already, nothing is written; `closes`: a question waits that is out of date
    """

    subject: Subject
    source_id: str
    row_id: int | None = None
    version: int | None = None
    values: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    against: Against | None = None
    waiting: bool = False
    closes: bool = False
    task_id: int | None = None
    result_id: int | None = None
    form_id: int | None = None
    label: str = ""

    @property
    def status(self) -> str:
        """One of the words that every row of a batch is answered with."""
        if self.faults:
            return "bad"
        if self.against is not None:
            return "conflict"
        if not self.values:
            return "unchanged"
        return "new" if self.version is None else "changed"
