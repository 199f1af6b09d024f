"""Before a workbook is opened: how big it really is, counted while unpacking and thrown away at once.

What the archive declares is not believed. The size of a sheet is told by its last row and its widest cell, as
the reader lays out the whole rectangle between them.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib

from app.kernel.spreadsheet import limits
from app.kernel.spreadsheet.rows import unreadable

_CHUNK = 1 << 20
_OVERLAP = 64
_ROW = re.compile(rb'<(?:\w+:)?row [^>]*?\br="(\d{1,8})"')
_WIDE = re.compile(rb' r="([A-Z]{2,3})\d')
_NARROW_WIDTH = 26


def check_archive(content: bytes, file_name: str) -> None:
    """:raises Invalid: no whole archive, a bomb, or sheets too wide or too big to lay out"""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, struct.error) as error:
        raise unreadable("import_broken", file_name) from error
    if sum(entry.file_size for entry in entries) > limits.MOST_UNPACKED:
        raise _bomb(file_name)
    unpacked = 0
    for entry in entries:
        unpacked += _measure(content, entry, limits.MOST_UNPACKED - unpacked, file_name)


def _bomb(file_name: str) -> Exception:
    return unreadable("import_bomb", file_name, most=limits.MOST_UNPACKED // 2**20)


def _measure(content: bytes, entry: zipfile.ZipInfo, left: int, file_name: str) -> int:
    """Bytes of the entry when unpacked, at most one chunk more than `left`."""
    body = _body(content, entry, file_name)
    is_sheet = "worksheets/" in entry.filename and entry.filename.endswith(".xml")
    if entry.compress_type == zipfile.ZIP_STORED:
        _check_rectangle(_last_row(body[-_CHUNK:], 0), _width(body, 0), entry, is_sheet, file_name)
        return len(body)
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        raise unreadable("import_unreadable", file_name)
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    size = last = width = 0
    tail, fed = b"", bytes(body)
    try:
        while fed and not inflate.eof:
            piece = inflate.decompress(fed, _CHUNK)
            fed = inflate.unconsumed_tail
            size += len(piece)
            if size > left:
                raise _bomb(file_name)
            if is_sheet:
                seen = tail + piece
                width = _width(seen, width)
                last = _last_row(seen, last)
                tail = seen[-_OVERLAP:]
    except zlib.error as error:
        raise unreadable("import_broken", file_name) from error
    _check_rectangle(last, width, entry, is_sheet, file_name)
    return size


def _body(content: bytes, entry: zipfile.ZipInfo, file_name: str) -> memoryview:
    """The packed bytes of an entry, behind its local header."""
    start = entry.header_offset
    header = content[start : start + 30]
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise unreadable("import_broken", file_name)
    name, extra = struct.unpack("<HH", header[26:30])
    begin = start + 30 + name + extra
    return memoryview(content)[begin : begin + entry.compress_size]


def _last_row(seen: bytes | memoryview, known: int) -> int:
    """Rows stand in order, so the last mention counts."""
    data = bytes(seen)
    at = data.rfind(b"<row ")
    found = _ROW.findall(data[at:]) if at >= 0 else _ROW.findall(data)
    return max(known, int(found[-1])) if found else known


def _width(seen: bytes | memoryview, known: int) -> int:
    wide = set(_WIDE.findall(seen))
    return max([known, *(_column(letters) for letters in wide)])


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _check_rectangle(last: int, width: int, entry: zipfile.ZipInfo, is_sheet: bool, file_name: str) -> None:
    if not is_sheet:
        return
    sheet = entry.filename.rpartition("/")[2].removesuffix(".xml")
    width = max(width, _NARROW_WIDTH)
    if width > limits.MOST_COLUMNS:
        raise unreadable(
            "import_too_wide", file_name, sheet=sheet, row=None, found=width, most=limits.MOST_COLUMNS
        )
    if last * width > limits.MOST_CELLS:
        raise unreadable("import_too_many_cells", file_name, sheet=sheet, row=last, rows=last, columns=width)
