"""cluster

Written by generate.py from the settings of the Rust estimators: change those, or classes.py.
"""

from __future__ import annotations

from . import _shapes

__all__ = [
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
