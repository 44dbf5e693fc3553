"""Lets a model whose weights are stored in eight bits multiply in eight bits, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from encoder.arrays import Matrix

_FUSED = "com.microsoft"
"""Where ONNX Runtime keeps the operations that it adds to the standard's."""

_ZERO = 128
_MOST = 127  # The largest absolute number of a rounded column.


class NotAsExpected(ValueError):
    """The model is not built in the way that is known here."""


def with_eight_bit_products(file: Path, changes: Mapping[str, Matrix] | None = None) -> bytes:
    """Return a model that keeps its stored weights and rounds what they are multiplied with.

    A package that stores weights as `int8` with a scale for each column widens them when it is
    loaded: products take four times the memory and on two cores of 2026 three times as long.
    Here each product becomes one `DynamicQuantizeMatMul`, which rounds its input to 256 steps
    between the least and the largest number of this run; a text must therefore run alone, or its
    neighbours move it. The weights are the same numbers, unless something is added to them, shifted
    to `uint8`: with signed ones, processors without VNNI instructions would overflow in silence.

    Args:
        file: an ONNX model whose weights go through `Cast` and `Mul` before they are used.
        changes: what is added to weights of products, by the weight's name and of its shape; their
            columns are then rounded anew.

    Raises:
        NotAsExpected: a stored weight is used in another way than by a product or a lookup, or
            a change belongs to none.
        OSError: there is no such file.
    """
    model = onnx.load(str(file))
    graph = model.graph
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    widened = _widened(graph, tensors)
    steps = {name for each in widened.values() for name in (each.cast, each.output)}
    left = dict(changes or {})
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        weight = next((widened[name] for name in node.input if name in widened), None)
        if weight is None:
            nodes += [] if node.output[0] in steps else [node]
        elif node.op_type == "Gather":
            nodes += _lookup(node, weight)
        elif node.op_type == "MatMul" and node.input[1] == weight.output:
            nodes.append(_product(node, weight))
            tensors.update(_shifted(weight, tensors, left.pop(weight.output, None)))
        else:
            raise NotAsExpected(f"A stored weight goes into {node.op_type}.")
    if left:
        raise NotAsExpected(f"A change belongs to no product: {', '.join(sorted(left))}.")
    used = {name for node in nodes for name in node.input}
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.initializer[:]
    graph.initializer.extend(tensor for name, tensor in tensors.items() if name in used)
    model.opset_import.append(helper.make_opsetid(_FUSED, 1))
    whole: bytes = model.SerializeToString()
    return whole


@dataclass(frozen=True)
class _Weight:
    """Names of a stored weight, of its scale, and of the two steps that widen it."""

    stored: str
    scale: str
    cast: str
    output: str


def _widened(graph: onnx.GraphProto, tensors: dict[str, onnx.TensorProto]) -> dict[str, _Weight]:
    casts = {
        node.output[0]: node.input[0]
        for node in graph.node
        if node.op_type == "Cast" and node.input[0] in tensors
    }
    found = (
        _Weight(casts[node.input[0]], node.input[1], node.input[0], node.output[0])
        for node in graph.node
        if node.op_type == "Mul" and node.input[0] in casts and node.input[1] in tensors
    )
    return {weight.output: weight for weight in found}


def _product(node: onnx.NodeProto, weight: _Weight) -> onnx.NodeProto:
    inputs = [node.input[0], f"{weight.stored}_8", f"{weight.scale}_8", f"{weight.stored}_zero"]
    return helper.make_node("DynamicQuantizeMatMul", inputs, list(node.output), domain=_FUSED)


def _shifted(
    weight: _Weight, tensors: dict[str, onnx.TensorProto], change: Matrix | None
) -> Iterator[tuple[str, onnx.TensorProto]]:
    """Yield the weight in `uint8`, its scale and its zero, by name."""
    signed = numpy_helper.to_array(tensors[weight.stored]).astype(np.int16)
    scale = numpy_helper.to_array(tensors[weight.scale]).ravel()
    if change is not None:
        wide = signed * scale + change
        scale = (np.abs(wide).max(axis=0) / _MOST).astype(np.float32)
        signed = np.rint(wide / scale).astype(np.int16)
    arrays = {
        f"{weight.stored}_8": (signed + _ZERO).astype(np.uint8),
        f"{weight.scale}_8": scale,
        f"{weight.stored}_zero": np.full(scale.shape, _ZERO, np.uint8),
    }
    for name, array in arrays.items():
        yield name, numpy_helper.from_array(array, name)


def _lookup(node: onnx.NodeProto, weight: _Weight) -> list[onnx.NodeProto]:
    """Return a lookup that widens the rows it finds, not the whole table."""
    output = node.output[0]
    stored, scale, wide = f"{output}_stored", f"{output}_scale", f"{output}_wide"
    return [
        helper.make_node("Gather", [weight.stored, node.input[1]], [stored], axis=0),
        helper.make_node("Gather", [weight.scale, node.input[1]], [scale], axis=0),
        helper.make_node("Cast", [stored], [wide], to=onnx.TensorProto.FLOAT),
        helper.make_node("Mul", [wide, scale], [output]),
    ]
