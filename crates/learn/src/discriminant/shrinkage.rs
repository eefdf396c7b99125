//! Covariances drawn towards a sphere, which are known better where rows are few.
//!
//! `(1 - s) C + s tr(C)/p I`. Ledoit & Wolf 2004, "A well-conditioned estimator for large-dimensional covariance matrices", say
//! which s makes the expected squared error smallest, from the rows themselves; it is computed for columns of unit variance.

use crate::word::word_or_number;
use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// How far covariances are drawn towards a sphere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shrinkage {
    /// As far as Ledoit and Wolf say.
    Auto,
    /// A share, 0 to 1.
    Share(f64),
}

impl Serialize for Shrinkage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::Share(share) => serializer.serialize_f64(*share),
        }
    }
}

impl<'de> Deserialize<'de> for Shrinkage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const RIGHT: &str = "\"auto\", or a share between 0 and 1";
        match word_or_number(deserializer, &["auto"], RIGHT)? {
            Ok(_) => Ok(Self::Auto),
            Err(share) if (0.0..=1.0).contains(&share) => Ok(Self::Share(share)),
            Err(share) => Err(D::Error::invalid_value(Unexpected::Float(share), &RIGHT)),
        }
    }
}

impl schemars::JsonSchema for Shrinkage {
    fn schema_name() -> Cow<'static, str> {
        "Shrinkage".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "`auto`: as far as Ledoit and Wolf say; or a share.",
            "anyOf": [{ "const": "auto" }, { "type": "number", "minimum": 0, "maximum": 1 }]
        })
    }
}

/// Draws a covariance matrix towards a sphere. `fourth` is the mean fourth power of the rows' lengths, in columns of unit variance,
/// over `weight` rows: what `auto` needs.
pub(super) fn shrink(cov: &mut [f64], p: usize, shrinkage: Shrinkage, fourth: f64, weight: f64) {
    if p == 0 {
        return;
    }
    let (share, scale) = match shrinkage {
        Shrinkage::Share(share) => (share, vec![1.0; p]),
        Shrinkage::Auto => {
            let scale = deviations(cov, p);
            cov.iter_mut().enumerate().for_each(|(i, c)| *c /= scale[i / p] * scale[i % p]);
            (ledoit_wolf(cov, p, fourth, weight), scale)
        }
    };
    let mean = (0..p).map(|j| cov[j * p + j]).sum::<f64>() / p as f64;
    cov.iter_mut().for_each(|c| *c *= 1.0 - share);
    (0..p).for_each(|j| cov[j * p + j] += share * mean);
    cov.iter_mut().enumerate().for_each(|(i, c)| *c *= scale[i / p] * scale[i % p]);
}

/// The columns' standard deviations; 1 where there is none.
pub(super) fn deviations(cov: &[f64], p: usize) -> Vec<f64> {
    (0..p).map(|j| cov[j * p + j].sqrt()).map(|d| if d > 0.0 { d } else { 1.0 }).collect()
}

fn ledoit_wolf(cov: &[f64], p: usize, fourth: f64, weight: f64) -> f64 {
    let q = p as f64;
    let trace: f64 = (0..p).map(|j| cov[j * p + j]).sum();
    let squares: f64 = cov.iter().map(|c| c * c).sum();
    let mean = trace / q;
    let far = (squares - 2.0 * mean * trace + q * mean * mean) / q;
    let noise = ((fourth - squares) / (q * weight)).min(far);
    if noise > 0.0 && far > 0.0 { noise / far } else { 0.0 }
}
