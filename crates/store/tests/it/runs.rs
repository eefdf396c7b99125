use arkwright_core::Hash;
use arkwright_store::{Edge, Metric, NewRun, RunStatus, Stage, StageStatus, Store};
use serde_json::json;

pub fn new_run(system: &str) -> NewRun {
    NewRun { system: system.into(), file: Hash::of(b"file"), plan: Hash::of(b"plan"), seed: u64::MAX }
}

pub fn a_run_is_told_from_its_beginning_to_its_end(store: &Store) {
    let first = store.begin_run(&new_run("churn")).unwrap();
    let second = store.begin_run(&new_run("bikes")).unwrap();
    assert_eq!((first, second), (1, 2));
    let run = store.run(first).unwrap();
    assert_eq!((run.status, run.seed, run.ended.is_none()), (RunStatus::Running, u64::MAX, true));
    for status in [RunStatus::Done, RunStatus::Failed, RunStatus::Stopped, RunStatus::GateFailed] {
        store.finish_run(first, status, Some("it's \"so\"; drop table runs")).unwrap();
        assert_eq!(store.run(first).unwrap().status, status);
    }
    let run = store.run(first).unwrap();
    assert!(run.ended.unwrap() >= run.started);
    assert_eq!(run.error.unwrap(), "it's \"so\"; drop table runs");
    let ids = |runs: Vec<arkwright_store::Run>| runs.iter().map(|r| r.id).collect::<Vec<_>>();
    assert_eq!(ids(store.list_runs(None, 10).unwrap()), [2, 1]);
    assert_eq!(ids(store.list_runs(None, 1).unwrap()), [2]);
    assert_eq!(ids(store.list_runs(Some("churn"), 10).unwrap()), [1]);
    assert!(store.list_runs(Some("none"), 10).unwrap().is_empty());
}

pub fn what_is_recorded_of_a_run_reads_back(store: &Store) {
    let run = store.begin_run(&new_run("churn")).unwrap();
    let key = Hash::of(b"key");
    let mut stage = Stage { name: "split".into(), key, status: StageStatus::Failed, seconds: 0.25, artifact: None };
    store.record_stage(run, &stage).unwrap();
    assert_eq!(store.artifact_of(&key).unwrap(), None);
    stage.status = StageStatus::Done;
    stage.artifact = Some(Hash::of(b"artifact"));
    store.record_stage(run, &stage).unwrap();
    assert_eq!(store.stages(run).unwrap(), [stage.clone()]);
    assert_eq!(store.artifact_of(&key).unwrap(), stage.artifact);
    assert_eq!(store.artifact_of(&Hash::of(b"other")).unwrap(), None);

    let metric =
        |model: &str, value| Metric { model: model.into(), name: "roc_auc".into(), value, low: None, high: Some(0.9) };
    store
        .record_metrics(run, &[metric("b", Some(0.1)), metric("a", Some(f64::NAN)), metric("b", Some(0.8125))])
        .unwrap();
    assert_eq!(store.metrics(run).unwrap(), [metric("a", None), metric("b", Some(0.8125))]);

    assert_eq!(store.report(run).unwrap_err().to_string(), format!("run {run} has no report"));
    store.put_report(run, &json!({"old": 1})).unwrap();
    store.put_report(run, &json!({"curve": [0.1, 0.30000000000000004]})).unwrap();
    assert_eq!(store.report(run).unwrap(), json!({"curve": [0.1, 0.30000000000000004]}));
}

pub fn a_run_that_is_not_there_is_an_error(store: &Store) {
    assert_eq!(store.run(7).unwrap_err().to_string(), "there is no run 7");
    assert_eq!(store.finish_run(7, RunStatus::Done, None).unwrap_err().to_string(), "there is no run 7");
    let stage =
        Stage { name: "s".into(), key: Hash::of(b"k"), status: StageStatus::Done, seconds: 0.0, artifact: None };
    assert!(store.record_stage(7, &stage).is_err());
    assert!(store.put_report(7, &json!(1)).is_err());
    assert!(store.stages(7).unwrap().is_empty());
}

pub fn lineage_is_followed_both_ways(store: &Store) {
    let edge =
        |output: &[u8], input: &[u8]| Edge { output: Hash::of(output), input: Hash::of(input), kind: "fit".into() };
    let edges = [edge(b"model", b"rows"), edge(b"model", b"settings"), edge(b"other", b"rows")];
    store.record_edges(&edges).unwrap();
    store.record_edges(&edges).unwrap();
    assert_eq!(store.inputs_of(&Hash::of(b"model")).unwrap().len(), 2);
    let outputs = store.outputs_of(&Hash::of(b"rows")).unwrap();
    assert!(outputs.len() == 2 && outputs.contains(&edges[0]) && outputs.contains(&edges[2]));
}

pub fn the_store_is_used_from_within_a_runtime(store: &Store) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let another = store.clone();
        assert_eq!(another.begin_run(&new_run("churn")).unwrap(), 1);
        drop(another);
    });
}
