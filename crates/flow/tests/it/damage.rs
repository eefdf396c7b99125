//! What is damaged in the store is made anew by the run that meets it, in one run, with the same bytes.

use crate::workshop::{Workshop, customers};
use arkwright_flow::State;
use std::fs;
use std::path::{Path, PathBuf};

const FILE: &str = r#"
[system]
name = "kept"
[data]
source = "t.csv"
target = "left"
[split]
folds = 2
[evaluate]
metrics = ["roc_auc"]
refit = true
[[model]]
kind = "baseline"
[[model]]
kind = "logistic"
"#;

/// Every file below a folder of the store, by name.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn flipped(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    bytes
}

#[test]
fn whatever_is_damaged_one_run_mends() {
    let shop = Workshop::new();
    shop.put("t.csv", &customers(150));
    let path = shop.put("arkwright.toml", FILE);
    let bundle = shop.run(&path).unwrap().registered.bundle;
    let store = shop.path().join(".arkwright");
    let kept = [files(&store.join("memo")), files(&store.join("artifacts"))].concat();
    assert!(kept.len() > 12, "{kept:?}");
    let kept: Vec<(PathBuf, Vec<u8>)> = kept.into_iter().map(|file| (file.clone(), fs::read(file).unwrap())).collect();
    let mut mended = 0;
    for (i, (file, whole)) in kept.iter().enumerate() {
        // Gone, cut short, and a bit that fell over: each file one of them, by turns two.
        let damages = [None, Some(whole[..whole.len() / 2].to_vec()), Some(flipped(whole)), Some(Vec::new())];
        for damage in [&damages[i % 4], &damages[(i + 2) % 4]] {
            match damage {
                Some(bytes) => fs::write(file, bytes).unwrap(),
                // What nobody needs may be gone already.
                None => drop(fs::remove_file(file)),
            }
            let ran = shop.run(&path).unwrap_or_else(|e| panic!("{}: {:?}", file.display(), e.error));
            assert_eq!(ran.registered.bundle, bundle, "{}", file.display());
            assert_eq!(ran.registered.version, 1);
            mended += usize::from(ran.run.is_some());
            let again = shop.run(&path).unwrap();
            assert!(again.run.is_none(), "{}: a second run had something left to do", file.display());
            let registered = shop.store();
            let version = registered.resolve("kept").unwrap();
            registered.get_bundle(&version.bundle, &arkwright_flow::registry()).unwrap();
            registered.report(version.run.unwrap()).unwrap();
        }
    }
    assert!(mended >= 12, "only {mended} damages were mended");
}

#[test]
fn damage_that_only_reading_shows_is_met_by_the_stage_that_reads() {
    let shop = Workshop::new();
    shop.put("t.csv", &customers(150));
    let path = shop.put("arkwright.toml", FILE);
    shop.run(&path).unwrap();
    // A fit and a table that nobody reads while nothing is to do; then the metrics change, and the judge does.
    for file in files(&shop.path().join(".arkwright/memo")) {
        let bytes = fs::read(&file).unwrap();
        fs::write(&file, flipped(&bytes)).unwrap();
    }
    shop.put("arkwright.toml", &FILE.replace("[\"roc_auc\"]", "[\"roc_auc\", \"log_loss\"]"));
    let ran = shop.run(&path).unwrap();
    assert_eq!(ran.judged.scores.len(), 2);
    assert!(shop.run(&path).unwrap().run.is_none());
}

#[test]
fn a_plan_says_what_is_damaged_and_reruns_no_more_than_that() {
    let shop = Workshop::new();
    shop.put("t.csv", &customers(150));
    let path = shop.put("arkwright.toml", FILE);
    shop.run(&path).unwrap();
    let (_, plan, _) = shop.plan(&path).unwrap();
    let key = plan.stages.iter().find(|s| s.name == "judge").unwrap().key.to_string();
    let file = shop.path().join(".arkwright/memo").join(&key[..2]).join(&key[2..]);
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() - 1]).unwrap();
    let (_, plan, _) = shop.plan(&path).unwrap();
    let to_run: Vec<_> = plan.stages.iter().filter(|s| s.state != State::Cached).collect();
    assert_eq!(to_run.len(), 1);
    assert_eq!((to_run[0].name.as_str(), &to_run[0].state), ("judge", &State::Run("its output is damaged".into())));
    let ran = shop.run(&path).unwrap();
    assert_eq!(ran.seconds.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["judge"]);
}

/// Why the stages run that are to run.
fn whys(shop: &Workshop, path: &Path) -> Vec<(String, String)> {
    let (_, plan, _) = shop.plan(path).unwrap();
    let why = |s: &arkwright_flow::Stage| match &s.state {
        State::Run(why) => Some((s.name.clone(), why.clone())),
        State::Cached => None,
    };
    plan.stages.iter().filter_map(why).collect()
}

#[test]
fn a_plan_says_what_changed() {
    let shop = Workshop::new();
    shop.put("t.csv", &customers(150));
    let path = shop.put("arkwright.toml", FILE);
    assert!(whys(&shop, &path).iter().all(|(_, why)| why == "not done yet"));
    shop.run(&path).unwrap();
    assert_eq!(whys(&shop, &path), []);
    let first = |file: &str| {
        shop.put("arkwright.toml", file);
        whys(&shop, &path).remove(0)
    };
    let told = |name: &str, why: &str| (name.to_string(), why.to_string());

    let ignoring = FILE.replace("target = \"left\"", "target = \"left\"\nignore = [\"since\"]");
    assert_eq!(first(&ignoring), told("split table", "`ignore` in [data] changed"));
    assert_eq!(first(&FILE.replace("folds = 2", "folds = 2\ntest = 0.3")), told("split table", "[split] changed"));
    let seeded = FILE.replace("name = \"kept\"", "name = \"kept\"\nseed = 7");
    assert_eq!(first(&seeded), told("split table", "the seed changed"));
    let other = FILE.replace("kind = \"logistic\"", "kind = \"logistic\"\nc = 0.5");
    assert_eq!(first(&other), told("fit prediction", "the candidate `logistic` changed"));
    shop.put("t.csv", &customers(151));
    assert_eq!(first(FILE), told("split table", "the content of `t.csv` changed"));
    let after = whys(&shop, &path);
    assert!(after[1..].iter().all(|(_, why)| why.starts_with("after ")), "{after:?}");
}

#[test]
fn what_a_gate_said_stays_true() {
    let shop = Workshop::new();
    shop.put("t.csv", &customers(150));
    let gated = |bound: &str| FILE.replace("refit = true", &format!("refit = true\ngate.roc_auc = {bound}"));
    let run = |file: &str| {
        let path = shop.put("arkwright.toml", file);
        let registered = shop.run(&path).unwrap().registered;
        (registered.version, registered.passed)
    };
    assert_eq!(run(&gated("{ min = 1.1 }")), (1, false));
    assert!(shop.store().resolve("kept").is_err());
    assert_eq!(run(FILE), (2, true));
    assert_eq!(shop.store().resolve("kept").unwrap().version, 2);
    assert_eq!(run(&gated("{ min = 0.1 }")), (3, true));
    // The edit taken back: the gate fails as it did.
    assert!(!run(&gated("{ min = 1.1 }")).1);
    let said: Vec<String> = shop
        .store()
        .list_models(Some("kept"))
        .unwrap()
        .iter()
        .rev()
        .map(|m| serde_json::to_value(m.gates).unwrap().as_str().unwrap().to_string())
        .collect();
    assert_eq!(said, ["failed", "ungated", "passed"]);
}

#[test]
fn constants_have_no_area_under_the_curve_beyond_a_half() {
    // Shares of the classes differ from fold to fold, and with them what the baseline says.
    let shop = Workshop::new();
    shop.put("t.csv", &customers(151));
    let file = FILE.replace("folds = 2", "folds = 5\nkind = \"random\"").replace("refit = true", "");
    let ran = shop.run(&shop.put("arkwright.toml", &file)).unwrap();
    let board = ran.leaderboard.unwrap();
    let baseline = board.candidates.iter().find(|c| c.name == "baseline").unwrap();
    assert_eq!(baseline.scores.as_ref().unwrap().value("roc_auc"), Some(0.5));
}
