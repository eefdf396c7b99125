use crate::learner::{noisy, registry};
use arkwright_core::*;
use arkwright_tune::{History, Search, State};
use serde_json::json;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

fn search(json: Json) -> Result<Part> {
    registry().parse(Value::from(json))
}

fn usual() -> Json {
    json!({
        "kind": "search",
        "metric": "rmse",
        "trials": 12,
        "tune": { "ridge": { "low": 0.01, "high": 1000.0, "log": true }, "offset": { "low": -2, "high": 2 } },
        "of": "line"
    })
}

fn fit(part: &Part, ctx: &Context) -> (History, Parts) {
    let fitted = ctx.fit(part, Train::on(noisy(90))).unwrap();
    (serde_json::from_value(fitted.notes.clone()).unwrap(), fitted.model.save().unwrap())
}

#[test]
fn the_best_of_all_trials_is_fitted_on_all_rows() {
    let (history, model) = fit(&search(usual()).unwrap(), &Context::new(1));
    assert_eq!((history.metric.as_str(), history.trials.len()), ("rmse", 12));
    assert!(history.trials[0].values.is_empty());
    let best = &history.trials[history.best];
    let done: Vec<_> = history.trials.iter().filter(|t| t.state == State::Done).collect();
    assert!(done.iter().all(|t| t.score >= best.score && t.rounds.len() == 3));
    assert!(best.score < history.trials[0].score);
    // The model that comes back is the inner one, fitted with the trial's values on all rows.
    let mut line = json!({ "kind": "line" });
    best.values.iter().for_each(|(key, value)| line[key] = value.clone());
    let alone = Context::new(1).fit(&search(line).unwrap(), Train::on(noisy(90))).unwrap();
    assert_eq!(alone.model.save().unwrap(), model);
    assert_eq!(history.notes, alone.notes);
}

#[test]
fn the_worse_half_is_dropped_after_each_fold() {
    let (history, _) = fit(&search(usual()).unwrap(), &Context::new(1));
    let after = |rounds: usize| history.trials.iter().filter(|t| t.rounds.len() >= rounds).count();
    assert_eq!([after(1), after(2), after(3)], [12, 6, 3]);
    let first = |n: usize| history.trials[n].rounds[0];
    let dropped: Vec<usize> = (0..12).filter(|&n| history.trials[n].pruned_at == Some(1)).collect();
    let kept: Vec<usize> = (0..12).filter(|n| !dropped.contains(n)).collect();
    assert!(dropped.iter().all(|&d| kept.iter().all(|&k| first(k) <= first(d))));
    let mut all = usual();
    all["pruning"] = "none".into();
    let (history, _) = fit(&search(all).unwrap(), &Context::new(1));
    assert!(history.trials.iter().all(|t| t.rounds.len() == 3));
}

#[test]
fn threads_change_nothing() {
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| fit(&search(usual()).unwrap(), &Context::new(4)))
    };
    assert_eq!(run(1), run(4));
    assert_ne!(run(1).0, fit(&search(usual()).unwrap(), &Context::new(5)).0);
}

#[test]
fn values_go_to_the_estimator_that_learns() {
    let mut deep = usual();
    deep["of"] =
        json!({ "kind": "wrap", "of": { "kind": "list", "steps": ["line", { "kind": "line", "mode": "x" }] } });
    let (history, model) = fit(&search(deep).unwrap(), &Context::new(1));
    let best = &history.trials[history.best].values;
    let mut line = json!({ "kind": "line", "mode": "x" });
    best.iter().for_each(|(key, value)| line[key] = value.clone());
    let alone = Context::new(1).fit(&search(line).unwrap(), Train::on(noisy(90))).unwrap();
    assert_eq!(alone.model.save().unwrap(), model);
}

#[test]
fn a_setting_that_does_not_exist_or_cannot_be_is_refused_before_anything_is_fitted() {
    let place = Span { start: 40, end: 45 };
    let at = |key: &str, range: Json| {
        let entry = Entry { key: key.into(), key_span: Some(place), value: Value::from(range) };
        let mut map = Map::default();
        map.set("kind", Value::from(json!("search")));
        map.set("of", Value::from(json!("line")));
        map.set("tune", Value::from(Map { entries: vec![entry], span: None }));
        registry().parse(Value::from(map)).unwrap_err()
    };
    let error = at("rige", json!({ "low": 0.0, "high": 1.0 }));
    assert_eq!((error.span(), error.hint().unwrap().as_str()), (Some(place), "did you mean `ridge`?"));
    let error = at("ridge", json!({ "low": -1.0, "high": 1.0 }));
    assert!(error.to_string().contains("`ridge` must not be negative"), "{error}");
    assert_eq!(error.span(), Some(place));
    let error = at("offset", json!({ "low": 0.0, "high": 0.5 }));
    assert!(error.to_string().contains("`offset`"), "{error}");
    let error = at("inner", json!({ "scal": { "choices": [1.0] } }));
    assert_eq!(error.hint().unwrap(), "did you mean `scale`?");
    for (key, value) in [("trials", json!(0)), ("folds", json!(1)), ("metric", json!("auc")), ("trails", json!(3))] {
        let mut wrong = usual();
        wrong[key] = value;
        assert!(search(wrong).is_err(), "{key}");
    }
    let mut unsuited = usual();
    unsuited["metric"] = "roc_auc".into();
    let error = Context::new(1).fit(&search(unsuited).unwrap(), Train::on(noisy(30))).err().unwrap();
    assert!(error.to_string().contains("`roc_auc` does not suit"), "{error}");
}

#[test]
fn a_trial_that_fails_is_set_aside_and_only_if_all_fail_the_search_does() {
    let mut some = usual();
    some["tune"] = json!({ "mode": { "choices": ["fail", "plain"] }, "ridge": { "low": 0.0, "high": 1.0 } });
    let (history, _) = fit(&search(some).unwrap(), &Context::new(1));
    let failed = history.trials.iter().filter(|t| t.state == State::Failed);
    assert!(failed.clone().count() > 0 && failed.clone().all(|t| t.error.as_ref().unwrap().contains("told to fail")));
    let mut all = usual();
    all["of"] = json!({ "kind": "line", "mode": "fail" });
    let error = Context::new(1).fit(&search(all).unwrap(), Train::on(noisy(30))).err().unwrap();
    assert!(error.to_string().contains("no trial could be scored"), "{error}");
}

#[test]
fn equal_settings_are_scored_once_and_settings_name_everything() {
    #[derive(Default)]
    struct Count(Mutex<u64>);
    impl Observer for Count {
        fn on(&self, _path: &str, event: Event<'_>) -> ControlFlow<Stop> {
            if let Event::Step { .. } = event {
                *self.0.lock().unwrap() += 1;
            }
            ControlFlow::Continue(())
        }
    }
    let mut few = usual();
    few["tune"] = json!({ "mode": { "choices": ["plain", "other"] } });
    few["pruning"] = "none".into();
    let count = Arc::new(Count::default());
    let ctx = Context::new(1).with_observer(count.clone());
    let (history, _) = fit(&search(few.clone()).unwrap(), &ctx);
    assert!(history.trials.iter().all(|t| t.state == State::Done));
    assert_eq!(*count.0.lock().unwrap(), 2 * 3, "two settings on three folds");
    let spelt = search(usual()).unwrap();
    let mut other = usual();
    other["of"] = json!({ "kind": "line", "ridge": 100 });
    assert_eq!(search(other).unwrap().settings, spelt.settings, "a default spelt out changes nothing");
    let mut other = usual();
    other["tune"]["offset"]["high"] = 3.into();
    assert_ne!(search(other).unwrap().settings, spelt.settings);
}

#[test]
fn a_search_that_is_stopped_gives_the_best_so_far_as_a_checkpoint() {
    /// Stops at the first figure, which comes after the first round.
    struct AfterOneRound;
    impl Observer for AfterOneRound {
        fn on(&self, _path: &str, event: Event<'_>) -> ControlFlow<Stop> {
            match event {
                Event::Figure { .. } => ControlFlow::Break(Stop),
                _ => ControlFlow::Continue(()),
            }
        }
    }
    let ctx = Context::new(1).with_observer(Arc::new(AfterOneRound));
    let fitted = ctx.fit(&search(usual()).unwrap(), Train::on(noisy(60))).unwrap();
    let history: History = serde_json::from_value(fitted.notes).unwrap();
    assert!(fitted.stopped && history.trials.iter().all(|t| t.rounds.len() == 1));
    assert_eq!(Search::KIND, "search");
}

#[test]
fn the_schema_stands_alone_and_knows_every_key() {
    let schema = (arkwright_tune::search_spec().schema)().to_value();
    let keys: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["trials", "metric", "folds", "sampler", "pruning", "of", "split", "tune"]);
    assert!(schema.get("$defs").is_none());
    assert_eq!(schema["additionalProperties"], false);
}
