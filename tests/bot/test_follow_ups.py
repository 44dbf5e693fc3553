"""What is asked after an answer is remembered, and the nearest of it says what a text means."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.components.follow_ups import FollowUps, follow_ups_of
from bot.components.labels import Labels
from bot.components.readings import FOLLOW_UP_TO
from bot.components.selector import JUDGED
from tests.bot.small_house import SmallHouse, training_data

LABELS = Labels(["ask/a", "ask/b", "ask/c"])
AFTER = ["x", "y", "x"]
WANTED = [["ask/b"], ["ask/a"], ["ask/c", "ask/b"]]


@pytest.fixture
def asked() -> FollowUps:
    return FollowUps.of(np.eye(3, dtype=np.float32), AFTER, WANTED).among(LABELS)


def test_the_nearest_follow_up_of_an_entry_speaks_for_its_label(asked: FollowUps) -> None:
    text = np.array([0.6, 0.8, 0.0], np.float32)
    np.testing.assert_allclose(asked.nearest(text, ["x"]), [0, 0.6, 0], atol=1e-6)
    np.testing.assert_allclose(asked.nearest(text, ["y"]), [0.8, 0, 0], atol=1e-6)
    np.testing.assert_allclose(asked.nearest(text, ["y", "x"]), [0.8, 0.6, 0], atol=1e-6)


def test_a_second_label_of_a_follow_up_counts_for_less(asked: FollowUps) -> None:
    text = np.array([0, 0, 1], np.float32)
    np.testing.assert_allclose(asked.nearest(text, ["x"]), [0, 0.9, 1], atol=1e-6)


def test_an_entry_after_which_nothing_is_asked_says_nothing(asked: FollowUps) -> None:
    text = np.array([1, 0, 0], np.float32)
    assert not asked.nearest(text, ["unheard", "y"]).any()
    assert not FollowUps.none().among(LABELS).nearest(text, ["x"]).any()


def test_a_label_that_is_gone_counts_for_nothing() -> None:
    asked = FollowUps.of(np.eye(1, dtype=np.float32), ["x"], [["ask/gone"]]).among(LABELS)
    assert not asked.nearest(np.ones(1, np.float32), ["x"]).any()


def test_they_are_stored_and_loaded(asked: FollowUps, tmp_path: Path) -> None:
    asked.save(tmp_path / "kept.npz")
    loaded = FollowUps.load(tmp_path / "kept.npz").among(LABELS)
    for text in np.eye(3, dtype=np.float32):
        for after in ("x", "y", "z"):
            np.testing.assert_allclose(
                loaded.nearest(text, [after]), asked.nearest(text, [after]), atol=1e-3
            )


def test_a_house_without_any_is_stored_and_loaded(tmp_path: Path) -> None:
    FollowUps.none().save(tmp_path / "kept.npz")
    assert not FollowUps.load(tmp_path / "kept.npz").places


def test_training_remembers_what_the_entries_say(tmp_path: Path) -> None:
    house = SmallHouse(tmp_path)
    judged = house.judge("how hot is the water").get(JUDGED)
    for decision in (house.decision, house.loaded(house.decision)):
        asked = decision.follow_ups.among(judged.labels)
        found = asked.nearest(judged.vectors[0], ["bath"])
        assert judged.labels[int(found.argmax())] == "ask/fever"
        assert not asked.nearest(judged.vectors[0], ["fever"]).any()


def test_no_follow_up_is_an_example_of_a_label(tmp_path: Path) -> None:
    data = SmallHouse(tmp_path).readings.process_training_data(training_data())
    made = [message for message in data.training_examples if message.get(FOLLOW_UP_TO)]
    assert made
    assert not any(message.get_full_intent() for message in made)
    assert not follow_ups_of(training_data()).places
