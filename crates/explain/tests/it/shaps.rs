use crate::formula::{category, frame, number};
use arkwright_core::*;
use arkwright_explain::{Shap, source_column, summary};

/// A linear model behind a one-hot encoding, which splits its answer among what it made of the columns.
struct Linear(Signature);

impl Model for Linear {
    fn format(&self) -> &'static str {
        "linear"
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn apply(&self, _input: &Frame, _ctx: &Context) -> Result<Frame> {
        Err(Error::data("is not asked to"))
    }

    fn save(&self) -> Result<Parts> {
        Ok(Parts::new("linear"))
    }

    fn skills(&self) -> Skills<'_> {
        Skills { attribute: Some(self), ..Skills::default() }
    }
}

impl Attribute for Linear {
    fn attribute(&self, input: &Frame, _ctx: &Context) -> Result<Attribution> {
        let (a, c) = (input.numbers(0)?, input.texts(1)?);
        let values = (0..input.rows()).flat_map(|i| {
            let is = |level: &str| if c.iter().nth(i).unwrap() == Some(level) { 1.0 } else { 0.0 };
            [2.0 * a[i], is("red") - 0.25, -is("blue") + 0.5]
        });
        Ok(Attribution {
            inputs: vec!["a".into(), "colour=red".into(), "colour=blue".into()],
            outputs: vec!["yes".into()],
            values: values.collect(),
            base: vec![0.7],
        })
    }
}

fn asked(rows: usize) -> (Linear, Frame) {
    let colours = [Some("red"), Some("blue"), None];
    let frame = frame(vec![
        number("a", (0..rows).map(|i| (i % 5) as f64 - 2.0).collect()),
        category("colour", (0..rows).map(|i| colours[i % 3]).collect()),
    ]);
    (Linear(Signature { takes: vec!["a".into(), "colour".into()], gives: [].into() }), frame)
}

#[test]
fn parts_are_added_up_to_the_columns_that_they_came_from() {
    let (model, frame) = asked(150);
    let told = summary(&model, &frame, &Shap::default(), &Context::new(1)).unwrap();
    let output = &told.outputs[0];
    assert_eq!((output.output.as_str(), output.base, told.rows), ("yes", 0.7, 150));
    let names: Vec<&str> = output.columns.iter().map(|c| c.column.as_str()).collect();
    assert_eq!(names, ["a", "colour"]);
    let [a, colour] = &output.columns[..] else { panic!("two columns") };
    assert_eq!(a.mean_abs, 2.0 * 6.0 / 5.0);
    assert_eq!(colour.inputs, ["colour=red", "colour=blue"]);
    assert_eq!(colour.values[..3], [1.25, -0.75, 0.25]);
    assert!((colour.mean_abs - 2.25 / 3.0).abs() < 1e-12);
    assert!(colour.ranks.iter().all(Option::is_none));
    assert_eq!(a.ranks[0], Some(14.5 / 149.0));
    assert_eq!(a.ranks[2], Some(74.5 / 149.0));
}

#[test]
fn threads_change_nothing_and_many_rows_are_sampled() {
    let (model, frame) = asked(3000);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| summary(&model, &frame, &Shap { rows: 200, seed: 4 }, &Context::new(1)).unwrap())
    };
    assert_eq!(run(1), run(4));
    assert_eq!(run(1).outputs[0].columns[0].values.len(), 200);
}

#[test]
fn the_longest_column_that_an_input_begins_with_is_its_source() {
    let known = ["sold", "sold.on", "age"];
    let of = |input| source_column(input, &known);
    assert_eq!(of("sold.year"), "sold");
    assert_eq!(of("sold.on.year"), "sold.on");
    assert_eq!(of("sold.on"), "sold.on");
    assert_eq!(of("age=1"), "age");
    assert_eq!(of("age.missing"), "age");
    assert_eq!(of("ages"), "ages");
    assert_eq!(of("other"), "other");
}

#[test]
fn a_model_that_cannot_split_its_answers_says_what_to_do() {
    let (frame, model) = crate::formula::peer();
    let error = summary(&model, &frame, &Shap::default(), &Context::new(1)).unwrap_err();
    assert_eq!(error.hint().unwrap(), "ask for permutation importance");
}
