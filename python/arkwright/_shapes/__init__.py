"""Where a class of scikit-learn's and an estimator of Arkwright's say the same in other words.

Each class here turns parameters into settings, or a fitted model's numbers into attributes, and no more.
"""

from .baseline import BlindClassifier, BlindRegressor
from .boosting import BoostedClassifier, BoostedRanker, BoostedRegressor, HistGradientClassifier, HistGradientRegressor
from .encoding import ByTarget, OneHot, Ordinal
from .ensembles import AdaBoostedClassifier, AdaBoostedRegressor, BaggedClassifier, BaggedRegressor
from .generative import Counting, Gaussian, LinearDiscriminant, QuadraticDiscriminant, Switching
from .linear import AmountRegressor, Descending, LinearClassifier, LinearRegressor, SumPenalty
from .neighbors import NearClassifier, NearRegressor
from .scaling import Filler, MeanScaler, MedianScaler, RangeScaler, Scaler
from .trees import TreeClassifier, TreeRegressor, Trees
from .unsupervised import Clusterer, Decomposition, DensityClusterer
from .vectors import VectorClassifier, VectorRegressor

__all__ = [
    "Clusterer",
    "Counting",
    "Decomposition",
    "DensityClusterer",
    "Gaussian",
    "LinearDiscriminant",
    "NearClassifier",
    "NearRegressor",
    "QuadraticDiscriminant",
    "Switching",
    "AdaBoostedClassifier",
    "AdaBoostedRegressor",
    "AmountRegressor",
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
    "VectorClassifier",
    "VectorRegressor",
]
