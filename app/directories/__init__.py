"""Who may be inspected, who inspects, which named selections are drawn from, and who must not meet whom."""
