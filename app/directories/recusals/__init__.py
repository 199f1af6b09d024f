"""回避: pairs of inspector and target that must not meet (R-25.2)."""
