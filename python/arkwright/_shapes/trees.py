"""Trees and forests: parameters that count rows or columns, where settings are shares of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .._learner import Classifier, Predictor, Regressor, Rows


class Trees(Predictor):
    """Trees on columns, some of whose parameters may count rows or columns."""

    def _shaped(self, part: dict[str, Any], rows: Rows) -> dict[str, Any]:
        columns = len(rows.columns)
        part = dict(part)
        if "max_features" in self._settings and self.max_features is None:
            part["max_features"] = 1.0
        if is_count(part.get("max_features")):
            part["max_features"] = min(1.0, part["max_features"] / columns)
        for name, least in (("min_samples_leaf", 1), ("min_samples_split", 2)):
            if isinstance(part.get(name), float):
                part[name] = max(least, math.ceil(part[name] * rows.rows))
        return part

    @property
    def feature_importances_(self) -> np.ndarray:
        """The share of each input in the decrease of impurity (gain); they sum up to 1."""
        gain = self.notes_["importances"]["gain"]
        return np.array([gain.get(name, 0.0) for name in self._columns])

    @property
    def oob_score_(self) -> float:
        """How well the rows are answered by the trees that did not draw them."""
        if "oob_score" not in self.notes_:
            raise AttributeError("oob_score_ is there once fitted with oob_score=True")
        return self.notes_["oob_score"]


def is_count(value: Any) -> bool:
    """Whether a parameter counts, and is no share."""
    return isinstance(value, int) and not isinstance(value, bool)


class TreeRegressor(Trees, Regressor):
    """A regression by trees."""


class TreeClassifier(Trees, Classifier):
    """A classification by trees."""
