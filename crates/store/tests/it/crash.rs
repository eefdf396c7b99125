//! A process that writes is killed at random moments; several write at once.

use crate::models::register;
use crate::runs::new_run;
use arkwright_core::{Hash, Memo, Parts, Random, Remembered};
use arkwright_store::{Gates, RunStatus, Stage, StageStatus, Store};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const STORE: &str = "STORE_OF_THE_TEST";

/// This test binary again, as a process that writes into the store.
fn child(writer: &str, folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", writer, "--ignored"])
        .env(STORE, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
#[ignore = "a part of the test below"]
fn writes_until_it_is_killed() {
    let Ok(folder) = std::env::var(STORE) else { return };
    let store = Store::open(&folder, None).unwrap();
    let memo = store.memo().unwrap();
    let mut random = Random::new(u64::from(std::process::id()), "crash");
    loop {
        let run = store.begin_run(&new_run("churn")).unwrap();
        let bytes: Vec<u8> = (0..random.below(200_000)).map(|_| random.u64() as u8).collect();
        let key = Hash::of(&bytes[..bytes.len().min(9)]);
        let mut parts = Parts::new("demo");
        parts.put("w", bytes.clone());
        memo.put(&key, &Remembered { parts: Some(parts), notes: Hash::of(&bytes).to_string().into() });
        let stage = Stage { name: "s".into(), key, status: StageStatus::Done, seconds: 0.0 };
        store.record_stage(run, &stage).unwrap();
        register(&store, "churn", &bytes, Gates::Passed);
        store.finish_run(run, RunStatus::Done, None).unwrap();
    }
}

#[test]
fn a_store_whose_writer_is_killed_at_any_moment_is_whole() {
    let dir = tempfile::tempdir().unwrap();
    let mut random = Random::new(1, "moments");
    for _ in 0..12 {
        let mut writer = child("crash::writes_until_it_is_killed", dir.path());
        std::thread::sleep(Duration::from_millis(random.below(400)));
        writer.kill().unwrap();
        writer.wait().unwrap();
        let store = Store::open(dir.path().to_str().unwrap(), None).unwrap();
        let memo = store.memo().unwrap();
        for run in store.list_runs(None, 10_000).unwrap() {
            assert!([RunStatus::Done, RunStatus::Killed].contains(&run.status), "{run:?}");
            for stage in store.stages(run.id).unwrap() {
                let kept = memo.get(&stage.key).unwrap();
                let bytes = kept.parts.as_ref().unwrap().get::<u8>("w").unwrap();
                assert_eq!(kept.notes.as_str().unwrap(), Hash::of(bytes).to_string());
            }
        }
        for model in store.list_models(None).unwrap() {
            store.get(&model.bundle).unwrap();
        }
    }
    let store = Store::open(dir.path().to_str().unwrap(), None).unwrap();
    assert!(!store.list_runs(None, 10).unwrap().is_empty(), "the writers were killed before they wrote");
    store.clean(Duration::ZERO, false).unwrap();
    assert!(std::fs::read_dir(dir.path().join("artifacts/unfinished")).unwrap().next().is_none());
}

#[test]
#[ignore = "a part of the test below"]
fn registers_ten() {
    let Ok(folder) = std::env::var(STORE) else { return };
    let store = Store::open(&folder, None).unwrap();
    for i in 0..10 {
        register(&store, "churn", format!("{} {i}", std::process::id()).as_bytes(), Gates::Passed);
    }
}

#[test]
fn processes_that_open_and_register_at_once_get_numbers_of_their_own() {
    let dir = tempfile::tempdir().unwrap();
    let children: Vec<Child> = (0..4).map(|_| child("crash::registers_ten", dir.path())).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let store = Store::open(dir.path().to_str().unwrap(), None).unwrap();
    let versions: Vec<i64> = store.list_models(None).unwrap().iter().rev().map(|m| m.version).collect();
    assert_eq!(versions, (1..=40).collect::<Vec<_>>());
}
