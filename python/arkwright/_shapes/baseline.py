"""The baseline, by scikit-learn's names of its strategies."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._learner import Classifier, Predictor, Regressor, Rows


class _Blind(Predictor):
    _reads_missing = True
    _poor_score = True


class BlindClassifier(_Blind, Classifier):
    """The same answer for every row."""

    def _shaped(self, part: dict[str, Any], rows: Rows) -> dict[str, Any]:
        names = {"prior": "mean", "most_frequent": "most_frequent"}
        if self.strategy not in names:
            raise ValueError(f"strategy is 'prior' or 'most_frequent', not {self.strategy!r}")
        return {**part, "strategy": names[self.strategy]}

    @property
    def class_prior_(self) -> np.ndarray:
        """The share of each class."""
        return self._blobs("constant")["answer"]


class BlindRegressor(_Blind, Regressor):
    """The same answer for every row."""

    @property
    def constant_(self) -> np.ndarray:
        """The answer, 1 x 1."""
        return self._blobs("constant")["answer"][None, :]
