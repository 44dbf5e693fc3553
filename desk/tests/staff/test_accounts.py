"""Accounts, roles, presence, and the command that makes them."""

import io
from datetime import timedelta

import pytest
from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import identify_hasher
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

import config.settings
from audit.models import AuditEntry
from staff import access, presence
from staff.models import Role, StaffPresence, User
from staff.services import generate_password, set_up_account
from tests.factories import PASSWORD, make_admin, make_reviewer, make_specialist

pytestmark = pytest.mark.django_db


@pytest.fixture
def typed(monkeypatch):
    """What stands on standard input."""

    def type_in(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    type_in("")
    return type_in


def sign_in(username: str, password: str):
    """The account, if name and password fit."""
    return authenticate(RequestFactory().post("/"), username=username, password=password)


class TestCommand:
    """`manage.py staff`."""

    def test_a_generated_password_is_printed_once_and_works(self, typed, capsys):
        call_command("staff", "ana", "specialist")
        line = capsys.readouterr().out.strip()
        name, password = line.removeprefix("staff account ").split(": ")
        assert name == "ana"
        assert sign_in("ana", password).roles == {"specialist"}

    def test_a_password_on_standard_input_is_taken_and_never_printed(self, typed, capsys):
        typed("correct horse battery\nsecond line\n")
        call_command("staff", "ana", "reviewer")
        assert "correct horse" not in capsys.readouterr().out
        assert sign_in("ana", "correct horse battery").roles == {"reviewer"}

    def test_a_second_call_resets_password_and_role(self, typed):
        typed("correct horse battery\n")
        call_command("staff", "ana", "specialist")
        user = User.objects.get()
        user.is_active = False
        user.save()
        typed("another long password\n")
        call_command("staff", "ana", "admin")
        assert sign_in("ana", "correct horse battery") is None
        assert sign_in("ana", "another long password").roles == {"admin"}
        kinds = AuditEntry.objects.filter(kind__in=["staff.created", "staff.reset"])
        assert [entry.kind for entry in kinds] == ["staff.created", "staff.reset"]

    @pytest.mark.parametrize(
        ("arguments", "password", "problem"),
        [
            (("ana",), "", "give a name and a role"),
            ((), "", "give a name and a role"),
            (("ana", "specialist"), "short\n", "at least 12 characters"),
            (("ana", "specialist"), "password1234\n", "too common"),
            (("no spaces please", "specialist"), "", "valid username"),
        ],
    )
    def test_what_cannot_be_is_said_in_plain_words(self, typed, arguments, password, problem):
        typed(password)
        with pytest.raises(CommandError, match=problem):
            call_command("staff", *arguments)
        assert not User.objects.exists()

    def test_an_unknown_role_is_refused(self, typed):
        with pytest.raises(CommandError, match="invalid choice"):
            call_command("staff", "ana", "boss")

    def test_the_first_accounts_are_made_once(self, capsys):
        call_command("staff", "--first")
        lines = capsys.readouterr().out.strip().splitlines()
        passwords = dict(line.removeprefix("staff account ").split(": ") for line in lines)
        assert set(passwords) == {"admin", "specialist", "reviewer"}
        for name, password in passwords.items():
            assert sign_in(name, password).roles == {name}
        User.objects.filter(username="reviewer").delete()
        call_command("staff", "--first")
        assert capsys.readouterr().out == ""
        assert User.objects.count() == 2


def test_generated_passwords_are_long_and_differ():
    passwords = {generate_password() for _ in range(50)}
    assert len(passwords) == 50
    assert all(len(password) == 20 for password in passwords)


def test_passwords_are_kept_with_argon2(settings):
    settings.PASSWORD_HASHERS = config.settings.PASSWORD_HASHERS
    set_up_account("ana", Role.SPECIALIST, "correct horse battery")
    assert identify_hasher(User.objects.get().password).algorithm == "argon2"


class TestThrottling:
    """Guessing a password is slow."""

    def test_after_some_failures_the_right_password_does_not_help(self, settings):
        make_specialist("ana")
        for _ in range(settings.AXES_FAILURE_LIMIT):
            assert sign_in("ana", "wrong") is None
        assert self._locked("ana")
        assert not self._locked("ben")

    def test_who_is_locked_out_is_told_for_how_many_minutes(self, settings, client):
        settings.AXES_COOLOFF_TIME = timedelta(minutes=15)
        make_specialist("ana")
        for _ in range(settings.AXES_FAILURE_LIMIT + 1):
            form = {"username": "ana", "password": "wrong"}
            answer = client.post(reverse("staff:sign_in"), form)
        assert answer.status_code == 429
        assert "Wait 15 minutes, then try again." in answer.content.decode()

    def _locked(self, username: str) -> bool:
        request = RequestFactory().post("/", {"username": username})
        return not AxesProxyHandler.is_allowed(request, {"username": username})

    def test_a_success_before_that_starts_the_count_anew(self, settings):
        ana = make_specialist("ana")
        for _ in range(settings.AXES_FAILURE_LIMIT - 1):
            sign_in("ana", "wrong")
        assert sign_in("ana", PASSWORD) == ana
        user_logged_in.send(sender=User, request=RequestFactory().post("/"), user=ana)
        sign_in("ana", "wrong")
        assert not self._locked("ana")

    def test_the_lock_opens_by_itself(self, settings, clock):
        make_specialist("ana")
        for _ in range(settings.AXES_FAILURE_LIMIT):
            sign_in("ana", "wrong")
        assert self._locked("ana")
        clock.shift(settings.AXES_COOLOFF_TIME + timedelta(seconds=1))
        assert sign_in("ana", PASSWORD) is not None


class TestRoles:
    """What a role allows."""

    def test_each_role_has_its_own_rights(self):
        rights = {
            "specialist": (True, True, False, False),
            "reviewer": (False, False, True, False),
            "admin": (False, True, True, True),
        }
        for user in (make_specialist(), make_reviewer(), make_admin()):
            (role,) = user.roles
            assert (
                access.may_chat(user),
                access.may_watch(user),
                access.may_review(user),
                access.may_administer(user),
            ) == rights[role]

    def test_nobody_without_an_account_has_any(self):
        nobody = AnonymousUser()
        for may in (access.may_chat, access.may_watch, access.may_review, access.may_administer):
            assert not may(nobody)
        with pytest.raises(PermissionDenied):
            access.require_role(nobody, Role.SPECIALIST)

    def test_one_role_of_several_suffices(self):
        specialist = make_specialist()
        assert access.require_role(specialist, Role.ADMIN, Role.SPECIALIST) == specialist
        with pytest.raises(PermissionDenied):
            access.require_role(specialist, Role.ADMIN)


class TestPresence:
    """Any authenticated request counts as seen."""

    def test_a_request_of_a_signed_in_specialist_counts(self, client, clock):
        specialist = make_specialist(is_there=False)
        client.force_login(specialist)
        StaffPresence.objects.update(seen_at=None)
        client.get("/no-such-page")
        assert presence.presence_of(specialist).seen_at == timezone.now()
        assert presence.is_staffed(timezone.now())

    def test_an_open_page_says_so_and_a_stranger_cannot(self, client, clock):
        specialist = make_specialist()
        assert client.get(reverse("staff:here")).status_code == 403
        client.force_login(specialist)
        StaffPresence.objects.update(seen_at=None)
        assert client.get(reverse("staff:here")).status_code == 204
        assert presence.presence_of(specialist).seen_at == timezone.now()

    def test_many_requests_cost_few_writes(self, clock):
        specialist = make_specialist(is_there=False)
        presence.note_seen(specialist)
        first = presence.presence_of(specialist).seen_at
        clock.shift(5)
        presence.note_seen(specialist)
        assert presence.presence_of(specialist).seen_at == first
        clock.shift(30)
        presence.note_seen(specialist)
        assert presence.presence_of(specialist).seen_at > first

    def test_signing_out_ends_it_at_once(self, client, clock):
        specialist = make_specialist()
        client.force_login(specialist)
        assert presence.is_staffed(timezone.now())
        client.logout()
        assert not presence.is_staffed(timezone.now())

    def test_others_leave_no_trace(self, client):
        for user in (make_admin(), make_reviewer()):
            presence.note_seen(user)
        presence.note_seen(AnonymousUser())
        client.get("/no-such-page")
        assert not StaffPresence.objects.exists()

    def test_a_request_without_a_session_reads_nothing(self, client, django_assert_num_queries):
        with django_assert_num_queries(0):
            client.get("/static/no-such-file.css")

    def test_the_switch_is_the_specialists_own(self, clock):
        ana, ben = make_specialist("ana"), make_specialist("ben")
        presence.set_accepting(ana, is_accepting=False)
        assert presence.accepting_specialists(timezone.now()) == [ben]
        presence.set_accepting(ana, is_accepting=True)
        assert presence.accepting_specialists(timezone.now()) == [ana, ben]

    def test_a_new_account_has_never_been_seen(self):
        user = make_admin()
        assert presence.presence_of(user).seen_at is None


def test_sign_ins_are_on_record_without_names(client):
    specialist = make_specialist("ana")
    client.force_login(specialist)
    client.logout()
    sign_in("secret-typed-here", "wrong")
    entries = AuditEntry.objects.filter(kind__startswith="staff.sign")
    assert [entry.kind for entry in entries] == [
        "staff.signed_in",
        "staff.signed_out",
        "staff.sign_in_failed",
    ]
    assert "secret-typed-here" not in str([(entry.actor, entry.data) for entry in entries])


def test_visitors_see_a_name_made_for_them():
    assert User(username="ana", display_name="Ana").shown_name == "Ana"
    assert User(username="ana", first_name="Ana", last_name="Lee").shown_name == "Ana Lee"
    assert User(username="ana").shown_name == "ana"
