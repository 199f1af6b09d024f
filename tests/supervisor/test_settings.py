"""`config.py`: what is read, what is refused, and with which sentence."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from config import SettingsError, SmtpSettings, child_environment, load_settings, on_port, on_servers

PRODUCTION = {
    "PORTAL_ENV": "production",
    "DATABASE_URL": "postgresql://p@db/portal",
    "REDIS_URL": "redis://cache/0",
    "SECRET_KEY": "0123456789abcdef",
    "PORTAL_DATA_KEY_FILE": "/etc/portal/data_keys.json",
}


def load(home: Path, **environ: str):  # type: ignore[no-untyped-def]
    return load_settings({"PORTAL_HOME": str(home), **environ})


def test_nothing_given_means_embedded_servers_and_a_kept_secret(tmp_path: Path) -> None:
    settings = load(tmp_path / "新 home")
    assert (settings.database_url, settings.redis_url, settings.smtp) == (None, None, None)
    assert (settings.embedded, settings.env) == (True, "development")
    assert (settings.host, settings.port, settings.port_is_explicit) == ("127.0.0.1", 8080, False)
    assert settings.base_url == "http://127.0.0.1:8080"
    assert load(tmp_path / "新 home").secret_key == settings.secret_key
    assert len(settings.secret_key) == 64
    assert (settings.home / "secret_key").stat().st_mode & 0o777 == 0o600


def test_settings_are_frozen(tmp_path: Path) -> None:
    with pytest.raises(FrozenInstanceError):
        load(tmp_path).port = 1


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PORTAL_DATA_KEY_FILE"])
def test_production_without_a_secret_stops_and_names_it(name: str, tmp_path: Path) -> None:
    given = {key: value for key, value in PRODUCTION.items() if key != name}
    with pytest.raises(SettingsError, match=f"production, and {name} must be set"):
        load(tmp_path / "untouched", **given)
    assert not (tmp_path / "untouched").exists()


def test_production_with_everything_keeps_no_secret_on_disk(tmp_path: Path) -> None:
    settings = load(tmp_path, **PRODUCTION)
    assert not settings.embedded
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORTAL_ENV", "prod", "PORTAL_ENV is 'prod'"),
        ("PORT", "http", "PORT is 'http'; it must be a whole number from 1 to 65535"),
        ("PORT", "70000", "PORT is '70000'"),
        ("PORT", "８０", "PORT is"),
        ("PORTAL_WEB_WORKERS", "0", "PORTAL_WEB_WORKERS is '0'"),
        ("DATABASE_URL", "sqlite:///x.db", "PostgreSQL only"),
        ("DATABASE_URL", "postgresql://", "DATABASE_URL must begin"),
        ("REDIS_URL", "localhost:6379", "REDIS_URL must begin"),
        ("PORTAL_DATA_CIPHER", "des", "PORTAL_DATA_CIPHER is 'des'; it must be aes-256-gcm or sm4-gcm"),
        ("PORTAL_CLOCK", "tomorrow", "PORTAL_CLOCK must be"),
        ("SMTP_URL", "mail.example", "SMTP_URL must look like"),
        ("SMTP_URL", "smtp://host:mail", "SMTP_URL must look like"),
        ("PORTAL_HOME", "/proc/nowhere", "PORTAL_HOME /proc/nowhere cannot be made"),
    ],
)
def test_a_bad_value_is_named_in_a_sentence(name: str, value: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=sentence) as refusal:
        load(tmp_path, **{name: value})
    assert str(refusal.value).endswith(".")


def test_a_short_secret_is_refused_in_production(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY must have at least 16"):
        load(tmp_path, **{**PRODUCTION, "SECRET_KEY": "short"})


def test_mail_server(tmp_path: Path) -> None:
    smtp = load(tmp_path, SMTP_URL="smtp+starttls://u%40x:p%2Fw@mail.example").smtp
    assert smtp == SmtpSettings("mail.example", 587, "u@x", "p/w", "starttls", "portal@mail.example")
    plain = load(tmp_path, SMTP_URL="smtp://127.0.0.1:2525", PORTAL_MAIL_FROM="office@example.org").smtp
    assert plain == SmtpSettings("127.0.0.1", 2525, None, None, "none", "office@example.org")


def test_children_read_the_same_settings_again(tmp_path: Path) -> None:
    parent = on_port(on_servers(load(tmp_path), "postgresql://p@x/portal", "redis://x/0"), 8081)
    child = load_settings(child_environment(parent, {"PORTAL_CLOCK": "+3d", "PORT": "8080"}))
    assert child.embedded
    assert child.base_url == parent.base_url == "http://127.0.0.1:8081"
    for field in ("database_url", "redis_url", "port", "secret_key", "home", "host", "env"):
        assert getattr(child, field) == getattr(parent, field)


def test_a_chosen_address_survives_another_port(tmp_path: Path) -> None:
    settings = on_port(load(tmp_path, PORTAL_BASE_URL="https://portal.example/"), 9000)
    assert (settings.port, settings.base_url) == (9000, "https://portal.example")
