"""Which ids stories keep when all are worked out anew: a table."""

import pytest

from index.stories.identity import identities


def of(**stories):
    """{article: story} from s1=(1, 2, 3)."""
    return {article: int(name[1:]) for name, articles in stories.items() for article in articles}


@pytest.mark.parametrize(
    ("old", "new", "ids", "redirects"),
    [
        pytest.param({}, of(s1=(1, 2), s2=(3,)), {1: 10, 2: 11}, {}, id="nothing before: fresh ids in order"),
        pytest.param(of(s7=(1, 2), s4=(3,)), of(s1=(1, 2), s2=(3,)), {1: 7, 2: 4}, {}, id="the same stories"),
        pytest.param(of(s7=(1, 2, 3)), of(s1=(1,), s2=(2, 3)), {1: 10, 2: 7}, {}, id="most of it keeps the id"),
        pytest.param(of(s7=(1, 2), s4=(3,)), of(s1=(1, 2, 3)), {1: 7}, {4: 7}, id="two become one: the larger wins"),
        pytest.param(of(s7=(1,), s4=(2,)), of(s1=(1, 2)), {1: 4}, {7: 4}, id="of equals the older wins"),
        pytest.param(of(s7=(1, 2)), of(s1=(1,), s2=(2,)), {1: 10, 2: 11}, {7: 10}, id="halved: none keeps the id"),
        pytest.param(of(s7=(1, 2)), of(s1=(1, 3), s2=(4,)), {1: 10, 2: 11}, {7: 10}, id="an article that went"),
        pytest.param(of(s7=(1,)), of(s1=(2,)), {1: 10}, {}, id="all went: it has ended, and leads nowhere"),
    ],
)
def test_identities(old, new, ids, redirects):
    found = identities(old, new, next_id=10)
    assert dict(found.ids) == ids
    assert dict(found.redirects) == redirects
