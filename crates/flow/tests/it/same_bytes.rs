//! The same file, data and seed: the same bytes, with any number of threads and in any folder.

use crate::workshop::{Workshop, customers};
use arrow::array::RecordBatch;
use arrow::datatypes::DataType;
use arrow::ipc::writer::FileWriter;

const FILE: &str = r#"
[system]
name = "left"
[data]
source = "customers.csv"
target = "left"
[prepare]
derive = { ratio = "income / nullif(age, 0)" }
[split]
folds = 3
[tune]
trials = 4
[[model]]
kind = "logistic"
[[model]]
kind = "random_forest"
n_estimators = 10
[[model]]
kind = "gbdt"
n_estimators = 20
tune.learning_rate = { low = 0.05, high = 0.3, log = true }
"#;

fn bundle(threads: usize) -> String {
    let shop = Workshop::new();
    shop.put("customers.csv", &customers(600));
    let path = shop.put("arkwright.toml", FILE);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let ran = pool.install(|| shop.run(&path)).unwrap();
    ran.registered.bundle
}

#[test]
fn one_thread_and_four_in_another_folder_make_the_same_bundle() {
    assert_eq!(bundle(1), bundle(4));
}

/// The bundle of the table in a file of this name.
fn bundle_of(name: &str) -> String {
    let shop = Workshop::new();
    shop.put("customers.csv", &customers(600));
    let engine = arkwright_data::Engine::new(None, 1).unwrap();
    let raw = engine.read(&arkwright_data::Request::new(shop.path(), "customers.csv")).unwrap();
    let path = shop.path().join(name);
    match name {
        "customers.csv" => {}
        // As other programs keep categories: by number, the levels in an order of their own.
        "levels.feather" => {
            let batch = raw.into_batch().unwrap();
            let at = batch.schema_ref().index_of("city").unwrap();
            let levels = DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8));
            let mut columns = batch.columns().to_vec();
            columns[at] = arrow::compute::cast(&columns[at], &levels).unwrap();
            let schema = batch.schema();
            let named = schema.fields().iter().map(|f| f.name().clone()).zip(columns);
            let batch = RecordBatch::try_from_iter_with_nullable(named.map(|(n, c)| (n, c, true))).unwrap();
            let mut writer = FileWriter::try_new(std::fs::File::create(&path).unwrap(), &batch.schema()).unwrap();
            writer.write(&batch).unwrap();
            writer.finish().unwrap();
        }
        _ => drop(arkwright_data::write_file(&path, None, [raw.into_frame()]).unwrap()),
    }
    let path = shop.put("arkwright.toml", &FILE.replace("customers.csv", name));
    shop.run(&path).unwrap().registered.bundle
}

#[test]
fn the_same_table_in_any_format_makes_the_same_bundle() {
    let csv = bundle_of("customers.csv");
    for other in ["t.parquet", "t.arrow", "t.jsonl", "levels.feather"] {
        assert_eq!(bundle_of(other), csv, "{other}");
    }
}

#[test]
fn a_run_that_is_stopped_goes_on_to_the_same_bundle() {
    let whole = bundle(2);
    let shop = Workshop::new();
    shop.put("customers.csv", &customers(600));
    let path = shop.put("arkwright.toml", FILE);
    let mut stops = 0;
    // Stopped after ever more events, until it gets through.
    for patience in (1..).map(|i| i * 8) {
        let (project, _, _) = shop.plan(&path).unwrap();
        let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let impatient = Impatient { left: (patience as i64).into(), stop: stop.clone() };
        let ctx = project.context(std::sync::Arc::new(impatient), stop);
        let result = project.plan(&ctx).and_then(|plan| arkwright_flow::run(&project, &plan, &ctx));
        match result {
            Ok(ran) => {
                assert_eq!(ran.registered.bundle, whole);
                break;
            }
            Err(failed) => {
                assert!(failed.error.is_stop(), "{:?}", failed.error);
                stops += 1;
            }
        }
    }
    assert!(stops > 2, "the run was stopped {stops} times");
}

struct Impatient {
    left: std::sync::atomic::AtomicI64,
    stop: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

impl arkwright_core::Observer for Impatient {
    fn on(&self, _path: &str, _event: arkwright_core::Event<'_>) -> std::ops::ControlFlow<arkwright_core::Stop> {
        use std::sync::atomic::Ordering::SeqCst;
        if self.left.fetch_sub(1, SeqCst) <= 0 {
            self.stop.store(true, SeqCst);
        }
        std::ops::ControlFlow::Continue(())
    }
}
