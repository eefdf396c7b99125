use arkwright_core::Hash;
use arkwright_store::{NewRun, RunStatus, Stage, StageStatus, Store};
use serde_json::json;
use std::time::Duration;

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
    let mut stage = Stage { name: "split".into(), key, status: StageStatus::Failed, seconds: 0.25 };
    store.record_stage(run, &stage).unwrap();
    stage.status = StageStatus::Done;
    store.record_stage(run, &stage).unwrap();
    assert_eq!(store.stages(run).unwrap(), [stage.clone()]);

    assert_eq!(store.report(run).unwrap_err().to_string(), format!("run {run} has no report"));
    store.put_report(run, &json!({"old": 1})).unwrap();
    store.put_report(run, &json!({"curve": [0.1, 0.30000000000000004]})).unwrap();
    assert_eq!(store.report(run).unwrap(), json!({"curve": [0.1, 0.30000000000000004]}));
}

pub fn a_run_that_is_not_there_is_an_error(store: &Store) {
    assert_eq!(store.run(7).unwrap_err().to_string(), "there is no run 7");
    assert_eq!(store.finish_run(7, RunStatus::Done, None).unwrap_err().to_string(), "there is no run 7");
    let stage = Stage { name: "s".into(), key: Hash::of(b"k"), status: StageStatus::Done, seconds: 0.0 };
    assert!(store.record_stage(7, &stage).is_err());
    assert!(store.put_report(7, &json!(1)).is_err());
    assert!(store.stages(7).unwrap().is_empty());
}

/// What a process leaves that ends in the middle of a run: `open` opens the store once more, as another does.
pub fn a_run_whose_process_is_gone_was_killed(open: &dyn Fn() -> Store) {
    let (store, other) = (open(), open());
    let ended = other.begin_run(&new_run("churn")).unwrap();
    other.finish_run(ended, RunStatus::Failed, None).unwrap();
    let (lost, mine) = (other.begin_run(&new_run("churn")).unwrap(), store.begin_run(&new_run("bikes")).unwrap());
    let listed = || store.list_runs(None, 10).unwrap().iter().rev().map(|r| r.status).collect::<Vec<_>>();
    assert_eq!(listed(), [RunStatus::Failed, RunStatus::Running, RunStatus::Running]);
    drop(other);
    // A server takes a moment to see that a connection is gone.
    let wait = || std::thread::sleep(Duration::from_millis(20));
    (0..500).take_while(|_| store.run(lost).unwrap().status == RunStatus::Running).for_each(|_| wait());
    assert_eq!(listed(), [RunStatus::Failed, RunStatus::Killed, RunStatus::Running]);
    store.finish_run(mine, RunStatus::Done, None).unwrap();
    assert_eq!(listed(), [RunStatus::Failed, RunStatus::Killed, RunStatus::Done]);
}

pub fn the_store_is_used_from_within_a_runtime(store: &Store) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let another = store.clone();
        assert_eq!(another.begin_run(&new_run("churn")).unwrap(), 1);
        drop(another);
    });
}
