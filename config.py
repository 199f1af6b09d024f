"""The only reader of the environment: one frozen `Settings`, built once and handed down.

Every name that is read stands in `load_settings`; README.md lists them for the operator.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, cast
from urllib.parse import unquote, urlsplit

from app.kernel.claim_mapping import ClaimMapping, MappingFault, read_mapping
from app.kernel.clock import parse_clock

CHECKOUT = Path(__file__).resolve().parent
LANGUAGES = ("zh_CN", "en")
DEFAULT_PORT = 8080
SHORTEST_SECRET = 16

Environment = Literal["development", "production", "testing"]
TransportSecurity = Literal["none", "starttls", "tls"]


class SettingsError(Exception):
    """A setting that is missing or cannot be used; its text is a sentence for the operator."""


@dataclass(frozen=True)
class SmtpSettings:
    """A mail server, from `SMTP_URL`: `smtp://`, `smtp+starttls://` or
    `smtps://[user:password@]host[:port]`.
    """

    host: str
    port: int
    username: str | None
    password: str | None
    security: TransportSecurity
    sender: str


@dataclass(frozen=True)
class OidcSettings:
    """Single sign-on (`PORTAL_OIDC_...`): one provider that speaks OpenID Connect, and what its claims mean."""

    issuer: str
    client_id: str
    client_secret: str | None
    """From `PORTAL_OIDC_CLIENT_SECRET_FILE`; None for a public client, which PKCE alone protects."""
    ca_file: Path | None
    """Certificates that the provider's is checked against (`PORTAL_OIDC_CA_FILE`); None: the usual ones."""
    label: str
    """What the button on the log-in page calls the provider (`PORTAL_OIDC_LABEL`); empty: single sign-on."""
    mapping: ClaimMapping


@dataclass(frozen=True)
class Settings:
    env: Environment
    home: Path
    """Where this installation keeps its data (`PORTAL_HOME`), absolute."""
    database_url: str | None
    """None: the embedded server. `postgresql://...` otherwise, no other dialect."""
    redis_url: str | None
    """None: the embedded server."""
    embedded: bool
    """Whether the database is this installation's own embedded one: only there is the demo loaded unasked."""
    host: str
    port: int
    port_is_explicit: bool
    """`PORT` was given: a taken port then stops the start instead of moving it on."""
    base_url: str
    """Address that mails and printed papers link to, without a slash at the end."""
    secret_key: str
    clock: str | None
    """`PORTAL_CLOCK`: an absolute time or an offset such as `+3d`; read by `app.kernel.clock.parse_clock`."""
    smtp: SmtpSettings | None
    """None: mail is delivered to the portal's own mailbox table."""
    log_key_dir: Path
    data_key_file: Path
    """Keys of the personal data at rest (`PORTAL_DATA_KEY_FILE`), outside the database and its backup."""
    data_cipher: Literal["aes-256-gcm", "sm4-gcm"]
    """What new keys are made for (`PORTAL_DATA_CIPHER`)."""
    upload_dir: Path
    metrics_token: str | None
    """None: `/metrics` answers nobody."""
    web_workers: int
    oidc: OidcSettings | None = None
    """None: no single sign-on."""
    languages: tuple[str, ...] = LANGUAGES

    @property
    def log_dir(self) -> Path:
        return self.home / "log"


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read and check the environment. Makes `PORTAL_HOME` and, outside production, a secret key in it.

    :raises SettingsError: naming the variable at fault
    """
    env = _env(environ.get("PORTAL_ENV") or "development")
    home = Path(environ.get("PORTAL_HOME") or CHECKOUT / "var").expanduser().absolute()
    database_url = _database_url(environ.get("DATABASE_URL"))
    redis_url = _redis_url(environ.get("REDIS_URL"))
    secret_key = environ.get("SECRET_KEY") or None
    if env == "production":
        _require_for_production(database_url, redis_url, secret_key, environ.get("PORTAL_DATA_KEY_FILE"))
    _make_home(home)
    host = environ.get("PORTAL_HOST") or "127.0.0.1"
    port = _whole_number(environ, "PORT", DEFAULT_PORT, 1, 65535)
    return Settings(
        env=env,
        home=home,
        database_url=database_url,
        redis_url=redis_url,
        embedded=database_url is None or environ.get("PORTAL_EMBEDDED") == "1",
        host=host,
        port=port,
        port_is_explicit=bool(environ.get("PORT")),
        base_url=(environ.get("PORTAL_BASE_URL") or local_url(host, port)).rstrip("/"),
        secret_key=secret_key or _kept_secret(home / "secret_key"),
        clock=_clock(environ.get("PORTAL_CLOCK")),
        smtp=_smtp(environ.get("SMTP_URL"), environ.get("PORTAL_MAIL_FROM")),
        log_key_dir=Path(environ.get("PORTAL_LOG_KEY_DIR") or home / "keys"),
        data_key_file=Path(
            environ.get("PORTAL_DATA_KEY_FILE") or home / "keys" / "data_keys.json"
        ).absolute(),
        data_cipher=_data_cipher(environ.get("PORTAL_DATA_CIPHER") or "aes-256-gcm"),
        upload_dir=Path(environ.get("PORTAL_UPLOAD_DIR") or home / "uploads"),
        metrics_token=environ.get("PORTAL_METRICS_TOKEN") or None,
        web_workers=_whole_number(environ, "PORTAL_WEB_WORKERS", 2, 1, 64),
        oidc=_oidc(environ, env),
    )


def on_servers(settings: Settings, database_url: str, redis_url: str) -> Settings:
    """The same settings once the embedded servers run; `embedded` keeps saying whose database it is."""
    return replace(settings, database_url=database_url, redis_url=redis_url)


def on_port(settings: Settings, port: int) -> Settings:
    """The same settings with the port that was free; links follow unless `PORTAL_BASE_URL` fixed them."""
    moved = settings.base_url == local_url(settings.host, settings.port)
    base_url = local_url(settings.host, port) if moved else settings.base_url
    return replace(settings, port=port, base_url=base_url)


def child_environment(settings: Settings, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What the supervisor hands to web, worker and ticker, so that they read exactly these settings again."""
    return {
        **environ,
        "PORTAL_ENV": settings.env,
        "PORTAL_HOME": str(settings.home),
        "DATABASE_URL": settings.database_url or "",
        "REDIS_URL": settings.redis_url or "",
        "PORTAL_EMBEDDED": "1" if settings.embedded else "0",
        "PORTAL_HOST": settings.host,
        "PORT": str(settings.port),
        "PORTAL_BASE_URL": settings.base_url,
        "SECRET_KEY": settings.secret_key,
        "PORTAL_DATA_KEY_FILE": str(settings.data_key_file),
        "PYTHONUNBUFFERED": "1",
    }


def local_url(host: str, port: int) -> str:
    """The address that a person on this machine types; a server that listens everywhere is reached on
    loopback.
    """
    name = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _env(text: str) -> Environment:
    if text not in ("development", "production", "testing"):
        raise SettingsError(f"PORTAL_ENV is {text!r}; it must be development, production or testing.")
    return cast(Environment, text)


def _data_cipher(text: str) -> Literal["aes-256-gcm", "sm4-gcm"]:
    if text not in ("aes-256-gcm", "sm4-gcm"):
        raise SettingsError(f"PORTAL_DATA_CIPHER is {text!r}; it must be aes-256-gcm or sm4-gcm.")
    return cast(Literal["aes-256-gcm", "sm4-gcm"], text)


def _require_for_production(
    database_url: str | None, redis_url: str | None, secret_key: str | None, data_key_file: str | None
) -> None:
    given = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": secret_key,
        "PORTAL_DATA_KEY_FILE": data_key_file,
    }
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise SettingsError(f"PORTAL_ENV is production, and {' and '.join(missing)} must be set then.")
    if len(secret_key or "") < SHORTEST_SECRET:
        raise SettingsError(f"SECRET_KEY must have at least {SHORTEST_SECRET} characters in production.")


def _database_url(text: str | None) -> str | None:
    if not text:
        return None
    scheme, _, rest = text.partition("://")
    if scheme not in ("postgres", "postgresql", "postgresql+psycopg") or not rest:
        raise SettingsError(
            "DATABASE_URL must begin with postgresql:// ; the portal runs on PostgreSQL only."
        )
    return f"postgresql://{rest}"


def _redis_url(text: str | None) -> str | None:
    if text and not text.startswith(("redis://", "rediss://", "unix://")):
        raise SettingsError("REDIS_URL must begin with redis://, rediss:// or unix:// .")
    return text or None


def _whole_number(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise SettingsError(f"{name} is {text!r}; it must be a whole number from {low} to {high}.")
    return int(text)


def _clock(text: str | None) -> str | None:
    try:
        parse_clock(text)
    except ValueError as fault:
        raise SettingsError(f"{fault}.") from fault
    return text or None


def _smtp(text: str | None, sender: str | None) -> SmtpSettings | None:
    if not text:
        return None
    kinds: dict[str, tuple[TransportSecurity, int]] = {
        "smtp": ("none", 25),
        "smtp+starttls": ("starttls", 587),
        "smtps": ("tls", 465),
    }
    try:
        url = urlsplit(text)
        security, usual_port = kinds[url.scheme]
        port = url.port or usual_port
    except (KeyError, ValueError):
        url = None
    if url is None or not url.hostname:
        raise SettingsError(
            "SMTP_URL must look like smtp://host:25, smtp+starttls://user:password@host:587 "
            "or smtps://host:465 ."
        )
    return SmtpSettings(
        host=url.hostname,
        port=port,
        username=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        security=security,
        sender=sender or f"portal@{url.hostname}",
    )


def _oidc(environ: Mapping[str, str], env: Environment) -> OidcSettings | None:
    needed = ("PORTAL_OIDC_ISSUER", "PORTAL_OIDC_CLIENT_ID", "PORTAL_OIDC_CLAIMS_FILE")
    optional = ("PORTAL_OIDC_CLIENT_SECRET_FILE", "PORTAL_OIDC_CA_FILE", "PORTAL_OIDC_LABEL")
    if not any(environ.get(name) for name in (*needed, *optional)):
        return None
    missing = [name for name in needed if not environ.get(name)]
    if missing:
        raise SettingsError(f"Single sign-on needs {' and '.join(missing)} as well.")
    issuer = environ["PORTAL_OIDC_ISSUER"]
    url = urlsplit(issuer)
    local = url.scheme == "http" and url.hostname in ("localhost", "127.0.0.1", "::1") and env != "production"
    if not url.hostname or url.query or url.fragment or not (url.scheme == "https" or local):
        raise SettingsError(
            f"PORTAL_OIDC_ISSUER is {issuer!r}; it must be an https:// address without query."
        )
    secret = _read("PORTAL_OIDC_CLIENT_SECRET_FILE", environ.get("PORTAL_OIDC_CLIENT_SECRET_FILE"))
    if secret is not None and not secret.strip():
        raise SettingsError("PORTAL_OIDC_CLIENT_SECRET_FILE is empty.")
    ca_file = environ.get("PORTAL_OIDC_CA_FILE")
    _read("PORTAL_OIDC_CA_FILE", ca_file)
    try:
        mapping = read_mapping(_read(needed[2], environ[needed[2]]) or "")
    except MappingFault as fault:
        raise SettingsError(f"PORTAL_OIDC_CLAIMS_FILE {environ[needed[2]]}: {fault}.") from fault
    return OidcSettings(
        issuer=issuer,
        client_id=environ["PORTAL_OIDC_CLIENT_ID"],
        client_secret=secret.strip() if secret else None,
        ca_file=Path(ca_file).absolute() if ca_file else None,
        label=environ.get("PORTAL_OIDC_LABEL") or "",
        mapping=mapping,
    )


def _read(name: str, path: str | None) -> str | None:
    if not path:
        return None
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise SettingsError(f"{name} {path} cannot be read: {fault}.") from fault


def _make_home(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise SettingsError(f"PORTAL_HOME {home} cannot be made: {fault.strerror}.") from fault
    if not os.access(home, os.W_OK | os.X_OK):
        raise SettingsError(f"PORTAL_HOME {home} cannot be written by this user.")


def _kept_secret(path: Path) -> str:
    """The secret in `path`, made once; when two processes come first together, both read the same one."""
    made = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    if not path.exists():
        with open(
            os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii"
        ) as target:
            target.write(secrets.token_hex(32))
        try:
            os.link(made, path)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_text(encoding="ascii").strip()
