"""`python -m app.matching.engine vectors FILE.json`: a line per case, exit 0 only if all agree."""

import argparse
import json
import sys
from pathlib import Path

from app.matching.engine.vectors import first_difference


def main(arguments: list[str]) -> int:
    """0: all cases agree; 1: some differ; 2: no readable file."""
    parser = argparse.ArgumentParser(prog="python -m app.matching.engine", description=__doc__)
    commands = parser.add_subparsers(required=True)
    vectors = commands.add_parser("vectors", help="compute every case of a vector file anew")
    vectors.add_argument("file", type=Path)
    path = parser.parse_args(arguments).file
    try:
        cases = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"{path}: {error}", file=sys.stderr)
        return 2
    if not isinstance(cases, list) or not all(isinstance(case, dict) for case in cases):
        print(f"{path}: not a list of cases", file=sys.stderr)
        return 2
    found = [(case.get("name"), first_difference(case)) for case in cases]
    for name, difference in found:
        print(f"{name}: {difference or 'ok'}")
    return 0 if found and not any(difference for _, difference in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
