"""Estimators that have no place of their own yet.

Written by generate.py from the settings of the Rust estimators: change those, or classes.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import _learner

__all__ = [
    "Dates",
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
