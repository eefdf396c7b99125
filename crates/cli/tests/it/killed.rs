//! A run that is killed, stopped or runs out of disk keeps what it did, and goes on to the same bytes.

use crate::desk::{Desk, Said};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Kills at random moments, from the first millisecond of a run to its last.
const KILLS: u32 = 40;

#[test]
fn a_run_killed_at_random_moments_goes_on_to_the_same_bundle() {
    let desk = Desk::small();
    let start = Instant::now();
    let whole = desk.bundle();
    let took = start.elapsed();
    desk.clear();
    let (mut killed, mut finished, mut random) = (0, 0, 0x2545_f491_4f6c_dd1d_u64);
    while killed < KILLS {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let mut child = desk.command(&["run", "-q"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        sleep(took.mul_f64((random % 1000) as f64 / 1000.0));
        match child.try_wait().unwrap() {
            Some(status) => {
                assert!(status.success(), "after {killed} kills it failed");
                finished += 1;
                assert_eq!(desk.bundle(), whole);
                desk.clear();
            }
            None => {
                child.kill().unwrap();
                child.wait().unwrap();
                killed += 1;
            }
        }
    }
    assert_eq!(desk.bundle(), whole, "after {killed} kills and {finished} ends");
    assert_eq!(desk.json(&["run"])["run"], serde_json::Value::Null);
    let models = desk.run(&["models"]);
    assert!(models.out.contains("small"), "{models:?}");
    let runs = desk.run(&["runs"]);
    assert!(!runs.out.contains("running"), "{runs:?}");
}

#[test]
fn ctrl_c_ends_a_run_with_130_and_keeps_what_was_done() {
    let desk = Desk::small();
    let start = Instant::now();
    let whole = desk.bundle();
    let took = start.elapsed();
    desk.clear();
    let child = desk.command(&["run"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    sleep(took / 2);
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let said = Said::of(child.wait_with_output().unwrap());
    // It may just have been done.
    if said.code != Some(0) {
        said.failed(130, &["what was done is kept"]);
    }
    assert_eq!(desk.bundle(), whole);
}

#[test]
fn ctrl_c_while_a_forest_is_explained_ends_it_soon_and_the_fit_is_kept() {
    let desk = Desk::new();
    let mut table = String::from("a,b,c,d,e,y\n");
    for i in 0..4000_u64 {
        let r = |k: u64| (i * 7919 + k * 104_729 + i * i * (k + 3)) % 10_007;
        table += &format!("{},{},{},{},{},{}\n", r(1), r(2), r(3), r(4), r(5), r(1) + r(2) + r(6));
    }
    desk.put("table.csv", &table);
    desk.put(
        "arkwright.toml",
        "[system]\nname = \"deep\"\ntask = \"regress\"\n[data]\nsource = \"table.csv\"\ntarget = \"y\"\n\
         [split]\nfolds = 2\n[[model]]\nkind = \"random_forest\"\nn_estimators = 60\n",
    );
    let mut child = desk.command(&["run"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("explain ...")), "nothing was explained");
    sleep(Duration::from_millis(300));
    let start = Instant::now();
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let err: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{err:?}");
    // It takes a tenth of a second where nothing else is done; tests share their machine.
    assert!(start.elapsed() < Duration::from_secs(4), "it took {:?} to end", start.elapsed());
    let plan = desk.run(&["plan"]).out;
    let state = |stage: &str| plan.lines().find(|l| l.contains(stage)).unwrap_or_else(|| panic!("{plan}")).to_string();
    assert!(state("fit prediction").contains("cached"), "{plan}");
    assert!(state("explain").contains("to run"), "{plan}");
}

#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    let desk = Desk::small();
    let whole = desk.bundle();
    for blocks in [0, 8, 40, 100] {
        desk.clear();
        // Files of the process may not grow beyond a few blocks: what it meets is what a full disk gives.
        let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" run");
        let said = Command::new("sh")
            .args(["-c", &limited, env!("CARGO_BIN_EXE_arkwright")])
            .current_dir(desk.path())
            .output()
            .unwrap();
        Said::of(said).failed(1, &[]);
        assert_eq!(desk.bundle(), whole, "after a disk full at {blocks} blocks");
    }
    let said = Command::new("sh")
        .args(["-c", "exec \"$0\" predict small penguins.csv > /dev/full", env!("CARGO_BIN_EXE_arkwright")])
        .current_dir(desk.path())
        .output()
        .unwrap();
    Said::of(said).failed(1, &["space"]);
}
