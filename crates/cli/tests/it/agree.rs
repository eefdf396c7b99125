//! A file, a request and the library answer alike, to the bit: on the whole of every shipped table, with
//! values left out and categories that no model has seen.

use crate::desk::{Desk, system};
use arkwright_bundle::Bundle;
use arkwright_core::{Cell, Context, Kind, Model, Role};
use arkwright_data::{Engine, FileFormat, Request, write};
use arkwright_store::Store;
use serde_json::{Map, Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};

/// Rows sent at a time.
const ROWS: usize = 2_000;

#[test]
fn churn_answers_alike_from_file_server_and_library() {
    agree("churn", |text| text.replace("trials = 20", "trials = 2"));
}

#[test]
fn penguins_answer_alike_from_file_server_and_library() {
    agree("penguins", |text| text);
}

#[test]
fn bikes_answer_alike_from_file_server_and_library() {
    agree("bikes", |text| text);
}

#[test]
fn fraud_answers_alike_from_file_server_and_library() {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(Into::into);
    let cache = cache.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cache")));
    let table = cache.unwrap_or_default().join("arkwright/data/creditcard.csv");
    if !table.exists() && !system("fraud").join("creditcard.csv").exists() {
        assert!(std::env::var_os("CI").is_none(), "no table: python3 bench/fetch.py creditcard");
        eprintln!("skipped, there is no table: python3 bench/fetch.py creditcard");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // As many rows as its hold-out has: every fifth.
    let text = fs::read_to_string(if table.exists() { table } else { system("fraud").join("creditcard.csv") }).unwrap();
    let rows: Vec<&str> = text.lines().enumerate().filter(|(i, _)| i % 5 == 0).map(|(_, line)| line).collect();
    fs::write(folder.path().join("creditcard.csv"), rows.join("\n") + "\n").unwrap();
    let toml = fs::read_to_string(system("fraud").join("arkwright.toml")).unwrap();
    fs::write(folder.path().join("arkwright.toml"), &toml).unwrap();
    agree_in(folder.path(), "fraud", |text| {
        text.replace("folds = 5", "folds = 2").replace("n_estimators = 200", "n_estimators = 60").replace("0.70", "0.0")
    });
}

fn agree(name: &str, edit: impl Fn(String) -> String) {
    agree_in(&system(name), name, edit);
}

fn agree_in(folder: &Path, name: &str, edit: impl Fn(String) -> String) {
    let desk = Desk::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::copy(&path, desk.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    let text = edit(fs::read_to_string(folder.join("arkwright.toml")).unwrap());
    desk.put("arkwright.toml", &text);
    let said = desk.run(&["run", "-q"]);
    assert_eq!(said.code, Some(0), "{name}: {}", said.err);

    let bundle = bundle(&desk, name);
    let rows = rows(&desk, &text, &bundle);
    let from_file = answered_by_file(&desk, name, &rows);
    let from_server = answered_by_server(&desk, name, &rows);
    assert_eq!((from_file.len(), from_server.len()), (rows.len(), rows.len()));
    let mut without_frame = 0;
    for (i, row) in rows.iter().enumerate() {
        let by_library = answered_by_library(&bundle, row);
        assert_eq!(from_file[i], by_library, "{name}: the file's answer to row {i}: {row:?}");
        assert_eq!(from_server[i], by_library, "{name}: the server's answer to row {i}: {row:?}");
        if let Some(by_cells) = answered_by_cells(&bundle, row) {
            assert_eq!(by_cells, by_library, "{name}: the answer to row {i} without a frame: {row:?}");
            without_frame += 1;
        }
    }
    // Dates go in frames; where there are none, most rows go without.
    let dates = bundle.request().fields().iter().any(|f| f.field.kind == Kind::Time);
    assert_eq!(without_frame > rows.len() / 2, !dates, "{name}: {without_frame} of {} rows", rows.len());
}

fn bundle(desk: &Desk, name: &str) -> Bundle {
    let store = Store::open(desk.path().join(".arkwright").to_str().unwrap(), None).unwrap();
    let version = store.resolve(name).unwrap();
    store.get_bundle(&version.bundle, &arkwright_flow::registry()).unwrap()
}

/// The table's rows as a client would send them. In every third a value is left out, in every third
/// another's texts are of no category that was ever seen.
fn rows(desk: &Desk, text: &str, bundle: &Bundle) -> Vec<Map<String, Value>> {
    let source = text.lines().find_map(|l| l.strip_prefix("source = \"")?.split('"').next()).unwrap();
    let engine = Engine::new(None, 2).unwrap();
    let raw = engine.read(&Request::new(desk.path(), source)).unwrap();
    let mut lines = Vec::new();
    write(&mut lines, FileFormat::JsonLines, [raw.into_frame()]).unwrap();
    let fields = bundle.request().fields();
    let names: Vec<&str> =
        fields.iter().filter(|f| f.field.role != Role::Target).map(|f| f.field.name.as_str()).collect();
    let mut rows = Vec::new();
    for (i, line) in BufReader::new(lines.as_slice()).lines().enumerate() {
        let mut row: Map<String, Value> = serde_json::from_str(&line.unwrap()).unwrap();
        row.retain(|name, _| names.contains(&name.as_str()));
        let at = (i / 3) % row.len();
        let value = row.values_mut().nth(at).unwrap();
        match i % 3 {
            1 => *value = Value::Null,
            2 if value.is_string() && !value.as_str().unwrap().starts_with(|c: char| c.is_ascii_digit()) => {
                *value = json!("never seen");
            }
            _ => {}
        }
        rows.push(row);
    }
    rows
}

fn answered_by_library(bundle: &Bundle, row: &Map<String, Value>) -> Value {
    let body = json!({ "instances": [row] }).to_string();
    let request = bundle.request().from_json(body.as_bytes(), 1).unwrap();
    let answer = bundle.predict(&request, &Context::new(0)).unwrap();
    let classes = answer.fields().iter().find_map(|field| match &field.kind {
        Kind::Vector { names: Some(names), .. } => Some(names.to_vec()),
        _ => None,
    });
    let mut lines = Vec::new();
    write(&mut lines, FileFormat::JsonLines, [Ok(answer)]).unwrap();
    let mut answer: Map<String, Value> = serde_json::from_slice(&lines).unwrap();
    // The classes' names stand beside the vector.
    if let Some(Value::Array(values)) = answer.remove("probability") {
        answer.insert("probability".into(), classes.unwrap().into_iter().zip(values).collect::<Map<_, _>>().into());
    }
    answer.into()
}

fn answered_by_cells(bundle: &Bundle, row: &Map<String, Value>) -> Option<Value> {
    let body = json!({ "instances": [row] }).to_string();
    let answer = bundle.predict_row(body.as_bytes())?;
    let gives = bundle.signature().gives.iter().zip(answer.cells());
    let values = gives.map(|(field, cell)| {
        let value = match (*cell, &field.kind) {
            (Cell::Vector(start, len), Kind::Vector { names: Some(names), .. }) => {
                let numbers = answer.numbers(start, len).iter().map(|p| json!(p));
                names.iter().cloned().zip(numbers).collect::<Map<_, _>>().into()
            }
            (Cell::Number(number), _) => json!(number),
            (Cell::Text(text), _) => json!(text),
            (cell, kind) => panic!("{cell:?} in a {kind}"),
        };
        (field.name.clone(), value)
    });
    Some(values.collect::<Map<_, _>>().into())
}

fn answered_by_file(desk: &Desk, name: &str, rows: &[Map<String, Value>]) -> Vec<Value> {
    let lines: String = rows.iter().map(|row| Value::from(row.clone()).to_string() + "\n").collect();
    desk.put("rows.jsonl", &lines);
    let said = desk.run(&["predict", name, "rows.jsonl", "-o", "answers.jsonl"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let text = fs::read_to_string(desk.path().join("answers.jsonl")).unwrap();
    let answers = text.lines().map(|line| {
        let row: Map<String, Value> = serde_json::from_str(line).unwrap();
        let (classes, mut answer): (Vec<_>, Map<_, _>) =
            row.into_iter().fold((Vec::new(), Map::new()), |(mut classes, mut answer), (name, value)| {
                match name.strip_prefix("probability_") {
                    Some(class) => classes.push((class.to_string(), value)),
                    None => drop(answer.insert(name, value)),
                }
                (classes, answer)
            });
        if !classes.is_empty() {
            answer.insert("probability".into(), classes.into_iter().collect::<Map<_, _>>().into());
        }
        Value::from(answer)
    });
    answers.collect()
}

fn answered_by_server(desk: &Desk, name: &str, rows: &[Map<String, Value>]) -> Vec<Value> {
    let server = Serving::start(desk);
    let mut answers = Vec::new();
    for some in rows.chunks(ROWS) {
        let answer = server.post(&format!("/v1/models/{name}:predict"), &json!({ "instances": some }).to_string());
        answers.extend(answer["predictions"].as_array().unwrap().iter().cloned());
    }
    answers
}

/// `arkwright serve` on a free port, ended when it goes out of scope.
struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    fn start(desk: &Desk) -> Self {
        let mut child = desk.command(&["serve", "--listen", "127.0.0.1:0"]).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).and_then(|rest| rest.split(' ').next());
        Self { address: address.unwrap_or_else(|| panic!("{line}")).to_string(), child }
    }

    fn post(&self, path: &str, body: &str) -> Value {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let at = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
        serde_json::from_slice(&answer[at + 4..]).unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
