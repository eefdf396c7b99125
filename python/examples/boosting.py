"""Which tumours are malignant? Boosted trees, cross-validated."""

from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import cross_val_score

X, y = load_breast_cancer(return_X_y=True)
model = HistGradientBoostingClassifier(max_iter=100, learning_rate=0.1, random_state=0)
scores = cross_val_score(model, X, y, cv=5, scoring="roc_auc")
print("roc_auc", round(scores.mean(), 3))
