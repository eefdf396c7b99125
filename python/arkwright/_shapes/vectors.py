"""Support vector machines: a limit of steps by scikit-learn's word for none, and the vectors as attributes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._learner import Classifier, LogOdds, Predictor, Regressor, Rows


class _Vectors(Predictor):
    def _shaped(self, part: dict[str, Any], rows: Rows) -> dict[str, Any]:
        return {key: value for key, value in part.items() if key != "max_iter" or value != -1}

    @property
    def support_vectors_(self) -> np.ndarray:
        """The rows on which the answers rest."""
        blobs = self._blobs("machines")
        return blobs["vectors"].reshape(-1, self.n_features_in_) + blobs["mean"]

    @property
    def intercept_(self) -> np.ndarray:
        """What is added to the sum of kernels: one, or one a pair of classes."""
        return -self._blobs("machines")["rho"]


class VectorClassifier(LogOdds, _Vectors, Classifier):
    """The widest margin. The probabilities are a function of the decisions, and are not calibrated."""


class VectorRegressor(_Vectors, Regressor):
    """A flat function within a tube."""
