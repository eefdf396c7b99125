"""Answers of naive Bayes and of discriminant analysis by scikit-learn, for crates/learn.

Run: python tests/reference/learn_bayes.py crates/learn/tests/fixtures
writes bayes.json: every other row of three real tables is learnt from, the rest is asked. Kinds that count learn the columns
less their least value.
"""

import json
import sys
from pathlib import Path

import sklearn
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.naive_bayes import BernoulliNB, ComplementNB, GaussianNB, MultinomialNB

from real_tables import classes, tables

folder = Path(sys.argv[1])
out = {"made_by": "tests/reference/learn_bayes.py", "scikit-learn": sklearn.__version__}
PRIORS = {3: [0.2, 0.5, 0.3], 2: [0.3, 0.7]}


def answers(name, kind, model, weighted=False, counts=False, **settings):
    x, y, w = tables[name]
    x = x - x.min(0) if counts else x
    k = len(set(y))
    settings = {key: PRIORS[k] if value == "priors" else value for key, value in settings.items()}
    fitted = model(**settings)
    weights = {"sample_weight": w[::2]} if weighted else {}
    found = fitted.fit(x[::2], y[::2], **weights).predict_proba(x[1::2])
    settings.pop("solver", None) if kind == "qda" else None
    return {"table": name, "kind": kind, "settings": settings, "weighted": weighted, "counts": counts, "classes": k,
            "answers": found.ravel().tolist()}


out["cases"] = []
for name in classes:
    for weighted in (False, True):
        out["cases"] += [
            answers(name, "gaussian_nb", GaussianNB, weighted),
            answers(name, "gaussian_nb", GaussianNB, weighted, priors="priors"),
            answers(name, "multinomial_nb", MultinomialNB, weighted, True),
            answers(name, "multinomial_nb", MultinomialNB, weighted, True, alpha=0.3, fit_prior=False),
            answers(name, "complement_nb", ComplementNB, weighted, True),
            answers(name, "complement_nb", ComplementNB, weighted, True, norm=True),
            answers(name, "bernoulli_nb", BernoulliNB, weighted),
            answers(name, "bernoulli_nb", BernoulliNB, weighted, alpha=0.5, binarize=0.2, class_prior="priors"),
        ]
    lda, qda = LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
    out["cases"] += [
        answers(name, "lda", lda),
        answers(name, "lda", lda, priors="priors"),
        answers(name, "lda", lda, solver="lsqr"),
        answers(name, "lda", lda, solver="lsqr", shrinkage=0.2, priors="priors"),
        answers(name, "lda", lda, solver="lsqr", shrinkage="auto"),
        answers(name, "qda", qda, reg_param=0.1),
        answers(name, "qda", qda, tol=1e-9),
        answers(name, "qda", qda, solver="eigen", shrinkage="auto"),
        answers(name, "qda", qda, solver="eigen", shrinkage=0.3, priors="priors"),
    ]
(folder / "bayes.json").write_text(json.dumps(out) + "\n")
