"""Where a class of scikit-learn's and an estimator of Arkwright's say the same in other words.

Each class here turns parameters into settings, or a fitted model's numbers into attributes, and no more.
"""

from .baseline import BlindClassifier, BlindRegressor
from .boosting import BoostedClassifier, BoostedRanker, BoostedRegressor, HistGradientClassifier, HistGradientRegressor
from .encoding import ByTarget, OneHot, Ordinal
from .ensembles import AdaBoostedClassifier, AdaBoostedRegressor, BaggedClassifier, BaggedRegressor
from .linear import Descending, LinearClassifier, LinearRegressor, SumPenalty
from .scaling import Filler, MeanScaler, MedianScaler, RangeScaler, Scaler
from .trees import TreeClassifier, TreeRegressor, Trees
from .unsupervised import Clusterer, Decomposition

__all__ = [
    "Clusterer",
    "Decomposition",
    "AdaBoostedClassifier",
    "AdaBoostedRegressor",
    "BaggedClassifier",
    "BaggedRegressor",
    "BlindClassifier",
    "BlindRegressor",
    "BoostedClassifier",
    "BoostedRanker",
    "BoostedRegressor",
    "ByTarget",
    "Descending",
    "Filler",
    "HistGradientClassifier",
    "HistGradientRegressor",
    "LinearClassifier",
    "LinearRegressor",
    "MeanScaler",
    "MedianScaler",
    "OneHot",
    "Ordinal",
    "RangeScaler",
    "Scaler",
    "SumPenalty",
    "TreeClassifier",
    "TreeRegressor",
    "Trees",
]
