use crate::models::register;
use crate::runs::new_run;
use arkwright_core::{Hash, Memo, Remembered};
use arkwright_store::{Gates, NewModel, Stage, StageStatus, Store};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

pub fn only_what_no_version_needs_is_cleaned(store: &Store) {
    store.clean(Duration::ZERO, false).unwrap();
    let key = Hash::of(b"stage");
    let run = store.begin_run(&new_run("churn")).unwrap();
    let stage = Stage { name: "s".into(), key, status: StageStatus::Done, seconds: 1.0 };
    store.record_stage(run, &stage).unwrap();
    let report = store.put_report(run, &json!({"a": 1})).unwrap();
    let files = BTreeMap::from([("file".to_string(), b"in a bundle".to_vec())]);
    let bundle = store.put_folder(&files).unwrap();
    let model = NewModel {
        system: "churn".into(),
        bundle,
        run: Some(run),
        gates: Gates::Failed,
        card: json!(1),
        metrics: json!(1),
    };
    store.register_model(&model).unwrap();
    let other = register(store, "other", b"another bundle", Gates::Passed);

    let lost_run = store.begin_run(&new_run("churn")).unwrap();
    let lost = [store.put(b"lost").unwrap(), store.put_report(lost_run, &json!({"b": 2})).unwrap()];
    let unneeded = Hash::of(b"unneeded fit");
    let memo = store.memo();
    if let Some(memo) = &memo {
        memo.put(&key, &Remembered::default());
        memo.put(&unneeded, &Remembered::default());
    }

    assert_eq!(store.clean(Duration::from_secs(3600), false).unwrap().garbage, [], "what is young stays");
    let listed = store.clean(Duration::ZERO, true).unwrap();
    assert!(lost.iter().all(|hash| store.has(hash).unwrap()));
    let cleaned = store.clean(Duration::ZERO, false).unwrap();
    assert_eq!(cleaned, listed);
    assert_eq!(cleaned.bytes, cleaned.garbage.iter().map(|g| g.bytes).sum::<u64>());
    assert_eq!(cleaned.garbage.iter().filter(|g| g.kind == "artifact").count(), 2);
    assert!(lost.iter().all(|hash| !store.has(hash).unwrap()));
    assert!(store.report(lost_run).is_err());
    assert!([report, bundle, other.bundle].iter().all(|hash| store.has(hash).unwrap()));
    assert_eq!(store.get_folder(&bundle).unwrap(), files);
    if let Some(memo) = &memo {
        assert!(memo.has(&key) && !memo.has(&unneeded));
    }
    assert_eq!(store.clean(Duration::ZERO, false).unwrap().garbage, []);
}
