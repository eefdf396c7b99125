//! The context of a computation: its seed, its memory, who listens, what is remembered.

use crate::{
    Applied, Error, Event, Fitted, Hash, Hasher, Json, Observer, Part, Parts, Random, Registry, Result, Silent, Stop,
    Table, Train, collect,
};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Remembers results under their names: the store's cache, or none.
pub trait Memo: Send + Sync {
    /// What was kept under a name. A damaged entry is no entry.
    fn get(&self, key: &Hash) -> Option<Remembered>;

    /// Whether something is kept under a name.
    fn has(&self, key: &Hash) -> bool {
        self.get(key).is_some()
    }

    /// Whether what is kept under a name can be seen to be damaged without reading it.
    fn is_damaged(&self, _key: &Hash) -> bool {
        false
    }

    /// Keeps a result. Failing to keep it is told to nobody: it is computed again.
    fn put(&self, key: &Hash, result: &Remembered);
}

/// A result that was kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Remembered {
    /// A fitted model, saved.
    pub parts: Option<Parts>,
    /// What it told the report.
    pub notes: Json,
}

/// Remembers nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMemo;

impl Memo for NoMemo {
    fn get(&self, _key: &Hash) -> Option<Remembered> {
        None
    }

    fn put(&self, _key: &Hash, _result: &Remembered) {}
}

/// What a computation may use and whom it tells. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    shared: Arc<Shared>,
    root: u64,
    seed: u64,
    path: Arc<str>,
}

#[derive(Clone)]
struct Shared {
    registry: Registry,
    memory: Option<u64>,
    observer: Arc<dyn Observer>,
    memo: Arc<dyn Memo>,
    stop: Arc<AtomicBool>,
}

impl Context {
    /// A silent context of a seed that remembers nothing and may use any amount of memory.
    pub fn new(seed: u64) -> Self {
        let shared = Shared {
            registry: Registry::default(),
            memory: None,
            observer: Arc::new(Silent),
            memo: Arc::new(NoMemo),
            stop: Arc::new(AtomicBool::new(false)),
        };
        Self { shared: Arc::new(shared), root: seed, seed, path: Arc::from("") }
    }

    fn with(mut self, change: impl FnOnce(&mut Shared)) -> Self {
        change(Arc::make_mut(&mut self.shared));
        self
    }

    /// With everything that is known by name; needed to load what was remembered.
    #[must_use]
    pub fn with_registry(self, registry: Registry) -> Self {
        self.with(|s| s.registry = registry)
    }

    /// With a limit of bytes for the data held at once.
    #[must_use]
    pub fn with_memory(self, bytes: Option<u64>) -> Self {
        self.with(|s| s.memory = bytes)
    }

    /// With someone who listens.
    #[must_use]
    pub fn with_observer(self, observer: Arc<dyn Observer>) -> Self {
        self.with(|s| s.observer = observer)
    }

    /// With a memory for results.
    #[must_use]
    pub fn with_memo(self, memo: Arc<dyn Memo>) -> Self {
        self.with(|s| s.memo = memo)
    }

    /// With a flag that ends the computation when it is set (Ctrl-C).
    #[must_use]
    pub fn with_stop(self, stop: Arc<AtomicBool>) -> Self {
        self.with(|s| s.stop = stop)
    }

    /// The context of a part of the work, for those who listen; seeds do not depend on it.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        let path = if self.path.is_empty() { name.to_string() } else { format!("{}/{name}", self.path) };
        Self { path: path.into(), ..self.clone() }
    }

    /// The context of a repetition: everything fitted under it draws other random numbers.
    #[must_use]
    pub fn salted(&self, salt: u64) -> Self {
        let root = Hasher::new("salt").number(self.root).number(salt).finish().seed();
        Self { root, seed: root, ..self.clone() }
    }

    /// What is known by name.
    pub fn registry(&self) -> &Registry {
        &self.shared.registry
    }

    /// The seed that the user set (and salts), which names fits.
    pub fn root_seed(&self) -> u64 {
        self.root
    }

    /// A random generator for one purpose of what is being fitted.
    pub fn random(&self, purpose: &str) -> Random {
        Random::new(self.seed, purpose)
    }

    /// The limit of bytes for the data held at once.
    pub fn memory(&self) -> Option<u64> {
        self.shared.memory
    }

    /// Refuses to hold more bytes than allowed.
    ///
    /// # Errors
    /// When `bytes` is over the limit.
    pub fn allow(&self, what: &str, bytes: u64) -> Result<()> {
        match self.shared.memory {
            Some(allowed) if bytes > allowed => Err(Error::Memory { what: what.into(), needed: bytes, allowed }),
            _ => Ok(()),
        }
    }

    /// Whether the computation was asked to end.
    pub fn is_stopped(&self) -> bool {
        self.shared.stop.load(Ordering::Relaxed)
    }

    /// Tells an event; [`ControlFlow::Break`] when the computation should end.
    pub fn tell(&self, event: Event<'_>) -> ControlFlow<Stop> {
        let answer = self.shared.observer.on(&self.path, event);
        if self.is_stopped() { ControlFlow::Break(Stop) } else { answer }
    }

    /// Tells an event and goes on.
    ///
    /// # Errors
    /// [`Error::Stopped`] when the computation should end.
    pub fn go_on(&self, event: Event<'_>) -> Result<()> {
        match self.tell(event) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(Stop) => Err(Error::Stopped),
        }
    }

    /// A word to the user.
    pub fn warn(&self, message: &str) {
        let _ = self.tell(Event::Warn { message });
    }

    /// Fits a part: the only way to. What was fitted before on the same rows with the same settings and
    /// seed is loaded instead; what is fitted now is kept, unless it was cut from outside.
    ///
    /// # Errors
    /// As [`crate::Estimator::fit`]; [`Error::Stopped`] when asked to end before it began.
    pub fn fit(&self, part: &Part, train: Train) -> Result<Fitted> {
        let key = fit_key(part, &train, self.root);
        if let Some(fitted) = key.and_then(|key| self.recall(&key)) {
            return Ok(fitted);
        }
        if self.is_stopped() {
            return Err(Error::Stopped);
        }
        let seed = match key {
            Some(key) => key.seed(),
            None => Hasher::new("seed").number(self.root).text(part.kind).json(&part.settings).finish().seed(),
        };
        let ctx = Self { seed, ..self.child(part.kind) };
        let data = train.data.identity();
        let mut fitted = part.estimator.fit(train, &ctx).map_err(|e| e.within(part.kind))?;
        fitted.key = key;
        let Some((key, data)) = key.zip(data) else { return Ok(fitted) };
        if let Some(rows) = fitted.rows.take() {
            // The rows that the next step learns from bear the name that a plan gave them beforehand.
            let frame = collect(rows.as_ref(), &ctx)?;
            fitted.rows = Some(Table::new(frame, Some(Applied::name(&data, &key))));
        }
        if !fitted.stopped {
            self.shared.memo.put(&key, &Remembered { parts: Some(save(&fitted)?), notes: fitted.notes.clone() });
        }
        Ok(fitted)
    }

    /// What was fitted under a name, if it was kept.
    pub fn recall(&self, key: &Hash) -> Option<Fitted> {
        let kept = self.shared.memo.get(key)?;
        let parts = kept.parts?;
        let (model, rows) = match parts.format.as_str() {
            WITH_ROWS => (parts.child("model").ok()?, Some(Table::load(parts.child("rows").ok()?).ok()?)),
            _ => (&parts, None),
        };
        let model = self.registry().load(model).ok()?;
        let rows = rows.map(|rows| rows as Arc<dyn crate::Source>);
        Some(Fitted { notes: kept.notes, rows, key: Some(*key), ..Fitted::of(model) })
    }

    /// A JSON result under a name: what was kept, or what `compute` gives, kept. Nothing is kept of a
    /// computation that was asked to end.
    ///
    /// # Errors
    /// As `compute`.
    pub fn remember(&self, key: Option<Hash>, compute: impl FnOnce() -> Result<Json>) -> Result<Json> {
        if let Some(kept) = key.and_then(|key| self.shared.memo.get(&key)) {
            return Ok(kept.notes);
        }
        let notes = compute()?;
        if let (Some(key), false) = (key, self.is_stopped()) {
            self.shared.memo.put(&key, &Remembered { parts: None, notes: notes.clone() });
        }
        Ok(notes)
    }

    /// Keeps a result under a name.
    pub fn keep(&self, key: &Hash, result: &Remembered) {
        self.shared.memo.put(key, result);
    }

    /// Whether something is kept under a name.
    pub fn has(&self, key: &Hash) -> bool {
        self.shared.memo.has(key)
    }

    /// Whether what is kept under a name is damaged, as far as can be seen without reading it.
    pub fn is_damaged(&self, key: &Hash) -> bool {
        self.shared.memo.is_damaged(key)
    }

    /// What was kept under a name.
    pub fn kept(&self, key: &Hash) -> Option<Remembered> {
        self.shared.memo.get(key)
    }
}

/// The format of what is kept of a fit that gave rows.
const WITH_ROWS: &str = "fitted with rows";

fn save(fitted: &Fitted) -> Result<Parts> {
    let model = fitted.model.save()?;
    let Some(frame) = fitted.rows.as_ref().and_then(|rows| rows.in_memory()) else { return Ok(model) };
    let rows = Table::new(frame, fitted.rows.as_ref().and_then(|rows| rows.identity())).save()?;
    let mut parts = Parts::new(WITH_ROWS);
    parts.children.insert("model".into(), model);
    parts.children.insert("rows".into(), rows);
    Ok(parts)
}

/// The name of a fit: the part, its settings, its rows, its seed. `None` when the rows have no name.
pub fn fit_key(part: &Part, train: &Train, seed: u64) -> Option<Hash> {
    let mut hasher = Hasher::new("fit")
        .text(part.kind)
        .number(part.version.into())
        .json(&part.settings)
        .number(seed)
        .hash(&train.data.identity()?);
    if let Some(valid) = &train.valid {
        hasher = hasher.text("valid").hash(&valid.identity()?);
    }
    for (name, model) in &train.models {
        let parts = model.save().ok()?;
        hasher = hasher.text(name).hash(&parts.hash());
    }
    Some(hasher.finish())
}
