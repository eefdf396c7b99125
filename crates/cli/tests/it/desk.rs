//! A desk to work at: a folder of its own with a store of its own, and the command.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub struct Desk {
    folder: tempfile::TempDir,
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// The penguins, compared by learners that take no time.
pub const SMALL: &str = r#"
[system]
name = "small"
[data]
source = "penguins.csv"
target = "species"
[split]
folds = 3
[tune]
trials = 3
[[model]]
kind = "logistic"
[[model]]
kind = "random_forest"
n_estimators = 20
[[model]]
kind = "gbdt"
n_estimators = 20
tune.learning_rate = { low = 0.05, high = 0.3, log = true }
"#;

impl Desk {
    pub fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(desk.path().join(".arkwright")).unwrap();
        desk
    }

    /// A desk with the penguins' table and a small system for it.
    pub fn small() -> Self {
        let desk = Self::new();
        fs::copy(system("penguins").join("penguins.csv"), desk.path().join("penguins.csv")).unwrap();
        desk.put("arkwright.toml", SMALL);
        desk
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn put(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// The command in this folder, with nothing of the surroundings.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_arkwright"));
        command.args(args).current_dir(self.path()).env("NO_COLOR", "1").stdin(Stdio::null());
        command.env_remove("ARKWRIGHT_STORE").env_remove("ARKWRIGHT_THREADS");
        command
    }

    pub fn run(&self, args: &[&str]) -> Said {
        Said::of(self.command(args).output().unwrap())
    }

    /// What the command says on standard output as JSON; it must succeed.
    pub fn json(&self, args: &[&str]) -> Value {
        let said = self.run(&[args, &["--json"]].concat());
        assert_eq!(said.code, Some(0), "{}", said.err);
        serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {}", said.out))
    }

    /// Runs the system in this folder, and gives its bundle's hash.
    pub fn bundle(&self) -> String {
        self.json(&["run"])["registered"]["bundle"].as_str().unwrap().to_string()
    }

    /// Forgets everything.
    pub fn clear(&self) {
        fs::remove_dir_all(self.path().join(".arkwright")).unwrap();
        fs::create_dir(self.path().join(".arkwright")).unwrap();
    }
}

impl Said {
    pub fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// It failed as it should: with this exit code, these words, and no panic.
    #[track_caller]
    pub fn failed(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert!(!self.err.contains("panicked"), "{}", self.err);
        // Long messages are broken to the width of the terminal.
        let plain: String = self.err.split(|c: char| c.is_whitespace() || c == '│').filter(|w| !w.is_empty()).fold(
            String::new(),
            |mut text, word| {
                text += word;
                text += " ";
                text
            },
        );
        for word in words {
            assert!(plain.contains(word), "no `{word}` in: {}", self.err);
        }
    }
}

/// The folder of a shipped system.
pub fn system(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../systems").join(name)
}
