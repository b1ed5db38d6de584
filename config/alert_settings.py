"""The settings table [alerts]: who is told what, by which server. Its sentences stand in defaults.toml."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

_MAIL = r"^[^\s@<>,;:\"()\[\]\\]+@[A-Za-z0-9.-]+$"
"""One mail address, as it stands in a header: nothing that could end the line or begin another address."""


class AlertSettings(BaseModel):
    """When something is told, and on which ways: mail, webhook, both, or none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mail_to: tuple[Annotated[str, Field(pattern=_MAIL)], ...]
    mail_from: str = Field(pattern=f"{_MAIL}|^$")
    smtp_host: str = Field(pattern=r"^[\w.:-]*$")
    smtp_port: int = Field(ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"]
    smtp_user: str
    smtp_password: SecretStr
    webhook_url: SecretStr
    webhook_secret: SecretStr
    site_url: str
    states: tuple[Literal["degraded", "stale", "blocked", "broken"], ...]
    settle_min: float = Field(ge=0, le=1440)
    gather_min: float = Field(ge=0, le=1440)
    flap_times: int = Field(ge=2, le=100)
    flap_within_h: float = Field(gt=0, le=168)
    storm_outlets: int = Field(ge=2, le=10000)
    storm_share: float = Field(gt=0, le=1)
    index_lag_min: float = Field(gt=0, le=1440)
    silent_min: float = Field(ge=1, le=1440)
    timeout_s: float = Field(gt=0, le=120)

    @field_validator("webhook_url")
    @classmethod
    def _is_a_web_address(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not _is_web_address(value.get_secret_value()):
            raise ValueError("must be an http or https address without blanks, user or fragment")
        return value

    @field_validator("site_url")
    @classmethod
    def _is_a_site(cls, value: str) -> str:
        if value and not _is_web_address(value):
            raise ValueError("must be an http or https address without blanks, user or fragment")
        return value

    @model_validator(mode="after")
    def _mail_is_whole(self) -> AlertSettings:
        if self.mail_to and not (self.mail_from and self.smtp_host):
            raise ValueError("mail_to needs mail_from and smtp_host beside it")
        if self.smtp_user and self.smtp_security == "none":
            raise ValueError('smtp_user would send its password in the clear: set smtp_security to "starttls" or "tls"')
        return self


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    if not text.isascii() or not text.isprintable() or any(letter in text for letter in ' "<>\\^`{|}#'):
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc and port != 0
