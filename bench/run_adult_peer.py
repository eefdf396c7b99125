"""What `arkwright run` does with `adult`, as a plain script of today's tools.

    python bench/run_adult_peer.py TABLE.csv OUT_FOLDER [ROWS_TO_PREDICT.csv]

Reads the table; holds out a fifth, stratified; cross-validates gradient
boosting (LightGBM), a random forest and a logistic regression (scikit-learn) on
five folds with ROC AUC and log loss; refits the best; judges it on the
hold-out with bootstrap intervals; asks which columns matter by permutation;
saves it. Two threads inside the learners; two folds at a time instead was slower
for each of the three (processes have to start). Prints one line of JSON.
"""

import json
import pathlib
import sys
import time

import joblib
import lightgbm
import numpy
import pandas
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_validate, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

THREADS = 2
TARGET, POSITIVE = "income", ">50K"
RESAMPLES, REPEATS, FOLDS, SEED = 1000, 5, 5, 0
NUMBERS, CATEGORIES = make_column_selector(dtype_include="number"), make_column_selector(dtype_include="category")


def candidates():
    """Name -> model, with the settings that bench/run_adult.py gives to Arkwright."""
    ordinal = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-1)
    gbdt = lightgbm.LGBMClassifier(n_estimators=100, num_leaves=31, learning_rate=0.1, n_jobs=THREADS, verbose=-1)
    forest = make_pipeline(
        make_column_transformer((ordinal, CATEGORIES), remainder="passthrough"),
        RandomForestClassifier(n_estimators=100, max_features="sqrt", min_samples_leaf=5, n_jobs=THREADS,
                               random_state=SEED))
    logistic = make_pipeline(
        make_column_transformer((StandardScaler(), NUMBERS), (OneHotEncoder(handle_unknown="ignore"), CATEGORIES)),
        LogisticRegression(C=1.0, max_iter=1000))
    return {"gbdt": gbdt, "forest": forest, "logistic": logistic}


def main():
    table_path, out = sys.argv[1], pathlib.Path(sys.argv[2])
    took, began = {}, time.perf_counter()

    def lap(name):
        nonlocal began
        took[name] = round(time.perf_counter() - began, 3)
        began = time.perf_counter()

    table = pandas.read_csv(table_path)
    levels = {name: pandas.CategoricalDtype(sorted(table[name].dropna().unique()))
              for name in table if name != TARGET and table[name].dtype.kind not in "if"}
    x, y = table.drop(columns=TARGET).astype(levels), (table[TARGET] == POSITIVE).astype(int)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, stratify=y, random_state=SEED)
    lap("read and split")

    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    scores = {}
    for name, model in candidates().items():
        got = cross_validate(model, x_train, y_train, cv=folds, scoring=["roc_auc", "neg_log_loss"])
        scores[name] = {"roc_auc": got["test_roc_auc"].mean(), "log_loss": -got["test_neg_log_loss"].mean()}
        lap(f"cross-validate {name}")

    chosen = max(scores, key=lambda name: scores[name]["roc_auc"])
    model = candidates()[chosen].fit(x_train, y_train)
    lap("refit")

    chance = model.predict_proba(x_test)[:, 1]
    truth = y_test.to_numpy()
    holdout = {"roc_auc": roc_auc_score(truth, chance), "log_loss": log_loss(truth, chance),
               "accuracy": accuracy_score(truth, chance > 0.5)}
    random = numpy.random.default_rng(SEED)
    resampled = []
    for _ in range(RESAMPLES):
        rows = random.integers(len(truth), size=len(truth))
        resampled.append(roc_auc_score(truth[rows], chance[rows]))
    interval = numpy.quantile(resampled, [0.025, 0.975]).tolist()
    lap("evaluate")

    matter = permutation_importance(model, x_test, y_test, scoring="roc_auc", n_repeats=REPEATS, random_state=SEED)
    importance = dict(sorted(zip(x.columns, matter.importances_mean.tolist()), key=lambda pair: -pair[1]))
    lap("permutation importance")

    out.mkdir(parents=True, exist_ok=True)
    joblib.dump({"model": model, "levels": levels}, out / "model.joblib")
    (out / "report.json").write_text(json.dumps({"scores": scores, "holdout": holdout, "importance": importance}))
    lap("save")

    if len(sys.argv) > 3:
        rows = pandas.read_csv(sys.argv[3]).drop(columns=TARGET, errors="ignore")
        for name, kind in levels.items():   # a category never seen is missing
            rows[name] = rows[name].where(rows[name].isin(kind.categories)).astype(kind)
        pandas.DataFrame({"prediction": model.predict_proba(rows)[:, 1]}).to_csv(out / "predictions.csv", index=False)
    print(json.dumps({"chosen": chosen, "cross_validation": scores, "holdout": holdout,
                      "roc_auc_interval": interval, "seconds": took}))


if __name__ == "__main__":
    main()
