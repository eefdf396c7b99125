"""Which species is this penguin? Numbers with gaps and text, each prepared in its way, within the folds."""

import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

penguins = pd.read_csv("systems/penguins/penguins.csv")
numbers = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
prepare = ColumnTransformer(
    [
        ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        ("words", OneHotEncoder(handle_unknown="ignore"), ["island", "sex"]),
    ]
)
model = Pipeline([("prepare", prepare), ("model", LogisticRegression(max_iter=1000))])
scores = cross_val_score(model, penguins[[*numbers, "island", "sex"]], penguins["species"], cv=5)
print("accuracy", round(scores.mean(), 3))
