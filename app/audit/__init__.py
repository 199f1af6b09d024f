"""The event log: every verb leaves a typed event; sealed in batches into a Merkle log with signed heads (R-21.2)."""
