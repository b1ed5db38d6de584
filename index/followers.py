"""The followers of the change log, in the order they work: subjects first, which stories use."""

from __future__ import annotations

from index.following import Follower
from index.stories.following import StoryFollower


def all_followers() -> list[Follower]:
    """Return the followers of an archive, fresh ones that hold nothing in memory yet."""
    return [StoryFollower()]
