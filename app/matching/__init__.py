"""Matching inspectors to drawn targets (articles 15, 25; design page "matching").

`engine` is pure: frozen files in, the one lexicographically optimal assignment out. `services` put accounts,
the log and the database around it; higher domains register in `app.matching.places`.
"""
