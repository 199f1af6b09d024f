"""`python -m app.supervisor status|stop|erase [--home FOLDER]`: the embedded servers without the portal."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from app.supervisor.errors import SupervisorError
from app.supervisor.servers import EmbeddedServers
from config import CHECKOUT, SettingsError, load_settings


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m app.supervisor", description=__doc__)
    parser.add_argument("what", choices=("status", "stop", "erase"))
    parser.add_argument("--home", type=Path, help="instead of PORTAL_HOME")
    parser.add_argument("--yes", action="store_true", help="erase without asking")
    given = parser.parse_args(arguments)
    try:
        servers = EmbeddedServers(given.home or load_settings().home, CHECKOUT)
        if given.what == "erase":
            return _erase(servers, asked=given.yes)
        if given.what == "stop" and not servers.stop_if_unused():
            raise SupervisorError(
                "The servers are in use; stop the portal (Ctrl-C) or the command that uses them."
            )
        print(json.dumps(servers.status(), ensure_ascii=False, indent=2))
    except (SettingsError, SupervisorError) as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


def _erase(servers: EmbeddedServers, *, asked: bool) -> int:
    where = servers.placement().base
    if not asked and input(f"Remove all data in {where}? Type yes: ").strip() != "yes":
        print("Nothing was removed.")
        return 1
    servers.erase()
    print(f"Removed {where}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
