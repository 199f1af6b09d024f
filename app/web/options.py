"""Flask's configuration, from the settings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from config import Settings


def flask_options(settings: Settings) -> dict[str, Any]:
    """Everything that Flask and its extensions read."""
    secure = settings.base_url.startswith("https://")
    testing = settings.env == "testing"
    return {
        "TESTING": testing,
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": _psycopg(settings.database_url or ""),
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "pool_pre_ping": True,
            "pool_size": 5,
            "max_overflow": 5,
            # Plans that know the values: one for all values reads a million rows for a word that is everywhere.
            "connect_args": {
                "options": "-c timezone=UTC -c statement_timeout=60000 -c plan_cache_mode=force_custom_plan"
            },
        },
        "RATELIMIT_ENABLED": not testing,
        "RATELIMIT_STORAGE_URI": "memory://",
        "AUTH_RATE_LIMITED": not testing,
        "AUTH_RATE_LIMIT": "30 per minute",
        "AUTH_TYPE": 1,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_NAME": "__Host-portal" if secure else "portal",
        # How long a session lives is decided by its row in the database; the cookie only must not end before it.
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=25),
        "WTF_CSRF_CHECK_DEFAULT": False,
        "WTF_CSRF_TIME_LIMIT": None,
        # Pages with a form are left as they are: compressing a secret beside what the sender chose betrays it.
        "COMPRESS_MIMETYPES": [
            "text/css",
            "text/javascript",
            "application/javascript",
            "image/svg+xml",
            "text/csv",
        ],
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "MAX_CONTENT_LENGTH": 64 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "BABEL_DEFAULT_LOCALE": "zh_CN",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
        "BABEL_DEFAULT_FOLDER": "translations",
        "LANGUAGES": {"zh_CN": {"flag": "cn", "name": "中文"}, "en": {"flag": "gb", "name": "English"}},
        "APP_NAME": "Evenhand",
        "FAB_UPDATE_PERMS": False,
        "FAB_CREATE_DB": False,
        "FAB_ADD_SECURITY_API": False,
        "FAB_ADD_SECURITY_VIEWS": True,
        "FAB_ADD_OPENAPI_VIEWS": False,
        "FAB_OPENAPI_SERVERS": [{"url": settings.base_url}],
        "FAB_API_MAX_PAGE_SIZE": 100,
        "JWT_ACCESS_TOKEN_EXPIRES": timedelta(hours=1),
        "JWT_REFRESH_TOKEN_EXPIRES": timedelta(hours=25),
        "ADDON_MANAGERS": [],
    }


def _psycopg(url: str) -> str:
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url
