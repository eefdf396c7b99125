//! The graph of fitted steps from a request to its answer.
//!
//! Names are resolved when a bundle is made: each step becomes a wiring and the numbers of the frames it
//! reads, so that a request of one row pays for no look-up and enters no thread pool of the bundle's.
//! A step whose `from` lists several frames sees their columns side by side; a column that came to two
//! of them the same way is there once.

use crate::request::{Request, RequestField};
use crate::row::Short;
use arkwright_core::{
    Context, Error, Field, Frame, Hash, Json, Model, Parts, Registry, Result, Role, Signature, Task, Wiring,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

/// The name of the saved format.
pub const FORMAT: &str = "bundle";

/// The name by which a step's `from` names the request.
pub const REQUEST: &str = "request";

/// A fitted step.
#[derive(Clone)]
pub struct Step {
    /// Its name, unique in the bundle.
    pub name: String,
    /// What was fitted.
    pub model: Arc<dyn Model>,
    /// The frames that it reads: names of earlier steps, or [`REQUEST`].
    pub from: Vec<String>,
}

/// What a bundle is made of.
#[derive(Clone)]
pub struct Graph {
    /// The system's name.
    pub system: String,
    /// What it was made for.
    pub task: Task,
    /// The columns of a request; a target among them may be absent from one and is never used.
    pub request: Vec<RequestField>,
    /// The steps, each after those that it reads.
    pub steps: Vec<Step>,
    /// The step whose columns are the answer.
    pub answer: String,
    /// What else is known of it: classes, settings, versions. No clock, no host name, no fitted number.
    pub meta: Json,
}

/// The fitted steps that lead from a request to its answer; itself a [`Model`].
pub struct Bundle {
    graph: Graph,
    request: Request,
    wired: Vec<Wired>,
    answer: usize,
    signature: Signature,
    hash: OnceLock<Hash>,
    /// The way of a request of one row, where cells will do.
    pub(crate) short: Option<Short>,
}

/// A step with its names resolved. Frame 0 is the request, frame `i + 1` what step `i` gave.
struct Wired {
    input: Input,
    wiring: Wiring,
}

enum Input {
    One(usize),
    /// Columns of several frames, side by side: their frames and places.
    Side {
        fields: Arc<[Field]>,
        places: Vec<(usize, usize)>,
    },
}

/// The columns of a frame, each with where it first stood: a frame and a place.
struct Columns {
    fields: Arc<[Field]>,
    origins: Vec<(usize, usize)>,
}

impl Bundle {
    /// Resolves a graph. Steps that do not lead to the answer are left out.
    ///
    /// # Errors
    /// A name that names nothing, or twice; a column that a step needs and nobody gives.
    pub fn new(mut graph: Graph) -> Result<Self> {
        keep_what_leads_to_the_answer(&mut graph)?;
        let taken: Vec<&str> =
            graph.steps.iter().flat_map(|s| s.model.signature().takes.iter().map(String::as_str)).collect();
        let request = Request::requiring(
            graph.request.clone(),
            // A target is never part of a request, whoever asks for it.
            &taken.into_iter().filter(|n| !is_target(&graph.request, n)).collect::<Vec<_>>(),
        )?;
        let mut places = HashMap::from([(REQUEST.to_string(), 0)]);
        let needed = request.required().clone();
        let mut frames = vec![Columns { origins: (0..needed.len()).map(|i| (0, i)).collect(), fields: needed }];
        let mut wired = Vec::with_capacity(graph.steps.len());
        let mut read = Vec::with_capacity(graph.steps.len());
        for (i, step) in graph.steps.iter().enumerate() {
            let sources = step.from.iter().map(|name| places[name.as_str()]).collect::<Vec<usize>>();
            let (one, columns) =
                wire(step, i + 1, &sources, &frames).map_err(|error| error.within(format!("step `{}`", step.name)))?;
            places.insert(step.name.clone(), i + 1);
            wired.push(one);
            read.push(sources);
            frames.push(columns);
        }
        let answer = places[graph.answer.as_str()];
        let gives = graph.steps[answer - 1].model.signature().gives.clone();
        let takes = request.required().iter().map(|f| f.name.clone()).collect();
        let short = Short::new(&request, graph.steps.iter().map(|step| &step.model).zip(read));
        let signature = Signature { takes, gives };
        Ok(Self { signature, graph, request, wired, answer, hash: OnceLock::new(), short })
    }

    /// The system's name.
    pub fn system(&self) -> &str {
        &self.graph.system
    }

    /// What the bundle was made for.
    pub fn task(&self) -> Task {
        self.graph.task
    }

    /// What a request holds; reads tables and JSON.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The steps, each after those that it reads.
    pub fn steps(&self) -> &[Step] {
        &self.graph.steps
    }

    /// The step whose columns are the answer.
    pub fn answer(&self) -> &Step {
        &self.graph.steps[self.answer - 1]
    }

    /// What else is known of the bundle.
    pub fn meta(&self) -> &Json {
        &self.graph.meta
    }

    /// A name for the content: bundles that answer alike have the same.
    ///
    /// # Errors
    /// When a model cannot be saved.
    pub fn hash(&self) -> Result<Hash> {
        match self.hash.get() {
            Some(hash) => Ok(*hash),
            None => {
                let hash = self.save_parts()?.hash();
                Ok(*self.hash.get_or_init(|| hash))
            }
        }
    }

    /// Answers a request: a frame that a [`Request`] made, or any that holds the request's columns in
    /// that form, others aside. One row out for each row in, in their order.
    ///
    /// # Errors
    /// When a column is missing, or as the steps' models.
    pub fn predict(&self, request: &Frame, ctx: &Context) -> Result<Frame> {
        let needed = self.request.required();
        if Arc::ptr_eq(request.fields(), needed) {
            return self.run(request.clone(), self.answer, ctx);
        }
        let chosen = request.select(&self.signature.takes)?;
        // The fields of training: what came may have lost a role on its way.
        self.run(chosen.with_fields(needed.clone())?, self.answer, ctx)
    }

    /// The frame that a step reads when a request is answered: what its model is explained on.
    ///
    /// # Errors
    /// When there is no such step; as [`Bundle::predict`].
    pub fn input_of(&self, step: &str, request: &Frame, ctx: &Context) -> Result<Frame> {
        let at = self.graph.steps.iter().position(|s| s.name == step);
        let at = at.ok_or_else(|| Error::data(format!("the bundle has no step `{step}`")))?;
        let chosen = request.select(&self.signature.takes)?.with_fields(self.request.required().clone())?;
        let frames = self.frames(chosen, at, ctx)?;
        let wired = &self.wired[at];
        Ok(wired.wiring.taken(&wired.input.frame(&frames)?))
    }

    /// What step number `last` gives, counted from 1.
    fn run(&self, request: Frame, last: usize, ctx: &Context) -> Result<Frame> {
        let frames = self.frames(request, last - 1, ctx)?;
        let (wired, step) = (&self.wired[last - 1], &self.graph.steps[last - 1]);
        let input = wired.wiring.taken(&wired.input.frame(&frames)?);
        let answer = step.model.apply(&input, ctx).map_err(|e| e.within(format!("step `{}`", step.name)))?;
        if answer.rows() != input.rows() || answer.columns().len() != self.signature.gives.len() {
            return Err(Error::data(format!(
                "step `{}` answered {} columns of {} rows where {} of {} are due",
                step.name,
                answer.columns().len(),
                answer.rows(),
                self.signature.gives.len(),
                input.rows()
            )));
        }
        Ok(answer)
    }

    /// The frames of the first `steps` steps, after the request's.
    fn frames(&self, request: Frame, steps: usize, ctx: &Context) -> Result<Vec<Frame>> {
        let mut frames = Vec::with_capacity(steps + 1);
        frames.push(request);
        for (wired, step) in self.wired.iter().zip(&self.graph.steps).take(steps) {
            let given = match &wired.input {
                Input::One(at) => wired.wiring.apply(step.model.as_ref(), &frames[*at], ctx),
                side => wired.wiring.apply(step.model.as_ref(), &side.frame(&frames)?, ctx),
            };
            frames.push(given.map_err(|e| e.within(format!("step `{}`", step.name)))?);
        }
        Ok(frames)
    }

    fn save_parts(&self) -> Result<Parts> {
        let mut parts = Parts::new(FORMAT);
        let outline = Outline {
            system: self.graph.system.clone(),
            task: self.graph.task,
            request: self.graph.request.clone(),
            steps: self.graph.steps.iter().map(|s| Link { name: s.name.clone(), from: s.from.clone() }).collect(),
            answer: self.graph.answer.clone(),
            meta: self.graph.meta.clone(),
        };
        parts.put_json(&outline)?;
        for step in &self.graph.steps {
            let saved = step.model.save().map_err(|e| e.within(format!("step `{}`", step.name)))?;
            parts.children.insert(step.name.clone(), saved);
        }
        Ok(parts)
    }

    /// A bundle from its saved parts.
    ///
    /// # Errors
    /// When they are damaged, or hold a format that the registry does not know.
    pub fn from_parts(parts: &Parts, registry: &Registry) -> Result<Self> {
        if parts.format != FORMAT {
            return Err(parts.damaged("is not a bundle"));
        }
        let outline: Outline = parts.get_json()?;
        let steps = outline
            .steps
            .into_iter()
            .map(|Link { name, from }| {
                let model = registry.load(parts.child(&name)?).map_err(|e| e.within(format!("step `{name}`")))?;
                Ok(Step { name, model, from })
            })
            .collect::<Result<Vec<_>>>()?;
        let Outline { system, task, request, answer, meta, .. } = outline;
        Self::new(Graph { system, task, request, steps, answer, meta })
    }
}

/// The bundle's JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Outline {
    system: String,
    task: Task,
    request: Vec<RequestField>,
    steps: Vec<Link>,
    answer: String,
    meta: Json,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Link {
    name: String,
    from: Vec<String>,
}

impl Model for Bundle {
    fn format(&self) -> &'static str {
        FORMAT
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn apply(&self, input: &Frame, ctx: &Context) -> Result<Frame> {
        self.predict(input, ctx)
    }

    fn save(&self) -> Result<Parts> {
        self.save_parts()
    }
}

pub(crate) fn load(parts: &Parts, registry: &Registry) -> Result<Arc<dyn Model>> {
    Ok(Arc::new(Bundle::from_parts(parts, registry)?))
}

fn is_target(request: &[RequestField], name: &str) -> bool {
    request.iter().any(|f| f.field.name == name && f.field.role == Role::Target)
}

/// Checks the names, and drops the steps that the answer does not need.
fn keep_what_leads_to_the_answer(graph: &mut Graph) -> Result<()> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for (i, step) in graph.steps.iter().enumerate() {
        if step.from.is_empty() {
            return Err(Error::data(format!("step `{}` reads nothing", step.name)));
        }
        if let Some(from) = step.from.iter().find(|f| *f != REQUEST && !places.contains_key(f.as_str())) {
            let error = Error::data(format!("step `{}` reads `{from}`, which is no step before it", step.name));
            return Err(error.nearest(from, places.keys().copied()));
        }
        if step.name == REQUEST || places.insert(&step.name, i).is_some() {
            return Err(Error::data(format!("a step cannot be called `{}`: the name is taken", step.name)));
        }
    }
    let answer = places.get(graph.answer.as_str()).copied();
    let answer = answer.ok_or_else(|| Error::data(format!("the answer `{}` is no step", graph.answer)))?;
    let mut needed = vec![false; graph.steps.len()];
    needed[answer] = true;
    for i in (0..=answer).rev().collect::<Vec<_>>() {
        if needed[i] {
            graph.steps[i].from.iter().filter_map(|f| places.get(f.as_str())).for_each(|&at| needed[at] = true);
        }
    }
    let mut keep = needed.into_iter();
    graph.steps.retain(|_| keep.next().unwrap_or(false));
    Ok(())
}

/// Resolves a step that reads the frames `sources`; its own frame will be number `frame`.
fn wire(step: &Step, frame: usize, sources: &[usize], frames: &[Columns]) -> Result<(Wired, Columns)> {
    let (input, fields, origins) = match sources {
        [one] => (Input::One(*one), frames[*one].fields.clone(), frames[*one].origins.clone()),
        _ => side_by_side(sources, frames)?,
    };
    let signature = step.model.signature();
    let wiring = Wiring::new(signature, &fields)?;
    let passes = fields.iter().zip(&origins).filter(|(f, _)| !signature.takes.contains(&f.name));
    let mut after: Vec<(usize, usize)> = passes.map(|(_, origin)| *origin).collect();
    after.extend((0..signature.gives.len()).map(|i| (frame, i)));
    let columns = Columns { fields: wiring.fields().clone(), origins: after };
    Ok((Wired { input, wiring }, columns))
}

type Joined = (Input, Arc<[Field]>, Vec<(usize, usize)>);

fn side_by_side(sources: &[usize], frames: &[Columns]) -> Result<Joined> {
    let mut seen: HashMap<&str, (usize, usize)> = HashMap::new();
    let (mut fields, mut origins, mut places) = (Vec::new(), Vec::new(), Vec::new());
    for &source in sources {
        for (at, (field, origin)) in frames[source].fields.iter().zip(&frames[source].origins).enumerate() {
            match seen.insert(&field.name, *origin) {
                Some(other) if other == *origin => continue,
                Some(_) => return Err(Error::column(&field.name, "two of the frames read have one of that name")),
                None => {}
            }
            fields.push(field.clone());
            origins.push(*origin);
            places.push((source, at));
        }
    }
    let fields: Arc<[Field]> = fields.into();
    Ok((Input::Side { fields: fields.clone(), places }, fields, origins))
}

impl Input {
    fn frame(&self, frames: &[Frame]) -> Result<Frame> {
        match self {
            Self::One(at) => Ok(frames[*at].clone()),
            Self::Side { fields, places } => {
                let columns = places.iter().map(|&(frame, at)| frames[frame].columns()[at].clone()).collect();
                Frame::new(fields.clone(), columns, frames[0].rows())
            }
        }
    }
}
