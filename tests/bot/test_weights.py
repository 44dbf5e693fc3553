"""What a fitting program keeps is what the bot reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.components import weights


def test_kept_weights_are_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "_file", lambda model: tmp_path / f"{model}.json")
    fitted = np.array([1.23456789, -0.00004, 0.0], np.float32)
    weights.write_weights("message", fitted)
    assert weights.read_weights("message") == pytest.approx(fitted, abs=5e-5)
    with pytest.raises(FileNotFoundError):
        weights.read_weights("context")
