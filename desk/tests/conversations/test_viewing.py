"""Who of the staff looks on, who types, what is unread, who has room."""

from __future__ import annotations

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from conversations import access, services
from conversations.errors import AtCapacity, NotAllowed, UnknownConversation
from conversations.models import StaffView
from conversations.stream.hub import hub, staff_key
from staff import presence
from staff.models import Role, StaffPresence
from tests.factories import (
    fresh,
    make_claimed,
    make_conversation,
    make_queued,
    make_reviewer,
    make_specialist,
    make_staff,
    told,
    write,
)

pytestmark = pytest.mark.django_db


def read_all(conversation, user):
    """The member of staff has every message before them."""
    services.note_view(conversation.pk, user=user, seq=fresh(conversation).last_seq)


class TestViewers:
    """Collision: colleagues see who looks at a conversation and who types in it."""

    def test_whoever_looks_on_is_shown_to_others_until_they_are_gone(self, clock):
        ana, ben = make_specialist("ana"), make_specialist("ben")
        conversation = make_conversation()
        read_all(conversation, ana)
        assert access.viewers(conversation.pk, other_than=ben) == [access.Viewer("Ana", False)]
        assert access.viewers(conversation.pk, other_than=ana) == []
        assert access.viewers(make_conversation().pk, other_than=ben) == []
        clock.shift(31)
        assert access.viewers(conversation.pk, other_than=ben) == []

    def test_whoever_types_is_shown_as_typing_for_some_seconds(self, clock):
        ana, ben = make_specialist("ana"), make_specialist("ben")
        conversation = make_conversation()
        services.note_typing_staff(conversation.pk, by=ana)
        assert access.viewers(conversation.pk, other_than=ben) == [access.Viewer("Ana", True)]
        clock.shift(7)
        assert access.viewers(conversation.pk, other_than=ben) == [access.Viewer("Ana", False)]

    def test_nobody_else_leaves_a_trace(self, clock):
        conversation = make_conversation()
        with pytest.raises(NotAllowed):
            services.note_view(conversation.pk, user=make_reviewer(), seq=1)
        with pytest.raises(NotAllowed):
            services.note_typing_staff(conversation.pk, by=make_reviewer())
        for unknown in ("garbage", "11111111-1111-4111-8111-111111111111"):
            with pytest.raises(UnknownConversation):
                services.note_view(unknown, user=make_specialist(), seq=1)
        assert not StaffView.objects.exists()

    def test_looking_changes_nothing_a_visitor_or_a_record_could_show(self, clock):
        ana = make_specialist("ana")
        conversation = make_conversation()
        before, entries = fresh(conversation), AuditEntry.objects.count()
        services.note_view(conversation.pk, user=ana, seq=1)
        services.note_typing_staff(conversation.pk, by=ana)
        after = fresh(conversation)
        assert (after.change_seq, after.last_activity_at) == (
            before.change_seq,
            before.last_activity_at,
        )
        assert len(told(conversation)) == 1
        assert AuditEntry.objects.count() == entries

    def test_a_page_that_stays_open_costs_few_writes(self, clock, django_assert_num_queries):
        ana = make_specialist("ana")
        conversation = make_conversation()
        read_all(conversation, ana)
        assert ana.roles
        with django_assert_num_queries(2):
            services.note_view(conversation.pk, user=ana, seq=1)


@pytest.mark.django_db(transaction=True)
class TestWakeUps:
    """Who looks and types is told to the consoles of that conversation, and to nobody else."""

    @pytest.fixture
    def roused(self, monkeypatch):
        keys: list[str] = []
        monkeypatch.setattr(hub, "rouse", lambda key, *_, **__: keys.append(key))
        return keys

    def test_a_look_wakes_neither_the_visitor_nor_the_lists(self, roused, clock):
        ana = make_specialist("ana")
        conversation = make_conversation()
        roused.clear()
        services.note_view(conversation.pk, user=ana, seq=1)
        assert roused == [staff_key(conversation.pk)]
        clock.shift(12)
        services.note_view(conversation.pk, user=ana, seq=1)
        assert roused == [staff_key(conversation.pk)]

    def test_typing_wakes_the_same_few_at_most_every_other_second(self, roused, clock):
        ana = make_specialist("ana")
        conversation = make_conversation()
        roused.clear()
        for _ in range(3):
            services.note_typing_staff(conversation.pk, by=ana)
        assert roused == [staff_key(conversation.pk)]
        clock.shift(2)
        services.note_typing_staff(conversation.pk, by=ana)
        assert roused == [staff_key(conversation.pk)] * 2


class TestUnread:
    """How much somebody has not had before them."""

    def test_what_visitor_and_colleagues_wrote_counts_and_ones_own_does_not(self, clock):
        ana, ben = make_specialist("ana"), make_specialist("ben")
        conversation, other = make_claimed(ana), make_claimed(ana)
        ids = [conversation.pk, other.pk]
        assert access.unread_counts(ana, ids) == {}
        write(conversation, "one")
        write(conversation, "two")
        services.send_reply(
            conversation.pk,
            specialist=ana,
            client_id="r",
            text="words",
            epoch=fresh(conversation).epoch,
        )
        assert access.unread_counts(ana, ids) == {conversation.pk: 2}
        assert access.unread_counts(ben, ids) == {conversation.pk: 3}
        read_all(conversation, ana)
        assert access.unread_counts(ana, ids) == {}
        write(conversation, "three")
        assert access.unread_counts(ana, ids) == {conversation.pk: 1}
        assert access.unread_counts(ben, [other.pk]) == {}

    def test_a_number_from_the_browser_reads_nothing_that_is_not_there(self, clock):
        """Else a forged or a mistaken one would hide every later message."""
        ana = make_specialist("ana")
        conversation = make_claimed(ana)
        services.note_view(conversation.pk, user=ana, seq=10_000)
        write(conversation, "are you there?")
        assert access.unread_counts(ana, [conversation.pk]) == {conversation.pk: 1}

    def test_an_older_page_takes_nothing_back(self, clock):
        ana = make_specialist("ana")
        conversation = make_claimed(ana)
        write(conversation, "one")
        read_all(conversation, ana)
        clock.shift(60)
        services.note_view(conversation.pk, user=ana, seq=1)
        assert access.unread_counts(ana, [conversation.pk]) == {}

    def test_many_conversations_cost_one_query(self, clock, django_assert_num_queries):
        ana = make_specialist("ana")
        ids = [make_claimed(ana).pk for _ in range(3)]
        with django_assert_num_queries(1):
            access.unread_counts(ana, ids)


class TestColleagues:
    """Connected, accepting and capacity are three separate facts."""

    def test_each_fact_is_told_by_itself(self, clock):
        ana, ben, cleo = (make_specialist(name) for name in ("ana", "ben", "cleo"))
        make_claimed(ben)
        presence.set_accepting(ben, is_accepting=False)
        presence.set_capacity(ben, capacity=1)
        presence.note_gone(cleo)
        make_staff(Role.REVIEWER)
        found = access.colleagues(ana)
        assert [
            (one.user, one.is_connected, one.is_accepting, one.held, one.capacity) for one in found
        ] == [(ben, True, False, 1, 1), (cleo, False, True, 0, 4)]
        assert [one.has_room for one in found] == [False, True]

    def test_a_supervisor_is_a_colleague_and_takes_no_chats_before_they_say_so(self, clock):
        """Watching is no promise to families that a person is there for them."""
        supervisor = make_staff(Role.SUPERVISOR, "sam")
        StaffPresence.objects.all().delete()
        presence.note_seen(supervisor)
        (found,) = access.colleagues(make_specialist("ana", is_there=False))
        assert (found.user, found.is_connected, found.is_accepting) == (supervisor, True, False)
        assert not presence.is_staffed(timezone.now())
        presence.set_accepting(supervisor, is_accepting=True)
        assert presence.is_staffed(timezone.now())


class TestCapacity:
    """A specialist holds as many conversations as they said, unless they say more."""

    def test_a_claim_beyond_it_is_refused_until_they_insist(self, clock):
        ana = make_specialist("ana")
        presence.set_capacity(ana, capacity=1)
        make_claimed(ana)
        waiting = make_queued(ana)
        with pytest.raises(AtCapacity) as caught:
            services.claim_conversation(waiting.pk, specialist=ana)
        assert caught.value.data == {"held": 1, "capacity": 1}
        assert fresh(waiting).control == "queue"
        services.claim_conversation(waiting.pk, specialist=ana, beyond_capacity=True)
        assert fresh(waiting).specialist == ana
        assert services.claim_conversation(waiting.pk, specialist=ana) == []

    def test_a_closed_one_makes_room(self, clock):
        ana = make_specialist("ana")
        presence.set_capacity(ana, capacity=1)
        services.close_conversation(make_claimed(ana).pk, by="visitor")
        waiting = make_queued(ana)
        assert services.claim_conversation(waiting.pk, specialist=ana)

    def test_an_urgent_take_over_is_never_refused_for_it(self, clock):
        ana = make_specialist("ana")
        presence.set_capacity(ana, capacity=1)
        make_claimed(ana)
        conversation = make_conversation()
        assert services.take_over_conversation(conversation.pk, specialist=ana)

    def test_it_is_set_within_bounds_and_on_record_once(self, clock):
        ana = make_specialist("ana")
        for wrong in (0, 51):
            with pytest.raises(ValueError, match="1 to 50"):
                presence.set_capacity(ana, capacity=wrong)
        presence.set_capacity(ana, capacity=2)
        presence.set_capacity(ana, capacity=2)
        entry = AuditEntry.objects.get(kind="staff.capacity_set")
        assert (entry.actor, entry.data) == (f"staff:{ana.pk}", {"capacity": 2})
