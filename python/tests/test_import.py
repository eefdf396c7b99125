"""Importing the package is quick, and brings in no more than is used."""

from __future__ import annotations

import subprocess
import sys


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120).stdout


def test_importing_arkwright_brings_in_neither_scikit_learn_nor_tables() -> None:
    code = (
        "import sys, arkwright; first = sorted(sys.modules)\n"
        "from arkwright.linear_model import LinearRegression\n"
        "LinearRegression().fit([[1.0], [2.0], [4.0]], [1.0, 2.0, 4.0]).predict([[3.0]])\n"
        "arkwright.all_estimators(); arkwright.load, arkwright.run\n"
        "print('numpy' in first, *[m in sys.modules for m in ('sklearn', 'scipy', 'pandas', 'polars', 'pyarrow')])"
    )
    assert run(code).split() == ["False"] * 6


def test_importing_takes_under_100_milliseconds() -> None:
    """The least of some tries, so that what else the machine does is not counted; NumPy's own import aside."""
    package = "import time; t = time.perf_counter(); import arkwright; print(time.perf_counter() - t)"
    everything = (
        "import time, numpy; t = time.perf_counter(); import arkwright; arkwright.all_estimators(); arkwright.load; "
        "print(time.perf_counter() - t)"
    )
    for code in (package, everything):
        assert min(float(run(code)) for _ in range(5)) < 0.1, code


def test_what_is_not_there_is_an_attribute_error() -> None:
    import pytest

    import arkwright

    assert "linear_model" in dir(arkwright) and isinstance(arkwright.__version__, str)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        arkwright.nothing
