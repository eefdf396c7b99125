"""The modules of estimators. Written by generate.py."""

MODULES = (
    "dummy",
    "ensemble",
    "impute",
    "learn",
    "linear_model",
    "preprocessing",
    "tree",
)
