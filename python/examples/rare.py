"""One row in twenty is of the class that matters: a baseline, class weights, and what they change."""

from sklearn.datasets import make_classification
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, recall_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

X, y = make_classification(6000, 12, n_informative=6, weights=[0.95], class_sep=0.8, flip_y=0.01, random_state=1)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
for name, model in [
    ("baseline", DummyClassifier()),
    ("plain", make_pipeline(StandardScaler(), LogisticRegression())),
    ("balanced", make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced"))),
]:
    model.fit(X_train, y_train)
    precision = average_precision_score(y_test, model.predict_proba(X_test)[:, 1])
    print(f"{name}_precision", round(precision, 3))
    print(f"{name}_recall", round(recall_score(y_test, model.predict(X_test)), 3))
