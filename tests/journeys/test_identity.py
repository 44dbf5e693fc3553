"""Every stored message of bot and system is an approved text, to the letter."""

from __future__ import annotations

import json
import re
import sqlite3
import urllib.request
import uuid
from collections.abc import Mapping
from pathlib import Path

import pytest

import safety
from knowledge import fill_slots, load_knowledge, load_responses
from tests.journeys.conftest import House

pytestmark = pytest.mark.journey

ROOT = Path(__file__).resolve().parents[2]
SAID = [
    "what did the study find",
    "what is pedal",
    "hello",
    "are you a robot",
    "thank you",
    "what is mrd and what is remission?",
    "vaccines",
    "should we stop the chemo",
    "is my baby going to die",
    "what is the weather in chicago",
    "asdf qwer zxcv",
    "asdf qwer zxcv again",
    "he has a fever of 102 and is shivering",
    "i want to kill myself",
    "the pump is leaking",
    "are you open now",
    "how long is the wait",
    "i want to talk to a person",
]

type Slots = Mapping[str, object]


def approved(text_id: str, slots: Slots) -> str:
    """Compute an approved text anew from the files alone, without any code of the desk."""
    origin, _, rest = text_id.partition(":")
    name, _, version = rest.rpartition("@")
    house = load_knowledge(ROOT / "knowledge")
    if origin == "entry":
        assert house.entries[name].version == version
        return house.entries[name].answer
    copies = {
        "notice": house.notices,
        "response": load_responses(ROOT / "domain.yml"),
        "safety": safety.all_texts(),
    }[origin]
    assert copies[name].version == version
    return fill_slots(copies[name].texts["en"], {key: words(slot) for key, slot in slots.items()})


def words(slot: object) -> str:
    """A slot's value: words, or another approved text."""
    if isinstance(slot, dict):
        return approved(slot["text_id"], slot["slots"])
    return str(slot)


def differing(rows: list[tuple[str, str, str]]) -> list[str]:
    """Names of the texts whose stored words are not the approved ones."""
    return [
        text_id
        for text_id, slots, text in rows
        if approved(text_id, json.loads(slots)).encode() != text.encode()
    ]


def call(house: House, path: str, body: dict[str, object], token: str = "") -> dict[str, object]:
    """One call of the public API."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(house.url + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return dict(json.loads(answer.read()))


@pytest.fixture(scope="module")
def stored(house: House) -> list[tuple[str, str, str]]:
    """What bot and system said in a whole conversation: text id, slots, words."""
    opened = call(house, "/api/v1/conversations", {"consent": True})
    path = f"/api/v1/conversations/{opened['id']}/messages"
    for text in SAID:
        body = {"client_id": str(uuid.uuid4()), "text": text}
        call(house, path, body, str(opened["token"]))
    file = next(house.data_dir.glob("*.sqlite3"))
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
        return list(
            database.execute(
                "select text_id, text_slots, text from conversations_message"
                " where sender in ('bot', 'system')"
            )
        )


def test_every_stored_message_is_an_approved_text(stored: list[tuple[str, str, str]]) -> None:
    """Over whole conversations, whatever the bot did."""
    assert len(stored) > len(SAID)
    assert {text_id.partition(":")[0] for text_id, _, _ in stored} == {
        "entry",
        "response",
        "notice",
        "safety",
    }
    assert differing(stored) == []


def test_one_altered_character_is_caught(stored: list[tuple[str, str, str]]) -> None:
    """A single character more, less or other, and the message is named."""
    for text_id, slots, text in stored:
        for altered in (text + " ", text[:-1], re.sub(r"[a-z]", "x", text, count=1)):
            if altered != text:
                assert differing([(text_id, slots, altered)]) == [text_id]
