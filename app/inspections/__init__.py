"""联合检查: visits, check forms, results, follow-up (R-26.1, R-28.1, N-4, N-5, N-6)."""
