"""Flask-AppBuilder's widgets and Flask-Admin's views, rendered from our templates on rows in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_admin import Admin
from flask_admin.model import BaseModelView
from flask_admin.model.filters import BaseFilter
from flask_admin.theme import Bootstrap4Theme
from flask_appbuilder.fieldwidgets import (
    BS3TextAreaFieldWidget,
    BS3TextFieldWidget,
    DatePickerWidget,
    DateTimePickerWidget,
    Select2AJAXWidget,
    Select2Widget,
)
from flask_appbuilder.widgets import FormWidget, ListWidget, SearchWidget, ShowWidget
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, DateTimeField, Form, SelectField, StringField
from wtforms.validators import DataRequired

from tests.design import samples

INLINE = re.compile(r"<[a-z][^>]*\s(?:style|on[a-z]+)=|javascript:|<script(?![^>]*src=)")


class TargetForm(FlaskForm):
    name = StringField("名称", [DataRequired()], description="营业执照上的名称", widget=BS3TextFieldWidget())
    agency = SelectField("主管部门", choices=[("1", "市教育局"), ("2", "市商务局")], widget=Select2Widget())
    parent = StringField("上级", widget=Select2AJAXWidget("/lookup"))
    founded = DateField("成立日期", widget=DatePickerWidget())
    seen = DateTimeField("最近检查", widget=DateTimePickerWidget())
    note = StringField("备注", widget=BS3TextAreaFieldWidget())
    active = BooleanField("存续")


COLUMNS = ["name", "agency", "parent", "founded", "seen", "note", "active"]


class Filters:
    """As much of Flask-AppBuilder's filters as the search widget asks."""

    def __init__(self, active: list[tuple[str, str, str]] | None = None) -> None:
        self._active = active or []

    def get_search_filters(self) -> dict[str, list[Any]]:
        return {c: [SimpleNamespace(name="等于"), SimpleNamespace(name="不等于")] for c in COLUMNS}

    def get_filters_values_tojson(self) -> list[tuple[str, str, str]]:
        return self._active

    def get_filters_values(self) -> list[Any]:
        return []


@pytest.fixture(scope="module")
def fab_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    app = samples.make_app(tmp_path_factory.mktemp("translations"))
    app.jinja_env.filters.update(
        is_item_visible=lambda permission, view: True,
        safe_url_for=lambda endpoint, **values: f"/{endpoint}/{values.get('pk', '')}",
        set_link_filters=lambda path, filters: path,
        get_actions_on_list=lambda actions, view: actions,
        get_actions_on_show=lambda actions, view: actions,
        get_link_order=lambda column, view: 2 if column == "name" else 0,
        link_order=lambda column, view: f"?_oc_{view}={column}",
        link_page=lambda page, view: f"?page_{view}={page}",
        link_page_size=lambda size, view: f"?psize_{view}={size}",
    )
    app.add_url_rule("/back", "UtilView.back", lambda: "")
    return app


@pytest.fixture
def page(fab_app: Flask) -> Iterator[None]:
    with fab_app.test_request_context("/targets/list/?_flt_1_name=a%26b&_oc_T=name&page_T=3"):
        yield


def _list(**changes: Any) -> str:
    action = SimpleNamespace(name="mark", text="Mark", icon="fa-check", confirmation="Sure?")
    arguments: dict[str, Any] = {
        "label_columns": {"name": "名称", "active": "存续"},
        "include_columns": ["name", "active"],
        "order_columns": ["name"],
        "value_columns": [{"name": "<b>甲</b>", "active": True}, {"name": "乙", "active": None}],
        "pks": [7, 8],
        "page": 1,
        "page_size": 25,
        "count": 80,
        "actions": {"mark": action},
        "filters": Filters(),
        "formatters_columns": {},
        "modelview_name": "T",
    }
    return str(ListWidget(**{**arguments, **changes})())


def test_a_list_has_rows_actions_and_a_pager(page: None) -> None:
    html = _list()
    assert not INLINE.search(html)
    assert "&lt;b&gt;甲" in html
    assert '<td data-label="存续">是</td>' in html
    assert '<td data-label="存续">—</td>' in html
    assert html.count('form="bulk-T"') == 2
    assert '<button class="btn btn-plain btn-sm" type="submit" name="action" value="mark"' in html
    assert re.search(r'<th scope="col" aria-sort="ascending"><a href="\?_oc_T=name">名称', html)
    assert 'href="?page_T=0"' in html
    assert 'href="?page_T=2"' in html
    assert "第 26 至 50 行" in html


def test_deleting_is_a_post_in_two_steps(page: None) -> None:
    html = _list()
    forms = re.findall(r'<form method="post" action="/T.delete/(\d)"[^>]*>(.*?)</form>', html, re.S)
    assert [pk for pk, _ in forms] == ["7", "8"]
    assert all('name="csrf_token"' in body for _, body in forms)


def test_an_empty_list_says_so(page: None) -> None:
    assert "没有记录" in _list(count=0, value_columns=[], pks=[])


def _search(active: list[tuple[str, str, str]]) -> str:
    form = TargetForm()
    return str(SearchWidget(form=form, include_cols=COLUMNS, filters=Filters(active))())


def test_each_search_column_is_a_row_of_a_get_form(page: None) -> None:
    html = _search([])
    assert not INLINE.search(html)
    assert html.count('class="eh-frow"') == len(COLUMNS)
    assert '<option value="_flt_1_name">不等于</option>' in html
    assert re.search(r'name="_flt_0_founded" data-filter-field value="" type="date"', html)
    assert 'data-lookup="/lookup"' in html
    assert '<input type="hidden" name="_oc_T" value="name">' in html
    assert "page_T" not in html


def test_an_active_filter_is_a_chip_that_can_be_taken_off(page: None) -> None:
    html = _search([("name", "不等于", "a&b"), ("agency", "等于", "2")])
    assert '<option value="_flt_1_name" selected>' in html
    assert "<b>a&amp;b</b>" in html
    assert "<b>市商务局</b>" in html
    removal = re.search(r'<a class="x" href="([^"]*)" aria-label="移除筛选 名称 不等于"', html)
    assert removal is not None
    assert removal.group(1) == "/targets/list/?_oc_T=name"


def test_a_form_works_without_the_packages_scripts(page: None) -> None:
    form = TargetForm(formdata=None)
    form.validate()
    html = str(FormWidget(form=form, include_cols=COLUMNS, exclude_cols=[], fieldsets=None)())
    assert not INLINE.search(html)
    assert html.count('name="csrf_token"') == 1
    assert re.search(r'<input class="form-control" type="date" id="founded"', html)
    assert re.search(r'<input class="form-control" type="text" id="seen"[^>]*data-module="datetime"', html)
    assert re.search(r'<select [^>]*class="form-select"[^>]*id="agency"', html)
    assert re.search(r'<select class="form-select" id="parent"[^>]*data-lookup="/lookup"', html)
    assert " placeholder=" not in html
    assert '<a href="#name">' in html


def test_a_record_shows_yes_no_and_nothing(page: None) -> None:
    widget = ShowWidget(
        pk=7,
        label_columns={"active": "存续", "note": "备注"},
        include_columns=["active", "note"],
        value_columns=[False, None],
        formatters_columns={},
        actions={},
        fieldsets=None,
        modelview_name="T",
    )
    html = str(widget())
    assert not INLINE.search(html)
    assert "<dt>存续</dt><dd>否</dd><dt>备注</dt><dd>—</dd>" in html


@dataclass
class Row:
    id: int
    name: str


class NameFilter(BaseFilter):
    def apply(self, query: Any, value: Any) -> Any:
        return query

    def operation(self) -> str:
        return "contains"


class RowForm(Form):
    name = StringField("Name", [DataRequired()])


class RowView(BaseModelView):
    """Flask-Admin's own view over a list in memory."""

    column_list = ["name"]
    can_view_details = True
    can_export = True
    can_set_page_size = True
    page_size = 20
    rows = [Row(n, f"行 {n}") for n in range(1, 46)]

    def get_pk_value(self, model: Row) -> int:
        return model.id

    def scaffold_list_columns(self) -> list[str]:
        return ["name"]

    def scaffold_sortable_columns(self) -> dict[str, str]:
        return {"name": "name"}

    def scaffold_form(self) -> type[Form]:
        return RowForm

    def scaffold_list_form(self, *args: Any, **kwargs: Any) -> type[Form]:
        return RowForm

    def init_search(self) -> bool:
        return True

    def scaffold_filters(self, name: str) -> list[BaseFilter]:
        return [NameFilter(name)]

    def get_list(self, page: int | None, *args: Any, **kwargs: Any) -> tuple[int, list[Row]]:
        start = (page or 0) * self.page_size
        return len(self.rows), self.rows[start : start + self.page_size]

    def get_one(self, id: str) -> Row:
        return self.rows[int(id) - 1]

    def create_model(self, form: Form) -> bool:
        return False

    def update_model(self, form: Form, model: Row) -> bool:
        return False

    def delete_model(self, model: Row) -> bool:
        return False


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    app = samples.make_app(tmp_path_factory.mktemp("translations"))
    app.context_processor(lambda: {"portal": samples.portal()})
    admin = Admin(app, name="系统控制台", url="/ops", endpoint="ops", theme=Bootstrap4Theme())
    RowView.column_filters = [NameFilter("Name")]
    admin.add_view(RowView(Row, name="任务队列", endpoint="rows"))
    return app.test_client()


@pytest.mark.parametrize(
    "path", ["/ops/", "/ops/rows/", "/ops/rows/new/", "/ops/rows/edit/?id=2", "/ops/rows/details/?id=2"]
)
def test_a_page_of_the_console_is_ours(console: FlaskClient, path: str) -> None:
    answer = console.get(path)
    assert answer.status_code == 200
    assert not INLINE.search(answer.text)
    assert 'class="eh-app"' in answer.text
    assert "bootstrap.min.js" not in answer.text
    assert "jquery" not in answer.text


def test_the_consoles_list_has_search_filters_and_a_pager(console: FlaskClient) -> None:
    html = console.get("/ops/rows/?page=1&search=x&flt0_0=y").text
    assert '<option value="flt0_0" selected>contains</option>' in html
    assert re.search(r'name="flt0_0" data-filter-field value="y"', html)
    assert "第 2 页，共 3 页" in html
    assert re.search(r'<form method="post" action="/ops/rows/delete/"', html)


def test_the_consoles_form_shows_its_errors(console: FlaskClient) -> None:
    console.application.config["WTF_CSRF_ENABLED"] = False
    html = console.post("/ops/rows/new/", data={"name": ""}).text
    assert '<a href="#name">Name: ' in html
    assert 'aria-invalid="true"' in html
