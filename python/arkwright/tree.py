"""Single trees.

Written by generate.py from the settings of the Rust estimators: change those, or classes.py.
"""

from __future__ import annotations

from typing import Any

from . import _shapes

__all__ = [
    "DecisionTreeClassifier",
    "DecisionTreeRegressor",
]


class DecisionTreeClassifier(_shapes.TreeClassifier):
    """One decision tree. Reads missing values and levels as they are.

    The estimator `decision_tree` of system files.

    Parameters
    ----------
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
        The share of all weight that a leaf needs, at most 0.5. 0.
    max_features : str | float | None, default=None
        Features that a node looks at: `sqrt`, `log2` or a share. All when absent.
    random_state : int | None, default=None
        The seed of what is drawn at random, or a NumPy generator. None is the seed 0: the same rows give the
        same model.
    max_leaf_nodes : int | None, default=None
        Leaves; no limit when absent. With one, the leaf that gains most is split next.
    min_impurity_decrease : float, default=0.0
        How much purer a split must make the whole. 0.
    class_weight : dict[Any, float] | str | None, default=None
        `balanced` makes rare classes count as much as frequent ones; or a weight for each class. Each row
        counts the same when absent.
    ccp_alpha : float, default=0.0
        A branch is cut back unless each of its leaves makes the whole purer by more than this. 0.

    Examples
    --------
    >>> from arkwright.tree import DecisionTreeClassifier
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = DecisionTreeClassifier().fit(X, ["a", "a", "b", "b"] * 10)
    >>> model.predict_proba([[0.5], [2.5]]).shape
    (2, 2)
    """

    _kind = "decision_tree"
    _settings = {
        "criterion": "criterion",
        "max_depth": "max_depth",
        "min_samples_split": "min_samples_split",
        "min_samples_leaf": "min_samples_leaf",
        "min_weight_fraction_leaf": "min_weight_fraction_leaf",
        "max_features": "max_features",
        "max_leaf_nodes": "max_leaf_nodes",
        "min_impurity_decrease": "min_impurity_decrease",
        "class_weight": "class_weight",
        "ccp_alpha": "ccp_alpha",
    }
    _prepare = ("dates", "levels")
    _reads_missing = True

    def __init__(
        self,
        *,
        criterion: str | None = None,
        max_depth: int | None = None,
        min_samples_split: int = 2,
        min_samples_leaf: int = 1,
        min_weight_fraction_leaf: float = 0.0,
        max_features: str | float | None = None,
        random_state: int | None = None,
        max_leaf_nodes: int | None = None,
        min_impurity_decrease: float = 0.0,
        class_weight: dict[Any, float] | str | None = None,
        ccp_alpha: float = 0.0,
    ) -> None:
        self.criterion = criterion
        self.max_depth = max_depth
        self.min_samples_split = min_samples_split
        self.min_samples_leaf = min_samples_leaf
        self.min_weight_fraction_leaf = min_weight_fraction_leaf
        self.max_features = max_features
        self.random_state = random_state
        self.max_leaf_nodes = max_leaf_nodes
        self.min_impurity_decrease = min_impurity_decrease
        self.class_weight = class_weight
        self.ccp_alpha = ccp_alpha


class DecisionTreeRegressor(_shapes.TreeRegressor):
    """One decision tree. Reads missing values and levels as they are.

    The estimator `decision_tree` of system files.

    Parameters
    ----------
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
        The share of all weight that a leaf needs, at most 0.5. 0.
    max_features : str | float | None, default=None
        Features that a node looks at: `sqrt`, `log2` or a share. All when absent.
    random_state : int | None, default=None
        The seed of what is drawn at random, or a NumPy generator. None is the seed 0: the same rows give the
        same model.
    max_leaf_nodes : int | None, default=None
        Leaves; no limit when absent. With one, the leaf that gains most is split next.
    min_impurity_decrease : float, default=0.0
        How much purer a split must make the whole. 0.
    ccp_alpha : float, default=0.0
        A branch is cut back unless each of its leaves makes the whole purer by more than this. 0.

    Examples
    --------
    >>> from arkwright.tree import DecisionTreeRegressor
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = DecisionTreeRegressor().fit(X, [0, 1, 2, 3] * 10)
    >>> model.predict([[0.5], [2.5]]).shape
    (2,)
    """

    _kind = "decision_tree"
    _settings = {
        "criterion": "criterion",
        "max_depth": "max_depth",
        "min_samples_split": "min_samples_split",
        "min_samples_leaf": "min_samples_leaf",
        "min_weight_fraction_leaf": "min_weight_fraction_leaf",
        "max_features": "max_features",
        "max_leaf_nodes": "max_leaf_nodes",
        "min_impurity_decrease": "min_impurity_decrease",
        "ccp_alpha": "ccp_alpha",
    }
    _prepare = ("dates", "levels")
    _reads_missing = True

    def __init__(
        self,
        *,
        criterion: str | None = None,
        max_depth: int | None = None,
        min_samples_split: int = 2,
        min_samples_leaf: int = 1,
        min_weight_fraction_leaf: float = 0.0,
        max_features: str | float | None = None,
        random_state: int | None = None,
        max_leaf_nodes: int | None = None,
        min_impurity_decrease: float = 0.0,
        ccp_alpha: float = 0.0,
    ) -> None:
        self.criterion = criterion
        self.max_depth = max_depth
        self.min_samples_split = min_samples_split
        self.min_samples_leaf = min_samples_leaf
        self.min_weight_fraction_leaf = min_weight_fraction_leaf
        self.max_features = max_features
        self.random_state = random_state
        self.max_leaf_nodes = max_leaf_nodes
        self.min_impurity_decrease = min_impurity_decrease
        self.ccp_alpha = ccp_alpha
