"""Forests, boosting and bagging.

Written by generate.py from the settings of the Rust estimators: change those, or classes.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import _shapes

__all__ = [
    "AdaBoostClassifier",
    "AdaBoostRegressor",
    "BaggingClassifier",
    "BaggingRegressor",
    "ExtraTreesClassifier",
    "ExtraTreesRegressor",
    "GBDTClassifier",
    "GBDTRanker",
    "GBDTRegressor",
    "HistGradientBoostingClassifier",
    "HistGradientBoostingRegressor",
    "RandomForestClassifier",
    "RandomForestRegressor",
]


class RandomForestClassifier(_shapes.TreeClassifier):
    """A forest of trees, each grown on a draw of the rows. Reads missing values and levels as they are.

    The estimator `random_forest` of system files.

    Parameters
    ----------
    n_estimators : int, default=100
        Trees. 100.
    criterion : str | None, default=None
        What a split makes smaller. When absent, `gini` to classify and `squared_error` to regress. One of
        `gini`, `entropy`, `log_loss`, `squared_error`, `absolute_error`, `poisson`.
    max_depth : int | None, default=None
        Questions from the root to a leaf; when absent, 512.
    min_samples_split : int, default=2
        Rows that a node needs to be split, at least 2. 2.
    min_samples_leaf : int, default=1
        Rows a leaf. 1.
    min_weight_fraction_leaf : float, default=0.0
        The share of a tree's weight that a leaf needs, at most 0.5. 0.
    max_features : str | float | None, default="sqrt"
        Features that a node looks at: `sqrt`, `log2` or a share. When absent, `sqrt` to classify and all to
        regress.
    max_leaf_nodes : int | None, default=None
        Leaves a tree; no limit when absent. With one, the leaf that gains most is split next.
    min_impurity_decrease : float, default=0.0
        How much purer a split must make the whole. 0.
    bootstrap : bool, default=True
        Whether each tree draws its rows with putting back: by default `random_forest` does, and `extra_trees`
        does not.
    oob_score : bool, default=False
        Whether the notes tell how well the rows are answered by the trees that did not draw them: the accuracy,
        or r2. false.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.
    random_state : int | None, default=None
        The seed of what is drawn at random, or a NumPy generator. None is the seed 0: the same rows give the
        same model.
    class_weight : dict[Any, float] | str | None, default=None
        `balanced` makes rare classes count as much as frequent ones, `balanced_subsample` among the rows that
        each tree drew; or a weight for each class. Each row counts the same when absent.
    ccp_alpha : float, default=0.0
        A branch is cut back unless each of its leaves makes its tree purer by more than this. 0.
    max_samples : int | float | None, default=None
        Rows that each tree draws, where it draws: a number, or a share of all (of the sum of the weights, where
        rows have some). As many as there are when absent.

    Examples
    --------
    >>> from arkwright.ensemble import RandomForestClassifier
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = RandomForestClassifier().fit(X, ["a", "a", "b", "b"] * 10)
    >>> model.predict_proba([[0.5], [2.5]]).shape
    (2, 2)
    """

    _kind = "random_forest"
    _settings = {
        "n_estimators": "n_estimators",
        "criterion": "criterion",
        "max_depth": "max_depth",
        "min_samples_split": "min_samples_split",
        "min_samples_leaf": "min_samples_leaf",
        "min_weight_fraction_leaf": "min_weight_fraction_leaf",
        "max_features": "max_features",
        "max_leaf_nodes": "max_leaf_nodes",
        "min_impurity_decrease": "min_impurity_decrease",
        "bootstrap": "bootstrap",
        "oob_score": "oob_score",
        "class_weight": "class_weight",
        "ccp_alpha": "ccp_alpha",
        "max_samples": "max_samples",
    }
    _prepare = ("dates", "levels")
    _reads_missing = True

    def __init__(
        self,
        n_estimators: int = 100,
        *,
        criterion: str | None = None,
        max_depth: int | None = None,
        min_samples_split: int = 2,
        min_samples_leaf: int = 1,
        min_weight_fraction_leaf: float = 0.0,
        max_features: str | float | None = "sqrt",
        max_leaf_nodes: int | None = None,
        min_impurity_decrease: float = 0.0,
        bootstrap: bool = True,
        oob_score: bool = False,
        n_jobs: int | None = None,
        random_state: int | None = None,
        class_weight: dict[Any, float] | str | None = None,
        ccp_alpha: float = 0.0,
        max_samples: int | float | None = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.criterion = criterion
        self.max_depth = max_depth
        self.min_samples_split = min_samples_split
        self.min_samples_leaf = min_samples_leaf
        self.min_weight_fraction_leaf = min_weight_fraction_leaf
        self.max_features = max_features
        self.max_leaf_nodes = max_leaf_nodes
        self.min_impurity_decrease = min_impurity_decrease
        self.bootstrap = bootstrap
        self.oob_score = oob_score
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.class_weight = class_weight
        self.ccp_alpha = ccp_alpha
        self.max_samples = max_samples


class RandomForestRegressor(_shapes.TreeRegressor):
    """A forest of trees, each grown on a draw of the rows. Reads missing values and levels as they are.

    The estimator `random_forest` of system files.

    Parameters
    ----------
    n_estimators : int, default=100
        Trees. 100.
    criterion : str | None, default=None
        What a split makes smaller. When absent, `gini` to classify and `squared_error` to regress. One of
        `gini`, `entropy`, `log_loss`, `squared_error`, `absolute_error`, `poisson`.
    max_depth : int | None, default=None
        Questions from the root to a leaf; when absent, 512.
    min_samples_split : int, default=2
        Rows that a node needs to be split, at least 2. 2.
    min_samples_leaf : int, default=1
        Rows a leaf. 1.
    min_weight_fraction_leaf : float, default=0.0
        The share of a tree's weight that a leaf needs, at most 0.5. 0.
    max_features : str | float | None, default=1.0
        Features that a node looks at: `sqrt`, `log2` or a share. When absent, `sqrt` to classify and all to
        regress.
    max_leaf_nodes : int | None, default=None
        Leaves a tree; no limit when absent. With one, the leaf that gains most is split next.
    min_impurity_decrease : float, default=0.0
        How much purer a split must make the whole. 0.
    bootstrap : bool, default=True
        Whether each tree draws its rows with putting back: by default `random_forest` does, and `extra_trees`
        does not.
    oob_score : bool, default=False
        Whether the notes tell how well the rows are answered by the trees that did not draw them: the accuracy,
        or r2. false.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.
    random_state : int | None, default=None
        The seed of what is drawn at random, or a NumPy generator. None is the seed 0: the same rows give the
        same model.
    ccp_alpha : float, default=0.0
        A branch is cut back unless each of its leaves makes its tree purer by more than this. 0.
    max_samples : int | float | None, default=None
        Rows that each tree draws, where it draws: a number, or a share of all (of the sum of the weights, where
        rows have some). As many as there are when absent.

    Examples
    --------
    >>> from arkwright.ensemble import RandomForestRegressor
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = RandomForestRegressor().fit(X, [0, 1, 2, 3] * 10)
    >>> model.predict([[0.5], [2.5]]).shape
    (2,)
    """

    _kind = "random_forest"
    _settings = {
        "n_estimators": "n_estimators",
        "criterion": "criterion",
        "max_depth": "max_depth",
        "min_samples_split": "min_samples_split",
        "min_samples_leaf": "min_samples_leaf",
        "min_weight_fraction_leaf": "min_weight_fraction_leaf",
        "max_features": "max_features",
        "max_leaf_nodes": "max_leaf_nodes",
        "min_impurity_decrease": "min_impurity_decrease",
        "bootstrap": "bootstrap",
        "oob_score": "oob_score",
        "ccp_alpha": "ccp_alpha",
        "max_samples": "max_samples",
    }
    _prepare = ("dates", "levels")
    _reads_missing = True

    def __init__(
        self,
        n_estimators: int = 100,
        *,
        criterion: str | None = None,
        max_depth: int | None = None,
        min_samples_split: int = 2,
        min_samples_leaf: int = 1,
        min_weight_fraction_leaf: float = 0.0,
        max_features: str | float | None = 1.0,
        max_leaf_nodes: int | None = None,
        min_impurity_decrease: float = 0.0,
        bootstrap: bool = True,
        oob_score: bool = False,
        n_jobs: int | None = None,
        random_state: int | None = None,
        ccp_alpha: float = 0.0,
        max_samples: int | float | None = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.criterion = criterion
        self.max_depth = max_depth
        self.min_samples_split = min_samples_split
        self.min_samples_leaf = min_samples_leaf
        self.min_weight_fraction_leaf = min_weight_fraction_leaf
        self.max_features = max_features
        self.max_leaf_nodes = max_leaf_nodes
        self.min_impurity_decrease = min_impurity_decrease
        self.bootstrap = bootstrap
        self.oob_score = oob_score
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.ccp_alpha = ccp_alpha
        self.max_samples = max_samples


class ExtraTreesClassifier(_shapes.TreeClassifier):
    """Extremely random trees: cuts are drawn, evenly over a node's bins, and the best draw is taken. Reads missing values
    and levels as they are.

    The estimator `extra_trees` of system files.

    Parameters
    ----------
    n_estimators : int, default=100
        Trees. 100.
    criterion : str | None, default=None
        What a split makes smaller. When absent, `gini` to classify and `squared_error` to regress. One of
        `gini`, `entropy`, `log_loss`, `squared_error`, `absolute_error`, `poisson`.
    max_depth : int | None, default=None
        Questions from the root to a leaf; when absent, 512.
    min_samples_split : int, default=2
        Rows that a node needs to be split, at least 2. 2.
    min_samples_leaf : int, default=1
        Rows a leaf. 1.
    min_weight_fraction_leaf : float, default=0.0
        The share of a tree's weight that a leaf needs, at most 0.5. 0.
    max_features : str | float | None, default="sqrt"
        Features that a node looks at: `sqrt`, `log2` or a share. When absent, `sqrt` to classify and all to
        regress.
    max_leaf_nodes : int | None, default=None
        Leaves a tree; no limit when absent. With one, the leaf that gains most is split next.
    min_impurity_decrease : float, default=0.0
        How much purer a split must make the whole. 0.
    bootstrap : bool, default=False
        Whether each tree draws its rows with putting back: by default `random_forest` does, and `extra_trees`
        does not.
    oob_score : bool, default=False
        Whether the notes tell how well the rows are answered by the trees that did not draw them: the accuracy,
        or r2. false.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.
    random_state : int | None, default=None
        The seed of what is drawn at random, or a NumPy generator. None is the seed 0: the same rows give the
        same model.
    class_weight : dict[Any, float] | str | None, default=None
        `balanced` makes rare classes count as much as frequent ones, `balanced_subsample` among the rows that
        each tree drew; or a weight for each class. Each row counts the same when absent.
    ccp_alpha : float, default=0.0
        A branch is cut back unless each of its leaves makes its tree purer by more than this. 0.
    max_samples : int | float | None, default=None
        Rows that each tree draws, where it draws: a number, or a share of all (of the sum of the weights, where
        rows have some). As many as there are when absent.

    Examples
    --------
    >>> from arkwright.ensemble import ExtraTreesClassifier
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = ExtraTreesClassifier().fit(X, ["a", "a", "b", "b"] * 10)
    >>> model.predict_proba([[0.5], [2.5]]).shape
    (2, 2)
    """

    _kind = "extra_trees"
    _settings = {
        "n_estimators": "n_estimators",
        "criterion": "criterion",
        "max_depth": "max_depth",
        "min_samples_split": "min_samples_split",
        "min_samples_leaf": "min_samples_leaf",
        "min_weight_fraction_leaf": "min_weight_fraction_leaf",
        "max_features": "max_features",
        "max_leaf_nodes": "max_leaf_nodes",
        "min_impurity_decrease": "min_impurity_decrease",
        "bootstrap": "bootstrap",
        "oob_score": "oob_score",
        "class_weight": "class_weight",
        "ccp_alpha": "ccp_alpha",
        "max_samples": "max_samples",
    }
    _prepare = ("dates", "levels")
    _reads_missing = True

    def __init__(
        self,
        n_estimators: int = 100,
        *,
        criterion: str | None = None,
        max_depth: int | None = None,
        min_samples_split: int = 2,
        min_samples_leaf: int = 1,
        min_weight_fraction_leaf: float = 0.0,
        max_features: str | float | None = "sqrt",
        max_leaf_nodes: int | None = None,
        min_impurity_decrease: float = 0.0,
        bootstrap: bool = False,
        oob_score: bool = False,
        n_jobs: int | None = None,
        random_state: int | None = None,
        class_weight: dict[Any, float] | str | None = None,
        ccp_alpha: float = 0.0,
        max_samples: int | float | None = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.criterion = criterion
        self.max_depth = max_depth
        self.min_samples_split = min_samples_split
        self.min_samples_leaf = min_samples_leaf
        self.min_weight_fraction_leaf = min_weight_fraction_leaf
        self.max_features = max_features
        self.max_leaf_nodes = max_leaf_nodes
        self.min_impurity_decrease = min_impurity_decrease
        self.bootstrap = bootstrap
        self.oob_score = oob_score
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.class_weight = class_weight
        self.ccp_alpha = ccp_alpha
        self.max_samples = max_samples


class ExtraTreesRegressor(_shapes.TreeRegressor):
    """Extremely random trees: cuts are drawn, evenly over a node's bins, and the best draw is taken. Reads missing values
    and levels as they are.

    The estimator `extra_trees` of system files.

    Parameters
    ----------
    n_estimators : int, default=100
        Trees. 100.
    criterion : str | None, default=None
        What a split makes smaller. When absent, `gini` to classify and `squared_error` to regress. One of
        `gini`, `entropy`, `log_loss`, `squared_error`, `absolute_error`, `poisson`.
    max_depth : int | None, default=None
        Questions from the root to a leaf; when absent, 512.
    min_samples_split : int, default=2
        Rows that a node needs to be split, at least 2. 2.
    min_samples_leaf : int, default=1
        Rows a leaf. 1.
    min_weight_fraction_leaf : float, default=0.0
        The share of a tree's weight that a leaf needs, at most 0.5. 0.
    max_features : str | float | None, default=1.0
        Features that a node looks at: `sqrt`, `log2` or a share. When absent, `sqrt` to classify and all to
        regress.
    max_leaf_nodes : int | None, default=None
        Leaves a tree; no limit when absent. With one, the leaf that gains most is split next.
    min_impurity_decrease : float, default=0.0
        How much purer a split must make the whole. 0.
    bootstrap : bool, default=False
        Whether each tree draws its rows with putting back: by default `random_forest` does, and `extra_trees`
        does not.
    oob_score : bool, default=False
        Whether the notes tell how well the rows are answered by the trees that did not draw them: the accuracy,
        or r2. false.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.
    random_state : int | None, default=None
        The seed of what is drawn at random, or a NumPy generator. None is the seed 0: the same rows give the
        same model.
    ccp_alpha : float, default=0.0
        A branch is cut back unless each of its leaves makes its tree purer by more than this. 0.
    max_samples : int | float | None, default=None
        Rows that each tree draws, where it draws: a number, or a share of all (of the sum of the weights, where
        rows have some). As many as there are when absent.

    Examples
    --------
    >>> from arkwright.ensemble import ExtraTreesRegressor
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = ExtraTreesRegressor().fit(X, [0, 1, 2, 3] * 10)
    >>> model.predict([[0.5], [2.5]]).shape
    (2,)
    """

    _kind = "extra_trees"
    _settings = {
        "n_estimators": "n_estimators",
        "criterion": "criterion",
        "max_depth": "max_depth",
        "min_samples_split": "min_samples_split",
        "min_samples_leaf": "min_samples_leaf",
        "min_weight_fraction_leaf": "min_weight_fraction_leaf",
        "max_features": "max_features",
        "max_leaf_nodes": "max_leaf_nodes",
        "min_impurity_decrease": "min_impurity_decrease",
        "bootstrap": "bootstrap",
        "oob_score": "oob_score",
        "ccp_alpha": "ccp_alpha",
        "max_samples": "max_samples",
    }
    _prepare = ("dates", "levels")
    _reads_missing = True

    def __init__(
        self,
        n_estimators: int = 100,
        *,
        criterion: str | None = None,
        max_depth: int | None = None,
        min_samples_split: int = 2,
        min_samples_leaf: int = 1,
        min_weight_fraction_leaf: float = 0.0,
        max_features: str | float | None = 1.0,
        max_leaf_nodes: int | None = None,
        min_impurity_decrease: float = 0.0,
        bootstrap: bool = False,
        oob_score: bool = False,
        n_jobs: int | None = None,
        random_state: int | None = None,
        ccp_alpha: float = 0.0,
        max_samples: int | float | None = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.criterion = criterion
        self.max_depth = max_depth
        self.min_samples_split = min_samples_split
        self.min_samples_leaf = min_samples_leaf
        self.min_weight_fraction_leaf = min_weight_fraction_leaf
        self.max_features = max_features
        self.max_leaf_nodes = max_leaf_nodes
        self.min_impurity_decrease = min_impurity_decrease
        self.bootstrap = bootstrap
        self.oob_score = oob_score
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.ccp_alpha = ccp_alpha
        self.max_samples = max_samples


class AdaBoostClassifier(_shapes.AdaBoostedClassifier):
    """Trees that look harder at what those before them got wrong. Reads missing values and levels as they are.

    The estimator `adaboost` of system files.

    Parameters
    ----------
    estimator : Any, default=None
        The estimator within, one of arkwright's; a decision tree if None.
    n_estimators : int, default=50
        Trees at most; it ends early when one is without error or no better than chance. 50.
    learning_rate : float, default=1.0
        What each tree's vote is multiplied by, above 0. 1.
    random_state : int | None, default=None
        The seed of what is drawn at random, or a NumPy generator. None is the seed 0: the same rows give the
        same model.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.

    Examples
    --------
    >>> from arkwright.ensemble import AdaBoostClassifier
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = AdaBoostClassifier().fit(X, ["a", "a", "b", "b"] * 10)
    >>> model.predict_proba([[0.5], [2.5]]).shape
    (2, 2)
    """

    _kind = "adaboost"
    _settings = {
        "n_estimators": "n_estimators",
        "learning_rate": "learning_rate",
    }
    _prepare = ("dates", "levels")
    _reads_missing = True

    def __init__(
        self,
        estimator: Any = None,
        *,
        n_estimators: int = 50,
        learning_rate: float = 1.0,
        random_state: int | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.random_state = random_state
        self.n_jobs = n_jobs


class AdaBoostRegressor(_shapes.AdaBoostedRegressor):
    """Trees that look harder at what those before them got wrong. Reads missing values and levels as they are.

    The estimator `adaboost` of system files.

    Parameters
    ----------
    estimator : Any, default=None
        The estimator within, one of arkwright's; a decision tree if None.
    n_estimators : int, default=50
        Trees at most; it ends early when one is without error or no better than chance. 50.
    learning_rate : float, default=1.0
        What each tree's vote is multiplied by, above 0. 1.
    loss : str, default="linear"
        Numbers only: how a distance from the truth counts. `linear`. One of `linear`, `square`, `exponential`.
    random_state : int | None, default=None
        The seed of what is drawn at random, or a NumPy generator. None is the seed 0: the same rows give the
        same model.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.

    Examples
    --------
    >>> from arkwright.ensemble import AdaBoostRegressor
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = AdaBoostRegressor().fit(X, [0, 1, 2, 3] * 10)
    >>> model.predict([[0.5], [2.5]]).shape
    (2,)
    """

    _kind = "adaboost"
    _settings = {
        "n_estimators": "n_estimators",
        "learning_rate": "learning_rate",
        "loss": "loss",
    }
    _prepare = ("dates", "levels")
    _reads_missing = True

    def __init__(
        self,
        estimator: Any = None,
        *,
        n_estimators: int = 50,
        learning_rate: float = 1.0,
        loss: str = "linear",
        random_state: int | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.loss = loss
        self.random_state = random_state
        self.n_jobs = n_jobs


class BaggingClassifier(_shapes.BaggedClassifier):
    """The settings of bagging beside the estimator within.

    The estimator `bagging` of system files.

    Parameters
    ----------
    estimator : Any, default=None
        The estimator within, one of arkwright's; a decision tree if None.
    n_estimators : int, default=10
        Models. 10.
    max_samples : int | float | None, default=None
        Rows that each draws: a number, or a share of all (of the sum of the weights, where rows have some and
        are drawn with putting back). As many as there are when absent.
    max_features : float, default=1.0
        Input columns that each draws, as a share of all, without putting back. 1.
    bootstrap : bool, default=True
        Whether rows are drawn with putting back, by their weights where they have some. true.
    oob_score : bool, default=False
        Whether the notes tell how well the rows are answered by the models that did not draw them: the
        accuracy, or r2. false.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.
    random_state : int | None, default=None
        The seed of what is drawn at random, or a NumPy generator. None is the seed 0: the same rows give the
        same model.

    Examples
    --------
    >>> from arkwright.ensemble import BaggingClassifier
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = BaggingClassifier().fit(X, ["a", "a", "b", "b"] * 10)
    >>> model.predict_proba([[0.5], [2.5]]).shape
    (2, 2)
    """

    _kind = "bagging"
    _settings = {
        "n_estimators": "n_estimators",
        "max_samples": "max_samples",
        "max_features": "max_features",
        "bootstrap": "bootstrap",
        "oob_score": "oob_score",
    }

    def __init__(
        self,
        estimator: Any = None,
        n_estimators: int = 10,
        *,
        max_samples: int | float | None = None,
        max_features: float = 1.0,
        bootstrap: bool = True,
        oob_score: bool = False,
        n_jobs: int | None = None,
        random_state: int | None = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.max_samples = max_samples
        self.max_features = max_features
        self.bootstrap = bootstrap
        self.oob_score = oob_score
        self.n_jobs = n_jobs
        self.random_state = random_state


class BaggingRegressor(_shapes.BaggedRegressor):
    """The settings of bagging beside the estimator within.

    The estimator `bagging` of system files.

    Parameters
    ----------
    estimator : Any, default=None
        The estimator within, one of arkwright's; a decision tree if None.
    n_estimators : int, default=10
        Models. 10.
    max_samples : int | float | None, default=None
        Rows that each draws: a number, or a share of all (of the sum of the weights, where rows have some and
        are drawn with putting back). As many as there are when absent.
    max_features : float, default=1.0
        Input columns that each draws, as a share of all, without putting back. 1.
    bootstrap : bool, default=True
        Whether rows are drawn with putting back, by their weights where they have some. true.
    oob_score : bool, default=False
        Whether the notes tell how well the rows are answered by the models that did not draw them: the
        accuracy, or r2. false.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.
    random_state : int | None, default=None
        The seed of what is drawn at random, or a NumPy generator. None is the seed 0: the same rows give the
        same model.

    Examples
    --------
    >>> from arkwright.ensemble import BaggingRegressor
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = BaggingRegressor().fit(X, [0, 1, 2, 3] * 10)
    >>> model.predict([[0.5], [2.5]]).shape
    (2,)
    """

    _kind = "bagging"
    _settings = {
        "n_estimators": "n_estimators",
        "max_samples": "max_samples",
        "max_features": "max_features",
        "bootstrap": "bootstrap",
        "oob_score": "oob_score",
    }

    def __init__(
        self,
        estimator: Any = None,
        n_estimators: int = 10,
        *,
        max_samples: int | float | None = None,
        max_features: float = 1.0,
        bootstrap: bool = True,
        oob_score: bool = False,
        n_jobs: int | None = None,
        random_state: int | None = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.max_samples = max_samples
        self.max_features = max_features
        self.bootstrap = bootstrap
        self.oob_score = oob_score
        self.n_jobs = n_jobs
        self.random_state = random_state


class HistGradientBoostingClassifier(_shapes.HistGradientClassifier):
    """Histogram gradient boosting. Reads missing values and levels as they are.

    The estimator `gbdt` of system files.

    Parameters
    ----------
    loss : str | None, default=None
        What is minimised. For classes `log_loss` (the default) or `one_vs_all`; for numbers `squared_error`
        (the default), `absolute_error`, `huber`, `quantile`, `poisson`, `gamma`, `tweedie` or `cross_entropy`;
        for relevances in groups `lambdarank` or `rank_pairwise`; for times with events `cox` or `aft`.
    learning_rate : float, default=0.1
        How much of each tree's step is taken, above 0. 0.1.
    max_iter : int, default=100
        Rounds of boosting; a round is one tree, or one a class of more than two. 100.
    max_leaf_nodes : int, default=31
        Leaves a tree, at least 2. 31.
    max_depth : int | None, default=None
        Questions from a tree's root to a leaf; when absent, 512.
    min_samples_leaf : int, default=20
        Rows a leaf. 20.
    l2_regularization : float, default=1.0
        The penalty on the squares of the leaves' values. 1: without one, a leaf of rows that are all but
        certain takes a step without measure.
    max_features : float, default=1.0
        The share of those that each leaf may be split by. 1.
    max_bins : int, default=255
        Bins a column, between 2 and 65,000; above 255 twice the memory. 255.
    monotonic_cst : dict[Any, Any] | Sequence[str] | None, default=None
        Whether answers may only rise (1) or fall (-1) with a column of numbers, or either (0): by name, as in
        `{ age = 1 }`, or a list with one a feature, in their order. Empty: either.
    interaction_cst : Sequence[Sequence[str | int]] | None, default=None
        Sets of columns, by name, or of features, by place, that may act together; those in no set form one
        more. Empty: all.
    early_stopping : bool | str, default="auto"
        Whether to watch rows that are held out and to stop once they get no better. 'auto': with more than
        10,000 rows.
    validation_fraction : float, default=0.1
        The share of the rows that is held out to watch.
    n_iter_no_change : int | None, default=10
        Rounds without a better loss on the rows held out after which to stop; the best round is kept. Absent:
        never.
    tol : float, default=1e-07
        How much better counts as better. 0.
    random_state : int | None, default=None
        The seed of what is drawn at random, or a NumPy generator. None is the seed 0: the same rows give the
        same model.
    class_weight : dict[Any, float] | str | None, default=None
        For classes: `balanced` makes rare ones count as much as frequent ones; or a weight for each class.
        Absent: each row counts the same.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.
    grow_policy : str, default="leaf_wise"
        In which order a tree grows: `leaf_wise`, `depth_wise` or `symmetric`. leaf_wise.
    min_child_weight : float, default=0.001
        The sum of hessians a leaf. 0.001.
    min_split_gain : float, default=0.0
        What a split must gain. 0.
    boosting_type : str, default="gbdt"
        How trees are put together: `gbdt` one on the errors of all before, `dart` while some of those are left
        out, `rf` each on its own, for a mean. gbdt.
    data_sample_strategy : str, default="bagging"
        How the rows of a round are chosen: `bagging` at random, `goss` those that err most and some others.
        bagging.
    subsample : float, default=1.0
        The share of the rows that each round draws, without putting back. 1.
    subsample_freq : int, default=1
        Rounds from one draw to the next, at least 1. 1.
    pos_bagging_fraction : float, default=1.0
        For two classes: the share that each round draws of the rows of the second, above 0; in place of
        `subsample`. 1.
    neg_bagging_fraction : float, default=1.0
        For two classes: the share that each round draws of the rows of the first, above 0; in place of
        `subsample`. 1.
    top_rate : float, default=0.2
        With `goss`: the share of the rows, those of the largest gradients, that is kept; above 0. 0.2.
    other_rate : float, default=0.1
        With `goss`: the share of the rows that is drawn among the others; above 0, and at most 1 with
        `top_rate`. 0.1.
    drop_rate : float, default=0.1
        With `dart`: the share of the earlier trees that a round leaves out, from 0 to 1. 0.1.
    max_drop : int, default=50
        With `dart`: earlier rounds that are left out at most; 0: no limit. 50.
    skip_drop : float, default=0.5
        With `dart`: the share of the rounds that leave none out, from 0 to 1. 0.5.
    linear_tree : bool, default=False
        Whether each leaf holds a linear function of the numbers that its path asks about. false.
    linear_lambda : float, default=0.0
        With `linear_tree`: the penalty on the squares of the slopes, 0 or above. 0, as in LightGBM.
    max_cat_to_onehot : int, default=4
        Levels up to which each is tried alone against the rest. 4.
    max_cat_threshold : int, default=32
        Levels that go to one side at most. 32.
    min_samples_group : int, default=100
        Rows that join a side at a time when levels are split. 100.
    cat_smooth : float, default=10.0
        Added to a level's hessians before levels are sorted; levels of fewer rows are left out. 10.
    cat_l2 : float, default=10.0
        Added to `l2_regularization` where levels are split. 10.

    Examples
    --------
    >>> from arkwright.ensemble import HistGradientBoostingClassifier
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = HistGradientBoostingClassifier().fit(X, ["a", "a", "b", "b"] * 10)
    >>> model.predict_proba([[0.5], [2.5]]).shape
    (2, 2)
    """

    _kind = "gbdt"
    _settings = {
        "loss": "loss",
        "learning_rate": "learning_rate",
        "max_iter": "n_estimators",
        "max_leaf_nodes": "max_leaf_nodes",
        "max_depth": "max_depth",
        "min_samples_leaf": "min_samples_leaf",
        "l2_regularization": "l2_regularization",
        "max_features": "max_features_by_node",
        "max_bins": "max_bins",
        "monotonic_cst": "monotonic_cst",
        "interaction_cst": "interaction_cst",
        "n_iter_no_change": "patience",
        "tol": "min_delta",
        "class_weight": "class_weight",
        "grow_policy": "grow_policy",
        "min_child_weight": "min_child_weight",
        "min_split_gain": "min_split_gain",
        "boosting_type": "boosting_type",
        "data_sample_strategy": "data_sample_strategy",
        "subsample": "subsample",
        "subsample_freq": "subsample_freq",
        "pos_bagging_fraction": "pos_bagging_fraction",
        "neg_bagging_fraction": "neg_bagging_fraction",
        "top_rate": "top_rate",
        "other_rate": "other_rate",
        "drop_rate": "drop_rate",
        "max_drop": "max_drop",
        "skip_drop": "skip_drop",
        "linear_tree": "linear_tree",
        "linear_lambda": "linear_lambda",
        "max_cat_to_onehot": "max_cat_to_onehot",
        "max_cat_threshold": "max_cat_threshold",
        "min_samples_group": "min_samples_group",
        "cat_smooth": "cat_smooth",
        "cat_l2": "cat_l2",
    }
    _prepare = ("dates", "levels")
    _reads_missing = True

    def __init__(
        self,
        loss: str | None = None,
        *,
        learning_rate: float = 0.1,
        max_iter: int = 100,
        max_leaf_nodes: int = 31,
        max_depth: int | None = None,
        min_samples_leaf: int = 20,
        l2_regularization: float = 1.0,
        max_features: float = 1.0,
        max_bins: int = 255,
        monotonic_cst: dict[Any, Any] | Sequence[str] | None = None,
        interaction_cst: Sequence[Sequence[str | int]] | None = None,
        early_stopping: bool | str = "auto",
        validation_fraction: float = 0.1,
        n_iter_no_change: int | None = 10,
        tol: float = 1e-07,
        random_state: int | None = None,
        class_weight: dict[Any, float] | str | None = None,
        n_jobs: int | None = None,
        grow_policy: str = "leaf_wise",
        min_child_weight: float = 0.001,
        min_split_gain: float = 0.0,
        boosting_type: str = "gbdt",
        data_sample_strategy: str = "bagging",
        subsample: float = 1.0,
        subsample_freq: int = 1,
        pos_bagging_fraction: float = 1.0,
        neg_bagging_fraction: float = 1.0,
        top_rate: float = 0.2,
        other_rate: float = 0.1,
        drop_rate: float = 0.1,
        max_drop: int = 50,
        skip_drop: float = 0.5,
        linear_tree: bool = False,
        linear_lambda: float = 0.0,
        max_cat_to_onehot: int = 4,
        max_cat_threshold: int = 32,
        min_samples_group: int = 100,
        cat_smooth: float = 10.0,
        cat_l2: float = 10.0,
    ) -> None:
        self.loss = loss
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.max_leaf_nodes = max_leaf_nodes
        self.max_depth = max_depth
        self.min_samples_leaf = min_samples_leaf
        self.l2_regularization = l2_regularization
        self.max_features = max_features
        self.max_bins = max_bins
        self.monotonic_cst = monotonic_cst
        self.interaction_cst = interaction_cst
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.random_state = random_state
        self.class_weight = class_weight
        self.n_jobs = n_jobs
        self.grow_policy = grow_policy
        self.min_child_weight = min_child_weight
        self.min_split_gain = min_split_gain
        self.boosting_type = boosting_type
        self.data_sample_strategy = data_sample_strategy
        self.subsample = subsample
        self.subsample_freq = subsample_freq
        self.pos_bagging_fraction = pos_bagging_fraction
        self.neg_bagging_fraction = neg_bagging_fraction
        self.top_rate = top_rate
        self.other_rate = other_rate
        self.drop_rate = drop_rate
        self.max_drop = max_drop
        self.skip_drop = skip_drop
        self.linear_tree = linear_tree
        self.linear_lambda = linear_lambda
        self.max_cat_to_onehot = max_cat_to_onehot
        self.max_cat_threshold = max_cat_threshold
        self.min_samples_group = min_samples_group
        self.cat_smooth = cat_smooth
        self.cat_l2 = cat_l2


class HistGradientBoostingRegressor(_shapes.HistGradientRegressor):
    """Histogram gradient boosting. Reads missing values and levels as they are.

    The estimator `gbdt` of system files.

    Parameters
    ----------
    loss : str | None, default=None
        What is minimised. For classes `log_loss` (the default) or `one_vs_all`; for numbers `squared_error`
        (the default), `absolute_error`, `huber`, `quantile`, `poisson`, `gamma`, `tweedie` or `cross_entropy`;
        for relevances in groups `lambdarank` or `rank_pairwise`; for times with events `cox` or `aft`.
    quantile : float, default=0.5
        With `quantile`: which, above 0 and below 1. 0.5.
    learning_rate : float, default=0.1
        How much of each tree's step is taken, above 0. 0.1.
    max_iter : int, default=100
        Rounds of boosting; a round is one tree, or one a class of more than two. 100.
    max_leaf_nodes : int, default=31
        Leaves a tree, at least 2. 31.
    max_depth : int | None, default=None
        Questions from a tree's root to a leaf; when absent, 512.
    min_samples_leaf : int, default=20
        Rows a leaf. 20.
    l2_regularization : float, default=1.0
        The penalty on the squares of the leaves' values. 1: without one, a leaf of rows that are all but
        certain takes a step without measure.
    max_features : float, default=1.0
        The share of those that each leaf may be split by. 1.
    max_bins : int, default=255
        Bins a column, between 2 and 65,000; above 255 twice the memory. 255.
    monotonic_cst : dict[Any, Any] | Sequence[str] | None, default=None
        Whether answers may only rise (1) or fall (-1) with a column of numbers, or either (0): by name, as in
        `{ age = 1 }`, or a list with one a feature, in their order. Empty: either.
    interaction_cst : Sequence[Sequence[str | int]] | None, default=None
        Sets of columns, by name, or of features, by place, that may act together; those in no set form one
        more. Empty: all.
    early_stopping : bool | str, default="auto"
        Whether to watch rows that are held out and to stop once they get no better. 'auto': with more than
        10,000 rows.
    validation_fraction : float, default=0.1
        The share of the rows that is held out to watch.
    n_iter_no_change : int | None, default=10
        Rounds without a better loss on the rows held out after which to stop; the best round is kept. Absent:
        never.
    tol : float, default=1e-07
        How much better counts as better. 0.
    random_state : int | None, default=None
        The seed of what is drawn at random, or a NumPy generator. None is the seed 0: the same rows give the
        same model.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.
    grow_policy : str, default="leaf_wise"
        In which order a tree grows: `leaf_wise`, `depth_wise` or `symmetric`. leaf_wise.
    min_child_weight : float, default=0.001
        The sum of hessians a leaf. 0.001.
    min_split_gain : float, default=0.0
        What a split must gain. 0.
    boosting_type : str, default="gbdt"
        How trees are put together: `gbdt` one on the errors of all before, `dart` while some of those are left
        out, `rf` each on its own, for a mean. gbdt.
    data_sample_strategy : str, default="bagging"
        How the rows of a round are chosen: `bagging` at random, `goss` those that err most and some others.
        bagging.
    subsample : float, default=1.0
        The share of the rows that each round draws, without putting back. 1.
    subsample_freq : int, default=1
        Rounds from one draw to the next, at least 1. 1.
    pos_bagging_fraction : float, default=1.0
        For two classes: the share that each round draws of the rows of the second, above 0; in place of
        `subsample`. 1.
    neg_bagging_fraction : float, default=1.0
        For two classes: the share that each round draws of the rows of the first, above 0; in place of
        `subsample`. 1.
    top_rate : float, default=0.2
        With `goss`: the share of the rows, those of the largest gradients, that is kept; above 0. 0.2.
    other_rate : float, default=0.1
        With `goss`: the share of the rows that is drawn among the others; above 0, and at most 1 with
        `top_rate`. 0.1.
    drop_rate : float, default=0.1
        With `dart`: the share of the earlier trees that a round leaves out, from 0 to 1. 0.1.
    max_drop : int, default=50
        With `dart`: earlier rounds that are left out at most; 0: no limit. 50.
    skip_drop : float, default=0.5
        With `dart`: the share of the rounds that leave none out, from 0 to 1. 0.5.
    linear_tree : bool, default=False
        Whether each leaf holds a linear function of the numbers that its path asks about. false.
    linear_lambda : float, default=0.0
        With `linear_tree`: the penalty on the squares of the slopes, 0 or above. 0, as in LightGBM.
    max_cat_to_onehot : int, default=4
        Levels up to which each is tried alone against the rest. 4.
    max_cat_threshold : int, default=32
        Levels that go to one side at most. 32.
    min_samples_group : int, default=100
        Rows that join a side at a time when levels are split. 100.
    cat_smooth : float, default=10.0
        Added to a level's hessians before levels are sorted; levels of fewer rows are left out. 10.
    cat_l2 : float, default=10.0
        Added to `l2_regularization` where levels are split. 10.

    Examples
    --------
    >>> from arkwright.ensemble import HistGradientBoostingRegressor
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = HistGradientBoostingRegressor().fit(X, [0, 1, 2, 3] * 10)
    >>> model.predict([[0.5], [2.5]]).shape
    (2,)
    """

    _kind = "gbdt"
    _settings = {
        "loss": "loss",
        "quantile": "quantile",
        "learning_rate": "learning_rate",
        "max_iter": "n_estimators",
        "max_leaf_nodes": "max_leaf_nodes",
        "max_depth": "max_depth",
        "min_samples_leaf": "min_samples_leaf",
        "l2_regularization": "l2_regularization",
        "max_features": "max_features_by_node",
        "max_bins": "max_bins",
        "monotonic_cst": "monotonic_cst",
        "interaction_cst": "interaction_cst",
        "n_iter_no_change": "patience",
        "tol": "min_delta",
        "grow_policy": "grow_policy",
        "min_child_weight": "min_child_weight",
        "min_split_gain": "min_split_gain",
        "boosting_type": "boosting_type",
        "data_sample_strategy": "data_sample_strategy",
        "subsample": "subsample",
        "subsample_freq": "subsample_freq",
        "pos_bagging_fraction": "pos_bagging_fraction",
        "neg_bagging_fraction": "neg_bagging_fraction",
        "top_rate": "top_rate",
        "other_rate": "other_rate",
        "drop_rate": "drop_rate",
        "max_drop": "max_drop",
        "skip_drop": "skip_drop",
        "linear_tree": "linear_tree",
        "linear_lambda": "linear_lambda",
        "max_cat_to_onehot": "max_cat_to_onehot",
        "max_cat_threshold": "max_cat_threshold",
        "min_samples_group": "min_samples_group",
        "cat_smooth": "cat_smooth",
        "cat_l2": "cat_l2",
    }
    _prepare = ("dates", "levels")
    _reads_missing = True

    def __init__(
        self,
        loss: str | None = None,
        *,
        quantile: float = 0.5,
        learning_rate: float = 0.1,
        max_iter: int = 100,
        max_leaf_nodes: int = 31,
        max_depth: int | None = None,
        min_samples_leaf: int = 20,
        l2_regularization: float = 1.0,
        max_features: float = 1.0,
        max_bins: int = 255,
        monotonic_cst: dict[Any, Any] | Sequence[str] | None = None,
        interaction_cst: Sequence[Sequence[str | int]] | None = None,
        early_stopping: bool | str = "auto",
        validation_fraction: float = 0.1,
        n_iter_no_change: int | None = 10,
        tol: float = 1e-07,
        random_state: int | None = None,
        n_jobs: int | None = None,
        grow_policy: str = "leaf_wise",
        min_child_weight: float = 0.001,
        min_split_gain: float = 0.0,
        boosting_type: str = "gbdt",
        data_sample_strategy: str = "bagging",
        subsample: float = 1.0,
        subsample_freq: int = 1,
        pos_bagging_fraction: float = 1.0,
        neg_bagging_fraction: float = 1.0,
        top_rate: float = 0.2,
        other_rate: float = 0.1,
        drop_rate: float = 0.1,
        max_drop: int = 50,
        skip_drop: float = 0.5,
        linear_tree: bool = False,
        linear_lambda: float = 0.0,
        max_cat_to_onehot: int = 4,
        max_cat_threshold: int = 32,
        min_samples_group: int = 100,
        cat_smooth: float = 10.0,
        cat_l2: float = 10.0,
    ) -> None:
        self.loss = loss
        self.quantile = quantile
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.max_leaf_nodes = max_leaf_nodes
        self.max_depth = max_depth
        self.min_samples_leaf = min_samples_leaf
        self.l2_regularization = l2_regularization
        self.max_features = max_features
        self.max_bins = max_bins
        self.monotonic_cst = monotonic_cst
        self.interaction_cst = interaction_cst
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.grow_policy = grow_policy
        self.min_child_weight = min_child_weight
        self.min_split_gain = min_split_gain
        self.boosting_type = boosting_type
        self.data_sample_strategy = data_sample_strategy
        self.subsample = subsample
        self.subsample_freq = subsample_freq
        self.pos_bagging_fraction = pos_bagging_fraction
        self.neg_bagging_fraction = neg_bagging_fraction
        self.top_rate = top_rate
        self.other_rate = other_rate
        self.drop_rate = drop_rate
        self.max_drop = max_drop
        self.skip_drop = skip_drop
        self.linear_tree = linear_tree
        self.linear_lambda = linear_lambda
        self.max_cat_to_onehot = max_cat_to_onehot
        self.max_cat_threshold = max_cat_threshold
        self.min_samples_group = min_samples_group
        self.cat_smooth = cat_smooth
        self.cat_l2 = cat_l2


class GBDTClassifier(_shapes.BoostedClassifier):
    """Histogram gradient boosting. Reads missing values and levels as they are.

    The estimator `gbdt` of system files.

    Parameters
    ----------
    loss : str | None, default=None
        What is minimised. For classes `log_loss` (the default) or `one_vs_all`; for numbers `squared_error`
        (the default), `absolute_error`, `huber`, `quantile`, `poisson`, `gamma`, `tweedie` or `cross_entropy`;
        for relevances in groups `lambdarank` or `rank_pairwise`; for times with events `cox` or `aft`.
    learning_rate : float, default=0.1
        How much of each tree's step is taken, above 0. 0.1.
    n_estimators : int, default=100
        Rounds of boosting; a round is one tree, or one a class of more than two. 100.
    max_leaf_nodes : int, default=31
        Leaves a tree, at least 2. 31.
    max_depth : int | None, default=None
        Questions from a tree's root to a leaf; when absent, 512.
    min_samples_leaf : int, default=20
        Rows a leaf. 20.
    l2_regularization : float, default=1.0
        The penalty on the squares of the leaves' values. 1: without one, a leaf of rows that are all but
        certain takes a step without measure.
    max_bins : int, default=255
        Bins a column, between 2 and 65,000; above 255 twice the memory. 255.
    validation_fraction : float, default=0.1
        The share of the rows that is held out to watch.
    random_state : int | None, default=None
        The seed of what is drawn at random, or a NumPy generator. None is the seed 0: the same rows give the
        same model.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.
    grow_policy : str, default="leaf_wise"
        In which order a tree grows: `leaf_wise`, `depth_wise` or `symmetric`. leaf_wise.
    min_child_weight : float, default=0.001
        The sum of hessians a leaf. 0.001.
    min_split_gain : float, default=0.0
        What a split must gain. 0.
    boosting_type : str, default="gbdt"
        How trees are put together: `gbdt` one on the errors of all before, `dart` while some of those are left
        out, `rf` each on its own, for a mean. gbdt.
    data_sample_strategy : str, default="bagging"
        How the rows of a round are chosen: `bagging` at random, `goss` those that err most and some others.
        bagging.
    subsample : float, default=1.0
        The share of the rows that each round draws, without putting back. 1.
    subsample_freq : int, default=1
        Rounds from one draw to the next, at least 1. 1.
    pos_bagging_fraction : float, default=1.0
        For two classes: the share that each round draws of the rows of the second, above 0; in place of
        `subsample`. 1.
    neg_bagging_fraction : float, default=1.0
        For two classes: the share that each round draws of the rows of the first, above 0; in place of
        `subsample`. 1.
    top_rate : float, default=0.2
        With `goss`: the share of the rows, those of the largest gradients, that is kept; above 0. 0.2.
    other_rate : float, default=0.1
        With `goss`: the share of the rows that is drawn among the others; above 0, and at most 1 with
        `top_rate`. 0.1.
    drop_rate : float, default=0.1
        With `dart`: the share of the earlier trees that a round leaves out, from 0 to 1. 0.1.
    max_drop : int, default=50
        With `dart`: earlier rounds that are left out at most; 0: no limit. 50.
    skip_drop : float, default=0.5
        With `dart`: the share of the rounds that leave none out, from 0 to 1. 0.5.
    linear_tree : bool, default=False
        Whether each leaf holds a linear function of the numbers that its path asks about. false.
    linear_lambda : float, default=0.0
        With `linear_tree`: the penalty on the squares of the slopes, 0 or above. 0, as in LightGBM.
    max_features : float, default=1.0
        The share of the features that each tree may use. 1.
    max_features_by_level : float, default=1.0
        The share of those that each level of a tree may use. 1.
    max_features_by_node : float, default=1.0
        The share of those that each leaf may be split by. 1.
    monotonic_cst : dict[Any, Any] | Sequence[str] | None, default=None
        Whether answers may only rise (1) or fall (-1) with a column of numbers, or either (0): by name, as in
        `{ age = 1 }`, or a list with one a feature, in their order. Empty: either.
    interaction_cst : Sequence[Sequence[str | int]] | None, default=None
        Sets of columns, by name, or of features, by place, that may act together; those in no set form one
        more. Empty: all.
    patience : int | None, default=None
        Rounds without a better loss on the rows held out after which to stop; the best round is kept. Absent:
        never.
    min_delta : float, default=0.0
        How much better counts as better. 0.
    eval_metric : str | None, default=None
        The metric on the rows held out that `patience` goes by; absent: the loss.
    class_weight : dict[Any, float] | str | None, default=None
        For classes: `balanced` makes rare ones count as much as frequent ones; or a weight for each class.
        Absent: each row counts the same.
    scale_pos_weight : float, default=1.0
        For two classes: how much rows of the second count more, above 0. 1.
    max_cat_to_onehot : int, default=4
        Levels up to which each is tried alone against the rest. 4.
    max_cat_threshold : int, default=32
        Levels that go to one side at most. 32.
    min_samples_group : int, default=100
        Rows that join a side at a time when levels are split. 100.
    cat_smooth : float, default=10.0
        Added to a level's hessians before levels are sorted; levels of fewer rows are left out. 10.
    cat_l2 : float, default=10.0
        Added to `l2_regularization` where levels are split. 10.

    Examples
    --------
    >>> from arkwright.ensemble import GBDTClassifier
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = GBDTClassifier().fit(X, ["a", "a", "b", "b"] * 10)
    >>> model.predict_proba([[0.5], [2.5]]).shape
    (2, 2)
    """

    _kind = "gbdt"
    _settings = {
        "loss": "loss",
        "learning_rate": "learning_rate",
        "n_estimators": "n_estimators",
        "max_leaf_nodes": "max_leaf_nodes",
        "max_depth": "max_depth",
        "min_samples_leaf": "min_samples_leaf",
        "l2_regularization": "l2_regularization",
        "max_bins": "max_bins",
        "grow_policy": "grow_policy",
        "min_child_weight": "min_child_weight",
        "min_split_gain": "min_split_gain",
        "boosting_type": "boosting_type",
        "data_sample_strategy": "data_sample_strategy",
        "subsample": "subsample",
        "subsample_freq": "subsample_freq",
        "pos_bagging_fraction": "pos_bagging_fraction",
        "neg_bagging_fraction": "neg_bagging_fraction",
        "top_rate": "top_rate",
        "other_rate": "other_rate",
        "drop_rate": "drop_rate",
        "max_drop": "max_drop",
        "skip_drop": "skip_drop",
        "linear_tree": "linear_tree",
        "linear_lambda": "linear_lambda",
        "max_features": "max_features",
        "max_features_by_level": "max_features_by_level",
        "max_features_by_node": "max_features_by_node",
        "monotonic_cst": "monotonic_cst",
        "interaction_cst": "interaction_cst",
        "patience": "patience",
        "min_delta": "min_delta",
        "eval_metric": "eval_metric",
        "class_weight": "class_weight",
        "scale_pos_weight": "scale_pos_weight",
        "max_cat_to_onehot": "max_cat_to_onehot",
        "max_cat_threshold": "max_cat_threshold",
        "min_samples_group": "min_samples_group",
        "cat_smooth": "cat_smooth",
        "cat_l2": "cat_l2",
    }
    _prepare = ("dates", "levels")
    _reads_missing = True

    def __init__(
        self,
        loss: str | None = None,
        *,
        learning_rate: float = 0.1,
        n_estimators: int = 100,
        max_leaf_nodes: int = 31,
        max_depth: int | None = None,
        min_samples_leaf: int = 20,
        l2_regularization: float = 1.0,
        max_bins: int = 255,
        validation_fraction: float = 0.1,
        random_state: int | None = None,
        n_jobs: int | None = None,
        grow_policy: str = "leaf_wise",
        min_child_weight: float = 0.001,
        min_split_gain: float = 0.0,
        boosting_type: str = "gbdt",
        data_sample_strategy: str = "bagging",
        subsample: float = 1.0,
        subsample_freq: int = 1,
        pos_bagging_fraction: float = 1.0,
        neg_bagging_fraction: float = 1.0,
        top_rate: float = 0.2,
        other_rate: float = 0.1,
        drop_rate: float = 0.1,
        max_drop: int = 50,
        skip_drop: float = 0.5,
        linear_tree: bool = False,
        linear_lambda: float = 0.0,
        max_features: float = 1.0,
        max_features_by_level: float = 1.0,
        max_features_by_node: float = 1.0,
        monotonic_cst: dict[Any, Any] | Sequence[str] | None = None,
        interaction_cst: Sequence[Sequence[str | int]] | None = None,
        patience: int | None = None,
        min_delta: float = 0.0,
        eval_metric: str | None = None,
        class_weight: dict[Any, float] | str | None = None,
        scale_pos_weight: float = 1.0,
        max_cat_to_onehot: int = 4,
        max_cat_threshold: int = 32,
        min_samples_group: int = 100,
        cat_smooth: float = 10.0,
        cat_l2: float = 10.0,
    ) -> None:
        self.loss = loss
        self.learning_rate = learning_rate
        self.n_estimators = n_estimators
        self.max_leaf_nodes = max_leaf_nodes
        self.max_depth = max_depth
        self.min_samples_leaf = min_samples_leaf
        self.l2_regularization = l2_regularization
        self.max_bins = max_bins
        self.validation_fraction = validation_fraction
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.grow_policy = grow_policy
        self.min_child_weight = min_child_weight
        self.min_split_gain = min_split_gain
        self.boosting_type = boosting_type
        self.data_sample_strategy = data_sample_strategy
        self.subsample = subsample
        self.subsample_freq = subsample_freq
        self.pos_bagging_fraction = pos_bagging_fraction
        self.neg_bagging_fraction = neg_bagging_fraction
        self.top_rate = top_rate
        self.other_rate = other_rate
        self.drop_rate = drop_rate
        self.max_drop = max_drop
        self.skip_drop = skip_drop
        self.linear_tree = linear_tree
        self.linear_lambda = linear_lambda
        self.max_features = max_features
        self.max_features_by_level = max_features_by_level
        self.max_features_by_node = max_features_by_node
        self.monotonic_cst = monotonic_cst
        self.interaction_cst = interaction_cst
        self.patience = patience
        self.min_delta = min_delta
        self.eval_metric = eval_metric
        self.class_weight = class_weight
        self.scale_pos_weight = scale_pos_weight
        self.max_cat_to_onehot = max_cat_to_onehot
        self.max_cat_threshold = max_cat_threshold
        self.min_samples_group = min_samples_group
        self.cat_smooth = cat_smooth
        self.cat_l2 = cat_l2


class GBDTRegressor(_shapes.BoostedRegressor):
    """Histogram gradient boosting. Reads missing values and levels as they are.

    The estimator `gbdt` of system files.

    Parameters
    ----------
    loss : str | None, default=None
        What is minimised. For classes `log_loss` (the default) or `one_vs_all`; for numbers `squared_error`
        (the default), `absolute_error`, `huber`, `quantile`, `poisson`, `gamma`, `tweedie` or `cross_entropy`;
        for relevances in groups `lambdarank` or `rank_pairwise`; for times with events `cox` or `aft`.
    learning_rate : float, default=0.1
        How much of each tree's step is taken, above 0. 0.1.
    n_estimators : int, default=100
        Rounds of boosting; a round is one tree, or one a class of more than two. 100.
    max_leaf_nodes : int, default=31
        Leaves a tree, at least 2. 31.
    max_depth : int | None, default=None
        Questions from a tree's root to a leaf; when absent, 512.
    min_samples_leaf : int, default=20
        Rows a leaf. 20.
    l2_regularization : float, default=1.0
        The penalty on the squares of the leaves' values. 1: without one, a leaf of rows that are all but
        certain takes a step without measure.
    max_bins : int, default=255
        Bins a column, between 2 and 65,000; above 255 twice the memory. 255.
    validation_fraction : float, default=0.1
        The share of the rows that is held out to watch.
    random_state : int | None, default=None
        The seed of what is drawn at random, or a NumPy generator. None is the seed 0: the same rows give the
        same model.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.
    grow_policy : str, default="leaf_wise"
        In which order a tree grows: `leaf_wise`, `depth_wise` or `symmetric`. leaf_wise.
    min_child_weight : float, default=0.001
        The sum of hessians a leaf. 0.001.
    min_split_gain : float, default=0.0
        What a split must gain. 0.
    boosting_type : str, default="gbdt"
        How trees are put together: `gbdt` one on the errors of all before, `dart` while some of those are left
        out, `rf` each on its own, for a mean. gbdt.
    data_sample_strategy : str, default="bagging"
        How the rows of a round are chosen: `bagging` at random, `goss` those that err most and some others.
        bagging.
    subsample : float, default=1.0
        The share of the rows that each round draws, without putting back. 1.
    subsample_freq : int, default=1
        Rounds from one draw to the next, at least 1. 1.
    pos_bagging_fraction : float, default=1.0
        For two classes: the share that each round draws of the rows of the second, above 0; in place of
        `subsample`. 1.
    neg_bagging_fraction : float, default=1.0
        For two classes: the share that each round draws of the rows of the first, above 0; in place of
        `subsample`. 1.
    top_rate : float, default=0.2
        With `goss`: the share of the rows, those of the largest gradients, that is kept; above 0. 0.2.
    other_rate : float, default=0.1
        With `goss`: the share of the rows that is drawn among the others; above 0, and at most 1 with
        `top_rate`. 0.1.
    drop_rate : float, default=0.1
        With `dart`: the share of the earlier trees that a round leaves out, from 0 to 1. 0.1.
    max_drop : int, default=50
        With `dart`: earlier rounds that are left out at most; 0: no limit. 50.
    skip_drop : float, default=0.5
        With `dart`: the share of the rounds that leave none out, from 0 to 1. 0.5.
    linear_tree : bool, default=False
        Whether each leaf holds a linear function of the numbers that its path asks about. false.
    linear_lambda : float, default=0.0
        With `linear_tree`: the penalty on the squares of the slopes, 0 or above. 0, as in LightGBM.
    max_features : float, default=1.0
        The share of the features that each tree may use. 1.
    max_features_by_level : float, default=1.0
        The share of those that each level of a tree may use. 1.
    max_features_by_node : float, default=1.0
        The share of those that each leaf may be split by. 1.
    monotonic_cst : dict[Any, Any] | Sequence[str] | None, default=None
        Whether answers may only rise (1) or fall (-1) with a column of numbers, or either (0): by name, as in
        `{ age = 1 }`, or a list with one a feature, in their order. Empty: either.
    interaction_cst : Sequence[Sequence[str | int]] | None, default=None
        Sets of columns, by name, or of features, by place, that may act together; those in no set form one
        more. Empty: all.
    patience : int | None, default=None
        Rounds without a better loss on the rows held out after which to stop; the best round is kept. Absent:
        never.
    min_delta : float, default=0.0
        How much better counts as better. 0.
    eval_metric : str | None, default=None
        The metric on the rows held out that `patience` goes by; absent: the loss.
    quantile : float, default=0.5
        With `quantile`: which, above 0 and below 1. 0.5.
    huber_delta : float, default=1.0
        With `huber`: the distance, in the target's unit, from which on the error counts absolutely. 1.
    tweedie_variance_power : float, default=1.5
        With `tweedie`: the power of the mean that the variance is, above 1 and below 2. 1.5.
    cox_ties : str, default="efron"
        With `cox`: how ends at one time are counted, `efron` or `breslow`.
    aft_distribution : str, default="normal"
        With `aft`: the noise of the logarithm of a time, `normal`, `logistic` or `extreme`.
    aft_scale : float, default=1.0
        With `aft`: the scale of the noise, above 0. 1.
    max_cat_to_onehot : int, default=4
        Levels up to which each is tried alone against the rest. 4.
    max_cat_threshold : int, default=32
        Levels that go to one side at most. 32.
    min_samples_group : int, default=100
        Rows that join a side at a time when levels are split. 100.
    cat_smooth : float, default=10.0
        Added to a level's hessians before levels are sorted; levels of fewer rows are left out. 10.
    cat_l2 : float, default=10.0
        Added to `l2_regularization` where levels are split. 10.

    Examples
    --------
    >>> from arkwright.ensemble import GBDTRegressor
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = GBDTRegressor().fit(X, [0, 1, 2, 3] * 10)
    >>> model.predict([[0.5], [2.5]]).shape
    (2,)
    """

    _kind = "gbdt"
    _settings = {
        "loss": "loss",
        "learning_rate": "learning_rate",
        "n_estimators": "n_estimators",
        "max_leaf_nodes": "max_leaf_nodes",
        "max_depth": "max_depth",
        "min_samples_leaf": "min_samples_leaf",
        "l2_regularization": "l2_regularization",
        "max_bins": "max_bins",
        "grow_policy": "grow_policy",
        "min_child_weight": "min_child_weight",
        "min_split_gain": "min_split_gain",
        "boosting_type": "boosting_type",
        "data_sample_strategy": "data_sample_strategy",
        "subsample": "subsample",
        "subsample_freq": "subsample_freq",
        "pos_bagging_fraction": "pos_bagging_fraction",
        "neg_bagging_fraction": "neg_bagging_fraction",
        "top_rate": "top_rate",
        "other_rate": "other_rate",
        "drop_rate": "drop_rate",
        "max_drop": "max_drop",
        "skip_drop": "skip_drop",
        "linear_tree": "linear_tree",
        "linear_lambda": "linear_lambda",
        "max_features": "max_features",
        "max_features_by_level": "max_features_by_level",
        "max_features_by_node": "max_features_by_node",
        "monotonic_cst": "monotonic_cst",
        "interaction_cst": "interaction_cst",
        "patience": "patience",
        "min_delta": "min_delta",
        "eval_metric": "eval_metric",
        "quantile": "quantile",
        "huber_delta": "huber_delta",
        "tweedie_variance_power": "tweedie_variance_power",
        "cox_ties": "cox_ties",
        "aft_distribution": "aft_distribution",
        "aft_scale": "aft_scale",
        "max_cat_to_onehot": "max_cat_to_onehot",
        "max_cat_threshold": "max_cat_threshold",
        "min_samples_group": "min_samples_group",
        "cat_smooth": "cat_smooth",
        "cat_l2": "cat_l2",
    }
    _prepare = ("dates", "levels")
    _reads_missing = True

    def __init__(
        self,
        loss: str | None = None,
        *,
        learning_rate: float = 0.1,
        n_estimators: int = 100,
        max_leaf_nodes: int = 31,
        max_depth: int | None = None,
        min_samples_leaf: int = 20,
        l2_regularization: float = 1.0,
        max_bins: int = 255,
        validation_fraction: float = 0.1,
        random_state: int | None = None,
        n_jobs: int | None = None,
        grow_policy: str = "leaf_wise",
        min_child_weight: float = 0.001,
        min_split_gain: float = 0.0,
        boosting_type: str = "gbdt",
        data_sample_strategy: str = "bagging",
        subsample: float = 1.0,
        subsample_freq: int = 1,
        pos_bagging_fraction: float = 1.0,
        neg_bagging_fraction: float = 1.0,
        top_rate: float = 0.2,
        other_rate: float = 0.1,
        drop_rate: float = 0.1,
        max_drop: int = 50,
        skip_drop: float = 0.5,
        linear_tree: bool = False,
        linear_lambda: float = 0.0,
        max_features: float = 1.0,
        max_features_by_level: float = 1.0,
        max_features_by_node: float = 1.0,
        monotonic_cst: dict[Any, Any] | Sequence[str] | None = None,
        interaction_cst: Sequence[Sequence[str | int]] | None = None,
        patience: int | None = None,
        min_delta: float = 0.0,
        eval_metric: str | None = None,
        quantile: float = 0.5,
        huber_delta: float = 1.0,
        tweedie_variance_power: float = 1.5,
        cox_ties: str = "efron",
        aft_distribution: str = "normal",
        aft_scale: float = 1.0,
        max_cat_to_onehot: int = 4,
        max_cat_threshold: int = 32,
        min_samples_group: int = 100,
        cat_smooth: float = 10.0,
        cat_l2: float = 10.0,
    ) -> None:
        self.loss = loss
        self.learning_rate = learning_rate
        self.n_estimators = n_estimators
        self.max_leaf_nodes = max_leaf_nodes
        self.max_depth = max_depth
        self.min_samples_leaf = min_samples_leaf
        self.l2_regularization = l2_regularization
        self.max_bins = max_bins
        self.validation_fraction = validation_fraction
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.grow_policy = grow_policy
        self.min_child_weight = min_child_weight
        self.min_split_gain = min_split_gain
        self.boosting_type = boosting_type
        self.data_sample_strategy = data_sample_strategy
        self.subsample = subsample
        self.subsample_freq = subsample_freq
        self.pos_bagging_fraction = pos_bagging_fraction
        self.neg_bagging_fraction = neg_bagging_fraction
        self.top_rate = top_rate
        self.other_rate = other_rate
        self.drop_rate = drop_rate
        self.max_drop = max_drop
        self.skip_drop = skip_drop
        self.linear_tree = linear_tree
        self.linear_lambda = linear_lambda
        self.max_features = max_features
        self.max_features_by_level = max_features_by_level
        self.max_features_by_node = max_features_by_node
        self.monotonic_cst = monotonic_cst
        self.interaction_cst = interaction_cst
        self.patience = patience
        self.min_delta = min_delta
        self.eval_metric = eval_metric
        self.quantile = quantile
        self.huber_delta = huber_delta
        self.tweedie_variance_power = tweedie_variance_power
        self.cox_ties = cox_ties
        self.aft_distribution = aft_distribution
        self.aft_scale = aft_scale
        self.max_cat_to_onehot = max_cat_to_onehot
        self.max_cat_threshold = max_cat_threshold
        self.min_samples_group = min_samples_group
        self.cat_smooth = cat_smooth
        self.cat_l2 = cat_l2


class GBDTRanker(_shapes.BoostedRanker):
    """Histogram gradient boosting. Reads missing values and levels as they are.

    The estimator `gbdt` of system files.

    Parameters
    ----------
    loss : str | None, default="lambdarank"
        What is minimised. For classes `log_loss` (the default) or `one_vs_all`; for numbers `squared_error`
        (the default), `absolute_error`, `huber`, `quantile`, `poisson`, `gamma`, `tweedie` or `cross_entropy`;
        for relevances in groups `lambdarank` or `rank_pairwise`; for times with events `cox` or `aft`.
    learning_rate : float, default=0.1
        How much of each tree's step is taken, above 0. 0.1.
    n_estimators : int, default=100
        Rounds of boosting; a round is one tree, or one a class of more than two. 100.
    max_leaf_nodes : int, default=31
        Leaves a tree, at least 2. 31.
    max_depth : int | None, default=None
        Questions from a tree's root to a leaf; when absent, 512.
    min_samples_leaf : int, default=20
        Rows a leaf. 20.
    l2_regularization : float, default=1.0
        The penalty on the squares of the leaves' values. 1: without one, a leaf of rows that are all but
        certain takes a step without measure.
    max_bins : int, default=255
        Bins a column, between 2 and 65,000; above 255 twice the memory. 255.
    validation_fraction : float, default=0.1
        The share of the rows that is held out to watch.
    random_state : int | None, default=None
        The seed of what is drawn at random, or a NumPy generator. None is the seed 0: the same rows give the
        same model.
    n_jobs : int | None, default=None
        Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the
        same with any number.
    grow_policy : str, default="leaf_wise"
        In which order a tree grows: `leaf_wise`, `depth_wise` or `symmetric`. leaf_wise.
    min_child_weight : float, default=0.001
        The sum of hessians a leaf. 0.001.
    min_split_gain : float, default=0.0
        What a split must gain. 0.
    boosting_type : str, default="gbdt"
        How trees are put together: `gbdt` one on the errors of all before, `dart` while some of those are left
        out, `rf` each on its own, for a mean. gbdt.
    data_sample_strategy : str, default="bagging"
        How the rows of a round are chosen: `bagging` at random, `goss` those that err most and some others.
        bagging.
    subsample : float, default=1.0
        The share of the rows that each round draws, without putting back. 1.
    subsample_freq : int, default=1
        Rounds from one draw to the next, at least 1. 1.
    pos_bagging_fraction : float, default=1.0
        For two classes: the share that each round draws of the rows of the second, above 0; in place of
        `subsample`. 1.
    neg_bagging_fraction : float, default=1.0
        For two classes: the share that each round draws of the rows of the first, above 0; in place of
        `subsample`. 1.
    top_rate : float, default=0.2
        With `goss`: the share of the rows, those of the largest gradients, that is kept; above 0. 0.2.
    other_rate : float, default=0.1
        With `goss`: the share of the rows that is drawn among the others; above 0, and at most 1 with
        `top_rate`. 0.1.
    drop_rate : float, default=0.1
        With `dart`: the share of the earlier trees that a round leaves out, from 0 to 1. 0.1.
    max_drop : int, default=50
        With `dart`: earlier rounds that are left out at most; 0: no limit. 50.
    skip_drop : float, default=0.5
        With `dart`: the share of the rounds that leave none out, from 0 to 1. 0.5.
    linear_tree : bool, default=False
        Whether each leaf holds a linear function of the numbers that its path asks about. false.
    linear_lambda : float, default=0.0
        With `linear_tree`: the penalty on the squares of the slopes, 0 or above. 0, as in LightGBM.
    max_features : float, default=1.0
        The share of the features that each tree may use. 1.
    max_features_by_level : float, default=1.0
        The share of those that each level of a tree may use. 1.
    max_features_by_node : float, default=1.0
        The share of those that each leaf may be split by. 1.
    monotonic_cst : dict[Any, Any] | Sequence[str] | None, default=None
        Whether answers may only rise (1) or fall (-1) with a column of numbers, or either (0): by name, as in
        `{ age = 1 }`, or a list with one a feature, in their order. Empty: either.
    interaction_cst : Sequence[Sequence[str | int]] | None, default=None
        Sets of columns, by name, or of features, by place, that may act together; those in no set form one
        more. Empty: all.
    patience : int | None, default=None
        Rounds without a better loss on the rows held out after which to stop; the best round is kept. Absent:
        never.
    min_delta : float, default=0.0
        How much better counts as better. 0.
    eval_metric : str | None, default=None
        The metric on the rows held out that `patience` goes by; absent: the loss.
    lambdarank_truncation_level : int, default=30
        With `lambdarank`: a pair has to have a row among so many first ones. 30.
    max_cat_to_onehot : int, default=4
        Levels up to which each is tried alone against the rest. 4.
    max_cat_threshold : int, default=32
        Levels that go to one side at most. 32.
    min_samples_group : int, default=100
        Rows that join a side at a time when levels are split. 100.
    cat_smooth : float, default=10.0
        Added to a level's hessians before levels are sorted; levels of fewer rows are left out. 10.
    cat_l2 : float, default=10.0
        Added to `l2_regularization` where levels are split. 10.

    Examples
    --------
    >>> from arkwright.ensemble import GBDTRanker
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = GBDTRanker().fit(X, [0, 1, 2, 3] * 10)
    >>> model.predict([[0.5], [2.5]]).shape
    (2,)
    """

    _kind = "gbdt"
    _settings = {
        "loss": "loss",
        "learning_rate": "learning_rate",
        "n_estimators": "n_estimators",
        "max_leaf_nodes": "max_leaf_nodes",
        "max_depth": "max_depth",
        "min_samples_leaf": "min_samples_leaf",
        "l2_regularization": "l2_regularization",
        "max_bins": "max_bins",
        "grow_policy": "grow_policy",
        "min_child_weight": "min_child_weight",
        "min_split_gain": "min_split_gain",
        "boosting_type": "boosting_type",
        "data_sample_strategy": "data_sample_strategy",
        "subsample": "subsample",
        "subsample_freq": "subsample_freq",
        "pos_bagging_fraction": "pos_bagging_fraction",
        "neg_bagging_fraction": "neg_bagging_fraction",
        "top_rate": "top_rate",
        "other_rate": "other_rate",
        "drop_rate": "drop_rate",
        "max_drop": "max_drop",
        "skip_drop": "skip_drop",
        "linear_tree": "linear_tree",
        "linear_lambda": "linear_lambda",
        "max_features": "max_features",
        "max_features_by_level": "max_features_by_level",
        "max_features_by_node": "max_features_by_node",
        "monotonic_cst": "monotonic_cst",
        "interaction_cst": "interaction_cst",
        "patience": "patience",
        "min_delta": "min_delta",
        "eval_metric": "eval_metric",
        "lambdarank_truncation_level": "lambdarank_truncation_level",
        "max_cat_to_onehot": "max_cat_to_onehot",
        "max_cat_threshold": "max_cat_threshold",
        "min_samples_group": "min_samples_group",
        "cat_smooth": "cat_smooth",
        "cat_l2": "cat_l2",
    }
    _prepare = ("dates", "levels")
    _reads_missing = True

    def __init__(
        self,
        loss: str | None = "lambdarank",
        *,
        learning_rate: float = 0.1,
        n_estimators: int = 100,
        max_leaf_nodes: int = 31,
        max_depth: int | None = None,
        min_samples_leaf: int = 20,
        l2_regularization: float = 1.0,
        max_bins: int = 255,
        validation_fraction: float = 0.1,
        random_state: int | None = None,
        n_jobs: int | None = None,
        grow_policy: str = "leaf_wise",
        min_child_weight: float = 0.001,
        min_split_gain: float = 0.0,
        boosting_type: str = "gbdt",
        data_sample_strategy: str = "bagging",
        subsample: float = 1.0,
        subsample_freq: int = 1,
        pos_bagging_fraction: float = 1.0,
        neg_bagging_fraction: float = 1.0,
        top_rate: float = 0.2,
        other_rate: float = 0.1,
        drop_rate: float = 0.1,
        max_drop: int = 50,
        skip_drop: float = 0.5,
        linear_tree: bool = False,
        linear_lambda: float = 0.0,
        max_features: float = 1.0,
        max_features_by_level: float = 1.0,
        max_features_by_node: float = 1.0,
        monotonic_cst: dict[Any, Any] | Sequence[str] | None = None,
        interaction_cst: Sequence[Sequence[str | int]] | None = None,
        patience: int | None = None,
        min_delta: float = 0.0,
        eval_metric: str | None = None,
        lambdarank_truncation_level: int = 30,
        max_cat_to_onehot: int = 4,
        max_cat_threshold: int = 32,
        min_samples_group: int = 100,
        cat_smooth: float = 10.0,
        cat_l2: float = 10.0,
    ) -> None:
        self.loss = loss
        self.learning_rate = learning_rate
        self.n_estimators = n_estimators
        self.max_leaf_nodes = max_leaf_nodes
        self.max_depth = max_depth
        self.min_samples_leaf = min_samples_leaf
        self.l2_regularization = l2_regularization
        self.max_bins = max_bins
        self.validation_fraction = validation_fraction
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.grow_policy = grow_policy
        self.min_child_weight = min_child_weight
        self.min_split_gain = min_split_gain
        self.boosting_type = boosting_type
        self.data_sample_strategy = data_sample_strategy
        self.subsample = subsample
        self.subsample_freq = subsample_freq
        self.pos_bagging_fraction = pos_bagging_fraction
        self.neg_bagging_fraction = neg_bagging_fraction
        self.top_rate = top_rate
        self.other_rate = other_rate
        self.drop_rate = drop_rate
        self.max_drop = max_drop
        self.skip_drop = skip_drop
        self.linear_tree = linear_tree
        self.linear_lambda = linear_lambda
        self.max_features = max_features
        self.max_features_by_level = max_features_by_level
        self.max_features_by_node = max_features_by_node
        self.monotonic_cst = monotonic_cst
        self.interaction_cst = interaction_cst
        self.patience = patience
        self.min_delta = min_delta
        self.eval_metric = eval_metric
        self.lambdarank_truncation_level = lambdarank_truncation_level
        self.max_cat_to_onehot = max_cat_to_onehot
        self.max_cat_threshold = max_cat_threshold
        self.min_samples_group = min_samples_group
        self.cat_smooth = cat_smooth
        self.cat_l2 = cat_l2
