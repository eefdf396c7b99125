"""Where a class of scikit-learn's and an estimator of Arkwright's say the same in other words.

Each class here turns parameters into settings, or a fitted model's numbers into attributes, and no more.
"""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np

from . import _core, _inputs
from ._base import Estimator
from ._learner import Classifier, LogOdds, Predictor, Regressor, Rows, Transformer

# -- linear models ---------------------------------------------------------------------------------------


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
        """Rounds of coordinate descent."""
        return int(self.notes_.get("iterations", 1))


class SumPenalty(LinearRegressor):
    """``alpha`` weighs the penalty against the sum of squared errors, not against their mean."""

    def _shaped(self, part: dict[str, Any], rows: Rows) -> dict[str, Any]:
        return {**part, "alpha": part["alpha"] / rows.weight}


class LinearClassifier(LogOdds, _Linear, Classifier):
    """Attributes of a fitted logistic regression."""

    @property
    def coef_(self) -> np.ndarray:
        """The coefficients: 1 x p for two classes, else k x p."""
        return self._coefficients()[0]

    @property
    def intercept_(self) -> np.ndarray:
        """The intercepts: one for two classes, else k."""
        return self._coefficients()[1]

    @property
    def n_iter_(self) -> np.ndarray:
        """Steps of the solver."""
        return np.array([max(1, int(self.notes_.get("iterations", 1)))], dtype=np.int32)


# -- trees -----------------------------------------------------------------------------------------------


class _Trees(Predictor):
    """Trees on columns, some of whose parameters may count rows or columns."""

    def _shaped(self, part: dict[str, Any], rows: Rows) -> dict[str, Any]:
        columns = len(rows.columns)
        part = dict(part)
        if "max_features" in self._settings and self.max_features is None:
            part["max_features"] = 1.0
        if _is_count(part.get("max_features")):
            part["max_features"] = min(1.0, part["max_features"] / columns)
        if _is_count(part.get("max_samples")):
            part["max_samples"] = min(1.0, part["max_samples"] / rows.rows)
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


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


class TreeRegressor(_Trees, Regressor):
    """A regression by trees."""


class TreeClassifier(_Trees, Classifier):
    """A classification by trees."""

    _class_weight_table = False


class _Boosted(_Trees):
    """Gradient boosting; the trees may be fewer than asked for."""

    @property
    def n_iter_(self) -> int:
        """Rounds that were kept."""
        notes = self.notes_
        return int(notes["best_round"] if "best_round" in notes and self._patience() else notes["rounds"])

    @property
    def feature_importances_(self) -> np.ndarray:
        """The share of each input in the decrease of impurity (gain); they sum up to 1."""
        return super().feature_importances_

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
                    raise ValueError(f"interaction_cst is 'pairwise', 'no_interactions' or sets of columns, not {sets!r}")
                sets = words[sets]
            part["interaction_cst"] = [[place.get(c, c) if isinstance(c, str) else int(c) for c in s] for s in sets]
        return part


class BoostedClassifier(LogOdds, _Boosted, Classifier):
    """Gradient boosting of classes."""


class BoostedRegressor(_Boosted, Regressor):
    """Gradient boosting of numbers, and of times whose end may not have been seen."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, event: Any = None) -> Any:
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

    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, group: Any = None) -> Any:
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


# -- ensembles of estimators -----------------------------------------------------------------------------


class _Of(Predictor):
    """An estimator that holds another."""

    def _inner(self, rows: Rows) -> dict[str, Any]:
        if self.estimator is None:
            return {"kind": "decision_tree"}
        if not isinstance(self.estimator, Estimator):
            raise TypeError(
                f"estimator is one of arkwright's, not {type(self.estimator).__module__}.{type(self.estimator).__name__}"
            )
        part = self.estimator._part(rows)
        weights = part.get("class_weight")
        if isinstance(weights, dict) and rows.classes is not None:
            part["class_weight"] = {str(i): weights.get(str(c), 1.0) for i, c in enumerate(rows.classes)}
        return part


class _Bagged(_Of):
    def _shaped(self, part: dict[str, Any], rows: Rows) -> dict[str, Any]:
        part = {**part, "of": self._inner(rows)}
        for name, whole in (("max_samples", rows.rows), ("max_features", len(rows.columns))):
            if _is_count(part.get(name)):
                part[name] = min(1.0, part[name] / whole)
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


# -- the baseline ----------------------------------------------------------------------------------------


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


# -- preparation -----------------------------------------------------------------------------------------


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
            raise ValueError(f"Minimum of desired feature range must be smaller than maximum. Got {self.feature_range}.")
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


class _Encoder(Transformer):
    """Categories, of text or of numbers; numbers keep their order."""

    _takes = "category"
    _reads_missing = True
    _encodes = True

    def _taken(self, made: Any) -> Any:
        if not hasattr(self, "_model"):
            self._numeric = [kind == "number" for kind in made.kinds]
        return made.as_categories()

    def fit(self, X: Any, y: Any = None) -> Any:
        """Learns the categories; ``y`` is there for pipelines, and not looked at."""
        self.__dict__.pop("_model", None)
        self._fit(X, y, None)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Any:
        """Learns the categories, and gives what a next step learns from."""
        return self.fit(X, y).transform(X)

    def _levels(self) -> list[list[str]]:
        told = json.loads(self._fitted().parts()["json"])
        return [known["levels"] for known in told["levels"]]

    def _orders(self) -> list[np.ndarray]:
        """For each column, the levels' places in the order of their values: text by text, numbers by size."""
        orders = []
        for levels, numeric in zip(self._levels(), self._numeric):
            try:
                keys = np.array([float(level) for level in levels]) if numeric else None
            except ValueError:
                keys = None
            orders.append(np.arange(len(levels)) if keys is None else np.argsort(keys, kind="stable"))
        return orders

    @property
    def categories_(self) -> list[np.ndarray]:
        """The categories of each column, sorted."""
        told = []
        for levels, order, numeric in zip(self._levels(), self._orders(), self._numeric):
            kept = [levels[i] for i in order]
            try:
                told.append(np.array([float(k) for k in kept]) if numeric else np.array(kept, dtype=object))
            except ValueError:
                told.append(np.array(kept, dtype=object))
        return told

    def _refuse(self, made: Any, name: str, unknown: np.ndarray) -> None:
        rows = np.flatnonzero(unknown & ~made.missing(name))
        if len(rows):
            value = made.values([name])[name][rows[0]]
            raise ValueError(
                f"Found unknown categories ['{value}'] in column {name} during transform "
                "(set handle_unknown to accept them)"
            )


class OneHot(_Encoder):
    """A column of 0 and 1 a category."""

    def _shaped(self, part: dict[str, Any], rows: Rows) -> dict[str, Any]:
        if self.drop not in (None, "first"):
            raise ValueError(f"drop is None or 'first', not {self.drop!r}")
        if self.handle_unknown not in ("error", "ignore"):
            raise ValueError(f"handle_unknown is 'error' or 'ignore', not {self.handle_unknown!r}")
        return {**part, "drop_first": self.drop == "first"}

    def transform(self, X: Any) -> Any:
        """Columns of 0 and 1; all 0 for a category that is missing or was never seen."""
        made = self._taken(self._seen(X))
        values = self._model.apply(made, self._threads()).values()
        blocks, dropped = [], int(self.drop == "first")
        for name, order in zip(self._columns, self._orders()):
            block = values[name]
            if self.handle_unknown == "error" and not dropped:
                self._refuse(made, name, block.sum(axis=1) == 0)
            blocks.append(block if dropped else block[:, order])
        matrix = np.hstack(blocks)
        if self.sparse_output:
            from scipy.sparse import csr_matrix

            return csr_matrix(matrix)
        return self._output(matrix, X)

    def _names_out(self) -> list[str]:
        dropped = int(self.drop == "first")
        told = []
        for name, levels, order in zip(self._columns, self._levels(), self._orders()):
            kept = levels[1:] if dropped else [levels[i] for i in order]
            told += [f"{self._called(name)}_{level}" for level in kept]
        return told


class Ordinal(_Encoder):
    """A code a category, in the order of the categories."""

    def _shaped(self, part: dict[str, Any], rows: Rows) -> dict[str, Any]:
        if self.handle_unknown not in ("error", "use_encoded_value"):
            raise ValueError(f"handle_unknown is 'error' or 'use_encoded_value', not {self.handle_unknown!r}")
        if self.handle_unknown == "use_encoded_value" and self.unknown_value is None:
            raise TypeError("unknown_value should be an integer or np.nan when handle_unknown is 'use_encoded_value'")
        return part

    def transform(self, X: Any) -> Any:
        """Codes from 0 on."""
        made = self._taken(self._seen(X))
        values = self._model.apply(made, self._threads()).values()
        columns = []
        for name, order in zip(self._columns, self._orders()):
            codes, missing = values[name], made.missing(name)
            unknown = np.isnan(codes) & ~missing
            if self.handle_unknown == "error":
                self._refuse(made, name, unknown)
            place = np.empty(len(order))
            place[order] = np.arange(len(order))
            ranked = np.full(len(codes), np.nan)
            seen = ~np.isnan(codes)
            ranked[seen] = place[codes[seen].astype(np.int64)]
            ranked[missing] = self.encoded_missing_value
            if unknown.any():
                ranked[unknown] = self.unknown_value
            columns.append(ranked)
        return self._output(np.column_stack(columns), X)


class ByTarget(_Encoder):
    """Categories as the mean of the target."""

    _needs_target = True

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Learns the mean of the target for each category."""
        self._fit(X, y, sample_weight)
        return self

    def _part(self, rows: Any) -> dict[str, Any]:
        part = super()._part(rows) if isinstance(self.cv, (int, np.integer)) else {"kind": self._kind}
        if getattr(self, "smooth", None) == "auto":
            part.pop("smooth", None)
        return part

    def _fit(self, X: Any, y: Any, sample_weight: Any) -> Any:
        self.__dict__.pop("_model", None)
        if y is None:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None")
        made = self._taken(self._table(X))
        learnt: dict[str, Any] = {"weight": _inputs.weights(sample_weight, made.rows)}
        if self._kind_of(y) == "continuous":
            self.__dict__.pop("classes_", None)
            learnt["target"] = _inputs.numbers(y, made.rows)
        else:
            self.classes_, learnt["target"] = _inputs.classes(y, made.rows, type(self).__name__)
            learnt["classes"] = self.classes_
        return self._learn(made, **learnt)

    def _kind_of(self, y: Any) -> str:
        if self.target_type != "auto":
            return self.target_type
        y = np.asarray(y)
        return "continuous" if y.dtype.kind == "f" and (y != np.trunc(y)).any() else "classes"

    def fit_transform(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Codes for the rows that are learnt from: each row's by the other folds, so that none sees its own target."""
        given = self._fit(X, y, sample_weight)
        if not isinstance(self.cv, (int, np.integer)):
            return self._output(self._by_folds(X, y, sample_weight), X)
        return self._output(self._matrix(given.select(self._model.gives)), X)

    def _by_folds(self, X: Any, y: Any, sample_weight: Any) -> np.ndarray:
        """The codes of each fold's rows by an encoder that was fitted on the others'."""
        made = self._taken(self._seen(X))
        y = _inputs.column(y, "y")
        weight = _inputs.weights(sample_weight, made.rows)
        codes = np.full((made.rows, len(self._model.gives)), np.nan)
        for train, test in self.cv.split(X, y) if hasattr(self.cv, "split") else self.cv:
            train, test = np.asarray(train), np.asarray(test)
            fold = type(self)(**self.get_params())
            fold.fit(made.take(train.astype(np.uint32)), y[train], None if weight is None else weight[train])
            codes[test] = fold._matrix(fold._model.apply(made.take(test.astype(np.uint32)), self._threads()))
        return codes

    def _names_out(self) -> list[str]:
        known = set(self._columns)
        told = []
        for name in self._model.gives:
            column, _, code = name.rpartition(".")
            told.append(self._called(name) if name in known else f"{self._called(column)}_{self.classes_[int(code)]}")
        return told
