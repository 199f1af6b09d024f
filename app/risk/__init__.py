"""信用风险: class bounds and the draw ratios that follow from them (R-7.3, R-24.2)."""
