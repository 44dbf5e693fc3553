"""Evidence that fits given chances, for tests of what is decided on both."""

from __future__ import annotations

import numpy as np

from bot.components.label_model import EVIDENCE, LEAST_SHARE, SHARES
from encoder.arrays import Matrix


def evidence_of(chances: Matrix) -> Matrix:
    """Return evidence of the kind that makes for such chances, shape [..., len(EVIDENCE)]."""
    evidence = np.repeat(chances[..., None], len(EVIDENCE), axis=-1)
    evidence[..., SHARES] = np.log(evidence[..., SHARES] + LEAST_SHARE)
    found: Matrix = evidence.astype(np.float32)
    return found
