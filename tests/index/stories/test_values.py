"""Features go into a table and come back equal."""

import json
from datetime import UTC, datetime

from index.stories.clustering import Clusterer
from index.stories.packing import pack, unpacked
from index.stories.values import Features, StoryText, features_from_json, features_to_json
from index.stories.weights import load_weights


def features_of_fleet():
    text = "Ships of the northern fleet left Port Aru at dawn, the harbour office said. " * 9
    return Clusterer(load_weights()).features_of(
        StoryText(1, "gazette", datetime(2026, 3, 1, tzinfo=UTC), "en", "Fleet leaves Port Aru", text)
    )


def test_features_come_back_equal_from_a_table():
    features = features_of_fleet()
    assert unpacked(json.loads(json.dumps(pack(features)))).features() == features


def test_features_that_an_older_version_kept_are_read():
    features = features_of_fleet()
    old = json.loads(json.dumps(features_to_json(features)))
    assert features_from_json(old) == features
    assert unpacked(old).features() == features


def test_empty_features_come_back_equal():
    empty = Features({}, {}, agency="=Reuters")
    assert unpacked(pack(empty)).features() == empty
