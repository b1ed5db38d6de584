"""Followers of the change log: in order, a batch a transaction, resumable, repeatable."""

import pytest

from index import following
from index.following import follow, followed_to
from index.store.articles import delete_article
from index.store.followers import follower_state
from tests.factories import an_article, register, save


@pytest.fixture(autouse=True)
def _outlet(store, now):
    register(store, now)


class Recorder:
    name = "recorder"

    def __init__(self, version="1", *, begins_anew=True):
        self.version, self.begins_anew = version, begins_anew
        self.taken, self.gone, self.forgotten = [], [], 0
        self.texts = []
        self.meanwhile = None  # what others do while this one works out
        self.fails_at = None

    def work_out(self, tx, changed, gone, *, now):
        if self.fails_at is not None and len(self.taken) >= self.fails_at:
            raise RuntimeError("the follower broke")
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()

        def keep(tx):
            self.taken += [article.id for article in changed]
            self.texts += [article.text for article in changed]
            self.gone += gone
            return True

        return keep

    def forget(self):
        self.forgotten += 1


def test_articles_come_in_the_order_they_changed(store, now):
    ids = [save(store, an_article(str(number)), now).article_id for number in range(5)]
    recorder = Recorder()
    assert follow(store, [recorder]) == 5
    assert recorder.taken == ids
    save(store, an_article("1", text="Another text of the second article, longer than it was."), now)
    follow(store, [recorder])
    assert recorder.taken == [*ids, ids[1]]


def test_a_follower_at_the_end_takes_nothing(store, now):
    save(store, an_article(), now)
    follow(store, [Recorder()])
    again = Recorder()
    assert follow(store, [again]) == 0
    assert again.taken == []


def test_one_that_breaks_goes_on_from_its_last_batch(store, now, monkeypatch):
    monkeypatch.setattr(following, "BATCH", 2)
    ids = [save(store, an_article(str(number)), now).article_id for number in range(5)]
    broken = Recorder()
    broken.fails_at = 2
    with pytest.raises(RuntimeError):
        follow(store, [broken])
    rest = Recorder()
    follow(store, [rest])
    assert broken.taken + rest.taken == ids
    assert broken.forgotten == 2  # at its start, and when it broke


def test_an_article_that_is_gone_is_told_as_gone(store, now):
    article_id = save(store, an_article(), now).article_id
    follow(store, [Recorder()])
    with store.write() as tx:
        delete_article(tx, article_id, reason="asked for", now=now)
    recorder = Recorder()
    follow(store, [recorder])
    assert (recorder.taken, recorder.gone) == ([], [article_id])


def test_new_rules_read_the_log_anew_where_the_follower_asks_for_it(store, now):
    article_id = save(store, an_article(), now).article_id
    follow(store, [Recorder("1")])
    anew, onward = Recorder("2"), Recorder("3", begins_anew=False)
    follow(store, [anew])
    follow(store, [onward])
    assert (anew.taken, onward.taken) == ([article_id], [])
    with store.read() as tx:
        assert follower_state(tx, "recorder")[1] == "3"


def test_followers_are_as_far_as_the_slowest(store, now):
    save(store, an_article(), now)
    quick = Recorder()
    follow(store, [quick])
    slow = Recorder()
    slow.name = "slow"
    with store.read() as tx:
        assert followed_to(tx, [quick, slow]) == 0
        assert followed_to(tx, [quick]) == 1
        assert followed_to(tx, []) == 1


def test_an_article_removed_while_it_was_worked_out_is_told_as_gone(store, now):
    first, second = (save(store, an_article(slug), now).article_id for slug in "ab")
    recorder = Recorder()

    def remove():
        with store.write() as tx:
            delete_article(tx, first, reason="asked for", now=now)

    recorder.meanwhile = remove
    follow(store, [recorder])
    assert (recorder.taken, recorder.gone) == ([second], [first, first])  # once more by its own change


def test_an_article_edited_while_it_was_worked_out_is_kept_by_its_new_text(store, now):
    save(store, an_article("a"), now)
    recorder = Recorder()
    recorder.meanwhile = lambda: save(store, an_article("a", text="Quite another text, of other ships."), now)
    follow(store, [recorder])
    assert set(recorder.texts) == {"Quite another text, of other ships."}


def test_another_writer_has_its_turn_while_a_batch_is_worked_out(store, now):
    save(store, an_article("a"), now)
    recorder = Recorder()
    recorder.meanwhile = lambda: save(store, an_article("b"), now)
    assert follow(store, [recorder]) == 2
    assert len(recorder.taken) == 2
