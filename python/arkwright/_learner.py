"""Estimators that predict, and estimators that transform: how they are fitted and asked."""

from __future__ import annotations

import json
import sys
import warnings
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from . import _core, _inputs, _sklearn
from ._base import Estimator

if TYPE_CHECKING:
    from typing_extensions import Self


class Rows(NamedTuple):
    """What a setting may depend on."""

    rows: int
    #: The names of the inputs.
    columns: list[str]
    #: The sum of the rows' weights.
    weight: float
    #: The classes, for a classifier.
    classes: np.ndarray | None


class Fitting(Estimator):
    """What predictors and transformers share."""

    #: The steps that make numbers and codes of times and of categories, where the learner takes them.
    _prepare: ClassVar[tuple[str, ...]] = ()

    def _table(self, X: Any) -> Any:
        """The inputs of a fit; sets ``n_features_in_`` and ``feature_names_in_``."""
        made, names = _inputs.table(X, type(self).__name__, missing=self._reads_missing)
        self.n_features_in_ = len(made.names)
        if names is not None:
            self.feature_names_in_ = np.array(names, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        self._columns = made.names
        return made

    def _seen(self, X: Any) -> Any:
        """Inputs to be answered: the columns that were fitted on, by name where they have names."""
        self._fitted()
        who = type(self).__name__
        made, names = _inputs.table(X, who, missing=self._reads_missing)
        known = getattr(self, "feature_names_in_", None)
        if names is not None and known is not None:
            lost = [name for name in known if name not in set(names)]
            extra = [name for name in names if name not in set(known)]
            if lost or extra:
                told = (
                    "".join(f"- {name}\n" for name in lost[:5])
                    if lost
                    else "".join(f"- {name}\n" for name in extra[:5])
                )
                what = (
                    "Feature names seen at fit time, yet now missing:" if lost else "Feature names unseen at fit time:"
                )
                raise ValueError(f"The feature names should match those that were passed during fit.\n{what}\n{told}")
            return made.select(self._columns)
        if len(made.names) != self.n_features_in_:
            raise ValueError(
                f"X has {len(made.names)} features, but {who} is expecting {self.n_features_in_} features as input."
            )
        if known is not None and names is None:
            warnings.warn(
                f"X does not have valid feature names, but {who} was fitted with feature names",
                UserWarning,
                stacklevel=3,
            )
        elif names is not None:
            warnings.warn(f"X has feature names, but {who} was fitted without feature names", UserWarning, stacklevel=3)
        return made.renamed(self._columns)

    def _learn(
        self,
        made: Any,
        *,
        target: np.ndarray | None = None,
        classes: np.ndarray | None = None,
        weight: np.ndarray | None = None,
        group: np.ndarray | None = None,
        event: np.ndarray | None = None,
    ) -> Any:
        """Fits the part; gives the rows that a next step would learn from, where they differ."""
        if weight is not None and not weight.all():
            # A row of weight 0 is no row, unless it is the only one of its class.
            kept = np.flatnonzero(weight)
            if classes is None or len(np.unique(target[kept])) == len(classes):
                made = made.take(kept.astype(np.uint32))
                target, weight, group, event = (None if v is None else v[kept] for v in (target, weight, group, event))
        total = float(made.rows if weight is None else weight.sum())
        rows = Rows(made.rows, made.names, total, classes)
        part = self._weighed(self._part(rows), rows)
        kinds = set(made.kinds)
        steps = [s for s in self._prepare if {"dates": "time", "levels": "category"}[s] in kinds]
        if steps:
            part = {"kind": "chain", "steps": [*steps, part]}
        share = self._held_out(rows)
        if share is not None:
            part = {"kind": "hold_out", "of": part, "share": share}
        self._model, self._notes, given = _core.fit(
            json.dumps(part),
            made,
            target=None if target is None else np.ascontiguousarray(target),
            classes=None if classes is None else len(classes),
            weight=None if weight is None else np.ascontiguousarray(weight),
            group=group,
            event=event,
            seed=self._seed(),
            threads=self._threads(),
        )
        steps_taken = (json.loads(self._notes) or {}).get("iterations")
        if isinstance(steps_taken, int) and not hasattr(type(self), "n_iter_"):
            self.n_iter_ = max(1, steps_taken)
        return given

    def _weighed(self, part: dict[str, Any], rows: Rows) -> dict[str, Any]:
        """Weights of classes, which Rust knows by their codes."""
        return part

    def _held_out(self, rows: Rows) -> float | None:
        """The share of the rows that the learner watches while it learns, if any."""
        return None

    def _blobs(self, format: str) -> dict[str, np.ndarray] | None:
        """The numbers of the first part of that format within the model."""

        def find(parts: dict[str, Any]) -> dict[str, np.ndarray] | None:
            if parts["format"] == format and parts["blobs"]:
                return parts["blobs"]
            return next((f for f in map(find, parts["children"].values()) if f is not None), None)

        return find(self._fitted().parts())


class Predictor(Fitting):
    """An estimator that predicts."""

    _needs_target = True

    def _answers(self, X: Any, name: str) -> np.ndarray:
        return self._fitted().apply(self._seen(X), self._threads()).values([name])[name]

    def _warn(self) -> None:
        if '"converged":false' in self._notes:
            warnings.warn(
                f"{type(self).__name__} did not converge: raise max_iter or tol, or scale the data.",
                _sklearn.convergence_warning(),
                stacklevel=3,
            )


class Regressor(Predictor):
    """An estimator that predicts numbers."""

    _estimator_type = "regressor"

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fits to rows.

        Parameters
        ----------
        X : array, or a table of pandas, Polars or PyArrow, n_rows x n_inputs
        y : numbers, one a row
        sample_weight : numbers, not negative, default=None
            How much each row counts; all the same if None.
        """
        return self._fit(X, y, sample_weight)

    def _fit(self, X: Any, y: Any, sample_weight: Any, group: Any = None, event: Any = None) -> Any:
        if y is None:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None")
        made = self._table(X)
        target = _inputs.numbers(y, made.rows)
        self._learn(
            made,
            target=target,
            weight=_inputs.weights(sample_weight, made.rows),
            group=_inputs.codes(group, made.rows, "group"),
            event=_inputs.codes(event, made.rows, "event"),
        )
        self._warn()
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The predicted number of each row."""
        return self._answers(X, "prediction")

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The coefficient of determination, 1 - squared errors / squared deviations from the mean."""
        y, w = _inputs.column(y, "y").astype(np.float64), sample_weight
        error = np.average((y - self.predict(X)) ** 2, weights=w)
        spread = np.average((y - np.average(y, weights=w)) ** 2, weights=w)
        return float(1 - error / spread) if spread > 0 else float(error == 0)


class Classifier(Predictor):
    """An estimator that predicts classes."""

    _estimator_type = "classifier"

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fits to rows.

        Parameters
        ----------
        X : array, or a table of pandas, Polars or PyArrow, n_rows x n_inputs
        y : labels, one a row
        sample_weight : numbers, not negative, default=None
            How much each row counts; all the same if None.
        """
        return self._fit(X, y, sample_weight)

    def _fit(self, X: Any, y: Any, sample_weight: Any) -> Any:
        who = type(self).__name__
        if y is None:
            raise ValueError(f"{who} requires y to be passed, but the target y is None")
        made = self._table(X)
        weight = _inputs.weights(sample_weight, made.rows)
        self.classes_, codes = _inputs.classes(y, made.rows, who)
        self._learn(made, target=codes, classes=self.classes_, weight=weight)
        self._warn()
        return self

    def _weighed(self, part: dict[str, Any], rows: Rows) -> dict[str, Any]:
        table = getattr(self, "class_weight", None)
        if not isinstance(table, dict):
            return part
        labels = list(rows.classes)
        unknown = [label for label in table if label not in labels]
        if unknown:
            raise ValueError(f"class_weight names {unknown[0]!r}, and the classes are {labels}")
        factors = [float(table.get(label, 1.0)) for label in labels]
        return {**part, "class_weight": {str(code): factor for code, factor in enumerate(factors)}}

    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of each class for each row, n_rows x n_classes, in the order of ``classes_``."""
        return self._answers(X, "probability")

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """The logarithms of :meth:`predict_proba`."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def predict(self, X: Any) -> np.ndarray:
        """The most probable class of each row; of equally probable ones the first."""
        codes = np.argmax(self.predict_proba(X), axis=1)
        return self.classes_[codes]

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The share of the rows whose class is predicted right."""
        return float(np.average(self.predict(X) == _inputs.column(y, "y"), weights=sample_weight))


class LogOdds:
    """Classifiers whose probabilities are a function of raw values: those are their decisions."""

    def decision_function(self, X: Any) -> np.ndarray:
        """The log-odds of the second of two classes, or the logarithm of each class's probability."""
        raw = np.log(np.maximum(self.predict_proba(X), 1e-300))
        return raw[:, 1] - raw[:, 0] if raw.shape[1] == 2 else raw


class Transformer(Fitting):
    """An estimator that makes other columns of columns."""

    #: The kind of column that it takes; None: it leaves the others alone.
    _takes: ClassVar[str | None] = None

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Learns from rows; ``y`` is there for pipelines, and not looked at."""
        self._fit(X, y, sample_weight)
        return self

    def _fit(self, X: Any, y: Any, sample_weight: Any) -> Any:
        made = self._taken(self._table(X))
        return self._learn(made, weight=_inputs.weights(sample_weight, made.rows))

    def _taken(self, made: Any) -> Any:
        wrong = [n for n, kind in zip(made.names, made.kinds) if self._takes is not None and kind != self._takes]
        if wrong:
            raise ValueError(
                f"{type(self).__name__} takes columns of numbers, and these are not: {', '.join(wrong[:5])}. "
                "Choose its columns with a ColumnTransformer."
            )
        return made

    def fit_transform(self, X: Any, y: Any = None, sample_weight: Any = None) -> Any:
        """Learns from rows, and gives what a next step learns from."""
        return self.fit(X, y, sample_weight).transform(X)

    def transform(self, X: Any) -> Any:
        """What it makes of rows."""
        given = self._fitted().apply(self._taken(self._seen(X)), self._threads())
        return self._output(self._matrix(given), X)

    def _matrix(self, given: Any) -> np.ndarray:
        return given.whole()

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """The names of the columns that it gives."""
        self._names_in(input_features)
        return np.array(self._names_out(), dtype=object)

    def _names_in(self, input_features: Any) -> None:
        self._fitted()
        if input_features is None:
            return
        if len(input_features) != self.n_features_in_:
            raise ValueError("input_features should have length equal to number of features")
        if hasattr(self, "feature_names_in_") and list(input_features) != list(self.feature_names_in_):
            raise ValueError("input_features is not equal to feature_names_in_")
        self._columns_out = [str(name) for name in input_features]

    def _names_out(self) -> list[str]:
        told: list[str] = []
        for name, within in zip(self._model.gives, self._model.within()):
            if within is None:
                told.append(self._called(name))
            else:
                parts = range(within) if isinstance(within, int) else within
                told += [f"{self._called(name)}_{part}" for part in parts]
        return told

    def _called(self, name: str) -> str:
        return dict(zip(self._columns, getattr(self, "_columns_out", self._columns))).get(name, name)

    # -- tables out ------------------------------------------------------------------------------------

    def set_output(self, *, transform: str | None = None) -> Self:
        """What :meth:`transform` gives: ``"default"`` (an array), ``"pandas"`` or ``"polars"``; None: as it was."""
        if transform is None:
            return self
        if transform not in ("default", "pandas", "polars"):
            raise ValueError(f"transform is 'default', 'pandas' or 'polars', not {transform!r}")
        if not hasattr(self, "_sklearn_output_config"):
            self._sklearn_output_config = {}
        self._sklearn_output_config["transform"] = transform
        return self

    def _output(self, matrix: Any, X: Any) -> Any:
        config = getattr(self, "_sklearn_output_config", {})
        wanted = config.get("transform")
        if wanted is None and "sklearn" in sys.modules:
            import sklearn

            wanted = sklearn.get_config().get("transform_output")
        if wanted not in ("pandas", "polars"):
            return matrix
        names = self._names_out()
        if wanted == "polars":
            import polars

            return polars.DataFrame(matrix, schema=names, orient="row")
        import pandas

        return pandas.DataFrame(matrix, columns=names, index=X.index if isinstance(X, pandas.DataFrame) else None)
