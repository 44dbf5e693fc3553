"""Races for control between real processes: one party has it, and each change is on record once."""

from __future__ import annotations

from typing import Any

from tests.races.conftest import RACERS, Racers

ROUNDS = 8


def whole(racers: Racers, conversation: str) -> dict[str, Any]:
    """What is stored about a conversation, once it is sure that nothing is lost or doubled."""
    found: dict[str, Any] = racers.alone("inspect", conversation)
    assert (found["control"] == "specialist") == (found["specialist"] is not None)
    assert [epoch for _, epoch in found["changes"]] == list(range(2, found["epoch"] + 1))
    assert found["seqs"] == list(range(1, found["last_seq"] + 1))
    epochs = [epoch for _, epoch, _ in found["rows"]]
    assert epochs == sorted(epochs)
    for state in ("accepted", "declined", "withdrawn", "lapsed"):
        kind = "control.transferred" if state == "accepted" else f"transfer.{state}"
        assert found["entries"].count(kind) == found["offers"].count(state)
    assert found["entries"].count("reply.released") == found["held"].count("released")
    # One that was dropped as control moved is on record as withdrawn by the system.
    unsent = found["held"].count("withdrawn") + found["held"].count("dropped")
    assert found["entries"].count("reply.withdrawn") == unsent
    return found


def test_an_offer_ends_once_whatever_comes_at_the_same_moment(racers):
    """Accept, decline and withdraw: whoever is first decides, and the others are told so."""
    for conversation, offer, giver, receiver in racers.alone("offered", ROUNDS):
        accepted, declined, withdrawn = racers.together(
            ("accept", offer, receiver), ("decline", offer, receiver), ("withdraw", offer, giver)
        )
        outcomes = [accepted is True, declined == "declined", withdrawn == "withdrawn"]
        assert sorted(outcomes) == [False, False, True]
        assert [accepted, declined, withdrawn].count("refused: transfer_over") == 2
        held = whole(racers, conversation)
        assert held["specialist"] == (receiver if accepted is True else giver)


def test_accepted_twice_it_changes_hands_once(racers):
    for conversation, offer, _, receiver in racers.alone("offered", ROUNDS):
        results = racers.together(*[("accept", offer, receiver)] * RACERS)
        assert sorted(results) == [False] * (RACERS - 1) + [True]
        held = whole(racers, conversation)
        assert (held["specialist"], held["epoch"]) == (receiver, 4)


def test_an_offer_and_a_lost_console_at_the_same_moment(racers):
    """Either the colleague has it, or it waits in the queue and the offer has lapsed."""
    for conversation, offer, giver, receiver in racers.alone("offered", ROUNDS):
        accepted, _, withdrawn = racers.together(
            ("accept", offer, receiver), ("vanish", giver), ("withdraw", offer, giver)
        )
        held = whole(racers, conversation)
        if accepted is True:
            assert (held["specialist"], held["offers"]) == (receiver, ["accepted"])
            assert withdrawn == "refused: transfer_over"
        else:
            assert held["control"] == "queue"
            assert held["offers"] == ["withdrawn" if withdrawn == "withdrawn" else "lapsed"]


def test_stepping_in_and_a_claim_at_the_same_moment(racers):
    """The supervisor has it in the end, whoever was first; a claim that lost says who has it."""
    users = racers.alone("specialists", 2)
    (supervisor,) = racers.alone("supervisors", 1)
    for conversation in racers.alone("queued", ROUNDS):
        stepped, *claims = racers.together(
            ("step_in", conversation, supervisor), *(("claim", conversation, u) for u in users)
        )
        held = whole(racers, conversation)
        assert (stepped, held["specialist"]) == (True, supervisor)
        assert claims.count(True) <= 1
        assert [kind for kind, _ in held["changes"]].count("control.claimed") == claims.count(True)
        assert claims.count("refused: already_claimed") == 2 - claims.count(True)


def test_a_claim_and_a_release_at_the_same_moment(racers):
    """Whoever comes too early for the release is told that a colleague has it; nobody is lost."""
    for conversation, holder in racers.alone("talking", ROUNDS):
        (other,) = racers.alone("specialists", 1)
        released, claimed, again = racers.together(
            ("release", conversation, holder, "queue"),
            ("claim", conversation, other),
            ("release", conversation, holder, "bot"),
        )
        held = whole(racers, conversation)
        assert [released, again].count(True) == 1
        assert [released, again].count("refused: not_in_control") == 1
        if claimed is True:
            assert held["specialist"] == other
        elif again is True:
            assert held["control"] == "bot"
        else:
            assert (held["control"], claimed) == ("queue", "refused: already_claimed")


def test_a_reply_and_a_handback_at_the_same_moment(racers):
    """A reply is stored under its author's control or not at all: never below the bot's words."""
    for conversation, holder in racers.alone("talking", ROUNDS):
        epoch = racers.alone("inspect", conversation)["epoch"]
        stored, _ = racers.together(
            ("reply", conversation, holder, epoch), ("release", conversation, holder, "bot")
        )
        held = whole(racers, conversation)
        assert held["control"] == "bot"
        replies = [e for sender, e, _ in held["rows"] if sender == "specialist"]
        assert replies == ([epoch] if stored == epoch else [])
        assert stored in (epoch, "refused: not_in_control")


def test_a_held_reply_and_a_change_of_control_at_the_same_moment(racers):
    """Released under its author's control, or dropped with it; once, whoever releases too."""
    for conversation, waiting, author, reader in racers.alone("held", ROUNDS):
        first, second, _ = racers.together(
            ("release_reply", waiting, reader),
            ("release_reply", waiting, reader),
            ("release", conversation, author, "queue"),
        )
        held = whole(racers, conversation)
        replies = [epoch for sender, epoch, _ in held["rows"] if sender == "specialist"]
        if held["held"] == ["released"]:
            assert replies == [3]
            assert sorted((first, second)) == [False, True]
        else:
            assert (held["held"], replies) == (["dropped"], [])
            assert {first, second} == {"refused: held_reply_over"}


def test_two_claims_of_one_specialist_are_not_both_the_last_that_fits(racers):
    for _ in range(ROUNDS):
        (user,) = racers.alone("specialists", 1)
        racers.alone("fill_up", user, 1)
        waiting = racers.alone("queued", RACERS)
        results = racers.together(*(("claim_within", each, user) for each in waiting))
        assert results.count(True) == 1
        assert results.count("refused: at_capacity") == RACERS - 1
        owned = [racers.alone("inspect", each)["specialist"] for each in waiting]
        assert owned.count(user) == 1
