"""`python -m app.verifier BUNDLE.zip [--json]` or `python -m app.verifier vectors FILE.json`."""

from __future__ import annotations

import sys

from app.verifier import vectors, verify

if __name__ == "__main__":
    if sys.argv[1:2] == ["vectors"]:
        sys.exit(vectors.main(sys.argv[2:]))
    sys.exit(verify.main(sys.argv[1:]))
