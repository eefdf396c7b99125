use crate::tiny;
use arkwright_core::{Context, Frame};
use arkwright_store::{Gates, ModelVersion, NewModel, Reference, Store};
use serde_json::json;
use std::collections::BTreeSet;

pub fn register(store: &Store, system: &str, bundle: &[u8], gates: Gates) -> ModelVersion {
    let bundle = store.put(bundle).unwrap();
    let model = NewModel {
        system: system.into(),
        bundle,
        run: None,
        gates,
        card: json!({"about": "a test"}),
        metrics: json!({"roc_auc": 0.8125}),
    };
    store.register_model(&model).unwrap()
}

pub fn versions_count_up(store: &Store) {
    let first = register(store, "churn", b"one", Gates::Passed);
    assert_eq!((first.version, first.metrics["roc_auc"].as_f64()), (1, Some(0.8125)));
    assert_eq!(register(store, "churn", b"two", Gates::Passed).version, 2);
    assert_eq!(register(store, "churn", b"two", Gates::Passed).version, 2);
    assert_eq!(register(store, "churn", b"one", Gates::Passed).version, 3, "an old bundle is a new decision");
    assert_eq!(register(store, "bikes", b"one", Gates::Passed).version, 1);
    let names: Vec<String> =
        store.list_models(None).unwrap().iter().map(|m| format!("{}:{}", m.system, m.version)).collect();
    assert_eq!(names, ["bikes:1", "churn:3", "churn:2", "churn:1"]);
    let missing = NewModel {
        system: "churn".into(),
        bundle: arkwright_core::Hash::of(b"never put"),
        run: None,
        gates: Gates::Passed,
        card: json!(null),
        metrics: json!(null),
    };
    assert!(store.register_model(&missing).unwrap_err().to_string().contains("is not in the store"));
    let misnamed = NewModel { system: "Churn!".into(), ..missing };
    assert_eq!(store.register_model(&misnamed).unwrap_err().to_string(), "a system cannot be called `Churn!`");
}

pub fn a_name_means_the_newest_that_passed(store: &Store) {
    register(store, "churn", b"one", Gates::Passed);
    register(store, "churn", b"two", Gates::Failed);
    assert_eq!(store.resolve("churn").unwrap().version, 1);
    assert_eq!(store.resolve("churn:2").unwrap().version, 2);
    let refused = |name: &str| {
        let error = store.resolve(name).unwrap_err();
        format!("{error} ({})", error.hint().unwrap())
    };
    assert_eq!(refused("chrun"), "there is no model `chrun` (did you mean `churn`?)");
    assert_eq!(refused("churn:9"), "`churn` has no version 9 (the newest is 2)");
    assert_eq!(refused("churn@prod"), "`churn` has no alias `prod` (`churn` is its newest version)");
    for wrong in ["", "Churn", "../x", "churn:x", "churn:0", "churn:-1", "churn@", "a@b:1", "churn@b@c", "a b", ":1"] {
        assert!(store.resolve(wrong).unwrap_err().hint().unwrap().contains("NAME@ALIAS"), "{wrong}");
    }
    register(store, "bad", b"three", Gates::Failed);
    assert_eq!(refused("bad"), "no version of `bad` passed its gates (`bad:1` is the newest that did not)");
    for text in ["churn", "churn@production", "churn:3"] {
        assert_eq!(text.parse::<Reference>().unwrap().to_string(), text);
    }
}

pub fn what_gates_said_stays_true(store: &Store) {
    let said = |system: &str| -> Vec<(i64, Gates)> {
        store.list_models(Some(system)).unwrap().iter().rev().map(|m| (m.version, m.gates)).collect()
    };
    // The same bundle, judged by other gates, is another decision.
    assert_eq!(register(store, "churn", b"one", Gates::Failed).version, 1);
    assert!(store.resolve("churn").is_err());
    assert_eq!(register(store, "churn", b"one", Gates::Ungated).version, 2);
    assert_eq!(store.resolve("churn").unwrap().version, 2, "without gates it passed");
    assert_eq!(register(store, "churn", b"one", Gates::Failed).version, 3);
    assert_eq!(register(store, "churn", b"one", Gates::Failed).version, 3);
    assert_eq!(said("churn"), [(1, Gates::Failed), (2, Gates::Ungated), (3, Gates::Failed)]);
    assert_eq!(store.resolve("churn").unwrap().version, 2);
    store.set_alias("churn", "production", 2).unwrap();
    assert_eq!(serde_json::to_value(store.resolve("churn:2").unwrap()).unwrap()["gates"], "ungated");
}

pub fn aliases_move(store: &Store) {
    register(store, "churn", b"one", Gates::Passed);
    register(store, "churn", b"two", Gates::Passed);
    register(store, "churn", b"three", Gates::Failed);
    store.set_alias("churn", "production", 1).unwrap();
    assert_eq!(store.resolve("churn@production").unwrap().version, 1);
    store.set_alias("churn", "production", 2).unwrap();
    let model = store.resolve("churn@production").unwrap();
    assert_eq!((model.version, model.aliases), (2, vec!["production".to_string()]));
    let error = store.set_alias("churn", "production", 3).unwrap_err();
    assert_eq!(error.to_string(), "`churn:3` failed its gates and is not promoted");
    assert!(store.set_alias("churn", "production", 4).is_err());
    assert!(store.set_alias("churn", "no way", 1).is_err());
    let near = store.resolve("churn@prodution").unwrap_err().hint().unwrap();
    assert_eq!(near, "did you mean `churn@production`?");
}

pub fn threads_register_at_once(store: &Store) {
    let versions: BTreeSet<i64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..6u8)
            .map(|t| {
                scope.spawn(move || {
                    (0..5u8).map(|i| register(store, "churn", &[t, i], Gates::Passed).version).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(versions, (1..=30).collect());
}

pub fn a_bundle_is_kept(store: &Store) {
    let bundle = tiny::bundle(0.1);
    let hash = store.put_bundle(&bundle).unwrap();
    assert_eq!(store.put_bundle(&bundle).unwrap(), hash);
    assert_ne!(store.put_bundle(&tiny::bundle(0.2)).unwrap(), hash);
    let loaded = store.get_bundle(&hash, &tiny::registry()).unwrap();
    let request: Frame = loaded.request().from_json(br#"{"instances": [{"x": 0.3}]}"#, 1).unwrap();
    let ctx = Context::new(0);
    assert_eq!(loaded.predict(&request, &ctx).unwrap(), bundle.predict(&request, &ctx).unwrap());
}
