//! Progress on the terminal: a bar for each thing under way, with its rate and what is left; plain lines
//! elsewhere. An observer like any other.
//!
//! A piece of work tells of the pieces within it as well: a comparison of its folds, each fold of its trees, side by
//! side. A bar shows the outermost piece whose steps are known, from its begin to its end, and never runs backwards.

use crate::show::{plain, tell};
use arkwright_core::{Event, Observer, Stop};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::collections::{BTreeMap, HashSet};
use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::time::Duration;

/// Shows what computations tell.
pub struct Progress {
    bars: Option<MultiProgress>,
    lines: bool,
    shown: Mutex<BTreeMap<String, Shown>>,
    named: Mutex<HashSet<String>>,
}

/// A bar, and the piece of work that it shows.
struct Shown {
    bar: Option<ProgressBar>,
    /// The path of the work that began it, and with which it ends.
    owner: String,
    leader: Option<Leader>,
}

/// The piece of work whose steps a bar shows.
struct Leader {
    path: String,
    /// Pieces of that path that began and did not end.
    open: u32,
    done: u64,
    total: u64,
}

impl Progress {
    /// Bars on a terminal, lines elsewhere; warnings alone when `quiet`.
    pub fn new(quiet: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self::with((terminal && !quiet).then(MultiProgress::new), !terminal && !quiet)
    }

    fn with(bars: Option<MultiProgress>, lines: bool) -> Self {
        Self { bars, lines, shown: Mutex::default(), named: Mutex::default() }
    }

    /// A warning, above the bars. It is told to whoever asked for quiet too: what is kept is not said again.
    fn warn(&self, message: &str) {
        let text = plain(&format!("  ! {message}"));
        match &self.bars {
            Some(bars) => drop(bars.println(text)),
            None => tell(&text),
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

    /// What is shown of a title, begun by the work at `path` if it was not.
    fn begun<'a>(&self, shown: &'a mut BTreeMap<String, Shown>, title: &str, path: &str) -> &'a mut Shown {
        shown.entry(title.to_string()).or_insert_with(|| {
            let first = self.named.lock().is_ok_and(|mut named| named.insert(title.to_string()));
            if self.lines && first {
                tell(&format!("  {title} ..."));
            }
            Shown { bar: self.bar(title), owner: path.to_string(), leader: None }
        })
    }
}

/// Lines of at most 80 characters: a longer one would be broken, and drawn again below itself.
fn spinner() -> ProgressStyle {
    style("{spinner:.cyan} {prefix:32!} {elapsed:>4}")
}

/// Steps whose rate is not known yet.
fn first_steps() -> ProgressStyle {
    style("{spinner:.cyan} {prefix:32!} {elapsed:>4} {bar:14.cyan/dim} {pos}/{len} {msg:.dim}")
}

fn steps() -> ProgressStyle {
    style("{spinner:.cyan} {prefix:32!} {elapsed:>4} {bar:14.cyan/dim} {pos}/{len} {msg:.dim} eta {eta}")
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
            self.warn(message);
            return ControlFlow::Continue(());
        }
        if path.is_empty() || (self.bars.is_none() && !self.lines) {
            return ControlFlow::Continue(());
        }
        let title = title(path);
        let Ok(mut shown) = self.shown.lock() else { return ControlFlow::Continue(()) };
        match event {
            Event::Begin { total, unit } => self.begun(&mut shown, &title, path).begin(path, total, unit),
            Event::Step { done } => {
                if let Some(shown) = shown.get_mut(&title) {
                    shown.step(path, done);
                }
            }
            Event::End => {
                if shown.get_mut(&title).is_some_and(|shown| shown.end(path)) {
                    shown.remove(&title);
                }
            }
            Event::Figure { .. } | Event::Warn { .. } => {}
        }
        ControlFlow::Continue(())
    }
}

impl Shown {
    fn begin(&mut self, path: &str, total: Option<u64>, unit: &str) {
        let Some(total) = total else { return };
        let depth = |path: &str| path.matches('/').count();
        match &mut self.leader {
            Some(leader) if leader.path == path => leader.open += 1,
            Some(leader) if depth(&leader.path) <= depth(path) => {}
            _ => {
                self.leader = Some(Leader { path: path.to_string(), open: 1, done: 0, total });
                if let Some(bar) = &self.bar {
                    bar.set_style(first_steps());
                    bar.set_length(total);
                    bar.set_position(0);
                    bar.reset_eta();
                    bar.set_message(unit.to_string());
                }
            }
        }
    }

    fn step(&mut self, path: &str, done: u64) {
        // Steps of several threads may arrive in any order.
        if let Some(leader) = self.leader.as_mut().filter(|leader| leader.path == path) {
            let first = leader.done == 0;
            leader.done = leader.done.max(done).min(leader.total);
            if let Some(bar) = &self.bar {
                if first {
                    bar.set_style(steps());
                }
                bar.set_position(leader.done);
            }
        }
    }

    /// Whether the whole of it is done.
    fn end(&mut self, path: &str) -> bool {
        if let Some(leader) = self.leader.as_mut().filter(|leader| leader.path == path) {
            leader.open -= 1;
            if leader.open == 0 {
                self.leader = None;
            }
        }
        let done = self.owner == path && self.leader.is_none();
        if let (true, Some(bar)) = (done, &self.bar) {
            bar.finish_and_clear();
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use indicatif::ProgressDrawTarget;

    #[test]
    fn a_bar_shows_the_outermost_work_and_never_runs_backwards() {
        let progress = Progress::with(Some(MultiProgress::with_draw_target(ProgressDrawTarget::hidden())), false);
        let begin = |total| Event::Begin { total, unit: "" };
        let (stage, candidate, fold) = ("fit it", "fit it/choose/gbdt", "fit it/choose/gbdt/gbdt");
        let mut seen = Vec::new();
        let events = [
            (stage, begin(None)),
            (candidate, begin(Some(3))),
            (fold, begin(Some(100))),
            (fold, begin(Some(100))),
            (fold, Event::Step { done: 70 }),
            (candidate, Event::Step { done: 2 }),
            (fold, Event::End),
            (fold, begin(Some(100))),
            (fold, Event::Step { done: 5 }),
            (candidate, Event::Step { done: 1 }),
            (candidate, Event::Step { done: 3 }),
        ];
        for (path, event) in events {
            assert!(progress.on(path, event).is_continue());
            let shown = progress.shown.lock().unwrap();
            let bar = shown.get("fit it › gbdt").and_then(|shown| shown.bar.as_ref());
            seen.extend(bar.map(|bar| (bar.position(), bar.length())));
        }
        let positions: Vec<u64> = seen.iter().map(|(position, _)| *position).collect();
        assert_eq!(positions, [0, 0, 0, 0, 2, 2, 2, 2, 2, 3]);
        assert!(seen.iter().all(|(_, length)| *length == Some(3)));
        // Its end takes it away; the fit of the winner is another one.
        let _ = progress.on(candidate, Event::End);
        assert!(!progress.shown.lock().unwrap().contains_key("fit it › gbdt"));
        let _ = progress.on(fold, begin(Some(100)));
        assert!(progress.shown.lock().unwrap().contains_key("fit it › gbdt"));
        let _ = progress.on(fold, Event::End);
        let _ = progress.on(stage, Event::End);
        assert!(progress.shown.lock().unwrap().is_empty());
    }
}
