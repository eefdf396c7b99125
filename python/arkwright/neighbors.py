"""Neighbours: a row is answered by the rows most like it.

Written by generate.py from the settings of the Rust estimators: change those, or classes.py.
"""

from __future__ import annotations

from . import _shapes

__all__ = [
    "KNeighborsClassifier",
    "KNeighborsRegressor",
    "RadiusNeighborsClassifier",
    "RadiusNeighborsRegressor",
]


class KNeighborsClassifier(_shapes.NearClassifier):
    """k nearest neighbours. Settings are named as in scikit-learn's `KNeighborsClassifier`, and mean the same. A row's
    weight multiplies its vote; it does not change which rows are near. Of rows at the same distance the first are
    nearer.

    The estimator `knn` of system files.

    Parameters
    ----------
    n_neighbors : int, default=5
        How many near rows answer, at least 1 and at most the rows. More make a smoother answer.
    weights : str, default="uniform"
        How much each of them counts. One of `uniform`, `distance`.
    algorithm : str, default="auto"
        How they are found; the answers are the same. One of `auto`, `brute`, `kd_tree`.
    leaf_size : int, default=30
        Rows a leaf of the tree, at least 1.
    p : float, default=2.0
        The exponent of `minkowski`, at least 1.
    metric : str, default="minkowski"
        How far two rows are apart. One of `minkowski`, `euclidean`, `manhattan`, `chebyshev`, `cosine`.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.

    Examples
    --------
    >>> from arkwright.neighbors import KNeighborsClassifier
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = KNeighborsClassifier().fit(X, ["a", "a", "b", "b"] * 10)
    >>> model.predict_proba([[0.5], [2.5]]).shape
    (2, 2)
    """

    _kind = "knn"
    _settings = {
        "n_neighbors": "n_neighbors",
        "weights": "weights",
        "algorithm": "algorithm",
        "leaf_size": "leaf_size",
        "p": "p",
        "metric": "metric",
    }
    _prepare = ("dates", "levels")

    def __init__(
        self,
        n_neighbors: int = 5,
        *,
        weights: str = "uniform",
        algorithm: str = "auto",
        leaf_size: int = 30,
        p: float = 2.0,
        metric: str = "minkowski",
        n_jobs: int | None = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.weights = weights
        self.algorithm = algorithm
        self.leaf_size = leaf_size
        self.p = p
        self.metric = metric
        self.n_jobs = n_jobs


class KNeighborsRegressor(_shapes.NearRegressor):
    """k nearest neighbours. Settings are named as in scikit-learn's `KNeighborsClassifier`, and mean the same. A row's
    weight multiplies its vote; it does not change which rows are near. Of rows at the same distance the first are
    nearer.

    The estimator `knn` of system files.

    Parameters
    ----------
    n_neighbors : int, default=5
        How many near rows answer, at least 1 and at most the rows. More make a smoother answer.
    weights : str, default="uniform"
        How much each of them counts. One of `uniform`, `distance`.
    algorithm : str, default="auto"
        How they are found; the answers are the same. One of `auto`, `brute`, `kd_tree`.
    leaf_size : int, default=30
        Rows a leaf of the tree, at least 1.
    p : float, default=2.0
        The exponent of `minkowski`, at least 1.
    metric : str, default="minkowski"
        How far two rows are apart. One of `minkowski`, `euclidean`, `manhattan`, `chebyshev`, `cosine`.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.

    Examples
    --------
    >>> from arkwright.neighbors import KNeighborsRegressor
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = KNeighborsRegressor().fit(X, [0, 1, 2, 3] * 10)
    >>> model.predict([[0.5], [2.5]]).shape
    (2,)
    """

    _kind = "knn"
    _settings = {
        "n_neighbors": "n_neighbors",
        "weights": "weights",
        "algorithm": "algorithm",
        "leaf_size": "leaf_size",
        "p": "p",
        "metric": "metric",
    }
    _prepare = ("dates", "levels")

    def __init__(
        self,
        n_neighbors: int = 5,
        *,
        weights: str = "uniform",
        algorithm: str = "auto",
        leaf_size: int = 30,
        p: float = 2.0,
        metric: str = "minkowski",
        n_jobs: int | None = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.weights = weights
        self.algorithm = algorithm
        self.leaf_size = leaf_size
        self.p = p
        self.metric = metric
        self.n_jobs = n_jobs


class RadiusNeighborsClassifier(_shapes.NearClassifier):
    """Neighbours within a radius. Settings are named as in scikit-learn's `RadiusNeighborsClassifier`. Where scikit-learn
    refuses to answer, because no row is within the radius, the answer is the classes' shares or the mean of all
    rows: a model in use has to answer.

    The estimator `radius_neighbors` of system files.

    Parameters
    ----------
    radius : float, default=1.0
        How far a row may be, above 0.
    weights : str, default="uniform"
        How much each near row counts. One of `uniform`, `distance`.
    algorithm : str, default="auto"
        How they are found; the answers are the same. One of `auto`, `brute`, `kd_tree`.
    leaf_size : int, default=30
        Rows a leaf of the tree, at least 1.
    p : float, default=2.0
        The exponent of `minkowski`, at least 1.
    metric : str, default="minkowski"
        How far two rows are apart. One of `minkowski`, `euclidean`, `manhattan`, `chebyshev`, `cosine`.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.

    Examples
    --------
    >>> from arkwright.neighbors import RadiusNeighborsClassifier
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = RadiusNeighborsClassifier().fit(X, ["a", "a", "b", "b"] * 10)
    >>> model.predict_proba([[0.5], [2.5]]).shape
    (2, 2)
    """

    _kind = "radius_neighbors"
    _settings = {
        "radius": "radius",
        "weights": "weights",
        "algorithm": "algorithm",
        "leaf_size": "leaf_size",
        "p": "p",
        "metric": "metric",
    }
    _prepare = ("dates", "levels")

    def __init__(
        self,
        radius: float = 1.0,
        *,
        weights: str = "uniform",
        algorithm: str = "auto",
        leaf_size: int = 30,
        p: float = 2.0,
        metric: str = "minkowski",
        n_jobs: int | None = None,
    ) -> None:
        self.radius = radius
        self.weights = weights
        self.algorithm = algorithm
        self.leaf_size = leaf_size
        self.p = p
        self.metric = metric
        self.n_jobs = n_jobs


class RadiusNeighborsRegressor(_shapes.NearRegressor):
    """Neighbours within a radius. Settings are named as in scikit-learn's `RadiusNeighborsClassifier`. Where scikit-learn
    refuses to answer, because no row is within the radius, the answer is the classes' shares or the mean of all
    rows: a model in use has to answer.

    The estimator `radius_neighbors` of system files.

    Parameters
    ----------
    radius : float, default=1.0
        How far a row may be, above 0.
    weights : str, default="uniform"
        How much each near row counts. One of `uniform`, `distance`.
    algorithm : str, default="auto"
        How they are found; the answers are the same. One of `auto`, `brute`, `kd_tree`.
    leaf_size : int, default=30
        Rows a leaf of the tree, at least 1.
    p : float, default=2.0
        The exponent of `minkowski`, at least 1.
    metric : str, default="minkowski"
        How far two rows are apart. One of `minkowski`, `euclidean`, `manhattan`, `chebyshev`, `cosine`.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.

    Examples
    --------
    >>> from arkwright.neighbors import RadiusNeighborsRegressor
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = RadiusNeighborsRegressor().fit(X, [0, 1, 2, 3] * 10)
    >>> model.predict([[0.5], [2.5]]).shape
    (2,)
    """

    _kind = "radius_neighbors"
    _settings = {
        "radius": "radius",
        "weights": "weights",
        "algorithm": "algorithm",
        "leaf_size": "leaf_size",
        "p": "p",
        "metric": "metric",
    }
    _prepare = ("dates", "levels")

    def __init__(
        self,
        radius: float = 1.0,
        *,
        weights: str = "uniform",
        algorithm: str = "auto",
        leaf_size: int = 30,
        p: float = 2.0,
        metric: str = "minkowski",
        n_jobs: int | None = None,
    ) -> None:
        self.radius = radius
        self.weights = weights
        self.algorithm = algorithm
        self.leaf_size = leaf_size
        self.p = p
        self.metric = metric
        self.n_jobs = n_jobs
