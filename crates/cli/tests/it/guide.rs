//! The guide tells the truth: every command on its pages is run, and what a page shows is what comes out.
//!
//! Each page has a folder of its own with a copy of `systems/`, and the files that its blocks give
//! (```` ```toml file=NAME ````). In a block ```` ```console ```` a line `$ COMMAND` is run by `sh`, and the
//! lines below it are compared with its standard output. Figures are not compared, since another
//! processor may round them otherwise: a word with a digit in it stands for any other. After the comma a block says
//! what is special about it:
//!
//! | | |
//! |---|---|
//! | `fails=2` | its commands exit with 2; what they say on standard error is compared too |
//! | `varies` | its output is not compared |
//! | `silent` | its output is neither shown nor compared |
//! | `no_run` | its commands are not run |
//!
//! `GUIDE=write cargo test -p arkwright-cli guide` writes what comes out into the pages.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, thread};

/// Tables larger than this are fetched by their users, and not copied.
const TABLE: u64 = 5_000_000;

#[test]
fn every_command_of_the_guide_does_what_its_page_shows() {
    let write = env::var("GUIDE").is_ok_and(|v| v == "write");
    let wrong: Vec<String> = thread::scope(|scope| {
        let pages: Vec<_> = pages().into_iter().map(|page| scope.spawn(move || run_page(&page, write))).collect();
        pages.into_iter().flat_map(|page| page.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn every_page_is_in_the_summary_and_every_link_leads_somewhere() {
    let mut wrong = Vec::new();
    let mut listed = BTreeSet::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for link in links(&text) {
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if file.is_empty() { page.clone() } else { page.with_file_name(file) };
            if page.ends_with("SUMMARY.md") {
                listed.insert(target.clone());
            }
            let there = fs::read_to_string(&target).is_ok_and(|t| anchor.is_empty() || anchors(&t).contains(anchor));
            if !there {
                wrong.push(format!("{}: `{link}` leads nowhere", name(&page)));
            }
        }
    }
    let unlisted = pages().into_iter().filter(|p| !p.ends_with("SUMMARY.md") && !listed.contains(p));
    wrong.extend(unlisted.map(|page| format!("{} is not in the summary", name(&page))));
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// A fenced block of a page.
struct Block {
    /// The number of its first line, counted from 1, after the fence.
    line: usize,
    /// What stands after the fence: `console`, `fails=2`.
    words: Vec<String>,
    lines: Vec<String>,
}

impl Block {
    fn says(&self, word: &str) -> bool {
        self.words.iter().any(|w| w == word)
    }

    fn value(&self, key: &str) -> Option<&str> {
        self.words.iter().find_map(|w| w.strip_prefix(key)?.strip_prefix('='))
    }

    /// Its commands: the line of each, what is run, and what is shown below.
    fn commands(&self) -> Vec<(usize, String, Vec<String>)> {
        let mut commands: Vec<(usize, String, Vec<String>)> = Vec::new();
        for (i, line) in self.lines.iter().enumerate() {
            match (line.strip_prefix("$ "), commands.last_mut()) {
                (Some(command), _) => commands.push((self.line + i, command.to_string(), Vec::new())),
                (None, Some((.., shown))) => shown.push(line.clone()),
                (None, None) => {}
            }
        }
        commands
    }
}

/// Runs a page's commands, and gives what is wrong with it.
fn run_page(page: &Path, write: bool) -> Vec<String> {
    let text = fs::read_to_string(page).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guide").join(name(page));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let blocks = blocks(&text);
    if blocks.iter().any(|b| b.says("console")) {
        copy(&root().join("systems"), &folder.join("systems"));
    }
    let (mut failed, mut differ, mut written) = (Vec::new(), Vec::new(), Vec::new());
    for block in &blocks {
        if let Some(file) = block.value("file") {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, block.lines.join("\n") + "\n").unwrap();
        }
        if !block.says("console") || block.says("no_run") {
            continue;
        }
        let expected: i32 = block.value("fails").map_or(0, |code| code.parse().unwrap());
        let mut lines = Vec::new();
        for (line, command, shown) in block.commands() {
            let at = format!("{}:{line}: `{command}`", name(page));
            let (code, out, err) = shell(&command, &folder);
            if code != expected {
                failed.push(format!("{at} exits with {code}, not {expected}\n{out}{err}"));
            }
            let came = if expected == 0 { out } else { out + &err };
            if !block.says("silent") && !block.says("varies") {
                differ.extend(difference(&shown, &came).map(|d| format!("{at} says something else\n{d}")));
            }
            lines.push(format!("$ {command}"));
            lines.extend(came.lines().map(|l| l.trim_end().to_string()).filter(|_| !block.says("silent")));
        }
        written.push((block.line, lines));
    }
    if write && failed.is_empty() {
        fs::write(page, rewritten(&text, &written)).unwrap();
        differ.clear();
    }
    failed.into_iter().chain(differ).collect()
}

/// The first line in which what a page shows differs from what came.
fn difference(shown: &[String], came: &str) -> Option<String> {
    let (shown, came) = (plain(&shown.join("\n")), plain(came));
    let at = (0..shown.len().max(came.len())).find(|&i| shown.get(i) != came.get(i))?;
    let line = |lines: &[String]| lines.get(at).map_or("(nothing more)".to_string(), Clone::clone);
    Some(format!("  the page shows: {}\n  it printed:     {}\n", line(&shown), line(&came)))
}

fn shell(command: &str, folder: &Path) -> (i32, String, String) {
    let bin = Path::new(env!("CARGO_BIN_EXE_arkwright")).parent().unwrap();
    let path = env::join_paths(
        std::iter::once(bin.to_path_buf()).chain(env::split_paths(&env::var_os("PATH").unwrap_or_default())),
    );
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", path.unwrap())
        .env("NO_COLOR", "1")
        .env("LC_ALL", "C.UTF-8")
        .env_remove("ARKWRIGHT_STORE")
        .env_remove("ARKWRIGHT_THREADS")
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

/// What is compared: lines without figures, spaces and lines of tables.
fn plain(text: &str) -> Vec<String> {
    let word =
        |word: &str| if word.contains(|c: char| c.is_ascii_digit()) { "#".to_string() } else { word.to_string() };
    let drawn = |c: char| c.is_whitespace() || ('\u{2500}'..='\u{259f}').contains(&c);
    text.lines()
        .map(|line| line.split(drawn).filter(|w| !w.is_empty()).map(word).collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect()
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for (i, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), open) {
            (Some(words), false) => {
                let words = words.split([' ', ',']).filter(|w| !w.is_empty()).map(str::to_string).collect();
                blocks.push(Block { line: i + 2, words, lines: Vec::new() });
                open = true;
            }
            (Some(_), true) => open = false,
            (None, true) => blocks.last_mut().unwrap().lines.push(line.to_string()),
            (None, false) => {}
        }
    }
    blocks
}

/// The page with other lines in some of its blocks.
fn rewritten(text: &str, written: &[(usize, Vec<String>)]) -> String {
    let mut page = String::new();
    let mut skipping = false;
    for (i, line) in text.lines().enumerate() {
        skipping &= !line.starts_with("```");
        if let Some((_, lines)) = written.iter().find(|(at, _)| *at == i + 1) {
            skipping = true;
            lines.iter().for_each(|line| writeln!(page, "{line}").unwrap());
        }
        if !skipping {
            writeln!(page, "{line}").unwrap();
        }
    }
    page
}

/// The links to other pages and headings.
fn links(text: &str) -> Vec<String> {
    let prose = text.split("```").step_by(2).collect::<String>();
    prose
        .split("](")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once(')')?.0.to_string()))
        .filter(|link| !link.contains("://"))
        .collect()
}

/// The names that a page's headings have in links.
fn anchors(text: &str) -> BTreeSet<String> {
    let heading = |line: &str| {
        let letters = line.trim_start_matches('#').trim().chars().filter_map(|c| match c {
            c if c.is_alphanumeric() || c == '_' || c == '-' => Some(c.to_ascii_lowercase()),
            c if c.is_whitespace() => Some('-'),
            _ => None,
        });
        letters.collect()
    };
    text.split("```").step_by(2).flat_map(str::lines).filter(|line| line.starts_with('#')).map(heading).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn pages() -> Vec<PathBuf> {
    let folder = root().join("guide/src");
    let mut pages: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.retain(|page| page.extension().is_some_and(|e| e == "md"));
    pages.sort();
    pages
}

fn name(page: &Path) -> String {
    page.file_name().unwrap().to_string_lossy().into_owned()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, at) = (entry.path(), to.join(entry.file_name()));
        let about = entry.metadata().unwrap();
        match about.is_dir() {
            true if entry.file_name() == ".arkwright" => {}
            true => copy(&path, &at),
            false if about.len() <= TABLE => drop(fs::copy(&path, &at).unwrap()),
            false => {}
        }
    }
}
