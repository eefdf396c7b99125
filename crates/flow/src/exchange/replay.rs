//! An export is read back and must answer as the bundle does.
//!
//! The rows of a table go the way of a stranger: each input's column alone, texts through the mapping that is
//! written beside the model, then through the model as it was written, read by a reader that knows the other
//! program's rules. The bundle answers the same rows. Where the other program reads `f32`, a row may fall on the
//! other side of a threshold by that alone: such rows are counted, and must answer as these trees do on the
//! values as `f32`. Rows made of the trees' own thresholds are replayed too, with gaps and every level: they
//! lie where a wrong comparison would show.

use super::export::Trees;
use arkwright_bundle::Bundle;
use arkwright_core::{Context, Error, Frame, PREDICTION, PROBABILITY, Random, Result};
use arkwright_learn::tree::Ensemble;
use arkwright_learn::tree::exchange::{Input, Program};
use arkwright_learn::{Column, Design, MISSING, Predict};
use arrow::array::AsArray;
use arrow::datatypes::Float64Type;
use serde::Serialize;
use std::collections::HashMap;

/// Rows made of the trees' thresholds.
const MADE: usize = 1000;

/// What a replay found.
#[derive(Clone, Debug, Serialize)]
pub struct Replayed {
    /// Rows of a table that were replayed.
    pub rows: usize,
    /// Rows made of the trees' own thresholds that were.
    pub made: usize,
    /// Rows of the table that another leaf answers once their values are `f32`.
    pub flipped: usize,
    /// The largest difference, relative to the largest answer.
    pub largest_difference: f64,
}

/// An export to be replayed.
pub(super) struct Replay<'a> {
    pub(super) bundle: &'a Bundle,
    pub(super) trees: &'a Trees,
    pub(super) program: Program,
    pub(super) model: &'a [u8],
}

/// Rows as columns of numbers: a level as its code, NaN where missing.
type Columns = Vec<Vec<f64>>;

impl Replay<'_> {
    /// Replays a table's rows, and those made of thresholds.
    pub(super) fn run(&self, rows: Option<&Frame>, ctx: &Context) -> Result<Replayed> {
        let read = self.program.read(self.model).map_err(|e| e.within("reading back what was written"))?;
        let own = self.trees.predictor.learner();
        let mut found = Replayed { rows: 0, made: MADE, flipped: 0, largest_difference: 0.0 };
        let made = self.made();
        let expected = answers(own, &self.trees.inputs, &made);
        self.judge(&answers(&read.trees, &read.inputs, &made), &expected, &mut found)?;
        if let Some(frame) = rows.filter(|frame| frame.rows() > 0) {
            let columns = self.columns(frame)?;
            let expected = self.expected(frame, ctx)?;
            let through = answers(own, &self.trees.inputs, &columns);
            if difference(&through, &expected)? > 0.0 {
                return Err(Error::data("the mapping from texts to codes does not lead to the bundle's answers"));
            }
            let (columns, expected) = match self.program.is_single() {
                true => {
                    let single: Columns =
                        columns.iter().map(|c| c.iter().map(|&x| f64::from(x as f32)).collect()).collect();
                    let cast = answers(own, &self.trees.inputs, &single);
                    let k = own.outputs();
                    found.flipped = cast.chunks(k).zip(expected.chunks(k)).filter(|(a, b)| a != b).count();
                    (single, cast)
                }
                false => (columns, expected),
            };
            found.rows = frame.rows();
            self.judge(&answers(&read.trees, &read.inputs, &columns), &expected, &mut found)?;
        }
        Ok(found)
    }

    /// Refuses a difference that rounding alone does not explain.
    fn judge(&self, given: &[f64], expected: &[f64], found: &mut Replayed) -> Result<()> {
        let difference = difference(given, expected)?;
        found.largest_difference = found.largest_difference.max(difference);
        let allowed = if self.program.is_single() { 1e-5 } else { 1e-12 };
        match difference <= allowed {
            true => Ok(()),
            false => Err(Error::data(format!(
                "the model as written for {} answers another thing: by {difference:.2e} of the largest answer",
                self.program.name()
            ))
            .with_hint("it is not handed over; this is a fault of the program's: please report it")),
        }
    }

    /// The trees' inputs from a table's rows, texts through the levels' mapping.
    fn columns(&self, frame: &Frame) -> Result<Columns> {
        let mut columns = Columns::new();
        for field in self.trees.predictor.inputs() {
            let at = frame.position(&field.name);
            let at = at.ok_or_else(|| Error::column(&field.name, "the rows to replay have no such column"))?;
            match &self.trees.inputs[columns.len()].levels {
                Some(levels) => {
                    let codes: HashMap<&str, u32> =
                        levels.iter().zip(0..).filter_map(|(level, code)| Some((level.as_str()?, code))).collect();
                    let rest = self.trees.rest(&field.name);
                    let code = |text: Option<&str>| match text {
                        Some(text) => codes.get(text).copied().or(rest.other),
                        None => rest.missing,
                    };
                    let texts = frame.texts(at)?;
                    columns.push(texts.iter().map(|text| code(text).map_or(f64::NAN, f64::from)).collect());
                }
                None if frame.columns()[at].as_fixed_size_list_opt().is_some() => {
                    return Err(Error::column(&field.name, "a column of vectors is not replayed")
                        .with_hint("give each number a column of its own"));
                }
                None => columns.push(frame.numbers(at)?.into_owned()),
            }
        }
        Ok(columns)
    }

    /// The bundle's answers to a table's rows.
    fn expected(&self, frame: &Frame, ctx: &Context) -> Result<Vec<f64>> {
        let answer = self.bundle.predict(frame, ctx)?;
        match self.trees.predictor.classes() {
            None => Ok(answer.numbers(answer.position(PREDICTION).unwrap_or(0))?.into_owned()),
            Some(_) => {
                let list = answer.column(PROBABILITY)?.as_fixed_size_list();
                Ok(list.values().as_primitive::<Float64Type>().values().to_vec())
            }
        }
    }

    /// Rows whose values lie on thresholds and next to them, with gaps and every level.
    fn made(&self) -> Columns {
        let mut random = Random::new(0, "replay");
        let thresholds = self.trees.predictor.learner().thresholds();
        let single = self.program.is_single();
        let mut value = |cuts: &[f64], input: &Input| {
            let pick = random.below(8);
            if pick == 0 {
                return f64::NAN;
            }
            if let Some(levels) = &input.levels {
                return random.below(levels.len().max(1) as u64) as f64;
            }
            let cut = match cuts.is_empty() {
                true => random.normal(),
                false => cuts[random.below(cuts.len() as u64) as usize],
            };
            // A question whether a number is missing has an infinite threshold; an infinite number is let in nowhere.
            let (least, most) = if single { (f32::MIN.into(), f32::MAX.into()) } else { (f64::MIN, f64::MAX) };
            let x = match (single, pick) {
                (true, 1..=3) => f64::from(cut as f32),
                (true, 4 | 5) => f64::from((cut as f32).next_up()),
                (true, _) => f64::from((cut as f32).next_down()),
                (false, 1..=3) => cut,
                (false, 4 | 5) => cut.next_up(),
                (false, _) => cut.next_down(),
            };
            x.clamp(least, most)
        };
        let inputs = thresholds.iter().zip(&self.trees.inputs);
        inputs.map(|(cuts, input)| (0..MADE).map(|_| value(cuts, input)).collect()).collect()
    }
}

/// The answers of trees to rows: probabilities of all classes, or a number each.
fn answers(trees: &Ensemble, inputs: &[Input], columns: &Columns) -> Vec<f64> {
    let rows = columns.first().map_or(0, Vec::len);
    let code = |x: f64| if x.is_nan() { MISSING } else { x as u32 };
    let codes: Vec<Vec<u32>> = inputs
        .iter()
        .zip(columns)
        .map(
            |(input, values)| {
                if input.levels.is_some() { values.iter().map(|&x| code(x)).collect() } else { Vec::new() }
            },
        )
        .collect();
    let column = |at: usize| match &inputs[at].levels {
        None => Column::F64(&columns[at]),
        Some(levels) => Column::Level { codes: &codes[at], levels: levels.len() as u32 },
    };
    let columns: Vec<Column<'_>> = (0..inputs.len()).map(column).collect();
    let mut out = vec![0.0; rows * trees.outputs()];
    trees.predict(&Design { columns: &columns, rows }, &mut out);
    out
}

/// The largest difference between two lists of answers, relative to the largest answer.
fn difference(given: &[f64], expected: &[f64]) -> Result<f64> {
    if given.len() != expected.len() {
        return Err(Error::data(format!("{} answers where {} are due", given.len(), expected.len())));
    }
    let size = expected.iter().fold(0.0, |size: f64, x| size.max(x.abs())).max(f64::MIN_POSITIVE);
    let apart = |(a, b): (&f64, &f64)| if a == b { 0.0 } else { (a - b).abs() / size };
    // NaN is as far away as can be.
    let far = |d: f64| if d.is_nan() { f64::INFINITY } else { d };
    Ok(given.iter().zip(expected).map(apart).map(far).fold(0.0, f64::max))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Imports, import};
    use arkwright_core::{Field, Kind};
    use arkwright_learn::tree::Gbdt;
    use arkwright_learn::{Fit, Samples, Target};
    use arrow::array::Float64Array;
    use std::sync::Arc;

    /// A bundle of ten trees on one number.
    fn bundle() -> Bundle {
        let x: Vec<f64> = (0..200).map(|i| f64::from(i) / 7.0).collect();
        let y: Vec<f64> = x.iter().map(|x| x.sin()).collect();
        let columns = [Column::F64(&x)];
        let samples = Samples::new(Design { columns: &columns, rows: 200 }, Target::Values(&y));
        let trees = Gbdt { n_estimators: 10, ..Gbdt::default() }.fit(&samples, None, &Context::new(0)).unwrap().model;
        let inputs = [Input { name: Some("x".into()), levels: None }];
        let text = Program::LightGbm.write(&trees, &inputs, None).unwrap();
        import(&text, &Imports { name: "wave".into(), ..Imports::default() }).unwrap().0
    }

    fn frame(x: Vec<f64>) -> Frame {
        let rows = x.len();
        Frame::new([Field::input("x", Kind::Number)], vec![Arc::new(Float64Array::from(x))], rows).unwrap()
    }

    #[test]
    fn an_export_that_answers_another_thing_is_refused() {
        let (bundle, ctx) = (bundle(), Context::new(0));
        let trees = Trees::of(&bundle).unwrap();
        let program = Program::LightGbm;
        let model = program.write(trees.predictor.learner(), &trees.inputs, None).unwrap();
        let replay = |model: &[u8]| Replay { bundle: &bundle, trees: &trees, program, model }.run(None, &ctx);
        assert_eq!(replay(&model).unwrap().largest_difference, 0.0);
        // One threshold is another one; one leaf answers a little more.
        let text = String::from_utf8(model).unwrap();
        for (key, change) in [("\nthreshold=", 1e-6), ("\nleaf_value=", 1e-6)] {
            let start = text.find(key).unwrap() + key.len();
            let end = start + text[start..].find([' ', '\n']).unwrap();
            let value: f64 = text[start..end].parse().unwrap();
            let wrong = format!("{}{:?}{}", &text[..start], value + change, &text[end..]);
            let told = replay(wrong.as_bytes()).unwrap_err().to_string();
            assert!(told.contains("answers another thing"), "{told}");
        }
        assert!(replay(b"tree\nbroken").is_err());
    }

    #[test]
    fn trees_that_ask_whether_a_number_is_there_are_exported() {
        let x: Vec<f64> = (0..300).map(|i| if i % 3 == 0 { f64::NAN } else { f64::from(i % 7) }).collect();
        let y: Vec<f64> = x.iter().map(|x| if x.is_nan() { 9.0 } else { x % 2.0 }).collect();
        let columns = [Column::F64(&x)];
        let samples = Samples::new(Design { columns: &columns, rows: 300 }, Target::Values(&y));
        let trees = Gbdt { n_estimators: 9, ..Gbdt::default() }.fit(&samples, None, &Context::new(0)).unwrap().model;
        assert!(trees.thresholds()[0].contains(&f64::INFINITY), "{:?}", trees.thresholds());
        let inputs = [Input { name: Some("x".into()), levels: None }];
        let text = Program::LightGbm.write(&trees, &inputs, None).unwrap();
        let predictor = arkwright_learn::Predictor::new(trees, vec![Field::input("x", Kind::Number)], None);
        let bundle = import(&text, &Imports { name: "gaps".into(), ..Imports::default() }).unwrap().0;
        let trees = Trees { predictor, ..Trees::of(&bundle).unwrap() };
        for program in [Program::LightGbm, Program::XgBoost, Program::Onnx] {
            let model = program.write(trees.predictor.learner(), &trees.inputs, None).unwrap();
            Replay { bundle: &bundle, trees: &trees, program, model: &model }.run(None, &Context::new(0)).unwrap();
        }
    }

    #[test]
    fn rows_that_single_floats_put_on_the_other_side_are_counted() {
        let (bundle, ctx) = (bundle(), Context::new(0));
        let trees = Trees::of(&bundle).unwrap();
        let cut = trees.predictor.learner().thresholds()[0][0];
        // A threshold, what lies just above it and is the same single float, and what is far away.
        let rows = frame(vec![cut, cut.next_up(), cut + 0.01, cut - 0.01]);
        for (program, flipped) in [(Program::LightGbm, 0), (Program::XgBoost, 1), (Program::Onnx, 1)] {
            let model = program.write(trees.predictor.learner(), &trees.inputs, None).unwrap();
            let replayed = Replay { bundle: &bundle, trees: &trees, program, model: &model }.run(Some(&rows), &ctx);
            assert_eq!(replayed.unwrap().flipped, flipped, "{program:?}");
        }
    }
}
