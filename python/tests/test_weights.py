"""Where a weight is no repetition row by row, it is one in distribution: what is expected to fail of scikit-learn's
checks is tested here. Models of many seeds, fitted with whole weights and with repeated rows, agree on average."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_ind

import arkwright

BY_NAME = dict(arkwright.all_estimators())
EVENLY = pytest.mark.xfail(
    strict=True,
    reason="rows are drawn evenly and then weighed, where a repetition asks that they be drawn by their weights",
)
NAMES = [
    "AdaBoostRegressor",
    pytest.param("BaggingClassifier", marks=EVENLY),
    pytest.param("BaggingRegressor", marks=EVENLY),
    pytest.param("RandomForestClassifier", marks=EVENLY),
    pytest.param("RandomForestRegressor", marks=EVENLY),
]


@pytest.mark.parametrize("name", NAMES)
def test_a_weight_is_a_repetition_in_distribution(name: str) -> None:
    draw = np.random.default_rng(0)
    X = draw.normal(size=(60, 3))
    y = np.round(X[:, 0] + 0.5 * draw.normal(size=60), 1)
    if name.endswith("Classifier"):
        y = (y > 0).astype(int)
    weight = draw.integers(0, 4, 60)
    repeated = np.repeat(np.arange(60), weight)
    at = draw.normal(size=(8, 3))

    def answers(rows: np.ndarray, sample_weight: np.ndarray | None) -> np.ndarray:
        told = []
        for seed in range(60):
            model = BY_NAME[name](n_estimators=10, random_state=seed)
            model.fit(X[rows], y[rows], sample_weight=sample_weight)
            told.append(model.predict_proba(at)[:, 1] if name.endswith("Classifier") else model.predict(at))
        return np.array(told)

    weighted = answers(np.arange(60), weight.astype(float))
    whole = answers(repeated, None)
    # Eight comparisons a name: by chance one in 1,250 names would have a p as small as this.
    assert ttest_ind(weighted, whole).pvalue.min() > 1e-4
