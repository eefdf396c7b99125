"""The modules of estimators. Written by generate.py."""

MODULES = (
    "cluster",
    "decomposition",
    "dummy",
    "ensemble",
    "impute",
    "learn",
    "linear_model",
    "preprocessing",
    "tree",
)
