"""How far has the disease gone in a year? The strength of a penalty, chosen by a search."""

from sklearn.datasets import load_diabetes
from sklearn.linear_model import ElasticNet, Lasso, Ridge
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

X, y = load_diabetes(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
for model, grid in [
    (Ridge(), {"ridge__alpha": [0.1, 1.0, 10.0, 100.0]}),
    (Lasso(), {"lasso__alpha": [0.01, 0.1, 1.0, 10.0]}),
    (ElasticNet(), {"elasticnet__alpha": [0.01, 0.1, 1.0], "elasticnet__l1_ratio": [0.2, 0.8]}),
]:
    search = GridSearchCV(make_pipeline(StandardScaler(), model), grid, cv=5).fit(X_train, y_train)
    print(type(model).__name__, round(search.score(X_test, y_test), 3), search.best_params_)
