"""The default gbdt beside its peers at their defaults, on identical rows.

    $(bench/setup.sh) bench/accuracy.py [--arkwright PATH] [--peers-only]

For `adult` (ROC AUC, higher is better) and `california_housing` (RMSE, lower
is better) and five split seeds: a fifth is held out, every learner fits on the
rest and predicts the fifth. Arkwright runs a system whose only candidate is
`kind = "gbdt"` with no settings, refitted on the whole of the training file,
and predicts the test file by the command. The peers are scikit-learn's
HistGradientBoosting* (categories by `from_dtype`) and LightGBM (category
columns), with no settings but the seed and two threads. Categories and missing
values are native for all three.

The bar: the mean over the seeds within 0.001 ROC AUC, or 0.5 % RMSE, of the
better peer's mean, or above it. Both tables are reported on, and so were not
used to choose defaults.
"""

import argparse
import pathlib
import statistics
import sys
import tempfile

import lightgbm
import machine
import pandas
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import roc_auc_score, root_mean_squared_error
from sklearn.model_selection import train_test_split

# name -> target, task, metric, positive class
TABLES = {"adult": ("income", "classify", "roc_auc", ">50K"),
          "california_housing": ("MedHouseVal", "regress", "rmse", None)}
FILE = """format = 1
[system]
name = "table"
task = "{task}"
[data]
source = "train.csv"
target = "{target}"
[split]
kind = "random"
test = 0.1
folds = 2
[[model]]
kind = "gbdt"
[evaluate]
metrics = ["{metric}"]
refit = true
"""


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--arkwright", type=pathlib.Path, default=machine.ARKWRIGHT, help="the binary")
    options.add_argument("--tables", nargs="+", choices=list(TABLES), default=list(TABLES))
    options.add_argument("--seeds", type=int, default=5)
    options.add_argument("--peers-only", action="store_true")
    options.add_argument("--out", default="accuracy", help="name of the result")
    given = options.parse_args()
    binary = None if given.peers_only else given.arkwright
    result = machine.describe(["pandas", "scikit-learn", "lightgbm", "numpy"], binary)
    result |= {"seeds": list(range(given.seeds)), "tables": {}}
    for name in given.tables:
        result["tables"][name] = compare(name, given.seeds, binary)
    machine.write(given.out, result)
    if any(not table.get("within_bar", True) for table in result["tables"].values()):
        sys.exit(1)


def compare(name, seeds, binary):
    target, task, metric, positive = TABLES[name]
    path = machine.DATA / f"{name}.csv"
    if not path.exists():
        sys.exit(f"{path} is missing: python3 bench/fetch.py {name}")
    table = pandas.read_csv(path)
    got = {"scikit-learn": [], "lightgbm": []} | ({"arkwright": []} if binary else {})
    print(f"\n{name}: {metric}\nseed  " + "  ".join(f"{learner:>12}" for learner in got))
    for seed in range(seeds):
        train, test = train_test_split(table, test_size=0.2, random_state=seed,
                                       stratify=table[target] if positive else None)
        truth = test[target] == positive if positive else test[target]
        for learner, answer in predict(train, test, target, positive, seed).items():
            got[learner].append(score(positive, truth, answer))
        if binary:
            answer = arkwright(binary, train, test, target, task, metric, positive)
            got["arkwright"].append(score(positive, truth, answer))
        print(f"{seed:4}  " + "  ".join(f"{scores[-1]:12.5f}" for scores in got.values()), flush=True)
    mean = {learner: statistics.mean(scores) for learner, scores in got.items()}
    print("mean  " + "  ".join(f"{value:12.5f}" for value in mean.values()))
    result = {"metric": metric, "scores": got, "mean": mean}
    if binary:
        peers = mean["scikit-learn"], mean["lightgbm"]
        better = max(peers) if positive else min(peers)
        result["against_better"] = mean["arkwright"] - better if positive else mean["arkwright"] / better - 1
        result["within_bar"] = result["against_better"] >= -0.001 if positive else result["against_better"] <= 0.005
        print(f"against the better peer: {result['against_better']:+.5f}, "
              f"{'within' if result['within_bar'] else 'OUTSIDE'} the bar")
    return result


def predict(train, test, target, positive, seed):
    """The peers' answers: chances of the positive class, or values."""
    text = [name for name in train if name != target and train[name].dtype.kind not in "if"]
    levels = {name: pandas.CategoricalDtype(sorted(train[name].dropna().unique())) for name in text}
    x, rows = (part.drop(columns=target) for part in (train, test))
    for name, kind in levels.items():   # a category that the training rows lack is missing
        x[name], rows[name] = x[name].astype(kind), rows[name].where(rows[name].isin(kind.categories)).astype(kind)
    if positive:
        y = train[target] == positive
        learners = {"scikit-learn": HistGradientBoostingClassifier(categorical_features="from_dtype",
                                                                   random_state=seed),
                    "lightgbm": lightgbm.LGBMClassifier(n_jobs=2, random_state=seed, verbose=-1)}
        return {name: learner.fit(x, y).predict_proba(rows)[:, 1] for name, learner in learners.items()}
    learners = {"scikit-learn": HistGradientBoostingRegressor(categorical_features="from_dtype", random_state=seed),
                "lightgbm": lightgbm.LGBMRegressor(n_jobs=2, random_state=seed, verbose=-1)}
    return {name: learner.fit(x, train[target]).predict(rows) for name, learner in learners.items()}


def arkwright(binary, train, test, target, task, metric, positive):
    """The command's answers for the same rows, through files."""
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        train.to_csv(work / "train.csv", index=False)
        test.drop(columns=target).to_csv(work / "test.csv", index=False)
        (work / "arkwright.toml").write_text(FILE.format(task=task, target=target, metric=metric))
        store = ["--store", work / "store", "-q"]
        machine.run([binary, "run", work, *store])
        machine.run([binary, "predict", "table", work / "test.csv", "-o", work / "answers.csv", *store])
        answers = pandas.read_csv(work / "answers.csv")
    if len(answers) != len(test):
        sys.exit(f"arkwright predict wrote {len(answers)} rows for {len(test)}")
    return answers[f"probability_{positive}" if positive else "prediction"]


def score(positive, truth, answer):
    return roc_auc_score(truth, answer) if positive else root_mean_squared_error(truth, answer)


if __name__ == "__main__":
    main()
