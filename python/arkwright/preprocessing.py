"""Scaling and encoding.

Written by generate.py from the settings of the Rust estimators: change those, or classes.py.
"""

from __future__ import annotations

from . import _shapes

__all__ = [
    "MaxAbsScaler",
    "MinMaxScaler",
    "OneHotEncoder",
    "OrdinalEncoder",
    "RobustScaler",
    "StandardScaler",
    "TargetEncoder",
]


class StandardScaler(_shapes.MeanScaler):
    """Subtracts each column's mean and divides by its standard deviation.

    The estimator `scale` of system files.

    Parameters
    ----------
    copy : bool, default=True
        There for scripts; inputs are never written to.
    with_mean : bool, default=True
        Whether the mean is subtracted.
    with_std : bool, default=True
        Whether to divide by the standard deviation.

    Examples
    --------
    >>> from arkwright.preprocessing import StandardScaler
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> StandardScaler().fit_transform(X).shape[0]
    40
    """

    _kind = "scale"
    _fixed = {"method": "standard"}

    def __init__(
        self,
        *,
        copy: bool = True,
        with_mean: bool = True,
        with_std: bool = True,
    ) -> None:
        self.copy = copy
        self.with_mean = with_mean
        self.with_std = with_std


class MinMaxScaler(_shapes.RangeScaler):
    """Brings each column to the start of a range at its smallest value, and to its end at its largest.

    The estimator `scale` of system files.

    Parameters
    ----------
    feature_range : tuple[float, float], default=(0, 1)
        The range.
    copy : bool, default=True
        There for scripts; inputs are never written to.
    clip : bool, default=False
        Whether values of rows to come are kept within the range.

    Examples
    --------
    >>> from arkwright.preprocessing import MinMaxScaler
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> MinMaxScaler().fit_transform(X).shape[0]
    40
    """

    _kind = "scale"
    _fixed = {"method": "minmax"}

    def __init__(
        self,
        feature_range: tuple[float, float] = (0, 1),
        *,
        copy: bool = True,
        clip: bool = False,
    ) -> None:
        self.feature_range = feature_range
        self.copy = copy
        self.clip = clip


class RobustScaler(_shapes.MedianScaler):
    """Subtracts each column's median and divides by the range between its quartiles.

    The estimator `scale` of system files.

    Parameters
    ----------
    with_centering : bool, default=True
        Whether the median is subtracted.
    with_scaling : bool, default=True
        Whether to divide by the range between the quartiles.
    copy : bool, default=True
        There for scripts; inputs are never written to.

    Examples
    --------
    >>> from arkwright.preprocessing import RobustScaler
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> RobustScaler().fit_transform(X).shape[0]
    40
    """

    _kind = "scale"
    _fixed = {"method": "robust"}

    def __init__(
        self,
        *,
        with_centering: bool = True,
        with_scaling: bool = True,
        copy: bool = True,
    ) -> None:
        self.with_centering = with_centering
        self.with_scaling = with_scaling
        self.copy = copy


class MaxAbsScaler(_shapes.Scaler):
    """Divides each column by its largest absolute value.

    The estimator `scale` of system files.

    Parameters
    ----------
    copy : bool, default=True
        There for scripts; inputs are never written to.

    Examples
    --------
    >>> from arkwright.preprocessing import MaxAbsScaler
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> MaxAbsScaler().fit_transform(X).shape[0]
    40
    """

    _kind = "scale"
    _fixed = {"method": "maxabs"}

    def __init__(
        self,
        *,
        copy: bool = True,
    ) -> None:
        self.copy = copy


class OneHotEncoder(_shapes.OneHot):
    """Makes a vector of 0 and 1 of each category or column of levels; its places are named `COL=level`.

    The estimator `one_hot` of system files.

    Parameters
    ----------
    drop : str | None, default=None
        'first' leaves out the first category, which the others determine.
    sparse_output : bool, default=False
        Whether to give a SciPy CSR matrix.
    handle_unknown : str, default="error"
        What becomes of a category never seen: an error, or what the other value says.
    min_frequency : int, default=1
        How often a value of a category must come to have a level of its own.
    max_categories : int, default=255
        How many levels a category has at most, `(other)` included.

    Examples
    --------
    >>> from arkwright.preprocessing import OneHotEncoder
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> OneHotEncoder().fit_transform(X).shape[0]
    40
    """

    _kind = "one_hot"
    _settings = {
        "min_frequency": "min_frequency",
        "max_categories": "max_levels",
    }

    def __init__(
        self,
        *,
        drop: str | None = None,
        sparse_output: bool = False,
        handle_unknown: str = "error",
        min_frequency: int = 1,
        max_categories: int = 255,
    ) -> None:
        self.drop = drop
        self.sparse_output = sparse_output
        self.handle_unknown = handle_unknown
        self.min_frequency = min_frequency
        self.max_categories = max_categories


class OrdinalEncoder(_shapes.Ordinal):
    """Gives each category a number, in the order of the categories.

    The estimator `levels` of system files.

    Parameters
    ----------
    handle_unknown : str, default="error"
        What becomes of a category never seen: an error, or what the other value says.
    unknown_value : float | None, default=None
        The code of categories never seen, with 'use_encoded_value'.
    encoded_missing_value : float, default=float("nan")
        The code of what is missing.
    min_frequency : int, default=1
        How often a value must come to have a level of its own.
    max_categories : int, default=16777216
        How many levels a column has at most, `(other)` and `(missing)` included; the most frequent are kept, of
        equally frequent ones the first in sort order.

    Examples
    --------
    >>> from arkwright.preprocessing import OrdinalEncoder
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> OrdinalEncoder().fit_transform(X).shape[0]
    40
    """

    _kind = "levels"
    _settings = {
        "min_frequency": "min_frequency",
        "max_categories": "max_levels",
    }

    def __init__(
        self,
        *,
        handle_unknown: str = "error",
        unknown_value: float | None = None,
        encoded_missing_value: float = float("nan"),
        min_frequency: int = 1,
        max_categories: int = 16777216,
    ) -> None:
        self.handle_unknown = handle_unknown
        self.unknown_value = unknown_value
        self.encoded_missing_value = encoded_missing_value
        self.min_frequency = min_frequency
        self.max_categories = max_categories


class TargetEncoder(_shapes.ByTarget):
    """Encodes categories by the mean of the target, cross-fitted on the rows that it learns from. A number `COL` for a
    number or two classes (the probability of the last); numbers `COL.CLASS` for more classes. A missing value is a
    value of its own; one never seen gets the overall mean.

    The estimator `target_encode` of system files.

    Parameters
    ----------
    target_type : str, default="auto"
        What the target is: 'continuous', 'binary' or 'multiclass'. 'auto': continuous where it has fractions.
    smooth : float | None, default=None
        How many rows of the overall mean are mixed into each value; by empirical Bayes if not given.
    cv : int, default=5
        The number of folds, at least 2.
    random_state : int | None, default=None
        The seed of what is drawn at random, or a NumPy generator. None is the seed 0: the same rows give the
        same model.

    Examples
    --------
    >>> from arkwright.preprocessing import TargetEncoder
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> TargetEncoder().fit_transform(X, [1.0, 1.5, 2.0, 2.5] * 10).shape[0]
    40
    """

    _kind = "target_encode"
    _settings = {
        "smooth": "smooth",
        "cv": "cv",
    }

    def __init__(
        self,
        *,
        target_type: str = "auto",
        smooth: float | None = None,
        cv: int = 5,
        random_state: int | None = None,
    ) -> None:
        self.target_type = target_type
        self.smooth = smooth
        self.cv = cv
        self.random_state = random_state
