//! Progress on the terminal: a bar for each thing under way, with its rate and what is left; plain lines
//! elsewhere. An observer like any other.

use crate::show::plain;
use arkwright_core::{Event, Observer, Stop};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::time::Duration;

/// Shows what computations tell.
pub struct Progress {
    bars: Option<MultiProgress>,
    lines: bool,
    shown: Mutex<BTreeMap<String, Shown>>,
}

/// A bar and the work that it sums up.
struct Shown {
    bar: Option<ProgressBar>,
    /// Steps done and in all, by the path of the work within.
    within: BTreeMap<String, (u64, Option<u64>)>,
}

impl Progress {
    /// Bars on a terminal, lines elsewhere, nothing when `quiet`.
    pub fn new(quiet: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self {
            bars: (terminal && !quiet).then(MultiProgress::new),
            lines: !terminal && !quiet,
            shown: Mutex::new(BTreeMap::new()),
        }
    }

    /// A line above the bars.
    pub fn line(&self, text: &str) {
        let text = plain(text);
        match &self.bars {
            Some(bars) => drop(bars.println(text)),
            None if self.lines => eprintln!("{text}"),
            None => {}
        }
    }

    /// Takes the bars away.
    pub fn clear(&self) {
        if let Some(bars) = &self.bars {
            let _ = bars.clear();
        }
    }

    fn bar(&self, title: &str) -> Option<ProgressBar> {
        let bars = self.bars.as_ref()?;
        let bar = bars.add(ProgressBar::new_spinner());
        bar.set_style(spinner());
        bar.set_prefix(title.to_string());
        bar.enable_steady_tick(Duration::from_millis(120));
        Some(bar)
    }
}

fn spinner() -> ProgressStyle {
    style("{spinner:.cyan} {prefix:<34} {elapsed:>4} {msg:.dim}")
}

fn steps() -> ProgressStyle {
    style("{spinner:.cyan} {prefix:<34} {elapsed:>4} {bar:24.cyan/dim} {pos}/{len} {per_sec} eta {eta} {msg:.dim}")
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━━╌")
}

/// The piece of work that a path belongs to, one bar each: a stage, or a candidate within it.
fn title(path: &str) -> String {
    let mut names = path.split('/');
    let stage = names.next().unwrap_or_default();
    match names.next() {
        Some("choose") => names.next().map_or(stage.to_string(), |candidate| format!("{stage} › {candidate}")),
        _ => stage.to_string(),
    }
}

impl Observer for Progress {
    fn on(&self, path: &str, event: Event<'_>) -> ControlFlow<Stop> {
        if let Event::Warn { message } = event {
            self.line(&format!("  ! {message}"));
            return ControlFlow::Continue(());
        }
        if path.is_empty() || (self.bars.is_none() && !self.lines) {
            return ControlFlow::Continue(());
        }
        let title = title(path);
        let Ok(mut shown) = self.shown.lock() else { return ControlFlow::Continue(()) };
        if !shown.contains_key(&title) {
            let bar = self.bar(&title);
            if self.lines {
                eprintln!("  {title} ...");
            }
            shown.insert(title.clone(), Shown { bar, within: BTreeMap::new() });
        }
        let Some(entry) = shown.get_mut(&title) else { return ControlFlow::Continue(()) };
        match event {
            Event::Begin { total, .. } => {
                entry.within.insert(path.to_string(), (0, total));
            }
            Event::Step { done } => {
                if let Some(work) = entry.within.get_mut(path) {
                    work.0 = done;
                }
            }
            Event::End if path == title || path.matches('/').count() == title.matches('›').count() => {
                if let Some(bar) = &entry.bar {
                    bar.finish_and_clear();
                }
                shown.remove(&title);
                return ControlFlow::Continue(());
            }
            Event::End => {
                if let Some((done, Some(total))) = entry.within.get_mut(path) {
                    *done = *total;
                }
            }
            Event::Figure { .. } | Event::Warn { .. } => {}
        }
        entry.draw();
        ControlFlow::Continue(())
    }
}

impl Shown {
    fn draw(&self) {
        let Some(bar) = &self.bar else { return };
        let (done, total) =
            self.within.values().fold((0, 0), |(done, total), (d, t)| (done + d, total + t.unwrap_or(*d)));
        if total > 0 {
            if bar.length() != Some(total) {
                bar.set_style(steps());
                bar.set_length(total);
            }
            bar.set_position(done);
        }
    }
}
