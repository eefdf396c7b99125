"""Learners of the inputs alone: clusterings and decompositions, with what they found as attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _inputs
from .._learner import Fitting, Transformer

if TYPE_CHECKING:
    from typing_extensions import Self


class Clusterer(Transformer):
    """Rows in clusters: the cluster of each by `predict`, how far it lies from all of them by `transform`."""

    _takes = "number"
    _estimator_type = "clusterer"

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Finds the clusters; ``y`` is there for pipelines, and not looked at."""
        self._fit(X, y, sample_weight)
        self.labels_ = self.predict(X)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The cluster of each row."""
        made = self._fitted().apply(self._seen(X), self._threads())
        name = self._model.gives[0]
        return made.values([name])[name].astype(np.int32)

    def fit_predict(self, X: Any, y: Any = None, sample_weight: Any = None) -> np.ndarray:
        """Finds the clusters, and gives that of each row."""
        return self.fit(X, y, sample_weight).labels_

    def _matrix(self, given: Any) -> np.ndarray:
        return given.select(self._model.gives[1:]).whole()

    def _names_out(self) -> list[str]:
        return [f"{type(self).__name__.lower()}{i}" for i in range(len(self.cluster_centers_))]

    @property
    def cluster_centers_(self) -> np.ndarray:
        """The centres, a row each."""
        return self._blobs("k_means")["centres"].reshape(-1, self.n_features_in_)


class DensityClusterer(Fitting):
    """Rows in clusters of any shape, and noise."""

    _takes = "number"
    _estimator_type = "clusterer"

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Finds the clusters; ``y`` is there for pipelines, and not looked at."""
        made = self._table(X)
        self._learn(made, weight=_inputs.weights(sample_weight, made.rows))
        self.labels_ = self._labels(made)
        return self

    def _labels(self, made: Any) -> np.ndarray:
        name = self._model.gives[0]
        codes = self._model.apply(made, self._threads()).values([name])[name]
        return np.where(np.isnan(codes), -1, codes).astype(np.int64)

    def predict(self, X: Any) -> np.ndarray:
        """The cluster of each row, by the cores near to it; -1 for noise."""
        return self._labels(self._seen(X))

    def fit_predict(self, X: Any, y: Any = None, sample_weight: Any = None) -> np.ndarray:
        """Finds the clusters, and gives that of each row; -1 for noise."""
        return self.fit(X, y, sample_weight).labels_

    @property
    def components_(self) -> np.ndarray:
        """The cores, a row each."""
        return self._blobs("dbscan")["cores"].reshape(-1, self.n_features_in_)


class Decomposition(Transformer):
    """A few directions: the rows along them by `transform`."""

    _takes = "number"

    @property
    def components_(self) -> np.ndarray:
        """The directions, a row each."""
        return self._blobs("projection")["components"].reshape(-1, self.n_features_in_)

    @property
    def mean_(self) -> np.ndarray:
        """The mean of each column."""
        return self._blobs("projection")["mean"]

    def _names_out(self) -> list[str]:
        return [f"{type(self).__name__.lower()}{i}" for i in range(len(self.components_))]
