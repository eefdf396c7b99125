//! Systems of more than one step: two data sets, two fitted models, a step fitted on one data set and
//! applied to another.

use crate::workshop::{Workshop, customers};
use arkwright_core::Context;

const TWO: &str = r#"
format = 1
[system]
name = "two"
task = "classify"

[data.history]
source = "history.csv"

[data.current]
source = "current.csv"
target = "left"

[split]
kind = "stratified"

# Fitted on last year's customers, applied to this year's.
[step.prepared]
kind = "chain"
fit = "history"
steps = ["dates", "impute", "scale", "levels"]

[step.answer]
kind = "logistic"
fit = "prepared(current)"
from = "prepared"

[evaluate]
metrics = ["roc_auc"]

[serve]
answer = "answer"
request = "current"
"#;

fn workshop() -> (Workshop, std::path::PathBuf) {
    let shop = Workshop::new();
    let rows = customers(900);
    let history: String = rows.lines().map(|l| l.rsplit_once(',').unwrap().0.to_string() + "\n").collect();
    shop.put("history.csv", &history);
    shop.put("current.csv", &rows);
    let path = shop.put("arkwright.toml", TWO);
    (shop, path)
}

#[test]
fn a_step_fitted_on_one_table_prepares_another_and_the_bundle_answers_after_reloading() {
    let (shop, path) = workshop();
    let ran = shop.run(&path).unwrap();
    assert!(ran.judged.scores[0].value > 0.8, "{:?}", ran.judged.scores);
    let store = shop.store();
    let version = store.resolve("two").unwrap();
    let bundle = store.get_bundle(&version.bundle, &arkwright_flow::registry()).unwrap();
    assert_eq!(bundle.steps().len(), 2);
    let body = br#"{"instances": [{"age": 60.5, "income": 2000, "city": "Ulm", "since": "2019-01-11"},
        {"age": 25, "income": 9000, "city": "Nowhere", "since": null}]}"#;
    let request = bundle.request().from_json(body, 10).unwrap();
    let answers = bundle.predict(&request, &Context::new(0)).unwrap();
    let at = answers.position("prediction").unwrap();
    let labels = answers.texts(at).unwrap();
    assert_eq!((labels.value(0), labels.value(1)), ("yes", "no"));
}

#[test]
fn a_second_run_has_nothing_to_do_and_an_edit_reruns_what_it_touches() {
    let (shop, path) = workshop();
    shop.run(&path).unwrap();
    let (_, plan, _) = shop.plan(&path).unwrap();
    assert!(plan.is_done(), "{:#?}", plan.stages);
    assert!(shop.run(&path).unwrap().run.is_none());

    // A comment and a spelt-out default change nothing.
    let same = TWO.replace("kind = \"logistic\"", "kind = \"logistic\"  # as before\nc = 1.0");
    shop.put("arkwright.toml", &same);
    assert!(shop.plan(&path).unwrap().1.is_done());

    // Another setting of the last step reruns it and what follows, not the preparation.
    shop.put("arkwright.toml", &TWO.replace("kind = \"logistic\"", "kind = \"logistic\"\nc = 0.5"));
    let (_, plan, _) = shop.plan(&path).unwrap();
    let to_run: Vec<&str> =
        plan.stages.iter().filter(|s| s.state != arkwright_flow::State::Cached).map(|s| s.name.as_str()).collect();
    assert_eq!(to_run, ["fit answer", "judge", "explain", "register"]);
}

#[test]
fn a_graph_whose_kinds_do_not_fit_is_refused_before_anything_is_fitted() {
    let (shop, path) = workshop();
    shop.put("arkwright.toml", &TWO.replace(", \"levels\"]", "]"));
    let failed = shop.plan(&path).err().unwrap();
    let told = failed.error.to_string();
    assert!(told.contains("city") && failed.error.hint().is_some_and(|h| h.contains("levels")), "{told}");
    assert!(failed.file.is_some(), "the error points into the file");
    assert!(shop.store().list_runs(None, 10).unwrap().is_empty());
}

#[test]
fn a_step_that_names_nothing_is_refused_with_the_nearest_name() {
    let (shop, path) = workshop();
    shop.put("arkwright.toml", &TWO.replace("prepared(current)", "prepared(curent)"));
    let failed = shop.plan(&path).err().unwrap();
    assert_eq!(failed.error.hint().unwrap(), "did you mean `current`?");
}
