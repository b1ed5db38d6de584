"""Users, sessions, tries to sign in, and the log of changes, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError

from config.errors import UsageError
from index.account_records import Role, SessionLimits, SlowSearch
from index.errors import NotFoundError
from index.store.account_tables import users
from index.store.audit import list_acts, note_act
from index.store.sessions import (
    FIRST_WAIT,
    FREE_TRIES,
    LONGEST_WAIT,
    NO_WAIT,
    begin_session,
    begin_try,
    end_session,
    end_sessions_over,
    forget_tries,
    is_due_to_be_seen,
    make_secret,
    note_seen,
    secret,
    take_back_try,
    user_of_session,
    wait_after,
)
from index.store.slow_searches import KEPT, list_slow_searches, note_slow_searches
from index.store.users import (
    add_user,
    disable_user,
    enable_user,
    get_user,
    has_admin,
    keep_better_hash,
    list_users,
    password_hash_of,
    set_password,
    set_role,
)

LIMITS = SessionLimits(idle=timedelta(hours=12), longest=timedelta(days=7))


def add(store, now, name="ada", role=Role.ADMIN):
    with store.write() as tx:
        return add_user(tx, name, role=role, password_hash=f"hash of {name}", by="root@desk", now=now)


def sign_in(store, now, user, token="t", replacing=None):
    with store.write() as tx:
        begin_session(tx, user, token_digest=token, replacing=replacing, now=now)


def who_is(store, now, token="t"):
    with store.read() as tx:
        found = user_of_session(tx, token, limits=LIMITS, now=now)
    return None if found is None else found.user.name


def acts(store):
    with store.read() as tx:
        return [(one.by, one.act, one.subject, one.detail) for one in list_acts(tx)]


def test_a_user_is_found_by_its_name_in_any_capitals(store, now):
    add(store, now, "Ada")
    with store.read() as tx:
        found = get_user(tx, "aDA")
    assert (found.name, found.role, found.created_at) == ("Ada", Role.ADMIN, now)


def test_a_name_is_taken_once_whatever_its_capitals(store, now):
    add(store, now, "Ada")
    with pytest.raises(UsageError, match="there is a user of that name"):
        add(store, now, "ADA")


@pytest.mark.parametrize("name", ["", " ", "a b", "ada@desk", "-ada", "ädä", "a" * 65, "a\nb", "../x"])
def test_a_name_that_is_none_is_refused(store, now, name):
    with pytest.raises(UsageError, match="is no name for a user"):
        add(store, now, name)


def test_adding_a_user_is_noted_without_the_hash(store, now):
    add(store, now)
    assert acts(store) == [("root@desk", "added the user", "user ada", "role admin")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda tx, now: disable_user(tx, "ada", by="b", now=now), "cannot be disabled"),
        (lambda tx, now: set_role(tx, "ada", Role.READER, by="b", now=now), "cannot be given another role"),
    ],
)
def test_the_last_admin_stays(store, now, change, said):
    add(store, now)
    disabled = add(store, now, "gone")
    with store.write() as tx:
        disable_user(tx, disabled.name, by="b", now=now)
    with pytest.raises(UsageError, match=said), store.write() as tx:
        change(tx, now)
    with store.read() as tx:
        assert has_admin(tx)


def test_an_admin_beside_another_can_be_disabled(store, now):
    add(store, now)
    add(store, now, "eve")
    with store.write() as tx:
        assert disable_user(tx, "ada", by="eve", now=now).disabled_at == now


def test_disabling_twice_is_noted_once(store, now):
    add(store, now)
    add(store, now, "olga", Role.OPERATOR)
    for _ in range(2):
        with store.write() as tx:
            disable_user(tx, "olga", by="ada", now=now)
    assert [one[1] for one in acts(store)] == ["disabled the user", "added the user", "added the user"]


@pytest.mark.parametrize("change", [disable_user, enable_user])
def test_an_unknown_user_cannot_be_changed(store, now, change):
    with pytest.raises(NotFoundError, match="there is no user of that name"), store.write() as tx:
        change(tx, "nobody", by="b", now=now)


@pytest.mark.parametrize(
    "change",
    [
        lambda tx, now: disable_user(tx, "olga", by="ada", now=now),
        lambda tx, now: set_role(tx, "olga", Role.READER, by="ada", now=now),
        lambda tx, now: set_password(tx, "olga", "other", by="ada", now=now),
    ],
)
def test_disabling_another_role_and_another_password_end_every_session(store, now, change):
    add(store, now)
    olga = add(store, now, "olga", Role.OPERATOR)
    sign_in(store, now, olga, "one")
    sign_in(store, now, olga, "two")
    with store.write() as tx:
        change(tx, now)
    assert (who_is(store, now, "one"), who_is(store, now, "two")) == (None, None)
    assert acts(store)[0][3].endswith("sessions ended")


def test_another_role_says_what_was_before_and_after(store, now):
    add(store, now, "olga", Role.OPERATOR)
    with store.write() as tx:
        set_role(tx, "olga", Role.READER, by="ada", now=now)
    assert acts(store)[0] == ("ada", "changed the role of", "user olga", "before: operator; now: reader")


def test_a_better_hash_is_kept_unless_the_password_was_changed_meanwhile(store, now):
    ada = add(store, now)
    with store.write() as tx:
        keep_better_hash(tx, ada, of="an older one", better="lost")
        keep_better_hash(tx, ada, of="hash of ada", better="better")
        assert password_hash_of(tx, "ada")[1] == "better"


def test_users_are_listed_by_name_with_their_sessions(store, now):
    ada = add(store, now)
    add(store, now, "Bea", Role.READER)
    sign_in(store, now, ada, "one")
    sign_in(store, now, ada, "two")
    with store.read() as tx:
        assert [(one.name, one.sessions) for one in list_users(tx)] == [("ada", 2), ("Bea", 0)]


def test_a_session_is_known_by_its_token_alone(store, now):
    sign_in(store, now, add(store, now))
    assert (who_is(store, now), who_is(store, now, "another")) == ("ada", None)


def test_signing_in_ends_the_session_the_browser_came_with(store, now):
    ada = add(store, now)
    sign_in(store, now, ada, "old")
    sign_in(store, now, ada, "new", replacing="old")
    assert (who_is(store, now, "old"), who_is(store, now, "new")) == (None, "ada")


@pytest.mark.parametrize(
    ("hours", "seen_until", "known"), [(11.9, 0, True), (12, 0, False), (20, 19, True), (7 * 24, 167.5, False)]
)
def test_a_session_ends_when_idle_and_in_any_case_after_a_while(store, now, hours, seen_until, known):
    sign_in(store, now, add(store, now))
    with store.write() as tx:
        note_seen(tx, "t", now + timedelta(hours=seen_until))
    assert (who_is(store, now + timedelta(hours=hours)) is not None) is known


def test_a_session_in_use_is_written_down_once_a_minute(store, now):
    sign_in(store, now, add(store, now))
    with store.read() as tx:
        assert not is_due_to_be_seen(tx, "t", now + timedelta(seconds=59))
        assert is_due_to_be_seen(tx, "t", now + timedelta(seconds=60))


def test_an_ended_session_is_unknown(store, now):
    sign_in(store, now, add(store, now))
    with store.write() as tx:
        end_session(tx, "t")
    assert who_is(store, now) is None


def test_sessions_past_their_end_are_removed(store, now):
    ada = add(store, now)
    sign_in(store, now, ada, "old")
    sign_in(store, now + timedelta(hours=13), ada, "new")
    with store.write() as tx:
        assert end_sessions_over(tx, limits=LIMITS, now=now + timedelta(hours=13)) == 1


def test_a_session_of_a_disabled_user_is_unknown_even_where_its_row_is_left(store, now):
    add(store, now)
    olga = add(store, now, "olga", Role.OPERATOR)
    with store.write() as tx:
        disable_user(tx, "olga", by="ada", now=now)
    sign_in(store, now, olga)
    assert who_is(store, now) is None


def tried(store, now, *subjects):
    with store.write() as tx:
        return begin_try(tx, list(subjects or ("name", "network")), now)


def test_five_tries_are_free_and_the_next_waits(store, now):
    assert [tried(store, now) for _ in range(FREE_TRIES)] == [NO_WAIT] * FREE_TRIES
    assert tried(store, now) == FIRST_WAIT


def test_waits_double_up_to_a_quarter_of_an_hour():
    waits = [wait_after(failures).total_seconds() for failures in range(4, 14)]
    assert waits == [0, 30, 60, 120, 240, 480, 900, 900, 900, 900]
    assert wait_after(10**6) == LONGEST_WAIT


def test_a_try_that_must_wait_counts_for_nothing(store, now):
    for _ in range(FREE_TRIES + 10):
        tried(store, now)
    assert tried(store, now + FIRST_WAIT) == NO_WAIT
    assert tried(store, now + FIRST_WAIT) == 2 * FIRST_WAIT


def test_a_network_waits_for_names_it_has_not_tried_and_a_name_for_other_networks(store, now):
    for _ in range(FREE_TRIES):
        tried(store, now)
    assert tried(store, now, "another name", "network") == FIRST_WAIT
    assert tried(store, now, "name", "another network") == FIRST_WAIT
    assert tried(store, now, "another name", "another network") == NO_WAIT


def test_a_day_without_a_try_forgets_the_earlier_ones(store, now):
    for _ in range(FREE_TRIES + 3):
        tried(store, now)
    tomorrow = now + timedelta(days=1)
    assert [tried(store, tomorrow) for _ in range(FREE_TRIES)] == [NO_WAIT] * FREE_TRIES


def test_a_right_try_forgets_the_wrong_ones_of_its_name_and_takes_back_its_own_of_the_network(store, now):
    for _ in range(FREE_TRIES - 1):
        tried(store, now)
    with store.write() as tx:
        forget_tries(tx, "name")
        take_back_try(tx, "network")
    assert [tried(store, now) for _ in range(2)] == [NO_WAIT] * 2  # four of the network before, three after
    assert tried(store, now) == FIRST_WAIT


def test_a_secret_is_made_once(store, now):
    with store.write() as tx:
        made = make_secret(tx, "form")
        assert (make_secret(tx, "form"), secret(tx, "form"), secret(tx, "other")) == (made, made, None)
    assert len(made) == 64


def test_acts_are_listed_newest_first_by_who_about_what_and_before_one(store, now):
    with store.write() as tx:
        for number in range(5):
            by = "ada" if number % 2 else "olga"
            note_act(tx, by=by, act="did", subject=f"thing {number % 3}", detail=str(number), now=now)
    with store.read() as tx:
        every = list_acts(tx)
        assert [one.detail for one in every] == ["4", "3", "2", "1", "0"]
        assert [one.detail for one in list_acts(tx, by="ada")] == ["3", "1"]
        assert [one.detail for one in list_acts(tx, subject="thing 1")] == ["4", "1"]
        assert [one.detail for one in list_acts(tx, before=every[2].id, limit=1)] == ["1"]


def test_texts_no_database_can_hold_and_long_ones_are_noted_all_the_same(store, now):
    with store.write() as tx:
        note_act(tx, by="a\x00", act="did", subject="\ud800x", detail="y" * 9000, now=now)
        (one,) = list_acts(tx)
    assert (one.by, one.subject, len(one.detail)) == ("a", "x", 2000)


def test_an_act_is_rolled_back_with_what_it_tells_of(store, now):
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        note_act(tx, by="a", act="did", subject="x", now=now)
        _ = 1 / 0
    assert acts(store) == []


def test_no_more_slow_searches_are_kept_than_the_newest(store, now):
    with store.write() as tx:
        note_slow_searches(tx, [SlowSearch(now, f"q{number}", number, 1) for number in range(KEPT + 20)])
    with store.read() as tx:
        found = list_slow_searches(tx, limit=1000)
    assert (len(found), found[0].query, found[-1].query) == (KEPT, f"q{KEPT + 19}", "q20")


def test_a_statement_that_failed_tells_none_of_its_values(store, now):
    row = {"name": "x", "name_key": "x", "password_hash": "$argon2id$a-hash", "role": "reader", "created_at": now}
    with pytest.raises(DBAPIError) as failed, store.write() as tx:
        tx.execute(insert(users).values(id=1, **row))
        tx.execute(insert(users).values(id=1, **row | {"name_key": "y"}))
    assert "users" in str(failed.value)
    assert "a-hash" not in str(failed.value)
