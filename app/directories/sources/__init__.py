"""Where the facts of the directory come from: systems that push, what each says, and who decides (R-6.2, R-11.3)."""
