"""A crawl process whose clock is ahead by so many seconds: `python -m benchmarks.later_child SECONDS`, an order in.

It is crawler.child with another clock where a crawl asks for the time; all else (network, reading, storing) is as ever.
So weeks of an outlet can be rehearsed in minutes.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta, tzinfo

import crawler.child
import crawler.network.handler
import crawler.network.middlewares
import crawler.pipeline
import crawler.spiders.outlet


class Later(datetime):
    """The clock, `ahead` of the true one."""

    ahead = timedelta(0)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        """Return the instant it is on this clock."""
        return datetime.now(tz) + cls.ahead


def main() -> int:
    """Run the order on stdin by a clock that is ahead, and return the exit code of its run."""
    Later.ahead = timedelta(seconds=float(sys.argv[1]))
    for module in (
        crawler.child,
        crawler.network.handler,
        crawler.network.middlewares,
        crawler.pipeline,
        crawler.spiders.outlet,
    ):
        vars(module)["datetime"] = Later
    return crawler.child.main()


if __name__ == "__main__":
    sys.exit(main())
