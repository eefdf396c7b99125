"""Arkwright in Python: estimators that keep scikit-learn's protocol, and whole systems from one file.

``arkwright.linear_model``, ``arkwright.ensemble``, ``arkwright.tree`` and the other modules mirror scikit-learn's
names. ``arkwright.run("arkwright.toml")`` runs a system, ``arkwright.load("churn@production")`` loads the model
that it registered. Importing ``arkwright`` imports neither scikit-learn nor NumPy; each module comes when it is
first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ._modules import MODULES

if TYPE_CHECKING:
    from ._system import Run, System, load, run

__all__ = ["Run", "System", "all_estimators", "load", "run", *MODULES]

_SYSTEM = ("Run", "System", "load", "run")


def all_estimators() -> list[tuple[str, type]]:
    """All estimators, as ``(name, class)`` pairs in the order of their names.

    Examples
    --------
    >>> import arkwright
    >>> [name for name, _ in arkwright.all_estimators()][:2]
    ['AdaBoostClassifier', 'AdaBoostRegressor']
    """
    pairs = []
    for module in MODULES:
        module = importlib.import_module(f"arkwright.{module}")
        pairs += [(name, getattr(module, name)) for name in module.__all__]
    return sorted(pairs, key=lambda pair: pair[0])


def __getattr__(name: str) -> Any:
    if name in MODULES:
        return importlib.import_module(f"arkwright.{name}")
    if name in _SYSTEM:
        return getattr(importlib.import_module("arkwright._system"), name)
    if name == "__version__":
        return importlib.import_module("arkwright._core").VERSION
    raise AttributeError(f"module 'arkwright' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
