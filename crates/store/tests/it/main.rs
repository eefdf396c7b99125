//! The tests of the store, each against SQLite and against PostgreSQL.
#![allow(clippy::unwrap_used, missing_docs)]

mod artifacts;
mod clean;
mod crash;
mod memo;
mod models;
mod postgres;
mod runs;
mod tiny;

use arkwright_store::{Gates, Store};

/// What holds of any store: its name, and a test that is given a fresh one.
type Scenario = (&'static str, fn(&Store));

const SCENARIOS: &[Scenario] = &[
    ("a_run_is_told_from_its_beginning_to_its_end", runs::a_run_is_told_from_its_beginning_to_its_end),
    ("what_is_recorded_of_a_run_reads_back", runs::what_is_recorded_of_a_run_reads_back),
    ("a_run_that_is_not_there_is_an_error", runs::a_run_that_is_not_there_is_an_error),
    ("what_gates_said_stays_true_of_each_version", models::what_gates_said_stays_true),
    ("versions_count_up_and_the_same_bundle_is_not_registered_twice", models::versions_count_up),
    ("a_name_means_the_newest_version_that_passed", models::a_name_means_the_newest_that_passed),
    ("aliases_move_and_never_to_a_version_that_failed", models::aliases_move),
    ("threads_that_register_at_once_get_numbers_of_their_own", models::threads_register_at_once),
    ("a_bundle_is_kept_and_answers_to_the_bit", models::a_bundle_is_kept),
    ("bytes_and_folders_read_back", artifacts::bytes_and_folders_read_back),
    ("only_what_no_version_needs_is_cleaned", clean::only_what_no_version_needs_is_cleaned),
    ("the_store_is_used_from_within_a_runtime", runs::the_store_is_used_from_within_a_runtime),
];

#[test]
fn all_of_it_holds_on_sqlite() {
    for (name, scenario) in SCENARIOS {
        eprintln!("{name}");
        let dir = tempfile::tempdir().unwrap();
        scenario(&Store::open(dir.path().join("a store").to_str().unwrap(), None).unwrap());
    }
}

#[test]
fn all_of_it_holds_on_postgresql() {
    let Some(server) = postgres::Server::start() else { return };
    for (i, (name, scenario)) in SCENARIOS.iter().enumerate() {
        eprintln!("{name}");
        let dir = tempfile::tempdir().unwrap();
        let url = server.database(&format!("s{i}"));
        scenario(&Store::open(&url, Some(dir.path().to_str().unwrap())).unwrap());
    }
    postgres::openers_at_once_migrate_once(&server);
    let (dir, url) = (tempfile::tempdir().unwrap(), server.database("killed"));
    runs::a_run_whose_process_is_gone_was_killed(&|| Store::open(&url, dir.path().to_str()).unwrap());
}

#[test]
fn a_run_whose_process_is_gone_was_killed() {
    let dir = tempfile::tempdir().unwrap();
    runs::a_run_whose_process_is_gone_was_killed(&|| Store::open(dir.path().to_str().unwrap(), None).unwrap());
    let left = std::fs::read_dir(dir.path().join("running")).unwrap().count();
    assert_eq!(left, 1, "runs that ended leave nothing");
}

#[test]
fn who_only_looks_makes_no_store() {
    let dir = tempfile::tempdir().unwrap();
    let (place, artifacts) = (dir.path().join("store"), dir.path().join("artifacts"));
    let (place, artifacts) = (place.to_str().unwrap(), artifacts.to_str().unwrap());
    let store = Store::to_read(place, None).unwrap();
    assert!(store.list_models(None).unwrap().is_empty() && store.list_runs(None, 10).unwrap().is_empty());
    let hash = store.put(b"bytes").unwrap();
    assert_eq!(store.get(&hash).unwrap(), b"bytes");
    drop(store);
    assert!(!Store::to_read(place, Some(artifacts)).unwrap().has(&hash).unwrap());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    // What is there is looked at where it is.
    let hash = Store::open(place, Some(artifacts)).unwrap().put(b"more").unwrap();
    assert!(Store::to_read(place, Some(artifacts)).unwrap().has(&hash).unwrap());
}

/// A folder that cannot be written to, as long as it lives: of root's, none is sealed but by a mount.
#[cfg(target_os = "linux")]
#[test]
fn a_store_that_cannot_be_written_to_is_looked_at() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("store");
    let bundle = {
        let store = Store::open(place.to_str().unwrap(), None).unwrap();
        models::register(&store, "churn", b"bytes", Gates::Passed);
        store.put(b"more").unwrap()
    };
    let mount = |args: &[&str]| std::process::Command::new("mount").args(args).arg(&place).output();
    let text = place.to_str().unwrap();
    let mounted = mount(&["--bind", text]).is_ok_and(|o| o.status.success())
        && mount(&["-o", "remount,ro,bind"]).is_ok_and(|o| o.status.success());
    if !mounted {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o555)).unwrap();
        if std::fs::write(place.join("probe"), b"").is_ok() {
            eprintln!("nothing can be sealed here: left out");
            return;
        }
    }
    let looked = std::panic::catch_unwind(|| {
        let store = Store::to_read(text, None).unwrap();
        assert_eq!(store.list_models(None).unwrap().len(), 1);
        assert_eq!(store.get(&bundle).unwrap(), b"more");
        let error = store.set_alias("churn", "production", 1).unwrap_err().to_string();
        assert_eq!(error, "the store's folder cannot be written to: no alias is set");
        assert!(store.put(b"new").is_err());
        let error = Store::open(text, None).err().unwrap().to_string();
        assert!(error.starts_with("writing to the store's folder"), "{error}");
    });
    if mounted {
        let _ = std::process::Command::new("umount").arg(&place).status();
    }
    looked.unwrap();
}

#[test]
fn a_damaged_database_is_told_at_once_with_its_place_and_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().to_str().unwrap();
    {
        let store = Store::open(place, None).unwrap();
        (0..400).for_each(|i| drop(models::register(&store, "churn", &[i as u8, (i / 256) as u8], Gates::Passed)));
    }
    let file = dir.path().join("arkwright.db");
    let whole = std::fs::read(&file).unwrap();
    let mut scrambled = whole.clone();
    scrambled[whole.len() / 4..].fill(0x5a);
    let cut = |part: usize| whole[..whole.len() * part / 100].to_vec();
    for damage in [cut(99), cut(50), whole[..1000].to_vec(), whole[..50].to_vec(), vec![7; 5000], scrambled] {
        std::fs::write(&file, &damage).unwrap();
        let start = std::time::Instant::now();
        let error = Store::open(place, None).and_then(|store| store.list_models(None)).unwrap_err();
        assert!(start.elapsed() < std::time::Duration::from_secs(5), "{:?}", start.elapsed());
        let told = error.to_string();
        assert!(told.contains("arkwright.db is damaged: ") && told.contains(place), "{} bytes: {told}", damage.len());
        assert!(error.hint().unwrap().contains("move it away, with `arkwright.db-wal`"), "{:?}", error.hint());
        for beside in ["arkwright.db-wal", "arkwright.db-shm"] {
            let _ = std::fs::remove_file(dir.path().join(beside));
        }
    }
    std::fs::write(&file, whole).unwrap();
    assert_eq!(Store::open(place, None).unwrap().list_models(None).unwrap().len(), 400);
}

#[test]
fn a_server_that_is_not_there_is_told_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let start = std::time::Instant::now();
    let error = Store::open(&format!("postgres://nobody@127.0.0.1:{port}/x"), dir.path().to_str()).err().unwrap();
    assert!(start.elapsed() < std::time::Duration::from_secs(5), "{error}");
    assert!(error.to_string().starts_with("opening the store's database"), "{error}");
}

#[test]
fn a_folder_can_be_copied_to_another_place_and_works() {
    let dir = tempfile::tempdir().unwrap();
    let (here, there) = (dir.path().join("here"), dir.path().join("there"));
    let (version, hash) = {
        let store = Store::open(here.to_str().unwrap(), None).unwrap();
        (models::register(&store, "churn", b"one", Gates::Passed), store.put(b"data").unwrap())
    };
    copy(&here, &there);
    std::fs::remove_dir_all(&here).unwrap();
    let store = Store::open(there.to_str().unwrap(), None).unwrap();
    assert_eq!(store.resolve("churn").unwrap(), version);
    assert_eq!(store.get(&hash).unwrap(), b"data");
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

#[test]
fn places_that_cannot_be_are_refused() {
    let refused = |place: &str, artifacts| Store::open(place, artifacts).err().unwrap().to_string();
    assert!(refused("mysql://x", None).contains("a folder or a postgres:// URL"));
    assert!(refused("postgres://x", None).contains("needs a folder or a URL for its artifacts"));
    let file = tempfile::NamedTempFile::new().unwrap();
    assert!(Store::open(file.path().to_str().unwrap(), None).is_err());
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("arkwright.db"), "this is no database, whatever its name says").unwrap();
    assert!(Store::open(dir.path().to_str().unwrap(), None).is_err());
}
