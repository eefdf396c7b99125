"""Classes by how likely each makes a row: naive Bayes and discriminant analysis, with what they learnt as attributes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._learner import Classifier, LogOdds, Rows
from .linear import LinearDecision


class Gaussian(LogOdds, Classifier):
    """Normal columns."""

    @property
    def theta_(self) -> np.ndarray:
        """The mean of each column in each class."""
        return self._blobs("gaussians")["means"].reshape(len(self.classes_), -1)

    @property
    def var_(self) -> np.ndarray:
        """The variance of each column in each class."""
        return self._blobs("gaussians")["variances"].reshape(len(self.classes_), -1)

    @property
    def class_prior_(self) -> np.ndarray:
        """The share of each class."""
        return np.exp(self._blobs("gaussians")["prior"])


class Counting(Classifier):
    """Columns of counts."""

    _positive_only = True
    _poor_score = True

    def _fit(self, X: Any, y: Any, sample_weight: Any) -> Any:
        try:
            return super()._fit(X, y, sample_weight)
        except ValueError as error:
            if "a number below 0" not in str(error):
                raise
            raise ValueError(f"Negative values in data passed to {type(self).__name__}: {error}") from None

    @property
    def feature_log_prob_(self) -> np.ndarray:
        """The weight of each column in each class."""
        return self._blobs("linear")["coef"].reshape(len(self.classes_), -1)

    @property
    def class_log_prior_(self) -> np.ndarray:
        """The logarithm of the share of each class; 0 where it plays no part."""
        return self._blobs("linear")["intercept"]


class Switching(Classifier):
    """Things that are there or not."""

    _poor_score = True


class LinearDiscriminant(LinearDecision):
    """Clouds of one shape."""

    def _shaped(self, part: dict[str, Any], rows: Rows) -> dict[str, Any]:
        # Another way to the same borders.
        return {**part, "solver": "lsqr"} if part.get("solver") == "eigen" else part


class QuadraticDiscriminant(LogOdds, Classifier):
    """Clouds, each of its own shape."""

    @property
    def means_(self) -> np.ndarray:
        """The mean of each column in each class."""
        return self._blobs("clouds")["means"].reshape(len(self.classes_), -1)
