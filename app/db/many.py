"""What an act over very many rows asks of its transaction."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

# Pages plan every statement anew (`app.web.options`). That holds for the statements of triggers as well, and here those
# run for every row: of a million rows each reference and each line of the history would be planned a million times.
_TOLD = text("SELECT set_config('statement_timeout', '0', true), set_config('plan_cache_mode', 'auto', true)")


def for_many_rows(session: Session) -> None:
    """Until the end of the transaction: as long as it takes, and triggers keep their plans."""
    session.execute(_TOLD)
