"""Gradient boosting: constraints by name, early stopping, groups and events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _inputs
from .._learner import Classifier, LogOdds, Regressor, Rows
from .trees import Trees

if TYPE_CHECKING:
    from typing_extensions import Self


class _Boosted(Trees):
    """Gradient boosting; the trees may be fewer than asked for."""

    @property
    def n_iter_(self) -> int:
        """Rounds that were kept."""
        notes = self.notes_
        return int(notes["best_round"] if "best_round" in notes and self._patience() else notes["rounds"])

    def _patience(self) -> int | None:
        return self.patience

    def _held_out(self, rows: Rows) -> float | None:
        return self.validation_fraction if self._patience() else None

    def _shaped(self, part: dict[str, Any], rows: Rows) -> dict[str, Any]:
        part = dict(part)
        signs = getattr(self, "monotonic_cst", None)
        if isinstance(signs, dict):
            unknown = [name for name in signs if name not in rows.columns]
            if unknown:
                raise ValueError(f"monotonic_cst names {unknown[0]!r}, and the columns are {', '.join(rows.columns)}")
            part["monotonic_cst"] = [int(signs.get(name, 0)) for name in rows.columns]
        sets = getattr(self, "interaction_cst", None)
        if sets is not None:
            place = {name: i for i, name in enumerate(rows.columns)}
            if isinstance(sets, str):
                pairs = [(i, j) for i in range(len(place)) for j in range(i)]
                words = {"no_interactions": [[i] for i in range(len(place))], "pairwise": pairs}
                if sets not in words:
                    raise ValueError(
                        f"interaction_cst is 'pairwise', 'no_interactions' or sets of columns, not {sets!r}"
                    )
                sets = words[sets]
            part["interaction_cst"] = [[place.get(c, c) if isinstance(c, str) else int(c) for c in s] for s in sets]
        return part


class BoostedClassifier(LogOdds, _Boosted, Classifier):
    """Gradient boosting of classes."""


class BoostedRegressor(_Boosted, Regressor):
    """Gradient boosting of numbers, and of times whose end may not have been seen."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, event: Any = None) -> Self:
        """Fits to rows.

        Parameters
        ----------
        X : array, or a table of pandas, Polars or PyArrow, n_rows x n_inputs
        y : numbers, one a row; times for the losses ``cox`` and ``aft``
        sample_weight : numbers, not negative, default=None
        event : 1 or 0 a row, default=None
            Whether the end of a row's time was seen, for ``cox`` and ``aft``; all were if None.
        """
        return self._fit(X, y, sample_weight, event=event)


class BoostedRanker(_Boosted, Regressor):
    """Gradient boosting of the order within groups."""

    _estimator_type = None

    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, group: Any = None) -> Self:
        """Fits to rows.

        Parameters
        ----------
        X : array, or a table of pandas, Polars or PyArrow, n_rows x n_inputs
        y : relevances, one a row, not negative
        sample_weight : numbers, not negative, default=None
        group : labels, one a row, default=None
            Which rows are ranked among themselves; all with all if None.
        """
        if group is None and y is not None:
            group = np.zeros(np.asarray(y).shape[0], dtype=np.int64)
        if group is not None and len(group) == 1:
            raise ValueError("one sample (n_samples = 1) has no order to learn")
        return self._fit(X, y, sample_weight, group=group)

    def score(self, X: Any, y: Any, sample_weight: Any = None, *, group: Any = None) -> float:
        """The mean over the groups of the normalised discounted gain, with gains of 2^y - 1."""
        y, scores = _inputs.column(y, "y").astype(np.float64), self.predict(X)
        groups = np.zeros(len(y)) if group is None else np.asarray(group)
        found = [_gain(y[groups == g], scores[groups == g]) for g in np.unique(groups)]
        return float(np.mean(found))


def _gain(y: np.ndarray, scores: np.ndarray) -> float:
    discount = 1 / np.log2(np.arange(len(y)) + 2)
    gain = np.exp2(y) - 1
    best = float(np.sort(gain)[::-1] @ discount)
    return float(gain[np.argsort(-scores, kind="stable")] @ discount) / best if best > 0 else 1.0


class _HistGradient(_Boosted):
    """scikit-learn's names of early stopping."""

    def _stops(self, rows: Rows | None) -> bool:
        if self.early_stopping == "auto":
            return rows is not None and rows.rows > 10_000
        return bool(self.early_stopping)

    def _patience(self) -> int | None:
        return self.n_iter_no_change if getattr(self, "_stopped_early", False) else None

    def _held_out(self, rows: Rows) -> float | None:
        return self.validation_fraction if self._stops(rows) else None

    def _shaped(self, part: dict[str, Any], rows: Rows) -> dict[str, Any]:
        part = super()._shaped(part, rows)
        self._stopped_early = self._stops(rows)
        for name in ("patience", "min_delta"):
            if not self._stopped_early:
                part.pop(name, None)
        return part


class HistGradientClassifier(LogOdds, _HistGradient, Classifier):
    """Gradient boosting of classes, by scikit-learn's names."""


class HistGradientRegressor(_HistGradient, Regressor):
    """Gradient boosting of numbers, by scikit-learn's names."""
