"""The ledger of erasures survives a restored backup."""

import json
import uuid

import pytest
from django.db import transaction
from django.utils import timezone

from retention import ledger
from retention.models import Erasure

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_ledger(settings, tmp_path):
    """Each test writes a ledger of its own, in a folder that is not there yet."""
    settings.DATA_DIR = tmp_path / "not" / "yet"


def test_an_erasure_is_written_to_both_ledgers():
    subject = uuid.uuid4()
    ledger.write(subject, at=timezone.now(), by="visitor")
    assert Erasure.objects.get().subject_id == subject
    assert ledger.read(ledger.ledger_file()) == [subject]


def test_the_file_keeps_an_erasure_whose_transaction_failed():
    """Once too often is right; once too few would bring a family's words back."""
    subject = uuid.uuid4()

    def fail() -> None:
        with transaction.atomic():
            ledger.write(subject, at=timezone.now(), by="visitor")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not Erasure.objects.exists()
    assert ledger.read(ledger.ledger_file()) == [subject]


def test_an_erasure_written_twice_is_one():
    subject = uuid.uuid4()
    for _ in range(2):
        ledger.write(subject, at=timezone.now(), by="replay")
    assert Erasure.objects.count() == 1
    assert ledger.read(ledger.ledger_file()) == [subject]


def test_it_names_nobody():
    ledger.write(uuid.uuid4(), at=timezone.now(), by="staff:7")
    line = ledger.ledger_file().read_text()
    assert set(json.loads(line)) == {"subject_id", "erased_at", "by"}
