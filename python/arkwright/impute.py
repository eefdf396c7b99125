"""Filling gaps.

Written by generate.py from the settings of the Rust estimators: change those, or classes.py.
"""

from __future__ import annotations

from . import _shapes

__all__ = [
    "SimpleImputer",
]


class SimpleImputer(_shapes.Filler):
    """Fills the gaps in columns of numbers. Settings are named as in scikit-learn's `SimpleImputer`. A column that was
    empty while training is filled with 0 and the user is told. Columns of other kinds pass: levels have a code for
    what is missing.

    The estimator `impute` of system files.

    Parameters
    ----------
    strategy : str, default="mean"
        What a gap is filled with. One of `mean`, `median`, `most_frequent`, `constant`.
    fill_value : float | None, default=None
        The number for the strategy `constant`; 0 if not given.
    copy : bool, default=True
        There for scripts; inputs are never written to.
    add_indicator : bool, default=False
        Whether a column `COL.missing` is added for each column that had gaps while training.

    Examples
    --------
    >>> from arkwright.impute import SimpleImputer
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> SimpleImputer().fit_transform(X).shape[0]
    40
    """

    _kind = "impute"
    _settings = {
        "strategy": "strategy",
        "fill_value": "fill_value",
        "add_indicator": "add_indicator",
    }

    def __init__(
        self,
        *,
        strategy: str = "mean",
        fill_value: float | None = None,
        copy: bool = True,
        add_indicator: bool = False,
    ) -> None:
        self.strategy = strategy
        self.fill_value = fill_value
        self.copy = copy
        self.add_indicator = add_indicator
