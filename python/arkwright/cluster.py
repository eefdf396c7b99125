"""cluster

Written by generate.py from the settings of the Rust estimators: change those, or classes.py.
"""

from __future__ import annotations

from . import _shapes

__all__ = [
    "DBSCAN",
    "KMeans",
]


class KMeans(_shapes.Clusterer):
    """k-means clustering. Settings are named as in scikit-learn's `KMeans`, and mean the same.

    The estimator `k_means` of system files.

    Parameters
    ----------
    n_clusters : int, default=8
        The number of clusters, at least 1 and at most the rows.
    init : str, default="k-means++"
        How the first centres are chosen. One of `k-means++`, `random`.
    n_init : int, default=1
        How often it starts anew; the result of lowest inertia stays.
    max_iter : int, default=300
        Rounds at most.
    tol : float, default=0.0001
        It ends when the centres' squared steps sum up to no more than this share of the columns' mean variance.
    random_state : int | None, default=None
        The seed of what is drawn at random, or a NumPy generator. None is the seed 0: the same rows give the
        same model.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.

    Examples
    --------
    >>> from arkwright.cluster import KMeans
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> KMeans().fit_transform(X).shape[0]
    40
    """

    _kind = "k_means"
    _settings = {
        "n_clusters": "n_clusters",
        "init": "init",
        "n_init": "n_init",
        "max_iter": "max_iter",
        "tol": "tol",
    }

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        init: str = "k-means++",
        n_init: int = 1,
        max_iter: int = 300,
        tol: float = 0.0001,
        random_state: int | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state
        self.n_jobs = n_jobs


class DBSCAN(_shapes.DensityClusterer):
    """Density-based clustering. Settings are named as in scikit-learn's `DBSCAN`, and mean the same.

    The estimator `dbscan` of system files.

    Parameters
    ----------
    eps : float, default=0.5
        How far a row may be to be near, above 0.
    min_samples : int, default=5
        How many rows, or how much weight, a core has near, at least 1.
    metric : str, default="euclidean"
        How far two rows are apart. One of `minkowski`, `euclidean`, `manhattan`, `chebyshev`, `cosine`.
    algorithm : str, default="auto"
        How near rows are found; the answers are the same. One of `auto`, `brute`, `kd_tree`.
    leaf_size : int, default=30
        Rows a leaf of the tree, at least 1.
    p : float, default=2.0
        The exponent of `minkowski`, at least 1.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.

    Examples
    --------
    >>> from arkwright.cluster import DBSCAN
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> DBSCAN().fit_predict(X).shape
    (40,)
    """

    _kind = "dbscan"
    _settings = {
        "eps": "eps",
        "min_samples": "min_samples",
        "metric": "metric",
        "algorithm": "algorithm",
        "leaf_size": "leaf_size",
        "p": "p",
    }

    def __init__(
        self,
        eps: float = 0.5,
        *,
        min_samples: int = 5,
        metric: str = "euclidean",
        algorithm: str = "auto",
        leaf_size: int = 30,
        p: float = 2.0,
        n_jobs: int | None = None,
    ) -> None:
        self.eps = eps
        self.min_samples = min_samples
        self.metric = metric
        self.algorithm = algorithm
        self.leaf_size = leaf_size
        self.p = p
        self.n_jobs = n_jobs
