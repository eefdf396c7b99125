"""Neighbours: fitted without weights, as scikit-learn's are, and by whichever way finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._learner import Classifier, Predictor, Regressor, Rows

if TYPE_CHECKING:
    from typing_extensions import Self


class _Near(Predictor):
    def _shaped(self, part: dict[str, Any], rows: Rows) -> dict[str, Any]:
        wanted = part.get("n_neighbors")
        if isinstance(wanted, int) and wanted > rows.rows:
            raise ValueError(
                f"Expected n_neighbors <= n_samples_fit, but n_neighbors = {wanted}, n_samples_fit = {rows.rows}, "
                f"n_samples = {rows.rows}"
            )
        # There is one tree; all ways find the same rows.
        return {**part, "algorithm": "kd_tree"} if part.get("algorithm") == "ball_tree" else part

    @property
    def n_samples_fit_(self) -> int:
        """The number of rows that were learnt."""
        return len(self._blobs("neighbors")["rows"]) // self.n_features_in_


class NearClassifier(_Near, Classifier):
    """Classes by the rows nearby."""

    def fit(self, X: Any, y: Any) -> Self:
        """Keeps the rows.

        Parameters
        ----------
        X : array, or a table of pandas, Polars or PyArrow, n_rows x n_inputs
        y : labels, one a row
        """
        return self._fit(X, y, None)


class NearRegressor(_Near, Regressor):
    """Numbers by the rows nearby."""

    def fit(self, X: Any, y: Any) -> Self:
        """Keeps the rows.

        Parameters
        ----------
        X : array, or a table of pandas, Polars or PyArrow, n_rows x n_inputs
        y : numbers, one a row
        """
        return self._fit(X, y, None)
