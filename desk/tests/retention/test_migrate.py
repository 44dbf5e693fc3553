import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

pytestmark = pytest.mark.django_db


def test_the_database_of_a_newer_house_is_left_alone():
    MigrationRecorder(connection).record_applied("conversations", "9999_of_a_newer_house")

    with pytest.raises(CommandError, match="newer version of this house"):
        call_command("migrate", verbosity=0)


def test_what_an_app_left_behind_that_is_gone_does_not_matter():
    MigrationRecorder(connection).record_applied("an_app_of_old", "0001_initial")

    call_command("migrate", verbosity=0)
