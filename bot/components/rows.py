"""Products of few rows with many, in eight bits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

from encoder.arrays import Matrix

_STEPS = 127
_ZERO = 128  # Unsigned numbers: with signed ones, processors without VNNI would overflow.
_SMALL = 1e-9
# On processors with AMX, ONNX Runtime 1.23 errs in each 32nd product of a last block that is not
# full.
_BLOCK = 16
_OPSET, _FORMAT = 17, 8  # Old enough for every ONNX Runtime that Python 3.10 can have.


class EightBitRows:
    """Many rows, each rounded to 255 steps of its own, to be multiplied with few others.

    To search 40,000 questions in 300 dimensions costs the reading of them: in `float32` 48 MB,
    8 ms for the two searches of three readings of a message; rounded 12 MB and 1.5 ms. A cosine
    is off by 0.0006 on the mean.
    """

    def __init__(self, steps: np.ndarray[Any, np.dtype[np.uint8]], scale: Matrix) -> None:
        """Take rounded rows.

        Args:
            steps: shape [n_rows, n_dims]; 128 stands for 0.
            scale: what a step of each row is worth, shape [n_rows].
        """
        self._steps = steps
        self._scale = scale
        self._session = _session(steps) if len(steps) else None

    @classmethod
    def of(cls, rows: Matrix) -> EightBitRows:
        """Round rows, shape [n_rows, n_dims]."""
        return cls(*_rounded(rows))

    def products(self, rows: Matrix) -> Matrix:
        """Return the dot products with some rows, shape [n_others, n_rows]."""
        if self._session is None or not len(rows):
            return np.zeros((len(rows), len(self._steps)), np.float32)
        steps, scale = _rounded(rows)
        sums = self._session.run(None, {"rows": steps})[0]
        found = sums[:, : len(self._steps)].astype(np.float32)
        found *= scale[:, None]
        found *= self._scale
        products: Matrix = found
        return products

    def arrays(self, name: str) -> dict[str, np.ndarray[Any, Any]]:
        """Return what `from_arrays` needs."""
        return {name: self._steps, f"{name}_scale": self._scale}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray[Any, Any]], name: str) -> EightBitRows:
        return cls(arrays[name], arrays[f"{name}_scale"])


def _rounded(rows: Matrix) -> tuple[np.ndarray[Any, np.dtype[np.uint8]], Matrix]:
    largest = np.abs(rows).max(axis=1, initial=0.0)
    scale = (np.maximum(largest, _SMALL) / _STEPS).astype(np.float32)
    return (np.rint(rows / scale[:, None]) + _ZERO).astype(np.uint8), scale


def _session(steps: np.ndarray[Any, np.dtype[np.uint8]]) -> onnxruntime.InferenceSession:
    """Return a model of one product: NumPy has none of whole numbers that is any quicker."""
    steps = np.pad(steps, ((0, -len(steps) % _BLOCK), (0, 0)), constant_values=_ZERO)
    n_rows, n_dims = steps.shape
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["rows", "others", "zero", "zero"], ["products"])],
        "products",
        [helper.make_tensor_value_info("rows", onnx.TensorProto.UINT8, ["n", n_dims])],
        [helper.make_tensor_value_info("products", onnx.TensorProto.INT32, ["n", n_rows])],
        [
            numpy_helper.from_array(np.ascontiguousarray(steps.T), "others"),
            numpy_helper.from_array(np.array(_ZERO, np.uint8), "zero"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)])
    model.ir_version = _FORMAT
    options = onnxruntime.SessionOptions()
    # As with the encoders: a second thread would take the core that the desk needs.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
