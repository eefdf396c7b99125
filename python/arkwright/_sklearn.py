"""What scikit-learn expects of an estimator, without importing it: only where it is loaded already is it asked."""

from __future__ import annotations

import importlib
import sys
from typing import Any


class NotFittedError(ValueError, AttributeError):
    """The estimator was asked before it was fitted."""


def loaded(module: str, name: str, otherwise: Any) -> Any:
    """Something of scikit-learn's, where the program uses it; else ``otherwise``."""
    if "sklearn" not in sys.modules:
        return otherwise
    return getattr(importlib.import_module(f"sklearn.{module}"), name, otherwise)


def not_fitted(name: str) -> Exception:
    """The error of an estimator that was not fitted, of scikit-learn's class too where that is loaded."""
    theirs = loaded("exceptions", "NotFittedError", None)
    kind = NotFittedError if theirs is None else type("NotFittedError", (NotFittedError, theirs), {})
    return kind(
        f"This {name} instance is not fitted yet. Call 'fit' with appropriate arguments before using this estimator."
    )


def conversion_warning() -> type[Warning]:
    """The class of the warning that a column was read as a row of values."""
    return loaded("exceptions", "DataConversionWarning", UserWarning)


def convergence_warning() -> type[Warning]:
    """The class of the warning that steps ended before the optimum was found."""
    return loaded("exceptions", "ConvergenceWarning", UserWarning)


def tags(estimator: Any) -> Any:
    """The tags that scikit-learn asks for; called by scikit-learn only."""
    from sklearn.utils import ClassifierTags, InputTags, RegressorTags, Tags, TargetTags, TransformerTags

    kind = estimator._estimator_type
    return Tags(
        estimator_type=kind,
        target_tags=TargetTags(required=estimator._needs_target, positive_only=estimator._positive_target),
        transformer_tags=TransformerTags() if hasattr(estimator, "transform") else None,
        classifier_tags=ClassifierTags(poor_score=estimator._poor_score) if kind == "classifier" else None,
        regressor_tags=RegressorTags(poor_score=estimator._poor_score) if kind == "regressor" else None,
        requires_fit=True,
        non_deterministic=False,
        input_tags=InputTags(
            allow_nan=estimator._reads_missing,
            categorical=estimator._encodes,
            string=estimator._encodes,
            positive_only=estimator._positive_only,
        ),
    )


class Routing:
    """Metadata routing: which of ``fit``'s and ``score``'s extras a meta-estimator is to pass on."""

    def get_metadata_routing(self) -> Any:
        """The request of this estimator, as scikit-learn's meta-estimators ask for it."""
        import copy
        import inspect

        from sklearn.utils.metadata_routing import MetadataRequest

        if hasattr(self, "_metadata_request"):
            return copy.deepcopy(self._metadata_request)
        request = MetadataRequest(owner=self)
        for method in ("fit", "score"):
            if not hasattr(self, method):
                continue
            for name in list(inspect.signature(getattr(self, method)).parameters):
                if name not in ("X", "y"):
                    getattr(request, method).add_request(param=name, alias=None)
        return request

    def _request(self, method: str, wanted: dict[str, Any]) -> Any:
        request = self.get_metadata_routing()
        known = getattr(request, method).requests
        for name, alias in wanted.items():
            if name not in known:
                raise TypeError(f"Unexpected args: {{'{name}'}} in {method}. Accepted arguments are: {set(known)}")
            getattr(request, method).add_request(param=name, alias=alias)
        self._metadata_request = request
        return self

    def set_fit_request(self, **wanted: Any) -> Any:
        """Says which extras of ``fit`` a meta-estimator is to pass on: ``set_fit_request(sample_weight=True)``."""
        return self._request("fit", wanted)

    def set_score_request(self, **wanted: Any) -> Any:
        """Says which extras of ``score`` a meta-estimator is to pass on."""
        return self._request("score", wanted)
