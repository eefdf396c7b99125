//! Tables larger than the memory that may be used: what learns in passes learns from them, what needs all
//! rows at once refuses.

use arkwright_core::{Context, Error, Field, Frame, Kind, Part, Result, Role, Silent, Train, Value, collect};
use arkwright_data::{FileFormat, ParquetSource, write_file};
use arrow::array::{ArrayRef, Float64Array};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const COLUMNS: usize = 10;
const BATCH: usize = 20_000;
/// 64 MB of numbers.
const BATCHES: usize = 40;
/// What may be held at once.
const MEMORY: u64 = 16 << 20;

/// A number in [-1, 1] by rule.
fn number(row: usize, column: usize) -> f64 {
    let mut x =
        (row as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (column as u64 + 1).wrapping_mul(0xd1b5_4a32_d192_ed03);
    x ^= x >> 29;
    x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^= x >> 32;
    (x >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

/// y = 3 + 2 x0 - x1 + x9 / 2, without noise.
fn target(row: usize) -> f64 {
    3.0 + 2.0 * number(row, 0) - number(row, 1) + number(row, 9) / 2.0
}

fn batch(first: usize, rows: usize) -> Result<Frame> {
    let mut fields: Vec<Field> = (0..COLUMNS).map(|c| Field::new(format!("x{c}"), Kind::Number, Role::Input)).collect();
    fields.push(Field::new("y", Kind::Number, Role::Target));
    let column = |f: &dyn Fn(usize) -> f64| -> ArrayRef {
        Arc::new((first..first + rows).map(|row| Some(f(row))).collect::<Float64Array>())
    };
    let mut columns: Vec<ArrayRef> = (0..COLUMNS).map(|c| column(&|row| number(row, c))).collect();
    columns.push(column(&target));
    Frame::new(fields, columns, rows)
}

fn table(folder: &Path, batches: usize) -> PathBuf {
    let path = folder.join(format!("{batches}.parquet"));
    write_file(&path, Some(FileFormat::Parquet), (0..batches).map(|i| batch(i * BATCH, BATCH))).unwrap();
    path
}

fn part(json: serde_json::Value) -> Part {
    arkwright_flow::registry().parse(Value::from(json)).unwrap()
}

fn source(path: &Path) -> Arc<ParquetSource> {
    ParquetSource::open(path, Some(batch(0, 1).unwrap().fields().clone())).unwrap()
}

fn context() -> Context {
    Context::new(0).with_registry(arkwright_flow::registry()).with_memory(Some(MEMORY)).with_observer(Arc::new(Silent))
}

/// The most memory that this process ever had, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.trim().trim_end_matches(" kB").parse::<u64>().ok()).map_or(0, |kb| kb * 1024)
}

#[test]
fn a_chain_learns_from_parquet_larger_than_the_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = table(folder.path(), BATCHES);
    // In a process of its own, for its memory to be its own.
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["larger::learns_within_its_memory", "--exact", "--ignored", "--test-threads", "1"])
        .env("ARKWRIGHT_TEST_TABLE", &path)
        .env("ARKWRIGHT_TEST_SMALL_TABLE", table(folder.path(), 1))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&child.stderr));
}

#[test]
#[ignore = "the other half of a_chain_learns_from_parquet_larger_than_the_memory"]
fn learns_within_its_memory() {
    let path = |name| PathBuf::from(std::env::var_os(name).unwrap());
    let chain =
        part(serde_json::json!({ "kind": "chain", "steps": ["impute", "scale", { "kind": "linear", "alpha": 0.0 }] }));
    // Once on a few rows, so that the program's own pages are there and only the rows count.
    context().fit(&chain, Train::on(source(&path("ARKWRIGHT_TEST_SMALL_TABLE")))).unwrap();
    let (path, before) = (path("ARKWRIGHT_TEST_TABLE"), peak());
    let fitted = context().fit(&chain, Train::on(source(&path))).unwrap();
    let used = peak() - before;
    // The limit, and what reading Parquet holds: far less than the table.
    let whole = (BATCHES * BATCH * (COLUMNS + 1) * 8) as u64;
    assert!(used < MEMORY + (16 << 20) && used < whole / 2, "{used} bytes were used for a table of {whole}");
    let rows = batch(7_000_000, 50).unwrap();
    let takes = &fitted.model.signature().takes;
    let at: Vec<usize> = takes.iter().map(|name| rows.position(name).unwrap()).collect();
    let fields: Vec<Field> = at.iter().map(|&i| rows.fields()[i].clone()).collect();
    let columns = at.iter().map(|&i| rows.columns()[i].clone()).collect();
    let answer = fitted.model.apply(&Frame::new(fields, columns, 50).unwrap(), &context()).unwrap();
    let said = answer.numbers(answer.position("prediction").unwrap()).unwrap();
    for (i, said) in said.iter().enumerate() {
        assert!((said - target(7_000_000 + i)).abs() < 1e-9, "row {i}: {said} for {}", target(7_000_000 + i));
    }
}

#[test]
fn what_needs_all_rows_at_once_says_how_much_memory_that_takes() {
    let folder = tempfile::tempdir().unwrap();
    let path = table(folder.path(), BATCHES);
    let forest = part(serde_json::json!({ "kind": "random_forest" }));
    let mut error = &context().fit(&forest, Train::on(source(&path))).err().unwrap();
    while let Error::Within { source, .. } = error {
        error = source;
    }
    assert!(matches!(error, Error::Memory { allowed: MEMORY, .. }), "{error}");
    assert!(collect(source(&path).as_ref(), &context()).is_err());
}
