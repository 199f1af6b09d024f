"""抽查任务: scheme, push, response (R-21.x, R-22.1, R-23.x)."""
