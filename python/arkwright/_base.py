"""What all estimators have in common: parameters, how they show themselves, how they are copied and pickled.

The classes themselves are generated from the settings of the Rust estimators; see ``generate.py``.
"""

from __future__ import annotations

import html
import inspect
import json
import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from . import _sklearn

if TYPE_CHECKING:
    from typing_extensions import Self


class Estimator(_sklearn.Routing):
    """Settings that can be fitted. Parameters are set by the constructor and :meth:`set_params` alone."""

    #: The kind of the Rust estimator.
    _kind: ClassVar[str]
    #: The setting behind each parameter that is one.
    _settings: ClassVar[dict[str, str]] = {}
    #: Settings that are no parameters, and their values.
    _fixed: ClassVar[dict[str, Any]] = {}
    _estimator_type: ClassVar[str | None] = None
    _needs_target: ClassVar[bool] = False
    _reads_missing: ClassVar[bool] = False
    _encodes: ClassVar[bool] = False
    _poor_score: ClassVar[bool] = False
    _positive_only: ClassVar[bool] = False
    _positive_target: ClassVar[bool] = False

    # -- parameters ------------------------------------------------------------------------------------

    @classmethod
    def _parameters(cls) -> list[inspect.Parameter]:
        return list(inspect.signature(cls.__init__).parameters.values())[1:]

    @classmethod
    def _get_param_names(cls) -> list[str]:
        return sorted(p.name for p in cls._parameters())

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters, by name; of estimators within too, as ``name__parameter``, if ``deep``."""
        told: dict[str, Any] = {}
        for name in self._get_param_names():
            value = getattr(self, name)
            if deep and hasattr(value, "get_params") and not isinstance(value, type):
                told.update((f"{name}__{key}", inner) for key, inner in value.get_params().items())
            told[name] = value
        return told

    def set_params(self, **params: Any) -> Self:
        """Sets parameters; ``name__parameter`` sets one of an estimator within."""
        known = self.get_params(deep=False)
        within: dict[str, dict[str, Any]] = {}
        for key, value in params.items():
            name, divided, inner = key.partition("__")
            if name not in known:
                raise ValueError(
                    f"Invalid parameter {name!r} for estimator {self}. "
                    f"Valid parameters are: {self._get_param_names()!r}."
                )
            if divided:
                within.setdefault(name, {})[inner] = value
            else:
                setattr(self, name, value)
                known[name] = value
        for name, inner in within.items():
            known[name].set_params(**inner)
        return self

    def _changed(self) -> dict[str, Any]:
        defaults = {p.name: p.default for p in self._parameters()}
        return {name: getattr(self, name) for name in defaults if not _same(getattr(self, name), defaults[name])}

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self._changed().items())
        return f"{type(self).__name__}({told})"

    def _repr_html_(self) -> str:
        changed = self._changed()
        rows = "".join(
            f"<tr><td>{html.escape(name)}</td><td>"
            + (f"<b>{html.escape(repr(value))}</b>" if name in changed else html.escape(repr(value)))
            + "</td></tr>"
            for name, value in ((p.name, getattr(self, p.name)) for p in self._parameters())
        )
        fitted = "fitted" if self.__sklearn_is_fitted__() else "not fitted"
        return (
            f"<details><summary><code>{html.escape(type(self).__name__)}</code> <small>{fitted}</small></summary>"
            f"<table><tbody>{rows}</tbody></table></details>"
        )

    # -- the Rust part ---------------------------------------------------------------------------------

    def _part(self, rows: Any) -> dict[str, Any]:
        """The part that is fitted. ``rows`` tells what a setting may depend on: ``rows``, ``columns``, ``weight``."""
        part = {"kind": self._kind, **self._fixed}
        for name, setting in self._settings.items():
            value = _plain(name, getattr(self, name))
            if value is not None:
                part[setting] = value
        return self._shaped(part, rows)

    def _shaped(self, part: dict[str, Any], rows: Any) -> dict[str, Any]:
        """What a class makes of its part before it is fitted."""
        return part

    def _seed(self) -> int:
        """The seed: ``random_state``, or a number drawn from it; 0 for None, so that a fit can be repeated."""
        state = getattr(self, "random_state", None)
        if state is None:
            return 0
        if isinstance(state, np.random.RandomState):
            return int(state.randint(0, 2**31 - 1))
        if isinstance(state, np.random.Generator):
            return int(state.integers(0, 2**31 - 1))
        if isinstance(state, (int, np.integer)) and not isinstance(state, bool) and state >= 0:
            return int(state)
        raise ValueError(f"random_state is a whole number, not negative, or a NumPy generator; not {state!r}")

    def _threads(self) -> int | None:
        jobs = getattr(self, "n_jobs", None)
        return None if jobs is None or jobs < 1 else int(jobs)

    # -- being fitted ----------------------------------------------------------------------------------

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_model")

    def _fitted(self) -> Any:
        if not self.__sklearn_is_fitted__():
            raise _sklearn.not_fitted(type(self).__name__)
        return self._model

    def __sklearn_tags__(self) -> Any:
        return _sklearn.tags(self)

    @property
    def notes_(self) -> dict[str, Any]:
        """What the fit told: rounds, losses, importances, as the report of a system has them."""
        self._fitted()
        return json.loads(self._notes) or {}

    def shap_values(self, X: Any) -> tuple[np.ndarray, np.ndarray]:
        """How much each input moved each raw answer, and the mean raw answers.

        Returns
        -------
        values : array of shape (n_rows, n_inputs), or (n_rows, n_outputs, n_inputs) for several raw answers
            For each row, ``base + values.sum()`` is the raw answer: the log-odds of the second of two classes, a
            raw value for each of more classes, or the predicted number (its logarithm for losses of that link).
        base : array of shape (n_outputs,)
        """
        values, base, _, _ = self._fitted().attribute(self._seen(X), self._threads())
        return (values[:, 0, :] if values.shape[1] == 1 else values), base


def _same(a: Any, b: Any) -> bool:
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, float) and math.isnan(a) and math.isnan(b):
        return True
    try:
        return bool(np.all(a == b))
    except Exception:
        return False


def _plain(name: str, value: Any) -> Any:
    """A parameter as JSON has it."""
    if isinstance(value, (bool, str)) or value is None:
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        if not math.isfinite(value):
            raise ValueError(f"{name}={value!r} is not a finite number")
        return float(value)
    if isinstance(value, (list, tuple, set, frozenset, np.ndarray)):
        return [_plain(name, item) for item in value]
    if isinstance(value, dict):
        return {str(_plain(name, key)): _plain(name, item) for key, item in value.items()}
    raise TypeError(f"{name} cannot be {value!r}, which is of type {type(value).__name__}")
