"""One mail over SMTP. Its key makes its Message-ID: the receiver's server can tell a mail that came twice."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit

from app.kernel.clock import SHANGHAI
from app.notifications.models import Mail
from config import SmtpSettings

TIMEOUT = 20.0


def message_of(mail: Mail, sender: str, base_url: str) -> EmailMessage:
    """The mail as it travels; line breaks in the subject are gone before."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mail.recipient
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.created_at.astimezone(SHANGHAI))
    host = urlsplit(base_url).hostname or "portal.invalid"
    message["Message-ID"] = f"<{hashlib.sha256(mail.key.encode()).hexdigest()[:40]}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    return message


def send(settings: SmtpSettings, mail: Mail, base_url: str) -> None:
    """Hand the mail over.

    :raises OSError: when the server cannot be reached (this includes `smtplib.SMTPException`)
    """
    with _connected(settings) as server:
        server.send_message(message_of(mail, settings.sender, base_url))


@contextmanager
def _connected(settings: SmtpSettings) -> Iterator[smtplib.SMTP]:
    if settings.security == "tls":
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            settings.host, settings.port, timeout=TIMEOUT, context=context
        )
    else:
        server = smtplib.SMTP(settings.host, settings.port, timeout=TIMEOUT)
    with server:
        if settings.security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if settings.username is not None:
            server.login(settings.username, settings.password or "")
        yield server
