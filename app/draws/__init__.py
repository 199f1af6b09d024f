"""Random draws: freezing a list, the ceremony of contributions, the result and its record."""
