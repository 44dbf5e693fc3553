"""What bot and system say is an approved text, byte for byte."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

import safety
from availability import content
from conversations import services, texts
from conversations.checks import NOTICES, check_texts
from conversations.models import Kind, Message, Sender
from conversations.services.unit import unit
from tests.factories import (
    answer,
    answer_draft,
    fresh,
    make_claimed,
    make_conversation,
    make_opened,
    make_queued,
    make_specialist,
    response_draft,
    turn_of,
    write,
)


def approved_problem(message: Message) -> str:
    """Why a stored message is no approved text, or "".

    This is the identity test: it knows the text ids and slots that were stored, and renders anew.
    """
    if message.sender in (Sender.VISITOR, Sender.SPECIALIST):
        return "" if not message.text_id else "people have no text id"
    try:
        rendered = texts.render(message.text_id, message.text_slots)
    except texts.NotApproved:
        return "no such text"
    return "" if rendered == message.text else "other words"


@pytest.mark.django_db
def test_everything_said_over_whole_conversations_is_approved(find, clock):
    specialist = make_specialist()
    opened = make_opened(language="es")
    conversation = opened.conversation
    answer(write(conversation), answer_draft("fever-what"))
    answer(write(conversation), response_draft())
    services.fail_turn(turn_of(write(conversation)).pk, "timeout")
    find("emergency_life", "crisis_suicide", certainty="doubt")
    answer(write(conversation), response_draft("smalltalk", "utter_open_now"))
    find()
    services.request_handoff(conversation.pk)
    services.ask_while_waiting(conversation.pk)
    services.keep_waiting(conversation.pk)
    services.claim_conversation(conversation.pk, specialist=specialist)
    services.release_conversation(conversation.pk, specialist=specialist, to="queue")
    services.leave_queue(conversation.pk)
    services.schedule_callback(conversation.pk, client_id="c", phone="212 555 0100")
    services.close_conversation(conversation.pk, by="visitor")
    messages = list(Message.objects.filter(conversation=conversation))
    assert len(messages) > 15
    assert [problem for message in messages if (problem := approved_problem(message))] == []


@pytest.mark.django_db
@pytest.mark.parametrize("position", [0, 5, -1])
def test_one_altered_character_is_caught(position, clock):
    message = answer(write(make_conversation()), answer_draft())[0]
    letters = list(message.text)
    letters[position] = "#"
    Message.objects.filter(pk=message.pk).update(text="".join(letters))
    assert approved_problem(Message.objects.get(pk=message.pk)) == "other words"


@pytest.mark.django_db
def test_an_altered_slot_or_text_id_is_caught(clock):
    message = Message.objects.get(conversation=make_queued(), kind="handoff")
    Message.objects.filter(pk=message.pk).update(text_slots={"position": "7"})
    assert approved_problem(Message.objects.get(pk=message.pk)) == "other words"
    Message.objects.filter(pk=message.pk).update(text_id="notice:handoff_queued@1-00000000")
    assert approved_problem(Message.objects.get(pk=message.pk)) == "no such text"


def _row(conversation, **fields):
    return {
        "conversation": conversation,
        "seq": 99,
        "epoch": 1,
        "kind": Kind.SMALLTALK,
        "text": "I made this up.",
        "created_at": timezone.now(),
    } | fields


@pytest.mark.django_db
@pytest.mark.parametrize("sender", [Sender.BOT, Sender.SYSTEM])
@pytest.mark.parametrize("text_id", ["", "made-up", "entry", "Entry:a@1"])
def test_the_database_refuses_words_of_the_house_without_a_text_id(sender, text_id):
    conversation = make_conversation()
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.bulk_create([Message(**_row(conversation, sender=sender, text_id=text_id))])


@pytest.mark.django_db
def test_the_database_refuses_a_visitor_with_the_words_of_the_house():
    fields = {"sender": Sender.VISITOR, "text_id": "notice:closed_idle@1-00000000"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.bulk_create([Message(**_row(make_conversation(), **fields))])


@pytest.mark.django_db
def test_the_database_refuses_an_answer_without_its_entry():
    fields = {"sender": Sender.BOT, "kind": Kind.ANSWER, "text_id": "entry:study-result@1-0"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.bulk_create([Message(**_row(make_conversation(), **fields))])


@pytest.mark.django_db
def test_storing_words_that_do_not_match_their_text_id_is_refused():
    conversation = make_conversation()
    rendered = texts.compose("notice", "closed_idle")
    altered = texts.Rendered(rendered.text_id, rendered.slots, rendered.text + " ")
    with pytest.raises(texts.NotApproved), unit(conversation.pk) as work:
        work.say(altered, Kind.NOTICE)
    with unit(conversation.pk) as work:
        work.say(rendered, Kind.NOTICE)
    assert fresh(conversation).last_seq == 2


def test_texts_without_slots_come_back_byte_for_byte():
    for entry in content.knowledge().entries.values():
        assert texts.compose("entry", entry.id).text == entry.answer


@pytest.mark.parametrize(
    ("text_id", "slots"),
    [
        ("entry:study-result@1-00000000", {}),
        ("notice:handoff_queued", {}),
        ("nothing:at-all@1", {}),
        ("", {}),
        ("@", {}),
        ("safety:emergency_life@1-00000000", {}),
    ],
)
def test_an_unknown_text_cannot_be_rendered(text_id, slots):
    with pytest.raises(texts.NotApproved):
        texts.render(text_id, slots)


def test_a_text_is_rendered_with_exactly_its_slots():
    queued = texts.compose("notice", "handoff_queued", {"position": "2"})
    assert texts.render(queued.text_id, {"position": "2"}) == queued.text
    for slots in ({}, {"position": "2", "phone": "1"}, {"phone": "1"}):
        with pytest.raises(texts.NotApproved):
            texts.render(queued.text_id, slots)
    with pytest.raises(texts.SlotMissing):
        texts.compose("notice", "handoff_queued")


def test_a_text_inside_a_text_must_be_approved_itself():
    person = texts.compose("safety", "nobody_now")
    whole = texts.compose(
        "safety",
        "emergency_life",
        {"person_line": {"text_id": person.text_id, "slots": dict(person.slots)}},
    )
    assert person.text in whole.text
    forged = dict(whole.slots) | {"person_line": {"text_id": "safety:x@1", "slots": {}}}
    with pytest.raises(texts.NotApproved):
        texts.render(whole.text_id, forged)


def test_unverified_values_are_never_stated():
    assert "phone" not in content.organisation().slots()
    assert "911" in texts.compose("notice", "greeting_open").text


def test_every_text_has_an_id(settings):
    ids = texts.all_text_ids()
    notices = (settings.KNOWLEDGE_DIR / "notices.yml").read_text().count("- id: ")
    assert len(ids) == 5 + notices + 17 + len(safety.all_texts())
    house = content.knowledge()
    assert f"notice:consent@{house.notices['consent'].version}" in ids


def test_the_system_check_passes_on_complete_content():
    assert check_texts() == []


def test_the_system_check_names_a_missing_notice(monkeypatch):
    monkeypatch.setitem(NOTICES, "no_such_notice", {})
    assert [problem.id for problem in check_texts()] == ["conversations.E002"]


def test_the_system_check_names_a_text_that_cannot_be_filled(monkeypatch):
    monkeypatch.setitem(NOTICES, "handoff_queued", {})
    assert [problem.id for problem in check_texts()] == ["conversations.E003"]


def test_the_system_check_names_what_is_wrong_with_the_files(own_content, settings, tmp_path):
    settings.KNOWLEDGE_DIR = tmp_path
    assert {problem.id for problem in check_texts()} == {"conversations.E001"}


@pytest.mark.django_db
def test_a_specialists_words_are_stored_as_they_are(clock):
    specialist = make_specialist()
    conversation = make_claimed(specialist)
    services.send_reply(
        conversation.pk,
        specialist=specialist,
        client_id="r",
        text="{position} is not a slot here",
        epoch=fresh(conversation).epoch,
    )
    stored = Message.objects.get(sender=Sender.SPECIALIST)
    assert stored.text == "{position} is not a slot here"
    assert approved_problem(stored) == ""


@pytest.mark.django_db
def test_the_numbers_of_a_conversation_are_unique_in_the_database():
    message = write(make_conversation(), "hello").message
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor():
        Message.objects.bulk_create(
            [Message(**_row(message.conversation, sender=Sender.VISITOR, seq=message.seq))]
        )
