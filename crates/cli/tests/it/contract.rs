//! The command's contract: what it prints where, and how it exits.

use crate::desk::{Desk, SMALL, Said};
use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

#[test]
fn a_second_run_says_that_nothing_changed_and_takes_no_time() {
    let desk = Desk::small();
    let first = desk.run(&["run"]);
    assert_eq!(first.code, Some(0), "{}", first.err);
    assert!(first.out.contains("registered small:1") && first.out.contains("gbdt"), "{}", first.out);
    let start = Instant::now();
    let second = desk.run(&["run"]);
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    assert!(second.out.contains("nothing changed"), "{}", second.out);
    // An edit of one candidate leaves the others' comparisons as they were.
    desk.put("arkwright.toml", &SMALL.replace("n_estimators = 20\ntune", "n_estimators = 25\ntune"));
    let plan = desk.run(&["plan"]).out;
    for (line, state) in [("read", "cached"), ("split", "cached"), ("random_forest", "cached"), ("gbdt", "run")] {
        let shown = plan.lines().find(|l| l.contains(line)).unwrap_or_else(|| panic!("no {line} in\n{plan}"));
        assert!(shown.contains(state) || state == "run" && !shown.contains("cached"), "{line}:\n{plan}");
    }
}

#[test]
fn exit_codes_tell_what_went_wrong() {
    let desk = Desk::small();
    // 2: the use, or the file.
    desk.run(&["run", "nowhere"]).failed(2, &["there is no system file"]);
    desk.run(&["fly"]).failed(2, &["fly"]);
    desk.put("arkwright.toml", &SMALL.replace("logistic", "logistik"));
    desk.run(&["run"]).failed(2, &["logistik", "did you mean `logistic`?", "arkwright.toml:"]);
    desk.put("arkwright.toml", &SMALL.replace("\"small\"", "\"No Name\""));
    desk.run(&["run"]).failed(2, &["No Name"]);
    // 1: the data.
    desk.put("arkwright.toml", &SMALL.replace("penguins.csv", "gone.csv"));
    desk.run(&["run"]).failed(1, &["gone.csv"]);
    // 3: a gate. The model is kept and not promoted.
    desk.put("arkwright.toml", &format!("{SMALL}[evaluate]\ngate.accuracy = {{ min = 1.1 }}\n"));
    let said = desk.run(&["run"]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.out.contains("gate failed"), "{}", said.out);
    desk.run(&["predict", "small", "penguins.csv"]).failed(1, &["passed its gates"]);
    assert_eq!(desk.run(&["predict", "small:1", "penguins.csv"]).code, Some(0));
    // The second run of it fails its gate all the same.
    assert_eq!(desk.run(&["run"]).code, Some(3));
}

#[test]
fn commands_that_only_look_leave_nothing_behind() {
    let desk = Desk::small();
    fs::remove_dir(desk.path().join(".arkwright")).unwrap();
    let listed = || fs::read_dir(desk.path()).unwrap().count();
    let before = listed();
    for args in [&["plan"][..], &["plan", "--expand"], &["models"], &["runs"], &["schema"], &["clean", "--dry-run"]] {
        assert_eq!(desk.run(args).code, Some(0), "{args:?}");
    }
    desk.run(&["run", "nowhere"]).failed(2, &["there is no system file"]);
    fs::create_dir(desk.path().join("wrong")).unwrap();
    desk.put("wrong/arkwright.toml", &SMALL.replace("\"small\"", "\"No Name\""));
    let before = before + 1;
    desk.run(&["run", "wrong"]).failed(2, &["No Name"]);
    desk.run(&["report"]).failed(2, &["there is no report yet"]);
    desk.run(&["predict", "small", "penguins.csv"]).failed(1, &["there is no model `small`"]);
    desk.run(&["models", "--store", "elsewhere"]);
    desk.run(&["models", "--alias", "small@production=1"]).failed(1, &["there is no model `small`"]);
    assert_eq!(listed(), before);
}

#[test]
fn a_damaged_database_is_told_at_once() {
    let desk = Desk::small();
    desk.bundle();
    let file = desk.path().join(".arkwright/arkwright.db");
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let start = Instant::now();
    desk.run(&["models"]).failed(1, &["arkwright.db is damaged", "move it away"]);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    // As the hint says: what was fitted is registered anew.
    for beside in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(desk.path().join(format!(".arkwright/arkwright.db{beside}")));
    }
    assert_eq!(desk.json(&["run"])["registered"]["version"], 1);
    assert!(desk.run(&["models"]).out.contains("ungated"));
}

#[test]
fn predict_keeps_rows_and_speaks_every_format() {
    let desk = Desk::small();
    desk.put("arkwright.toml", &SMALL.replace("[split]", "key = \"rowid\"\n[split]"));
    let table = fs::read_to_string(desk.path().join("penguins.csv")).unwrap();
    let keyed: Vec<String> = table
        .lines()
        .enumerate()
        .map(|(i, l)| if i == 0 { format!("rowid,{l}") } else { format!("p{i},{l}") })
        .collect();
    desk.put("penguins.csv", &(keyed.join("\n") + "\n"));
    desk.bundle();
    let csv = desk.run(&["predict", "small", "penguins.csv"]);
    let lines: Vec<&str> = csv.out.lines().collect();
    assert_eq!(lines[0], "rowid,prediction,probability_Adelie,probability_Chinstrap,probability_Gentoo");
    assert_eq!(lines.len(), keyed.len());
    assert!(lines[1].starts_with("p1,Adelie,") && lines[344].starts_with("p344,"), "{}", lines[344]);

    // The same through every format, file and pipe.
    for format in ["parquet", "jsonl", "arrow", "csv"] {
        let input = format!("in.{format}");
        assert_eq!(desk.run(&["predict", "small", "penguins.csv", "--keep", "-o", &input]).code, Some(0));
        assert_eq!(desk.run(&["predict", "small", &input, "-o", "out.csv"]).code, Some(0), "{format}");
        assert_eq!(fs::read_to_string(desk.path().join("out.csv")).unwrap(), csv.out, "{format}");
        let piped = desk
            .command(&["predict", "small", "-", "--format", format])
            .stdin(Stdio::from(fs::File::open(desk.path().join(&input)).unwrap()))
            .output()
            .unwrap();
        assert!(piped.status.success(), "{format}: {:?}", Said::of(piped));
        if format == "csv" {
            assert_eq!(Said::of(piped).out, csv.out);
        }
    }
}

#[test]
fn rows_that_do_not_fit_the_model_are_refused_and_new_categories_are_not() {
    let desk = Desk::small();
    desk.bundle();
    let table = fs::read_to_string(desk.path().join("penguins.csv")).unwrap();
    let header = table.lines().next().unwrap();
    let without = table.replacen("bill_length_mm", "bill", 1);
    desk.put("without.csv", &without);
    desk.run(&["predict", "small", "without.csv"]).failed(1, &["bill_length_mm"]);
    desk.put("words.csv", &format!("{header}\nBiscoe,long,17.4,186,3800,female,2007,Adelie\n"));
    desk.run(&["predict", "small", "words.csv"]).failed(1, &["bill_length_mm"]);
    desk.put("new.csv", &format!("{header}\nAtlantis,39.1,17.4,186,3800,,2007,\n"));
    let said = desk.run(&["predict", "small", "new.csv"]);
    assert_eq!((said.code, said.out.lines().count()), (Some(0), 2), "{said:?}");
    let told = "warning: column `island`: 1 row holds a value never seen in training: `Atlantis` (1)";
    assert!(said.err.contains(told), "{said:?}");
    assert_eq!(desk.run(&["predict", "small", "new.csv", "--quiet"]).err, "");
    desk.put("empty.csv", "");
    desk.run(&["predict", "small", "empty.csv"]).failed(1, &["empty"]);
}

#[test]
fn new_writes_a_file_that_runs_and_overwrites_nothing() {
    let desk = Desk::small();
    let said = desk.run(&["new", "mine", "--from", "penguins.csv", "--target", "species"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let text = fs::read_to_string(desk.path().join("mine/arkwright.toml")).unwrap();
    assert!(text.contains("../penguins.csv") && text.contains("species"), "{text}");
    desk.run(&["new", "mine", "--from", "penguins.csv", "--target", "species"]).failed(2, &["mine"]);
    assert_eq!(fs::read_to_string(desk.path().join("mine/arkwright.toml")).unwrap(), text);
    let ran = desk.run(&["run", "mine"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    desk.run(&["new", "x", "--from", "penguins.csv", "--target", "specis"]).failed(2, &["specis", "species"]);
    assert!(!desk.path().join("x").exists());
}

#[test]
fn a_project_copied_elsewhere_works() {
    let desk = Desk::small();
    let bundle = desk.bundle();
    let answers = desk.run(&["predict", "small", "penguins.csv"]).out;
    let other = Desk::new();
    fs::remove_dir(other.path().join(".arkwright")).unwrap();
    let copied = std::process::Command::new("cp").arg("-r").arg(desk.path().join(".")).arg(other.path()).status();
    assert!(copied.unwrap().success());
    drop(desk);
    assert_eq!(other.run(&["predict", "small", "penguins.csv"]).out, answers);
    let again = other.json(&["run"]);
    assert_eq!((again["run"].is_null(), again["registered"]["bundle"].as_str()), (true, Some(bundle.as_str())));
}

#[test]
fn a_refitted_model_learns_from_all_rows_and_says_so() {
    let desk = Desk::small();
    let plain = desk.json(&["run"]);
    desk.put("arkwright.toml", &format!("{SMALL}[evaluate]\nrefit = true\n"));
    let refit = desk.json(&["run"]);
    assert_eq!(refit["judged"]["scores"], plain["judged"]["scores"]);
    assert_ne!(refit["registered"]["bundle"], plain["registered"]["bundle"]);
    assert_eq!(refit["registered"]["refit"], true);
}

#[test]
fn the_time_zone_the_locale_and_the_threads_change_nothing() {
    let desk = Desk::small();
    let bundle = desk.bundle();
    for (zone, locale, threads) in [("Asia/Kathmandu", "de_DE.UTF-8", "1"), ("America/St_Johns", "tr_TR.UTF-8", "4")] {
        let other = Desk::small();
        let said = other
            .command(&["run", "--json", "--threads", threads])
            .env("TZ", zone)
            .env("LC_ALL", locale)
            .env("LANG", locale)
            .output()
            .unwrap();
        let said = Said::of(said);
        let ran: serde_json::Value = serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{said:?}"));
        assert_eq!(ran["registered"]["bundle"], bundle.as_str(), "{zone}");
    }
}

#[test]
fn a_table_with_decimal_commas_is_learnt_from_and_scored() {
    let desk = Desk::small();
    desk.bundle();
    let plain = desk.run(&["predict", "small", "penguins.csv"]).out;
    let table = fs::read_to_string(desk.path().join("penguins.csv")).unwrap();
    desk.put("penguins.csv", &table.replace(',', ";").replace('.', ","));
    let again = desk.run(&["run"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    let said = desk.run(&["predict", "small", "penguins.csv"]);
    assert_eq!((said.code, &said.out), (Some(0), &plain), "the same rows, and so the same model: {}", said.err);
}
