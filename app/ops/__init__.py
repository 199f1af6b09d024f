"""The system console under `/ops`: jobs, queues, schedules, channels, storage. No business data."""
