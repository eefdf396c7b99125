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

use arkwright_store::Store;

/// What holds of any store: its name, and a test that is given a fresh one.
type Scenario = (&'static str, fn(&Store));

const SCENARIOS: &[Scenario] = &[
    ("a_run_is_told_from_its_beginning_to_its_end", runs::a_run_is_told_from_its_beginning_to_its_end),
    ("what_is_recorded_of_a_run_reads_back", runs::what_is_recorded_of_a_run_reads_back),
    ("a_run_that_is_not_there_is_an_error", runs::a_run_that_is_not_there_is_an_error),
    ("lineage_is_followed_both_ways", runs::lineage_is_followed_both_ways),
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
}

#[test]
fn a_folder_can_be_copied_to_another_place_and_works() {
    let dir = tempfile::tempdir().unwrap();
    let (here, there) = (dir.path().join("here"), dir.path().join("there"));
    let (version, hash) = {
        let store = Store::open(here.to_str().unwrap(), None).unwrap();
        (models::register(&store, "churn", b"one", true), store.put(b"data").unwrap())
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
