"""Independent verifier of a draw's bundle: standard library only, imports nothing of the portal.

`verify.py` alone is the whole program for bundles and is shipped inside every bundle; `vectors.py` recomputes
the published test vectors with the verifier's own functions. `from app.verifier import verify` is the module.
"""
