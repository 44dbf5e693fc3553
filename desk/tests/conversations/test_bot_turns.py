"""The bot's turn: leases, what is stored, what is refused."""

import pytest

from audit.models import AuditEntry
from availability import content
from conversations import access, services
from conversations.errors import AnswerRefused, StaleEpoch
from conversations.models import BotRecord, Turn, TurnState
from conversations.results import Draft, Lease, TurnRecord
from tests.factories import (
    RECORD,
    answer,
    answer_draft,
    fresh,
    make_admin,
    make_conversation,
    make_queued,
    make_specialist,
    minutes,
    notice_of,
    response_draft,
    told,
    turn_of,
    write,
)

pytestmark = pytest.mark.django_db


def test_an_answer_is_the_desks_own_copy_with_its_sources():
    conversation = make_conversation()
    accepted = write(conversation)
    message = answer(accepted, answer_draft("study-result"))[0]
    entry = content.knowledge().entries["study-result"]
    assert message.text == entry.answer
    assert (message.kind, message.sender) == ("answer", "bot")
    assert (message.entry_id, message.entry_version) == (entry.id, entry.version)
    assert message.in_reply_to == accepted.message
    assert message.answer["sources"][0] == {
        "id": "journal-2023",
        "title": "A study of thirty babies",
        "publisher": "A Journal",
        "url": "https://journal.example/1",
        "published_on": "2023-05-01",
    }
    assert message.answer["review_status"] == "pending"
    assert fresh(conversation).last_entry_id == "study-result"


def test_what_cannot_be_recovered_later_is_kept():
    message = answer(write(make_conversation()), answer_draft())[0]
    record = BotRecord.objects.get(message=message)
    assert record.candidates == [{"label": "ask/study-result", "confidence": 0.81}]
    assert (record.model_version, record.knowledge_version) == ("model-1", "knowledge-1")
    assert record.request_id == "request-1"


def test_at_most_five_candidates_are_kept():
    accepted = write(make_conversation())
    many = TurnRecord([{"label": f"ask/{n}", "confidence": 0.1} for n in range(9)])
    services.record_bot_turn(turn_of(accepted).pk, drafts=[answer_draft()], record=many)
    assert len(BotRecord.objects.get().candidates) == 5


def test_several_messages_of_one_turn_keep_their_order():
    drafts = [response_draft("smalltalk", "utter_smalltalk_greet"), answer_draft()]
    messages = answer(write(make_conversation()), *drafts)
    assert [message.kind for message in messages] == ["smalltalk", "answer"]
    assert [message.seq for message in messages] == [3, 4]


def test_recording_twice_hands_back_the_first():
    accepted = write(make_conversation())
    first = answer(accepted)
    again = answer(accepted, response_draft())
    assert [message.pk for message in again] == [message.pk for message in first]
    assert Turn.objects.get().state == TurnState.ANSWERED


@pytest.mark.parametrize(
    "draft",
    [
        Draft("answer", entry="study-result", version="1-00000000"),
        Draft("answer", entry="no-such-entry", version="1-00000000"),
        Draft("answer"),
        Draft("smalltalk", response="utter_no_such_thing"),
        Draft("smalltalk"),
        Draft("notice", response="utter_smalltalk_greet"),
        Draft("safety", response="utter_smalltalk_greet"),
        response_draft("clarify", "utter_clarify", choices=("ask/no-such-entry",)),
        response_draft("clarify", "utter_clarify", choices=("back_to_bot",)),
    ],
)
def test_what_the_desk_has_not_approved_is_refused_and_nothing_stored(draft):
    conversation = make_conversation()
    accepted = write(conversation)
    with pytest.raises(AnswerRefused):
        answer(accepted, response_draft("smalltalk", "utter_smalltalk_greet"), draft)
    assert fresh(conversation).last_seq == accepted.message.seq
    assert Turn.objects.get().state == TurnState.PENDING
    # The same turn with the right version shows that only the draft was wrong.
    assert answer(accepted, answer_draft())


@pytest.mark.parametrize("count", [0, 6])
def test_a_bot_that_says_nothing_or_too_much_is_refused(count):
    accepted = write(make_conversation())
    with pytest.raises(AnswerRefused):
        services.record_bot_turn(
            turn_of(accepted).pk, drafts=[answer_draft()] * count, record=RECORD
        )


def test_a_stale_turn_is_refused_in_the_same_transaction(clock):
    make_specialist()
    conversation = make_conversation()
    accepted = write(conversation)
    services.request_handoff(conversation.pk)
    before = fresh(conversation).last_seq
    with pytest.raises(StaleEpoch):
        answer(accepted)
    assert fresh(conversation).last_seq == before
    turn = Turn.objects.get()
    assert (turn.state, turn.failure) == (TurnState.FAILED, "superseded")
    assert services.fail_turn(turn.pk, "timeout") == []


def test_a_late_answer_after_the_failure_was_told_is_refused():
    conversation = make_conversation()
    accepted = write(conversation)
    services.fail_turn(turn_of(accepted).pk, "timeout")
    with pytest.raises(StaleEpoch):
        answer(accepted)


def test_a_turn_of_an_erased_conversation_is_refused():
    conversation = make_conversation()
    accepted = write(conversation)
    turn_id = turn_of(accepted).pk
    services.erase_conversation(conversation.pk, by="visitor")
    with pytest.raises(StaleEpoch):
        answer(accepted)
    assert services.claim_turn(turn_id, holder="a", seconds=5) is None


@pytest.mark.parametrize(
    ("failure", "notice"),
    [
        ("unreachable", "bot_unavailable"),
        ("timeout", "bot_unavailable"),
        ("circuit_open", "bot_unavailable"),
        ("not_ready", "bot_unavailable"),
        ("answer_refused", "turn_failed"),
        ("broken", "turn_failed"),
    ],
)
def test_a_failed_turn_is_told_with_the_way_to_a_person(failure, notice, clock):
    make_specialist()
    accepted = write(make_conversation())
    message = services.fail_turn(turn_of(accepted).pk, failure)[0]
    assert (message.sender, message.kind) == ("system", "notice")
    assert notice_of(message) == f"notice:{notice}"
    assert [choice.public_id for choice in message.choices.all()] == ["handoff"]
    assert message.in_reply_to == accepted.message
    turn = Turn.objects.get()
    assert (turn.state, turn.failure) == (TurnState.FAILED, failure)
    assert services.fail_turn(turn.pk, failure) == []


def test_a_failed_turn_offers_a_callback_too_when_nobody_is_there(closed_clock):
    message = services.fail_turn(turn_of(write(make_conversation())).pk, "timeout")[0]
    assert [choice.public_id for choice in message.choices.all()] == ["handoff", "callback"]


def test_two_fallbacks_in_a_row_are_counted_and_an_answer_ends_the_row():
    conversation = make_conversation()
    counts = []
    for draft in (response_draft(), response_draft(), answer_draft(), response_draft()):
        answer(write(conversation), draft)
        counts.append(fresh(conversation).fallbacks_in_a_row)
    assert counts == [1, 2, 0, 1]


@pytest.mark.parametrize(
    "draft",
    [
        response_draft("fallback", "utter_fallback"),
        response_draft("refusal", "utter_refusal_advice"),
        response_draft("refusal", "utter_refusal_advice", choices=("handoff",)),
    ],
)
def test_where_the_bot_does_not_help_a_person_is_one_tap_away(draft):
    message = answer(write(make_conversation()), draft)[0]
    assert [choice.public_id for choice in message.choices.all()] == ["handoff"]


def test_the_desk_adds_nothing_to_a_clarifying_message():
    draft = response_draft("clarify", "utter_clarify", choices=("ask/fever-what", "ask/fever-call"))
    message = answer(write(make_conversation()), draft)[0]
    assert len(message.choices.all()) == 2


def test_a_handoff_of_the_bot_keeps_the_order_last_words_state_notice(clock):
    make_specialist()
    conversation = make_conversation()
    accepted = write(conversation)
    drafts = [Draft("handoff"), response_draft("smalltalk", "utter_smalltalk_greet")]
    messages = services.record_bot_turn(turn_of(accepted).pk, drafts=drafts, record=RECORD)
    assert [message.kind for message in messages] == ["smalltalk", "handoff"]
    assert [message.epoch for message in messages] == [1, 2]
    assert fresh(conversation).control == "queue"
    assert Turn.objects.get().state == TurnState.ANSWERED
    assert BotRecord.objects.count() == 2
    accepted.message.refresh_from_db()
    assert accepted.message.settled_control == "queue"


def test_a_handoff_of_the_bot_while_waiting_says_that_the_place_is_kept(clock):
    conversation = make_queued()
    services.ask_while_waiting(conversation.pk)
    messages = answer(write(conversation), Draft("handoff"))
    assert [notice_of(message) for message in messages] == ["notice:kept_waiting"]
    assert [message.kind for message in messages] == ["handoff"]


def test_live_facts_are_filled_from_the_desks_own_state(clock):
    conversation = make_conversation()
    open_now = response_draft("smalltalk", "utter_open_now")
    assert answer(write(conversation), open_now)[0].text == (
        "People are here until today at 12:00 PM EST."
    )


def test_a_live_fact_that_is_not_known_is_not_stated(clock, settings):
    settings.SERVICE_HOURS = "always"
    open_now = response_draft("smalltalk", "utter_open_now")
    message = answer(write(make_conversation()), open_now)[0]
    assert notice_of(message) == "response:utter_live_facts_unavailable"
    assert message.kind == "fallback"


def test_a_withdrawn_entry_is_replaced_by_the_fallback_and_that_is_on_record():
    services.withdraw_entry("study-result", by=make_admin())
    conversation = make_conversation()
    message = answer(write(conversation), answer_draft("study-result"))[0]
    assert notice_of(message) == "response:utter_fallback"
    assert (message.kind, message.entry_id, message.answer) == ("fallback", "", None)
    assert [choice.public_id for choice in message.choices.all()] == ["handoff"]
    entry = AuditEntry.objects.get(kind="answer.withheld")
    assert entry.data["entry_id"] == "study-result"
    assert fresh(conversation).last_entry_id == ""


def test_a_withdrawn_entry_is_not_offered_as_a_choice():
    services.withdraw_entry("fever-what", by=make_admin())
    draft = response_draft("clarify", "utter_clarify", choices=("ask/fever-what", "ask/fever-call"))
    conversation = make_conversation()
    message = answer(write(conversation), draft)[0]
    assert [choice.target for choice in message.choices.all()] == ["ask/fever-call"]
    services.withdraw_entry("fever-call", by=make_admin())
    message = answer(write(conversation), draft)[0]
    assert message.kind == "fallback"


def test_a_turn_is_leased_to_one_holder_at_a_time(clock):
    turn = turn_of(write(make_conversation()))
    assert services.claim_turn(turn.pk, holder="a", seconds=30).attempts == 1
    assert services.claim_turn(turn.pk, holder="b", seconds=30) is None
    assert services.claim_turn(turn.pk, holder="a", seconds=30).attempts == 2
    clock.shift(minutes(1))
    assert services.claim_turn(turn.pk, holder="b", seconds=30).attempts == 3


def test_a_turn_may_be_leased_as_its_message_is_accepted(clock):
    conversation, lease = make_conversation(), Lease("a", seconds=30)
    first, second = (turn_of(write(conversation, lease=lease)) for _ in range(2))
    assert (first.attempts, first.lease_holder, second.lease_holder) == (1, "a", "")
    assert services.claim_turn(first.pk, holder="b", seconds=30) is None
    clock.shift(minutes(1))
    assert services.claim_turn(first.pk, holder="b", seconds=30).attempts == 2


def test_the_turns_of_a_conversation_are_worked_on_oldest_first(clock):
    conversation = make_conversation()
    first, second = turn_of(write(conversation)), turn_of(write(conversation))
    other = turn_of(write(make_conversation()))
    assert services.claim_turn(second.pk, holder="b", seconds=30) is None
    assert access.first_pending_turn(second.pk) == first.pk
    assert services.claim_turn(other.pk, holder="b", seconds=30) is not None
    services.record_bot_turn(first.pk, drafts=[answer_draft()], record=RECORD)
    assert services.claim_turn(second.pk, holder="b", seconds=30) is not None
    assert access.first_pending_turn(first.pk) is None
    assert access.first_pending_turn(second.pk) == second.pk


def test_a_finished_turn_cannot_be_claimed():
    accepted = write(make_conversation())
    answer(accepted)
    assert services.claim_turn(turn_of(accepted).pk, holder="a", seconds=5) is None


def test_the_worker_finds_turns_that_nobody_works_on(clock):
    left = turn_of(write(make_conversation()))
    held = turn_of(write(make_conversation()))
    services.claim_turn(held.pk, holder="a", seconds=30)
    assert services.due_turns() == []
    clock.shift(10)
    young = turn_of(write(make_conversation()))
    assert services.due_turns() == [left.pk]
    clock.shift(30)
    assert set(services.due_turns()) == {left.pk, held.pk, young.pk}


def test_replies_to_a_message_come_in_order():
    conversation = make_conversation()
    accepted = write(conversation)
    answer(accepted, response_draft("smalltalk", "utter_smalltalk_greet"), answer_draft())
    write(conversation)
    assert [message.seq for message in access.replies_to(accepted.message.pk)] == [3, 4]
    assert [message.seq for message in access.exchange(accepted.message.pk)] == [2, 3, 4]
    assert [message.seq for message in told(conversation)] == [1, 2, 3, 4, 5]
