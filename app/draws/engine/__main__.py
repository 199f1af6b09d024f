"""`python -m app.draws.engine vectors FILE.json`"""

import argparse
from pathlib import Path

from app.draws.engine import vectors


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m app.draws.engine", description="Check the draw engine.")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("vectors", help="recompute every case of a file of test vectors")
    check.add_argument("file", type=Path)
    return vectors.run(parser.parse_args().file, print)


if __name__ == "__main__":
    raise SystemExit(main())
