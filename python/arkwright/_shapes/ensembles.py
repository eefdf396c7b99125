"""Estimators that hold another."""

from __future__ import annotations

from typing import Any

from .._base import Estimator
from .._learner import Classifier, Predictor, Regressor, Rows
from .trees import is_count


class _Of(Predictor):
    """An estimator that holds another."""

    def _inner(self, rows: Rows) -> dict[str, Any]:
        if self.estimator is None:
            return {"kind": "decision_tree"}
        if not isinstance(self.estimator, Estimator):
            kind = type(self.estimator)
            raise TypeError(f"estimator is one of arkwright's, not {kind.__module__}.{kind.__name__}")
        part = self.estimator._part(rows)
        weights = part.get("class_weight")
        if isinstance(weights, dict) and rows.classes is not None:
            part["class_weight"] = {str(i): weights.get(str(c), 1.0) for i, c in enumerate(rows.classes)}
        share = self.estimator._held_out(rows)
        return part if share is None else {"kind": "hold_out", "of": part, "share": share}


class _Bagged(_Of):
    @property
    def _prepare(self) -> tuple[str, ...]:
        """What prepares columns for the estimator within prepares them for all."""
        return ("dates", "levels") if self.estimator is None else getattr(self.estimator, "_prepare", ())

    @property
    def _reads_missing(self) -> bool:
        return self.estimator is None or getattr(self.estimator, "_reads_missing", False)

    def _shaped(self, part: dict[str, Any], rows: Rows) -> dict[str, Any]:
        part = {**part, "of": self._inner(rows)}
        if is_count(part.get("max_features")):
            part["max_features"] = min(1.0, part["max_features"] / len(rows.columns))
        return part

    @property
    def oob_score_(self) -> float:
        """How well the rows are answered by the models that did not draw them."""
        if "oob_score" not in self.notes_:
            raise AttributeError("oob_score_ is there once fitted with oob_score=True")
        return self.notes_["oob_score"]


class BaggedClassifier(_Bagged, Classifier):
    """Bagging of a classifier."""


class BaggedRegressor(_Bagged, Regressor):
    """Bagging of a regression."""


class _AdaBoosted(_Of):
    def _shaped(self, part: dict[str, Any], rows: Rows) -> dict[str, Any]:
        if self.estimator is None:
            return part
        tree = self._inner(rows)
        if tree.pop("kind") != "decision_tree" or set(self.estimator._changed()) - {"max_depth", "random_state"}:
            raise ValueError("AdaBoost boosts decision trees of which max_depth is set, and no other estimator")
        return {**part, "max_depth": tree.get("max_depth", 512)}


class AdaBoostedClassifier(_AdaBoosted, Classifier):
    """AdaBoost of classes."""


class AdaBoostedRegressor(_AdaBoosted, Regressor):
    """AdaBoost of numbers."""
