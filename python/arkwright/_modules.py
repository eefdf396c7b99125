"""The modules of estimators. Written by generate.py."""

MODULES = (
    "cluster",
    "decomposition",
    "discriminant_analysis",
    "dummy",
    "ensemble",
    "impute",
    "learn",
    "linear_model",
    "naive_bayes",
    "neighbors",
    "preprocessing",
    "svm",
    "tree",
)
