"""检查对象: whoever may be inspected (R-4.1, R-11.x)."""
