"""Features go into a table and come back equal."""

import json
from datetime import UTC, datetime

from index.stories.clustering import Clusterer
from index.stories.values import StoryText, features_from_json, features_to_json
from index.stories.weights import load_weights


def test_features_come_back_equal_from_json():
    text = "Ships of the northern fleet left Port Aru at dawn, the harbour office said. " * 9
    features = Clusterer(load_weights()).features_of(
        StoryText(1, "gazette", datetime(2026, 3, 1, tzinfo=UTC), "en", "Fleet leaves Port Aru", text)
    )
    assert features_from_json(json.loads(json.dumps(features_to_json(features)))) == features
