"""Zip files whose bytes depend on their contents alone: fixed times, fixed order, fixed attributes."""

from __future__ import annotations

import csv
import hashlib
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any

from app.kernel.workbook import harmless

_EPOCH = (1980, 1, 1, 0, 0, 0)
CONTENTS = "contents.csv"


@dataclass(frozen=True)
class Piece:
    """One file of a dossier. `title` is what the list of contents says, in Chinese."""

    path: str
    title: str
    content: bytes

    def line(self, number: int) -> dict[str, Any]:
        digest = hashlib.sha256(self.content).hexdigest()
        return {
            "no": number,
            "path": self.path,
            "title": self.title,
            "bytes": len(self.content),
            "sha256": digest,
        }


def fixed_zip(files: Iterable[tuple[str, bytes]]) -> bytes:
    """The files in the given order; equal files give equal bytes."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content, compresslevel=6)
    return out.getvalue()


def fixed_again(package: bytes) -> bytes:
    """A zip file (a .docx) written anew with fixed times, its order kept."""
    with zipfile.ZipFile(BytesIO(package)) as archive:
        return fixed_zip([(info.filename, archive.read(info)) for info in archive.infolist()])


def write_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """UTF-8 with mark; cells that a spreadsheet would take for a formula are quoted."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([harmless(row.get(column)) for column in columns] for row in rows)
    return ("\ufeff" + out.getvalue()).encode()


def contents_csv(lines: Iterable[Mapping[str, Any]]) -> bytes:
    return write_csv(("no", "path", "title", "bytes", "sha256"), lines)
