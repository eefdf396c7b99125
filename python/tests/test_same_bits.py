"""Python, the system file and any number of threads give the same bits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import arkwright
from arkwright.ensemble import ExtraTreesClassifier, GBDTClassifier, GBDTRegressor, RandomForestRegressor
from arkwright.linear_model import LinearRegression, LogisticRegression, Ridge
from arkwright.tree import DecisionTreeClassifier

#: The file's words, and the same in Python. What draws at random is seeded by what it is part of, and left out here.
PAIRS: dict[str, tuple[str, Any, str]] = {
    "gbdt": ('kind = "gbdt"\nn_estimators = 30\nprepare = ["levels"]', GBDTClassifier(n_estimators=30), "pays"),
    "gbdt, symmetric": (
        'kind = "gbdt"\nn_estimators = 20\ngrow_policy = "symmetric"\nmax_depth = 4\nprepare = ["levels"]',
        GBDTRegressor(n_estimators=20, grow_policy="symmetric", max_depth=4),
        "spends",
    ),
    "decision tree": (
        'kind = "decision_tree"\nmax_depth = 5\nprepare = ["levels"]',
        DecisionTreeClassifier(max_depth=5),
        "pays",
    ),
    "logistic": ('kind = "logistic"\nc = 0.5\nprepare = ["levels"]', LogisticRegression(C=0.5), "pays"),
    "linear": ('kind = "linear"\nprepare = ["levels"]', LinearRegression(), "spends"),
}


@pytest.mark.parametrize("name", PAIRS)
def test_a_model_fitted_from_the_file_and_in_python_answers_the_same_bits(
    name: str, people: pd.DataFrame, tmp_path: Path
) -> None:
    model, estimator, target = PAIRS[name]
    inputs = ["age", "city"] if "linear" in name or "logistic" in name else ["age", "income", "city"]
    table = people[[*inputs, target]]
    table.to_parquet(tmp_path / "people.parquet", index=False)
    # `refit`: the model that is registered learns from all rows, as the one in Python does.
    (tmp_path / "arkwright.toml").write_text(
        f'[system]\nname = "people"\n[data]\nsource = "people.parquet"\ntarget = "{target}"\n'
        f"[[model]]\n{model}\n[evaluate]\nrefit = true\n"
    )
    run = arkwright.run(tmp_path, store=str(tmp_path / "store"), progress=False)
    system = run.load()
    estimator.fit(table[inputs], table[target])
    assert system.predict(table).tolist() == estimator.predict(table[inputs]).tolist()
    if system.task == "classify":
        assert list(system.classes) == list(estimator.classes_)
        assert system.predict_proba(table).tobytes() == estimator.predict_proba(table[inputs]).tobytes()
    else:
        assert system.predict(table).tobytes() == estimator.predict(table[inputs]).tobytes()


@pytest.mark.parametrize("name, kind", arkwright.all_estimators(), ids=[n for n, _ in arkwright.all_estimators()])
def test_any_number_of_threads_gives_the_same_bits(name: str, kind: type, people: pd.DataFrame) -> None:
    X = people[["age", "spends"]].to_numpy()
    if kind._positive_only:
        X = X - X.min(axis=0)
    y = people.pays if kind._estimator_type == "classifier" else np.round(people.age / 30)
    told = []
    for threads in (1, 2, 4):
        estimator = kind()
        if "n_jobs" in estimator.get_params():
            estimator.set_params(n_jobs=threads)
        else:
            import os

            os.environ["ARKWRIGHT_THREADS"] = str(threads)
        try:
            fitted = estimator.fit(X, y)
            method = next(m for m in ("predict_proba", "predict", "transform") if hasattr(fitted, m))
            told.append(np.asarray(getattr(fitted, method)(X)).tobytes() + fitted._model.to_bytes())
        finally:
            import os

            os.environ.pop("ARKWRIGHT_THREADS", None)
    assert told[0] == told[1] == told[2]


def test_a_seed_makes_the_model_and_another_makes_another(people: pd.DataFrame) -> None:
    X = people[["age"]]
    for kind in (RandomForestRegressor, ExtraTreesClassifier):
        y = people.spends if kind is RandomForestRegressor else people.pays
        one, same, other, drawn = (
            kind(n_estimators=5, random_state=state).fit(X, y)._model.to_bytes()
            for state in (1, 1, 2, np.random.RandomState(3))
        )
        assert one == same != other and drawn not in (one, other)


def test_one_row_answers_as_it_does_among_many(people: pd.DataFrame) -> None:
    X = people[["age", "income", "city"]]
    model = GBDTClassifier(n_estimators=10).fit(X, people.pays)
    whole = model.predict_proba(X)
    assert all(model.predict_proba(X[i : i + 1])[0].tobytes() == whole[i].tobytes() for i in range(0, 400, 37))


def test_a_bundle_answers_all_kinds_of_tables_alike(people: pd.DataFrame, tmp_path: Path) -> None:
    people.drop(columns="spends").to_csv(tmp_path / "people.csv", index=False)
    (tmp_path / "arkwright.toml").write_text(
        '[data]\nsource = "people.csv"\ntarget = "pays"\n[[model]]\nkind = "gbdt"\n'
    )
    system = arkwright.run(tmp_path, store=str(tmp_path / "store"), progress=False).load()
    truth = system.predict_proba(people)
    for table in (pl.from_pandas(people), pl.from_pandas(people).to_arrow(), people.astype({"city": "category"})):
        assert system.predict_proba(table).tobytes() == truth.tobytes()
    with pytest.warns(UserWarning, match="never seen in training: `Kiev`"):
        system.predict(people.assign(city="Kiev"))
    with pytest.raises(ValueError, match="income"):
        system.predict(people.drop(columns="income"))
    told = json.loads(json.dumps(arkwright.run(tmp_path, store=str(tmp_path / "store"), progress=False)))
    assert told["run"] is None, "a second run has nothing to do"


def test_ridge_weighs_its_penalty_as_scikit_learn_does_with_repeated_rows() -> None:
    draw = np.random.default_rng(0)
    X, y = draw.normal(size=(40, 3)), draw.normal(size=40)
    weight = draw.integers(0, 3, 40)
    weighted = Ridge(alpha=2.0).fit(X, y, sample_weight=weight)
    repeated = Ridge(alpha=2.0).fit(np.repeat(X, weight, axis=0), np.repeat(y, weight))
    np.testing.assert_allclose(weighted.coef_, repeated.coef_, rtol=1e-10)
