"""Tables of a web page: many systems hand out HTML under the name of an XLS."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree  # type: ignore[import-untyped]
from lxml import html as parser

from app.kernel.spreadsheet import limits
from app.kernel.spreadsheet.cells import clean
from app.kernel.spreadsheet.rows import unreadable

_HTML = re.compile(
    rb"^\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|table|head|meta)\b", re.I | re.S
)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.I)
_MOST = 32 * 1024 * 1024
_MOST_SPAN = 1000
Table = list[list[str]]


def is_html(content: bytes) -> bool:
    return _HTML.match(content.removeprefix(b"\xef\xbb\xbf")[:4096]) is not None


def html_sheets(content: bytes, file_name: str) -> Iterator[tuple[str, Table]]:
    """Every table that stands in no other one, spans filled; the name is its caption or its number."""
    if len(content) > _MOST:
        raise unreadable("import_too_big", file_name, most=_MOST // 2**20)
    try:
        page = parser.document_fromstring(
            _decoded(content, file_name), parser=parser.HTMLParser(no_network=True, huge_tree=True)
        )
    except (etree.ParserError, ValueError) as error:
        raise unreadable("import_unreadable", file_name) from error
    tables = page.xpath("//table[not(ancestor::table)]")
    if not tables:
        raise unreadable("import_unreadable", file_name)
    for number, table in enumerate(tables, 1):
        caption = " ".join(table.xpath("string(./caption)").split())
        yield caption or (str(number) if len(tables) > 1 else ""), _rows(table)


def _decoded(content: bytes, file_name: str) -> str:
    told = _CHARSET.search(content[:4096])
    names = ["utf-8-sig", "gb18030"]
    if told and told.group(1).lower().startswith((b"gb", b"x-gb")):
        names.reverse()
    for name in names:
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        return re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    raise unreadable("import_encoding", file_name)


def _rows(table: parser.HtmlElement) -> Table:
    """`rowspan` and `colspan` repeat their text, as merged cells do."""
    rows: Table = []
    hanging: dict[int, tuple[int, str]] = {}
    for line in table.xpath("./tr|./thead/tr|./tbody/tr|./tfoot/tr"):
        cells: list[str] = []
        for cell in line.xpath("./td|./th"):
            _hang(cells, hanging)
            text = clean(" ".join(cell.text_content().split()))
            down = _span(cell.get("rowspan"))
            for _ in range(_span(cell.get("colspan"))):
                if down > 1:
                    hanging[len(cells)] = (down, text)
                cells.append(text)
        _hang(cells, hanging)
        hanging = {at: (left - 1, text) for at, (left, text) in hanging.items() if left > 1}
        rows.append(cells[: limits.MOST_COLUMNS])
    return rows


def _hang(cells: list[str], hanging: dict[int, tuple[int, str]]) -> None:
    while len(cells) in hanging:
        cells.append(hanging[len(cells)][1])


def _span(text: str | None) -> int:
    return (
        min(int(text), _MOST_SPAN)
        if text and text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0
        else 1
    )
