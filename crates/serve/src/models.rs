//! The models being served: which there are, and those that are in memory.
//!
//! A request finds its model by the reference as it is spelt in the path, in a map that nobody changes: a
//! change makes a new map and puts it in the old one's place. A reference that is not in the map is
//! resolved, its bundle loaded, and then it is. Of the versions in memory the least recently used go.

use crate::about::About;
use crate::answer::Writer;
use crate::library::Library;
use crate::metrics::{Meters, Metrics};
use crate::problem::Problem;
use crate::reference;
use arkwright_bundle::Bundle;
use arkwright_core::{Hash, nearest};
use arkwright_store::{Gates, Reference, Which};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering::Acquire, Ordering::Relaxed, Ordering::Release};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// A version of a model, in memory.
pub(crate) struct Served {
    pub(crate) name: String,
    pub(crate) version: i64,
    pub(crate) bundle: Arc<Bundle>,
    pub(crate) about: Arc<About>,
    pub(crate) writer: Writer,
    pub(crate) meters: Arc<Meters>,
    /// Given by the program rather than by the store: never let go.
    pinned: bool,
    /// When it was last asked, by the clock of [`Models`].
    used: AtomicU64,
}

/// What is known of a model without loading it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Card {
    /// Its versions, the newest first.
    pub(crate) versions: Vec<Version>,
    /// Names that point to versions.
    pub(crate) aliases: BTreeMap<String, i64>,
}

/// What is known of a version without loading it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Version {
    pub(crate) number: i64,
    /// When it was registered, as text.
    pub(crate) made: String,
    /// What its gates said.
    pub(crate) gates: Gates,
    /// The run that made it.
    pub(crate) run: Option<i64>,
    /// Its bundle in the store.
    pub(crate) bundle: Option<Hash>,
    /// Its scores on rows kept from it.
    pub(crate) metrics: Vec<(String, f64)>,
}

impl Card {
    /// The version that the bare name means.
    pub(crate) fn newest(&self) -> Option<i64> {
        self.versions.iter().find(|v| v.gates.allow()).map(|v| v.number)
    }

    pub(crate) fn version(&self, number: i64) -> Option<&Version> {
        self.versions.iter().find(|v| v.number == number)
    }

    /// The aliases of a version.
    pub(crate) fn aliases_of(&self, number: i64) -> impl Iterator<Item = &str> {
        self.aliases.iter().filter(move |(_, to)| **to == number).map(|(alias, _)| alias.as_str())
    }

    fn add(&mut self, version: Version) {
        self.versions.retain(|v| v.number != version.number);
        self.versions.push(version);
        self.versions.sort_by_key(|v| std::cmp::Reverse(v.number));
    }
}

/// The models by name.
pub(crate) type Shelf = BTreeMap<String, Card>;

#[derive(Clone, Default)]
struct State {
    shelf: Arc<Shelf>,
    /// By the reference as it was spelt.
    resolved: HashMap<String, Arc<Served>>,
    /// By name and version.
    loaded: HashMap<(String, i64), Arc<Served>>,
}

/// All models being served.
pub(crate) struct Models {
    state: RwLock<Arc<State>>,
    /// Held by whoever makes a new state; when the store was last asked.
    change: tokio::sync::Mutex<Option<Instant>>,
    pub(crate) library: Option<Library>,
    limit: usize,
    clock: AtomicU64,
    /// How often the state changed.
    changes: AtomicU64,
}

/// Spellings of references that are remembered.
const SPELLINGS: usize = 1024;

/// The store is not asked again within this time, however many ask for models that are not there.
const PATIENCE: Duration = Duration::from_millis(100);

impl Models {
    pub(crate) fn new(limit: usize) -> Self {
        let (state, change) = (RwLock::default(), tokio::sync::Mutex::default());
        Self { state, change, library: None, limit, clock: AtomicU64::new(0), changes: AtomicU64::new(0) }
    }

    /// The model of a reference that was asked for before: no lock but a reader's, nothing allocated.
    pub(crate) fn ready(&self, reference: &str) -> Option<Arc<Served>> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let served = state.resolved.get(reference)?;
        self.touch(served);
        Some(served.clone())
    }

    /// Notes that a version was asked, so that others go first.
    pub(crate) fn touch(&self, served: &Served) {
        let now = self.clock.load(Relaxed);
        if served.used.load(Relaxed) != now {
            served.used.store(now, Relaxed);
        }
    }

    /// A number that is another one when references may mean other versions than before: as long as it
    /// stays, who remembers a reference's version need not ask.
    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Acquire)
    }

    /// The model of a reference, loaded if need be.
    pub(crate) async fn get(&self, reference: &str, metrics: &Metrics) -> Result<Arc<Served>, Problem> {
        if let Some(served) = self.ready(reference) {
            return Ok(served);
        }
        let parsed = reference::parse(reference)
            .ok_or_else(|| self.unknown(reference).with_hint("a model is NAME, NAME@ALIAS or NAME:VERSION"))?;
        let mut asked = self.change.lock().await;
        if let Some(served) = self.ready(reference) {
            return Ok(served);
        }
        let version = match self.resolve(&parsed) {
            Ok(version) => version,
            // It may have been registered a moment ago.
            Err(_) if asked.is_none_or(|at| at.elapsed() > PATIENCE) => {
                *asked = Some(Instant::now());
                self.reload().await?;
                self.resolve(&parsed)?
            }
            Err(problem) => return Err(problem),
        };
        let mut state = State::clone(&self.state());
        let key = (parsed.system, version.number);
        let served = match state.loaded.get(&key) {
            Some(served) => served.clone(),
            None => {
                let place = self.library.as_ref().zip(version.bundle);
                let (library, bundle) = place.ok_or_else(|| self.unknown(reference))?;
                let bundle = library.bundle(bundle).await?;
                metrics.loads.fetch_add(1, Relaxed);
                let served = Arc::new(Served::new(&key.0, key.1, bundle, false, metrics));
                state.loaded.insert(key, served.clone());
                served
            }
        };
        served.used.store(self.clock.fetch_add(1, Relaxed) + 1, Relaxed);
        if state.resolved.len() >= SPELLINGS {
            state.resolved.clear();
        }
        state.resolved.insert(reference.to_string(), served.clone());
        state.let_go(self.limit);
        self.put(state);
        Ok(served)
    }

    /// What a version takes and gives; it is not held in memory for that.
    pub(crate) async fn about(&self, name: &str, version: &Version) -> Result<Arc<About>, Problem> {
        if let Some(served) = self.state().loaded.get(&(name.to_string(), version.number)) {
            return Ok(served.about.clone());
        }
        let place = self.library.as_ref().zip(version.bundle);
        let (library, bundle) = place.ok_or_else(|| self.unknown(name))?;
        Ok(About::new(&library.bundle(bundle).await?).into())
    }

    /// Adds a bundle that the program holds.
    pub(crate) fn insert(&self, name: &str, version: Version, bundle: Bundle, metrics: &Metrics) {
        let mut state = State::clone(&self.state());
        let number = version.number;
        Arc::make_mut(&mut state.shelf).entry(name.to_string()).or_default().add(version);
        let served = Served::new(name, number, bundle, true, metrics);
        state.loaded.insert((name.to_string(), number), Arc::new(served));
        state.resolved.clear();
        self.put(state);
    }

    /// Asks the store what there is.
    pub(crate) async fn refresh(&self) -> Result<(), Problem> {
        self.clock.fetch_add(1, Relaxed);
        let mut asked = self.change.lock().await;
        *asked = Some(Instant::now());
        self.reload().await
    }

    async fn reload(&self) -> Result<(), Problem> {
        let Some(library) = &self.library else { return Ok(()) };
        let mut shelf = library.shelf().await?;
        let old = self.state();
        // Models that the program gave stay, whatever the store says.
        for (key, _) in old.loaded.iter().filter(|(_, served)| served.pinned) {
            if let Some(version) = old.shelf.get(&key.0).and_then(|card| card.version(key.1)) {
                shelf.entry(key.0.clone()).or_default().add(version.clone());
            }
        }
        if *old.shelf == shelf {
            return Ok(());
        }
        let mut state = State { shelf: Arc::new(shelf), resolved: HashMap::new(), loaded: old.loaded.clone() };
        // What the registry no longer has, or has otherwise, is let go.
        state.loaded.retain(|(name, number), served| {
            let was = old.shelf.get(name).and_then(|card| card.version(*number));
            let is = state.shelf.get(name).and_then(|card| card.version(*number));
            served.pinned || is.is_some() && is.map(|v| v.bundle) == was.map(|v| v.bundle)
        });
        self.put(state);
        Ok(())
    }

    /// The store, if there is one.
    pub(crate) fn library(&self) -> Option<&Library> {
        self.library.as_ref()
    }

    /// The models by name.
    pub(crate) fn shelf(&self) -> Arc<Shelf> {
        self.state().shelf.clone()
    }

    fn state(&self) -> Arc<State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, state: State) {
        let mut held = self.state.write().unwrap_or_else(PoisonError::into_inner);
        *held = Arc::new(state);
        self.changes.fetch_add(1, Release);
    }

    fn resolve(&self, reference: &Reference) -> Result<Version, Problem> {
        let shelf = self.shelf();
        let name = &reference.system;
        let card = shelf.get(name).ok_or_else(|| self.unknown(name))?;
        let known = || {
            let known: Vec<String> = card.versions.iter().take(10).map(|v| v.number.to_string()).collect();
            format!("`{name}` has the versions {}", known.join(", "))
        };
        let found = match &reference.which {
            Which::Newest => card.newest(),
            Which::Version(number) => Some(*number),
            Which::Alias(alias) => card.aliases.get(alias).copied(),
        };
        let found = found.and_then(|number| card.version(number)).cloned();
        found.ok_or_else(|| match &reference.which {
            Which::Newest => Problem::not_found(format!("no version of `{name}` passed its gates"))
                .with_hint(format!("ask for one by number, `{name}:NUMBER`; {}", known())),
            Which::Version(number) => {
                Problem::not_found(format!("`{name}` has no version {number}")).with_hint(known())
            }
            Which::Alias(alias) => {
                let problem = Problem::not_found(format!("`{name}` has no alias `{alias}`"));
                match nearest(alias, card.aliases.keys().map(String::as_str)) {
                    Some(near) => problem.with_hint(format!("did you mean `{name}@{near}`?")),
                    None => problem.with_hint(known()),
                }
            }
        })
    }

    fn unknown(&self, name: &str) -> Problem {
        let shelf = self.shelf();
        let shown: String = name.chars().take(60).collect();
        let problem = Problem::not_found(format!("there is no model `{shown}`"));
        match nearest(name, shelf.keys().map(String::as_str)) {
            Some(near) => problem.with_hint(format!("did you mean `{near}`?")),
            None if shelf.is_empty() => problem.with_hint("no model is registered yet: `arkwright run` makes one"),
            None => problem.with_hint("GET /v1/models lists the models"),
        }
    }
}

impl State {
    fn let_go(&mut self, limit: usize) {
        while self.loaded.values().filter(|s| !s.pinned).count() > limit.max(1) {
            let oldest = self.loaded.iter().filter(|(_, s)| !s.pinned).min_by_key(|(_, s)| s.used.load(Relaxed));
            let Some(key) = oldest.map(|(key, _)| key.clone()) else { return };
            self.loaded.remove(&key);
            self.resolved.retain(|_, s| (&s.name, s.version) != (&key.0, key.1));
        }
    }
}

impl Served {
    fn new(name: &str, version: i64, bundle: Bundle, pinned: bool, metrics: &Metrics) -> Self {
        let about = About::new(&bundle);
        let gives = &bundle.answer().model.signature().gives;
        Self {
            writer: Writer::new(name, version, gives, about.keys()),
            meters: metrics.of(name, version, bundle.request().fields()),
            name: name.to_string(),
            version,
            about: about.into(),
            bundle: Arc::new(bundle),
            pinned,
            used: AtomicU64::new(0),
        }
    }
}
