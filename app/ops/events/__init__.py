"""The event browser: what happened to a record, to a task, by a person."""
