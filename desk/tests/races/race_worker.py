"""One process of a race: `python -m tests.races.race_worker`, one JSON command a line.

A command names a scenario, its arguments and the moment at which all processes start together.
The answer is one JSON line: {"result": …} or {"error": "<code or class>"}.
"""

from __future__ import annotations

import json
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402  (models need the line above)
from django.test import override_settings  # noqa: E402  (as above)

from audit.models import AuditEntry  # noqa: E402  (as above)
from conversations import services  # noqa: E402  (as above)
from conversations.errors import DeskError  # noqa: E402  (as above)
from conversations.models import (  # noqa: E402  (as above)
    CallbackRequest,
    Conversation,
    ConversationToken,
    HeldReply,
    Message,
    Transfer,
    Turn,
)
from staff.models import User  # noqa: E402  (as above)
from staff.presence import note_gone, set_capacity  # noqa: E402  (as above)
from tests.factories import (  # noqa: E402  (as above)
    RECORD,
    answer_draft,
    make_claimed,
    make_conversation,
    make_queued,
    make_specialist,
    make_supervisor,
    write,
)


def specialists(count: int) -> list[int]:
    return [make_specialist(f"racer{uuid.uuid4().hex[:8]}").pk for _ in range(count)]


def queued(count: int) -> list[str]:
    return [str(make_queued().pk) for _ in range(count)]


def opened(count: int) -> list[str]:
    return [str(make_conversation().pk) for _ in range(count)]


def asked(count: int) -> list[tuple[str, int]]:
    """Conversations with one pending turn each: (conversation id, turn id)."""
    pairs = []
    for _ in range(count):
        conversation = make_conversation()
        turn = write(conversation).turn
        assert turn is not None
        pairs.append((str(conversation.pk), turn.pk))
    return pairs


def claim(conversation_id: str, user_id: int) -> bool:
    user = User.objects.get(pk=user_id)
    return bool(services.claim_conversation(conversation_id, specialist=user, beyond_capacity=True))


def send(conversation_id: str, client_ids: list[str], text: str = "hello") -> list[bool]:
    """Whether each was a repeat."""
    return [
        services.accept_visitor_message(conversation_id, client_id=client_id, text=text).is_repeat
        for client_id in client_ids
    ]


def answer(turn_id: int) -> int:
    return len(services.record_bot_turn(turn_id, drafts=[answer_draft()], record=RECORD))


def lease(turn_id: int, holder: str) -> bool:
    return services.claim_turn(turn_id, holder=holder, seconds=30) is not None


def ask_for_person(conversation_id: str) -> str:
    return services.request_handoff(conversation_id, client_id=uuid.uuid4().hex).control


def close(conversation_id: str) -> int:
    return len(services.close_conversation(conversation_id, by="visitor"))


def called_back(count: int) -> list[int]:
    """Callbacks that nobody owns."""
    return [
        services.schedule_callback(
            make_conversation().pk, client_id=uuid.uuid4().hex, phone="212 555 0100"
        ).callback.pk
        for _ in range(count)
    ]


def take(callback_id: int, user_id: int) -> int | None:
    """Whose it is."""
    user = User.objects.get(pk=user_id)
    return services.take_callback(callback_id, by=user).owner_id


def owner(callback_id: int) -> list[int | None]:
    """Whose it is, and how many audit entries say that somebody took it."""
    found = CallbackRequest.objects.get(pk=callback_id)
    taken = AuditEntry.objects.filter(kind="callback.taken", data__reference=found.reference)
    return [found.owner_id, taken.count()]


def mailed(count: int) -> list[int]:
    """Mails that are due."""
    with override_settings(SENDS_MAIL=True):
        return [
            services.queue_transcript_mail(
                make_conversation().pk,
                client_id=uuid.uuid4().hex,
                email=f"{uuid.uuid4().hex}@example.org",
            ).mail.pk
            for _ in range(count)
        ]


def claim_mail(mail_id: int, holder: str) -> bool:
    return services.claim_mail(mail_id, holder=holder, seconds=30) is not None


def linked(count: int) -> list[tuple[str, str]]:
    """Conversations with a resume link each: (conversation id, the link's secret)."""
    made = [make_conversation().pk for _ in range(count)]
    return [(str(pk), services.make_resume_link(pk).token) for pk in made]


def resume(token: str, client_id: str) -> bool:
    return bool(services.resume_conversation(token, client_id=client_id).token)


def live_tokens(conversation_id: str) -> int:
    """How many secrets open the conversation."""
    return ConversationToken.objects.filter(
        conversation_id=conversation_id, revoked_at=None
    ).count()


def supervisors(count: int) -> list[int]:
    return [make_supervisor(f"racer{uuid.uuid4().hex[:8]}").pk for _ in range(count)]


def talking(count: int) -> list[tuple[str, int]]:
    """Conversations, each with a specialist of its own: (conversation id, user id)."""
    pairs = []
    for user_id in specialists(count):
        user = User.objects.get(pk=user_id)
        pairs.append((str(make_claimed(user).pk), user_id))
    return pairs


def offered(count: int) -> list[tuple[str, int, int, int]]:
    """Conversations that are offered: (conversation id, offer's id, giver, receiver)."""
    offers = []
    for conversation_id, giver in talking(count):
        (receiver,) = specialists(1)
        made = services.offer_transfer(
            conversation_id,
            specialist=User.objects.get(pk=giver),
            to=User.objects.get(pk=receiver),
        )
        offers.append((conversation_id, made.pk, giver, receiver))
    return offers


def held(count: int) -> list[tuple[str, int, int, int]]:
    """Replies that wait to be read: (conversation id, held reply's id, author, reader)."""
    replies = []
    for conversation_id, author in talking(count):
        waiting = services.hold_reply(
            conversation_id,
            specialist=User.objects.get(pk=author),
            client_id=uuid.uuid4().hex,
            text="words",
            epoch=Conversation.objects.get(pk=conversation_id).epoch,
        )
        replies.append((conversation_id, waiting.pk, author, specialists(1)[0]))
    return replies


def accept(transfer_id: int, user_id: int) -> bool:
    user = User.objects.get(pk=user_id)
    return bool(services.accept_transfer(transfer_id, specialist=user))


def decline(transfer_id: int, user_id: int) -> str:
    user = User.objects.get(pk=user_id)
    return str(services.decline_transfer(transfer_id, specialist=user).state)


def withdraw(transfer_id: int, user_id: int) -> str:
    user = User.objects.get(pk=user_id)
    return str(services.withdraw_transfer(transfer_id, specialist=user).state)


def vanish(user_id: int) -> int:
    """How many conversations went back to the queue."""
    note_gone(User.objects.get(pk=user_id))
    return services.requeue_vanished()


def step_in(conversation_id: str, user_id: int) -> bool:
    user = User.objects.get(pk=user_id)
    return bool(services.step_in(conversation_id, supervisor=user))


def release(conversation_id: str, user_id: int, to: str) -> bool:
    user = User.objects.get(pk=user_id)
    return bool(services.release_conversation(conversation_id, specialist=user, to=to))


def reply(conversation_id: str, user_id: int, epoch: int) -> int:
    """The epoch that the stored reply carries."""
    return services.send_reply(
        conversation_id,
        specialist=User.objects.get(pk=user_id),
        client_id=uuid.uuid4().hex,
        text="words",
        epoch=epoch,
    ).message.epoch


def release_reply(held_id: int, user_id: int) -> bool:
    """Whether it was released before."""
    return services.release_reply(held_id, reader=User.objects.get(pk=user_id)).is_repeat


def fill_up(user_id: int, capacity: int) -> None:
    """Say how many conversations a specialist takes."""
    set_capacity(User.objects.get(pk=user_id), capacity=capacity)


def claim_within(conversation_id: str, user_id: int) -> bool:
    user = User.objects.get(pk=user_id)
    return bool(services.claim_conversation(conversation_id, specialist=user))


def erase(conversation_id: str) -> None:
    services.erase_conversation(conversation_id, by="visitor")


def inspect(conversation_id: str) -> dict[str, Any]:
    """What the database holds about one conversation, {} when it is gone."""
    found = Conversation.objects.filter(pk=conversation_id).first()
    if found is None:
        return {"messages": Message.objects.filter(conversation_id=conversation_id).count()}
    messages = Message.objects.filter(conversation_id=conversation_id).order_by("seq")
    changes = AuditEntry.objects.filter(
        conversation_id=conversation_id, kind__startswith="control."
    )
    entries = AuditEntry.objects.filter(conversation_id=conversation_id)
    return {
        "entries": list(entries.order_by("pk").values_list("kind", flat=True)),
        "control": found.control,
        "epoch": found.epoch,
        "specialist": found.specialist_id,
        "last_seq": found.last_seq,
        "seqs": [message.seq for message in messages],
        "rows": [[message.sender, message.epoch, message.kind] for message in messages],
        "client_ids": [message.client_id for message in messages if message.client_id],
        "changes": [[change.kind, change.data["epoch"]] for change in changes],
        "offers": list(
            Transfer.objects.filter(conversation_id=conversation_id).values_list("state", flat=True)
        ),
        "held": list(
            HeldReply.objects.filter(conversation_id=conversation_id).values_list(
                "state", flat=True
            )
        ),
        "turns": list(
            Turn.objects.filter(message__conversation_id=conversation_id).values_list(
                "state", flat=True
            )
        ),
    }


def safely(step: Callable[..., Any], arguments: list[Any]) -> Any:
    """The result of one step, or the code of the error that a caller would see."""
    try:
        return step(*arguments)
    except DeskError as error:
        return f"refused: {error.code}"


def each(step: str, arguments: list[list[Any]]) -> list[Any]:
    """One step for every list of arguments, as fast as possible."""
    return [safely(STEPS[step], one) for one in arguments]


STEPS: dict[str, Callable[..., Any]] = {
    step.__name__: step
    for step in (
        specialists, queued, opened, asked, claim, send, answer, lease, ask_for_person, close,
        called_back, take, owner, mailed, claim_mail, linked, resume, live_tokens, erase, inspect,
        each,
        supervisors,
        talking, offered, held, accept, decline, withdraw, vanish, step_in, release, reply,
        release_reply, fill_up, claim_within,
    )
}  # fmt: skip


def say(line: dict[str, Any]) -> None:
    """Hand one line to the parent."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> None:
    connection.ensure_connection()
    say({"result": "ready"})
    for line in sys.stdin:
        command = json.loads(line)
        while time.time() < command["at"]:
            pass
        try:
            answer_line = {"result": safely(STEPS[command["step"]], command["arguments"])}
        except Exception as error:  # noqa: BLE001  (the parent fails the test and names it)
            answer_line = {"error": f"{type(error).__name__}: {error}"[:300]}
        say(answer_line)


if __name__ == "__main__":
    main()
