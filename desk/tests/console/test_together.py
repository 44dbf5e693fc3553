"""Offers, readers, supervisors and one's own settings, over HTTP."""

from __future__ import annotations

import re
import uuid

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from conversations import access, services
from conversations.models import HeldReply, Transfer
from staff.models import Role, User
from staff.presence import note_gone, presence_of, set_capacity
from tests.factories import (
    fresh,
    make_admin,
    make_claimed,
    make_queued,
    make_specialist,
    make_staff,
    told,
    write,
)

pytestmark = pytest.mark.django_db


def browser_of(user: User) -> Client:
    """A browser in which the account is signed in."""
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.fixture
def ana(clock: object) -> User:
    """A specialist."""
    return make_specialist("ana")


@pytest.fixture
def ben(clock: object) -> User:
    """Her colleague."""
    return make_specialist("ben")


@pytest.fixture
def sam(clock: object) -> User:
    """A supervisor."""
    return make_staff(Role.SUPERVISOR, "sam")


class TestOffers:
    """The giver keeps control until the colleague accepts."""

    def test_offered_and_accepted(self, ana: User, ben: User) -> None:
        conversation = make_claimed(ana)
        offer_url = reverse("console:offer", args=[conversation.pk])
        assert "Ben" in browser_of(ana).get(offer_url).content.decode()
        browser_of(ana).post(offer_url, {"to": ben.pk, "note": "knows grants?"})
        assert fresh(conversation).specialist == ana
        url = reverse("console:conversation", args=[conversation.pk])
        assert "knows grants?" in browser_of(ben).get(url).content.decode()
        offer = Transfer.objects.get()
        browser_of(ben).post(reverse("console:accept", args=[offer.pk]), {"next": url})
        assert fresh(conversation).specialist == ben

    def test_declined_with_a_note_and_withdrawn(self, ana: User, ben: User) -> None:
        conversation = make_claimed(ana)
        offer = services.offer_transfer(conversation.pk, specialist=ana, to=ben)
        browser_of(ben).post(reverse("console:decline", args=[offer.pk]), {"note": "no room"})
        offer.refresh_from_db()
        assert (offer.state, offer.answer_note) == ("declined", "no room")
        url = reverse("console:conversation", args=[conversation.pk])
        for page in (url, reverse("console:news", args=[conversation.pk])):
            shown = browser_of(ana).get(page).content.decode()
            assert "Ben declined your offer." in shown
            assert "Their note: no room" in shown
            assert "no room" not in browser_of(ben).get(page).content.decode()
        again = services.offer_transfer(conversation.pk, specialist=ana, to=ben)
        browser_of(ana).post(reverse("console:withdraw_offer", args=[again.pk]))
        again.refresh_from_db()
        assert again.state == "withdrawn"
        assert "declined your offer" not in browser_of(ana).get(url).content.decode()
        assert fresh(conversation).specialist == ana

    def test_what_cannot_be_done_is_said_where_one_was(self, ana: User, ben: User) -> None:
        conversation = make_claimed(ana)
        offer = services.offer_transfer(conversation.pk, specialist=ana, to=ben)
        services.withdraw_transfer(offer.pk, specialist=ana)
        url = reverse("console:conversation", args=[conversation.pk])
        answer = browser_of(ben).post(
            reverse("console:accept", args=[offer.pk]), {"next": url}, follow=True
        )
        assert answer.redirect_chain == [(url, 302)]
        assert "This offer was taken back." in answer.content.decode()

    def test_no_way_out_of_the_house(self, ana: User, ben: User) -> None:
        """The page to return to is one of ours."""
        conversation = make_claimed(ana)
        offer = services.offer_transfer(conversation.pk, specialist=ana, to=ben)
        answer = browser_of(ben).post(
            reverse("console:accept", args=[offer.pk]), {"next": "https://elsewhere.example/"}
        )
        assert answer["Location"] == reverse("console:home")

    def test_a_colleague_who_is_gone_cannot_be_chosen(self, ana: User, ben: User) -> None:
        conversation = make_claimed(ana)
        note_gone(ben)
        url = reverse("console:offer", args=[conversation.pk])
        assert "No colleague is connected" in browser_of(ana).get(url).content.decode()
        answer = browser_of(ana).post(url, {"to": ben.pk}, follow=True)
        assert "That colleague is gone." in answer.content.decode()
        assert not Transfer.objects.exists()


class TestSecondReader:
    """With the setting on, a reply waits for a colleague."""

    @pytest.fixture(autouse=True)
    def _reading(self, settings: object) -> None:
        settings.SECOND_READER = True

    def hand_in(self, user: User, conversation: object, text: str = "All will be well.") -> int:
        form = {"text": text, "client_id": str(uuid.uuid4()), "epoch": conversation.epoch}
        url = reverse("console:reply", args=[conversation.pk])
        return browser_of(user).post(url, form).status_code

    def test_a_return_without_a_remark_says_what_to_fill_in(self, ana: User, ben: User) -> None:
        self.hand_in(ana, make_claimed(ana))
        url = reverse("console:return_reply", args=[HeldReply.objects.get().pk])
        page = browser_of(ben).post(url, follow=True).content.decode()
        assert "Remark: Say what should change." in page

    def test_an_open_page_offers_to_send_once_the_last_colleague_is_gone(
        self, ana: User, ben: User
    ) -> None:
        """An open page exchanges its banners only when what they were drawn from differs."""
        conversation = make_claimed(ana)
        self.hand_in(ana, conversation)
        url = reverse("console:news", args=[conversation.pk])

        def banners() -> tuple[str, bool]:
            page = browser_of(ana).get(url).content.decode()
            drawn = re.search(r'data-part="banners" data-drawn="([^"]*)"', page)
            assert drawn
            return drawn[1], "Nobody else is here: send it" in page

        before, is_offered = banners()
        assert not is_offered
        note_gone(ben)
        after, is_offered = banners()
        assert is_offered
        assert after != before

    def test_a_looker_on_gets_another_line_below_the_chat_when_it_is_claimed(
        self, ana: User, ben: User
    ) -> None:
        conversation = make_queued()
        url = reverse("console:news", args=[conversation.pk])

        def below() -> str:
            page = browser_of(ben).get(url).content.decode()
            drawn = re.search(r'data-part="composer" data-drawn="([^"]*)"', page)
            assert drawn
            return drawn[1]

        waiting = below()
        services.claim_conversation(conversation.pk, specialist=ana)
        claimed = below()
        services.release_conversation(conversation.pk, specialist=ana, to="queue")
        assert waiting != claimed
        assert below() == waiting

    def test_held_shown_to_the_reader_and_released(self, ana: User, ben: User) -> None:
        conversation = make_claimed(ana)
        before = len(told(conversation))
        assert self.hand_in(ana, conversation) == 202
        assert len(told(conversation)) == before
        held = HeldReply.objects.get()
        url = reverse("console:conversation", args=[conversation.pk])
        assert "All will be well." in browser_of(ben).get(url).content.decode()
        assert "Send for reading" in browser_of(ana).get(url).content.decode()
        browser_of(ben).post(reverse("console:release_reply", args=[held.pk]), {"next": url})
        assert told(conversation)[-1].text == "All will be well."

    def test_returned_with_a_remark_and_back_in_the_box(self, ana: User, ben: User) -> None:
        conversation = make_claimed(ana)
        self.hand_in(ana, conversation)
        held = HeldReply.objects.get()
        browser_of(ben).post(
            reverse("console:return_reply", args=[held.pk]), {"remark": "Promise nothing."}
        )
        url = reverse("console:conversation", args=[conversation.pk])
        page = browser_of(ana).get(url).content.decode()
        assert "Promise nothing." in page
        assert 'data-draft="reply">All will be well.</textarea>' in page
        self.hand_in(ana, conversation, "We go through it with you.")
        page = browser_of(ana).get(url).content.decode()
        assert "Promise nothing." not in page

    def test_dropped_it_is_shown_to_its_author_until_put_away(self, ana: User, ben: User) -> None:
        conversation = make_claimed(ana)
        self.hand_in(ana, conversation)
        services.close_conversation(conversation.pk, by="visitor")
        held = HeldReply.objects.get()
        url = reverse("console:conversation", args=[conversation.pk])
        page = browser_of(ana).get(url).content.decode()
        assert page.count("Your reply was not sent") == 2, "in the list and above the conversation"
        # By its id the console finds the focus and the place in it again after each redraw.
        assert (
            f'<blockquote id="held-{held.pk}" tabindex="0">All will be well.</blockquote>' in page
        )
        assert 'id="banners" role="region" aria-label="To be seen to" tabindex="-1"' in page
        assert "A reply of yours was not sent: its conversation moved on." in page
        assert "All will be well." not in browser_of(ben).get(url).content.decode()
        browser_of(ana).post(reverse("console:withdraw_reply", args=[held.pk]), {"next": url})
        assert "All will be well." not in browser_of(ana).get(url).content.decode()

    def test_overtaken_it_needs_its_authors_word(self, ana: User, ben: User) -> None:
        conversation = make_claimed(ana)
        form = {
            "text": "Yes.",
            "client_id": str(uuid.uuid4()),
            "epoch": conversation.epoch,
            "seen_seq": conversation.last_seq,
        }
        browser_of(ana).post(reverse("console:reply", args=[conversation.pk]), form)
        held = HeldReply.objects.get()
        write(conversation, "wait")
        url = reverse("console:conversation", args=[conversation.pk])
        assert "has to confirm it" in browser_of(ben).get(url).content.decode()
        assert "It still fits" in browser_of(ana).get(url).content.decode()
        seen = fresh(conversation).last_seq
        browser_of(ana).post(
            reverse("console:confirm_reply", args=[held.pk]), {"seen_seq": seen, "next": url}
        )
        browser_of(ben).post(reverse("console:release_reply", args=[held.pk]))
        assert told(conversation)[-1].text == "Yes."

    def test_alone_on_duty_is_no_dead_end(self, ana: User) -> None:
        conversation = make_claimed(ana)
        self.hand_in(ana, conversation)
        held = HeldReply.objects.get()
        url = reverse("console:conversation", args=[conversation.pk])
        assert "Nobody else is here: send it" in browser_of(ana).get(url).content.decode()
        browser_of(ana).post(reverse("console:release_reply", args=[held.pk]))
        assert told(conversation)[-1].text == "All will be well."


class TestSupervisor:
    """Sees all, advises in private, steps in; others may not."""

    def test_sees_who_holds_what_and_who_waits(self, ana: User, sam: User) -> None:
        held, waiting = make_claimed(ana), make_queued(ana)
        write(held, "is anybody there")
        page = browser_of(sam).get(reverse("console:supervise")).content.decode()
        assert str(held.pk) in page
        assert str(waiting.pk) in page
        assert "is anybody there" in page
        piece = browser_of(sam).get(reverse("console:supervise"), headers={"X-Piece": "yes"})
        assert "<html" not in piece.content.decode()

    def test_others_may_not(self, ana: User) -> None:
        conversation = make_claimed(ana)
        ben = make_specialist("ben")
        assert browser_of(ben).get(reverse("console:supervise")).status_code == 403
        assert browser_of(make_admin()).get(reverse("console:supervise")).status_code == 403
        for name in ("advise", "step_in"):
            url = reverse(f"console:{name}", args=[conversation.pk])
            browser_of(ben).post(url, {"text": "Me."})
        assert fresh(conversation).specialist == ana
        assert not access.transcript(conversation.pk).notes

    def test_advice_is_a_note_that_the_family_never_sees(self, ana: User, sam: User) -> None:
        conversation = make_claimed(ana)
        url = reverse("console:advise", args=[conversation.pk])
        browser_of(sam).post(url, {"text": "Offer the nurse line."})
        (note,) = access.transcript(conversation.pk).notes
        assert (note.text, note.advice_to) == ("Offer the nurse line.", ana)
        assert all("nurse line" not in message.text for message in told(conversation))

    def test_advice_is_read_by_the_two_and_by_supervisors_alone(self, ana: User, sam: User) -> None:
        conversation = make_claimed(ana)
        services.advise(conversation.pk, supervisor=sam, text="Offer the nurse line.")
        services.add_note(conversation.pk, author=ana, text="For everybody.")
        page = reverse("console:conversation", args=[conversation.pk])
        seen = {
            user.username: browser_of(user).get(page).content.decode()
            for user in (ana, sam, make_specialist("ben"), make_admin("adam"))
        }
        assert {name for name, html in seen.items() if "Offer the nurse line." in html} == {
            "ana",
            "sam",
        }
        assert all("For everybody." in html for html in seen.values())

    def test_steps_in(self, ana: User, sam: User) -> None:
        conversation = make_claimed(ana)
        browser_of(sam).post(reverse("console:step_in", args=[conversation.pk]))
        assert fresh(conversation).specialist == sam


class TestOneself:
    """Sound until sign-out, capacity, how far one has read."""

    def test_the_sound_is_asked_for_once_in_a_signed_in_time(self, ana: User) -> None:
        browser = browser_of(ana)
        home = reverse("console:home")
        assert "Test the sound" in browser.get(home).content.decode()
        browser.post(reverse("console:sound"), {"sound": "on"})
        page = browser.get(home).content.decode()
        assert "Test the sound" not in page
        assert 'data-sound="on"' in page
        assert "Test the sound" in browser_of(ana).get(home).content.decode()

    def test_capacity_is_ones_own(self, ana: User) -> None:
        browser = browser_of(ana)
        browser.post(reverse("console:capacity"), {"capacity": "2"})
        assert presence_of(ana).capacity == 2
        answer = browser.post(reverse("console:capacity"), {"capacity": "0"}, follow=True)
        assert "from 1 to 50" in answer.content.decode()
        assert presence_of(ana).capacity == 2

    def test_a_full_specialist_is_asked_and_may_insist(self, ana: User) -> None:
        set_capacity(ana, capacity=1)
        make_claimed(ana)
        waiting = make_queued(ana)
        url = reverse("console:claim", args=[waiting.pk])
        page = browser_of(ana).post(url, follow=True).content.decode()
        assert "You already hold as many" in page
        assert fresh(waiting).control == "queue"
        browser_of(ana).post(url, {"beyond_capacity": "yes"})
        assert fresh(waiting).specialist == ana

    def test_looking_is_noted_and_shown_to_colleagues(self, ana: User, ben: User) -> None:
        conversation = make_claimed(ana)
        write(conversation, "hello")
        url = reverse("console:view", args=[conversation.pk])
        browser_of(ana).post(url, {"seq": fresh(conversation).last_seq})
        assert access.unread_counts(ana, [conversation.pk]) == {}
        assert "Ana looks at this too" in browser_of(ben).post(url, {"seq": 1}).content.decode()
        browser_of(ana).post(reverse("console:typing", args=[conversation.pk]))
        assert "Ana is writing" in browser_of(ben).post(url, {"seq": 1}).content.decode()
        for name in ("view", "typing"):  # Erased while a page of it is open.
            unknown = reverse(f"console:{name}", args=[uuid.uuid4()])
            assert browser_of(ana).post(unknown, {"seq": 1}).status_code == 404


class TestSigningOut:
    """Families are never left without a word, and never by accident."""

    def test_whoever_holds_chats_is_asked_from_any_page(self, ana: User) -> None:
        conversation = make_claimed(ana)
        browser = browser_of(ana)
        here = reverse("console:follow_up")
        url = reverse("console:sign_out")
        assert f'action="{url}"' in browser.get(here).content.decode()
        came_from = "http://testserver" + here
        page = browser.post(url, headers={"Referer": came_from}).content.decode()
        assert "You hold one conversation" in page
        assert f'href="{came_from}"' in page
        again = browser.post(url, {"next": came_from}, headers={"Referer": url})
        assert f'href="{came_from}"' in again.content.decode()
        assert fresh(conversation).specialist == ana
        assert browser.get(here).status_code == 200

    def test_families_are_back_in_the_queue_with_the_same_request(self, ana: User) -> None:
        conversation, another = make_claimed(ana), make_claimed(ana)
        browser = browser_of(ana)
        url = reverse("console:sign_out")
        assert "You hold 2 conversations" in browser.post(url).content.decode()
        answer = browser.post(url, {"sure": "yes"})
        assert answer["Location"] == "/staff/sign-in?signed-out=yes"
        for each in (conversation, another):
            assert fresh(each).control == "queue"
            assert fresh(each).lost_specialist == ana
            assert told(each)[-1].kind == "notice"
        assert browser.get(reverse("console:home")).status_code == 302
        assert "You are signed out." in browser.get(answer["Location"]).content.decode()

    def test_nobody_elses_families_are_looked_at(self, ana: User, ben: User) -> None:
        conversation = make_claimed(ben)
        note_gone(ben)  # The worker sees to it.
        browser_of(ana).post(reverse("console:sign_out"), {"sure": "yes"})
        assert fresh(conversation).specialist == ben

    def test_a_database_that_is_away_keeps_nobody_signed_in(
        self, ana: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(**_: object) -> int:
            raise OperationalError("database is locked")

        conversation = make_claimed(ana)
        browser = browser_of(ana)
        monkeypatch.setattr(services, "requeue_vanished", fail)
        answer = browser.post(reverse("console:sign_out"), {"sure": "yes"})
        assert answer["Location"] == "/staff/sign-in?signed-out=yes"
        monkeypatch.undo()
        assert services.requeue_vanished() == 1
        assert fresh(conversation).lost_specialist == ana

    def test_the_question_may_be_read_again_and_signs_nobody_out(self, ana: User) -> None:
        make_claimed(ana)
        browser = browser_of(ana)
        page = browser.get(reverse("console:sign_out"), {"sure": "yes"}).content.decode()
        assert "You hold one conversation" in page
        assert f'href="{reverse("console:home")}"' in page
        assert browser.get(reverse("console:follow_up")).status_code == 200

    def test_the_switch_on_the_question_leads_to_where_they_were(self, ana: User) -> None:
        make_claimed(ana)
        here = reverse("console:follow_up")
        answer = browser_of(ana).post(reverse("console:sign_out"), {"next": here})
        # The one of the switch and the one of the sign-out itself.
        assert answer.content.decode().count(f'name="next" value="{here}"') == 2

    def test_staying_leads_nowhere_else(self, ana: User) -> None:
        make_claimed(ana)
        page = browser_of(ana).post(
            reverse("console:sign_out"), {"next": "https://elsewhere.example/"}
        )
        assert "elsewhere.example" not in page.content.decode()

    @pytest.mark.parametrize("role", [Role.SPECIALIST, Role.REVIEWER, Role.ADMIN])
    def test_whoever_holds_nothing_is_not_asked(self, clock: object, role: Role) -> None:
        browser = browser_of(make_staff(role))
        url = reverse("console:sign_out")
        room = "review:list" if role == Role.REVIEWER else "console:home"
        assert browser.get(url, follow=True).redirect_chain[-1][0] == reverse(room)
        assert browser.post(url)["Location"] == "/staff/sign-in?signed-out=yes"
        assert (
            "You are signed out."
            in browser.get(reverse("staff:sign_in"), {"signed-out": "yes"}).content.decode()
        )


def test_there_is_no_composer_before_a_take_over(ana: User) -> None:
    """A reply takes over by an explicit press alone."""
    waiting = make_queued(ana)
    url = reverse("console:conversation", args=[waiting.pk])
    assert "data-composer" not in browser_of(ana).get(url).content.decode()
    browser_of(ana).post(reverse("console:claim", args=[waiting.pk]))
    assert "data-composer" in browser_of(ana).get(url).content.decode()


def test_a_held_up_reply_names_its_reason(ana: User) -> None:
    """The page tells a newer message, which can be overridden, from what cannot."""
    conversation = make_claimed(ana)
    seen = conversation.last_seq
    write(conversation, "wait")
    form = {
        "text": "Yes.",
        "client_id": str(uuid.uuid4()),
        "epoch": conversation.epoch,
        "seen_seq": seen,
    }
    url = reverse("console:reply", args=[conversation.pk])
    answer = browser_of(ana).post(url, form)
    assert (answer.status_code, answer["X-Reason"]) == (409, "newer_messages")
    answer = browser_of(ana).post(url, {**form, "epoch": conversation.epoch - 1})
    assert (answer.status_code, answer["X-Reason"]) == (409, "stale_epoch")
