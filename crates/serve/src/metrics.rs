//! What the server counts, and how Prometheus reads it.
//!
//! A model's meters are looked up when the model is loaded; a prediction adds to the counters of its worker,
//! which no other thread writes to, and takes no lock; the page adds them up. Requests for models that do not exist are counted together, so that nobody can make
//! the page grow.

use arkwright_bundle::{RequestField, Unseen};
use axum::http::StatusCode;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The statuses that are counted apart; any other counts as the last.
const STATUSES: [u16; 12] = [200, 304, 400, 401, 403, 404, 405, 408, 413, 415, 503, 500];

/// Upper ends of the latency histogram, in microseconds.
const BUCKETS: [u64; 15] =
    [50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 5_000_000];

/// Requests by status.
#[derive(Default)]
struct Statuses([AtomicU64; STATUSES.len()]);

impl Statuses {
    fn add(&self, status: StatusCode) {
        let at = STATUSES.iter().position(|s| *s == status.as_u16()).unwrap_or(STATUSES.len() - 1);
        self.0[at].fetch_add(1, Relaxed);
    }

    fn write<'a>(all: impl Iterator<Item = &'a Self> + Clone, out: &mut String, name: &str, labels: &str) {
        for (at, status) in STATUSES.iter().enumerate() {
            let count: u64 = all.clone().map(|statuses| statuses.0[at].load(Relaxed)).sum();
            if count > 0 {
                let _ = writeln!(out, "{name}{{{labels},status=\"{status}\"}} {count}");
            }
        }
    }
}

/// What is counted of one version of a model.
pub(crate) struct Meters {
    workers: Box<[Meter]>,
    /// The columns of its request.
    columns: Box<[String]>,
}

/// What one worker counts; far enough from the next one's that the two share no line of the cache.
#[derive(Default)]
#[repr(align(128))]
struct Meter {
    statuses: Statuses,
    /// Latencies: counts between one bucket's end and the next's; the last has no end.
    latencies: [AtomicU64; BUCKETS.len() + 1],
    microseconds: AtomicU64,
    rows: AtomicU64,
    /// Rows with a value that training never saw, by column.
    unseen: Box<[AtomicU64]>,
}

impl Meters {
    fn new(workers: usize, columns: Box<[String]>) -> Self {
        let meter = || Meter { unseen: columns.iter().map(|_| AtomicU64::new(0)).collect(), ..Meter::default() };
        Self { workers: (0..workers.max(1)).map(|_| meter()).collect(), columns }
    }

    /// Counts a request for predictions that a worker answered.
    pub(crate) fn add(&self, worker: usize, status: StatusCode, took: Duration, rows: usize) {
        let meter = &self.workers[worker];
        meter.statuses.add(status);
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        meter.latencies[BUCKETS.partition_point(|end| *end < took)].fetch_add(1, Relaxed);
        meter.microseconds.fetch_add(took, Relaxed);
        meter.rows.fetch_add(rows as u64, Relaxed);
    }

    /// Counts a row whose value in a column of the request training never saw.
    pub(crate) fn add_unseen(&self, worker: usize, column: usize) {
        self.workers[worker].unseen[column].fetch_add(1, Relaxed);
    }

    /// Counts what of some rows training never saw.
    pub(crate) fn add_all_unseen(&self, worker: usize, unseen: &Unseen) {
        for (name, column) in &unseen.columns {
            if let Some(place) = self.columns.iter().position(|c| c == name) {
                self.workers[worker].unseen[place].fetch_add(column.rows, Relaxed);
            }
        }
    }

    fn sum(&self, of: impl Fn(&Meter) -> &AtomicU64) -> u64 {
        self.workers.iter().map(|meter| of(meter).load(Relaxed)).sum()
    }

    fn write_statuses(&self, out: &mut String, labels: &str) {
        Statuses::write(self.workers.iter().map(|m| &m.statuses), out, "arkwright_predictions_total", labels);
    }

    fn write_unseen(&self, out: &mut String, labels: &str) {
        for (place, column) in self.columns.iter().enumerate() {
            let rows = self.sum(|meter| &meter.unseen[place]);
            if rows > 0 {
                let column = label(column);
                let _ = writeln!(out, "arkwright_unseen_values_total{{{labels},column=\"{column}\"}} {rows}");
            }
        }
    }

    fn write_latencies(&self, out: &mut String, labels: &str) {
        let mut sum = 0;
        for (at, end) in BUCKETS.map(Some).into_iter().chain([None]).enumerate() {
            sum += self.sum(|m| &m.latencies[at]);
            let end = end.map_or("+Inf".to_string(), seconds);
            let _ = writeln!(out, "arkwright_prediction_seconds_bucket{{{labels},le=\"{end}\"}} {sum}");
        }
        let total = seconds(self.sum(|m| &m.microseconds));
        let _ = writeln!(out, "arkwright_prediction_seconds_sum{{{labels}}} {total}");
        let _ = writeln!(out, "arkwright_prediction_seconds_count{{{labels}}} {sum}");
    }
}

/// A count that goes up and down, of one worker.
#[derive(Default)]
#[repr(align(128))]
struct Level(AtomicI64);

/// All that the server counts.
pub(crate) struct Metrics {
    models: Mutex<BTreeMap<(String, i64), Arc<Meters>>>,
    other: Statuses,
    /// By worker.
    in_flight: Box<[Level]>,
    connections: Level,
    pub(crate) loads: AtomicU64,
    started: SystemTime,
}

impl Metrics {
    pub(crate) fn new(workers: usize) -> Self {
        Self {
            models: Mutex::default(),
            other: Statuses::default(),
            in_flight: (0..workers.max(1)).map(|_| Level::default()).collect(),
            connections: Level::default(),
            loads: AtomicU64::new(0),
            started: SystemTime::now(),
        }
    }

    /// The meters of a version whose request has such columns; the same ones when it is loaded again.
    pub(crate) fn of(&self, name: &str, version: i64, columns: &[RequestField]) -> Arc<Meters> {
        let mut models = self.models.lock().unwrap_or_else(PoisonError::into_inner);
        let columns = || columns.iter().map(|column| column.field.name.clone()).collect();
        let new = || Meters::new(self.in_flight.len(), columns()).into();
        models.entry((name.to_string(), version)).or_insert_with(new).clone()
    }

    /// Counts a request that was no prediction of a known model.
    pub(crate) fn add_other(&self, status: StatusCode) {
        self.other.add(status);
    }

    /// Counts a request that a worker answers as in flight, until what is returned goes.
    pub(crate) fn enter(&self, worker: usize) -> Raised<'_> {
        self.in_flight[worker].raise()
    }

    /// Counts a connection as open until what is returned goes.
    pub(crate) fn connected(&self) -> Raised<'_> {
        self.connections.raise()
    }

    /// The page that Prometheus reads.
    pub(crate) fn text(&self) -> String {
        let models = self.models.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let labelled: Vec<(String, Arc<Meters>)> = models
            .into_iter()
            .map(|((name, version), meters)| (format!("model=\"{name}\",version=\"{version}\""), meters))
            .collect();
        let mut out = String::new();
        family(
            &mut out,
            "arkwright_predictions_total",
            "counter",
            "Requests for predictions, by model, version and status.",
        );
        labelled.iter().for_each(|(labels, m)| m.write_statuses(&mut out, labels));
        family(&mut out, "arkwright_predicted_rows_total", "counter", "Rows predicted.");
        for (labels, meters) in &labelled {
            let _ = writeln!(out, "arkwright_predicted_rows_total{{{labels}}} {}", meters.sum(|m| &m.rows));
        }
        family(
            &mut out,
            "arkwright_unseen_values_total",
            "counter",
            "Rows that hold a value which training never saw, by column.",
        );
        labelled.iter().for_each(|(labels, m)| m.write_unseen(&mut out, labels));
        family(&mut out, "arkwright_prediction_seconds", "histogram", "From a request's head to its answer.");
        labelled.iter().for_each(|(labels, m)| m.write_latencies(&mut out, labels));
        family(
            &mut out,
            "arkwright_requests_total",
            "counter",
            "Other requests, and those for models that are not there.",
        );
        Statuses::write(std::iter::once(&self.other), &mut out, "arkwright_requests_total", "kind=\"other\"");
        let in_flight: i64 = self.in_flight.iter().map(|level| level.0.load(Relaxed)).sum();
        family(&mut out, "arkwright_requests_in_flight", "gauge", "Requests being answered.");
        let _ = writeln!(out, "arkwright_requests_in_flight {in_flight}");
        family(&mut out, "arkwright_connections_open", "gauge", "Open connections.");
        let _ = writeln!(out, "arkwright_connections_open {}", self.connections.0.load(Relaxed));
        family(&mut out, "arkwright_model_loads_total", "counter", "Versions of models that were loaded.");
        let _ = writeln!(out, "arkwright_model_loads_total {}", self.loads.load(Relaxed));
        self.process(&mut out);
        out
    }

    fn process(&self, out: &mut String) {
        let started = self.started.duration_since(UNIX_EPOCH).unwrap_or_default();
        family(out, "process_start_time_seconds", "gauge", "When the server started, in seconds since 1970.");
        let _ = writeln!(out, "process_start_time_seconds {}", started.as_secs_f64());
        // Linux tells of itself in files; elsewhere there is nothing to say.
        let of = |path: &str, key: &str| {
            let text = std::fs::read_to_string(path).ok()?;
            let line = text.lines().find_map(|l| l.strip_prefix(key))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        if let Some(kilobytes) = of("/proc/self/status", "VmRSS:") {
            family(out, "process_resident_memory_bytes", "gauge", "Memory held.");
            let _ = writeln!(out, "process_resident_memory_bytes {}", kilobytes * 1024);
        }
        if let Some(threads) = of("/proc/self/status", "Threads:") {
            family(out, "process_threads", "gauge", "Threads.");
            let _ = writeln!(out, "process_threads {threads}");
        }
        if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
            family(out, "process_open_fds", "gauge", "Open files and connections.");
            let _ = writeln!(out, "process_open_fds {}", files.count());
        }
    }
}

impl Level {
    fn raise(&self) -> Raised<'_> {
        self.0.fetch_add(1, Relaxed);
        Raised(&self.0)
    }
}

/// A level that is one higher while this is there.
pub(crate) struct Raised<'a>(&'a AtomicI64);

impl Drop for Raised<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

fn family(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = write!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
}

/// A label's value, as Prometheus reads it.
fn label(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

fn seconds(microseconds: u64) -> String {
    (microseconds as f64 / 1e6).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_cumulative_over_all_workers_and_end_with_the_count() {
        let metrics = Metrics::new(2);
        let meters = metrics.of("m", 1, &[]);
        // Two workers count; the page shows the sums.
        for (worker, microseconds) in [(0, 10), (1, 50), (0, 51), (1, 10_000_000)] {
            meters.add(worker, StatusCode::OK, Duration::from_micros(microseconds), 1);
        }
        let text = metrics.text();
        let labels = "model=\"m\",version=\"1\"";
        for line in [
            format!("arkwright_prediction_seconds_bucket{{{labels},le=\"0.00005\"}} 2"),
            format!("arkwright_prediction_seconds_bucket{{{labels},le=\"0.0001\"}} 3"),
            format!("arkwright_prediction_seconds_bucket{{{labels},le=\"5\"}} 3"),
            format!("arkwright_prediction_seconds_bucket{{{labels},le=\"+Inf\"}} 4"),
            format!("arkwright_prediction_seconds_count{{{labels}}} 4"),
            format!("arkwright_predictions_total{{{labels},status=\"200\"}} 4"),
            format!("arkwright_predicted_rows_total{{{labels}}} 4"),
        ] {
            assert!(text.contains(&line), "{line}\n{text}");
        }
        assert!(Arc::ptr_eq(&meters, &metrics.of("m", 1, &[])));
    }
}
