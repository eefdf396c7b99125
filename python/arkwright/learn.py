"""Estimators that have no place of their own yet.

Written by generate.py from the settings of the Rust estimators: change those, or classes.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import _learner

__all__ = [
    "Dates",
    "OrderedTargetEncode",
]


class Dates(_learner.Transformer):
    """Makes numbers `COL.year`, `COL.month` ... of dates and timestamps.

    The estimator `dates` of system files.

    Parameters
    ----------
    parts : Sequence[str] | None, default=None
        The parts; if not given all but the minute, and the hour for timestamps only.

    Examples
    --------
    >>> from arkwright.learn import Dates
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> Dates().fit_transform(X).shape[0]
    40
    """

    _kind = "dates"
    _settings = {
        "parts": "parts",
    }

    def __init__(
        self,
        *,
        parts: Sequence[str] | None = None,
    ) -> None:
        self.parts = parts


class OrderedTargetEncode(_learner.Transformer):
    """Encodes categories by the mean of the target over the rows before, in a random order, as CatBoost does. A number
    `COL` for a number or two classes (the probability of the last); numbers `COL.CLASS` for more classes. A missing
    value is a value of its own; one never seen gets the prior.

    The estimator `ordered_target_encode` of system files.

    Parameters
    ----------
    smooth : float, default=1.0
        How many rows of the prior are mixed into each value, above 0. 1, as in CatBoost.
    shuffle : bool, default=True
        Whether the order is random; `false` takes the rows as they come, where that is their order in time.
        true.

    Examples
    --------
    >>> from arkwright.learn import OrderedTargetEncode
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> OrderedTargetEncode().fit_transform(X).shape[0]
    40
    """

    _kind = "ordered_target_encode"
    _settings = {
        "smooth": "smooth",
        "shuffle": "shuffle",
    }

    def __init__(
        self,
        *,
        smooth: float = 1.0,
        shuffle: bool = True,
    ) -> None:
        self.smooth = smooth
        self.shuffle = shuffle
