"""The fitted weights of the choice models, as JSON beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import numpy as np

from encoder.arrays import Matrix

Model = Literal["context", "message"]


def read_weights(model: Model) -> Matrix:
    """Return the weights of a model, shape [n_weights].

    Raises:
        OSError: the file is missing.
        ValueError: it is no JSON.
    """
    return np.array(json.loads(_file(model).read_text("utf-8"))["weights"], np.float32)


def write_weights(model: Model, weights: Matrix) -> None:
    """Keep the weights of a model, to four decimals."""
    rounded = [round(float(weight), 4) for weight in weights]
    _file(model).write_text(json.dumps({"weights": rounded}), "utf-8")


def _file(model: Model) -> Path:
    return Path(__file__).parent / f"{model}_weights.json"
