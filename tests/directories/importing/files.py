"""Files and outcomes for the tests of imports."""

from __future__ import annotations

import io

import xlsxwriter

from app.directories.importing import services
from app.directories.importing.jobs import import_file
from app.directories.rules import ImportMode
from app.kernel.identifiers import make_uscc

HEADINGS = ("名称", "统一社会信用代码", "住所", "法定代表人", "联系人", "联系电话", "行政区域")


def code(number, kind="1", region="640104"):
    return make_uscc("9", kind, region, f"YY{number:06d}")


def row(number, **changes):
    values = {
        "名称": f"导入第{number}号示例",
        "统一社会信用代码": code(number),
        "住所": "银川市兴庆区解放街一号",
        "法定代表人": "张三示例",
        "联系人": "李四示例",
        "联系电话": "10900000000",
        "行政区域": "兴庆区",
        **changes,
    }
    return [values[name] for name in HEADINGS]


def csv_of(rows, headings=HEADINGS, encoding="utf-8"):
    lines = [",".join(headings), *(",".join(map(str, cells)) for cells in rows)]
    return "\n".join(lines).encode(encoding)


def xlsx_of(sheets, hidden=(), merged=()):
    """`merged`: (sheet, first row, first column, last row, last column, value)."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for y, cells in enumerate(rows):
                for x, cell in enumerate(cells):
                    sheet.write(y, x, cell)
            if name in hidden:
                sheet.hide()
            for where, *place, value in merged:
                if where == name:
                    sheet.merge_range(*place, value)
    return out.getvalue()


def receive(unit, content, name="a.csv", kind="targets", mode=ImportMode.UPDATE, agency_id=None):
    return services.receive(unit, kind, content, name, mode=mode, agency_id=agency_id)


def work(unit, run, most=100):
    """Do what the worker would do until nothing is left."""
    for _ in range(most):
        if not run.is_busy:
            return run
        step = "commit" if run.state == "committing" else "check" if run.attempt else "look"
        args = {"run": run.id, "step": step, "attempt": run.attempt, "skip_bad": True}
        import_file(unit, args, lambda done, total=None: None)
    raise AssertionError("the import does not end")
