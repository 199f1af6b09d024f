"""The forms of an import."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length

from app.directories.rules import ImportMode

MODES = {
    ImportMode.UPDATE: _l("Add new rows, change those that differ"),
    ImportMode.ADD: _l("Only add new rows"),
    ImportMode.SYNC: _l("The file is complete: besides, close what it lacks"),
}


class ImportForm(FlaskForm):
    file = FileField(
        _l("File"),
        [FileRequired(message=_l("Please choose a file."))],
        description=_l(
            "XLSX, or CSV in UTF-8 or GB 18030, at most %(most)s MB and 1,000,000 rows. "
            "Nothing is changed before you have seen the result.",
            most=256,
        ),
        render_kw={"accept": ".xlsx,.xls,.ods,.csv,.txt,.tsv"},
    )
    mode = RadioField(_l("What to do with the rows"), default=ImportMode.UPDATE.value)

    def offer(self, modes: Iterable[ImportMode]) -> None:
        self.mode.choices = [(mode.value, MODES[mode]) for mode in modes]


class ChoiceForm(FlaskForm):
    """Sheets and columns are read from the request itself: their number is the file's."""

    key = RadioField(_l("How known rows are recognised"))
    mode = RadioField(_l("What to do with the rows"))


class UndoImportForm(FlaskForm):
    reason = StringField(_l("Reason"), [InputRequired(), Length(min=2, max=300)])
