"""案卷归档: one dossier per agency and task, and the initiator's (R-29.1)."""
