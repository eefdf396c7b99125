"""Discriminant analysis: classes as clouds of rows.

Written by generate.py from the settings of the Rust estimators: change those, or classes.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import _shapes

__all__ = [
    "LinearDiscriminantAnalysis",
    "QuadraticDiscriminantAnalysis",
]


class LinearDiscriminantAnalysis(_shapes.LinearDiscriminant):
    """Linear discriminant analysis. Settings are named as in scikit-learn's `LinearDiscriminantAnalysis`.

    The estimator `lda` of system files.

    Parameters
    ----------
    solver : str, default="svd"
        How the covariance is made.
    shrinkage : str | float | None, default=None
        How far each class's covariance is drawn towards a sphere, for rows that are few: `auto` or a share.
        Only with `lsqr`.
    priors : Sequence[float] | None, default=None
        The shares of the classes, in their order.
    tol : float, default=0.0001
        A direction counts if the standard deviation along it is larger, in columns of unit variance. Only with
        `svd`.

    Examples
    --------
    >>> from arkwright.discriminant_analysis import LinearDiscriminantAnalysis
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = LinearDiscriminantAnalysis().fit(X, ["a", "a", "b", "b"] * 10)
    >>> model.predict_proba([[0.5], [2.5]]).shape
    (2, 2)
    """

    _kind = "lda"
    _settings = {
        "solver": "solver",
        "shrinkage": "shrinkage",
        "priors": "priors",
        "tol": "tol",
    }
    _prepare = ("dates", "levels")

    def __init__(
        self,
        solver: str = "svd",
        shrinkage: str | float | None = None,
        priors: Sequence[float] | None = None,
        *,
        tol: float = 0.0001,
    ) -> None:
        self.solver = solver
        self.shrinkage = shrinkage
        self.priors = priors
        self.tol = tol


class QuadraticDiscriminantAnalysis(_shapes.QuadraticDiscriminant):
    """Quadratic discriminant analysis. Settings are named as in scikit-learn's `QuadraticDiscriminantAnalysis`.

    The estimator `qda` of system files.

    Parameters
    ----------
    shrinkage : str | float | None, default=None
        How far each class's covariance is drawn towards a sphere of its own size, instead: `auto` or a share.
    priors : Sequence[float] | None, default=None
        The shares of the classes, in their order.
    reg_param : float, default=0.0
        The share of the unit sphere in each class's spread, 0 to 1.
    tol : float, default=0.0001
        The least variance along a direction, above 0: a class that does not vary along one is taken to vary so
        much.

    Examples
    --------
    >>> from arkwright.discriminant_analysis import QuadraticDiscriminantAnalysis
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = QuadraticDiscriminantAnalysis().fit(X, ["a", "a", "b", "b"] * 10)
    >>> model.predict_proba([[0.5], [2.5]]).shape
    (2, 2)
    """

    _kind = "qda"
    _settings = {
        "shrinkage": "shrinkage",
        "priors": "priors",
        "reg_param": "reg_param",
        "tol": "tol",
    }
    _prepare = ("dates", "levels")

    def __init__(
        self,
        *,
        shrinkage: str | float | None = None,
        priors: Sequence[float] | None = None,
        reg_param: float = 0.0,
        tol: float = 0.0001,
    ) -> None:
        self.shrinkage = shrinkage
        self.priors = priors
        self.reg_param = reg_param
        self.tol = tol
