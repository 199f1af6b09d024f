"""How dates, times and event tags are written on pages."""

from __future__ import annotations

from datetime import date, datetime

from flask import Flask
from flask_babel import format_date
from flask_babel import gettext as _

from app.audit.names import event_name
from app.kernel.clock import SHANGHAI
from app.security.login.agents import browser_name


def local(at: datetime) -> datetime:
    return at.astimezone(SHANGHAI)


def local_time(at: datetime | None) -> str:
    return local(at).strftime("%H:%M") if at else ""


def local_day(at: datetime | None) -> str:
    return local(at).strftime("%m-%d") if at else ""


def local_minute(at: datetime | None) -> str:
    """`2026-11-23 09:05`, empty for none."""
    return local(at).strftime("%Y-%m-%d %H:%M") if at else ""


def local_second(at: datetime | None) -> str:
    """`2026-11-23 09:05:12`: where the order within a minute matters."""
    return local(at).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def date_long(day: date) -> str:
    return format_date(day, "full")


def weekday(day: date) -> str:
    """One sign in Chinese, three letters in English."""
    return format_date(day, "EEEEE" if _("language code") == "zh" else "EEE")


def install(app: Flask) -> None:
    app.add_template_filter(event_name)
    app.add_template_filter(browser_name)
    for name in ("local_time", "local_day", "local_minute", "local_second", "date_long", "weekday"):
        app.add_template_filter(globals()[name], name)
