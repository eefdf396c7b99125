use crate::models::{BODY, Scale, bundle, graph, registry};
use arkwright_bundle::{Bundle, REQUEST, Step};
use arkwright_core::{Context, Field, Frame, Kind, Model};
use std::sync::Arc;

fn ctx() -> Context {
    Context::new(0)
}

#[test]
fn a_row_is_answered_alike_alone_and_among_others() {
    let bundle = bundle();
    let all = bundle.request().from_json(BODY.as_bytes(), 10).unwrap();
    let answers = bundle.predict(&all, &ctx()).unwrap();
    for row in 0..all.rows() {
        assert_eq!(bundle.predict(&all.slice(row, 1), &ctx()).unwrap(), answers.slice(row, 1));
    }
    assert_eq!(answers.fields(), &bundle.signature().gives);
    assert_eq!(bundle.signature().takes, ["age", "city", "income"]);
}

#[test]
fn a_frame_in_another_order_with_more_columns_is_answered_alike() {
    let bundle = bundle();
    let frame = bundle.request().from_json(BODY.as_bytes(), 10).unwrap();
    let other = frame.select(&["income", "city", "age"]).unwrap();
    let other = other.with(Field::input("extra", Kind::Number), frame.columns()[0].clone()).unwrap();
    assert_eq!(bundle.predict(&other, &ctx()).unwrap(), bundle.predict(&frame, &ctx()).unwrap());
    let missing = bundle.predict(&frame.select(&["age", "city"]).unwrap(), &ctx()).unwrap_err();
    assert!(missing.to_string().contains("`income`"), "{missing}");
}

#[test]
fn a_step_sees_several_frames_side_by_side_and_a_shared_column_once() {
    let chain = bundle();
    let mut graph = graph();
    graph.steps[2].from = vec![REQUEST.into()];
    // Both frames hold the city, which came to them the same way.
    graph.steps[3].from = vec!["ages".into(), "incomes".into()];
    let fork = Bundle::new(graph).unwrap();
    let frame = fork.request().from_json(BODY.as_bytes(), 10).unwrap();
    assert_eq!(fork.predict(&frame, &ctx()).unwrap(), chain.predict(&frame, &ctx()).unwrap());
}

#[test]
fn two_columns_of_one_name_are_refused_when_the_bundle_is_made() {
    let mut graph = graph();
    let twin = Step {
        name: "twin".into(),
        model: Arc::new(Scale::new(&["age"], vec![0.0], vec![1.0])),
        from: vec![REQUEST.into()],
    };
    graph.steps.insert(1, twin);
    graph.steps[4].from = vec!["ages".into(), "twin".into(), "incomes".into()];
    let error = Bundle::new(graph).err().unwrap().to_string();
    assert!(error.contains("step `score`") && error.contains("`age_scaled`"), "{error}");
}

#[test]
fn names_that_lead_nowhere_are_refused() {
    let refuse = |change: &dyn Fn(&mut arkwright_bundle::Graph)| {
        let mut graph = graph();
        change(&mut graph);
        Bundle::new(graph).err().unwrap()
    };
    let error = refuse(&|g| g.steps[2].from = vec!["agse".into()]);
    assert_eq!(error.to_string(), "step `incomes` reads `agse`, which is no step before it");
    assert_eq!(error.hint().unwrap(), "did you mean `ages`?");
    assert_eq!(refuse(&|g| g.answer = "none".into()).to_string(), "the answer `none` is no step");
    assert!(refuse(&|g| g.steps[2].name = "ages".into()).to_string().contains("the name is taken"));
    assert!(refuse(&|g| g.steps[0].name = REQUEST.into()).to_string().contains("the name is taken"));
    assert!(refuse(&|g| g.steps[0].from.clear()).to_string().contains("reads nothing"));
    assert!(refuse(&|g| g.steps.swap(2, 3)).to_string().contains("no step before it"));
    // Age is gone once it is scaled.
    let error = refuse(&|g| g.steps[2].model = Arc::new(Scale::new(&["age"], vec![0.0], vec![1.0])));
    assert!(error.to_string().contains("step `incomes`: column `age`"), "{error}");
    let error = refuse(&|g| g.steps[2].model = Arc::new(Scale::new(&["left"], vec![0.0], vec![1.0])));
    assert!(error.to_string().contains("column `left`"), "{error}");
}

#[test]
fn what_the_answer_does_not_need_is_left_out() {
    let names: Vec<String> = bundle().steps().iter().map(|s| s.name.clone()).collect();
    assert_eq!(names, ["ages", "incomes", "score"]);
}

#[test]
fn a_bundle_is_a_model_and_can_be_a_step_of_another() {
    let inner = bundle();
    let frame = inner.request().from_json(BODY.as_bytes(), 10).unwrap();
    let answer = inner.predict(&frame, &ctx()).unwrap();
    let mut graph = graph();
    graph.steps = vec![Step { name: "all".into(), model: Arc::new(inner), from: vec![REQUEST.into()] }];
    graph.answer = "all".into();
    let outer = Bundle::new(graph).unwrap();
    assert_eq!(outer.predict(&frame, &ctx()).unwrap(), answer);
    let loaded = registry().load(&Model::save(&outer).unwrap()).unwrap();
    assert_eq!(loaded.signature(), outer.signature());
    assert_eq!(loaded.apply(&frame, &ctx()).unwrap(), answer);
    assert_eq!(Model::save(loaded.as_ref()).unwrap().hash(), outer.hash().unwrap());
}

#[test]
fn the_frame_before_a_step_can_be_had() {
    let bundle = bundle();
    let frame = bundle.request().from_json(BODY.as_bytes(), 10).unwrap();
    let before = bundle.input_of("score", &frame, &ctx()).unwrap();
    let names: Vec<&str> = before.fields().iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["age_scaled", "income_scaled", "city"]);
    assert_eq!(bundle.answer().model.apply(&before, &ctx()).unwrap(), bundle.predict(&frame, &ctx()).unwrap());
    assert!(bundle.input_of("none", &frame, &ctx()).is_err());
}

#[test]
fn no_rows_are_answered_with_no_rows() {
    let bundle = bundle();
    let none: Frame = bundle.request().from_json(br#"{"instances": []}"#, 10).unwrap();
    assert_eq!(bundle.predict(&none, &ctx()).unwrap().rows(), 0);
}
