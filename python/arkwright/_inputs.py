"""Inputs, targets and weights: what users bring, checked, as tables and arrays that Rust reads.

NumPy arrays of ``float64`` and ``float32`` are lent as they are; columns of an array in Fortran's order are not
copied. Polars, PyArrow and pandas tables come through Arrow's C interface, with categories and missing values as
they are. Messages are worded as scikit-learn's, which its checks go by.
"""

from __future__ import annotations

import importlib.util
import warnings
from typing import Any

import numpy as np

from . import _core, _sklearn


def table(X: Any, who: str, *, missing: bool) -> tuple[Any, list[str] | None]:
    """Inputs as a table, and the names that its columns brought along, if any."""
    if isinstance(X, _core.Table):
        return X, None
    if type(X).__module__.startswith("scipy.sparse"):
        raise TypeError(
            f"Sparse data was passed for X, but dense data is required by {who}. "
            "Use '.toarray()' to convert to a dense numpy array."
        )
    if hasattr(X, "iloc") and hasattr(X, "columns"):
        return _of_pandas(X, who, missing=missing)
    if hasattr(X, "__arrow_c_stream__") and not hasattr(X, "iloc"):
        made = _core.Table.stream(X)
        return _filled(made, who), made.names
    return _of_array(X, who, missing=missing), None


def _filled(made: Any, who: str) -> Any:
    for count, what in ((made.rows, "sample(s)"), (len(made.names), "feature(s)")):
        if count == 0:
            shape = (made.rows, len(made.names))
            raise ValueError(f"Found array with 0 {what} (shape={shape}) while a minimum of 1 is required by {who}.")
    return made


def _of_pandas(X: Any, who: str, *, missing: bool) -> tuple[Any, list[str] | None]:
    names = [str(name) for name in X.columns]
    given = names if all(isinstance(name, str) for name in X.columns) else None
    if all(isinstance(t, np.dtype) and t.kind in "fiub" for t in X.dtypes) and len(names):
        # One block of numbers: pandas holds it by columns, and no column is copied.
        single = all(t == np.float32 for t in X.dtypes)
        block = X.to_numpy(dtype=np.float32 if single else np.float64)
        return _of_array(block, who, missing=missing, names=names), given
    if importlib.util.find_spec("pyarrow") and not any(t.kind == "O" and isinstance(t, np.dtype) for t in X.dtypes):
        made = _core.Table.stream(X.reset_index(drop=True))
        return _filled(made.renamed(names), who), given
    columns = [_of_series(X.iloc[:, i], name) for i, name in enumerate(names)]
    return _filled(_core.Table.columns(names, columns, rows=len(X)), who), given


def _of_series(column: Any, name: str) -> Any:
    kind = column.dtype
    if hasattr(kind, "categories"):
        texts = [str(c) for c in kind.categories]
        return np.ascontiguousarray(column.cat.codes.to_numpy(), dtype=np.int32), texts
    if isinstance(kind, np.dtype) and kind.kind in "fiub":
        return _number(column.to_numpy())
    if column.isna().all() if hasattr(column, "isna") else False:
        return np.full(len(column), np.nan)
    values = column.to_numpy(dtype=object, na_value=None)
    return _of_objects(values, name)


def _of_objects(values: np.ndarray, name: str) -> Any:
    """A column of Python objects: numbers, or text."""
    gone = [v is None or v != v for v in values]
    if all(lost or isinstance(v, (bool, int, float, np.number)) for v, lost in zip(values, gone)):
        return np.array([np.nan if lost else float(v) for v, lost in zip(values, gone)])
    if all(lost or isinstance(v, (str, bool, int, float, np.number)) for v, lost in zip(values, gone)):
        return [None if lost else str(v) for v, lost in zip(values, gone)]
    odd = next(type(v).__name__ for v, lost in zip(values, gone) if not lost and not isinstance(v, (str, float, int)))
    raise TypeError(f"column {name}: argument must be a string or a number, not {odd}")


def _number(array: np.ndarray) -> np.ndarray:
    """Numbers as Rust reads them: ``float32`` and ``float64`` as they are, the rest as ``float64``."""
    if array.dtype in (np.float64, np.float32) and array.dtype.isnative:
        return array
    return array.astype(np.float64)


def _of_array(X: Any, who: str, *, missing: bool, names: list[str] | None = None) -> Any:
    array = np.asarray(X)
    if array.dtype.kind == "c":
        raise ValueError(f"Complex data not supported\n{array}\n")
    if array.ndim != 2:
        shape = {0: "scalar array", 1: "1D array"}.get(array.ndim, f"{array.ndim}D array")
        raise ValueError(
            f"Expected 2D array, got {shape} instead:\narray={array}.\n"
            "Reshape your data either using array.reshape(-1, 1) if your data has a single feature or "
            "array.reshape(1, -1) if it contains a single sample."
        )
    rows, columns = array.shape
    for count, what in ((rows, "sample(s)"), (columns, "feature(s)")):
        if count == 0:
            raise ValueError(
                f"Found array with 0 {what} (shape={array.shape}) while a minimum of 1 is required by {who}."
            )
    names = names or [f"x{i}" for i in range(columns)]
    if array.dtype.kind in "OUS":
        texts = array.dtype.kind != "O" or any(isinstance(v, str) for v in array.ravel())
        if texts:
            # Columns of numbers in an array of objects stay numbers; columns with text are categories.
            objects = array.astype(object)
            made = [_of_objects(objects[:, i], name) for i, name in enumerate(names)]
            return _core.Table.columns(names, made, rows=rows)
        array = array.astype(np.float64)
    array = _number(array)
    # A sum is finite where all are; only where it is not are the values looked at one by one.
    with np.errstate(over="ignore", invalid="ignore"):
        total = np.sum(array)
    if not np.isfinite(total):
        if np.isinf(array).any():
            raise ValueError(f"Input X contains infinity or a value too large for {array.dtype!r}.")
        if not missing and np.isnan(array).any():
            raise ValueError(
                f"Input X contains NaN.\n{who} does not accept missing values encoded as NaN natively. "
                "Put an imputer before it, or take an estimator that does, such as HistGradientBoosting."
            )
    return _core.Table.matrix(array, names)


def column(values: Any, what: str) -> np.ndarray:
    """A target, or what goes with it, as an array of one dimension."""
    if values is None:
        raise ValueError("This estimator requires y to be passed, but the target y is None")
    array = np.asarray(values)
    if array.ndim == 2 and array.shape[1] == 1:
        warnings.warn(
            f"A column-vector {what} was passed when a 1d array was expected. Please change the shape of {what} to "
            "(n_samples, ), for example using ravel().",
            _sklearn.conversion_warning(),
            stacklevel=4,
        )
        array = array.ravel()
    if array.ndim != 1:
        raise ValueError(f"{what} should be a 1d array, got an array of shape {array.shape} instead.")
    if array.dtype.kind == "c":
        raise ValueError(f"Complex data not supported\n{array}\n")
    return array


def alike(rows: int, others: int) -> None:
    """Refuses inputs and targets of different lengths."""
    if rows != others:
        raise ValueError(f"Found input variables with inconsistent numbers of samples: [{rows}, {others}]")


def numbers(y: Any, rows: int) -> np.ndarray:
    """The target of a regression."""
    array = column(y, "y")
    alike(rows, len(array))
    array = array.astype(np.float64)
    for wrong, what in (
        (np.isnan(array), "NaN"),
        (np.isinf(array), "infinity or a value too large for dtype('float64')"),
    ):
        if wrong.any():
            raise ValueError(f"Input y contains {what}.")
    return array


def classes(y: Any, rows: int, who: str) -> tuple[np.ndarray, np.ndarray]:
    """The classes of a target in sort order, and the code of each row."""
    array = column(y, "y")
    alike(rows, len(array))
    if array.dtype.kind == "f":
        if np.isnan(array).any():
            raise ValueError("Input y contains NaN.")
        if np.isinf(array).any():
            raise ValueError("Input y contains infinity or a value too large for dtype('float64').")
        if (array != np.trunc(array)).any():
            raise ValueError(
                "Unknown label type: continuous. Maybe you are trying to fit a classifier, which expects discrete "
                "classes on a regression target with continuous values."
            )
    if array.dtype.kind == "O" and any(v is None or v != v for v in array):
        raise ValueError("Input y contains NaN.")
    labels, codes = np.unique(array, return_inverse=True)
    if len(labels) < 2:
        raise ValueError(
            f"{who} needs samples of at least 2 classes in the data, but the data contains only one class: "
            f"{labels[0]!r}"
        )
    return labels, codes.astype(np.uint32)


def weights(sample_weight: Any, rows: int) -> np.ndarray | None:
    """How much each row counts."""
    if sample_weight is None:
        return None
    if np.isscalar(sample_weight):
        return np.full(rows, float(sample_weight))
    array = np.asarray(sample_weight, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(
            f"Sample weights must be 1D array or scalar, got {array.ndim}D array. Expected shape ({rows},)."
        )
    if array.shape != (rows,):
        raise ValueError(f"sample_weight.shape == {array.shape}, expected {(rows,)}!")
    if not np.isfinite(array).all():
        raise ValueError("Input sample_weight contains NaN or infinity.")
    if not array.any():
        raise ValueError("Sample weights must contain at least one non-zero number.")
    return array


def codes(values: Any, rows: int, what: str) -> np.ndarray | None:
    """Groups or events, as numbers."""
    if values is None:
        return None
    array = column(values, what)
    alike(rows, len(array))
    if array.dtype.kind not in "iubf":
        array = np.unique(array, return_inverse=True)[1]
    return array.astype(np.int64)
