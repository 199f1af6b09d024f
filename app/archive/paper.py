"""A paper in the layout of official documents (GB/T 9704-2012): A4, title in No. 2, text in No. 3."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from app.archive.packing import fixed_again

TITLE, HEADING, TEXT = "方正小标宋简体", "黑体", "仿宋_GB2312"
TITLE_SIZE, TEXT_SIZE, TABLE_SIZE = 22, 16, 10.5
LINE = 28


class Paper:
    """Write from top to bottom, then take `content()`. `made_at` stands in the properties: equal bytes."""

    def __init__(self, title: str, author: str, made_at: datetime) -> None:
        self._document = Document()
        section = self._document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        properties = self._document.core_properties
        properties.title, properties.author, properties.comments = title, author, ""
        properties.last_modified_by, properties.keywords = author, ""
        properties.created = properties.modified = made_at.replace(tzinfo=None, microsecond=0)
        style = self._document.styles["Normal"]
        style.font.name, style.font.size = TEXT, Pt(TEXT_SIZE)
        style.element.rPr.rFonts.set(qn("w:eastAsia"), TEXT)

    def title(self, text: str, number: str = "") -> None:
        """The title of the paper, or of its next part."""
        paragraph = self._paragraph(WD_ALIGN_PARAGRAPH.CENTER)
        _run(paragraph, text, TITLE, TITLE_SIZE)
        if number:
            _run(self._paragraph(WD_ALIGN_PARAGRAPH.CENTER), number, TEXT, TEXT_SIZE)
        self._paragraph()

    def heading(self, text: str) -> None:
        paragraph = self._paragraph()
        paragraph.paragraph_format.first_line_indent = Pt(2 * TEXT_SIZE)
        _run(paragraph, text, HEADING, TEXT_SIZE)

    def text(self, text: str) -> None:
        """Paragraphs, one per line, indented by two characters."""
        for line in text.split("\n"):
            paragraph = self._paragraph()
            paragraph.paragraph_format.first_line_indent = Pt(2 * TEXT_SIZE)
            _run(paragraph, line, TEXT, TEXT_SIZE)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        found = [list(columns), *([str(cell) for cell in row] for row in rows)]
        table = self._document.add_table(rows=len(found), cols=len(columns))
        table.style = "Table Grid"
        # Asking a table for one cell reads all of it; a row's cells are read once.
        for number, (row, cells) in enumerate(zip(table.rows, found, strict=True)):
            for cell, text in zip(row.cells, cells, strict=True):
                _run(cell.paragraphs[0], text, HEADING if number == 0 else TEXT, TABLE_SIZE)
        self._paragraph()

    def signature(self, agency: str, day: str) -> None:
        for text in (agency, day):
            paragraph = self._paragraph(WD_ALIGN_PARAGRAPH.RIGHT)
            paragraph.paragraph_format.right_indent = Pt(2 * TEXT_SIZE)
            _run(paragraph, text, TEXT, TEXT_SIZE)

    def new_page(self) -> None:
        self._document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)

    def content(self) -> bytes:
        out = BytesIO()
        self._document.save(out)
        return fixed_again(out.getvalue())

    def _paragraph(self, alignment: WD_ALIGN_PARAGRAPH | None = None) -> Paragraph:
        paragraph = self._document.add_paragraph()
        shape = paragraph.paragraph_format
        shape.space_before = shape.space_after = Pt(0)
        shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(LINE)
        if alignment is not None:
            paragraph.alignment = alignment
        return paragraph


def _run(paragraph: Paragraph, text: str, font: str, size: float) -> Run:
    run = paragraph.add_run(text)
    run.font.name, run.font.size = font, Pt(size)
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)
    return run
