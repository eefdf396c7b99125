"""Scores by scikit-learn for the tests of crates/measure.

Run: python tests/reference/measure_scores.py > crates/measure/tests/fixtures/scores.json
"""

import json
import warnings

import numpy as np
import scipy
import sklearn
from scipy import stats
from sklearn import metrics as m
from sklearn.calibration import calibration_curve

warnings.filterwarnings("ignore")
rng = np.random.default_rng(7)
out = {
    "made_by": "tests/reference/measure_scores.py",
    "scikit-learn": sklearn.__version__,
    "scipy": scipy.__version__,
    "numpy": np.__version__,
}


def classes(n, k, ties, weighted):
    y = rng.integers(0, k, n)
    z = rng.normal(size=(n, k)) + 1.2 * np.eye(k)[y]
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    if ties:
        p = np.round(p * 10)
        p = np.where(p.sum(1, keepdims=True) == 0, 1, p)
        p = p / p.sum(1, keepdims=True)
    w = np.round(rng.gamma(1.5, size=n), 3) if weighted else None
    if weighted:
        w[rng.integers(0, n, n // 10)] = 0.0
    return y, p, w


def labels_case(y, label, k, w):
    case = {}
    seen = list(range(k))
    case["confusion"] = m.confusion_matrix(y, label, labels=seen, sample_weight=w).astype(float).ravel().tolist()
    case["accuracy"] = m.accuracy_score(y, label, sample_weight=w)
    case["balanced_accuracy"] = m.balanced_accuracy_score(y, label, sample_weight=w)
    case["mcc"] = m.matthews_corrcoef(y, label, sample_weight=w)
    case["kappa"] = m.cohen_kappa_score(y, label, sample_weight=w)
    for zero in (0, 1):
        for average in (None, "micro", "macro", "weighted"):
            for beta in (1.0, 2.0):
                labels = seen if average is None else None
                r = m.precision_recall_fscore_support(
                    y, label, beta=beta, labels=labels, average=average, sample_weight=w, zero_division=zero
                )
                case[f"prf_{average}_{beta:.0f}_{zero}"] = [np.asarray(v, float).tolist() for v in r[:3]]
    return case


binary = []
for n, ties, weighted in [(40, False, False), (60, True, False), (50, False, True), (80, True, True)]:
    y, p, w = classes(n, 2, ties, weighted)
    s = p[:, 1]
    label = p.argmax(1)
    fpr, tpr, thr = m.roc_curve(y, s, sample_weight=w, drop_intermediate=False)
    pr, re, pthr = m.precision_recall_curve(y, s, sample_weight=w)
    case = {
        "truth": y.tolist(), "count": 2, "probabilities": p.ravel().tolist(),
        "weight": None if w is None else w.tolist(),
        "scores": {
            "roc_auc": m.roc_auc_score(y, s, sample_weight=w),
            "average_precision": m.average_precision_score(y, s, sample_weight=w),
            "log_loss": m.log_loss(y, p, sample_weight=w, labels=[0, 1]),
            "brier": m.brier_score_loss(y, s, sample_weight=w),
            "f1": m.f1_score(y, label, sample_weight=w),
            "precision": m.precision_score(y, label, sample_weight=w),
            "recall": m.recall_score(y, label, sample_weight=w),
        },
        "roc": {"fpr": fpr.tolist(), "tpr": tpr.tolist(), "area": m.auc(fpr, tpr)},
        "pr": {"precision": pr.tolist(), "recall": re.tolist(), "thresholds": pthr.tolist()},
        "labels": labels_case(y, label, 2, w),
    }
    if w is None:
        case["calibration"] = {}
        for strategy in ("uniform", "quantile"):
            observed, predicted = calibration_curve(y, s, n_bins=5, strategy=strategy)
            case["calibration"][strategy] = {"observed": observed.tolist(), "predicted": predicted.tolist()}
    binary.append(case)
out["binary"] = binary

multi = []
for n, k, ties, weighted in [(60, 3, False, False), (90, 4, True, False), (70, 3, True, True)]:
    y, p, w = classes(n, k, ties, weighted)
    label = p.argmax(1)
    onehot = np.eye(k)[y]
    multi.append({
        "truth": y.tolist(), "count": k, "probabilities": p.ravel().tolist(),
        "weight": None if w is None else w.tolist(),
        "scores": {
            "roc_auc": m.roc_auc_score(y, p, multi_class="ovr", average="macro", sample_weight=w),
            "roc_auc_weighted": m.roc_auc_score(y, p, multi_class="ovr", average="weighted", sample_weight=w),
            "average_precision": m.average_precision_score(onehot, p, average="macro", sample_weight=w),
            "log_loss": m.log_loss(y, p, sample_weight=w, labels=list(range(k))),
            "brier": m.brier_score_loss(y, p, sample_weight=w, labels=list(range(k)), scale_by_half=False),
            "f1": m.f1_score(y, label, average="macro", sample_weight=w),
            "f1_macro": m.f1_score(y, label, average="macro", sample_weight=w),
            "f1_micro": m.f1_score(y, label, average="micro", sample_weight=w),
            "f1_weighted": m.f1_score(y, label, average="weighted", sample_weight=w),
            "precision": m.precision_score(y, label, average="macro", sample_weight=w),
            "recall": m.recall_score(y, label, average="macro", sample_weight=w),
        },
        "labels": labels_case(y, label, k, w),
    })
out["multi"] = multi

# Labels only: a class never predicted, a class never true, a class that is neither, one class alone.
edge = []
for y, label, k in [
    ([0, 0, 1, 2, 2, 1], [0, 0, 1, 1, 1, 1], 3),
    ([0, 1, 1, 0], [0, 2, 1, 0], 3),
    ([0, 1, 1, 0], [0, 1, 1, 1], 4),
    ([1, 1, 1], [1, 1, 1], 2),
    ([0, 0, 0], [1, 1, 1], 2),
    ([0, 0, 0], [0, 0, 0], 2),
]:
    case = labels_case(np.array(y), np.array(label), k, None)
    case["kappa"] = 0.0 if np.isnan(case["kappa"]) else case["kappa"]
    edge.append({"truth": y, "predicted": label, "count": k, "labels": case})
out["edge"] = edge

regression = []
for n, weighted, kind in [(41, False, "real"), (60, False, "positive"), (50, True, "positive"), (52, True, "real"),
                          (10, False, "constant"), (30, False, "counts")]:
    if kind == "real":
        y = rng.normal(size=n) * 3
        p = y + rng.normal(size=n)
    elif kind == "constant":
        y = np.full(n, 2.0)
        p = y + rng.normal(size=n)
    elif kind == "counts":
        y = rng.poisson(2.0, n).astype(float)
        p = rng.gamma(2.0, size=n) + 0.1
    else:
        y = rng.gamma(2.0, size=n) + 0.01
        p = y * rng.gamma(5.0, 0.2, size=n) + 0.01
    w = np.round(rng.gamma(1.5, size=n), 3) if weighted else None
    scores = {
        "mse": m.mean_squared_error(y, p, sample_weight=w),
        "rmse": m.root_mean_squared_error(y, p, sample_weight=w),
        "mae": m.mean_absolute_error(y, p, sample_weight=w),
        "median_ae": m.median_absolute_error(y, p, sample_weight=w),
        "mape": m.mean_absolute_percentage_error(y, p, sample_weight=w),
        "r2": m.r2_score(y, p, sample_weight=w),
        "explained_variance": m.explained_variance_score(y, p, sample_weight=w),
    }
    if kind in ("positive", "counts"):
        scores["poisson_deviance"] = m.mean_poisson_deviance(y, p, sample_weight=w)
    if kind == "positive":
        scores["gamma_deviance"] = m.mean_gamma_deviance(y, p, sample_weight=w)
    regression.append({
        "kind": kind, "truth": y.tolist(), "predicted": p.tolist(), "weight": None if w is None else w.tolist(),
        "scores": scores,
        "pinball": {a: m.mean_pinball_loss(y, p, alpha=float(a), sample_weight=w) for a in ("0.1", "0.5", "0.9")},
    })
out["regression"] = regression

a, b = np.round(rng.normal(size=50), 1), rng.normal(size=50)
b = np.round(b + a, 1)
ca, cb = rng.integers(0, 4, 80), rng.integers(0, 3, 80)
cb = np.where(rng.random(80) < 0.4, ca % 3, cb)
table = np.zeros((4, 3))
np.add.at(table, (ca, cb), 1)
v = b[:50]
group = rng.integers(0, 5, 50)
between = sum(((v[group == g].mean() - v.mean()) ** 2) * (group == g).sum() for g in set(group.tolist()))
out["association"] = {
    "a": a.tolist(), "b": b.tolist(), "group": group.tolist(), "codes_a": ca.tolist(), "codes_b": cb.tolist(),
    "pearson": float(stats.pearsonr(a, b)[0]), "spearman": float(stats.spearmanr(a, b)[0]),
    "mutual_information": float(m.mutual_info_score(ca, cb)),
    "cramers_v": float(stats.contingency.association(table.astype(int), method="cramer")),
    "eta_squared": float(between / ((v - v.mean()) ** 2).sum()),
    "quantiles": {str(q): float(np.quantile(a, q)) for q in (0, 0.025, 0.3, 0.5, 0.99, 1)},
    "histogram": [x.astype(float).tolist() for x in np.histogram(a, 7)],
}
print(json.dumps(out))
