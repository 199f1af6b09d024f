"""Work that must not be lost: outbox in PostgreSQL, RQ as the hand, a ledger of periods, progress."""
