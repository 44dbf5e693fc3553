"""Asking for a person, for a callback, and judging what was said."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest

import safety
from conversations.models import CallbackRequest, Feedback, Survey
from safety import Verdict
from tests.conftest import Find
from tests.gateway.api_client import Api, open_api
from tests.gateway.database import claimed, conversation, in_database, specialist

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("relay")]


def _id() -> str:
    return str(uuid.uuid4())


@pytest.mark.usefixtures("open_hours")
class TestHandoff:
    async def test_it_queues_when_somebody_is_there(self) -> None:
        """202, with the place in the queue and what the visitor is told."""
        await specialist()
        api = await open_api()
        answer = await api.post("…/handoff", {"client_id": _id(), "reason": "a second opinion"})
        assert answer.status == 202
        assert (answer["state"], answer["queue_position"]) == ("queued", 1)
        assert answer["wait_minutes"] is None
        (notice,) = answer["messages"]
        assert notice["kind"] == "handoff"
        assert (await conversation(api.id)).handoff_reason == "a second opinion"

    async def test_a_second_family_waits_behind_the_first(self) -> None:
        """Oldest first."""
        await specialist()
        first, second = await open_api(), await open_api()
        for position, api in enumerate((first, second), start=1):
            answer = await api.post("…/handoff", {"client_id": _id()})
            assert answer["queue_position"] == position

    async def test_asking_again_tells_the_current_state(self) -> None:
        """200 while queued and with a specialist, and nothing new is said."""
        someone = await specialist()
        api = await open_api()
        client_id = _id()
        await api.post("…/handoff", {"client_id": client_id})
        told = await api.told()
        for again in (client_id, _id()):
            answer = await api.post("…/handoff", {"client_id": again})
            assert (answer.status, answer["state"], answer["queue_position"]) == (200, "queued", 1)
        assert await api.told() == told
        await claimed(api.id, someone)
        answer = await api.post("…/handoff", {"client_id": _id()})
        assert (answer.status, answer["state"]) == (200, "with_specialist")

    async def test_nobody_signed_in_means_a_callback(self) -> None:
        """200, the bot stays, and the visitor is told why."""
        api = await open_api()
        answer = await api.post("…/handoff", {"client_id": _id()})
        assert (answer.status, answer["state"], answer["offer"]) == (200, "bot", "callback")
        assert answer["messages"]

    async def test_a_closed_conversation_takes_no_handoff(self, find: Find) -> None:
        """409, with the safety reply where the reason calls for it."""
        api = await open_api()
        await api.post("…/close")
        refused = await api.post("…/handoff", {"client_id": _id()})
        assert (refused.status, refused.problem) == (409, "conversation-closed")
        find("crisis_suicide")
        refused = await api.post("…/handoff", {"client_id": _id(), "reason": "I want to die"})
        assert refused["safety"] == "crisis"

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "client_id"),
            ({"client_id": _id(), "reason": 7}, "reason"),
            ({"client_id": _id(), "reason": "x" * 501}, "reason"),
            ({"client_id": _id(), "urgent": True}, "urgent"),
        ],
    )
    async def test_wrong_fields_are_named(self, body: dict[str, Any], field: str) -> None:
        """422."""
        api = await open_api()
        refused = await api.post("…/handoff", body)
        assert (refused.status, refused.fields) == (422, [field])

    async def test_the_same_client_id_with_another_reason_is_refused(self) -> None:
        """409: a client id names one request for good."""
        await specialist()
        api = await open_api()
        client_id = _id()
        await api.post("…/handoff", {"client_id": client_id, "reason": "one"})
        refused = await api.post("…/handoff", {"client_id": client_id, "reason": "two"})
        assert (refused.status, refused.problem) == (409, "client-id-reused")


@pytest.mark.usefixtures("open_hours")
async def test_no_text_is_read_for_danger_where_others_wait_to_write(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Reasons, topics and comments are read in the thread for it, as messages are."""
    check, threads = safety.check, []

    def noted(text: str) -> Verdict:
        threads.append(threading.current_thread().name.rpartition("_")[0])
        return check(text)

    monkeypatch.setattr(safety, "check", noted)
    api = await open_api()
    said = (await api.say("hello"))["replies"][0]["id"]
    await api.post(f"…/messages/{said}/feedback", {"helpful": False, "comment": "words"})
    survey = {"client_id": _id(), "about": "bot", "score": 1, "comment": "words"}
    await api.post("…/survey", survey)
    callback = {"client_id": _id(), "name": "Ana", "phone": "212 555 0123", "topic": "words"}
    await api.post("…/callback", callback)
    await api.post("…/handoff", {"client_id": _id(), "reason": "words"})
    assert threads == ["desk-check"] * 5


@pytest.mark.usefixtures("closed_hours")
async def test_outside_the_hours_the_next_opening_is_named() -> None:
    """Also when a specialist happens to be signed in."""
    await specialist()
    api = await open_api()
    answer = await api.post("…/handoff", {"client_id": _id()})
    assert (answer.status, answer["state"], answer["offer"]) == (200, "bot", "callback")
    assert answer["opens_at"] == "2026-11-23T14:00:00Z"


@pytest.mark.usefixtures("open_hours")
class TestCallback:
    async def _ask(self, api: Api, **fields: Any) -> Any:
        return await api.post("…/callback", {"client_id": _id(), "name": "Ana Silva", **fields})

    @pytest.mark.parametrize(
        ("fields", "stored"),
        [
            ({"phone": "(212) 555-0123"}, ("+12125550123", "")),
            ({"phone": "+44 20 7946 0018"}, ("+442079460018", "")),
            ({"email": "Ana@Example.org"}, ("", "Ana@example.org")),
            (
                {"phone": "212 555 0123", "email": "ana@example.org"},
                ("+12125550123", "ana@example.org"),
            ),
        ],
    )
    async def test_a_way_to_be_reached_is_stored_in_its_usual_form(
        self, fields: dict[str, str], stored: tuple[str, str]
    ) -> None:
        """201 with a reference to quote."""
        api = await open_api()
        answer = await self._ask(api, preferred_time="mornings", topic="money", **fields)
        assert answer.status == 201
        saved = await in_database(CallbackRequest.objects.get, reference=answer["reference"])
        assert (saved.phone, saved.email) == stored
        assert (saved.name, saved.preferred_time, saved.topic) == ("Ana Silva", "mornings", "money")

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({}, "phone"),
            ({"phone": "", "email": ""}, "phone"),
            ({"phone": "12"}, "phone"),
            ({"phone": "call me"}, "phone"),
            ({"phone": 2125550123}, "phone"),
            ({"email": "ana"}, "email"),
            ({"email": "ana@@example.org"}, "email"),
            ({"email": "ana@example.org\x00"}, "email"),
            ({"email": "a@b.org", "preferred_time": "x" * 201}, "preferred_time"),
            ({"email": "a@b.org", "topic": "x" * 1001}, "topic"),
            ({"email": "a@b.org", "name": "x" * 121}, "name"),
            ({"email": "a@b.org", "name": "  "}, "name"),
            ({"email": "a@b.org", "name": None}, "name"),
            ({"email": "a@b.org", "when": "now"}, "when"),
        ],
    )
    async def test_wrong_fields_are_named(self, fields: dict[str, Any], field: str) -> None:
        """422, and no promise is made."""
        api = await open_api()
        refused = await self._ask(api, **fields)
        assert (refused.status, refused.fields) == (422, [field])
        assert await in_database(CallbackRequest.objects.count) == 0

    async def test_a_repeat_has_the_same_reference(self) -> None:
        """200; with other fields it is a 409."""
        api = await open_api()
        body = {"client_id": _id(), "name": "Ana", "phone": "212 555 0123"}
        first, again = await api.post("…/callback", body), await api.post("…/callback", body)
        assert (first.status, again.status) == (201, 200)
        assert first["reference"] == again["reference"]
        assert (await api.post("…/callback", body | {"name": "Eva"})).status == 409
        assert await in_database(CallbackRequest.objects.count) == 1

    async def test_a_topic_that_is_an_emergency_gets_its_reply(self, find: Find) -> None:
        """The promise is made, and the safety reply comes with it."""
        api = await open_api()
        find("emergency_life")
        answer = await self._ask(api, phone="212 555 0123", topic="she is not breathing")
        assert (answer.status, answer["safety"]) == (201, "emergency")
        assert "911" in answer["safety_text"]


@pytest.mark.usefixtures("open_hours")
class TestJudgements:
    async def test_a_later_judgement_replaces_an_earlier_one(self) -> None:
        """One feedback a message."""
        api = await open_api()
        reply = (await api.say("the study"))["replies"][0]
        for helpful, comment in ((True, None), (False, "too long")):
            body = {"helpful": helpful} | ({"comment": comment} if comment else {})
            answer = await api.post(f"…/messages/{reply['id']}/feedback", body)
            assert (answer.status, answer.raw) == (204, b"")
        saved = await in_database(Feedback.objects.get)
        assert (saved.is_helpful, saved.comment) == (False, "too long")

    @pytest.mark.parametrize("which", ["unknown", "own", "another's", "no id"])
    async def test_only_what_the_bot_said_here_can_be_judged(self, which: str) -> None:
        """404 for everything else."""
        api, other = await open_api(), await open_api()
        mine, theirs = await api.say("the study"), await other.say("the study")
        message_id = {
            "unknown": _id(),
            "own": mine["message"]["id"],
            "another's": theirs["replies"][0]["id"],
            "no id": "first",
        }[which]
        answer = await api.post(f"…/messages/{message_id}/feedback", {"helpful": True})
        assert (answer.status, answer.problem) == (404, "not-found")

    @pytest.mark.parametrize("body", [{}, {"helpful": "yes"}, {"helpful": 1}, {"helpful": None}])
    async def test_a_judgement_is_yes_or_no(self, body: dict[str, Any]) -> None:
        """422 for anything else."""
        api = await open_api()
        reply = (await api.say("the study"))["replies"][0]
        refused = await api.post(f"…/messages/{reply['id']}/feedback", body)
        assert (refused.status, refused.fields) == (422, ["helpful"])

    async def test_a_comment_that_is_a_crisis_gets_its_reply(self, find: Find) -> None:
        """200 in place of 204, since there is something to say."""
        api = await open_api()
        reply = (await api.say("the study"))["replies"][0]
        find("crisis_suicide")
        body = {"helpful": False, "comment": "I cannot go on"}
        answer = await api.post(f"…/messages/{reply['id']}/feedback", body)
        assert (answer.status, answer["safety"]) == (200, "crisis")

    async def test_a_survey_is_recorded_once(self) -> None:
        """201, then 200 for the repeat, and bot and specialist apart."""
        api = await open_api()
        body = {"client_id": _id(), "about": "bot", "score": 5, "comment": "kind"}
        assert (await api.post("…/survey", body)).status == 201
        assert (await api.post("…/survey", body)).status == 200
        assert (await api.post("…/survey", body | {"score": 1})).status == 409
        about = {"client_id": _id(), "about": "specialist", "score": 1}
        assert (await api.post("…/survey", about)).status == 201
        assert await in_database(Survey.objects.count) == 2

    async def test_a_second_score_is_refused_and_danger_in_it_is_not_swallowed(
        self, find: Find
    ) -> None:
        """409, with the safety text for what its comment says."""
        api = await open_api()
        body = {"client_id": _id(), "about": "bot", "score": 5}
        assert (await api.post("…/survey", body)).status == 201
        find("crisis_suicide")
        again = body | {"client_id": _id(), "comment": "I cannot go on"}
        refused = await api.post("…/survey", again)
        assert (refused.status, refused["type"]) == (409, "/problems/not-possible-now")
        assert refused["safety"] == "crisis"

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"score": 0}, "score"),
            ({"score": 6}, "score"),
            ({"score": 4.5}, "score"),
            ({"score": "5"}, "score"),
            ({"score": True}, "score"),
            ({"about": "doctor"}, "about"),
            ({"comment": "x" * 1001}, "comment"),
        ],
    )
    async def test_a_wrong_survey_is_refused(self, change: dict[str, Any], field: str) -> None:
        """422 with the field."""
        api = await open_api()
        body = {"client_id": _id(), "about": "bot", "score": 5} | change
        refused = await api.post("…/survey", body)
        assert (refused.status, refused.fields) == (422, [field])


@pytest.mark.usefixtures("open_hours")
@pytest.mark.parametrize("call", ["handoff", "callback", "feedback", "survey"])
async def test_a_refused_call_still_gets_its_safety_reply(call: str, find: Find) -> None:
    """Whichever field somebody wrote of an emergency in, and however much of it."""
    api = await open_api()
    reply = (await api.say("the study"))["replies"][0]
    words = "she is not breathing" + " x" * 1000
    path, body = {
        "handoff": ("…/handoff", {"client_id": _id(), "reason": words}),
        "callback": (
            "…/callback",
            {"client_id": _id(), "name": "Ana", "phone": "212 555 0123", "topic": words},
        ),
        "feedback": (f"…/messages/{reply['id']}/feedback", {"helpful": False, "comment": words}),
        "survey": ("…/survey", {"client_id": _id(), "about": "bot", "score": 1, "comment": words}),
    }[call]
    find("emergency_life")
    refused = await api.post(path, body)
    assert (refused.status, refused.problem) == (422, "invalid-request")
    assert "characters" in refused["errors"][0]["message"]
    assert refused["safety"] == "emergency"
    assert "911" in refused["safety_text"]
    assert (await conversation(api.id)).is_urgent


async def test_a_callback_without_a_way_to_reach_anybody_still_gets_its_safety_reply(
    find: Find,
) -> None:
    """A refusal of the heart's own is no exception."""
    api = await open_api()
    find("emergency_life")
    body = {"client_id": _id(), "name": "Ana", "phone": "12", "topic": "she is not breathing"}
    refused = await api.post("…/callback", body)
    assert (refused.status, refused["safety"]) == (422, "emergency")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"email": "maria"}, "Check the email address. It looks like name@example.org."),
        ({"phone": "call me"}, "Check the phone number. Write it with area code, such as (201) "),
        ({}, "Leave a phone number or an email address."),
        ({"email": "m@example.org", "topic": "a" * 1001}, "Must have at most 1000 characters."),
        ({"email": "m@example.org", "colour": "red"}, "This is not known here. Remove it."),
        ({"name": None, "email": "m@example.org"}, "This is required."),
    ],
)
async def test_what_is_wrong_with_a_field_is_told_in_sentences(
    fields: dict[str, Any], message: str
) -> None:
    """They stand beside the field of a form that a family fills in."""
    api = await open_api()
    body = {"client_id": _id(), "name": "Ana"} | fields
    refused = await api.post("…/callback", {k: v for k, v in body.items() if v is not None})
    (error,) = refused["errors"]
    assert error["message"].startswith(message)
    assert error["message"].endswith(".")
