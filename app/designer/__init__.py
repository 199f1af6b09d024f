"""清单设计器: lists that an office defines in the browser and every process serves at once."""
