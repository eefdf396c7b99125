"""What scikit-learn's trees, forests and AdaBoost make of the tables of tree.json, for
crates/learn/tests/it/tree/.

    python tests/reference/learn_forest.py > crates/learn/tests/fixtures/forest.json

The tables and the rows held out are those of learn_tree.py. `single` are small trees by their settings: what
they answer on the rows that they were grown on, and their importances, to be matched number by number; null
where equal splits leave it open.
`path` is the cost-complexity pruning path of a tree, `pruned` a tree on it. SAMME draws nothing, so its
probabilities on the rows held out are to be matched; R2 and the forests draw, so their scores are means.
"""

import json
import sys

import numpy as np
import sklearn
from sklearn import datasets, ensemble, metrics, tree

from learn_tree import held_out, short, told


def classify(data):
    x, y = short(data.data), data.target
    train, test = held_out(len(y))

    def single(**settings):
        trees = [tree.DecisionTreeClassifier(random_state=s, **settings).fit(x[train], y[train]) for s in range(10)]
        answers = [told(t.predict_proba(x[train])) for t in trees]
        # Of equal splits each seed takes another: what they leave open is not told.
        if any(other != answers[0] for other in answers):
            return None
        return {"answers": answers[0], "importances": told(trees[0].feature_importances_)}

    def samme(depth):
        # Column 20 parts the rows as well as column 22 does, so it is left out.
        columns = [i for i in range(x.shape[1]) if i != 20]
        stump = tree.DecisionTreeClassifier(max_depth=depth, random_state=0)
        return told(ensemble.AdaBoostClassifier(stump, n_estimators=10, random_state=0)
                    .fit(x[train][:, columns], y[train]).predict_proba(x[test][:, columns]))

    oob = [ensemble.RandomForestClassifier(oob_score=True, random_state=s).fit(x[train], y[train]).oob_score_
           for s in range(10)]
    return {
        "single": {
            "gini": single(max_leaf_nodes=5),
            "entropy": single(max_leaf_nodes=5, criterion="entropy"),
            "balanced": single(max_leaf_nodes=5, class_weight="balanced"),
        },
        "samme": samme(1),
        "text": tree.export_text(tree.DecisionTreeClassifier(max_depth=2, random_state=0).fit(x[train], y[train]),
                                 feature_names=[f"x{i}" for i in range(x.shape[1])]),
        "oob": float(np.mean(oob)),
    }


def regress(data):
    x, y = short(data.data), data.target
    train, test = held_out(len(y))

    def single(**settings):
        t = tree.DecisionTreeRegressor(random_state=0, **settings).fit(x[train], y[train])
        return {"answers": told(t.predict(x[train])), "importances": told(t.feature_importances_)}

    whole = tree.DecisionTreeRegressor(min_samples_leaf=5, random_state=0)
    path = whole.cost_complexity_pruning_path(x[train], y[train])
    alpha = float(path.ccp_alphas[-5] * 1.001)
    pruned = tree.DecisionTreeRegressor(min_samples_leaf=5, ccp_alpha=alpha, random_state=0).fit(x[train], y[train])
    oob = [ensemble.RandomForestRegressor(oob_score=True, random_state=s).fit(x[train], y[train]).oob_score_
           for s in range(10)]

    def boosted(seed, **settings):
        model = ensemble.AdaBoostRegressor(n_estimators=50, random_state=seed, **settings).fit(x[train], y[train])
        return metrics.root_mean_squared_error(y[test], model.predict(x[test]))

    return {
        "single": {
            "squared_error": single(max_leaf_nodes=6),
            "heavy": single(max_leaf_nodes=5, min_weight_fraction_leaf=0.1),
            "absolute_error": single(max_leaf_nodes=6, criterion="absolute_error"),
            "poisson": single(max_leaf_nodes=6, criterion="poisson"),
        },
        "path": {"alphas": path.ccp_alphas.tolist(), "impurities": path.impurities.tolist()},
        "pruned": {"alpha": alpha, "answers": told(pruned.predict(x[train])), "leaves": int(pruned.get_n_leaves())},
        "oob": float(np.mean(oob)),
        "r2": {loss: float(np.mean([boosted(s, loss=loss) for s in range(5)]))
               for loss in ["linear", "square", "exponential"]},
    }


if __name__ == "__main__":
    json.dump(
        {
            "script": "tests/reference/learn_forest.py",
            "scikit-learn": sklearn.__version__,
            "breast_cancer": classify(datasets.load_breast_cancer()),
            "wine": classify(datasets.load_wine()),
            "diabetes": regress(datasets.load_diabetes()),
        },
        sys.stdout,
    )
