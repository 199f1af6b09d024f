"""名录库: saved rules over the directory, plus picks with reasons (R-12.1)."""
