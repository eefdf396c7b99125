use crate::formula::{category, frame, number};
use arkwright_core::*;
use arkwright_explain::{Shap, source_column, summary};

/// A linear model behind a one-hot encoding, which splits its answer among what it made of the columns; and what it
/// says that a row costs.
struct Linear(Signature, f64);

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

    fn cost(&self) -> f64 {
        self.1
    }
}

fn asked(rows: usize) -> (Linear, Frame) {
    let colours = [Some("red"), Some("blue"), None];
    let frame = frame(vec![
        number("a", (0..rows).map(|i| (i % 5) as f64 - 2.0).collect()),
        category("colour", (0..rows).map(|i| colours[i % 3]).collect()),
    ]);
    (Linear(Signature { takes: vec!["a".into(), "colour".into()], gives: [].into() }, 0.0), frame)
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
        pool.install(|| {
            summary(&model, &frame, &Shap { rows: 200, seed: 4, ..Shap::default() }, &Context::new(1)).unwrap()
        })
    };
    assert_eq!(run(1), run(4));
    assert_eq!(run(1).outputs[0].columns[0].values.len(), 200);
}

#[test]
fn the_longest_column_that_an_input_begins_with_is_its_source() {
    let known = ["sold", "sold.on", "age"].into();
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

#[test]
fn of_a_model_whose_rows_cost_much_fewer_are_split_and_the_same_way() {
    let (mut model, frame) = asked(3000);
    let rows = |model: &Linear| summary(model, &frame, &Shap::default(), &Context::new(1)).unwrap();
    assert_eq!(rows(&model).rows, 1000);
    model.1 = 1e7;
    assert_eq!(rows(&model).rows, 400);
    model.1 = 1e12;
    let few = rows(&model);
    assert_eq!(few.rows, 50);
    // A row at a time, or 64: the same.
    model.1 = 0.0;
    assert_eq!(summary(&model, &frame, &Shap { rows: 50, ..Shap::default() }, &Context::new(1)).unwrap(), few);
}

#[test]
fn between_a_few_rows_it_is_asked_whether_to_go_on() {
    struct After(u64);
    impl Observer for After {
        fn on(&self, _path: &str, event: Event<'_>) -> std::ops::ControlFlow<Stop> {
            match event {
                Event::Step { done } if done >= self.0 => std::ops::ControlFlow::Break(Stop),
                _ => std::ops::ControlFlow::Continue(()),
            }
        }
    }
    let (mut model, frame) = asked(3000);
    model.1 = 1e9;
    for (most, ends) in [(1, true), (50, true), (51, false)] {
        let ctx = Context::new(1).with_observer(std::sync::Arc::new(After(most)));
        let told = summary(&model, &frame, &Shap::default(), &ctx);
        assert_eq!(told.is_err_and(|e| e.is_stop()), ends, "{most}");
    }
}

#[test]
fn a_tree_says_what_its_rows_cost() {
    let number = |f: fn(usize) -> usize| (0..64).map(|i| f(i) as f64).collect::<Vec<f64>>();
    let rows = frame(vec![
        crate::formula::number("a", number(|i| i % 2)),
        crate::formula::number("b", number(|i| i / 2 % 2)),
        crate::formula::target(crate::formula::number("y", number(|i| i % 2 * 3 + i / 2 % 2))),
    ]);
    for (max_depth, cost) in [(1, 1.0), (2, 1.0 + 2.0 * 2.0)] {
        let tree = arkwright_learn::tree::DecisionTree { max_depth: Some(max_depth), ..Default::default() };
        let train = Train::on(Table::new(rows.clone(), None));
        let model = tree.estimator().fit(train, &Context::new(1)).unwrap().model;
        assert_eq!(model.skills().attribute.unwrap().cost(), cost);
    }
}
