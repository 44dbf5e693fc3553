"""Every stored message of bot and system is an approved text, to the letter."""

from __future__ import annotations

import json
import re
import sqlite3
import urllib.request
import uuid
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
import yaml

import safety
from knowledge import ApprovedText, Knowledge, fill_slots, load_knowledge, load_responses
from tests.journeys.conftest import House

pytestmark = pytest.mark.journey

ROOT = Path(__file__).resolve().parents[2]
DIALOGUES = ROOT / "tests" / "conversations"
# What no dialogue says: a danger, a danger in doubt, and two questions at once.
BESIDES = [
    "what is mrd and what is remission?",
    "he has a fever of 102 and is shivering",
    "i want to kill myself",
    "the pump is leaking",
]

type Slots = Mapping[str, object]


@cache
def approved_files() -> tuple[Knowledge, Mapping[str, ApprovedText]]:
    """Knowledge and the bot's fixed responses as the files have them."""
    return load_knowledge(ROOT / "knowledge"), load_responses(ROOT / "domain.yml")


def approved(text_id: str, slots: Slots) -> str:
    """Compute an approved text anew from the files alone, without any code of the desk."""
    origin, _, rest = text_id.partition(":")
    name, _, version = rest.rpartition("@")
    house, responses = approved_files()
    if origin == "entry":
        assert house.entries[name].version == version
        return house.entries[name].answer
    copies = {
        "notice": house.notices,
        "response": responses,
        "safety": safety.all_texts(),
    }[origin]
    assert copies[name].version == version
    return fill_slots(copies[name].texts["en"], {key: words(slot) for key, slot in slots.items()})


def words(slot: object) -> str:
    """A slot's value: words, or another approved text."""
    if isinstance(slot, dict):
        return approved(slot["text_id"], slot["slots"])
    return str(slot)


def differing(rows: list[tuple[str, ...]]) -> list[str]:
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


def dialogues() -> list[list[str]]:
    """What visitors say, dialogue by dialogue, in every file of dialogues."""
    stories = [
        story
        for file in sorted(DIALOGUES.glob("*.yml"))
        for story in yaml.safe_load(file.read_text("utf-8"))["stories"]
    ]
    return [
        [step["user"].strip() for step in story["steps"] if "user" in step] for story in stories
    ]


@pytest.fixture(scope="module")
def told(house: House) -> Counter[str]:
    """Every dialogue played to the house, each in a conversation of its own: what was said."""
    for dialogue in [*dialogues(), BESIDES]:
        opened = call(house, "/api/v1/conversations", {"consent": True})
        path = f"/api/v1/conversations/{opened['id']}/messages"
        for text in dialogue:
            body = {"client_id": str(uuid.uuid4()), "text": text}
            answer = call(house, path, body, str(opened["token"]))
            assert answer["replies"], f"nobody answered: {text}"
    return Counter(text for dialogue in [*dialogues(), BESIDES] for text in dialogue)


def read(house: House, columns: str, senders: str) -> list[tuple[str, ...]]:
    """Columns of all stored messages of those who sent them."""
    file = next(house.data_dir.glob("*.sqlite3"))
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
        query = f"select {columns} from conversations_message where sender in ({senders})"
        return list(database.execute(query))


@pytest.fixture(scope="module")
def stored(house: House, told: Counter[str]) -> list[tuple[str, ...]]:
    """What bot and system said in all dialogues: text id, slots, words."""
    return read(house, "text_id, text_slots, text", "'bot', 'system'")


def test_every_dialogue_was_played(house: House, told: Counter[str]) -> None:
    """No text that a file of dialogues holds is left out."""
    lines = sum(
        line.lstrip(" -").startswith("user:")
        for file in DIALOGUES.glob("*.yml")
        for line in file.read_text("utf-8").splitlines()
    )
    assert told.total() == lines + len(BESIDES)
    assert told <= Counter(text for (text,) in read(house, "text", "'visitor'"))


def test_every_stored_message_is_an_approved_text(
    told: Counter[str], stored: list[tuple[str, ...]]
) -> None:
    """Over all dialogues, whatever the bot did."""
    assert len(stored) > told.total()
    assert {text_id.partition(":")[0] for text_id, _, _ in stored} == {
        "entry",
        "response",
        "notice",
        "safety",
    }
    assert differing(stored) == []


def test_one_altered_character_is_caught(stored: list[tuple[str, ...]]) -> None:
    """A single character more, less or other, and the message is named."""
    for text_id, slots, text in stored:
        for altered in (text + " ", text[:-1], re.sub(r"[a-z]", "x", text, count=1)):
            if altered != text:
                assert differing([(text_id, slots, altered)]) == [text_id]
