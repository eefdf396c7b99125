"""Every estimator passes scikit-learn's own checks."""

from __future__ import annotations

import warnings

import pytest
from sklearn.utils import all_estimators as their_estimators
from sklearn.utils.estimator_checks import check_estimator

import arkwright

OURS = arkwright.all_estimators()
THEIRS = dict(their_estimators())

#: Classes that scikit-learn lacks, and the class there that does nearest the same.
KIN = {
    "GBDTClassifier": "HistGradientBoostingClassifier",
    "GBDTRegressor": "HistGradientBoostingRegressor",
    "GBDTRanker": "HistGradientBoostingRegressor",
}

#: Checks that fail here. Each of them fails for scikit-learn's class too, by its own list, and has a statistical test
#: in `test_weights.py` instead.
FAILS = {
    name: {"check_sample_weight_equivalence_on_dense_data"}
    for name in (
        "AdaBoostClassifier",
        "BaggingClassifier",
        "BaggingRegressor",
        "GBDTRanker",
        "KMeans",
        "RandomForestClassifier",
        "RandomForestRegressor",
        "SVC",
        "SVR",
    )
}

#: What a class is checked with, where it is not the defaults. Without a number of components there are as many as rows,
#: so that a row twice is not a row of twice the weight.
CHECKED = {"PCA": {"n_components": 2}}


def test_no_more_is_expected_to_fail_than_of_scikit_learn_itself() -> None:
    listed = pytest.importorskip("sklearn.utils._test_common.instance_generator").PER_ESTIMATOR_XFAIL_CHECKS
    for name, fails in FAILS.items():
        assert fails <= set(listed.get(THEIRS[KIN.get(name, name)], {})), name


@pytest.mark.parametrize("name, kind", OURS, ids=[name for name, _ in OURS])
def test_an_estimator_keeps_the_protocol(name: str, kind: type) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(kind(**CHECKED.get(name, {})), on_fail=None, on_skip=None)
    failed = {r["check_name"]: r["exception"] for r in results if r["status"] == "failed"}
    passed = {r["check_name"] for r in results if r["status"] == "passed"}
    assert len(passed) > 30
    expected = FAILS.get(name, set())
    for check, error in failed.items():
        assert check in expected, f"{check}: {error}"
    assert expected == set(failed), "a check that passes is no longer expected to fail"


def test_names_and_parameters_are_scikit_learns_where_the_class_is() -> None:
    """A parameter that scikit-learn has too stands where it stands there, by place or by keyword."""
    import inspect

    for name, kind in OURS:
        if name not in THEIRS:
            continue
        assert THEIRS[name].__module__.split(".")[1] == kind.__module__.split(".")[1], name
        ours = [p for p in inspect.signature(kind).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
        theirs = [p for p in inspect.signature(THEIRS[name]).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
        shared = set(inspect.signature(THEIRS[name]).parameters)
        assert [p.name for p in ours] == [p.name for p in theirs][: len(ours)], name
        # What scikit-learn lacks is a setting of the Rust estimator or shared by many classes, and given by keyword.
        for p in inspect.signature(kind).parameters.values():
            if p.name not in shared:
                assert p.kind is p.KEYWORD_ONLY and p.name in {*kind._settings, "random_state", "n_jobs", "solver"}, (
                    name,
                    p,
                )
