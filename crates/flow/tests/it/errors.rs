//! What a user can bring that cannot work: a clear error, and nothing lost.

use crate::workshop::{Workshop, customers};
use arkwright_core::Error;

fn failed(file: &str, table: &str) -> (Error, bool) {
    let shop = Workshop::new();
    shop.put("t.csv", table);
    let path = shop.put("arkwright.toml", file);
    let failed = match shop.run(&path) {
        Ok(_) => panic!("this cannot work:\n{file}"),
        Err(failed) => failed,
    };
    (failed.error, failed.file.is_some())
}

const PLAIN: &str =
    "[system]\nname = \"x\"\n[data]\nsource = \"t.csv\"\ntarget = \"left\"\n[[model]]\nkind = \"logistic\"\n";

#[test]
fn wrong_files_are_pointed_at_with_the_nearest_spelling() {
    let rows = customers(100);
    let cases = [
        (PLAIN.replace("logistic", "logistik"), "logistik", "`logistic`"),
        (PLAIN.replace("[data]", "[dta]"), "dta", "`data`"),
        (PLAIN.replace("target", "targt"), "targt", "`target`"),
        (format!("{PLAIN}c = -1.0\n"), "`c`", ""),
        (format!("{PLAIN}tune.cc = {{ low = 0.1, high = 1.0 }}\n"), "cc", ""),
        (PLAIN.replace("kind = \"logistic\"", "kind = \"linear\""), "cannot classify", "logistic"),
        (PLAIN.replace("\"left\"", "\"lefd\""), "`lefd`, the target", "`left`"),
        (PLAIN.replace("[[model]]", "key = \"sinse\"\n[[model]]"), "`sinse`, the key", "`since`"),
        (PLAIN.replace("[[model]]", "key = \"left\"\n[[model]]"), "`left`, the target is the key too", "one part"),
        (
            PLAIN.replace("[[model]]", "ignore = [\"left\"]\n[[model]]"),
            "`left`, the target is in `ignore` too",
            "one part",
        ),
        (PLAIN.replace("[[model]]", "ignore = [\"age\", \"incom\"]\n[[model]]"), "`incom`", "`income`"),
        (PLAIN.replace("[[model]]", "columns.cty = { kind = \"category\" }\n[[model]]"), "`cty`", "`city`"),
        (PLAIN.replace("[[model]]", "checks.agge = { min = 1 }\n[[model]]"), "`agge`", "`age`"),
        (PLAIN.replace("[[model]]", "[split]\nkind = \"group\"\nby = \"sity\"\n[[model]]"), "`sity`", "`city`"),
        (PLAIN.replace("[[model]]", "[prepare]\nderive = { x = \"agee + 1\" }\n[[model]]"), "`agee`", "`age`"),
        (format!("{PLAIN}[evaluate]\nmetrics = [\"roc_acu\"]\n"), "no metric `roc_acu`", "`roc_auc`"),
        (format!("{PLAIN}[evaluate]\nmetrics = [\"auc\"]\n"), "no metric `auc`", "`roc_auc`"),
        (format!("{PLAIN}[evaluate]\nmetrics = [\"rmse\"]\n"), "`rmse` does not suit", "these do: "),
        (format!("{PLAIN}[evaluate]\ngate.roc_acu = {{ min = 0.5 }}\n"), "no metric `roc_acu`", "`roc_auc`"),
        (format!("{PLAIN}[serve]\nanswer = \"predicton\"\n"), "`predicton`", "`prediction`"),
        (format!("{PLAIN}[serve]\nrequest = \"tabel\"\n"), "`tabel`", "`table`"),
    ];
    for (file, told, hint) in cases {
        let (error, pointed) = failed(&file, &rows);
        assert!(error.to_string().contains(told), "{error}");
        assert!(error.hint().unwrap_or_default().contains(hint), "{error}: {:?}", error.hint());
        assert!(pointed, "{error} has no place");
    }
}

#[test]
fn tables_that_cannot_be_learnt_from_are_refused() {
    let rows = customers(60);
    let header = rows.lines().next().unwrap();
    let one_row: String = rows.lines().take(2).map(|l| format!("{l}\n")).collect();
    let one_class = rows.lines().filter(|l| !l.ends_with("no")).map(|l| format!("{l}\n")).collect::<String>();
    let infinite = rows.replacen("\n", "\n30,inf,Ulm,2001-01-01,yes\n", 1);
    let twice = rows.replacen("income", "age", 1);
    for (table, told) in [
        (String::new(), "empty"),
        (format!("{header}\n"), ""),
        (one_row, ""),
        (one_class, "class"),
        (infinite, "infinit"),
        (twice, "age"),
        (rows.replace("left", "gone"), "left"),
        ("a,left\n1,yes\n".to_string() + &"1,no\n".repeat(30), "`a` was set aside: the same value in every row"),
    ] {
        let (error, _) = failed(PLAIN, &table);
        assert!(error.to_string().contains(told), "`{error}` does not say `{told}`");
    }
}

/// A file whose only candidate has some settings.
fn settings(task: &str, settings: &str) -> String {
    let target = if task == "regress" { "age" } else { "left" };
    format!(
        "[data]\nsource = \"t.csv\"\ntarget = \"{target}\"\n[system]\nname = \"x\"\ntask = \"{task}\"\n[[model]]\n{settings}\n"
    )
}

#[test]
fn settings_that_contradict_the_task_or_do_nothing_are_refused_before_anything_is_fitted() {
    let shop = Workshop::new();
    shop.put("t.csv", &customers(100));
    let gbdt = |rest: &str| format!("kind = \"gbdt\"\n{rest}");
    let cases = [
        ("classify", gbdt("loss = \"huber\""), "`loss` `huber` does not suit a target that is a class"),
        ("regress", gbdt("loss = \"log_loss\""), "`loss` `log_loss` does not suit a target that is a number"),
        ("regress", gbdt("quantile = 0.9"), "`quantile` counts for nothing here: it is for loss = \"quantile\""),
        ("regress", gbdt("cox_ties = \"breslow\""), "`cox_ties` counts for nothing"),
        ("regress", gbdt("loss = \"cox\"\naft_scale = 2.0"), "`aft_scale` counts for nothing"),
        ("regress", gbdt("lambdarank_truncation_level = 3"), "`lambdarank_truncation_level` counts for nothing"),
        ("regress", gbdt("class_weight = \"balanced\""), "`class_weight` counts for nothing"),
        (
            "classify",
            gbdt("drop_rate = 0.3"),
            "`drop_rate` counts for nothing here: it is for boosting_type = \"dart\"",
        ),
        ("classify", gbdt("tune.quantile = { low = 0.1, high = 0.9 }"), "`quantile` counts for nothing"),
        (
            "regress",
            "kind = \"random_forest\"\nclass_weight = \"balanced\"".into(),
            "`class_weight` counts for nothing",
        ),
        ("regress", "kind = \"decision_tree\"\ncriterion = \"gini\"".into(), "`criterion` does not suit"),
        ("classify", "kind = \"extra_trees\"\nquantiles = [0.5]".into(), "`quantiles` counts for nothing"),
        ("classify", "kind = \"adaboost\"\nloss = \"square\"".into(), "`loss` counts for nothing"),
        ("classify", gbdt("monotonic_cst = [1, 0]"), "`monotonic_cst` has 2 directions for"),
        ("classify", gbdt("monotonic_cst = { agee = 1 }"), "there is no column `agee`"),
        ("classify", gbdt("monotonic_cst = { city = 1 }"), "`city` is a category"),
        ("classify", "kind = \"bagging\"\nof = { kind = \"gbdt\", loss = \"huber\" }".into(), "`loss` `huber`"),
        ("classify", "kind = \"bagging\"\nof = \"linear\"".into(), "`linear` cannot classify"),
    ];
    for (task, model, told) in cases {
        let file = settings(task, &model);
        let failed = shop.plan(&shop.put("arkwright.toml", &file)).err().unwrap_or_else(|| panic!("{file}"));
        assert!(failed.error.to_string().contains(told), "{}", failed.error);
        assert!(failed.is_usage() && failed.file.is_some(), "{} has no place", failed.error);
        let start = failed.error.span().unwrap().start;
        assert!(start >= file.find("[[model]]").unwrap(), "{}: {}", failed.error, &file[start..]);
    }
    // What counts, and what says no more than the default, is taken.
    for (task, model) in [
        ("regress", gbdt("loss = \"quantile\"\nquantile = 0.9")),
        ("regress", gbdt("quantile = 0.5")),
        ("classify", gbdt("drop_rate = 0.3\ntune.boosting_type = { choices = [\"gbdt\", \"dart\"] }")),
        ("classify", gbdt("monotonic_cst = { age = 1 }")),
    ] {
        let path = shop.put("arkwright.toml", &settings(task, &model));
        shop.plan(&path).unwrap_or_else(|failed| panic!("{model}: {}", failed.error));
    }
}

#[test]
fn a_candidate_that_holds_an_estimator_is_prepared_as_that_asks_for() {
    let shop = Workshop::new();
    shop.put("t.csv", &customers(200));
    let bagging = "kind = \"bagging\"\nn_estimators = 3\nof = { kind = \"logistic\" }";
    let file = settings("classify", bagging) + "[evaluate]\nmetrics = [\"log_loss\"]\n";
    let path = shop.put("arkwright.toml", &file);
    let (project, plan, _) = shop.plan(&path).unwrap();
    let long = project.long(&plan).unwrap();
    assert!(long.contains("\"impute\"") && long.contains("\"scale\""), "{long}");
    let board = shop.run(&path).unwrap().leaderboard.unwrap();
    assert_eq!((board.candidates[0].name.as_str(), &board.candidates[0].error), ("bagging", &None));
    let schema = arkwright_flow::schema(&arkwright_flow::registry());
    let kinds = schema["properties"]["model"]["items"]["oneOf"].as_array().unwrap();
    assert!(kinds.iter().any(|kind| kind["properties"]["kind"]["const"] == "bagging"));
}
