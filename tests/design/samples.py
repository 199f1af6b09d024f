"""A small Flask application with our templates and invented samples; no database."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import Babel
from flask_wtf import CSRFProtect, FlaskForm
from markupsafe import Markup
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired

from app.security.protection.showing import Shown
from tests.design.templates import APP, STATIC, TEMPLATES

GALLERY = Path(__file__).with_name("gallery.html")


class SampleForm(FlaskForm):
    name = StringField("名称", [DataRequired("请填写名称")], description="营业执照上的名称")
    kind = SelectField("类别", choices=[("a", "企业"), ("b", "个体工商户")])
    outcome = RadioField("结果", choices=[("ok", "未发现问题"), ("bad", "发现问题")])
    since = DateField("成立日期")
    visits = IntegerField("本年入户")
    note = TextAreaField("备注")
    active = BooleanField("存续")


def make_app(translations: Path) -> Flask:
    """The application in the language of its config `BABEL_DEFAULT_LOCALE`."""
    folder = translations / "zh" / "LC_MESSAGES"
    folder.mkdir(parents=True, exist_ok=True)
    with (APP / "translations" / "design.zh.po").open("rb") as po, (folder / "messages.mo").open("wb") as mo:
        write_mo(mo, read_po(po, locale="zh_CN", abort_invalid=True))
    app = Flask("design", template_folder=str(TEMPLATES), static_folder=str(STATIC))
    app.config.update(
        SECRET_KEY="only-for-tests",
        TESTING=True,
        BABEL_DEFAULT_LOCALE="zh_CN",
        BABEL_TRANSLATION_DIRECTORIES=str(translations),
    )
    Babel(app, locale_selector=lambda: app.config["BABEL_DEFAULT_LOCALE"])
    CSRFProtect(app)
    return app


def portal(locale: str = "zh_CN") -> dict[str, Any]:
    """What the application's context processor gives to every page."""
    return {
        "menu": [
            {
                "label": "",
                "items": [{"label": "工作台", "url": "/", "icon": "home", "count": 6, "is_bad": True}],
            },
            {
                "label": "准备",
                "items": [{"label": "名录库", "url": "/targets", "icon": "users", "current": True}],
            },
        ],
        "user": {
            "name": "周敏",
            "initials": "周",
            "membership_label": "市市场监管局 · 经办人",
            "memberships": [
                {"id": 1, "label": "市市场监管局", "current": True},
                {"id": 2, "label": "联席办", "current": False},
            ],
        },
        "region_name": "银川市",
        "messages_count": 4,
        "banners": [{"kind": "demo", "text": "演示数据"}, {"kind": "practice", "text": "演练"}],
        "help_url": "/help/x",
        "now": datetime(2026, 11, 23, 7, 20, tzinfo=timezone.utc),
        "languages": [
            {"code": "zh_CN", "label": "中文", "url": "/me/language/zh_CN", "post": True},
            {"code": "en", "label": "English", "url": "/me/language/en", "post": True},
        ],
        "locale": locale,
    }


def context() -> dict[str, Any]:
    """The samples of the gallery; needs a request, because the form carries a token."""
    form = SampleForm(formdata=None, data={"name": "", "visits": 2})
    form.validate()
    pins = [{"text": "2", "title": "逾期 2 项", "url": "#", "kind": "bad"}]
    days = [
        {
            "weekday": "一二三四五六日"[n % 7],
            "day": n + 1,
            "is_today": n == 0,
            "is_off": n % 7 > 4,
            "pins": pins if n == 0 else [],
        }
        for n in range(28)
    ]
    qr = Markup(
        '<svg viewBox="0 0 3 3" role="img" aria-label="QR"><path d="M0 0h1v1h-1zM2 2h1v1h-1z"/></svg>'
    )
    return {
        "sample_form": form,
        "days": days,
        "qr_svg": qr,
        "phone": Shown("联系电话", "139****0001", True, "#"),
        "may": lambda *pair: False,
    }
