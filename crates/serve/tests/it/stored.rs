//! A server of a store: what is registered is served, and what changes is seen.

use crate::client::{Running, start_server};
use crate::model::{bundle, registry};
use arkwright_core::Hash;
use arkwright_report::RunReport;
use arkwright_report::run::MetricRow;
use arkwright_serve::{Config, Server};
use arkwright_store::{Gates, NewModel, NewRun, RunStatus, Store};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn run(store: &Store) -> i64 {
    let new = NewRun { system: "churn".into(), file: Hash::of(b"file"), plan: Hash::of(b"plan"), seed: 7 };
    store.begin_run(&new).unwrap()
}

fn register(store: &Store, system: &str, shift: f64, gates: Gates) -> i64 {
    let model = NewModel {
        system: system.into(),
        bundle: store.put_bundle(&bundle(shift)).unwrap(),
        run: Some(run(store)),
        gates,
        card: Value::Null,
        metrics: json!([{"metric": "roc_auc", "value": 0.875, "low": 0.8, "high": 0.9}]),
    };
    store.register_model(&model).unwrap().version
}

fn serve(store: &Store, config: Config) -> Running {
    start_server(Server::new(config).with_store(store.clone(), registry()))
}

fn version(server: &Running, reference: &str) -> Value {
    let body = r#"{"instances": [{"age": 1, "city": "a"}]}"#;
    server.post(&format!("/v1/models/{reference}:predict"), body).json()["version"].clone()
}

#[test]
fn a_name_an_alias_and_a_number_find_their_version() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().to_str().unwrap(), None).unwrap();
    for (shift, gates) in [(0.1, Gates::Passed), (0.2, Gates::Ungated), (0.3, Gates::Failed)] {
        register(&store, "churn", shift, gates);
    }
    store.set_alias("churn", "production", 1).unwrap();
    register(&store, "weak", 0.4, Gates::Failed);
    let server = serve(&store, Config { max_models: 1, ..Config::default() });
    // One version fits into memory: each is loaded anew, and answers as itself.
    for _ in 0..2 {
        assert_eq!(version(&server, "churn"), 2, "the newest that passed");
        assert_eq!(version(&server, "churn@production"), 1);
        assert_eq!(version(&server, "churn:3"), 3);
        assert_eq!(version(&server, "churn/versions/3"), 3);
        assert_eq!(version(&server, "churn%40production"), 1);
    }
    let answer = server.post("/v1/models/weak:predict", "{}");
    assert_eq!(answer.status, 404);
    assert!(answer.text().contains("weak:NUMBER"), "{}", answer.text());
    assert_eq!(version(&server, "weak:1"), 1);
    let model = server.get("/v1/models/churn").json();
    assert_eq!(model["aliases"], json!({"production": 1}));
    assert_eq!(model["versions"][0]["metrics"], json!({"roc_auc": 0.875}));
}

#[test]
fn what_is_registered_while_it_serves_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().to_str().unwrap(), None).unwrap();
    let server = serve(&store, Config { refresh: Duration::from_millis(50), ..Config::default() });
    assert_eq!(server.post("/v1/models/churn:predict", "{}").status, 404);
    register(&store, "churn", 0.1, Gates::Passed);
    let until = |expected: i64| {
        let began = Instant::now();
        while version(&server, "churn") != expected {
            assert!(began.elapsed() < Duration::from_secs(10), "version {expected} does not come");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    until(1);
    register(&store, "churn", 0.2, Gates::Passed);
    until(2);
    register(&store, "churn", 0.3, Gates::Failed);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(version(&server, "churn"), 2, "one that failed its gates is not promoted");
}

#[test]
fn all_models_are_described_without_driving_one_out_of_memory() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().to_str().unwrap(), None).unwrap();
    for system in ["churn", "other", "third"] {
        register(&store, system, 0.1, Gates::Passed);
    }
    let server = serve(&store, Config { max_models: 1, refresh: Duration::from_millis(50), ..Config::default() });
    assert_eq!(version(&server, "churn"), 1);
    let described = || {
        assert_eq!(server.page("/docs").text().matches("<option ").count(), 3);
        let schemas = server.get("/openapi.json").json()["components"]["schemas"].clone();
        ["churn", "other", "third"].iter().all(|name| schemas[format!("{name}.row")].is_object())
    };
    assert!(described());
    // What was read once is not read again; the model in memory is still there.
    for entry in walk(&folder.path().join("artifacts")) {
        std::fs::write(entry, b"damaged").unwrap();
    }
    register(&store, "churn", 0.2, Gates::Failed);
    std::thread::sleep(Duration::from_millis(300));
    assert!(described());
    assert_eq!(version(&server, "churn"), 1);
    assert!(server.get("/metrics").text().contains("\narkwright_model_loads_total 1\n"));
}

#[test]
fn a_damaged_bundle_is_a_fault_that_says_no_path() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().to_str().unwrap(), None).unwrap();
    register(&store, "churn", 0.1, Gates::Passed);
    let server = serve(&store, Config::default());
    for entry in walk(&folder.path().join("artifacts")) {
        std::fs::write(entry, b"damaged").unwrap();
    }
    let answer = server.post("/v1/models/churn:predict", "{}");
    assert_eq!((answer.status, answer.code()), (500, "internal".to_string()));
    let text = answer.text();
    assert!(!text.contains("artifact") && !text.contains(folder.path().to_str().unwrap()), "{text}");
    assert_eq!(server.log.lock().unwrap().len(), 1);
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[test]
fn a_run_has_a_page_with_its_report() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().to_str().unwrap(), None).unwrap();
    let done = run(&store);
    let report = RunReport {
        system: "churn <x>".into(),
        metrics: vec![MetricRow { name: "roc_auc".into(), value: 0.8731, ..MetricRow::default() }],
        ..RunReport::default()
    };
    store.put_report(done, &serde_json::to_value(&report).unwrap()).unwrap();
    store.finish_run(done, RunStatus::Done, None).unwrap();
    let failed = run(&store);
    store.finish_run(failed, RunStatus::Failed, Some("reading /secret/table.csv: gone")).unwrap();
    let server = serve(&store, Config::default());
    let list = server.page("/runs");
    assert!(list.text().contains(&format!("href=\"/runs/{done}\"")) && list.text().contains("failed"));
    let page = server.page(&format!("/runs/{done}"));
    assert_eq!(page.status, 200);
    assert!(page.text().contains("0.8731") && page.text().contains("churn &lt;x&gt;") && !page.text().contains("<x>"));
    let page = server.page(&format!("/runs/{failed}"));
    assert!(page.status == 200 && !page.text().contains("secret"), "{}", page.text());
    assert_eq!(server.page("/runs/999").status, 404);
}
