"""The list: what it shows to whom, and what it has somebody hear of."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from console.board import read_board, read_own
from conversations import access, services
from conversations.models import Conversation
from staff.models import Role, User
from staff.presence import note_gone, note_seen, set_accepting, set_capacity
from tests.factories import (
    fresh,
    make_claimed,
    make_conversation,
    make_queued,
    make_specialist,
    make_staff,
    write,
)

pytestmark = pytest.mark.django_db


def alerts(user: User) -> list[tuple[str, str]]:
    """Kind and words of what this account would hear of now."""
    account = User.objects.select_related("presence").get(pk=user.pk)  # As a request has it.
    own = read_own(account, read_board(access.live_state()))
    return [(alert.key.partition(":")[0], alert.words) for alert in own.alerts]


def kinds(user: User) -> list[str]:
    """Kinds of what this account would hear of now."""
    return [kind for kind, _ in alerts(user)]


def page(user: User, **query: str) -> str:
    """The list as the account gets it."""
    browser = Client()
    browser.force_login(user)
    return browser.get(reverse("console:list"), query).content.decode()


class TestAlerts:
    """Changes of state are heard of, by those who can do something about them."""

    def test_a_waiting_family_is_everybodys_who_takes_conversations_and_has_room(
        self, clock: object
    ) -> None:
        ana, ben = make_specialist("ana"), make_specialist("ben")
        make_queued(ana)
        assert kinds(ana) == kinds(ben) == ["waiting"]
        set_accepting(ben, is_accepting=False)
        assert kinds(ben) == []
        set_capacity(ana, capacity=1)
        make_claimed(ana)
        assert kinds(ana) == ["waiting", "mine"], "nobody else has room, so it is hers"
        set_accepting(ben, is_accepting=True)
        assert kinds(ana) == ["mine"]
        assert kinds(ben) == ["waiting"]

    def test_an_urgent_one_is_everybodys_whatever_their_switch_says(
        self, clock: object, find: Callable[..., None]
    ) -> None:
        ana = make_specialist("ana")
        set_accepting(ana, is_accepting=False)
        find("emergency_life")
        write(make_conversation(), "help")
        assert alerts(ana) == [("urgent", "An urgent conversation needs a person.")]

    def test_a_tapped_choice_does_not_hide_what_the_family_wrote(self, clock: object) -> None:
        make_specialist("ana")
        conversation = make_conversation()
        write(conversation, "can her brother visit")
        write(conversation, None, choice_id="handoff")
        [row] = access.waiting_rows()
        assert row.last_words == "can her brother visit"

    def test_words_in_ones_own_conversation_are_heard_of_until_read(self, clock: object) -> None:
        ana, ben = make_specialist("ana"), make_specialist("ben")
        conversation = make_claimed(ana)
        write(conversation, "are you there")
        assert kinds(ana) == ["mine", "words"]
        assert kinds(ben) == []
        services.note_view(conversation.pk, user=ana, seq=fresh(conversation).last_seq)
        assert kinds(ana) == ["mine"]

    def test_each_new_message_and_each_new_wait_has_a_key_of_its_own(self, clock: object) -> None:
        """A browser rings for keys it does not know: the same one twice would stay silent."""
        ana = make_specialist("ana")
        conversation = make_claimed(ana)

        def keys() -> set[str]:
            own = read_own(ana, read_board(access.live_state()))
            return {alert.key for alert in own.alerts}

        write(conversation, "one")
        first = keys()
        write(conversation, "two")
        assert len(keys() - first) == 1

    def test_a_family_given_back_is_news_to_who_knew_its_first_wait(self, clock: object) -> None:
        ana, ben = make_specialist("ana"), make_specialist("ben")
        conversation = make_queued(ana)

        def keys() -> set[str]:
            own = read_own(ben, read_board(access.live_state()))
            return {alert.key for alert in own.alerts}

        first = keys()
        services.claim_conversation(conversation.pk, specialist=ana)
        services.release_conversation(conversation.pk, specialist=ana, to="queue")
        assert kinds(ben) == ["waiting"]
        assert not keys() & first

    def test_an_offer_and_its_answer_reach_the_two_it_concerns(self, clock: object) -> None:
        ana, ben, cleo = (make_specialist(name) for name in ("ana", "ben", "cleo"))
        conversation = make_claimed(ana)
        offer = services.offer_transfer(conversation.pk, specialist=ana, to=ben, note="grants")
        assert alerts(ben) == [("offer", "Ana offers you a conversation.")]
        assert kinds(ana) == ["mine"]
        assert kinds(cleo) == []
        services.decline_transfer(offer.pk, specialist=ben)
        assert ("offer", "Ben declined the conversation you offered.") in alerts(ana)
        assert kinds(ben) == []

    def test_an_offer_that_nobody_answered_is_heard_of_by_whoever_made_it(
        self, clock: time_machine.Traveller, settings: Any
    ) -> None:
        ana, ben = make_specialist("ana"), make_specialist("ben")
        offered, closed = make_claimed(ana), make_claimed(ana)
        for conversation in (offered, closed):
            services.offer_transfer(conversation.pk, specialist=ana, to=ben)
        services.close_conversation(closed.pk, by="visitor")
        clock.shift(settings.TRANSFER_SECONDS)
        assert services.lapse_transfers() == 1
        words = "Ben did not answer. The conversation you offered is still yours."
        assert [said for kind, said in alerts(ana) if kind == "offer"] == [words]

    def test_a_lost_conversation_is_offered_back_first_to_whoever_had_it(
        self, clock: time_machine.Traveller
    ) -> None:
        ana, ben = make_specialist("ana"), make_specialist("ben")
        conversation = make_claimed(ana)
        note_gone(ana)
        services.requeue_vanished()
        assert fresh(conversation).control == "queue"
        assert ("lost", "A family you were talking with waits again.") in alerts(ana)
        assert "You were talking with this family" in page(ana)
        assert "lost" not in kinds(ben)
        assert "was with Ana" in page(ben)

    def test_a_reply_to_read_reaches_colleagues_and_comes_back_to_its_author(
        self, clock: object, settings: object
    ) -> None:
        settings.SECOND_READER = True
        ana, ben = make_specialist("ana"), make_specialist("ben")
        conversation = make_claimed(ana)
        held = services.hold_reply(
            conversation.pk,
            specialist=ana,
            client_id=str(uuid.uuid4()),
            text="All will be well.",
            epoch=conversation.epoch,
        )
        assert alerts(ben) == [("reading", "Ana asks you to read a reply.")]
        services.return_reply(held.pk, reader=ben, remark="Promise nothing.")
        assert ("returned", "A reply of yours came back with a remark.") in alerts(ana)
        assert kinds(ben) == []

    def test_advice_is_heard_of_by_the_specialist_alone(self, clock: object) -> None:
        ana, sam = make_specialist("ana"), make_staff(Role.SUPERVISOR, "sam")
        conversation = make_claimed(ana)
        services.advise(conversation.pk, supervisor=sam, text="Offer the nurse line.")
        assert ("advice", "Sam advises you privately.") in alerts(ana)
        assert "advice" not in kinds(sam)

    def test_nothing_a_family_wrote_is_in_an_alert(self, clock: object) -> None:
        """Notifications show on screens that others see."""
        ana = make_specialist("ana")
        write(make_claimed(ana), "our secret")
        write(make_queued(ana), "our secret")
        assert all("secret" not in words for _, words in alerts(ana))


class TestOrder:
    """Who waits longest for this specialist stands first."""

    def test_unanswered_ones_first_the_oldest_on_top(self, clock: time_machine.Traveller) -> None:
        ana = make_specialist("ana")
        answered, late, later = make_claimed(ana), make_claimed(ana), make_claimed(ana)
        for conversation in (late, later, answered):
            write(conversation, "a question")
            clock.shift(60)
        services.send_reply(
            answered.pk,
            specialist=ana,
            client_id=str(uuid.uuid4()),
            text="An answer.",
            epoch=answered.epoch,
        )
        rows = access.longest_waiting_first(access.talk_rows())
        assert [row.conversation.pk for row in rows] == [late.pk, later.pk, answered.pk]
        assert [row.unanswered_since is None for row in rows] == [False, False, True]
        assert rows[0].last_words == "a question"

    def test_what_was_said_to_the_bot_does_not_count_as_waiting_for_hours(
        self, clock: time_machine.Traveller
    ) -> None:
        ana = make_specialist("ana")
        conversation = make_conversation()
        write(conversation, "hours ago")
        clock.shift(3600)
        note_seen(ana)
        services.request_handoff(conversation.pk)
        asked_at = fresh(conversation).queued_at
        services.claim_conversation(conversation.pk, specialist=ana)
        (row,) = access.talk_rows()
        assert row.unanswered_since == asked_at


class TestSharing:
    """What all lists show alike is read once for each state, and never shown stale."""

    def test_a_claim_shows_at_once_in_everybodys_list(self, clock: object) -> None:
        ana, ben = make_specialist("ana"), make_specialist("ben")
        conversation = make_queued(ana)
        assert 'data-waiting="1"' in page(ben)
        services.claim_conversation(conversation.pk, specialist=ana)
        assert 'data-waiting="0"' in page(ben)
        assert f'data-row="{conversation.pk}"' in page(ana)

    def test_the_open_one_is_marked_for_its_reader_alone(self, clock: object) -> None:
        ana, ben = make_specialist("ana"), make_specialist("ben")
        conversation = make_queued(ana)
        marked = f'data-row="{conversation.pk}" aria-current="true"'
        assert marked in page(ana, shown=str(conversation.pk))
        assert marked not in page(ben)

    def test_nothing_is_marked_by_an_id_that_is_none(self, clock: object) -> None:
        make_queued(make_specialist("ana"))
        shown = '"><script>alert(1)</script>'
        assert "<script>" not in page(make_specialist("ben"), shown=shown)

    def test_reading_again_costs_few_queries_however_many_wait(
        self, clock: object, django_assert_max_num_queries: Callable[[int], object]
    ) -> None:
        ana = make_specialist("ana")
        for _ in range(3):
            make_queued(ana)
        read_board(access.live_state())
        with django_assert_max_num_queries(1):
            read_board(access.live_state())
        for _ in range(5):
            make_queued(ana)
        with django_assert_max_num_queries(4):
            read_board(access.live_state())

    def test_all_shows_what_colleagues_hold_and_what_ended_today(
        self, clock: time_machine.Traveller
    ) -> None:
        ana, ben = make_specialist("ana"), make_specialist("ben")
        held, ended = make_claimed(ana), make_claimed(ana)
        services.close_conversation(ended.pk, by="visitor")
        shown = page(ben, view="all")
        assert str(held.pk) in shown
        assert str(ended.pk) in shown
        assert str(held.pk) not in page(ben)
        clock.shift(25 * 3600)
        assert str(ended.pk) not in page(ben, view="all")
        assert Conversation.objects.filter(pk=ended.pk).exists()


def test_a_page_that_a_family_closed_is_told_in_the_list_and_beside_the_chat(
    clock: Any,
) -> None:
    """Nobody greets an empty room; a page that is open says nothing."""
    ana = make_specialist("ana")
    waiting, mine, with_bot = make_queued(), make_claimed(ana), make_conversation()
    browser = Client()
    browser.force_login(ana)
    Conversation.objects.filter(pk=with_bot.pk).update(
        is_urgent=True, urgent_kind="crisis", urgent_at=timezone.now()
    )
    addresses = [reverse("console:list"), reverse("console:conversation", args=[mine.pk])]
    told = "Page closed or asleep for"
    assert not any(told in browser.get(each).content.decode() for each in addresses)
    for each in (waiting, mine, with_bot):
        services.note_page_left(each.pk, timezone.now() - timedelta(minutes=4))
    shown, beside = (browser.get(each).content.decode() for each in addresses)
    assert str(with_bot.pk) in shown
    assert shown.count(told) == 2
    for text in (shown, beside):
        assert re.search(rf"{told} <time datetime=\S+ data-since>4.minutes</time>", text)
