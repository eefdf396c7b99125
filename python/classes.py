"""Which classes the package has, and what they call the settings of the Rust estimators.

A line places an estimator's kind in a module under a name. Its parameters, their defaults, types and descriptions
come from the estimator's own settings; ``order`` says only which come first and what a class calls otherwise:

    "alpha=1.0 * max_iter:n_estimators random_state"

is `alpha` with another default than the setting's, then by keyword only `max_iter`, which is the setting
`n_estimators`, then `random_state` of the shared parameters below. Settings that are not named follow, by keyword,
unless they are `fixed` or in `without`. A kind that has no line gets classes too: see ``generate.py``.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Row(NamedTuple):
    """A class."""

    module: str
    name: str
    kind: str
    base: str
    order: str = ""
    fixed: dict[str, Any] = {}
    without: str = ""
    about: str = ""


#: Parameters that are no settings: type, default, description.
SHARED: dict[str, tuple[str, Any, str]] = {
    "random_state": (
        "int | None",
        None,
        "The seed of what is drawn at random, or a NumPy generator. None is the seed 0: the same rows give the same "
        "model.",
    ),
    "n_jobs": (
        "int | None",
        None,
        "Threads. None or -1: as many as `ARKWRIGHT_THREADS` says, or as there are cores. The answers are the same with "
        "any number.",
    ),
    "copy_X": ("bool", True, "There for scripts; inputs are never written to."),
    "copy": ("bool", True, "There for scripts; inputs are never written to."),
    "with_mean": ("bool", True, "Whether the mean is subtracted."),
    "with_std": ("bool", True, "Whether to divide by the standard deviation."),
    "with_centering": ("bool", True, "Whether the median is subtracted."),
    "with_scaling": ("bool", True, "Whether to divide by the range between the quartiles."),
    "feature_range": ("tuple[float, float]", (0, 1), "The range."),
    "clip": ("bool", False, "Whether values of rows to come are kept within the range."),
    "solver": ("str | None", None, "There for scripts: there is one optimum, and the way to it is chosen by size."),
    "estimator": ("Any", None, "The estimator within, one of arkwright's; a decision tree if None."),
    "early_stopping": (
        "bool | str",
        "auto",
        "Whether to watch rows that are held out and to stop once they get no better. 'auto': with more than 10,000 "
        "rows.",
    ),
    "validation_fraction": ("float", 0.1, "The share of the rows that is held out to watch."),
    "handle_unknown": ("str", "error", "What becomes of a category never seen: an error, or what the other value says."),
    "unknown_value": ("float | None", None, "The code of categories never seen, with 'use_encoded_value'."),
    "encoded_missing_value": ("float", float("nan"), "The code of what is missing."),
    "sparse_output": ("bool", False, "Whether to give a SciPy CSR matrix."),
    "drop": ("str | None", None, "'first' leaves out the first category, which the others determine."),
    "target_type": (
        "str",
        "auto",
        "What the target is: 'continuous', 'binary' or 'multiclass'. 'auto': continuous where it has fractions.",
    ),
}

#: Kinds that are no class of their own: they hold others, or belong to systems.
NOT_CLASSES = {
    "chain": "sklearn.pipeline.make_pipeline, or the steps that a class prepares by itself",
    "hold_out": "early stopping of the classes that have it",
    "choose": "sklearn.model_selection",
    "search": "sklearn.model_selection.RandomizedSearchCV",
    "derive": "expressions of a system file",
}

_TREE = "criterion {} max_depth min_samples_split min_samples_leaf min_weight_fraction_leaf"
_FOREST = "n_estimators * " + _TREE.format("") + " max_features={} max_leaf_nodes min_impurity_decrease bootstrap oob_score n_jobs random_state {} ccp_alpha max_samples"
_BOOST = "loss * learning_rate {} n_estimators max_leaf_nodes max_depth min_samples_leaf l2_regularization max_bins validation_fraction random_state n_jobs"
_HIST = (
    "loss {} * learning_rate max_iter:n_estimators max_leaf_nodes max_depth min_samples_leaf l2_regularization "
    "max_features:max_features_by_node max_bins monotonic_cst interaction_cst early_stopping validation_fraction "
    "n_iter_no_change:patience=10 tol:min_delta=1e-7 random_state {}"
)
_HIST_REST = (
    "max_features max_features_by_level eval_metric huber_delta tweedie_variance_power lambdarank_truncation_level "
    "cox_ties aft_distribution aft_scale scale_pos_weight"
)
_NUMBERS = "huber_delta quantile tweedie_variance_power"
_RANKS = "lambdarank_truncation_level"
_TIMES = "cox_ties aft_distribution aft_scale"
_CLASSES = "class_weight scale_pos_weight"

_NEAR = "weights algorithm leaf_size p metric n_jobs"

ROWS: list[Row] = [
    # -- linear models
    Row("linear_model", "LinearRegression", "linear", "LinearRegressor", "* fit_intercept copy_X n_jobs",
        {"alpha": 0.0, "l1_ratio": 0.0}, "max_iter tol", "Ordinary least squares."),
    Row("linear_model", "Ridge", "linear", "SumPenalty", "alpha=1.0 * fit_intercept copy_X solver n_jobs",
        {"l1_ratio": 0.0}, "max_iter tol", "Least squares with `alpha` times the sum of the coefficients' squares added."),
    Row("linear_model", "Lasso", "linear", "Descending", "alpha=1.0 * fit_intercept copy_X max_iter tol n_jobs",
        {"l1_ratio": 1.0}, "", "Least squares with an L1 penalty: some coefficients are exactly zero."),
    Row("linear_model", "ElasticNet", "linear", "Descending", "alpha=1.0 * l1_ratio=0.5 fit_intercept max_iter copy_X tol n_jobs",
        {}, "", "Least squares with L1 and L2 penalties."),
    Row("linear_model", "PoissonRegressor", "glm", "AmountRegressor", "* alpha fit_intercept solver max_iter tol n_jobs",
        {"power": 1.0}, "", "A generalised linear model of counts, whose variance is their mean."),
    Row("linear_model", "GammaRegressor", "glm", "AmountRegressor", "* alpha fit_intercept solver max_iter tol n_jobs",
        {"power": 2.0}, "", "A generalised linear model of amounts above 0, which vary in proportion to their mean."),
    Row("linear_model", "TweedieRegressor", "glm", "Descending", "* power=0.0 alpha fit_intercept solver max_iter tol n_jobs"),
    Row("linear_model", "LogisticRegression", "logistic", "LinearClassifier",
        "* C:c l1_ratio tol fit_intercept class_weight random_state solver max_iter n_jobs"),
    # -- neighbours
    Row("neighbors", "KNeighborsClassifier", "knn", "NearClassifier", "n_neighbors * " + _NEAR),
    Row("neighbors", "KNeighborsRegressor", "knn", "NearRegressor", "n_neighbors * " + _NEAR),
    Row("neighbors", "RadiusNeighborsClassifier", "radius_neighbors", "NearClassifier", "radius * " + _NEAR),
    Row("neighbors", "RadiusNeighborsRegressor", "radius_neighbors", "NearRegressor", "radius * " + _NEAR),
    # -- classes by their likelihood
    Row("naive_bayes", "GaussianNB", "gaussian_nb", "Gaussian", "* priors var_smoothing"),
    Row("naive_bayes", "MultinomialNB", "multinomial_nb", "Counting", "* alpha fit_prior class_prior"),
    Row("naive_bayes", "ComplementNB", "complement_nb", "Counting", "* alpha norm"),
    Row("naive_bayes", "BernoulliNB", "bernoulli_nb", "Switching", "* alpha binarize fit_prior class_prior"),
    Row("discriminant_analysis", "LinearDiscriminantAnalysis", "lda", "LinearDiscriminant", "solver shrinkage priors * tol"),
    Row("discriminant_analysis", "QuadraticDiscriminantAnalysis", "qda", "QuadraticDiscriminant", "* shrinkage priors reg_param tol"),
    # -- support vectors
    Row("svm", "SVC", "svc", "VectorClassifier",
        "* C:c kernel degree gamma coef0 shrinking tol cache_size class_weight max_iter=-1 random_state n_jobs"),
    Row("svm", "SVR", "svr", "VectorRegressor",
        "* kernel degree gamma coef0 tol C:c epsilon shrinking cache_size max_iter=-1 n_jobs"),
    # -- trees
    Row("tree", "DecisionTreeClassifier", "decision_tree", "TreeClassifier",
        "* " + _TREE.format("") + " max_features random_state max_leaf_nodes min_impurity_decrease class_weight ccp_alpha"),
    Row("tree", "DecisionTreeRegressor", "decision_tree", "TreeRegressor",
        "* " + _TREE.format("") + " max_features random_state max_leaf_nodes min_impurity_decrease ccp_alpha", {}, "class_weight"),
    # -- ensembles
    Row("ensemble", "RandomForestClassifier", "random_forest", "TreeClassifier", _FOREST.format("sqrt", "class_weight"), {}, "quantiles"),
    Row("ensemble", "RandomForestRegressor", "random_forest", "TreeRegressor", _FOREST.format("1.0", ""), {}, "class_weight quantiles"),
    Row("ensemble", "ExtraTreesClassifier", "extra_trees", "TreeClassifier", _FOREST.format("sqrt", "class_weight"), {}, "quantiles"),
    Row("ensemble", "ExtraTreesRegressor", "extra_trees", "TreeRegressor", _FOREST.format("1.0", ""), {}, "class_weight quantiles"),
    Row("ensemble", "AdaBoostClassifier", "adaboost", "AdaBoostedClassifier",
        "estimator * n_estimators learning_rate random_state n_jobs", {}, "loss max_depth"),
    Row("ensemble", "AdaBoostRegressor", "adaboost", "AdaBoostedRegressor",
        "estimator * n_estimators learning_rate loss random_state n_jobs", {}, "max_depth"),
    Row("ensemble", "BaggingClassifier", "bagging", "BaggedClassifier",
        "estimator n_estimators * max_samples max_features bootstrap oob_score n_jobs random_state"),
    Row("ensemble", "BaggingRegressor", "bagging", "BaggedRegressor",
        "estimator n_estimators * max_samples max_features bootstrap oob_score n_jobs random_state"),
    Row("ensemble", "HistGradientBoostingClassifier", "gbdt", "HistGradientClassifier", _HIST.format("", "class_weight n_jobs"), {},
        _HIST_REST + " quantile"),
    Row("ensemble", "HistGradientBoostingRegressor", "gbdt", "HistGradientRegressor", _HIST.format("* quantile", "n_jobs"), {},
        _HIST_REST + " class_weight"),
    Row("ensemble", "GBDTClassifier", "gbdt", "BoostedClassifier", _BOOST.format(""), {}, " ".join((_NUMBERS, _RANKS, _TIMES))),
    Row("ensemble", "GBDTRegressor", "gbdt", "BoostedRegressor", _BOOST.format(""), {}, " ".join((_RANKS, _CLASSES))),
    Row("ensemble", "GBDTRanker", "gbdt", "BoostedRanker", _BOOST.format("").replace("loss", "loss=lambdarank", 1), {},
        " ".join((_NUMBERS, _TIMES, _CLASSES))),
    # -- the baseline
    Row("dummy", "DummyClassifier", "baseline", "BlindClassifier", "* strategy=prior"),
    Row("dummy", "DummyRegressor", "baseline", "BlindRegressor", "* strategy"),
    # -- preparation
    Row("preprocessing", "StandardScaler", "scale", "MeanScaler", "* copy with_mean with_std", {"method": "standard"}, "columns",
        "Subtracts each column's mean and divides by its standard deviation."),
    Row("preprocessing", "MinMaxScaler", "scale", "RangeScaler", "feature_range * copy clip", {"method": "minmax"}, "columns",
        "Brings each column to the start of a range at its smallest value, and to its end at its largest."),
    Row("preprocessing", "RobustScaler", "scale", "MedianScaler", "* with_centering with_scaling copy", {"method": "robust"}, "columns",
        "Subtracts each column's median and divides by the range between its quartiles."),
    Row("preprocessing", "MaxAbsScaler", "scale", "Scaler", "* copy", {"method": "maxabs"}, "columns",
        "Divides each column by its largest absolute value."),
    Row("preprocessing", "OneHotEncoder", "one_hot", "OneHot",
        "* drop sparse_output handle_unknown min_frequency max_categories:max_levels", {}, "columns drop_first"),
    Row("preprocessing", "OrdinalEncoder", "levels", "Ordinal",
        "* handle_unknown unknown_value encoded_missing_value min_frequency max_categories:max_levels=16777216", {},
        "columns missing_level", "Gives each category a number, in the order of the categories."),
    Row("preprocessing", "TargetEncoder", "target_encode", "ByTarget", "* target_type smooth cv random_state", {}, "columns"),
    Row("impute", "SimpleImputer", "impute", "Filler", "* strategy fill_value copy add_indicator=False", {}, "columns"),
    # -- of the inputs alone
    Row("cluster", "KMeans", "k_means", "Clusterer", "n_clusters * init n_init max_iter tol random_state n_jobs"),
    Row("cluster", "DBSCAN", "dbscan", "DensityClusterer", "eps * min_samples metric algorithm leaf_size p n_jobs"),
    Row("decomposition", "PCA", "pca", "Decomposition",
        "n_components * whiten svd_solver n_oversamples random_state n_jobs", {}, "", "Principal component analysis."),
    Row("decomposition", "TruncatedSVD", "truncated_svd", "Decomposition",
        "n_components * algorithm n_iter n_oversamples random_state n_jobs"),
]
