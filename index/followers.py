"""The followers of the change log, in the order they work."""

from __future__ import annotations

from config.settings import Settings
from index.following import Follower
from index.stories.following import StoryFollower
from index.subjects.following import SubjectsFollower
from index.subjects.quotations_following import QuotationsFollower


def all_followers(settings: Settings) -> list[Follower]:
    """Return the followers of an archive, fresh ones that hold nothing in memory yet.

    Raises ConfigurationError where rules of the operator's own cannot be read.
    """
    return [SubjectsFollower(settings), QuotationsFollower(), StoryFollower()]
