"""案卷归档: closing a task, and one dossier per agency and task, the initiator's too (R-26.1, R-29.1)."""
