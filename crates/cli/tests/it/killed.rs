//! A run that is killed, stopped or runs out of disk keeps what it did, and goes on to the same bytes.

use crate::desk::{Desk, Said};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Instant;

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
