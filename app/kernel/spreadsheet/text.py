"""CSV and tab-separated text: UTF-8, UTF-16 with its mark, or GB 18030, read as a stream."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator

from app.kernel.spreadsheet import limits
from app.kernel.spreadsheet.cells import clean
from app.kernel.spreadsheet.rows import unreadable

_CHUNK = 1 << 20
_HEAD = 64 * 1024
_SURELY_UTF8 = 24
SEPARATORS = ",\t;|"


def encoding_of(content: bytes, file_name: str) -> str:
    """The encoding in which the whole text can be read.

    :raises Invalid: none; the row up to which UTF-8 was right is named, or that the text ends within a letter
    """
    if content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        names = ["utf-16"]
    else:
        names = ["utf-8-sig", "gb18030"]
    wrong: list[tuple[int, bool]] = []
    if len(names) > 1 and b"\x00" in content:
        raise unreadable("import_unreadable", file_name)
    for name in names:
        fault = _first_fault(content, name)
        if fault is None:
            return name
        wrong.append(fault)
        if name == "utf-8-sig" and _letters(content[: fault[0]]) >= _SURELY_UTF8:
            break
    if len(names) == 1:
        raise unreadable("import_unreadable", file_name)
    at, cut = max(wrong)
    row = content.count(b"\n", 0, at) + 1
    raise unreadable("import_cut_off" if cut else "import_encoding", file_name, row=row)


def _letters(content: bytes) -> int:
    """Bytes of letters beyond ASCII; so many that are right in UTF-8 are no accident of another encoding."""
    return sum(byte > 127 for byte in content[:_HEAD])


def _first_fault(content: bytes, name: str) -> tuple[int, bool] | None:
    """Where the first byte stands that is none, and whether the text just ends too early there."""
    decoder = codecs.getincrementaldecoder(name)()
    view = memoryview(content)
    at = 0
    try:
        for at in range(0, len(content), _CHUNK):
            if "\x00" in decoder.decode(bytes(view[at : at + _CHUNK])):
                return at, False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        if error.reason in ("unexpected end of data", "incomplete multibyte sequence", "truncated data"):
            return len(content), True
        return at + error.start, False
    return None


def text_rows(content: bytes, file_name: str) -> Iterator[list[str]]:
    """Every record, cells without the spaces around them. A record that spans lines is one row, as a spreadsheet
    shows it.

    :raises Invalid: no text in a known encoding, a quotation mark that is not closed, a cell beyond all measure
    """
    name = encoding_of(content, file_name)
    reader = csv.reader(
        io.TextIOWrapper(io.BytesIO(content), encoding=name, newline=""), delimiter=_separator(content, name)
    )
    number, line, spans = 0, 0, 0
    try:
        for cells in reader:
            number += 1
            spans = reader.line_num - line
            if spans > limits.MOST_LINES_OF_A_ROW:
                raise unreadable("import_open_quote", file_name, row=number)
            line = reader.line_num
            # Letters and figures alone: nothing to clean, and most cells are such.
            yield [cell if cell.isalnum() else clean(cell) for cell in cells]
    except csv.Error as error:
        raise unreadable("import_open_quote", file_name, row=number + 1) from error
    if spans > 1 and name != "utf-16" and content.count(b'"') % 2:
        raise unreadable("import_open_quote", file_name, row=number)


def _separator(content: bytes, name: str) -> str:
    """The sign that stands most often in the fullest of the first lines; a title above them does not count."""
    head = codecs.getincrementaldecoder(name)().decode(content[:_HEAD])
    lines = head.splitlines()[: limits.HEADING_WITHIN]
    counts = {sign: max((line.count(sign) for line in lines), default=0) for sign in SEPARATORS}
    return max(SEPARATORS, key=lambda sign: counts[sign])
