"""What staff write beside a conversation never reaches its visitor, by any call there is."""

from __future__ import annotations

import json
import uuid

import pytest
from asgiref.sync import ThreadSensitiveContext

from conversations import services
from conversations.models import Conversation, HeldReply, Note, Transfer
from staff.models import User
from tests.factories import fresh, make_specialist, make_supervisor
from tests.gateway.api_client import Api, open_api
from tests.gateway.database import claimed, conversation, in_database, specialist
from tests.gateway.sse import events

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("relay", "open_hours"),
]

# In every text that only staff may read, and in nothing else.
SECRET = "heliotrope"


def write_everything_private(conversation_id: str, ana: User) -> None:
    """A note, advice, an offer declined with a note, a held reply that is returned, one held."""
    ben, sam = make_specialist("ben"), make_supervisor("sam")
    found = Conversation.objects.get(pk=conversation_id)
    services.add_note(found.pk, author=ana, text=f"{SECRET} note")
    services.advise(found.pk, supervisor=sam, text=f"{SECRET} advice")
    made = services.offer_transfer(found.pk, specialist=ana, to=ben, note=f"{SECRET} offer")
    services.decline_transfer(made.pk, specialist=ben, note=f"{SECRET} declined")
    services.offer_transfer(found.pk, specialist=ana, to=ben, note=f"{SECRET} offer again")
    services.note_view(found.pk, user=ben, seq=1)
    services.note_typing_staff(found.pk, by=ben)
    for client_id in ("h1", "h2"):
        held = services.hold_reply(
            found.pk,
            specialist=ana,
            client_id=client_id,
            text=f"{SECRET} held",
            epoch=fresh(found).epoch,
        )
        if client_id == "h1":
            services.return_reply(held.pk, reader=ben, remark=f"{SECRET} remark")
    assert (Note.objects.count(), Transfer.objects.count(), HeldReply.objects.count()) == (2, 2, 2)


async def talk(settings) -> Api:
    """A visitor whose conversation has everything private beside it."""
    settings.SECOND_READER = True
    ana = await specialist("ana")
    api = await open_api()
    await api.say("hello")
    await api.post("…/handoff", {"client_id": str(uuid.uuid4())})
    await claimed(api.id, ana)
    await in_database(write_everything_private, api.id, ana)
    return api


async def everything(api: Api) -> dict[str, str]:
    """What every reading call gives a visitor, as text, by call."""
    calls = [
        "…",
        "…/messages?after=0&limit=200",
        *(f"…/transcript?format={form}" for form in ("txt", "html", "json")),
    ]
    told = {}
    for call in calls:
        answer = await api.get(call)
        assert answer.status == 200, (call, answer.body)
        told[call] = str(answer.body)
    told["…/stream"] = await streamed(api)
    again = await api.post("…/handoff", {"client_id": str(uuid.uuid4())})
    told["…/handoff"] = json.dumps(again.body)
    told["…/messages"] = json.dumps((await api.say("are you there?")).body)
    link = await api.post("…/resume-link")
    other = await Api().post("/api/v1/resume", {"token": link["token"]})
    told["/resume"] = json.dumps(other.body)
    second = Api(id=other["id"], token=other["token"])
    told["resumed"] = json.dumps(await second.told())
    return told


async def streamed(api: Api) -> str:
    """Everything a stream from the start brings until the last message."""
    last_seq = (await api.get("…"))["last_seq"]
    async with ThreadSensitiveContext():
        response = await api.client.get(
            f"/api/v1/conversations/{api.id}/stream?after=0",
            headers={"Authorization": f"Bearer {api.token}"},
        )
        brought = []
        reader = events(response.streaming_content)
        async for event in reader:
            brought.append(event)
            if event.id == str(last_seq):
                break
        await reader.aclose()
        await response.streaming_content.aclose()
        response.close()
    return repr(brought)


async def test_no_call_of_a_visitor_shows_anything_private(settings) -> None:
    """Notes, advice, offers, held replies and remarks: in messages, stream, transcript, resume."""
    api = await talk(settings)
    told = await everything(api)
    assert len(told) == 10
    assert all(
        "hello" in told[call] for call in told if "transcript" in call or "messages?" in call
    )
    assert {call for call, text in told.items() if SECRET in text} == set()
    assert {call for call, text in told.items() if "Sam" in text or "Ben" in text} == set()


async def test_a_released_reply_is_shown_and_nothing_beside_it(settings) -> None:
    """The same calls do show a reply, so that the test above cannot pass for want of looking."""
    api = await talk(settings)

    def release() -> None:
        held = HeldReply.objects.get(client_id="h2")
        services.release_reply(held.pk, reader=User.objects.get(username="ben"))

    await in_database(release)
    told = await everything(api)
    for call in ("…/messages?after=0&limit=200", "…/stream", "resumed"):
        assert told[call].count(SECRET) == 1, call
        assert f"{SECRET} held" in told[call]
    assert (await conversation(api.id)).control == "specialist"
