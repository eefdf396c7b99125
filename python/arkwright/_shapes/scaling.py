"""Scalers and imputers: what they learnt as attributes, and the parts of them that can be left out."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._learner import Rows, Transformer


class Scaler(Transformer):
    """Columns on a common scale, (x - centre) / scale. A column that was constant is only centred."""

    _takes = "number"
    _reads_missing = True

    @property
    def scale_(self) -> np.ndarray:
        """What each column is divided by."""
        return self._blobs("scale")["scale"]

    @property
    def _centre(self) -> np.ndarray:
        return self._blobs("scale")["centre"]

    def _halves(self) -> tuple[bool, bool]:
        """Whether to subtract the centre, and whether to divide by the scale."""
        return True, True

    def transform(self, X: Any) -> Any:
        """The columns, scaled."""
        centres, divides = self._halves()
        if centres and divides:
            return super().transform(X)
        self._fitted()
        values = self._taken(self._seen(X)).values()
        matrix = np.column_stack([values[name] for name in self._columns])
        matrix = matrix - self._centre if centres else matrix
        return self._output(matrix / self.scale_ if divides else matrix, X)

    def inverse_transform(self, X: Any) -> np.ndarray:
        """The numbers that scaled ones came from."""
        self._fitted()
        centres, divides = self._halves()
        matrix = np.asarray(X, dtype=np.float64)
        matrix = matrix * self.scale_ if divides else matrix
        return matrix + self._centre if centres else matrix


class MeanScaler(Scaler):
    """Mean and standard deviation."""

    def _halves(self) -> tuple[bool, bool]:
        return self.with_mean, self.with_std

    @property
    def mean_(self) -> np.ndarray:
        """The mean of each column."""
        return self._centre

    @property
    def var_(self) -> np.ndarray:
        """The variance of each column; 1 where it was constant."""
        return self.scale_**2


class RangeScaler(Scaler):
    """Smallest value and range."""

    def _part(self, rows: Any) -> dict[str, Any]:
        low, high = self.feature_range
        if not low < high:
            raise ValueError(
                f"Minimum of desired feature range must be smaller than maximum. Got {self.feature_range}."
            )
        return super()._part(rows)

    def transform(self, X: Any) -> Any:
        """The columns, in the range."""
        self._fitted()
        low, high = self.feature_range
        matrix = self._matrix(self._model.apply(self._taken(self._seen(X)), self._threads()))
        matrix = matrix if (low, high) == (0, 1) else matrix * (high - low) + low
        return self._output(np.clip(matrix, low, high) if self.clip else matrix, X)

    def inverse_transform(self, X: Any) -> np.ndarray:
        """The numbers that scaled ones came from."""
        self._fitted()
        low, high = self.feature_range
        matrix = (np.asarray(X, dtype=np.float64) - low) / (high - low)
        return matrix * self.data_range_ + self._centre

    @property
    def data_min_(self) -> np.ndarray:
        """The smallest value of each column."""
        return self._centre

    @property
    def data_range_(self) -> np.ndarray:
        """The range of each column; 1 where it was constant."""
        return self._blobs("scale")["scale"]


class MedianScaler(Scaler):
    """Median and quartiles."""

    def _halves(self) -> tuple[bool, bool]:
        return self.with_centering, self.with_scaling

    @property
    def center_(self) -> np.ndarray:
        """The median of each column."""
        return self._centre


class Filler(Transformer):
    """Gaps filled."""

    _takes = "number"
    _reads_missing = True

    @property
    def statistics_(self) -> np.ndarray:
        """What the gaps of each column are filled with."""
        return self._blobs("impute")["fill"]

    def _shaped(self, part: dict[str, Any], rows: Rows) -> dict[str, Any]:
        if part.get("strategy") != "constant":
            part = {key: value for key, value in part.items() if key != "fill_value"}
        return part

    def _names_out(self) -> list[str]:
        known = dict(zip(self._columns, self._columns))
        ends = ".missing"
        return [
            self._called(name) if name in known else f"missingindicator_{self._called(name[: -len(ends)])}"
            for name in self._model.gives
        ]
