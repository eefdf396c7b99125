"""decomposition

Written by generate.py from the settings of the Rust estimators: change those, or classes.py.
"""

from __future__ import annotations

from . import _shapes

__all__ = [
    "PCA",
    "TruncatedSVD",
]


class PCA(_shapes.Decomposition):
    """Principal component analysis.

    The estimator `pca` of system files.

    Parameters
    ----------
    n_components : int | None, default=None
        The number of directions, at least 1.
    whiten : bool, default=False
        Whether the answers are brought to unit variance.
    svd_solver : str, default="auto"
        How the directions are found. One of `auto`, `covariance`, `full`, `randomized`.
    n_oversamples : int, default=10
        Further random directions of `randomized`.
    random_state : int | None, default=None
        The seed of what is drawn at random, or a NumPy generator. None is the seed 0: the same rows give the
        same model.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.
    explained : float | None, default=None
        Instead of `n_components`: as few directions as explain more than this share of the variance, above 0
        and at most 1.
    n_iter : int | None, default=None
        Repetitions of `randomized`.

    Examples
    --------
    >>> from arkwright.decomposition import PCA
    >>> X = [[0.0, 1.0], [1.0, 0.0], [2.0, 3.0], [3.0, 1.0]] * 10
    >>> PCA().fit_transform(X).shape[0]
    40
    """

    _kind = "pca"
    _settings = {
        "n_components": "n_components",
        "whiten": "whiten",
        "svd_solver": "svd_solver",
        "n_oversamples": "n_oversamples",
        "explained": "explained",
        "n_iter": "n_iter",
    }

    def __init__(
        self,
        n_components: int | None = None,
        *,
        whiten: bool = False,
        svd_solver: str = "auto",
        n_oversamples: int = 10,
        random_state: int | None = None,
        n_jobs: int | None = None,
        explained: float | None = None,
        n_iter: int | None = None,
    ) -> None:
        self.n_components = n_components
        self.whiten = whiten
        self.svd_solver = svd_solver
        self.n_oversamples = n_oversamples
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.explained = explained
        self.n_iter = n_iter


class TruncatedSVD(_shapes.Decomposition):
    """Truncated singular value decomposition. Settings are named as in scikit-learn's `TruncatedSVD`.

    The estimator `truncated_svd` of system files.

    Parameters
    ----------
    n_components : int, default=2
        The number of directions, at least 1 and at most the columns and the rows.
    algorithm : str, default="auto"
        How the directions are found. One of `auto`, `covariance`, `full`, `randomized`.
    n_iter : int, default=5
        Repetitions of `randomized`.
    n_oversamples : int, default=10
        Further random directions of `randomized`.
    random_state : int | None, default=None
        The seed of what is drawn at random, or a NumPy generator. None is the seed 0: the same rows give the
        same model.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.

    Examples
    --------
    >>> from arkwright.decomposition import TruncatedSVD
    >>> X = [[0.0, 1.0], [1.0, 0.0], [2.0, 3.0], [3.0, 1.0]] * 10
    >>> TruncatedSVD().fit_transform(X).shape[0]
    40
    """

    _kind = "truncated_svd"
    _settings = {
        "n_components": "n_components",
        "algorithm": "algorithm",
        "n_iter": "n_iter",
        "n_oversamples": "n_oversamples",
    }

    def __init__(
        self,
        n_components: int = 2,
        *,
        algorithm: str = "auto",
        n_iter: int = 5,
        n_oversamples: int = 10,
        random_state: int | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.n_components = n_components
        self.algorithm = algorithm
        self.n_iter = n_iter
        self.n_oversamples = n_oversamples
        self.random_state = random_state
        self.n_jobs = n_jobs
