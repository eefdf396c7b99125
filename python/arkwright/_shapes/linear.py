"""Linear models: a strength of the penalty by another measure, and coefficients as attributes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._learner import Classifier, LogOdds, Predictor, Regressor, Rows


class _Linear(Predictor):
    def _coefficients(self) -> tuple[np.ndarray, np.ndarray]:
        blobs = self._blobs("linear")
        intercept = blobs["intercept"]
        return blobs["coef"].reshape(len(intercept), -1), intercept


class LinearRegressor(_Linear, Regressor):
    """Attributes of a fitted linear regression."""

    @property
    def coef_(self) -> np.ndarray:
        """The coefficients, one an input; one a level for categories."""
        return self._coefficients()[0][0]

    @property
    def intercept_(self) -> float:
        """The intercept."""
        return float(self._coefficients()[1][0])


class Descending(LinearRegressor):
    """A linear regression found by steps."""

    @property
    def n_iter_(self) -> int:
        """Steps, or rounds of coordinate descent."""
        return int(self.notes_.get("iterations", 1))


class AmountRegressor(Descending):
    """Amounts that are not negative."""

    _positive_target = True


class SumPenalty(LinearRegressor):
    """``alpha`` weighs the penalty against the sum of squared errors, not against their mean."""

    def _shaped(self, part: dict[str, Any], rows: Rows) -> dict[str, Any]:
        return {**part, "alpha": part["alpha"] / rows.weight}


class LinearDecision(LogOdds, _Linear, Classifier):
    """Attributes of classes with straight borders."""

    @property
    def coef_(self) -> np.ndarray:
        """The coefficients: 1 x p for two classes, else k x p."""
        return self._coefficients()[0]

    @property
    def intercept_(self) -> np.ndarray:
        """The intercepts: one for two classes, else k."""
        return self._coefficients()[1]


class LinearClassifier(LinearDecision):
    """Attributes of a fitted logistic regression."""

    @property
    def n_iter_(self) -> np.ndarray:
        """Steps of the solver."""
        return np.array([max(1, int(self.notes_.get("iterations", 1)))], dtype=np.int32)
