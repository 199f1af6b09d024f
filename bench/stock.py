"""The stock list views of Flask-AppBuilder and Flask-Admin over the portal's table, in applications of their own.

What a developer gets who registers a model and names the columns: plain columns, no relations (with one, they read
a row more per row), ordered by name, fifty a page. Nobody logs in there: everything is public.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Flask
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView as AdminView
from flask_appbuilder import AppBuilder
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.views import ModelView
from flask_babel import Babel
from sqlalchemy import Engine, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, scoped_session, sessionmaker

COLUMNS = ["name", "code", "kind", "region_id", "industry_code", "risk_class", "status", "last_checked_on"]
PAGE = 50


class Base(DeclarativeBase):
    metadata = MetaData()


class Plain(Base):
    """The table as it is, without the portal's walls and sealed columns."""

    __tablename__ = "target"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    code: Mapped[str]
    kind: Mapped[str]
    region_id: Mapped[int]
    industry_code: Mapped[str | None]
    risk_class: Mapped[str]
    status: Mapped[str]
    last_checked_on: Mapped[date | None]


def session_on(engine: Engine) -> scoped_session[Any]:
    from app.security.scope import Scope

    return scoped_session(sessionmaker(engine, info={"scope": Scope.system("stock view")}))


def appbuilder_app(engine: Engine, url: str) -> Flask:
    app = Flask("stock_appbuilder")
    app.config.update(
        SECRET_KEY="k" * 32,
        SQLALCHEMY_DATABASE_URI=url,
        WTF_CSRF_ENABLED=False,
        AUTH_ROLE_PUBLIC="Admin",
        FAB_CREATE_DB=False,
        RATELIMIT_ENABLED=False,
    )

    class PlainView(ModelView):
        datamodel = SQLAInterface(Plain)
        list_columns = COLUMNS
        search_columns = ["name", "code", "kind", "status", "risk_class"]
        base_order = ("name", "asc")
        page_size = PAGE

    with app.app_context():
        builder = AppBuilder()
        builder.init_app(app, session_on(engine))
        builder.add_view(PlainView, "Plain")
    return app


def admin_app(engine: Engine) -> Flask:
    app = Flask("stock_admin")
    app.config.update(SECRET_KEY="k" * 32)

    class PlainView(AdminView):
        column_list = COLUMNS
        column_searchable_list = ["name"]
        column_filters = ["kind", "status", "risk_class"]
        column_default_sort = "name"
        page_size = PAGE
        can_export = True
        named_filter_urls = True

    Babel(app)
    Admin(app).add_view(PlainView(Plain, session_on(engine), endpoint="plain"))
    return app
