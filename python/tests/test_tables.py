"""Tables of all kinds give the same answers, and NumPy arrays are not copied where the layout allows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Callable

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from arkwright import _core
from arkwright.ensemble import GBDTClassifier, RandomForestClassifier
from arkwright.linear_model import LinearRegression, LogisticRegression

INPUTS = ["age", "income", "city"]
MAKERS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas text": lambda frame: frame,
    "pandas objects": lambda frame: frame.astype({"city": object}),
    "pandas category": lambda frame: frame.astype({"city": "category"}),
    "pandas other rows": lambda frame: frame.set_index(np.arange(len(frame))[::-1]),
    "polars": pl.from_pandas,
    "polars lazy collected": lambda frame: pl.from_pandas(frame).lazy().collect(),
    "polars categorical": lambda frame: pl.from_pandas(frame).with_columns(pl.col("city").cast(pl.Categorical)),
    "polars enum": lambda frame: pl.from_pandas(frame).with_columns(
        pl.col("city").cast(pl.Enum(["Rome", "Oslo", "Lima", "Pune"]))
    ),
    "polars chunks": lambda frame: pl.concat([pl.from_pandas(frame[:100]), pl.from_pandas(frame[100:])], rechunk=False),
    "pyarrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "pyarrow large text": lambda frame: pa.Table.from_pandas(frame, preserve_index=False).cast(
        pa.schema([("age", pa.float64()), ("income", pa.float64()), ("city", pa.large_string())])
    ),
    "pyarrow dictionary": lambda frame: pa.table(
        {
            "age": pa.array(frame.age),
            "income": pa.array(frame.income, from_pandas=True),
            "city": pa.array(frame.city, from_pandas=True).dictionary_encode(),
        }
    ),
    "pyarrow batch": lambda frame: pa.RecordBatch.from_pandas(frame, preserve_index=False),
    "pyarrow slice": lambda frame: pa.concat_tables([pa.Table.from_pandas(frame, preserve_index=False)] * 2).slice(
        len(frame), len(frame)
    ),
    "objects in an array": lambda frame: frame.astype(object).to_numpy(),
}


@pytest.fixture(scope="session")
def truth(people: pd.DataFrame) -> np.ndarray:
    return GBDTClassifier(n_estimators=15).fit(people[INPUTS], people.pays).predict_proba(people[INPUTS])


@pytest.mark.parametrize("form", MAKERS)
def test_every_form_of_a_table_gives_the_same_answers(form: str, people: pd.DataFrame, truth: np.ndarray) -> None:
    table = MAKERS[form](people[INPUTS])
    model = GBDTClassifier(n_estimators=15).fit(table, people.pays.to_numpy())
    assert model.predict_proba(table).tobytes() == truth.tobytes()
    # A table of another form, whose dictionary codes mean something else.
    if hasattr(table, "columns"):
        other = people[INPUTS].astype({"city": pd.CategoricalDtype(["Pune", "Lima", "Oslo", "Rome"])})
        assert model.predict_proba(other).tobytes() == truth.tobytes()


def test_targets_and_weights_come_in_any_form(people: pd.DataFrame, truth: np.ndarray) -> None:
    for y in (list(people.pays), people.pays.astype("category"), pl.Series(list(people.pays)), pa.array(people.pays)):
        model = GBDTClassifier(n_estimators=15).fit(people[INPUTS], y, sample_weight=[1.0] * 400)
        assert list(model.classes_) == ["no", "yes"]
        np.testing.assert_allclose(model.predict_proba(people[INPUTS]), truth)


def test_columns_are_found_by_name_and_missed_by_name(people: pd.DataFrame, truth: np.ndarray) -> None:
    model = GBDTClassifier(n_estimators=15).fit(people[INPUTS], people.pays)
    assert list(model.feature_names_in_) == INPUTS
    assert model.predict_proba(people[INPUTS[::-1]]).tobytes() == truth.tobytes()
    with pytest.raises(ValueError, match="yet now missing:\n- city"):
        model.predict(people[["age", "income"]])
    with pytest.raises(ValueError, match="unseen at fit time:\n- pays"):
        model.predict(people[[*INPUTS, "pays"]])


def test_categories_with_linear_models_have_a_coefficient_each(people: pd.DataFrame) -> None:
    table = people[["age", "city"]]
    model = LinearRegression().fit(table, people.spends)
    assert model.coef_.shape == (5,)
    assert model.score(table, people.spends) > 0.6
    assert LogisticRegression().fit(table, people.pays).coef_.shape == (1, 5)


def test_dates_become_numbers_by_themselves() -> None:
    days = pd.date_range("2024-01-01", periods=300, freq="D")
    table = pl.DataFrame({"day": days.to_numpy()})
    weekend = (days.day_of_week >= 5).astype(int)
    assert GBDTClassifier(n_estimators=20).fit(table, weekend).score(table, weekend) == 1.0


def test_types_that_cannot_be_read_are_told_with_their_column() -> None:
    lists = pa.table({"a": [[1], [2]], "b": [1, 2]})
    with pytest.raises(ValueError, match="column `a`: lists or structs cannot be read"):
        LinearRegression().fit(lists, [1.0, 2.0])
    with pytest.raises(ValueError, match="decimals"):
        LinearRegression().fit(pa.table({"a": pa.array([Decimal("1.5"), Decimal("2.5")])}), [1.0, 2.0])
    with pytest.raises(TypeError, match="must be a string or a"):
        LinearRegression().fit(np.array([[{}], ["a"]], dtype=object), [1.0, 2.0])


def test_a_missing_or_infinite_number_in_a_table_is_told_with_its_place(people: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="column `income`, row 1: "):
        LinearRegression().fit(pl.from_pandas(people[["age", "income"]]), people.spends)
    with pytest.raises(ValueError, match="Input X contains NaN"):
        LinearRegression().fit(people[["age", "income"]], people.spends)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_columns_in_fortrans_order_are_lent_and_not_copied(dtype: type) -> None:
    array = np.asfortranarray(np.random.default_rng(0).normal(size=(1000, 4)).astype(dtype))
    table = _core.Table.matrix(array, ["a", "b", "c", "d"])
    array[7, 2] = 42.0
    assert table.values(["c"])["c"][7] == 42.0
    copied = _core.Table.matrix(np.ascontiguousarray(array), ["a", "b", "c", "d"])
    array[7, 2] = 43.0
    assert copied.values(["c"])["c"][7] == 42.0


def test_a_lent_array_outlives_its_name() -> None:
    table = _core.Table.matrix(np.asfortranarray(np.arange(4000.0).reshape(1000, 4)), ["a", "b", "c", "d"])
    stolen = [np.full(4000, -1.0) for _ in range(20)]
    assert table.values(["b"])["b"][999] == 3997.0 and len(stolen) == 20


@pytest.mark.parametrize("view", ["reversed", "every other", "transposed", "big-endian", "read-only", "ints"])
def test_any_layout_of_an_array_reads_the_same(view: str) -> None:
    base = np.random.default_rng(1).integers(0, 50, size=(60, 6)).astype(float)
    plain = RandomForestClassifier(n_estimators=5).fit(base[:, :3], base[:, 5] > 20)
    array = {
        "reversed": base[::-1, 2::-1][::-1, ::-1],
        "every other": np.repeat(base, 2, axis=1)[:, :6:2],
        "transposed": np.ascontiguousarray(base[:, :3].T).T,
        "big-endian": base[:, :3].astype(">f8"),
        "read-only": base[:, :3].copy(),
        "ints": base[:, :3].astype(np.int16),
    }[view]
    if view == "read-only":
        array.flags.writeable = False
    assert np.array_equal(plain.predict_proba(base[:, :3]), plain.predict_proba(array))


def test_a_broken_array_is_refused() -> None:
    for wrong, told in (
        (np.zeros((3, 2, 1)), "Expected 2D array, got 3D array"),
        (np.zeros(3), "Expected 2D array, got 1D array"),
        (np.zeros((0, 2)), r"Found array with 0 sample\(s\)"),
        (np.array([[1j]]), "Complex data not supported"),
    ):
        with pytest.raises(ValueError, match=told):
            LinearRegression().fit(wrong, [1.0] * len(wrong))
