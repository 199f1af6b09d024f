"""年度抽查工作计划: agency plans, the joint plan, their entries (R-18.x, R-19.1)."""
