"""What any model has to beat.

Written by generate.py from the settings of the Rust estimators: change those, or classes.py.
"""

from __future__ import annotations

from . import _shapes

__all__ = [
    "DummyClassifier",
    "DummyRegressor",
]


class DummyClassifier(_shapes.BlindClassifier):
    """Answers the same for every row: the mean, or the shares of the classes. Reads no input.

    The estimator `baseline` of system files.

    Parameters
    ----------
    strategy : str, default="prior"
        What the answer is. One of `mean`, `median`, `most_frequent`.

    Examples
    --------
    >>> from arkwright.dummy import DummyClassifier
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = DummyClassifier().fit(X, ["a", "a", "b", "b"] * 10)
    >>> model.predict_proba([[0.5], [2.5]]).shape
    (2, 2)
    """

    _kind = "baseline"
    _settings = {
        "strategy": "strategy",
    }
    _reads_missing = True

    def __init__(
        self,
        *,
        strategy: str = "prior",
    ) -> None:
        self.strategy = strategy


class DummyRegressor(_shapes.BlindRegressor):
    """Answers the same for every row: the mean, or the shares of the classes. Reads no input.

    The estimator `baseline` of system files.

    Parameters
    ----------
    strategy : str, default="mean"
        What the answer is. One of `mean`, `median`, `most_frequent`.

    Examples
    --------
    >>> from arkwright.dummy import DummyRegressor
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = DummyRegressor().fit(X, [0, 1, 2, 3] * 10)
    >>> model.predict([[0.5], [2.5]]).shape
    (2,)
    """

    _kind = "baseline"
    _settings = {
        "strategy": "strategy",
    }
    _reads_missing = True

    def __init__(
        self,
        *,
        strategy: str = "mean",
    ) -> None:
        self.strategy = strategy
