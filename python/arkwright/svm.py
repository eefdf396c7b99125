"""Support vector machines: the answer rests on a few rows, compared by a kernel.

Written by generate.py from the settings of the Rust estimators: change those, or classes.py.
"""

from __future__ import annotations

from typing import Any

from . import _shapes

__all__ = [
    "SVC",
    "SVR",
]


class SVC(_shapes.VectorClassifier):
    """Support vector classification. Settings are named as in scikit-learn's `SVC`, and mean the same. The probabilities
    are a function of the decisions, and are not calibrated.

    The estimator `svc` of system files.

    Parameters
    ----------
    C : float, default=1.0
        How much a row on the wrong side of the margin costs, above 0; smaller is a wider margin.
    kernel : str, default="rbf"
        The kernel. One of `rbf`, `linear`, `poly`, `sigmoid`.
    degree : int, default=3
        The degree of `poly`.
    gamma : str | float, default="scale"
        The factor in `rbf`, `poly` and `sigmoid`. One of `scale`, `auto`.
    coef0 : float, default=0.0
        What is added in `poly` and `sigmoid`.
    shrinking : bool, default=True
        Whether multipliers that are stuck are set aside meanwhile.
    tol : float, default=0.001
        It ends when no pair of multipliers violates the conditions of optimality by more, above 0.
    cache_size : float, default=200.0
        Megabytes for rows of kernels.
    class_weight : dict[Any, float] | str | None, default=None
        `balanced` makes rare classes count as much as frequent ones; or a weight for each class.
    max_iter : int | None, default=-1
        Steps at most for each pair of classes.
    random_state : int | None, default=None
        The seed of what is drawn at random, or a NumPy generator. None is the seed 0: the same rows give the
        same model.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.

    Examples
    --------
    >>> from arkwright.svm import SVC
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = SVC().fit(X, ["a", "a", "b", "b"] * 10)
    >>> model.predict_proba([[0.5], [2.5]]).shape
    (2, 2)
    """

    _kind = "svc"
    _settings = {
        "C": "c",
        "kernel": "kernel",
        "degree": "degree",
        "gamma": "gamma",
        "coef0": "coef0",
        "shrinking": "shrinking",
        "tol": "tol",
        "cache_size": "cache_size",
        "class_weight": "class_weight",
        "max_iter": "max_iter",
    }
    _prepare = ("dates", "levels")

    def __init__(
        self,
        *,
        C: float = 1.0,
        kernel: str = "rbf",
        degree: int = 3,
        gamma: str | float = "scale",
        coef0: float = 0.0,
        shrinking: bool = True,
        tol: float = 0.001,
        cache_size: float = 200.0,
        class_weight: dict[Any, float] | str | None = None,
        max_iter: int | None = -1,
        random_state: int | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.C = C
        self.kernel = kernel
        self.degree = degree
        self.gamma = gamma
        self.coef0 = coef0
        self.shrinking = shrinking
        self.tol = tol
        self.cache_size = cache_size
        self.class_weight = class_weight
        self.max_iter = max_iter
        self.random_state = random_state
        self.n_jobs = n_jobs


class SVR(_shapes.VectorRegressor):
    """Support vector regression. Settings are named as in scikit-learn's `SVR`, and mean the same.

    The estimator `svr` of system files.

    Parameters
    ----------
    kernel : str, default="rbf"
        The kernel. One of `rbf`, `linear`, `poly`, `sigmoid`.
    degree : int, default=3
        The degree of `poly`.
    gamma : str | float, default="scale"
        The factor in `rbf`, `poly` and `sigmoid`. One of `scale`, `auto`.
    coef0 : float, default=0.0
        What is added in `poly` and `sigmoid`.
    tol : float, default=0.001
        It ends when no pair of multipliers violates the conditions of optimality by more, above 0.
    C : float, default=1.0
        How much an error beyond the tube costs, above 0; smaller is flatter.
    epsilon : float, default=0.1
        How large an error costs nothing, not negative.
    shrinking : bool, default=True
        Whether multipliers that are stuck are set aside meanwhile.
    cache_size : float, default=200.0
        Megabytes for rows of kernels.
    max_iter : int | None, default=-1
        Steps at most.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.

    Examples
    --------
    >>> from arkwright.svm import SVR
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = SVR().fit(X, [0, 1, 2, 3] * 10)
    >>> model.predict([[0.5], [2.5]]).shape
    (2,)
    """

    _kind = "svr"
    _settings = {
        "kernel": "kernel",
        "degree": "degree",
        "gamma": "gamma",
        "coef0": "coef0",
        "tol": "tol",
        "C": "c",
        "epsilon": "epsilon",
        "shrinking": "shrinking",
        "cache_size": "cache_size",
        "max_iter": "max_iter",
    }
    _prepare = ("dates", "levels")

    def __init__(
        self,
        *,
        kernel: str = "rbf",
        degree: int = 3,
        gamma: str | float = "scale",
        coef0: float = 0.0,
        tol: float = 0.001,
        C: float = 1.0,
        epsilon: float = 0.1,
        shrinking: bool = True,
        cache_size: float = 200.0,
        max_iter: int | None = -1,
        n_jobs: int | None = None,
    ) -> None:
        self.kernel = kernel
        self.degree = degree
        self.gamma = gamma
        self.coef0 = coef0
        self.tol = tol
        self.C = C
        self.epsilon = epsilon
        self.shrinking = shrinking
        self.cache_size = cache_size
        self.max_iter = max_iter
        self.n_jobs = n_jobs
