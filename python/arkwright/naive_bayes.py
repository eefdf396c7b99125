"""Naive Bayes: classes by how likely each makes the row, its columns taken one by one.

Written by generate.py from the settings of the Rust estimators: change those, or classes.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import _shapes

__all__ = [
    "BernoulliNB",
    "ComplementNB",
    "GaussianNB",
    "MultinomialNB",
]


class GaussianNB(_shapes.Gaussian):
    """Gaussian naive Bayes. Settings are named as in scikit-learn's `GaussianNB`.

    The estimator `gaussian_nb` of system files.

    Parameters
    ----------
    priors : Sequence[float] | None, default=None
        The shares of the classes, in their order.
    var_smoothing : float, default=1e-09
        The share of the largest variance of all columns that is added to every variance, not negative.

    Examples
    --------
    >>> from arkwright.naive_bayes import GaussianNB
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = GaussianNB().fit(X, ["a", "a", "b", "b"] * 10)
    >>> model.predict_proba([[0.5], [2.5]]).shape
    (2, 2)
    """

    _kind = "gaussian_nb"
    _settings = {
        "priors": "priors",
        "var_smoothing": "var_smoothing",
    }
    _prepare = ("dates", "levels")

    def __init__(
        self,
        *,
        priors: Sequence[float] | None = None,
        var_smoothing: float = 1e-09,
    ) -> None:
        self.priors = priors
        self.var_smoothing = var_smoothing


class MultinomialNB(_shapes.Counting):
    """Multinomial naive Bayes. Settings are named as in scikit-learn's `MultinomialNB`.

    The estimator `multinomial_nb` of system files.

    Parameters
    ----------
    alpha : float, default=1.0
        What is added to every count, above 0, so that a thing that was never seen is not impossible.
    fit_prior : bool, default=True
        Whether frequent classes are more likely from the start.
    class_prior : Sequence[float] | None, default=None
        The shares of the classes, in their order, instead of learning them.

    Examples
    --------
    >>> from arkwright.naive_bayes import MultinomialNB
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = MultinomialNB().fit(X, ["a", "a", "b", "b"] * 10)
    >>> model.predict_proba([[0.5], [2.5]]).shape
    (2, 2)
    """

    _kind = "multinomial_nb"
    _settings = {
        "alpha": "alpha",
        "fit_prior": "fit_prior",
        "class_prior": "class_prior",
    }
    _prepare = ("dates", "levels")

    def __init__(
        self,
        *,
        alpha: float = 1.0,
        fit_prior: bool = True,
        class_prior: Sequence[float] | None = None,
    ) -> None:
        self.alpha = alpha
        self.fit_prior = fit_prior
        self.class_prior = class_prior


class ComplementNB(_shapes.Counting):
    """Complement naive Bayes. Settings are named as in scikit-learn's `ComplementNB`.

    The estimator `complement_nb` of system files.

    Parameters
    ----------
    alpha : float, default=1.0
        What is added to every count, above 0.
    norm : bool, default=False
        Whether each class's weights are divided by their sum.

    Examples
    --------
    >>> from arkwright.naive_bayes import ComplementNB
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = ComplementNB().fit(X, ["a", "a", "b", "b"] * 10)
    >>> model.predict_proba([[0.5], [2.5]]).shape
    (2, 2)
    """

    _kind = "complement_nb"
    _settings = {
        "alpha": "alpha",
        "norm": "norm",
    }
    _prepare = ("dates", "levels")

    def __init__(
        self,
        *,
        alpha: float = 1.0,
        norm: bool = False,
    ) -> None:
        self.alpha = alpha
        self.norm = norm


class BernoulliNB(_shapes.Switching):
    """Bernoulli naive Bayes. Settings are named as in scikit-learn's `BernoulliNB`.

    The estimator `bernoulli_nb` of system files.

    Parameters
    ----------
    alpha : float, default=1.0
        What is added to every count, above 0.
    binarize : float, default=0.0
        A number above this says that the thing is there.
    fit_prior : bool, default=True
        Whether frequent classes are more likely from the start.
    class_prior : Sequence[float] | None, default=None
        The shares of the classes, in their order, instead of learning them.

    Examples
    --------
    >>> from arkwright.naive_bayes import BernoulliNB
    >>> X = [[0.0], [1.0], [2.0], [3.0]] * 10
    >>> model = BernoulliNB().fit(X, ["a", "a", "b", "b"] * 10)
    >>> model.predict_proba([[0.5], [2.5]]).shape
    (2, 2)
    """

    _kind = "bernoulli_nb"
    _settings = {
        "alpha": "alpha",
        "binarize": "binarize",
        "fit_prior": "fit_prior",
        "class_prior": "class_prior",
    }
    _prepare = ("dates", "levels")

    def __init__(
        self,
        *,
        alpha: float = 1.0,
        binarize: float = 0.0,
        fit_prior: bool = True,
        class_prior: Sequence[float] | None = None,
    ) -> None:
        self.alpha = alpha
        self.binarize = binarize
        self.fit_prior = fit_prior
        self.class_prior = class_prior
