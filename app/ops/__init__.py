"""The system console under `/ops`: jobs, queues, schedules, channels, storage. Operation only, no business data."""
