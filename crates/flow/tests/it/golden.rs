//! Golden outputs: what each stage and each estimator gives, by its version. One that gives something else
//! under the same version would let old results stand for new ones: its version has to go up.
//!
//! Numbers are rounded to five digits, since another processor may sum in another order. After a change:
//! `GOLDEN=write cargo test -p arkwright-flow golden`.

use crate::workshop::{Workshop, customers};
use arkwright_core::{Context, Hash, Json, Role, Task, Train, Value};
use arkwright_data::typing::Typing;
use arkwright_data::{Engine, FileFormat, Request, write};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const FILE: &str = r#"
[system]
name = "golden"
[data]
source = "customers.csv"
target = "left"
[prepare]
derive = { ratio = "income / nullif(age, 0)" }
[split]
folds = 3
[tune]
trials = 3
[[model]]
kind = "logistic"
[[model]]
kind = "gbdt"
n_estimators = 20
tune.learning_rate = { low = 0.05, high = 0.3, log = true }
[evaluate]
gate.roc_auc = { min = 0.6 }
refit = true
"#;

/// A version and what it gives.
type Golden = BTreeMap<String, (u32, String)>;

fn rounded(json: Json) -> Json {
    match json {
        Json::Number(n) if n.is_f64() => format!("{:.4e}", n.as_f64().unwrap()).into(),
        Json::Array(items) => items.into_iter().map(rounded).collect(),
        Json::Object(map) => map.into_iter().map(|(k, v)| (k, rounded(v))).collect::<serde_json::Map<_, _>>().into(),
        other => other,
    }
}

fn told(json: Json) -> String {
    Hash::of(rounded(json).to_string().as_bytes()).short()
}

fn compare(name: &str, given: &Golden) {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var("GOLDEN").is_ok_and(|v| v == "write") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, serde_json::to_string_pretty(given).unwrap() + "\n").unwrap();
        return;
    }
    let golden: Golden = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    for (what, (version, output)) in given {
        let Some((was, before)) = golden.get(what) else {
            panic!("`{what}` is new: GOLDEN=write cargo test -p arkwright-flow golden");
        };
        assert!(
            (version, output) == (was, before),
            "`{what}` gives something else (version {version}, it was {was}): raise its version, then GOLDEN=write"
        );
    }
    assert_eq!(golden.len(), given.len(), "something is gone");
}

#[test]
fn a_stage_that_gives_something_else_has_another_version() {
    let shop = Workshop::new();
    shop.put("customers.csv", &customers(500));
    let path = shop.put("arkwright.toml", FILE);
    shop.run(&path).unwrap();
    let (_, plan, ctx) = shop.plan(&path).unwrap();
    let stages = plan.stages.iter().map(|stage| {
        let kept = ctx.kept(&stage.key).unwrap();
        let mut notes = kept.notes;
        // Names of things, which change with any version before them.
        for key in ["key", "bundle", "fits"] {
            if let Some(map) = notes.as_object_mut() {
                map.remove(key);
            }
        }
        let rows = kept.parts.filter(|p| p.format == "split").map(|p| p.get::<u32>("test").unwrap().to_vec());
        (
            stage.work.label().to_string(),
            (stage.work.version(), told(serde_json::json!({ "notes": notes, "rows": rows }))),
        )
    });
    compare("stages.json", &stages.collect());
}

#[test]
fn an_estimator_that_gives_something_else_has_another_version() {
    let shop = Workshop::new();
    let mut given = Golden::new();
    let registry = arkwright_flow::registry();
    let ctx = Context::new(0).with_registry(registry.clone());
    let engine = Engine::new(None, 2).unwrap();
    shop.put("customers.csv", &customers(400));
    for task in [Task::Classify, Task::Regress] {
        let target = if task == Task::Classify { "left" } else { "age" };
        let raw = engine.read(&Request::new(shop.path(), "customers.csv")).unwrap();
        let roles = BTreeMap::from([(target.to_string(), Role::Target)]);
        let typing = Typing { roles, task: Some(task), ..Typing::default() };
        let frame = typing.apply(&raw.into_frame().unwrap()).unwrap().frame;
        for spec in registry.specs().filter(|s| s.tasks.contains(&task)) {
            let mut steps: Vec<Json> = spec.prepare.iter().map(|&kind| kind.into()).collect();
            steps.push(spec.kind.into());
            let part = registry.parse(Value::from(serde_json::json!({ "kind": "chain", "steps": steps }))).unwrap();
            let rows = arkwright_core::Table::new(frame.clone(), Some(Hash::of(b"golden")));
            let fitted = ctx.fit(&part, Train::on(rows.clone())).unwrap();
            let seen = arkwright_core::Applied::new(rows, fitted.model, None, &ctx).unwrap();
            let answers = arkwright_core::collect(seen.as_ref(), &ctx).unwrap();
            let mut lines = Vec::new();
            let answers = answers.filter(|field| field.role == Role::Output);
            write(&mut lines, FileFormat::JsonLines, [Ok(answers)]).unwrap();
            let rows: Vec<Json> =
                serde_json::Deserializer::from_slice(&lines).into_iter().map(Result::unwrap).collect();
            assert!(rows[0].get("prediction").is_some(), "{} gives {:?}", spec.kind, rows[0]);
            given.insert(format!("{} ({task})", spec.kind), (spec.version, told(rows.into())));
        }
    }
    assert!(given.len() >= 10, "{given:?}");
    compare("estimators.json", &given);
}

/// What is written in the file of each golden bundle: the target and the model.
const BUNDLES: &[(&str, &str, &str)] = &[
    ("logistic", "left", "kind = \"logistic\""),
    ("logistic_one_hot", "left", "kind = \"logistic\"\nprepare = [\"dates\", \"impute\", \"scale\", \"one_hot\"]"),
    (
        "logistic_encoded",
        "left",
        "kind = \"logistic\"\nprepare = [\"dates\", \"impute\", \"scale\", \"target_encode\"]",
    ),
    ("three_classes", "city", "kind = \"gbdt\"\nn_estimators = 5"),
    ("decision_tree", "left", "kind = \"decision_tree\"\nmax_leaf_nodes = 9"),
    ("random_forest", "left", "kind = \"random_forest\"\nn_estimators = 5\nmin_samples_leaf = 5"),
    ("extra_trees", "left", "kind = \"extra_trees\"\nn_estimators = 5\nmin_samples_leaf = 5"),
    ("gbdt", "left", "kind = \"gbdt\"\nn_estimators = 10"),
    ("linear", "age", "kind = \"linear\""),
    ("gbdt_number", "age", "kind = \"gbdt\"\nn_estimators = 10"),
    ("gbdt_linear", "age", "kind = \"gbdt\"\nn_estimators = 10\nlinear_tree = true"),
    ("gbdt_ordered", "left", "kind = \"gbdt\"\nn_estimators = 10\nprepare = [\"dates\", \"ordered_target_encode\"]"),
    ("baseline", "age", "kind = \"baseline\""),
];

const ASKED: &str = r#"{"instances": [
    {"age": 60.5, "income": 2000, "city": "Ulm", "since": "2019-01-11", "left": "no"},
    {"age": 25, "income": 9000.25, "city": "Nowhere", "since": null, "left": null},
    {"age": null, "income": null, "city": null, "since": "2031-12-31", "left": "yes"}]}"#;

/// Under `tests/golden/v1` lie bundles of every learner, as some version wrote them. None is ever changed or
/// removed; `GOLDEN=write` adds those that are not there.
#[test]
fn every_bundle_ever_written_still_answers_the_same() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1");
    let registry = arkwright_flow::registry();
    if std::env::var("GOLDEN").is_ok_and(|v| v == "write") {
        for (name, target, model) in BUNDLES.iter().filter(|(name, ..)| !root.join(name).exists()) {
            let shop = Workshop::new();
            shop.put("customers.csv", &customers(300));
            let derive = if *target == "age" { "income / 12" } else { "income / nullif(age, 0)" };
            let path = shop.put(
                "arkwright.toml",
                &format!(
                    "[system]\nname = \"golden\"\n[data]\nsource = \"customers.csv\"\ntarget = \"{target}\"\n\
                     [prepare]\nderive = {{ share = \"{derive}\" }}\n[split]\nfolds = 2\n[[model]]\n{model}\n"
                ),
            );
            shop.run(&path).unwrap();
            let store = shop.store();
            let bundle = store.get_bundle(&store.resolve("golden").unwrap().bundle, &registry).unwrap();
            arkwright_bundle::golden::record(&root.join(name), &bundle, ASKED.as_bytes()).unwrap();
        }
    }
    let checked = arkwright_bundle::golden::check_all(&root, &registry).unwrap();
    assert!(checked >= BUNDLES.len());
}
