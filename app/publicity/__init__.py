"""公示: what is public, through which channel, and the public pages (R-27.1).

Higher domains use `services` and `queries`; `app.publicity.announcing` registers in the places of lower ones.
Public pages read `PublicRecord`, the log's heads and the public edition of a bundle, and nothing else.
"""
