"""What LightGBM and XGBoost make of other losses, for crates/learn/tests/it/objectives.rs.

    python tests/reference/learn_objectives.py > crates/learn/tests/fixtures/objectives.json

The inputs are those of crates/learn/tests/fixtures/tree.json (scikit-learn's diabetes and breast cancer), the
targets are made from theirs; every fourth row is held out, of rankings every fourth group of 17. `one_tree` is
what a single tree answers on the rows it was grown on, to be matched number by number; `loss` is that of whole
models on the rows held out, by the formula beside it.

LightGBM guesses the rows of a leaf from its hessians, so leaves are bounded by the hessians themselves where those
are not 1; XGBoost counts ends at one time in the order of the rows, so no two times are the same.
"""

import json
import sys

import lightgbm
import numpy as np
import sklearn
import xgboost
from scipy import stats
from sklearn import metrics

with open("crates/learn/tests/fixtures/tree.json") as file:
    tables = json.load(file)


def table(name):
    return np.array(tables[name]["x"]).T, np.array(tables[name]["y"], float)


LIGHT = dict(learning_rate=0.1, num_leaves=15, min_data_in_leaf=1, min_sum_hessian_in_leaf=10.0, min_data_in_bin=1, verbose=-1, num_threads=1, boost_from_average=True)
ROWS = dict(min_data_in_leaf=10, min_sum_hessian_in_leaf=1e-3)
x, y = table("diabetes")
rows = np.arange(len(y))
test = rows % 4 == 3
train = ~test
# Low values become 0, as of insurance claims; a probability; a count.
amounts = np.where(y < 90, 0.0, y)
shares = np.round((y - y.min()) / (y.max() - y.min()), 6)
classes = np.digitize(y, np.quantile(y, [0.4, 0.75])).astype(float)


def light(objective, target, loss, x=x, train=train, test=test, group=None, rounds=60, **more):
    def fit(rounds):
        data = lightgbm.Dataset(x[train], target[train], group=None if group is None else np.unique(group[train], return_counts=True)[1])
        return lightgbm.train({**LIGHT, "objective": objective, **more}, data, rounds)

    model = fit(rounds)
    return {
        "y": target.tolist(),
        "one_tree": np.round(fit(1).predict(x[train]), 9).tolist(),
        "loss": float(loss(target[test], model.predict(x[test]))),
    }


def pinball(q):
    return lambda y, p: metrics.mean_pinball_loss(y, p, alpha=q)


def huber(y, p):
    far = np.abs(y - p)
    return np.mean(np.where(far <= 50, far**2 / 2, 50 * (far - 25)))


def cross_entropy(y, p):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def ova(y, p):
    return metrics.log_loss(y, p / p.sum(axis=1, keepdims=True))


groups = rows // 17
listed = groups % 4 == 3
relevance = np.digitize(y, np.quantile(y, [0.4, 0.65, 0.85, 0.95])).astype(float)


def list_loss(score):
    full = np.zeros(len(y))
    full[listed] = score
    values = [
        metrics.ndcg_score([2.0 ** relevance[g] - 1], [full[g]])
        for g in (np.flatnonzero(groups == g) for g in np.unique(groups[listed]))
        if relevance[g].any()
    ]
    return 1 - float(np.mean(values))


def lambdarank():
    return light("lambdarank", relevance, lambda _, p: list_loss(p), train=~listed, test=listed, group=groups, lambdarank_truncation_level=30)


TREES = dict(eta=0.1, max_leaves=15, max_depth=0, grow_policy="lossguide", tree_method="hist", reg_lambda=0, min_child_weight=0, nthread=1)


def xgb_pairwise():
    def data(mask):
        return xgboost.DMatrix(x[mask], relevance[mask], group=np.unique(groups[mask], return_counts=True)[1])

    settings = {**TREES, "min_child_weight": 1, "objective": "rank:pairwise", "lambdarank_pair_method": "mean", "lambdarank_num_pair_per_sample": 20}
    model = xgboost.train(settings, data(~listed), 60)
    return {"loss": list_loss(model.predict(data(listed)))}


seen = (rows * 7919 % 10) < 7
times = np.where(seen, y, np.floor(y * 0.8)) + rows / 1000


def cox():
    label = np.where(seen, times, -times)
    data = xgboost.DMatrix(x[train], label[train])
    settings = {**TREES, "objective": "survival:cox", "base_score": 1.0, "min_child_weight": 5}
    model = xgboost.train(settings, data, 60)
    one = xgboost.train({**settings, "max_leaves": 6}, data, 1)
    risk = model.predict(xgboost.DMatrix(x[test]))
    return {"times": times.tolist(), "seen": seen.astype(int).tolist(), "concordance": concordance(times[test], seen[test], -risk), "one_tree": np.round(one.predict(data), 9).tolist()}


def concordance(time, seen, score):
    right = pairs = 0.0
    for i in range(len(time)):
        for j in range(len(time)):
            if seen[i] and (time[i] < time[j] or (time[i] == time[j] and not seen[j])):
                pairs += 1
                right += 1.0 if score[i] < score[j] else 0.5 if score[i] == score[j] else 0.0
    return right / pairs


NOISE = {"normal": stats.norm, "logistic": stats.logistic, "extreme": stats.gumbel_l}


def aft(name):
    scale, noise = 0.5, NOISE[name]

    def data(mask):
        d = xgboost.DMatrix(x[mask])
        d.set_float_info("label_lower_bound", times[mask])
        d.set_float_info("label_upper_bound", np.where(seen, times, np.inf)[mask])
        return d

    settings = {**TREES, "objective": "survival:aft", "aft_loss_distribution": name, "aft_loss_distribution_scale": scale, "min_child_weight": 5, "base_score": 150.0}
    model = xgboost.train(settings, data(train), 60)
    z = (np.log(times[test]) - np.log(model.predict(data(test)))) / scale
    loss = np.where(seen[test], -noise.logpdf(z) + np.log(scale * times[test]), -noise.logsf(z))
    return {"loss": float(loss.mean())}


def weighted():
    """Of breast cancer, positives counting 5 times. LightGBM's own `scale_pos_weight` begins where they do not."""
    bx, by = table("breast_cancer")
    t = np.arange(len(by)) % 4 == 3
    model = lightgbm.train({**LIGHT, "objective": "binary"}, lightgbm.Dataset(bx[~t], by[~t], weight=1 + 4 * by[~t]), 1)
    return {"one_tree": np.round(model.predict(bx[~t]), 9).tolist()}


json.dump(
    {
        "script": "tests/reference/learn_objectives.py",
        "lightgbm": lightgbm.__version__,
        "xgboost": xgboost.__version__,
        "scikit-learn": sklearn.__version__,
        "absolute_error": light("regression_l1", y, metrics.mean_absolute_error, **ROWS),
        "quantile": light("quantile", y, pinball(0.9), alpha=0.9, **ROWS),
        "huber": light("huber", y, huber, alpha=50.0, **ROWS),
        "poisson": light("poisson", y / 40, metrics.mean_poisson_deviance),
        "gamma": light("gamma", y, metrics.mean_gamma_deviance),
        "tweedie": light("tweedie", amounts, lambda t, p: metrics.mean_tweedie_deviance(t, p, power=1.5)),
        "cross_entropy": light("cross_entropy", shares, cross_entropy),
        "one_vs_all": light("multiclassova", classes, ova, num_class=3),
        "lambdarank": lambdarank(),
        "rank_pairwise": xgb_pairwise(),
        "cox": cox(),
        "aft": {name: aft(name) for name in NOISE},
        "scale_pos_weight": weighted(),
    },
    sys.stdout,
)
