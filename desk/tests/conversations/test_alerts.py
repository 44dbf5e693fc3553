"""Mails to whoever is on duty: when, how often, and with nothing of a family in them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from conversations import access, services
from conversations.models import CallbackRequest, Mail, StaffView
from staff.models import StaffPresence
from tests.factories import make_conversation, make_queued, make_specialist, minutes, write

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mail_settings(settings):
    settings.SENDS_MAIL = True
    settings.DUTY_EMAIL = "duty@charity.example"
    settings.DUTY_ALERT_MINUTES = 5
    settings.DEFAULT_FROM_EMAIL = "desk@charity.example"


def make_callback():
    return services.schedule_callback(
        make_conversation().pk, client_id="c", name="Maria", phone="212 555 0100"
    ).callback


def test_a_family_that_nobody_looks_at_is_told_of_once(clock):
    conversation = make_queued()
    write(conversation, "zebrafinch")
    clock.shift(minutes(4))
    assert services.alert_duty() == 0
    clock.shift(minutes(1))
    assert services.alert_duty() == 1
    assert services.alert_duty() == 0
    mail = Mail.objects.get()
    assert mail.to == "duty@charity.example"
    assert "http://testserver/console/" in mail.body
    assert "zebrafinch" not in mail.subject + mail.body
    assert str(conversation.pk) not in mail.subject + mail.body
    (entry,) = AuditEntry.objects.filter(kind="mail.queued")
    assert (entry.actor, entry.data) == ("system", {"about": "alert"})


def test_a_family_that_waits_again_is_told_of_again(clock):
    ana = make_specialist("ana")
    conversation = make_queued(ana)
    clock.shift(minutes(6))
    assert services.alert_duty() == 1
    services.claim_conversation(conversation.pk, specialist=ana)
    services.release_conversation(conversation.pk, specialist=ana, to="queue")
    # A wait begins with coming into the queue, whatever the place.
    assert services.alert_duty() == 0
    clock.shift(1)
    services.leave_queue(conversation.pk)
    StaffPresence.objects.update(seen_at=timezone.now())
    assert services.request_handoff(conversation.pk).control == "queue"
    clock.shift(minutes(6))
    StaffView.objects.all().delete()
    assert services.alert_duty() == 1


def test_a_family_whose_specialist_is_gone_for_good_is_told_of_again(clock):
    ana = make_specialist("ana")
    conversation = make_queued(ana)
    clock.shift(minutes(6))
    assert services.alert_duty() == 1
    services.claim_conversation(conversation.pk, specialist=ana)
    clock.shift(minutes(30))
    assert services.requeue_vanished() == 1
    assert services.alert_duty() == 0
    clock.shift(minutes(5))
    assert services.alert_duty() == 1
    assert services.alert_duty() == 0


def test_a_mail_about_a_follow_up_does_not_hide_that_its_family_waits(clock):
    conversation = make_queued()
    due_at = services.schedule_callback(
        conversation.pk, client_id="c", name="Maria", phone="212 555 0100"
    ).callback.due_at
    clock.move_to(due_at + timedelta(seconds=1))
    assert services.alert_duty() == 2


def test_whoever_is_looked_at_needs_no_alert(clock):
    ana = make_specialist("ana")
    conversation = make_queued(ana)
    clock.shift(minutes(5))
    StaffView.objects.create(conversation=conversation, user=ana, viewed_at=conversation.queued_at)
    StaffView.objects.update(viewed_at=conversation.queued_at + minutes(4))
    assert services.alert_duty() == 0
    clock.shift(minutes(5))
    assert services.alert_duty() == 1


def test_overdue_ones_are_told_of_together_and_once(clock):
    first, _ = make_callback(), make_callback()
    assert services.alert_duty() == 0
    clock.move_to(first.due_at + timedelta(seconds=1))
    assert services.alert_duty() == 1
    assert Mail.objects.get().subject == "2 follow-ups are overdue"
    clock.shift(minutes(180))
    assert services.alert_duty() == 0
    # A further one, which falls due later.
    later = make_callback()
    clock.move_to(later.due_at + timedelta(seconds=1))
    assert services.alert_duty() == 1
    assert Mail.objects.latest("pk").subject == "3 follow-ups are overdue"


def test_an_overdue_one_that_is_opened_again_is_told_of_again(clock):
    ana = make_specialist("ana")
    callback = make_callback()
    clock.move_to(callback.due_at + timedelta(seconds=1))
    for _ in range(2):
        assert services.alert_duty() == 1
        clock.shift(minutes(90))
        assert services.alert_duty() == 0
        services.complete_callback(callback.pk, by=ana, outcome="reached")
        services.reopen_callback(callback.pk, by=ana)
    assert Mail.objects.count() == 2


def test_an_alert_is_no_answer_to_a_family(clock):
    """It hangs on a follow-up, and neither ends it nor is shown as one of its mails."""
    ana = make_specialist("ana")
    callback = make_callback()
    clock.move_to(callback.due_at + timedelta(seconds=1))
    services.alert_duty()
    mail = Mail.objects.get()
    assert access.follow_up(ana, callback.pk).mails == []
    services.claim_mail(mail.pk, holder="w", seconds=60)
    assert services.note_mail_sent(mail.pk, holder="w")
    assert CallbackRequest.objects.get().state == "open"


@pytest.mark.parametrize("change", [{"DUTY_EMAIL": ""}, {"SENDS_MAIL": False}])
def test_without_an_address_or_a_mail_server_nobody_is_written_to(clock, settings, change):
    make_queued()
    clock.shift(minutes(60))
    for name, value in change.items():
        setattr(settings, name, value)
    assert services.alert_duty() == 0
    assert not Mail.objects.exists()
