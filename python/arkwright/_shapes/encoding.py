"""Encoders of categories: numbers keep their order, and what was never seen is refused or encoded as asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _inputs
from .._learner import Rows, Transformer

if TYPE_CHECKING:
    from typing_extensions import Self


class _Encoder(Transformer):
    """Categories, of text or of numbers; numbers keep their order."""

    _takes = "category"
    _reads_missing = True
    _encodes = True

    def _taken(self, made: Any) -> Any:
        if not hasattr(self, "_model"):
            self._numeric = [kind == "number" for kind in made.kinds]
        return made.as_categories()

    def fit(self, X: Any, y: Any = None) -> Self:
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

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
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
