"""Matching inspectors to drawn targets (articles 15, 25; design page "matching").

`engine` is pure: frozen files in, the one lexicographically optimal assignment out. Others import
`app.matching.engine`; services and pages of this domain put accounts, the log and the database around it.
"""
