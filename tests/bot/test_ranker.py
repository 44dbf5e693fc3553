"""What the ranker learns from."""

from __future__ import annotations

import numpy as np
import pytest

from bot.components.label_model import EVIDENCE, LEAST_SHARE, SHARES
from bot.components.ranker import without_own


def test_the_shares_of_a_label_nobody_has_heard_of_fall_to_the_others() -> None:
    shares = np.array([[0.8, 0.15, 0.05], [0.1, 0.6, 0.3]], np.float32)
    evidence = np.full((2, 3, len(EVIDENCE)), 0.5, np.float32)
    evidence[..., SHARES] = np.log(shares + LEAST_SHARE)[..., None]

    found = without_own(evidence, np.array([0, 1]))

    divided = np.exp(found[..., SHARES]) - LEAST_SHARE
    assert divided[0, 1:] == pytest.approx(np.array([[0.75] * len(SHARES), [0.25] * len(SHARES)]))
    assert divided[1, [0, 2]].sum(axis=0) == pytest.approx(np.ones(len(SHARES)))
    rest = [at for at in range(len(EVIDENCE)) if at not in SHARES]
    assert (found[..., rest] == 0.5).all()


def test_without_any_share_of_its_own_nothing_changes() -> None:
    shares = np.array([[0.0, 0.7, 0.3]], np.float32)
    evidence = np.log(shares + LEAST_SHARE)[..., None].repeat(len(EVIDENCE), axis=-1)

    assert without_own(evidence, np.array([0])) == pytest.approx(evidence, abs=1e-5)
