"""执法检查人员 and experts (R-14.x, R-15.x, R-16.1)."""
