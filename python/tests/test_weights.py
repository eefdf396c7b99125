"""Where a weight is no repetition row by row, it is one in distribution: what is expected to fail of scikit-learn's
checks is tested here. Models of many seeds, fitted with whole weights and with repeated rows, agree on average."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_ind

import arkwright

BY_NAME = dict(arkwright.all_estimators())
NAMES = [
    "AdaBoostRegressor",
    "BaggingClassifier",
    "BaggingRegressor",
    "RandomForestClassifier",
    "RandomForestRegressor",
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
            if hasattr(model, "max_samples"):
                # As many draws as the weights sum up to; by default there are as many as rows.
                model.max_samples = 1.0
            model.fit(X[rows], y[rows], sample_weight=sample_weight)
            told.append(model.predict_proba(at)[:, 1] if name.endswith("Classifier") else model.predict(at))
        return np.array(told)

    weighted = answers(np.arange(60), weight.astype(float))
    whole = answers(repeated, None)
    # Eight comparisons a name: by chance one in 1,250 names would have a p as small as this.
    # Where all answers are the same there is nothing to compare.
    assert np.nanmin(ttest_ind(weighted, whole).pvalue) > 1e-4


def test_a_weight_is_a_repetition_for_adaboost_where_no_two_splits_are_as_good() -> None:
    """scikit-learn's check has 30 columns of 15 rows, where many splits part the rows alike and rounding decides."""
    draw = np.random.default_rng(1)
    for _ in range(5):
        X = draw.normal(size=(150, 2))
        y = np.digitize(X[:, 0] + draw.normal(size=150), [-0.7, 0.7])
        weight = draw.integers(1, 5, 150)
        weighted = BY_NAME["AdaBoostClassifier"](n_estimators=20).fit(X, y, sample_weight=weight)
        repeated = BY_NAME["AdaBoostClassifier"](n_estimators=20).fit(np.repeat(X, weight, 0), np.repeat(y, weight))
        np.testing.assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), atol=1e-10)


def test_the_weights_of_a_ranking_pull_it_towards_the_rows_that_count() -> None:
    """A row twice in a list takes two places in it, so that for rankings a weight is no repetition at all; but rows
    that weigh more are put in their order, where others ask for the opposite."""
    draw = np.random.default_rng(0)
    X = draw.normal(size=(400, 1))
    group = np.repeat(np.arange(40), 10)
    rising = group < 20
    y = np.clip(np.round(np.where(rising, X[:, 0], -X[:, 0]) + 1.5), 0, 3)
    for weight, sign in ((np.where(rising, 10.0, 0.1), 1), (np.where(rising, 0.1, 10.0), -1)):
        model = BY_NAME["GBDTRanker"](n_estimators=20).fit(X, y, sample_weight=weight, group=group)
        assert sign * np.corrcoef(model.predict(X), X[:, 0])[0, 1] > 0.8


def test_a_weight_is_a_repetition_for_clusters_that_lie_apart() -> None:
    """Where the first centres fall depends on the draw, but clusters that lie apart are found from anywhere."""
    draw = np.random.default_rng(0)
    at = np.repeat([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]], 40, axis=0)
    X = at + draw.normal(size=at.shape)
    weight = draw.integers(0, 4, len(X))
    weighted = BY_NAME["KMeans"](n_clusters=3, n_init=5).fit(X, sample_weight=weight).cluster_centers_
    repeated = BY_NAME["KMeans"](n_clusters=3, n_init=5).fit(np.repeat(X, weight, axis=0)).cluster_centers_
    np.testing.assert_allclose(np.sort(weighted, axis=0), np.sort(repeated, axis=0), atol=1e-9)


def test_a_weight_is_a_repetition_for_support_vectors_as_closely_as_they_are_solved() -> None:
    """The optimum is the same; the steps towards it end where they are near enough, and kernels are kept in single precision."""
    draw = np.random.default_rng(2)
    X = draw.normal(size=(120, 3))
    y = X[:, 0] + 0.5 * draw.normal(size=120)
    weight = draw.integers(0, 4, len(X))
    for name, target, method in (("SVC", np.digitize(y, [-0.6, 0.6]), "decision_function"), ("SVR", y, "predict")):
        model = BY_NAME[name](tol=1e-8)
        weighted = getattr(model.fit(X, target, sample_weight=weight), method)(X)
        repeated = getattr(model.fit(np.repeat(X, weight, axis=0), np.repeat(target, weight)), method)(X)
        np.testing.assert_allclose(weighted, repeated, atol=2e-5)
