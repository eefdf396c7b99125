"""Learners of the inputs alone: clusterings and decompositions, with what they found as attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .._learner import Transformer

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
        blobs = self._blobs("k_means")
        return blobs["centres"].reshape(-1, self.n_features_in_) + blobs["mean"]


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
