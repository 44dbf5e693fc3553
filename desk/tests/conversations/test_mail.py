"""Mail as a duty: who may ask for it, how often, and that one worker has it at a time."""

import pytest

from audit.models import AuditEntry
from conversations import access, services
from conversations.errors import (
    BlanksOpen,
    CallbackDone,
    CallbackTaken,
    ClientIdReused,
    InvalidInput,
    MailNotHeld,
    MailOff,
    NotAllowed,
    TextEmpty,
    TextTooLong,
    TooManyMails,
    UnknownConversation,
    UnknownMail,
)
from conversations.models import CallbackRequest, Mail
from conversations.services.mail import LONGEST_ANSWER, MOST_A_DAY, MOST_ATTEMPTS
from tests.factories import (
    fresh,
    make_admin,
    make_conversation,
    make_specialist,
    minutes,
    told,
)
from tests.personal_text import places_with

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mail_settings(settings):
    settings.SENDS_MAIL = True
    settings.DEFAULT_FROM_EMAIL = "desk@charity.example"


def ask(conversation, *, client_id="m1", email="maria@example.org"):
    return services.queue_transcript_mail(conversation.pk, client_id=client_id, email=email)


def make_question(**fields):
    return services.schedule_callback(
        make_conversation().pk, client_id="q", **({"email": "maria@example.org"} | fields)
    ).callback


def reply(callback, by, text="Yes.", client_id="a1"):
    return services.queue_answer_mail(callback.pk, by=by, client_id=client_id, text=text)


def test_a_copy_is_asked_for_once(clock):
    conversation = make_conversation()
    before = len(told(conversation))
    first, second = ask(conversation), ask(conversation, email=" maria@EXAMPLE.org ")
    assert (first.is_repeat, second.is_repeat) == (False, True)
    assert first.mail == second.mail
    assert first.mail.to == "maria@example.org"
    assert len(told(conversation)) == before
    with pytest.raises(ClientIdReused):
        ask(conversation, email="other@example.org")
    (entry,) = AuditEntry.objects.filter(kind="mail.queued")
    assert (entry.actor, entry.data) == ("visitor", {"about": "transcript"})


def test_a_copy_of_a_closed_conversation_can_be_had(clock):
    conversation = make_conversation()
    services.close_conversation(conversation.pk, by="visitor")
    assert ask(conversation).mail.last_seq == fresh(conversation).last_seq


@pytest.mark.parametrize(
    "email",
    ["", "  ", "nobody", "a@b@c.org", "a@example.org\nBcc: b@example.org", "a@b.org,c@d.org"],
)
def test_an_address_that_is_none_is_refused(email):
    with pytest.raises(InvalidInput) as caught:
        ask(make_conversation(), email=email)
    assert [error["field"] for error in caught.value.data["errors"]] == ["email"]
    assert not Mail.objects.exists()


def test_without_a_mail_server_nothing_is_promised(settings):
    settings.SENDS_MAIL = False
    with pytest.raises(MailOff):
        ask(make_conversation())
    with pytest.raises(MailOff):
        reply(make_question(), make_specialist())


def test_one_conversation_cannot_flood_mailboxes(clock):
    conversation = make_conversation()
    for number in range(MOST_A_DAY):
        ask(conversation, client_id=f"m{number}", email=f"a{number}@example.org")
    with pytest.raises(TooManyMails):
        ask(conversation, client_id="more", email="another@example.org")
    # The one that was accepted before is still known.
    assert ask(conversation, client_id="m0", email="a0@example.org").is_repeat
    clock.shift(minutes(24 * 60 + 1))
    assert not ask(conversation, client_id="more", email="another@example.org").is_repeat


def test_many_conversations_cannot_flood_one_mailbox(clock):
    for _ in range(MOST_A_DAY):
        ask(make_conversation())
    with pytest.raises(TooManyMails):
        ask(make_conversation(), email="MARIA@example.org")
    ask(make_conversation(), email="other@example.org")


def test_an_unknown_conversation_sends_nothing():
    with pytest.raises(UnknownConversation):
        services.queue_transcript_mail("garbage", client_id="m", email="a@example.org")


def test_an_answer_waits_for_its_mail(clock):
    ana = make_specialist("ana")
    question = make_question()
    first, second = reply(question, ana), reply(question, ana)
    assert (first.is_repeat, second.is_repeat) == (False, True)
    assert first.mail.body == (
        f"Ana answers you.\n\nYes.\n\nYour reference is {question.reference}. "
        "In an emergency call 911.\n"
    )
    question.refresh_from_db()
    assert (question.state, question.owner) == ("open", ana)
    with pytest.raises(ClientIdReused):
        reply(question, ana, text="No.")
    with pytest.raises(CallbackTaken, match="on its way"):
        reply(question, ana, client_id="a2")


def test_only_its_owner_answers_and_only_while_it_is_open(clock):
    ana, ben = make_specialist("ana"), make_specialist("ben")
    question = make_question()
    services.take_callback(question.pk, by=ana)
    with pytest.raises(CallbackTaken):
        reply(question, ben)
    with pytest.raises(NotAllowed):
        reply(question, make_admin())
    services.complete_callback(question.pk, by=ana, outcome="reached")
    with pytest.raises(CallbackDone):
        reply(question, ana)


@pytest.mark.parametrize(
    ("text", "error"), [(" \n ", TextEmpty), ("x" * (LONGEST_ANSWER + 1), TextTooLong)]
)
def test_an_answer_has_words_and_an_end(text, error):
    with pytest.raises(error):
        reply(make_question(), make_specialist(), text)
    assert not Mail.objects.exists()


def test_an_answer_with_an_open_blank_is_not_sent(clock):
    with pytest.raises(BlanksOpen):
        reply(make_question(), make_specialist(), "Hello, I'm [[your first name]].")
    assert not Mail.objects.exists()


def test_whoever_left_no_address_is_called(clock):
    question = make_question(email="", phone="212 555 0100")
    with pytest.raises(InvalidInput):
        reply(question, make_specialist())
    assert CallbackRequest.objects.get().owner is None


def test_a_mail_has_one_holder_at_a_time(clock):
    mail = ask(make_conversation()).mail
    assert services.due_mails() == [mail.pk]
    held = services.claim_mail(mail.pk, holder="one", seconds=60)
    assert (held.attempts, held.lease_holder) == (1, "one")
    assert services.claim_mail(mail.pk, holder="two", seconds=60) is None
    assert services.due_mails() == []
    clock.shift(61)
    assert services.due_mails() == [mail.pk]
    assert services.claim_mail(mail.pk, holder="two", seconds=60).attempts == 2
    assert not services.note_mail_sent(mail.pk, holder="one")
    assert services.note_mail_sent(mail.pk, holder="two")
    assert services.claim_mail(mail.pk, holder="two", seconds=60) is None
    assert services.claim_mail(mail.pk + 1, holder="two", seconds=60) is None


def test_a_mail_whose_tries_all_break_off_is_given_up(clock):
    """Nothing notes how a try went that ends in an error nobody foresaw."""
    ana = make_specialist("ana")
    question = make_question()
    mail = reply(question, ana).mail
    for _ in range(MOST_ATTEMPTS):
        assert services.claim_mail(mail.pk, holder="one", seconds=60)
        clock.shift(61)
    assert services.claim_mail(mail.pk, holder="one", seconds=60) is None
    assert services.due_mails() == []
    mail.refresh_from_db()
    assert (mail.state, mail.failure, mail.attempts) == ("failed", "fault", MOST_ATTEMPTS)
    assert [attempt.result for attempt in question.attempts.all()] == ["not_sent"]
    assert access.follow_ups(ana, "open")[0].is_answer_lost
    assert AuditEntry.objects.get(kind="mail.failed").data["failure"] == "fault"


def test_a_question_that_was_ended_meanwhile_gets_no_mail(clock):
    """The family called while its answer was to be tried again."""
    ana = make_specialist("ana")
    question = make_question()
    mail = reply(question, ana).mail
    services.claim_mail(mail.pk, holder="one", seconds=60)
    with pytest.raises(CallbackTaken, match="being sent at this moment"):
        services.complete_callback(question.pk, by=ana, outcome="reached")
    question.refresh_from_db()
    assert question.state == "open"
    services.note_mail_failed(mail.pk, holder="one", failure="timeout", is_final=False)
    services.complete_callback(question.pk, by=ana, outcome="reached")
    clock.shift(minutes(60))
    assert services.due_mails() == []
    assert services.claim_mail(mail.pk, holder="one", seconds=60) is None
    mail.refresh_from_db()
    assert (mail.state, mail.failure) == ("failed", "returned")


def test_every_mail_goes_with_its_conversation(clock):
    ana = make_specialist("ana")
    question = make_question(email="zebrafinch@example.org")
    reply(question, ana, "zebrafinch")
    assert "conversations_mail.to" in places_with("zebrafinch")
    services.erase_conversation(question.conversation_id, by="visitor")
    assert places_with("zebrafinch") == []


# Second readers


@pytest.fixture
def second_reader(settings):
    settings.SECOND_READER = True


@pytest.mark.usefixtures("second_reader")
def test_an_answer_waits_for_a_colleague_who_reads_it(clock):
    ana, ben = make_specialist("ana"), make_specialist("ben")
    mail = reply(make_question(), ana).mail
    assert (mail.state, services.due_mails()) == ("held", [])
    assert services.claim_mail(mail.pk, holder="w", seconds=60) is None
    with pytest.raises(NotAllowed, match="A colleague is there"):
        services.release_mail(mail.pk, reader=ana)
    with pytest.raises(NotAllowed):
        services.release_mail(mail.pk, reader=make_admin())
    for _ in range(2):
        assert services.release_mail(mail.pk, reader=ben).state == "waiting"
    assert services.due_mails() == [mail.pk]
    kinds = [entry.kind for entry in AuditEntry.objects.filter(kind__startswith="mail.")]
    assert sorted(kinds) == ["mail.held", "mail.released"]
    with pytest.raises(MailNotHeld):
        services.return_mail(mail.pk, by=ben, remark="too late")


@pytest.mark.usefixtures("second_reader")
def test_an_answer_is_given_back_with_a_remark_and_written_again(clock):
    ana, ben = make_specialist("ana"), make_specialist("ben")
    question = make_question()
    mail = reply(question, ana).mail
    with pytest.raises(CallbackTaken, match="on its way"):
        reply(question, ana, client_id="a2")
    with pytest.raises(InvalidInput):
        services.return_mail(mail.pk, by=ben)
    assert services.return_mail(mail.pk, by=ben, remark="name the source").failure == "returned"
    assert [attempt.note for attempt in question.attempts.all()] == ["name the source"]
    with pytest.raises(MailNotHeld):
        services.release_mail(mail.pk, reader=ben)
    again = reply(question, ana, client_id="a2").mail
    services.return_mail(again.pk, by=ana)
    assert services.due_mails() == []
    assert CallbackRequest.objects.get().state == "open"


@pytest.mark.usefixtures("second_reader")
def test_an_answer_that_nobody_read_is_not_sent_once_the_question_is_ended(clock):
    ana, ben = make_specialist("ana"), make_specialist("ben")
    question = make_question()
    mail = reply(question, ana).mail
    services.complete_callback(question.pk, by=ana, outcome="reached")
    with pytest.raises(MailNotHeld):
        services.release_mail(mail.pk, reader=ben)
    assert services.due_mails() == []
    assert AuditEntry.objects.get(kind="mail.returned").data == {"is_own": True}
    # Opened again, it may be answered anew.
    services.reopen_callback(question.pk, by=ana)
    assert reply(question, ana, client_id="a2").mail.state == "held"


@pytest.mark.usefixtures("second_reader")
def test_a_reader_has_an_answer_to_read_counted_and_its_author_has_not_twice(clock):
    ana, ben = make_specialist("ana"), make_specialist("ben")
    mail = reply(make_question(), ana).mail
    assert access.follow_up_counts(ana).due == 1
    assert access.follow_up_counts(ben).due == 1
    services.release_mail(mail.pk, reader=ben)
    assert access.follow_up_counts(ben).due == 0


@pytest.mark.usefixtures("second_reader")
def test_whoever_is_alone_on_duty_releases_their_own_and_it_is_on_record(clock):
    ana = make_specialist("ana")
    mail = reply(make_question(), ana).mail
    assert services.release_mail(mail.pk, reader=ana).state == "waiting"
    assert AuditEntry.objects.get(kind="mail.released").data == {"is_own": True}
    with pytest.raises(UnknownMail):
        services.release_mail(mail.pk + 1, reader=ana)
