"""Products in eight bits of few rows with many."""

import numpy as np
import pytest

from bot.components.rows import EightBitRows

RANDOM = np.random.default_rng(5)


@pytest.mark.parametrize("count", [1, 10, 300])
def test_products_of_rounded_rows_are_nearly_those_of_the_rows(count: int) -> None:
    rows = RANDOM.standard_normal((count, 300)).astype(np.float32)
    others = RANDOM.standard_normal((1300, 300)).astype(np.float32)
    lengths = np.linalg.norm(rows, axis=1)[:, None] * np.linalg.norm(others, axis=1)

    found = EightBitRows.of(others).products(rows) / lengths

    assert found == pytest.approx(rows @ others.T / lengths, abs=0.01)


def test_a_row_does_not_change_with_those_beside_it() -> None:
    rows = np.array([[1, 2], [1000, -3000]], np.float32)
    many = EightBitRows.of(RANDOM.standard_normal((5, 2)).astype(np.float32))

    assert many.products(rows)[0] == pytest.approx(many.products(rows[:1])[0])


@pytest.mark.parametrize(("n_rows", "n_others"), [(0, 3), (3, 0)])
def test_no_rows_have_no_products(n_rows: int, n_others: int) -> None:
    many = EightBitRows.of(np.ones((n_rows, 4), np.float32))

    assert many.products(np.ones((n_others, 4), np.float32)).shape == (n_others, n_rows)


def test_rows_of_nothing_are_like_nothing() -> None:
    many = EightBitRows.of(np.zeros((2, 4), np.float32))

    assert not many.products(np.ones((1, 4), np.float32)).any()


def test_what_is_stored_comes_back() -> None:
    many = EightBitRows.of(RANDOM.standard_normal((7, 4)).astype(np.float32))
    rows = RANDOM.standard_normal((2, 4)).astype(np.float32)

    again = EightBitRows.from_arrays(many.arrays("questions"), "questions")

    assert again.products(rows) == pytest.approx(many.products(rows))


@pytest.mark.parametrize("n_rows", [1, 15, 16, 17, 31, 33, 64])
def test_no_product_depends_on_how_many_others_there_are(n_rows: int) -> None:
    rows = RANDOM.standard_normal((70, 40)).astype(np.float32)
    others = EightBitRows.of(RANDOM.standard_normal((n_rows, 40)).astype(np.float32))

    each = [others.products(row[None])[0] for row in rows]

    assert others.products(rows) == pytest.approx(np.stack(each), abs=1e-4)
