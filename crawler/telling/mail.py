"""Mail: plain text through one mail server, by STARTTLS or TLS, its certificate checked."""

from __future__ import annotations

import smtplib
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from config.logs import redact
from config.settings import Settings
from crawler.network.dialling import dial, ended_after, said_by
from crawler.telling.channels import ChannelError
from index.alerts.records import Message
from index.alerts.wording import one_line


@dataclass(frozen=True, slots=True)
class MailChannel:
    """The mail server of the settings."""

    settings: Settings
    name: str = "mail"

    @property
    def target(self) -> str:
        """The addresses that get the mail."""
        return ", ".join(self.settings.alerts.mail_to)

    def send(self, message: Message) -> str:
        """Hand one mail to the server; say which addresses it refuses where it takes others. Raises ChannelError."""
        terms = self.settings.alerts
        mail = mail_of(message, sender=terms.mail_from, recipients=terms.mail_to, now=datetime.now(UTC))
        connection = dial(terms.smtp_host, terms.smtp_port, settings=self.settings, timeout_s=terms.timeout_s)
        where = f"{terms.smtp_host}:{terms.smtp_port}"
        try:
            with ended_after(connection, terms.timeout_s):
                refused = self._hand_over(connection, mail)
        except smtplib.SMTPAuthenticationError as error:
            raise ChannelError(f"{where} refuses the login of alerts.smtp_user ({error.smtp_code}).") from None
        except ssl.SSLCertVerificationError as error:
            raise ChannelError(f"{where}: its certificate is not trusted ({error.verify_message}).") from None
        except smtplib.SMTPNotSupportedError:
            missing = "STARTTLS" if terms.smtp_security == "starttls" else "logins"
            raise ChannelError(f"{where} offers no {missing}; see alerts.smtp_security and alerts.smtp_port.") from None
        except smtplib.SMTPRecipientsRefused as error:
            raise ChannelError(f"{where} takes no mail for {', '.join(sorted(error.recipients))}.") from None
        except smtplib.SMTPResponseException as error:
            raise ChannelError(f"{where} refuses the mail: {_shown(error)}.") from None
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise ChannelError(f"{where}: the mail was not taken ({redact(said_by(error))}).") from None
        finally:
            connection.close()
        return f"{where} takes no mail for {', '.join(sorted(refused))}; the others have it." if refused else ""

    def _hand_over(self, connection: socket.socket, mail: EmailMessage) -> dict[str, tuple[int, bytes]]:
        terms = self.settings.alerts
        context = ssl.create_default_context()
        if terms.smtp_security == "tls":
            connection = context.wrap_socket(connection, server_hostname=terms.smtp_host)
        client = _Client(connection, terms.smtp_host, terms.smtp_port, timeout_s=terms.timeout_s)
        try:
            if terms.smtp_security == "starttls":
                client.starttls(context=context)
            if terms.smtp_user:
                client.login(terms.smtp_user, terms.smtp_password.get_secret_value())
            return client.send_message(mail)
        finally:
            client.leave()


class _Client(smtplib.SMTP):
    """smtplib's client over a connection that is made already: it resolves and dials nothing itself."""

    def __init__(self, connection: socket.socket, host: str, port: int, *, timeout_s: float) -> None:
        self._made = connection
        super().__init__(host, port, local_hostname="watchfloor", timeout=timeout_s)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._made

    def leave(self) -> None:
        """Say goodbye where somebody still listens; the mail was taken or refused before."""
        try:
            self.quit()
        except (smtplib.SMTPException, OSError, ValueError):
            self.close()


def mail_of(message: Message, *, sender: str, recipients: tuple[str, ...], now: datetime) -> EmailMessage:
    """Return a message as mail. Nothing in it can begin another header or another recipient."""
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = one_line(message.subject, 200)
    mail["From"] = Address("Watchfloor", addr_spec=sender)
    mail["To"] = ", ".join(recipients)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{message.id}@{sender.rpartition('@')[2]}>"  # the same when it is sent again
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(message.text)
    return mail


def _shown(error: smtplib.SMTPResponseException) -> str:
    said = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else str(error.smtp_error)
    return redact(f"{error.smtp_code} {one_line(said, 200)}".strip())
