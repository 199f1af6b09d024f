"""A database on which the portal would not tell the truth is named before anything is written to it."""

from __future__ import annotations

import psycopg
import pytest

from app.supervisor import SupervisorError, check_server
from app.supervisor.ports import free_port
from tests.servers import create_database_from_template, drop_database, ensure_servers, server_admin_url


def made_with(options: str) -> str:
    """The URL of a database `odd` that was made with these options."""
    drop_database("odd")
    with psycopg.connect(server_admin_url(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE odd OWNER portal TEMPLATE template0 {options}")
    return ensure_servers().database_url.rpartition("/")[0] + "/odd"


@pytest.fixture(autouse=True)
def no_odd_database_stays() -> object:
    yield
    drop_database("odd")


def test_the_embedded_database_is_fit() -> None:
    check_server(create_database_from_template("fit"))


@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "POSIX"])
def test_a_libc_database_in_byte_order_is_fit(locale: str) -> None:
    check_server(made_with(f"ENCODING 'UTF8' LOCALE_PROVIDER libc LC_COLLATE '{locale}' LC_CTYPE '{locale}'"))


def test_another_encoding_is_refused() -> None:
    with pytest.raises(
        SupervisorError, match=r"database odd has the encoding EUC_CN.*CREATE DATABASE portal"
    ):
        check_server(made_with("ENCODING 'EUC_CN' LOCALE_PROVIDER libc LOCALE 'C'"))


def test_another_locale_is_refused() -> None:
    url = made_with("ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'PG_UNICODE_FAST'")
    with pytest.raises(SupervisorError, match=r"locale PG_UNICODE_FAST \(builtin\)"):
        check_server(url)


def test_an_old_server_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.supervisor.checks.OLDEST_VERSION", 99)
    with pytest.raises(SupervisorError, match=r"PostgreSQL 18; the portal needs 99 or newer"):
        check_server(ensure_servers().database_url)


def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    with pytest.raises(SupervisorError, match="does not let us in") as refusal:
        check_server(f"postgresql://portal:geheim@127.0.0.1:{free_port()}/portal", connect_seconds=2)
    assert "geheim" not in str(refusal.value)
    assert "\n" not in str(refusal.value)
