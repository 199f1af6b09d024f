"""Renew OVERRIDES.toml after a new version of Flask-AppBuilder or Flask-Admin was looked through.

    python -m tests.design.overrides

The list holds the hash of the package's own file under each of our files, so that a test names
what changed there.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from tests.design.templates import TEMPLATES

PACKAGES = {
    "appbuilder": ("Flask-AppBuilder", "flask_appbuilder", "templates/appbuilder"),
    "admin": ("Flask-Admin", "flask_admin", "templates/bootstrap4/admin"),
}


def originals(name: str) -> Path:
    """The folder of the package's templates that our folder `name` covers."""
    _, module, folder = PACKAGES[name]
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(module)
    return Path(spec.origin).parent / folder


def covered(name: str) -> dict[str, str]:
    """Our files that have an original, with its hash."""
    base = originals(name)
    ours = sorted(p.relative_to(TEMPLATES / name).as_posix() for p in (TEMPLATES / name).rglob("*.html"))
    return {p: hashlib.sha256((base / p).read_bytes()).hexdigest() for p in ours if (base / p).is_file()}


def own(name: str) -> list[str]:
    """Our files there without an original."""
    known = covered(name)
    ours = (p.relative_to(TEMPLATES / name).as_posix() for p in (TEMPLATES / name).rglob("*.html"))
    return sorted(p for p in ours if p not in known)


def main() -> None:
    for name, (package, _, _) in PACKAGES.items():
        lines = [
            f"# Templates here that stand in for those of {package}: the hash is the original's, of",
            "# the version that ours were made from (python -m tests.design.overrides); own: no original.",
            f'package = "{package}"',
            f'version = "{version(package)}"',
            "own = [" + ", ".join(f'"{p}"' for p in own(name)) + "]",
            "",
            "[files]",
            *(f'"{path}" = "{digest}"' for path, digest in covered(name).items()),
        ]
        (TEMPLATES / name / "OVERRIDES.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
