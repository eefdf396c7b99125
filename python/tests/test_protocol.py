"""Estimators in the company of scikit-learn's: pipelines, searches, copies, pickles, tables out, routing."""

from __future__ import annotations

import pickle
import pickletools
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn
import sklearn.linear_model
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline

import arkwright
from arkwright.ensemble import BaggingClassifier, GBDTClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from arkwright.impute import SimpleImputer
from arkwright.linear_model import LinearRegression, LogisticRegression, Ridge
from arkwright.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler, TargetEncoder
from arkwright.tree import DecisionTreeClassifier

OURS = arkwright.all_estimators()
BY_NAME = dict(OURS)


def data_for(kind: type) -> tuple[Any, np.ndarray]:
    """Rows that an estimator of that kind learns from."""
    X, y = load_diabetes(return_X_y=True)
    X, y = X[:120, :4], y[:120]
    if kind._kind == "dates":
        return pd.DataFrame({"day": pd.date_range("2024-01-01", periods=120)}), np.round(y / 100)
    if kind._encodes:
        X = np.round(X * 40)
    if kind._positive_only:
        X = X - X.min(axis=0)
    if kind._positive_target:
        y = y + 100
    return (X, (y > np.median(y)).astype(int)) if kind._estimator_type == "classifier" else (X, np.round(y / 100))


def answer(fitted: Any, X: Any) -> np.ndarray:
    for method in ("predict_proba", "predict", "transform"):
        if hasattr(fitted, method):
            return np.asarray(getattr(fitted, method)(X))
    raise AssertionError("it answers nothing")


@pytest.mark.parametrize("name, kind", OURS, ids=[name for name, _ in OURS])
def test_a_pickled_estimator_answers_to_the_bit_and_holds_data_only(name: str, kind: type) -> None:
    X, y = data_for(kind)
    fitted = kind().fit(X, y)
    pickled = pickle.dumps(fitted)
    again = pickle.loads(pickled)
    assert answer(again, X).tobytes() == answer(fitted, X).tobytes()
    assert again.get_params() == fitted.get_params() or name == "OrdinalEncoder"
    # What a pickle names is what it calls: our classes, and NumPy's arrays.
    named = {
        arg.split(" ")[0].split(".")[0]
        for op, arg, _ in pickletools.genops(pickle.dumps(fitted, 0))
        if op.name == "GLOBAL"
    }
    assert named <= {"arkwright", "numpy", "copy_reg", "copyreg", "_codecs", "__builtin__", "builtins"}, named


@pytest.mark.parametrize("name, kind", OURS, ids=[name for name, _ in OURS])
def test_an_estimator_works_in_a_pipeline_a_clone_and_a_cross_validation(name: str, kind: type) -> None:
    X, y = data_for(kind)
    estimator = clone(kind())
    if hasattr(estimator, "transform"):
        pipeline = make_pipeline(estimator, LinearRegression())
    elif not hasattr(estimator, "score"):
        pytest.skip("it has no score, as scikit-learn's has none")
    else:
        pipeline = make_pipeline(MinMaxScaler() if kind._positive_only else StandardScaler(), estimator)
    if name in ("OneHotEncoder", "OrdinalEncoder"):
        estimator.set_params(handle_unknown="ignore" if name == "OneHotEncoder" else "use_encoded_value")
        if name == "OrdinalEncoder":
            estimator.set_params(unknown_value=-1)
    if hasattr(estimator, "transform") and clone(estimator).fit_transform(X, y).shape[1] == 0:
        pytest.skip("it takes columns of another kind, and leaves these out")
    scores = cross_val_score(pipeline, X, y, cv=3, error_score="raise")
    assert len(scores) == 3 and np.isfinite(scores).all()
    assert clone(pipeline).fit(X, y).score(X, y) == pipeline.fit(X, y).score(X, y)


def test_a_grid_search_finds_the_better_setting() -> None:
    X, y = load_breast_cancer(return_X_y=True)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), LogisticRegression()), {"logisticregression__C": [1e-6, 1.0]}, cv=3
    )
    assert search.fit(X, y).best_params_ == {"logisticregression__C": 1.0}
    forest = GridSearchCV(
        RandomForestClassifier(n_estimators=20, random_state=0), {"max_depth": [1, 8]}, cv=3, n_jobs=2
    )
    assert forest.fit(X, y).best_params_ == {"max_depth": 8}


def test_a_column_transformer_joins_columns_of_all_kinds(people: pd.DataFrame) -> None:
    columns = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), ["age", "income"]),
            ("city", OneHotEncoder(handle_unknown="ignore"), ["city"]),
        ]
    )
    pipeline = Pipeline([("columns", columns), ("model", LogisticRegression())])
    scores = cross_val_score(pipeline, people[["age", "income", "city"]], people.pays, cv=5)
    assert scores.mean() > 0.8
    columns.set_output(transform="pandas")
    made = columns.fit_transform(people)
    assert list(made.columns) == [
        "numbers__age",
        "numbers__income",
        "city__city_Lima",
        "city__city_Oslo",
        "city__city_Pune",
        "city__city_Rome",
    ]
    assert made.index.equals(people.index)


def test_tables_come_out_as_asked(people: pd.DataFrame) -> None:
    import polars

    scaler = StandardScaler().fit(people[["age"]])
    assert isinstance(scaler.transform(people[["age"]]), np.ndarray)
    assert list(scaler.set_output(transform="pandas").transform(people[["age"]]).columns) == ["age"]
    assert isinstance(scaler.set_output(transform="polars").transform(people[["age"]]), polars.DataFrame)
    with sklearn.config_context(transform_output="pandas"):
        assert isinstance(StandardScaler().fit_transform(people[["age"]]), pd.DataFrame)


def test_sample_weights_are_routed() -> None:
    X, y = load_breast_cancer(return_X_y=True)
    weight = np.where(y == 1, 1.0, 0.0)
    weight[:30] = 1.0
    with sklearn.config_context(enable_metadata_routing=True):
        plain = make_pipeline(
            StandardScaler().set_fit_request(sample_weight=False),
            LogisticRegression().set_fit_request(sample_weight=True),
        )
        routed = plain.fit(X, y, sample_weight=weight)
        with pytest.raises(Exception, match="sample_weight"):
            make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y, sample_weight=weight)
    scaled = StandardScaler().fit_transform(X)
    direct = LogisticRegression().fit(scaled, y, sample_weight=weight)
    assert np.array_equal(routed[-1].coef_, direct.coef_)


def test_an_estimator_shows_itself() -> None:
    tree = DecisionTreeClassifier(max_depth=3)
    assert repr(tree) == "DecisionTreeClassifier(max_depth=3)"
    shown = tree._repr_html_()
    assert "<b>3</b>" in shown and "not fitted" in shown
    odd = DecisionTreeClassifier(criterion="<script>")
    assert "<script>" not in odd._repr_html_()


def test_an_estimator_within_is_set_and_copied() -> None:
    bagging = BaggingClassifier(DecisionTreeClassifier(max_depth=2), n_estimators=3)
    assert bagging.get_params()["estimator__max_depth"] == 2
    bagging.set_params(estimator__max_depth=4)
    assert bagging.estimator.max_depth == 4
    with pytest.raises(ValueError, match="Invalid parameter 'depth'"):
        bagging.set_params(depth=1)


def test_bagging_reads_what_the_estimator_within_reads(people: pd.DataFrame) -> None:
    X = people[["age", "income", "city"]]
    assert BaggingClassifier(n_estimators=5).fit(X, people.pays).score(X, people.pays) > 0.85
    stopped = HistGradientBoostingClassifier(max_iter=300, early_stopping=True)
    assert BaggingClassifier(stopped, n_estimators=2).fit(X, people.pays).score(X, people.pays) > 0.8
    with pytest.raises(ValueError, match="NaN|missing"):
        BaggingClassifier(LogisticRegression(), n_estimators=2).fit(X[["age", "income"]], people.pays)
    with pytest.raises(TypeError, match="is one of arkwright's, not sklearn"):
        BaggingClassifier(sklearn.linear_model.LogisticRegression()).fit(X[["age"]], people.pays)


def test_asking_before_fitting_is_scikit_learns_own_error() -> None:
    with pytest.raises(NotFittedError, match="not fitted yet"):
        RandomForestClassifier().predict([[1.0]])
    with pytest.raises(NotFittedError):
        LinearRegression().coef_


def test_wrong_settings_are_told_by_name() -> None:
    X, y = load_breast_cancer(return_X_y=True)
    with pytest.raises(ValueError, match="`learning_rate` must be a finite number above 0"):
        GBDTClassifier(learning_rate=-1).fit(X, y)
    with pytest.raises(ValueError, match="unknown loss `binary`: did you mean `log_loss`"):
        GBDTClassifier(loss="binary").fit(X, y)
    with pytest.raises(ValueError, match="n_estimators.*not a finite number"):
        GBDTClassifier(n_estimators=float("inf")).fit(X, y)


def test_class_weights_are_a_word_or_a_table_by_label(people: pd.DataFrame) -> None:
    X = people[["age"]]
    for kind in (LogisticRegression, DecisionTreeClassifier, HistGradientBoostingClassifier):
        skewed = kind(class_weight={"yes": 50.0, "no": 1.0}).fit(X, people.pays)
        plain = kind().fit(X, people.pays)
        assert (skewed.predict(X) == "yes").sum() > (plain.predict(X) == "yes").sum()
        with pytest.raises(ValueError, match="maybe"):
            kind(class_weight={"maybe": 2.0}).fit(X, people.pays)


def test_attributes_are_what_scikit_learn_finds() -> None:
    import sklearn.linear_model as theirs

    X, y = load_diabetes(return_X_y=True)
    w = np.linspace(0.1, 2, len(y))
    for ours, peer in (
        (LinearRegression(), theirs.LinearRegression()),
        (Ridge(alpha=0.3), theirs.Ridge(alpha=0.3)),
        (BY_NAME["Lasso"](alpha=0.05, tol=1e-10), theirs.Lasso(alpha=0.05, tol=1e-10)),
        (
            BY_NAME["ElasticNet"](alpha=0.01, l1_ratio=0.3, tol=1e-10),
            theirs.ElasticNet(alpha=0.01, l1_ratio=0.3, tol=1e-10),
        ),
    ):
        for weight in (None, w):
            ours.fit(X, y, sample_weight=weight)
            peer.fit(X, y, sample_weight=weight)
            np.testing.assert_allclose(ours.coef_, peer.coef_, rtol=1e-5, atol=1e-5)
            np.testing.assert_allclose(ours.intercept_, peer.intercept_, rtol=1e-8)
            np.testing.assert_allclose(ours.score(X, y, weight), peer.score(X, y, weight), rtol=1e-8)
    for name, settings in (("PoissonRegressor", {}), ("GammaRegressor", {}), ("TweedieRegressor", {"power": 1.5})):
        ours = BY_NAME[name](tol=1e-9, **settings).fit(X, y, sample_weight=w)
        peer = getattr(theirs, name)(tol=1e-9, **settings).fit(X, y, sample_weight=w)
        np.testing.assert_allclose(ours.coef_, peer.coef_, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(ours.predict(X), peer.predict(X), rtol=1e-5)
    X, y = load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    ours, peer = LogisticRegression(tol=1e-9).fit(X, y), theirs.LogisticRegression(tol=1e-9, max_iter=1000).fit(X, y)
    np.testing.assert_allclose(ours.coef_, peer.coef_, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(ours.predict_proba(X), peer.predict_proba(X), atol=1e-5)
    np.testing.assert_allclose(ours.decision_function(X), peer.decision_function(X), rtol=1e-3, atol=1e-3)


def test_neighbours_classes_by_likelihood_support_vectors_and_clusters_are_scikit_learns() -> None:
    import sklearn.cluster
    import sklearn.discriminant_analysis
    import sklearn.naive_bayes
    import sklearn.neighbors
    import sklearn.svm

    X, y = load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    for module, name, settings in (
        ("neighbors", "KNeighborsClassifier", {"n_neighbors": 7, "weights": "distance", "algorithm": "ball_tree"}),
        ("naive_bayes", "GaussianNB", {}),
        ("naive_bayes", "BernoulliNB", {"binarize": 0.3}),
        ("discriminant_analysis", "LinearDiscriminantAnalysis", {"solver": "eigen", "shrinkage": "auto"}),
    ):
        ours = BY_NAME[name](**settings).fit(X, y)
        peer = getattr(getattr(sklearn, module), name)(**settings).fit(X, y)
        np.testing.assert_allclose(ours.predict_proba(X), peer.predict_proba(X), atol=1e-7)
    for counts in ("MultinomialNB", "ComplementNB"):
        ours, peer = BY_NAME[counts]().fit(X - X.min(0), y), getattr(sklearn.naive_bayes, counts)().fit(X - X.min(0), y)
        np.testing.assert_allclose(ours.feature_log_prob_, peer.feature_log_prob_, rtol=1e-9)
        assert np.array_equal(ours.predict(X - X.min(0)), peer.predict(X - X.min(0)))
    ours, peer = BY_NAME["GaussianNB"]().fit(X, y), sklearn.naive_bayes.GaussianNB().fit(X, y)
    np.testing.assert_allclose(ours.theta_, peer.theta_, atol=1e-10)
    np.testing.assert_allclose(ours.var_, peer.var_, rtol=1e-9)
    ours, peer = BY_NAME["SVC"](tol=1e-6, max_iter=-1).fit(X, y), sklearn.svm.SVC(tol=1e-6).fit(X, y)
    np.testing.assert_allclose(ours.decision_function(X), peer.decision_function(X), atol=1e-4)
    assert len(ours.support_vectors_) == len(peer.support_vectors_)
    X, y = load_diabetes(return_X_y=True)
    ours, peer = BY_NAME["SVR"](C=50.0, tol=1e-5).fit(X, y), sklearn.svm.SVR(C=50.0, tol=1e-5).fit(X, y)
    np.testing.assert_allclose(ours.predict(X), peer.predict(X), atol=1e-2)
    at = np.random.default_rng(0).normal(size=(300, 2)) + np.repeat([[0.0, 0.0], [6.0, 0.0], [0.0, 6.0]], 100, axis=0)
    ours, peer = BY_NAME["DBSCAN"](0.6).fit(at), sklearn.cluster.DBSCAN(0.6).fit(at)
    assert np.array_equal(ours.labels_, peer.labels_) and len(ours.components_) == len(peer.components_)
    start = sklearn.cluster.KMeans(3, n_init=5, random_state=0).fit(at).cluster_centers_
    centres = BY_NAME["KMeans"](3, n_init=5).fit(at).cluster_centers_
    np.testing.assert_allclose(np.sort(centres, axis=0), np.sort(start, axis=0), atol=1e-6)


def test_encoders_give_what_scikit_learn_gives(people: pd.DataFrame) -> None:
    import sklearn.impute as imputes
    import sklearn.preprocessing as theirs

    city = people[["city"]].dropna()
    numbers = np.array([[10.0, 2.0], [9.0, 2.0], [100.0, 1.0], [9.0, 3.0]])
    for X in (city, numbers):
        ours, peer = OneHotEncoder(), theirs.OneHotEncoder(sparse_output=False)
        assert np.array_equal(ours.fit_transform(X), peer.fit_transform(X))
        assert [list(c) for c in ours.categories_] == [list(c) for c in peer.categories_]
        assert np.array_equal(OrdinalEncoder().fit_transform(X), theirs.OrdinalEncoder().fit_transform(X))
        assert np.array_equal(
            OneHotEncoder(drop="first").fit_transform(city),
            theirs.OneHotEncoder(drop="first", sparse_output=False).fit_transform(city),
        )
        assert (OneHotEncoder(sparse_output=True).fit_transform(X) != theirs.OneHotEncoder().fit_transform(X)).nnz == 0
    y = people.spends[city.index]
    ours, peer = TargetEncoder(smooth=5.0), theirs.TargetEncoder(smooth=5.0)
    np.testing.assert_allclose(ours.fit(city, y).transform(city), peer.fit(city, y).transform(city), rtol=1e-10)
    for name in ("StandardScaler", "MinMaxScaler", "RobustScaler", "MaxAbsScaler"):
        X = load_diabetes(return_X_y=True)[0]
        ours, peer = BY_NAME[name]().fit(X), getattr(theirs, name)().fit(X)
        np.testing.assert_allclose(ours.transform(X), peer.transform(X), atol=1e-12)
        np.testing.assert_allclose(ours.inverse_transform(ours.transform(X)), X, atol=1e-12)
    np.testing.assert_allclose(
        BY_NAME["MinMaxScaler"]((-1, 2), clip=True).fit(X[:50]).transform(X),
        theirs.MinMaxScaler((-1, 2), clip=True).fit(X[:50]).transform(X),
        atol=1e-12,
    )
    gaps = people[["age", "income"]]
    for strategy in ("mean", "median", "most_frequent"):
        for indicator in (False, True):
            ours = SimpleImputer(strategy=strategy, add_indicator=indicator)
            peer = imputes.SimpleImputer(strategy=strategy, add_indicator=indicator)
            np.testing.assert_allclose(ours.fit_transform(gaps), peer.fit_transform(gaps))
            assert list(ours.get_feature_names_out()) == list(peer.get_feature_names_out())


def test_a_category_never_seen_is_refused_or_encoded_as_asked() -> None:
    known, new = [["a"], ["b"]], [["c"]]
    with pytest.raises(ValueError, match="unknown categories"):
        OneHotEncoder().fit(known).transform(new)
    assert not OneHotEncoder(handle_unknown="ignore").fit(known).transform(new).any()
    with pytest.raises(ValueError, match="unknown categories"):
        OrdinalEncoder().fit(known).transform(new)
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    assert encoder.fit(known).transform(new)[0, 0] == -1


def test_a_target_encoder_shows_no_row_its_own_target(people: pd.DataFrame) -> None:
    """A category of one row each says nothing: codes of rows learnt from must not tell the target."""
    names = np.array([[f"row {i}"] for i in range(len(people))])
    for cv in (5, [(np.arange(200, 400), np.arange(200)), (np.arange(200), np.arange(200, 400))]):
        codes = TargetEncoder(cv=cv).fit_transform(names, people.spends)[:, 0]
        assert abs(np.corrcoef(codes, people.spends)[0, 1]) < 0.3


def test_shap_values_add_up(people: pd.DataFrame) -> None:
    X = people[["age", "income"]]
    model = GBDTClassifier(n_estimators=20).fit(X, people.pays)
    values, base = model.shap_values(X)
    assert values.shape == (400, 2)
    np.testing.assert_allclose(base + values.sum(axis=1), model.decision_function(X), rtol=1e-9)


def test_rankings_and_times_are_learnt_with_their_groups_and_events() -> None:
    from arkwright.ensemble import GBDTRanker, GBDTRegressor

    draw = np.random.default_rng(3)
    X = draw.normal(size=(600, 3))
    relevance = np.clip(np.round(X[:, 0] + 1.5), 0, 3)
    group = np.repeat(np.arange(60), 10)
    ranker = GBDTRanker(n_estimators=30).fit(X, relevance, group=group)
    assert ranker.score(X, relevance, group=group) > 0.95
    time = np.exp(X[:, 1]) * draw.exponential(size=600) + 0.01
    event = (time < 2).astype(int)
    hazard = GBDTRegressor(loss="cox", n_estimators=30).fit(X, np.minimum(time, 2), event=event).predict(X)
    assert np.corrcoef(np.log(hazard), X[:, 1])[0, 1] < -0.7


def test_early_stopping_keeps_fewer_rounds_and_names_columns() -> None:
    X, y = load_breast_cancer(return_X_y=True)
    stopped = HistGradientBoostingClassifier(max_iter=500, early_stopping=True, random_state=0).fit(X, y)
    assert stopped.n_iter_ < 500
    whole = HistGradientBoostingClassifier(max_iter=40).fit(X, y)
    assert whole.n_iter_ == 40
    frame = pd.DataFrame(X[:, :3], columns=["a", "b", "c"])
    rising = HistGradientBoostingClassifier(monotonic_cst={"a": 1}, max_iter=20).fit(frame, y)
    line = pd.DataFrame({"a": np.linspace(5, 30, 50), "b": 20.0, "c": 90.0})
    assert (np.diff(rising.predict_proba(line)[:, 1]) >= -1e-12).all()
