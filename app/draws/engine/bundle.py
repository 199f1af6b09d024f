"""bundle.zip: one deterministic archive with everything that a verifier needs, in a fixed order."""

import re
import zipfile
from collections.abc import Mapping
from io import BytesIO

from app.draws.engine.readme import README

_EPOCH = (1980, 1, 1, 0, 0, 0)
_AGENCY = r"matching/(?P<agency>[\x21-\x2e\x30-\x7e]+)/"
_ORDER = [
    re.compile(pattern)
    for pattern in (
        r"plan\.json",
        r"transcript\.json",
        r"frame\.tsv",
        r"result-(?P<batch>0|[1-9]\d{0,2})\.tsv",
        r"drawn-(?P<batch>0|[1-9]\d{0,2})\.tsv",
        r"replacements\.tsv",
        _AGENCY + r"(?P<kind>roster|recusals)\.tsv",
        _AGENCY + r"(?P<kind>assignment)-(?P<batch>0|[1-9]\d{0,2})\.tsv",
        _AGENCY + r"(?P<kind>certificate)-(?P<batch>0|[1-9]\d{0,2})\.json",
        r"log\.json",
        r"verify\.py",
        r"README\.txt",
    )
]
_MATCHING = _ORDER.index(next(pattern for pattern in _ORDER if "roster" in pattern.pattern))
_KINDS = ("roster", "recusals", "assignment", "certificate")


def build_bundle(files: Mapping[str, bytes]) -> bytes:
    """The archive of the named files, `README.txt` added where it is missing.

    Equal files give equal bytes: plan, transcript, frame, results, drawn lists and replacements, then by
    agency its
    roster, recusals, assignments and certificates, then log, verifier and README. Raises ValueError for
    other names.
    """
    contents = {"README.txt": README.encode(), **files}
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as bundle:
        for name in sorted(contents, key=_place):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            # The fastest level: digests and tickets hardly compress, and a list has a million of them.
            bundle.writestr(entry, contents[name], compresslevel=1)
    return archive.getvalue()


def _place(name: str) -> tuple[int, str, int, int]:
    for position, pattern in enumerate(_ORDER):
        match = pattern.fullmatch(name)
        if match is None:
            continue
        parts = match.groupdict()
        batch = int(parts.get("batch") or 0)
        if "agency" in parts and parts["agency"] not in (".", ".."):
            return _MATCHING, parts["agency"], _KINDS.index(parts["kind"]), batch
        if "agency" not in parts:
            return position, "", 0, batch
    raise ValueError(f"not a file of a bundle: {name!r}")
