//! A hold-out: some training rows are set aside for the estimator within to watch while it learns.
//!
//! It stands outside the chain, so that the rows it sets aside pass through each fitted step; without it
//! `patience` has nothing to watch. The rows that score are never among them.

use super::chain::refuse_rest;
use arkwright_core::{
    Context, Error, Estimator, Field, Fitted, Map, Part, Reads, Registry, Result, Settings, Signature, Spec, Subset,
    Train, collect,
};
use arkwright_validate::{Split, hold_out};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Sets rows aside to watch.
pub struct HoldOut {
    of: Part,
    split: Option<Split>,
    share: Share,
}

/// The settings of a hold-out beside the estimator within.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Share {
    /// The share of the training rows set aside, in (0, 1).
    share: f64,
}

impl Default for Share {
    fn default() -> Self {
        Self { share: 0.1 }
    }
}

impl Settings for Share {
    fn check(&self) -> Result<(), (&'static str, String)> {
        match self.share > 0.0 && self.share < 1.0 {
            true => Ok(()),
            false => Err(("share", "must be above 0 and below 1".into())),
        }
    }
}

impl HoldOut {
    /// The kind in the file.
    pub const KIND: &'static str = "hold_out";

    /// `of` with a share of its rows, in (0, 1), set aside to watch.
    /// They are drawn as `split` says; by default as suits the target.
    pub fn part(of: Part, split: Option<Split>, share: f64) -> Part {
        // Only what draws the rows is part of the settings, so that another number of folds changes nothing.
        let drawn = split.as_ref().map(|s| Split { folds: Split::default().folds, repeats: 1, ..s.clone() }.resolved());
        let settings = serde_json::json!({ "of": of.to_json(), "split": drawn, "share": share });
        Part { kind: Self::KIND, version: 1, estimator: Arc::new(Self { of, split, share: Share { share } }), settings }
    }
}

pub(super) fn spec() -> Spec {
    Spec {
        kind: HoldOut::KIND,
        version: 1,
        about: "sets training rows aside for the estimator within to watch while it learns (early stopping)",
        tasks: &[],
        prepare: &[],
        schema: || {
            schemars::json_schema!({
                "type": "object",
                "properties": {
                    "of": { "$ref": "#/$defs/estimator" },
                    "split": { "$ref": "#/$defs/split" },
                    "share": { "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "default": 0.1 }
                },
                "required": ["of"],
                "additionalProperties": false
            })
        },
        parse: |mut map: Map, registry: &Registry| {
            let of = map.take("of").ok_or_else(|| Error::setting("`of` is missing").with_hint("of = \"gbdt\""))?;
            let of = registry.parse(of)?;
            let split = Split::take(&mut map)?;
            let rest =
                Map { entries: map.entries.iter().filter(|e| e.key != "share").cloned().collect(), span: map.span };
            refuse_rest(&rest, &["of", "split", "share"])?;
            Ok(HoldOut::part(of, split, Share::read(map)?.share))
        },
        within: None,
        models: &[],
    }
}

impl Estimator for HoldOut {
    fn output(&self, input: &[Field]) -> Result<Signature> {
        self.of.estimator.output(input)
    }

    fn reads(&self) -> Reads {
        Reads::All
    }

    fn fit(&self, train: Train, ctx: &Context) -> Result<Fitted> {
        if train.valid.is_some() {
            return ctx.fit(&self.of, train);
        }
        let frame = collect(train.data.as_ref(), ctx)?;
        let split = match &self.split {
            Some(split) => split.clone(),
            None => Split::for_target(frame.fields())?,
        };
        let split = Split { test: self.share.share, ..split };
        let (rows, watched) = hold_out(&frame, &split, ctx.root_seed())?;
        let data = Subset::new(train.data.clone(), rows);
        let valid = Subset::new(train.data, watched);
        ctx.fit(&self.of, Train { data, valid: Some(valid), models: train.models })
    }
}
