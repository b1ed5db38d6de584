"""What a channel is, and those the settings name."""

from __future__ import annotations

from typing import Protocol

from config.errors import WatchfloorError
from config.settings import Settings
from index.alerts.records import Message


class ChannelError(WatchfloorError):
    """A message was not taken; one sentence that says why, without any password or address that lets in."""


class Channel(Protocol):
    """A way to tell an operator."""

    @property
    def name(self) -> str:
        """Its name in rows, lists and figures."""
        ...

    @property
    def target(self) -> str:
        """Whom it tells, as it may be shown."""
        ...

    def send(self, message: Message) -> str:
        """Send one message. It was taken when this returns what else is to be said, mostly nothing.

        Raises ChannelError.
        """
        ...


def channels_of(settings: Settings) -> tuple[Channel, ...]:
    """Return the channels that are switched on."""
    from crawler.telling.mail import MailChannel
    from crawler.telling.webhook import WebhookChannel

    found: list[Channel] = []
    if settings.alerts.mail_to:
        found.append(MailChannel(settings))
    if settings.alerts.webhook_url.get_secret_value():
        found.append(WebhookChannel(settings))
    return tuple(found)
