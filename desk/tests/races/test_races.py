"""Races between real processes: one winner, no gap, nothing lost, nothing doubled."""

import itertools
import uuid

from tests.races.conftest import RACERS

ROUNDS = 12


def test_of_several_claims_one_wins(racers):
    users = racers.alone("specialists", RACERS)
    waiting = racers.alone("queued", ROUNDS)
    results = racers.together(
        *(("each", "claim", [[conversation, user] for conversation in waiting]) for user in users)
    )
    for number, conversation in enumerate(waiting):
        outcomes = [result[number] for result in results]
        assert sorted(map(str, outcomes)) == ["True"] + ["refused: already_claimed"] * (RACERS - 1)
        held = racers.alone("inspect", conversation)
        assert held["specialist"] == users[outcomes.index(True)]
        assert held["epoch"] == 3
        assert held["changes"] == [["control.queued", 2], ["control.claimed", 3]]


def test_the_same_client_id_from_several_processes_is_stored_once(racers):
    for conversation in racers.alone("opened", ROUNDS):
        client_id = uuid.uuid4().hex
        repeats = racers.together(*[("send", conversation, [client_id])] * RACERS)
        assert sorted(repeat for (repeat,) in repeats) == [False] + [True] * (RACERS - 1)
        held = racers.alone("inspect", conversation)
        assert held["client_ids"] == [client_id]
        assert held["turns"] == ["pending"]


def test_many_writers_leave_no_gap_and_lose_nothing(racers):
    (conversation,) = racers.alone("opened", 1)
    sent = [[uuid.uuid4().hex for _ in range(ROUNDS)] for _ in range(RACERS)]
    racers.together(*(("send", conversation, client_ids) for client_ids in sent))
    held = racers.alone("inspect", conversation)
    assert held["seqs"] == list(range(1, RACERS * ROUNDS + 2))
    assert held["last_seq"] == RACERS * ROUNDS + 1
    assert sorted(held["client_ids"]) == sorted(itertools.chain(*sent))


def test_a_turn_has_one_holder(racers):
    for _, turn in racers.alone("asked", ROUNDS):
        leases = racers.together(*(("lease", turn, f"holder{n}") for n in range(RACERS)))
        assert sorted(leases) == [False] * (RACERS - 1) + [True]


def test_an_answer_is_stored_under_the_bots_control_or_not_at_all(racers):
    racers.alone("specialists", 1)
    for conversation, turn in racers.alone("asked", ROUNDS):
        answered, again, control, _ = racers.together(
            ("answer", turn),
            ("answer", turn),
            ("ask_for_person", conversation),
            ("send", conversation, [uuid.uuid4().hex]),
        )
        held = racers.alone("inspect", conversation)
        bots = [epoch for sender, epoch, kind in held["rows"] if kind == "answer"]
        assert control == "queue"
        assert bots in ([], [1])
        assert (answered == 1) == (again == 1) == (bots == [1])
        assert bots == [1] or answered == again == "refused: stale_epoch"
        assert held["seqs"] == list(range(1, held["last_seq"] + 1))
        epochs = [epoch for _, epoch, _ in held["rows"]]
        assert epochs == sorted(epochs)


def test_asking_for_a_person_at_the_same_moment_queues_once(racers):
    racers.alone("specialists", 1)
    for conversation in racers.alone("opened", ROUNDS):
        controls = racers.together(*[("ask_for_person", conversation)] * RACERS)
        assert set(controls) == {"queue"}
        held = racers.alone("inspect", conversation)
        assert held["changes"] == [["control.queued", 2]]
        assert [kind for _, _, kind in held["rows"]].count("handoff") == 1


def test_a_close_stands_whatever_comes_at_the_same_moment(racers):
    users = racers.alone("specialists", 1)
    for conversation in racers.alone("queued", ROUNDS):
        racers.together(
            ("close", conversation),
            ("close", conversation),
            ("claim", conversation, users[0]),
            ("send", conversation, [uuid.uuid4().hex]),
        )
        held = racers.alone("inspect", conversation)
        assert held["control"] == "closed"
        assert [kind for kind, _ in held["changes"]].count("control.closed") == 1
        assert [epoch for _, epoch in held["changes"]] == list(range(2, held["epoch"] + 1))
        assert held["rows"][-1][:1] == ["system"]


def test_of_several_who_take_a_callback_one_has_it(racers):
    users = racers.alone("specialists", RACERS)
    callbacks = racers.alone("called_back", ROUNDS)
    results = racers.together(
        *(("each", "take", [[callback, user] for callback in callbacks]) for user in users)
    )
    for number, callback in enumerate(callbacks):
        outcomes = [result[number] for result in results]
        won = [user for user, outcome in zip(users, outcomes, strict=True) if outcome == user]
        assert len(won) == 1
        assert outcomes.count("refused: callback_taken") == RACERS - 1
        assert racers.alone("owner", callback) == [won[0], 1]


def test_a_mail_has_one_worker(racers):
    for mail in racers.alone("mailed", ROUNDS):
        claims = racers.together(*(("claim_mail", mail, f"worker{n}") for n in range(RACERS)))
        assert sorted(claims) == [False] * (RACERS - 1) + [True]


def test_a_resume_link_that_several_devices_open_lets_one_in(racers):
    for conversation, link in racers.alone("linked", ROUNDS):
        devices = [uuid.uuid4().hex for _ in range(RACERS)]
        outcomes = racers.together(*(("resume", link, device) for device in devices))
        spent = ["refused: resume_link_spent"] * (RACERS - 1)
        assert sorted(map(str, outcomes)) == ["True", *spent]
        assert racers.alone("live_tokens", conversation) == 1


def test_an_erasure_leaves_no_row_behind_whoever_writes_meanwhile(racers):
    for conversation, turn in racers.alone("asked", ROUNDS):
        erased, again, *_ = racers.together(
            ("erase", conversation),
            ("erase", conversation),
            ("send", conversation, [uuid.uuid4().hex for _ in range(3)]),
            ("answer", turn),
        )
        assert sorted(map(str, (erased, again))) == ["None", "refused: unknown_conversation"]
        assert racers.alone("inspect", conversation) == {"messages": 0}
