//! What a command says is heard, or it fails: a full disk, a reader that went away, a name that means a report.

use crate::desk::{Desk, SMALL, Said};
use std::fs;
use std::process::{Command, Stdio};

/// The command with its output redirected by a shell.
fn redirected(desk: &Desk, args: &str, to: &str) -> Said {
    let output = Command::new("sh")
        .args(["-c", &format!("exec \"$0\" {args} {to}"), env!("CARGO_BIN_EXE_arkwright")])
        .current_dir(desk.path())
        .stdin(Stdio::null())
        .output();
    Said::of(output.unwrap())
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_error() {
    let desk = Desk::small();
    desk.bundle();
    for args in [
        "--help",
        "predict --help",
        "--version",
        "models",
        "runs --json",
        "plan",
        "report",
        "schema",
        "completions bash",
        "predict small penguins.csv",
        "predict small penguins.csv --format parquet",
        "predict small penguins.csv --json",
        "predict small penguins.csv -o out.csv",
    ] {
        redirected(&desk, args, "> /dev/full").failed(1, &["No space left"]);
    }
    // Where nobody hears what goes beside it, the work is done all the same.
    let said = redirected(&desk, "predict small penguins.csv -o again.csv", "2> /dev/full");
    assert_eq!(said.code, Some(0), "{said:?}");
    desk.clear();
    assert_eq!(redirected(&desk, "run", "2> /dev/full").code, Some(0));
    assert_eq!(redirected(&desk, "run nowhere", "2> /dev/full").code, Some(2));
}

#[test]
fn a_reader_that_has_read_enough_is_no_error() {
    let desk = Desk::small();
    desk.bundle();
    for args in [
        &["--help"][..],
        &["models"],
        &["schema"],
        &["completions", "zsh"],
        &["report"],
        &["predict", "small", "penguins.csv"],
        &["predict", "small", "penguins.csv", "--format", "arrow"],
    ] {
        let mut child = desk.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let said = Said::of(child.wait_with_output().unwrap());
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn a_report_is_named_by_its_run_its_system_or_its_version() {
    let desk = Desk::small();
    let hinted = |said: &Said| {
        let line = said.out.lines().find(|l| l.contains("arkwright report")).unwrap_or_else(|| panic!("{said:?}"));
        line.split_whitespace().nth(2).unwrap().to_string()
    };
    let first = desk.run(&["run"]);
    assert_eq!(hinted(&first), "small");
    fs::create_dir(desk.path().join("other")).unwrap();
    let other = SMALL.replace("\"small\"", "\"other\"").replace("\"penguins.csv\"", "\"../penguins.csv\"");
    desk.put("other/arkwright.toml", &other);
    assert_eq!(desk.run(&["run", "other"]).code, Some(0));
    desk.put("arkwright.toml", &format!("{SMALL}[evaluate]\nrefit = true\n"));
    assert_eq!(hinted(&desk.run(&["run"])), "small");

    let system = |which: &[&str]| {
        let report = desk.json(&[&["report"], which].concat());
        (report["system"].as_str().unwrap().to_string(), report["version"].as_str().unwrap().to_string())
    };
    let is = |system: &str, version: &str| (system.to_string(), version.to_string());
    assert_eq!(system(&[]), is("small", "2"));
    assert_eq!(system(&["small"]), is("small", "2"));
    assert_eq!(system(&["other"]), is("other", "1"));
    assert_eq!(system(&["small:1"]), is("small", "1"));
    assert_eq!(system(&["2"]), is("other", "1"));
    desk.run(&["report", "smal"]).failed(1, &["no model `smal`", "did you mean `small`?"]);
    desk.run(&["report", "9"]).failed(1, &["there is no run 9", "arkwright runs lists them"]);

    // A run with nothing to do names the version that it came upon.
    let again = desk.run(&["run", "other"]);
    assert!(again.out.contains("nothing changed"), "{}", again.out);
    assert_eq!(hinted(&again), "other:1");
    assert_eq!(system(&["other:1"]), is("other", "1"));
    let said = desk.run(&["report", "small:1", "--html", "report.html"]);
    assert!(said.out.contains("report.html: the report of small, run 1"), "{said:?}");
}

#[test]
fn predict_answers_as_json_where_asked_and_says_what_it_wrote() {
    let desk = Desk::small();
    desk.bundle();
    let plain = desk.run(&["predict", "small", "penguins.csv", "-o", "-"]);
    let lines = desk.run(&["predict", "small", "penguins.csv", "--json"]);
    let rows: Vec<serde_json::Value> = lines.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), plain.out.lines().count() - 1);
    assert_eq!(rows[0]["prediction"], "Adelie");
    let told = desk.json(&["predict", "small", "penguins.csv", "-o", "out.csv"]);
    assert_eq!(told, serde_json::json!({ "model": "small:1", "rows": rows.len(), "written": "out.csv" }));
    assert_eq!(fs::read_to_string(desk.path().join("out.csv")).unwrap(), plain.out);
    let said = desk.run(&["predict", "small", "penguins.csv", "-o", "out.csv"]);
    assert_eq!(said.out, format!("wrote out.csv: {} rows, answered by small:1\n", rows.len()));
    assert_eq!(desk.run(&["predict", "small", "penguins.csv", "-o", "out.csv", "-q"]).out, "");

    let said = desk.run(&["predict", "small", "penguins.csv", "-o", "nodir/out.csv"]);
    said.failed(1, &["nodir/out.csv", "there is no folder `nodir`"]);
    assert!(!said.err.contains(".writing"), "{}", said.err);
}

#[test]
fn the_help_lists_every_command() {
    let desk = Desk::new();
    let help = desk.run(&["--help"]).out;
    for command in
        ["run", "plan", "new", "predict", "serve", "report", "runs", "models", "schema", "clean", "completions"]
    {
        assert!(help.lines().any(|l| l.trim_start().starts_with(&format!("{command} "))), "no `{command}` in {help}");
    }
}
