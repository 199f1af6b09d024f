"""One metadata for Flask-AppBuilder's tables and ours, so that migrations see both."""

from __future__ import annotations

from flask_appbuilder import Model
from flask_sqlalchemy import SQLAlchemy

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
Model.metadata.naming_convention = NAMING

db = SQLAlchemy(
    metadata=Model.metadata,
    session_options={"expire_on_commit": False},
    engine_options={"pool_pre_ping": True, "pool_size": 5, "max_overflow": 5, "hide_parameters": True},
)


class Base(Model):
    """Base class of all our tables."""

    __abstract__ = True
