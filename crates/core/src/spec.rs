//! The entries by which estimators and saved models are known.
//!
//! Each room exports a list of [`Spec`]s and a list of [`Format`]s. A [`Registry`] is made of them once
//! and passed to whatever parses or loads; there is no global list.

use crate::must::Fault;
use crate::{Error, Estimator, Json, Map, Model, Node, Part, Parts, Result, Settings, Task, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// An estimator as the file, the JSON Schema, the docs and the Python package know it.
#[derive(Clone, Copy)]
pub struct Spec {
    /// The name in the file: `kind = "gbdt"`.
    pub kind: &'static str,
    /// The version of the algorithm, see [`Part::version`].
    pub version: u32,
    /// What it is, in a sentence.
    pub about: &'static str,
    /// The tasks that it can be a candidate for; empty for steps that prepare.
    pub tasks: &'static [Task],
    /// The kinds of the steps that prepare a table for it when the file names none, in order.
    pub prepare: &'static [&'static str],
    /// The schema of its settings.
    pub schema: fn() -> schemars::Schema,
    /// Reads its settings (without `kind`).
    pub parse: fn(Map, &Registry) -> Result<Part>,
    /// The setting that holds the estimator within, of a candidate that can do what that can, and is prepared as that
    /// asks for.
    pub within: Option<&'static str>,
    /// The settings that name other steps.
    pub models: &'static [&'static str],
}

impl Spec {
    /// The spec of an estimator that is its own settings and holds no other.
    pub const fn leaf<E: Leaf>() -> Self {
        Self {
            kind: E::KIND,
            version: E::VERSION,
            about: E::ABOUT,
            tasks: E::TASKS,
            prepare: E::PREPARE,
            schema: schema_of::<E>,
            parse: parse_leaf::<E>,
            within: None,
            models: &[],
        }
    }
}

/// Settings that become an estimator by themselves: most of them.
pub trait Leaf: Settings {
    /// The name in the file.
    const KIND: &'static str;
    /// The version of the algorithm, see [`Part::version`].
    const VERSION: u32 = 1;
    /// What it is, in a sentence.
    const ABOUT: &'static str;
    /// The tasks that it can be a candidate for; empty for steps that prepare.
    const TASKS: &'static [Task] = &[];
    /// The steps that prepare a table for it when the file names none.
    const PREPARE: &'static [&'static str] = &[];

    /// Refuses settings that do not suit a task, or that count for nothing beside the others: what a file says is
    /// meant. Looked at where the task is known, see [`Registry::for_task`].
    ///
    /// # Errors
    /// The key at fault and what is wrong with it.
    fn suits(&self, _task: Task) -> Result<(), Fault> {
        Ok(())
    }

    /// The estimator.
    fn estimator(self) -> Arc<dyn Estimator>;

    /// The part, for Rust programs that compose without a file.
    fn part(self) -> Part {
        let settings = self.resolved();
        Part { kind: Self::KIND, version: Self::VERSION, estimator: self.estimator(), settings }
    }
}

/// The JSON Schema of a type, without references, so that it can be put inside another.
pub fn schema_of<T: schemars::JsonSchema>() -> schemars::Schema {
    let settings = schemars::generate::SchemaSettings::draft2020_12().with(|s| {
        s.inline_subschemas = true;
        s.meta_schema = None;
    });
    settings.into_generator().into_root_schema_for::<T>()
}

fn parse_leaf<E: Leaf>(map: Map, registry: &Registry) -> Result<Part> {
    let check = |settings: &E| {
        settings.check()?;
        registry.task.map_or(Ok(()), |task| settings.suits(task))
    };
    Ok(E::read_with(map, check)?.part())
}

/// How a saved model is loaded.
#[derive(Clone, Copy)]
pub struct Format {
    /// The name that [`Model::format`] gives.
    pub name: &'static str,
    /// The newest version that it reads; older ones still load.
    pub version: u32,
    /// Loads it.
    pub load: fn(&Parts, &Registry) -> Result<Arc<dyn Model>>,
}

/// Everything that is known by name. Cheap to clone.
#[derive(Clone, Default)]
pub struct Registry {
    specs: Arc<BTreeMap<&'static str, Spec>>,
    formats: Arc<BTreeMap<&'static str, Format>>,
    task: Option<Task>,
}

impl Registry {
    /// A registry of some rooms' lists. Of two entries of one name the later counts.
    pub fn new(specs: impl IntoIterator<Item = Spec>, formats: impl IntoIterator<Item = Format>) -> Self {
        Self {
            specs: Arc::new(specs.into_iter().map(|s| (s.kind, s)).collect()),
            formats: Arc::new(formats.into_iter().map(|f| (f.name, f)).collect()),
            task: None,
        }
    }

    /// The same, refusing settings that do not suit a task; `None` takes all that can be.
    #[must_use]
    pub fn for_task(&self, task: Option<Task>) -> Self {
        Self { task, ..self.clone() }
    }

    /// The task that settings are to suit, where it is known.
    pub fn task(&self) -> Option<Task> {
        self.task
    }

    /// All specs, by name.
    pub fn specs(&self) -> impl Iterator<Item = &Spec> {
        self.specs.values()
    }

    /// All formats, by name.
    pub fn formats(&self) -> impl Iterator<Item = &Format> {
        self.formats.values()
    }

    /// A spec by name.
    ///
    /// # Errors
    /// When there is none, with the nearest spelling.
    pub fn spec(&self, kind: &str) -> Result<&Spec> {
        self.specs.get(kind).ok_or_else(|| {
            let known: Vec<&str> = self.specs.keys().copied().collect();
            let error = Error::setting(format!("unknown kind `{kind}`"));
            error.with_hint(format!("possible: {}", known.join(", "))).nearest(kind, known)
        })
    }

    /// Parses `{ kind = "...", settings... }`; a bare text is a kind with its defaults.
    ///
    /// # Errors
    /// An unknown kind or wrong settings, with their place.
    pub fn parse(&self, value: Value) -> Result<Part> {
        let (span, what) = (value.span, value.describe());
        let (kind, map, place) = match value.node {
            Node::Text(kind) => (kind, Map { entries: Vec::new(), span }, span),
            Node::Map(mut map) => match map.take("kind") {
                Some(Value { node: Node::Text(kind), span: place }) => (kind, map, place.or(span)),
                Some(other) => {
                    let error = Error::setting(format!("`kind`: {} where text is needed", other.describe()));
                    return Err(error.at_place(other.span.or(span)));
                }
                None => {
                    let error = Error::setting("`kind` is missing").with_hint("kind = \"gbdt\", for example");
                    return Err(error.at_place(span));
                }
            },
            _ => return Err(Error::setting(format!("{what} where an estimator is needed")).at_place(span)),
        };
        self.parse_kind(&kind, map).map_err(|error| error.at_place(place))
    }

    fn parse_kind(&self, kind: &str, map: Map) -> Result<Part> {
        (self.spec(kind)?.parse)(map, self)
    }

    /// Loads a saved model.
    ///
    /// # Errors
    /// When its format is unknown or newer than this program, or the parts are damaged.
    pub fn load(&self, parts: &Parts) -> Result<Arc<dyn Model>> {
        let format = self
            .formats
            .get(parts.format.as_str())
            .ok_or_else(|| Error::Saved(format!("nothing here loads the format `{}`", parts.format)))?;
        if parts.version > format.version {
            return Err(parts.damaged(format!("this program reads up to version {}", format.version)));
        }
        (format.load)(parts, self)
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("specs", &self.specs.keys()).field("formats", &self.formats.keys()).finish()
    }
}

impl Spec {
    /// The default settings, or what is missing from them.
    ///
    /// # Errors
    /// When the spec has settings without a default.
    pub fn defaults(&self, registry: &Registry) -> Result<Json> {
        (self.parse)(Map::default(), registry).map(|part| part.settings)
    }
}
