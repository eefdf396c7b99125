"""Which digit is this? Forests, boosting and bagging side by side."""

from sklearn.datasets import load_digits
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier, ExtraTreesClassifier, RandomForestClassifier
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
for model in [
    DecisionTreeClassifier(random_state=0),
    BaggingClassifier(DecisionTreeClassifier(), n_estimators=50, random_state=0),
    RandomForestClassifier(n_estimators=200, n_jobs=2, random_state=0),
    ExtraTreesClassifier(n_estimators=200, n_jobs=2, random_state=0),
    AdaBoostClassifier(DecisionTreeClassifier(max_depth=8), n_estimators=50, random_state=0),
]:
    print(type(model).__name__, round(model.fit(X_train, y_train).score(X_test, y_test), 3))
forest = RandomForestClassifier(n_estimators=200, oob_score=True, random_state=0).fit(X, y)
print("out_of_bag", round(forest.oob_score_, 3))
