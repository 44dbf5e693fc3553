"""What is added to an encoder's weights, kept as two thin matrices for each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from encoder.arrays import Matrix


@dataclass(frozen=True)
class LowRank:
    """A change of few dimensions: `down @ up` is added to a weight.

    Attributes:
        down: shape [n_in, rank].
        up: shape [rank, n_out].
    """

    down: Matrix
    up: Matrix


def read_changes(file: Path) -> dict[str, Matrix]:
    """Return what is added to each weight, by its name, shape [n_in, n_out].

    Raises:
        OSError: there is no such file.
    """
    with np.load(file, allow_pickle=False) as stored:
        names = sorted(name.removesuffix(".down") for name in stored if name.endswith(".down"))
        thin = {name: (stored[f"{name}.down"], stored[f"{name}.up"]) for name in names}
    return {
        name: down.astype(np.float32) @ up.astype(np.float32) for name, (down, up) in thin.items()
    }


def write_changes(file: Path, changes: Mapping[str, LowRank]) -> None:
    """Keep changes in half precision: less than what eight bits round away."""
    arrays = {}
    for name, change in sorted(changes.items()):
        arrays[f"{name}.down"] = change.down.astype(np.float16)
        arrays[f"{name}.up"] = change.up.astype(np.float16)
    np.savez(file, **arrays)
