import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from ops.bench import competitors
from ops.bench.bots import FALLBACK, Said, stock_bot
from ops.bench.competitors import CLARIFIED, REFUSED, RIGHT, WRONG, Tally, held_out
from ops.bench.data import Example
from ops.bench.load import JsonClient, put_under_load
from ops.bench.neighbours import WordSimilarity, choose_threshold
from ops.bench.settings import read_bench_settings
from ops.plain import Stop
from ops.settings import ROOT
from tests.nlu.cases import Case, load_sets

EXAMPLES = [Example("hi", "greet"), Example("is it safe", "ask/safety"), Example("bye", "goodbye")]
QUESTION = Case("answers", "?", (frozenset({"ask/a", "ask/b"}),), "here")
OUTSIDE = Case("out_of_scope_far", "?", (frozenset({"out_of_scope_far"}),), "here")


@pytest.mark.parametrize(
    ("said", "column"),
    [
        (Said(("ask/b",)), RIGHT),
        (Said(("ask/c", "ask/a")), RIGHT),
        (Said(("ask/c",), ("ask/a",)), WRONG),
        (Said(("clarify",), ("ask/c", "ask/a")), CLARIFIED),
    ],
)
def test_a_question_counts_once(said, column):
    tally = Tally()
    tally.add(QUESTION, said)

    assert {name for name, share in tally.as_figures().items() if share} == {column}


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        (Said(("nlu_fallback",)), 100),
        (Said(("fallback",), ("handoff",)), 100),
        (Said(("ask/a",)), 0),
        (Said(("clarify",), ("ask/a", "ask/b")), 0),
    ],
)
def test_outside_is_refused_when_no_entry_is_shown(said, refused):
    tally = Tally()
    tally.add(OUTSIDE, said)

    assert tally.as_figures()[REFUSED] == refused


def test_a_bot_that_could_not_be_measured_is_noted(monkeypatch):
    def none_but_a_note(scratch, settings, table):
        table.notes.append("the last one could not be measured")
        return iter(())

    monkeypatch.setattr(competitors, "_each", none_but_a_note)

    *_, table = competitors.measure(read_bench_settings({}))

    assert table.notes[-1] == "the last one could not be measured"


def test_nobody_is_asked_what_our_weights_were_fitted_to():
    newest = load_sets()[0].day

    assert {case.place.split("/")[2] for case in held_out(read_bench_settings({}))} == {newest}


def test_a_stock_project_answers_every_label(tmp_path):
    stock_bot(tmp_path, Path(sys.executable), EXAMPLES, None)

    domain = yaml.safe_load((tmp_path / "domain.yml").read_text())
    rules = yaml.safe_load((tmp_path / "data" / "rules.yml").read_text())["rules"]
    nlu = yaml.safe_load((tmp_path / "data" / "nlu.yml").read_text())["nlu"]

    assert domain["intents"] == ["ask", "goodbye", "greet"]
    assert {block["intent"] for block in nlu} == {"greet", "ask/safety", "goodbye"}
    assert {"utter_ask/safety", f"utter_{FALLBACK}"} <= domain["responses"].keys()
    assert {rule["steps"][0]["intent"] for rule in rules} == {*domain["intents"], FALLBACK}
    assert yaml.safe_load((tmp_path / "config.yml").read_text())["pipeline"] is None


def test_nothing_but_this_machine_is_put_under_load():
    with pytest.raises(Stop, match="not on this machine"):
        JsonClient("http://example.org:80")


def test_load_is_bounded_and_changes_visitors():
    visitors: list[object] = []
    asked: list[str] = []

    def say(text):
        asked.append(text)
        return 0.001

    def new_visitor():
        visitors.append(object())
        return say

    load = put_under_load(new_visitor, ["a", "b"], 45, 2, conversation=10)

    assert len(asked) == len(load.milliseconds) == 45
    assert len(visitors) == 6  # 23 and 22 messages, each in conversations of ten.
    assert load.p50 == pytest.approx(1.0)


def test_the_neighbours_threshold_lets_near_questions_through():
    examples = [Example(f"is the pump safe {word}", "ask/pump") for word in "abcdefgh"]
    examples += [Example(f"weather in town {at}", "out_of_scope") for at in range(8)]

    similarity = WordSimilarity()
    threshold = choose_threshold(similarity, examples)

    assert similarity.nearest(["is the pump safe"])[0][1] >= threshold
    assert similarity.nearest(["quantum"])[0][1] < threshold


def test_settings_have_defaults_and_a_relative_folder_counts_from_here(tmp_path):
    assert read_bench_settings({}).benchmarks == (ROOT / "../shared/benchmarks").resolve()
    assert not read_bench_settings({}).is_fast
    assert read_bench_settings({"BENCH_FAST": "1"}).pick(400, 20) == 20
    assert read_bench_settings({"BENCHMARKS": str(tmp_path)}).benchmarks == tmp_path.resolve()


@pytest.mark.parametrize("rounds", ["0", "101", "many", "-1", "1.5"])
def test_rounds_that_make_no_sense_are_named(rounds):
    with pytest.raises(Stop, match=f"ROUNDS={rounds} .* from 1 to 100"):
        read_bench_settings({"ROUNDS": rounds})


@pytest.mark.parametrize(("rounds", "judged"), [("100", True), ("1", False)])
def test_a_stock_bot_that_hardly_trained_is_not_judged(rounds, judged, monkeypatch):
    server = SimpleNamespace(
        ask=lambda text: Said(("ask/a",)),
        new_visitor=lambda: lambda text: 0.001,
        process=SimpleNamespace(seconds=1.0, megabytes=lambda: 100.0),
    )
    monkeypatch.setattr(competitors, "_each", lambda *_: iter([("rasa init default", 1.0, server)]))

    *_, table = competitors.measure(read_bench_settings({"ROUNDS": rounds}))

    row = table.rows["rasa init default"]
    assert (RIGHT in row, competitors.TRAIN in row) == (judged, judged)
    assert row[competitors.RATE] > 0


def test_missing_public_sets_are_named(tmp_path):
    from ops.bench.public import measure

    with pytest.raises(Stop, match="hint3-sofmattress is missing"):
        next(iter(measure(read_bench_settings({"BENCHMARKS": str(tmp_path)}))))
