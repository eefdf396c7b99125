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
