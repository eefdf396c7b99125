//! A decision tree: questions from left to right, yes above no, and what each node answers as a bar.
//!
//! The picture has a line of text for each leaf, so that a tree of five questions in a row (32 leaves) still
//! reads; what lies deeper is folded, and told by the number of its leaves. [`Tree::text`] and
//! [`Tree::rules`] tell all of it in words.

use super::Chart;
use crate::number::{self, count, number, percent};
use crate::svg::{Anchor, Svg};
use crate::{Table, escape};
use serde::{Deserialize, Serialize};

/// A tree of questions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tree {
    /// What the picture is of.
    pub title: String,
    /// The classes, in the order of the nodes' values; none where the answer is a number.
    pub classes: Vec<String>,
    /// The nodes; the first is the root, and children come after their parents.
    pub nodes: Vec<TreeNode>,
}

/// A node of a tree.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TreeNode {
    /// What it asks; a leaf asks nothing.
    pub question: Option<Question>,
    /// The nodes where a yes and a no lead to.
    pub yes: usize,
    /// Where a no leads to.
    pub no: usize,
    /// How many training rows reached it, by their weight.
    #[serde(deserialize_with = "number::one")]
    pub samples: f64,
    /// The share of each class, or the number that it would answer.
    #[serde(deserialize_with = "number::many")]
    pub values: Vec<f64>,
    /// Leaves below it that are left out; a node that has some is shown as a leaf.
    pub folded: usize,
}

/// A question to one feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Is it at most a number?
    AtMost(String, f64),
    /// Is it one of some levels?
    Among(String, Vec<String>),
}

impl Question {
    /// The question, or with `no` its opposite, as a condition.
    fn told(&self, no: bool) -> String {
        match self {
            Self::AtMost(name, at) => format!("{name} {} {}", if no { ">" } else { "≤" }, number(*at)),
            Self::Among(name, levels) => match (&levels[..], no) {
                ([level], false) => format!("{name} is {level}"),
                ([level], true) => format!("{name} is not {level}"),
                (levels, no) => format!("{name} is {}one of {}", if no { "not " } else { "" }, levels.join(", ")),
            },
        }
    }
}

/// Questions in a row that are drawn; what lies deeper is folded.
const DEEPEST: usize = 5;
const ROW: f64 = 36.0;
const STEP: f64 = 208.0;
const BOX: f64 = 168.0;
const TALL: f64 = 30.0;

/// Where a node is drawn.
struct Place {
    node: usize,
    depth: usize,
    y: f64,
    parent: Option<(f64, f64, bool)>,
}

impl Tree {
    /// What a node asks, and where a yes and a no lead; a node whose children do not come after it is a leaf.
    fn asks(&self, at: usize) -> Option<(&Question, usize, usize)> {
        let TreeNode { question, yes, no, .. } = self.nodes.get(at)?;
        let within = |child: &usize| *child > at && *child < self.nodes.len();
        question.as_ref().filter(|_| within(yes) && within(no)).map(|question| (question, *yes, *no))
    }

    /// The class that a node answers, or its number.
    fn answer(&self, node: &TreeNode) -> String {
        match self.likeliest(node) {
            Some(class) => self.classes.get(class).cloned().unwrap_or_else(|| class.to_string()),
            None => node.values.first().map_or_else(String::new, |value| number(*value)),
        }
    }

    fn likeliest(&self, node: &TreeNode) -> Option<usize> {
        let values = &node.values;
        (!self.classes.is_empty())
            .then(|| (0..values.len()).fold(0, |best, i| if values[i] > values[best] { i } else { best }))
    }

    fn share(&self, node: &TreeNode, class: usize) -> f64 {
        node.values.get(class).copied().unwrap_or(f64::NAN)
    }

    /// The leaves below a node, those that are folded too.
    fn leaves(&self, at: usize) -> usize {
        match self.asks(at) {
            Some((_, yes, no)) => self.leaves(yes) + self.leaves(no),
            None => self.nodes[at].folded.max(1),
        }
    }

    /// The tree as indented text, a line a question and a line a leaf, as scikit-learn's `export_text` has it.
    pub fn text(&self) -> String {
        let mut out = String::new();
        if !self.nodes.is_empty() {
            self.write(0, 0, &mut out);
        }
        out
    }

    fn write(&self, at: usize, depth: usize, out: &mut String) {
        let (node, indent) = (&self.nodes[at], "|   ".repeat(depth));
        let Some((question, on_yes, on_no)) = self.asks(at) else {
            let answer = match (self.likeliest(node), node.folded) {
                (_, folded @ 1..) => format!("truncated, {} leaves", count(folded as u64)),
                (Some(_), _) => format!("class: {}", self.answer(node)),
                (None, _) => format!("value: [{:.2}]", node.values.first().copied().unwrap_or(f64::NAN)),
            };
            *out += &format!("{indent}|--- {answer}\n");
            return;
        };
        let [yes, no] = match question {
            Question::AtMost(name, at) => [format!("{name} <= {at:.2}"), format!("{name} >  {at:.2}")],
            Question::Among(..) => [question.told(false), question.told(true)],
        };
        for (told, child) in [(yes, on_yes), (no, on_no)] {
            *out += &format!("{indent}|--- {told}\n");
            self.write(child, depth + 1, out);
        }
    }

    /// The tree as rules, a line a leaf: what must hold, what is answered, how sure, and of how many rows.
    pub fn rules(&self) -> Vec<String> {
        let (mut rules, mut stack) = (Vec::new(), vec![(0, Vec::<String>::new())]);
        while let Some((at, held)) = stack.pop() {
            let Some(node) = self.nodes.get(at) else { continue };
            match self.asks(at) {
                Some((question, yes, no)) => {
                    for (child, is_no) in [(no, true), (yes, false)] {
                        stack.push((child, [held.clone(), vec![question.told(is_no)]].concat()));
                    }
                }
                None => {
                    let held = if held.is_empty() { "always".into() } else { format!("if {}", held.join(" and ")) };
                    let sure = self.likeliest(node).map(|c| format!("{}, ", percent(self.share(node, c))));
                    let (sure, samples) = (sure.unwrap_or_default(), number(node.samples));
                    rules.push(format!("{held}: {} ({sure}{samples} rows)", self.answer(node)));
                }
            }
        }
        rules
    }

    /// Where the nodes are drawn, parents first, and the lines of text that they take.
    fn places(&self) -> (Vec<Place>, f64) {
        let (mut places, mut line) = (Vec::new(), 0.0);
        if !self.nodes.is_empty() {
            self.place(0, 0, &mut line, &mut places);
        }
        places.reverse();
        (places, line)
    }

    fn place(&self, at: usize, depth: usize, line: &mut f64, places: &mut Vec<Place>) -> f64 {
        let Some((_, on_yes, on_no)) = self.asks(at).filter(|_| depth < DEEPEST) else {
            let y = *line * ROW + ROW / 2.0;
            *line += 1.0;
            places.push(Place { node: at, depth, y, parent: None });
            return y;
        };
        let yes = self.place(on_yes, depth + 1, line, places);
        let middle = places.len();
        let no = self.place(on_no, depth + 1, line, places);
        let (x, y) = (STEP * depth as f64 + BOX, (yes + no) / 2.0);
        // The root of each part was put last.
        let last = places.len() - 1;
        places[middle - 1].parent = Some((x, y, true));
        places[last].parent = Some((x, y, false));
        places.push(Place { node: at, depth, y, parent: None });
        y
    }

    /// What a node says on two lines.
    fn lines(&self, at: usize, depth: usize) -> [String; 2] {
        let node = &self.nodes[at];
        let rows = format!("{} rows", number(node.samples));
        let answer = match self.likeliest(node) {
            Some(class) => format!("{} {}", self.answer(node), percent(self.share(node, class))),
            None => self.answer(node),
        };
        match self.asks(at) {
            Some((question, _, _)) if depth < DEEPEST => [question.told(false), format!("{answer} · {rows}")],
            _ => match self.leaves(at) {
                1 => [answer, rows],
                folded => [answer, format!("{rows}, {folded} leaves")],
            },
        }
    }

    fn draw(&self, svg: &mut Svg, place: &Place, range: (f64, f64)) {
        let node = &self.nodes[place.node];
        let asks = self.asks(place.node);
        let is_leaf = asks.is_none() || place.depth == DEEPEST;
        let (x, y) = (STEP * place.depth as f64 + 1.0, place.y);
        if let Some((from, level, is_yes)) = place.parent {
            let bend = from + 12.0;
            svg.path("axis", &[(from, level), (bend, level), (bend, y), (x, y)]);
            svg.text("small", Anchor::Middle, (bend + x) / 2.0, y - 3.0, if is_yes { "yes" } else { "no" });
        }
        let [first, second] = self.lines(place.node, place.depth);
        let told = match asks {
            Some((question, _, _)) => format!("{}: {second}", question.told(false)),
            None => format!("{first}: {second}"),
        };
        svg.tipped(&told, |svg| {
            svg.rect("paper", x, y - TALL / 2.0, BOX, TALL);
            self.bar(svg, node, x, y + TALL / 2.0 - 4.0, range);
            let class = if is_leaf { "strong" } else { "label" };
            svg.text(class, Anchor::Start, x + 5.0, y - 3.0, &escape::shorten(&first, 24));
            svg.text("small", Anchor::Start, x + 5.0, y + 8.5, &escape::shorten(&second, 28));
        });
    }

    /// The shares of the classes side by side, or how high the number is among all.
    fn bar(&self, svg: &mut Svg, node: &TreeNode, x: f64, y: f64, (low, high): (f64, f64)) {
        if self.classes.is_empty() {
            let value = node.values.first().copied().unwrap_or(low);
            let share = (value - low) / (high - low);
            svg.rect("f0", x, y, BOX * if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }, 4.0);
            return;
        }
        let (mut from, end) = (x, x + BOX);
        for (class, share) in node.values.iter().enumerate() {
            let wide = BOX * if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
            svg.rect(&format!("f{}", class % 6), from, y, wide.min(end - from), 4.0);
            from = (from + wide).min(end);
        }
    }
}

impl Chart for Tree {
    fn title(&self) -> &str {
        &self.title
    }

    fn describe(&self) -> String {
        match self.nodes.first() {
            None => "A tree without nodes.".into(),
            Some(_) => {
                let asks =
                    self.asks(0).map_or_else(String::new, |(q, ..)| format!(" It first asks: {}?", q.told(false)));
                format!("A tree of {} leaves.{asks}", count(self.leaves(0) as u64))
            }
        }
    }

    fn svg(&self) -> String {
        let (places, lines) = self.places();
        let depth = places.iter().map(|p| p.depth).max().unwrap_or(0);
        let wide = (STEP * depth as f64 + BOX + 2.0).max(480.0);
        let legend = if self.classes.is_empty() { 0.0 } else { 22.0 };
        let mut svg = Svg::new(wide, lines * ROW + 4.0 + legend, &self.title, &self.describe());
        let range = super::extent(self.nodes.iter().filter_map(|node| node.values.first().copied()));
        places.iter().for_each(|place| self.draw(&mut svg, place, range));
        let mut x = 4.0;
        for (class, name) in self.classes.iter().take(6).enumerate() {
            let name = escape::shorten(name, 20);
            svg.rect(&format!("f{class}"), x, lines * ROW + 10.0, 10.0, 10.0);
            svg.text("label", Anchor::Start, x + 15.0, lines * ROW + 19.0, &name);
            x += 32.0 + 7.0 * name.chars().count() as f64;
        }
        svg.finish()
    }

    fn table(&self) -> Table {
        let mut table = Table::new("", &["when", "answer"]);
        for rule in self.rules() {
            if let Some((held, answer)) = rule.rsplit_once(": ") {
                table.push([held, answer]);
            }
        }
        table
    }
}
