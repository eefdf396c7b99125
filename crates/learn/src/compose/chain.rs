//! A chain: each step learns from what the steps before it make of the data.
//!
//! Preparation belongs inside the chain that is resampled, or folds leak: a scaler that saw the scoring
//! fold has told the learner about it.

use arkwright_core::{
    Applied, Attribute, Attribution, Context, Error, Estimator, Field, Fitted, Format, Frame, Json, Map, Model, Node,
    Part, Parts, Places, Reads, Registry, Result, Row, Rowwise, Signature, Skills, Spec, Taken, Train, Value, Wiring,
    follow,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Steps fitted one after the other.
pub struct Chain {
    steps: Vec<Part>,
}

impl Chain {
    /// The kind in the file.
    pub const KIND: &'static str = "chain";

    /// A chain of parts.
    pub fn part(steps: Vec<Part>) -> Part {
        let settings = serde_json::json!({ "steps": steps.iter().map(Part::to_json).collect::<Vec<_>>() });
        Part { kind: Self::KIND, version: 1, estimator: Arc::new(Self { steps }), settings }
    }
}

pub(super) fn spec() -> Spec {
    Spec {
        kind: Chain::KIND,
        version: 1,
        about: "steps fitted one after the other, each on what the steps before it make of the data",
        tasks: &[],
        prepare: &[],
        schema: || {
            schemars::json_schema!({
                "type": "object",
                "properties": { "steps": { "type": "array", "items": { "$ref": "#/$defs/estimator" } } },
                "required": ["steps"],
                "additionalProperties": false
            })
        },
        parse: |mut map: Map, registry: &Registry| {
            let steps = map.take("steps").ok_or_else(|| {
                Error::setting("`steps` is missing").with_hint("steps = [\"impute\", { kind = \"logistic\" }]")
            })?;
            refuse_rest(&map, &["steps"])?;
            let Value { node: Node::List(items), .. } = steps else {
                return Err(Error::setting(format!("`steps`: {} where a list is needed", steps.describe()))
                    .at_place(steps.span));
            };
            let steps = items.into_iter().map(|item| registry.parse(item)).collect::<Result<Vec<_>>>()?;
            Ok(Chain::part(steps))
        },
        within: None,
        models: &[],
    }
}

/// Refuses the keys that a composer did not take out of its table.
pub(crate) fn refuse_rest(map: &Map, known: &[&str]) -> Result<()> {
    match map.entries.first() {
        None => Ok(()),
        Some(entry) => {
            let error = Error::setting(format!("unknown key `{}`", entry.key)).at_place(entry.key_span);
            Err(error.with_hint(format!("possible: {}", known.join(", "))).nearest(&entry.key, known.iter().copied()))
        }
    }
}

impl Estimator for Chain {
    fn output(&self, input: &[Field]) -> Result<Signature> {
        let mut trace = Trace::new(input);
        for step in &self.steps {
            trace.follow(&step.estimator.output(trace.fields()).map_err(|e| e.within(step.kind))?)?;
        }
        Ok(trace.signature())
    }

    fn reads(&self) -> Reads {
        match self.steps.iter().all(|s| s.estimator.reads() != Reads::All) {
            true => Reads::Passes,
            false => Reads::All,
        }
    }

    fn fit(&self, train: Train, ctx: &Context) -> Result<Fitted> {
        let input = train.data.fields().clone();
        let (mut data, mut valid) = (train.data, train.valid);
        let (mut models, mut notes, mut stopped) = (Vec::new(), Json::Null, false);
        let mut given = false;
        for step in &self.steps {
            let train = Train { data: data.clone(), valid: valid.clone(), models: train.models.clone() };
            let fitted = ctx.fit(step, train)?;
            let seen = |of| Applied::new(of, fitted.model.clone(), fitted.key, ctx);
            // Training and serving differ here and nowhere else: a step may say what the next learns from.
            data = match &fitted.rows {
                Some(rows) => rows.clone(),
                None => seen(data)?,
            };
            given |= fitted.rows.is_some();
            valid = match valid {
                Some(valid) => Some(Applied::new(valid, fitted.model.clone(), fitted.key, ctx)?),
                None => None,
            };
            stopped |= fitted.stopped;
            notes = fitted.notes;
            models.push(fitted.model);
        }
        // Rows that an earlier step gave are still what comes out, seen through the steps after it.
        let rows = given.then_some(data);
        let model = ChainModel::new(models, input)?;
        Ok(Fitted { rows, notes, stopped, ..Fitted::new(model) })
    }
}

/// Follows which columns a sequence of steps takes from the input, and which it gives.
struct Trace {
    fields: Arc<[Field]>,
    /// Whether a field is still the input's own, untouched.
    original: Vec<bool>,
    takes: Vec<String>,
}

impl Trace {
    fn new(input: &[Field]) -> Self {
        Self { fields: input.into(), original: vec![true; input.len()], takes: Vec::new() }
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn follow(&mut self, signature: &Signature) -> Result<()> {
        let taken: std::collections::HashSet<&str> = signature.takes.iter().map(String::as_str).collect();
        let mut original = Vec::with_capacity(self.fields.len());
        for (field, original_field) in self.fields.iter().zip(&self.original) {
            match taken.contains(field.name.as_str()) {
                true if *original_field => self.takes.push(field.name.clone()),
                true => {}
                false => original.push(*original_field),
            }
        }
        self.fields = follow(&self.fields, signature)?;
        original.resize(self.fields.len(), false);
        self.original = original;
        Ok(())
    }

    fn signature(&self) -> Signature {
        let gives = self.fields.iter().zip(&self.original).filter(|(_, original)| !**original);
        Signature { takes: self.takes.clone(), gives: gives.map(|(field, _)| field.clone()).collect() }
    }
}

/// Fitted steps, one after the other.
pub struct ChainModel {
    steps: Vec<(Arc<dyn Model>, Wiring)>,
    input: Arc<[Field]>,
    gives: Vec<usize>,
    signature: Signature,
    short: Option<Short>,
}

/// The way of one row without frames.
struct Short {
    places: Places,
    gives: Vec<usize>,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    input: Vec<Field>,
    steps: usize,
}

impl ChainModel {
    /// Fitted steps on fields of which they take some.
    ///
    /// # Errors
    /// When a step takes a column that is not there.
    pub fn new(models: Vec<Arc<dyn Model>>, fields: Arc<[Field]>) -> Result<Self> {
        let mut trace = Trace::new(&fields);
        for model in &models {
            trace.follow(model.signature())?;
        }
        let signature = trace.signature();
        let input: Arc<[Field]> =
            signature.takes.iter().filter_map(|name| fields.iter().find(|f| &f.name == name).cloned()).collect();
        let mut fields = input.clone();
        let mut steps = Vec::with_capacity(models.len());
        for model in models {
            let wiring = Wiring::new(model.signature(), &fields)?;
            fields = wiring.fields().clone();
            steps.push((model, wiring));
        }
        let gives = signature.gives.iter().filter_map(|g| fields.iter().position(|f| f.name == g.name)).collect();
        let short = Short::new(&steps, &signature);
        Ok(Self { steps, input, gives, signature, short })
    }

    fn load(parts: &Parts, registry: &Registry) -> Result<Arc<dyn Model>> {
        let saved: Saved = parts.get_json()?;
        if saved.steps != parts.children.len() {
            return Err(parts.damaged("steps are missing"));
        }
        let models =
            (0..saved.steps).map(|i| registry.load(parts.child(&format!("{i:03}"))?)).collect::<Result<Vec<_>>>()?;
        Ok(Arc::new(Self::new(models, saved.input.into())?))
    }

    fn run(&self, input: &Frame, steps: usize, ctx: &Context) -> Result<Frame> {
        let mut frame = input.with_fields(self.input.clone())?;
        for (model, wiring) in &self.steps[..steps] {
            frame = wiring.apply(model.as_ref(), &frame, ctx)?;
        }
        Ok(frame)
    }
}

pub(super) fn format() -> Format {
    Format { name: Chain::KIND, version: 1, load: ChainModel::load }
}

impl Model for ChainModel {
    fn format(&self) -> &'static str {
        Chain::KIND
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn apply(&self, input: &Frame, ctx: &Context) -> Result<Frame> {
        let frame = self.run(input, self.steps.len(), ctx)?;
        let columns = self.gives.iter().map(|&i| frame.columns()[i].clone()).collect();
        Frame::new(self.signature.gives.clone(), columns, frame.rows())
    }

    fn save(&self) -> Result<Parts> {
        let mut parts = Parts::new(Chain::KIND);
        parts.put_json(&Saved { input: self.input.to_vec(), steps: self.steps.len() })?;
        for (i, (model, _)) in self.steps.iter().enumerate() {
            parts.children.insert(format!("{i:03}"), model.save()?);
        }
        Ok(parts)
    }

    fn skills(&self) -> Skills<'_> {
        let can = self.steps.last().is_some_and(|(model, _)| model.skills().attribute.is_some());
        Skills {
            attribute: can.then_some(self as &dyn Attribute),
            row: self.short.is_some().then_some(self as &dyn Rowwise),
            ..Skills::default()
        }
    }
}

impl Short {
    /// `None` when a step needs frames.
    fn new(steps: &[(Arc<dyn Model>, Wiring)], signature: &Signature) -> Option<Self> {
        let mut places = Places::new(signature.takes.len());
        let mut columns = signature.takes.iter().cloned().zip(0..).collect();
        for (model, _) in steps {
            model.skills().row?;
            columns = places.step(model.signature(), &columns)?;
        }
        let gives = signature.gives.iter().map(|field| columns.get(&field.name).copied()).collect::<Option<_>>()?;
        Some(Self { places, gives })
    }
}

impl Rowwise for ChainModel {
    fn add<'a>(&'a self, row: &mut Row<'a>, taken: Taken<'_>) -> Option<()> {
        let short = self.short.as_ref()?;
        let base = row.cells.len();
        for i in 0..taken.len() {
            row.cells.push(taken.cell(row, i));
        }
        short.places.run(self.steps.iter().map(|(model, _)| model), row, base)?;
        // What the steps gave each other goes, and what they give together stays.
        for (i, place) in short.gives.iter().enumerate() {
            debug_assert!(*place >= i, "a cell is read before it is written over");
            row.cells[base + i] = row.cells[base + place];
        }
        row.cells.truncate(base + short.gives.len());
        Some(())
    }
}

/// Attributes the last step's answers to what the steps before it made of the inputs.
impl Attribute for ChainModel {
    fn attribute(&self, input: &Frame, ctx: &Context) -> Result<Attribution> {
        let Some((last, wiring)) = self.steps.last() else {
            return Err(Error::data("a chain without steps gives no answer to explain"));
        };
        let skill = last.skills().attribute.ok_or_else(|| Error::data("the last step cannot explain its answers"))?;
        let frame = self.run(input, self.steps.len() - 1, ctx)?;
        skill.attribute(&wiring.taken(&frame), ctx)
    }

    fn cost(&self) -> f64 {
        let skill = self.steps.last().and_then(|(last, _)| last.skills().attribute);
        skill.map_or(0.0, Attribute::cost)
    }
}
