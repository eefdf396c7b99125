"""Linear models: an answer is a weighted sum of the inputs.

Written by generate.py from the settings of the Rust estimators: change those, or classes.py.
"""

from __future__ import annotations

from typing import Any

from . import _shapes

__all__ = [
    "ElasticNet",
    "GammaRegressor",
    "Lasso",
    "LinearRegression",
    "LogisticRegression",
    "PoissonRegressor",
    "Ridge",
    "TweedieRegressor",
]


class LinearRegression(_shapes.LinearRegressor):
    """Ordinary least squares.

    The estimator `linear` of system files.

    Parameters
    ----------
    fit_intercept : bool, default=True
        Whether there is an intercept.
    copy_X : bool, default=True
        There for scripts; inputs are never written to.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.

    Examples
    --------
    >>> from arkwright.linear_model import LinearRegression
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = LinearRegression().fit(X, [0, 1, 2, 3] * 10)
    >>> model.predict([[0.5], [2.5]]).shape
    (2,)
    """

    _kind = "linear"
    _settings = {
        "fit_intercept": "fit_intercept",
    }
    _fixed = {"alpha": 0.0, "l1_ratio": 0.0}
    _prepare = ("dates", "levels")

    def __init__(
        self,
        *,
        fit_intercept: bool = True,
        copy_X: bool = True,
        n_jobs: int | None = None,
    ) -> None:
        self.fit_intercept = fit_intercept
        self.copy_X = copy_X
        self.n_jobs = n_jobs


class Ridge(_shapes.SumPenalty):
    """Least squares with `alpha` times the sum of the coefficients' squares added.

    The estimator `linear` of system files.

    Parameters
    ----------
    alpha : float, default=1.0
        The strength of the penalty, not negative.
    fit_intercept : bool, default=True
        Whether there is an intercept.
    copy_X : bool, default=True
        There for scripts; inputs are never written to.
    solver : str | None, default=None
        There for scripts: there is one optimum, and the way to it is chosen by size.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.

    Examples
    --------
    >>> from arkwright.linear_model import Ridge
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = Ridge().fit(X, [0, 1, 2, 3] * 10)
    >>> model.predict([[0.5], [2.5]]).shape
    (2,)
    """

    _kind = "linear"
    _settings = {
        "alpha": "alpha",
        "fit_intercept": "fit_intercept",
    }
    _fixed = {"l1_ratio": 0.0}
    _prepare = ("dates", "levels")

    def __init__(
        self,
        alpha: float = 1.0,
        *,
        fit_intercept: bool = True,
        copy_X: bool = True,
        solver: str | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.copy_X = copy_X
        self.solver = solver
        self.n_jobs = n_jobs


class Lasso(_shapes.Descending):
    """Least squares with an L1 penalty: some coefficients are exactly zero.

    The estimator `linear` of system files.

    Parameters
    ----------
    alpha : float, default=1.0
        The strength of the penalty, not negative.
    fit_intercept : bool, default=True
        Whether there is an intercept.
    copy_X : bool, default=True
        There for scripts; inputs are never written to.
    max_iter : int, default=10000
        Rounds of coordinate descent at most; only with an L1 penalty.
    tol : float, default=1e-06
        Coordinate descent ends when no coefficient's step moves the predictions by more than this share of the
        target's standard deviation.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.

    Examples
    --------
    >>> from arkwright.linear_model import Lasso
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = Lasso().fit(X, [0, 1, 2, 3] * 10)
    >>> model.predict([[0.5], [2.5]]).shape
    (2,)
    """

    _kind = "linear"
    _settings = {
        "alpha": "alpha",
        "fit_intercept": "fit_intercept",
        "max_iter": "max_iter",
        "tol": "tol",
    }
    _fixed = {"l1_ratio": 1.0}
    _prepare = ("dates", "levels")

    def __init__(
        self,
        alpha: float = 1.0,
        *,
        fit_intercept: bool = True,
        copy_X: bool = True,
        max_iter: int = 10000,
        tol: float = 1e-06,
        n_jobs: int | None = None,
    ) -> None:
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.copy_X = copy_X
        self.max_iter = max_iter
        self.tol = tol
        self.n_jobs = n_jobs


class ElasticNet(_shapes.Descending):
    """Least squares with L1 and L2 penalties.

    The estimator `linear` of system files.

    Parameters
    ----------
    alpha : float, default=1.0
        The strength of the penalty, not negative.
    l1_ratio : float, default=0.5
        The share of the L1 penalty, 0 (ridge) to 1 (lasso).
    fit_intercept : bool, default=True
        Whether there is an intercept.
    max_iter : int, default=10000
        Rounds of coordinate descent at most; only with an L1 penalty.
    copy_X : bool, default=True
        There for scripts; inputs are never written to.
    tol : float, default=1e-06
        Coordinate descent ends when no coefficient's step moves the predictions by more than this share of the
        target's standard deviation.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.

    Examples
    --------
    >>> from arkwright.linear_model import ElasticNet
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = ElasticNet().fit(X, [0, 1, 2, 3] * 10)
    >>> model.predict([[0.5], [2.5]]).shape
    (2,)
    """

    _kind = "linear"
    _settings = {
        "alpha": "alpha",
        "l1_ratio": "l1_ratio",
        "fit_intercept": "fit_intercept",
        "max_iter": "max_iter",
        "tol": "tol",
    }
    _prepare = ("dates", "levels")

    def __init__(
        self,
        alpha: float = 1.0,
        *,
        l1_ratio: float = 0.5,
        fit_intercept: bool = True,
        max_iter: int = 10000,
        copy_X: bool = True,
        tol: float = 1e-06,
        n_jobs: int | None = None,
    ) -> None:
        self.alpha = alpha
        self.l1_ratio = l1_ratio
        self.fit_intercept = fit_intercept
        self.max_iter = max_iter
        self.copy_X = copy_X
        self.tol = tol
        self.n_jobs = n_jobs


class PoissonRegressor(_shapes.AmountRegressor):
    """A generalised linear model of counts, whose variance is their mean.

    The estimator `glm` of system files.

    Parameters
    ----------
    alpha : float, default=1.0
        The strength of the penalty, not negative.
    fit_intercept : bool, default=True
        Whether there is an intercept.
    solver : str | None, default=None
        There for scripts: there is one optimum, and the way to it is chosen by size.
    max_iter : int, default=100
        Steps at most.
    tol : float, default=0.0001
        The steps end when no entry of the gradient is larger.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.

    Examples
    --------
    >>> from arkwright.linear_model import PoissonRegressor
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = PoissonRegressor().fit(X, [1, 2, 3, 4] * 10)
    >>> model.predict([[0.5], [2.5]]).shape
    (2,)
    """

    _kind = "glm"
    _settings = {
        "alpha": "alpha",
        "fit_intercept": "fit_intercept",
        "max_iter": "max_iter",
        "tol": "tol",
    }
    _fixed = {"power": 1.0}
    _prepare = ("dates", "levels")

    def __init__(
        self,
        *,
        alpha: float = 1.0,
        fit_intercept: bool = True,
        solver: str | None = None,
        max_iter: int = 100,
        tol: float = 0.0001,
        n_jobs: int | None = None,
    ) -> None:
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.solver = solver
        self.max_iter = max_iter
        self.tol = tol
        self.n_jobs = n_jobs


class GammaRegressor(_shapes.AmountRegressor):
    """A generalised linear model of amounts above 0, which vary in proportion to their mean.

    The estimator `glm` of system files.

    Parameters
    ----------
    alpha : float, default=1.0
        The strength of the penalty, not negative.
    fit_intercept : bool, default=True
        Whether there is an intercept.
    solver : str | None, default=None
        There for scripts: there is one optimum, and the way to it is chosen by size.
    max_iter : int, default=100
        Steps at most.
    tol : float, default=0.0001
        The steps end when no entry of the gradient is larger.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.

    Examples
    --------
    >>> from arkwright.linear_model import GammaRegressor
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = GammaRegressor().fit(X, [1, 2, 3, 4] * 10)
    >>> model.predict([[0.5], [2.5]]).shape
    (2,)
    """

    _kind = "glm"
    _settings = {
        "alpha": "alpha",
        "fit_intercept": "fit_intercept",
        "max_iter": "max_iter",
        "tol": "tol",
    }
    _fixed = {"power": 2.0}
    _prepare = ("dates", "levels")

    def __init__(
        self,
        *,
        alpha: float = 1.0,
        fit_intercept: bool = True,
        solver: str | None = None,
        max_iter: int = 100,
        tol: float = 0.0001,
        n_jobs: int | None = None,
    ) -> None:
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.solver = solver
        self.max_iter = max_iter
        self.tol = tol
        self.n_jobs = n_jobs


class TweedieRegressor(_shapes.Descending):
    """A generalised linear model. Settings are named as in scikit-learn's `TweedieRegressor`; its `PoissonRegressor` is
    `power = 1`, its `GammaRegressor` `power = 2`.

    The estimator `glm` of system files.

    Parameters
    ----------
    power : float, default=0.0
        How the variance grows with the mean: 0 (not at all), or 1 to 2. No distribution lies between 0 and 1,
        and above 2 the deviance has more than one valley.
    alpha : float, default=1.0
        The strength of the penalty, not negative.
    fit_intercept : bool, default=True
        Whether there is an intercept.
    solver : str | None, default=None
        There for scripts: there is one optimum, and the way to it is chosen by size.
    max_iter : int, default=100
        Steps at most.
    tol : float, default=0.0001
        The steps end when no entry of the gradient is larger.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.

    Examples
    --------
    >>> from arkwright.linear_model import TweedieRegressor
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = TweedieRegressor().fit(X, [0, 1, 2, 3] * 10)
    >>> model.predict([[0.5], [2.5]]).shape
    (2,)
    """

    _kind = "glm"
    _settings = {
        "power": "power",
        "alpha": "alpha",
        "fit_intercept": "fit_intercept",
        "max_iter": "max_iter",
        "tol": "tol",
    }
    _prepare = ("dates", "levels")

    def __init__(
        self,
        *,
        power: float = 0.0,
        alpha: float = 1.0,
        fit_intercept: bool = True,
        solver: str | None = None,
        max_iter: int = 100,
        tol: float = 0.0001,
        n_jobs: int | None = None,
    ) -> None:
        self.power = power
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.solver = solver
        self.max_iter = max_iter
        self.tol = tol
        self.n_jobs = n_jobs


class LogisticRegression(_shapes.LinearClassifier):
    """Logistic regression. Settings are named as in scikit-learn's `LogisticRegression`.

    The estimator `logistic` of system files.

    Parameters
    ----------
    C : float, default=1.0
        How much the losses count against the penalty, above 0; smaller is a stronger penalty.
    l1_ratio : float, default=0.0
        The share of the L1 penalty, 0 (ridge) to 1 (lasso).
    tol : float, default=0.0001
        The steps end when no entry of the gradient of the mean loss with penalty is larger.
    fit_intercept : bool, default=True
        Whether there is an intercept.
    class_weight : dict[Any, float] | str | None, default=None
        `balanced` makes rare classes count as much as frequent ones; or a weight for each class.
    random_state : int | None, default=None
        The seed of what is drawn at random, or a NumPy generator. None is the seed 0: the same rows give the
        same model.
    solver : str | None, default=None
        There for scripts: there is one optimum, and the way to it is chosen by size.
    max_iter : int, default=100
        Steps at most.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.

    Examples
    --------
    >>> from arkwright.linear_model import LogisticRegression
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = LogisticRegression().fit(X, ["a", "a", "b", "b"] * 10)
    >>> model.predict_proba([[0.5], [2.5]]).shape
    (2, 2)
    """

    _kind = "logistic"
    _settings = {
        "C": "c",
        "l1_ratio": "l1_ratio",
        "tol": "tol",
        "fit_intercept": "fit_intercept",
        "class_weight": "class_weight",
        "max_iter": "max_iter",
    }
    _prepare = ("dates", "levels")

    def __init__(
        self,
        *,
        C: float = 1.0,
        l1_ratio: float = 0.0,
        tol: float = 0.0001,
        fit_intercept: bool = True,
        class_weight: dict[Any, float] | str | None = None,
        random_state: int | None = None,
        solver: str | None = None,
        max_iter: int = 100,
        n_jobs: int | None = None,
    ) -> None:
        self.C = C
        self.l1_ratio = l1_ratio
        self.tol = tol
        self.fit_intercept = fit_intercept
        self.class_weight = class_weight
        self.random_state = random_state
        self.solver = solver
        self.max_iter = max_iter
        self.n_jobs = n_jobs
