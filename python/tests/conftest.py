"""Tables that several tests share."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def people() -> pd.DataFrame:
    """400 made-up rows with numbers, categories, gaps, a class and a number to learn."""
    draw = np.random.default_rng(7)
    n = 400
    frame = pd.DataFrame(
        {
            "age": draw.integers(18, 90, n).astype(float),
            "income": np.round(draw.lognormal(3, 0.6, n), 3),
            "city": draw.choice(["Rome", "Oslo", "Lima", "Pune"], n),
        }
    )
    raw = 0.05 * frame.age - 0.04 * frame.income + frame.city.map({"Rome": 1, "Oslo": -1, "Lima": 0.5, "Pune": 0})
    raw = raw + draw.normal(0, 0.7, n)
    frame["pays"] = np.where(raw > raw.median(), "yes", "no")
    frame["spends"] = np.round(raw, 6)
    frame.loc[::17, "income"] = np.nan
    frame.loc[::23, "city"] = None
    return frame
