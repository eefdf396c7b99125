//! The server: the front that every request passes, the listener, and the end.
//!
//! The front comes before the router: it asks the door, sends predictions past the router, counts, logs
//! faults and adds the headers that keep a browser from doing more with an answer than showing it. Plain
//! requests for predictions do not even get here: `connection` answers them.

use crate::catalogue::Catalogue;
use crate::config::Config;
use crate::connection::{self, Desk};
use crate::door::Door;
use crate::error::Error;
use crate::library::Library;
use crate::metrics::Metrics;
use crate::models::{Models, Version};
use crate::predict::{predict, reference};
use crate::problem::{Inside, Problem};
use crate::workers::Workers;
use crate::{api, ui};
use arkwright_bundle::Bundle;
use arkwright_core::{Context, Registry};
use arkwright_store::{Reference, Store};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tower::Service as _;

/// Hears what goes wrong inside, one line at a time.
pub type Log = Arc<dyn Fn(&str) + Send + Sync>;

/// A server, before it serves.
pub struct Server {
    config: Config,
    models: Models,
    metrics: Metrics,
    context: Context,
    log: Log,
}

impl Server {
    /// A server without models.
    pub fn new(config: Config) -> Self {
        Self {
            models: Models::new(config.max_models),
            metrics: Metrics::new(config.threads),
            context: Context::new(0),
            log: Arc::new(|_| {}),
            config,
        }
    }

    /// With someone who hears what goes wrong inside.
    #[must_use]
    pub fn with_log(mut self, log: Log) -> Self {
        self.log = log;
        self
    }

    /// With the models and the runs of a store; `registry` loads the models' steps.
    #[must_use]
    pub fn with_store(mut self, store: Store, registry: Registry) -> Self {
        self.context = Context::new(0).with_registry(registry.clone());
        self.models.library = Some(Library { store, registry });
        self
    }

    /// Adds a bundle under a name and a version, beside those of the store.
    ///
    /// # Errors
    /// [`Error::Name`].
    pub fn insert(&mut self, name: &str, version: i64, bundle: Bundle) -> Result<(), Error> {
        let named: Result<Reference, _> = name.parse();
        if named.is_err() || name.contains(['@', ':']) {
            return Err(Error::Name(name.to_string()));
        }
        let version = Version { number: version, ..Version::default() };
        self.models.insert(name, version, bundle, &self.metrics);
        Ok(())
    }

    /// Listens on an address, if the configuration lets it.
    ///
    /// # Errors
    /// [`Error::Exposed`], [`Error::Token`], [`Error::Listen`].
    pub async fn bind(&self, address: SocketAddr) -> Result<TcpListener, Error> {
        self.config.check(address)?;
        TcpListener::bind(address).await.map_err(|source| Error::Listen { address, source })
    }

    /// Serves on [`Config::threads`] threads until `shutdown` is done, then until the requests in flight
    /// are answered or [`Config::drain`] is over.
    ///
    /// # Errors
    /// As [`Server::bind`], for a listener that came from elsewhere; [`Error::Store`].
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()>) -> Result<(), Error> {
        let address = listener.local_addr()?;
        self.config.check(address)?;
        let shared = Arc::new(Shared::new(self, address));
        shared.models.refresh().await.map_err(|p| Error::Store(p.inside.unwrap_or(p.message)))?;
        let router = router(&shared);
        let (tell, told) = watch::channel(());
        let (threads, drain) = (shared.config.threads, shared.config.drain);
        let serve = |worker| {
            let front = Front { shared: shared.clone(), router: router.clone(), desk: Desk::new().into(), worker };
            let told = told.clone();
            move |stream| connection::serve(stream, front.clone(), ended(told.clone()))
        };
        let overdue = || {
            let ends = ended(told.clone());
            async move {
                ends.await;
                tokio::time::sleep(drain).await;
            }
        };
        let workers = Workers::start(threads, serve, overdue)?;
        let most = shared.config.max_connections;
        let refreshing = tokio::spawn(refresh(shared));
        tokio::select! {
            () = workers.deal(listener, most) => {}
            () = shutdown => {}
        }
        drop(tell);
        let joined = tokio::task::spawn_blocking(|| workers.join()).await;
        refreshing.abort();
        Ok(joined.map_err(std::io::Error::other)?)
    }
}

/// Done when nobody holds the other end any more.
async fn ended(mut told: watch::Receiver<()>) {
    while told.changed().await.is_ok() {}
}

/// The large bodies held at a time: with the longest body, these bound the memory.
const HELD: usize = 32;

/// What all requests share.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) models: Models,
    pub(crate) metrics: Metrics,
    pub(crate) catalogue: Catalogue,
    pub(crate) context: Context,
    /// The large bodies held at a time.
    pub(crate) held: Semaphore,
    /// The large requests computed at a time.
    pub(crate) turns: Arc<Semaphore>,
    /// Whether the store answered when last asked.
    pub(crate) ready: AtomicBool,
    pub(crate) door: Door,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    log: Log,
    faults: AtomicU64,
}

impl Shared {
    fn new(server: Server, address: SocketAddr) -> Self {
        let Server { config, models, metrics, context, log } = server;
        Self {
            door: Door::new(&config, address),
            address,
            held: Semaphore::new(HELD),
            turns: Arc::new(Semaphore::new(config.threads.max(1))),
            ready: AtomicBool::new(true),
            faults: AtomicU64::new(0),
            catalogue: Catalogue::default(),
            config,
            models,
            metrics,
            context,
            log,
        }
    }

    /// The store; `None` for a server whose models were all given to it.
    pub(crate) fn library(&self) -> Option<&Library> {
        self.models.library()
    }

    /// Logs what the client is not told, and answers the number it is logged under.
    fn fault(&self, inside: &str) -> Response {
        let number = self.faults.fetch_add(1, Relaxed) + 1;
        (self.log)(&format!("fault {number}: {inside}"));
        Problem::numbered(number).into_response()
    }
}

/// Asks the store for what is new, again and again.
async fn refresh(shared: Arc<Shared>) {
    loop {
        tokio::time::sleep(shared.config.refresh).await;
        let refreshed = shared.models.refresh().await;
        if let Err(problem) = &refreshed
            && shared.ready.load(Relaxed)
        {
            (shared.log)(&format!("the store: {}", problem.inside.as_deref().unwrap_or(&problem.message)));
        }
        shared.ready.store(refreshed.is_ok(), Relaxed);
    }
}

fn router(shared: &Arc<Shared>) -> Router {
    Router::new()
        .merge(api::routes())
        .merge(ui::routes())
        .method_not_allowed_fallback(async || Problem::method("GET"))
        .fallback(ui::nowhere)
        .with_state(shared.clone())
}

/// What a worker answers requests with.
#[derive(Clone)]
pub(crate) struct Front {
    pub(crate) shared: Arc<Shared>,
    router: Router,
    pub(crate) desk: Arc<Mutex<Desk>>,
    /// The worker's number.
    pub(crate) worker: usize,
}

impl Front {
    /// Answers any request.
    pub(crate) async fn answer(self, request: Request) -> Response {
        let Self { shared, router, worker, .. } = self;
        let _in_flight = shared.metrics.enter(worker);
        let path = request.uri().path();
        let prediction = reference(path).is_some();
        let open = matches!(path, "/healthz" | "/readyz");
        let response = match shared.door.admit(request.uri(), request.headers(), open) {
            Ok(()) if prediction => predict(&shared, worker, request).await,
            Ok(()) => {
                let response = routed(router, request).await;
                shared.metrics.add_other(response.status());
                response
            }
            Err(problem) => refused(&shared, problem),
        };
        finished(&shared, response)
    }
}

fn refused(shared: &Shared, problem: Problem) -> Response {
    shared.metrics.add_other(problem.status);
    problem.into_response()
}

async fn routed(mut router: Router, request: Request) -> Response {
    match router.call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// The answer as it leaves.
fn finished(shared: &Shared, mut response: Response) -> Response {
    if response.status().is_server_error()
        && let Some(Inside(inside)) = response.extensions_mut().remove::<Inside>()
    {
        response = shared.fault(&inside);
    }
    guard(response.headers_mut());
    response
}

/// Adds the headers of [`GUARDS`].
fn guard(headers: &mut HeaderMap) {
    for (name, value) in GUARDS {
        if name != header::CACHE_CONTROL || !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

/// The headers that keep a browser from doing more with an answer than showing it; a page may say more of
/// how long it is kept.
pub(crate) const GUARDS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::CACHE_CONTROL, "no-store"),
];

/// Nothing from outside, and nothing within a page but what has a file of its own.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A body of a type.
pub(crate) fn typed(kind: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
