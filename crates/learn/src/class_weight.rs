//! How much classes count: all the same in all, or as a table says.

use arkwright_core::{Error, Result, nearest};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// How much the rows of a class count, beside their own weight.
#[derive(Clone, Debug, PartialEq)]
pub enum ClassWeight {
    /// All classes count the same in all, however rare: a class's rows count n / (k x rows of the class).
    Balanced,
    /// A weight, 0 or above, by the class as the target spells it; a class that is not named counts 1.
    Of(BTreeMap<String, f64>),
}

const BALANCED: &str = "balanced";

impl Serialize for ClassWeight {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Balanced => serializer.serialize_str(BALANCED),
            Self::Of(weights) => weights.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ClassWeight {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = ClassWeight;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"balanced\", or a weight for each class: { yes = 5, no = 1 }")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<ClassWeight, E> {
        match text {
            BALANCED => Ok(ClassWeight::Balanced),
            _ => Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ClassWeight, A::Error> {
        let mut weights = BTreeMap::new();
        while let Some((class, weight)) = map.next_entry::<String, f64>()? {
            if !(weight >= 0.0 && weight.is_finite()) {
                return Err(A::Error::custom(format!("the weight of `{class}` must be a finite number, not negative")));
            }
            weights.insert(class, weight);
        }
        Ok(ClassWeight::Of(weights))
    }
}

impl schemars::JsonSchema for ClassWeight {
    fn schema_name() -> Cow<'static, str> {
        "ClassWeight".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "`balanced` makes all classes count the same in all; or a weight for each class.",
            "anyOf": [
                { "const": BALANCED },
                { "type": "object", "additionalProperties": { "type": "number", "minimum": 0 } }
            ]
        })
    }
}

impl ClassWeight {
    /// What a row of each class counts. `names` are the classes in the order of their codes.
    ///
    /// # Errors
    /// When a class is named that is not there.
    pub(crate) fn factors(
        &self,
        codes: &[u32],
        count: usize,
        weight: Option<&[f64]>,
        names: Option<&[String]>,
    ) -> Result<Vec<f64>> {
        match self {
            Self::Balanced => {
                let mut shares = vec![0.0; count];
                for (row, &code) in codes.iter().enumerate() {
                    shares[code as usize] += weight.map_or(1.0, |w| w[row]);
                }
                let total: f64 = shares.iter().sum();
                // A class without weight has no row that could count.
                let factor = |share: f64| if share > 0.0 { total / (count as f64 * share) } else { 0.0 };
                Ok(shares.into_iter().map(factor).collect())
            }
            Self::Of(weights) => {
                let plain: Vec<String> = (0..count).map(|code| code.to_string()).collect();
                let names = names.unwrap_or(&plain);
                if let Some(unknown) = weights.keys().find(|class| !names.contains(class)) {
                    let error = Error::setting(format!("`class_weight`: there is no class `{unknown}`"));
                    return Err(match nearest(unknown, names.iter().map(String::as_str)) {
                        Some(near) => error.with_hint(format!("did you mean `{near}`?")),
                        None => error.with_hint(format!("the classes are {}", names.join(", "))),
                    });
                }
                Ok(names.iter().map(|name| weights.get(name).copied().unwrap_or(1.0)).collect())
            }
        }
    }
}
