"""Products in eight bits of a small model made here."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from encoder.eight_bits import NotAsExpected, with_eight_bit_products

RANDOM = np.random.default_rng(5)
FLOAT, INT64 = onnx.TensorProto.FLOAT, onnx.TensorProto.INT64


def a_model(folder: Path, use: str) -> Path:
    """Store a table and a weight in eight bits, both widened before they are used."""
    table = RANDOM.integers(-127, 127, (6, 4)).astype(np.int8)
    weight = RANDOM.integers(-127, 127, (4, 3)).astype(np.int8)
    tensors: dict[str, np.ndarray[Any, Any]] = {
        "table_q": table,
        "table_scale": np.linspace(0.01, 0.02, 6, dtype=np.float32)[:, None],
        "weight_q": weight,
        "weight_scale": np.array([[0.01, 0.03, 0.02]], np.float32),
    }
    nodes = [
        helper.make_node("Cast", ["table_q"], ["table_f"], to=FLOAT),
        helper.make_node("Mul", ["table_f", "table_scale"], ["table"]),
        helper.make_node("Cast", ["weight_q"], ["weight_f"], to=FLOAT),
        helper.make_node("Mul", ["weight_f", "weight_scale"], ["weight"]),
        helper.make_node("Gather", ["table", "ids"], ["found"], axis=0),
        helper.make_node(use, ["found", "weight"], ["out"]),
    ]
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("ids", INT64, ["n"])],
        [helper.make_tensor_value_info("out", FLOAT, None)],
        [numpy_helper.from_array(array, name) for name, array in tensors.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    file = folder / "model.onnx"
    onnx.save(model, str(file))
    return file


def test_a_model_says_nearly_the_same_and_holds_no_wide_weight(tmp_path: Path) -> None:
    file = a_model(tmp_path, "MatMul")
    ids = np.array([0, 3, 5])

    changed = with_eight_bit_products(file)

    wanted = onnxruntime.InferenceSession(str(file)).run(None, {"ids": ids})[0]
    found = onnxruntime.InferenceSession(changed).run(None, {"ids": ids})[0]
    assert found == pytest.approx(wanted, abs=float(0.02 * np.abs(wanted).max()))
    operations = [node.op_type for node in onnx.load_from_string(changed).graph.node]
    assert operations == ["Gather", "Gather", "Cast", "Mul", "DynamicQuantizeMatMul"]


def test_a_change_is_added_before_the_weight_is_rounded(tmp_path: Path) -> None:
    file, ids = a_model(tmp_path, "MatMul"), np.array([0, 3, 5])
    stored = {each.name: numpy_helper.to_array(each) for each in onnx.load(file).graph.initializer}
    change = RANDOM.normal(0, 2, (4, 3)).astype(np.float32)

    changed = with_eight_bit_products(file, {"weight": change})

    rows = (stored["table_q"] * stored["table_scale"])[ids]
    wanted = rows @ (stored["weight_q"] * stored["weight_scale"] + change)
    found = onnxruntime.InferenceSession(changed).run(None, {"ids": ids})[0]
    assert found == pytest.approx(wanted, abs=float(0.03 * np.abs(wanted).max()))


def test_a_change_of_no_product_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotAsExpected, match="val_1"):
        with_eight_bit_products(
            a_model(tmp_path, "MatMul"), {"val_1": np.zeros((4, 3), np.float32)}
        )


def test_a_weight_that_is_used_otherwise_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotAsExpected, match="Add"):
        with_eight_bit_products(a_model(tmp_path, "Add"))
