//! A fitted tree as people read it: its questions by the columns' names, for a picture, text or rules.

use super::importance::Importance;
use super::node::{CATEGORY, Ensemble, FEATURES, Link, Shape};
use crate::lift::Names;
use arkwright_core::{Json, Kind};
use arkwright_report::chart::{Question, Tree, TreeNode};

/// Questions in a row that the notes keep of a single tree.
const KEPT: usize = 6;

impl Ensemble {
    /// What the notes tell of trees that are averaged: the importances of the columns, and a single tree.
    pub(super) fn told_by(&self, names: &Names<'_>) -> Json {
        if !matches!(self.link, Link::Mean | Link::Probability) {
            return Json::Null;
        }
        let importances = |kind| {
            let named = names.inputs.iter().zip(self.importances(kind));
            named.map(|(field, value)| (field.name.clone(), value.into())).collect::<serde_json::Map<_, _>>()
        };
        let mut told = serde_json::json!({ "importances": {
            "gain": importances(Importance::Gain), "splits": importances(Importance::Splits)
        } });
        if let (1, Some(tree)) = (self.trees(), self.drawing(0, KEPT, names)) {
            told["tree"] = serde_json::to_value(tree).unwrap_or_default();
        }
        told
    }

    /// A tree, its questions in the columns' names; below `deepest` questions in a row it is folded.
    /// `None` where there is no such tree. A feature that is a number of a block is named after its column
    /// and its place in it.
    pub fn drawing(&self, tree: usize, deepest: usize, names: &Names<'_>) -> Option<Tree> {
        if tree >= self.trees() {
            return None;
        }
        let start = self.start(tree).0 as i32;
        let means = self.means(tree);
        let classes = match self.link {
            Link::Probability => names.classes.map(<[String]>::to_vec).unwrap_or_default(),
            _ => Vec::new(),
        };
        let values = |at: i32| {
            let values = match usize::try_from(at) {
                Ok(node) => &means[(node - start as usize) * self.width..][..self.width],
                Err(_) => &self.values[!at as usize * self.width..][..self.width],
            };
            match (self.link, values) {
                (Link::Probability, [second]) => vec![1.0 - second, *second],
                (_, values) => values.to_vec(),
            }
        };
        let mut nodes: Vec<TreeNode> = Vec::new();
        let mut stack = vec![(self.root(tree), 0, None)];
        while let Some((at, depth, parent)) = stack.pop() {
            let place = nodes.len();
            if let Some((parent, is_yes)) = parent {
                let parent: &mut TreeNode = &mut nodes[parent];
                if is_yes { parent.yes = place } else { parent.no = place }
            }
            let mut told = TreeNode { values: values(at), ..TreeNode::default() };
            match usize::try_from(at) {
                Ok(node) => {
                    told.samples = self.node_cover[node];
                    if depth < deepest {
                        told.question = Some(self.question(node, names));
                        stack.push((self.nodes[node].right, depth + 1, Some((place, false))));
                        stack.push((self.nodes[node].left, depth + 1, Some((place, true))));
                    } else {
                        told.folded = self.leaves_below(at);
                    }
                }
                Err(_) => told.samples = self.leaf_cover[!at as usize],
            }
            nodes.push(told);
        }
        Some(Tree { title: "The tree".into(), classes, nodes })
    }

    fn leaves_below(&self, at: i32) -> usize {
        let (mut leaves, mut stack) = (0, vec![at]);
        while let Some(at) = stack.pop() {
            match usize::try_from(at) {
                Ok(node) => stack.extend([self.nodes[node].left, self.nodes[node].right]),
                Err(_) => leaves += 1,
            }
        }
        leaves
    }

    fn question(&self, at: usize, names: &Names<'_>) -> Question {
        let node = &self.nodes[at];
        let feature = (node.feature & (FEATURES - 1)) as usize;
        let (column, part) = self.column_of(feature);
        let field = names.inputs.get(column);
        let mut name = field.map_or_else(|| format!("x{column}"), |field| field.name.clone());
        if matches!(self.shapes[column], Shape::Block(_)) {
            name += &format!("[{part}]");
        }
        if node.feature & CATEGORY == 0 {
            return Question::AtMost(name, f32::from_bits(node.cut).into());
        }
        let set = node.cut as usize;
        let levels = (0..32 * self.sets[set]).filter(|&code| self.is_among(set, code) == Some(true));
        let levels = match field.map(|field| &field.kind) {
            // Codes beyond the levels go with the missing; they have no name.
            Some(Kind::Level { levels: Some(known) }) => {
                levels.filter_map(|code| known.get(code as usize).cloned()).collect()
            }
            _ => levels.map(|code| code.to_string()).collect(),
        };
        Question::Among(name, levels)
    }

    /// The column that a feature belongs to, and its place there.
    fn column_of(&self, feature: usize) -> (usize, usize) {
        let mut first = 0;
        for (column, shape) in self.shapes.iter().enumerate() {
            if feature < first + shape.width() {
                return (column, feature - first);
            }
            first += shape.width();
        }
        (self.shapes.len(), 0)
    }
}
