//! How fast likeness falls with distance.

use crate::dense::Matrix;
use crate::word::word_or_number;
use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// The factor of the product, or of the squared distance.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Gamma {
    /// `1 / (p v)`, with the variance v of all p columns' numbers together.
    #[default]
    Scale,
    /// `1 / p`.
    Auto,
    /// A number above 0.
    Value(f64),
}

impl Serialize for Gamma {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Scale => serializer.serialize_str("scale"),
            Self::Auto => serializer.serialize_str("auto"),
            Self::Value(value) => serializer.serialize_f64(*value),
        }
    }
}

impl<'de> Deserialize<'de> for Gamma {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const RIGHT: &str = "\"scale\", \"auto\", or a number above 0";
        match word_or_number(deserializer, &["scale", "auto"], RIGHT)? {
            Ok(0) => Ok(Self::Scale),
            Ok(_) => Ok(Self::Auto),
            Err(value) if value > 0.0 && value.is_finite() => Ok(Self::Value(value)),
            Err(value) => Err(D::Error::invalid_value(Unexpected::Float(value), &RIGHT)),
        }
    }
}

impl schemars::JsonSchema for Gamma {
    fn schema_name() -> Cow<'static, str> {
        "Gamma".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "`scale`, `auto`, or a number above 0.",
            "anyOf": [{ "enum": ["scale", "auto"] }, { "type": "number", "exclusiveMinimum": 0 }]
        })
    }
}

impl Gamma {
    /// The number, for some rows as they weigh.
    pub(super) fn value(self, rows: &Matrix, weight: Option<&[f64]>) -> f64 {
        let p = rows.width().max(1) as f64;
        match self {
            Self::Value(value) => value,
            Self::Auto => 1.0 / p,
            Self::Scale => {
                let mean = rows.means(weight).iter().sum::<f64>() / p;
                let squares = rows.values().iter().map(|x| (x - mean) * (x - mean)).collect();
                let squares = Matrix::new(squares, rows.rows(), rows.width());
                let variance = squares.means(weight).iter().sum::<f64>() / p;
                if variance > 0.0 { 1.0 / (p * variance) } else { 1.0 }
            }
        }
    }
}
