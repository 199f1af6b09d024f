"""随机抽查的例外: targets and items outside random selection, with basis, period and two people (R-3.3)."""
