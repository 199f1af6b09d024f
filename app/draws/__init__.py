"""Random draws (articles 9, 24): freezing a list, the ceremony of contributions, the result and its record.

`engine` holds the protocol `evenhand-draw/1` and is pure; `services` put people, the log and the database
around it. Higher domains register in `app.draws.places`.
"""
