"""Valley Post: answers the consent dialog as a visitor does who allows only what is necessary."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from crawler.spiders.outlet import OutletSpider


class ValleyPost(OutletSpider):
    """Sends the cookie that the dialog's own button sets: the choice and the day it was made."""

    @classmethod
    def headers_for(cls, url: str, *, now: datetime) -> Mapping[str, str]:
        """Add the dialog's cookie; a day that is too long ago would bring the dialog back."""
        return {**super().headers_for(url, now=now), "Cookie": f"vp_choice=necessary.{now:%Y%m%d}"}
