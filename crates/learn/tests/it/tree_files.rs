//! Models of LightGBM and XGBoost predict here what they predict there (`tests/reference/learn_tree_files.py`),
//! and a broken file is refused.

use arkwright_core::{Context, Parts, Random};
use arkwright_learn::tree::exchange::{Imported, Input};
use arkwright_learn::tree::{Ensemble, Gbdt, Link, RandomForest};
use arkwright_learn::{Column, Design, Fit, MISSING, Predict, Samples, Target};
use proptest::prelude::*;
use serde_json::Value;
use std::sync::LazyLock;

static FIXTURE: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../fixtures/tree_files.json")).unwrap());

struct Case {
    name: String,
    bytes: Vec<u8>,
    is_light: bool,
    told: &'static Value,
}

fn cases() -> Vec<Case> {
    let case = |told: &'static Value| {
        let (program, name, model) =
            (told["program"].as_str().unwrap(), told["name"].as_str().unwrap(), told["model"].as_str().unwrap());
        let bytes = match model.as_bytes()[0] {
            b'7' => model
                .as_bytes()
                .chunks(2)
                .map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap())
                .collect(),
            _ => model.as_bytes().to_vec(),
        };
        Case { name: format!("{program}: {name}"), bytes, is_light: program == "lightgbm", told }
    };
    FIXTURE["models"].as_array().unwrap().iter().map(case).collect()
}

impl Case {
    fn named(name: &str) -> Self {
        cases().into_iter().find(|case| case.name == name).unwrap()
    }

    fn read(&self) -> arkwright_core::Result<Imported> {
        if self.is_light { Ensemble::from_lightgbm(&self.bytes) } else { Ensemble::from_xgboost(&self.bytes) }
    }

    fn numbers(&self, key: &str) -> Vec<f64> {
        numbers(&self.told[key])
    }

    /// What our raw answers are multiplied by to be the other program's: the sigmoid, and the mean of a forest,
    /// are in our leaves.
    fn scale(&self) -> f64 {
        self.told["averaged"].as_f64().unwrap() / self.told["sigmoid"].as_f64().unwrap()
    }

    /// Calls with the rows of the fixture, texts coded by the model's own levels.
    fn with<T>(&self, model: &Imported, then: impl FnOnce(&Design<'_>) -> T) -> T {
        let columns = self.told["x"].as_array().unwrap();
        let spelt = |level: &Value| level.as_str().map_or_else(|| level.to_string(), str::to_string);
        let owned: Vec<(Vec<f64>, Vec<u32>, u32)> = columns
            .iter()
            .zip(&model.inputs)
            .map(|(column, input)| match &input.levels {
                None => (numbers(column), Vec::new(), 0),
                Some(levels) => {
                    let code = |text: &Value| match text.as_str() {
                        None => MISSING,
                        Some(text) => levels
                            .iter()
                            .position(|level| spelt(level) == text)
                            .unwrap_or_else(|| panic!("{}: {text} of {levels:?}", self.name))
                            as u32,
                    };
                    (Vec::new(), column.as_array().unwrap().iter().map(code).collect(), levels.len() as u32)
                }
            })
            .collect();
        let columns: Vec<Column<'_>> = owned
            .iter()
            .map(|(values, codes, levels)| match levels {
                0 => Column::F64(values),
                levels => Column::Level { codes, levels: *levels },
            })
            .collect();
        let rows = owned[0].0.len().max(owned[0].1.len());
        then(&Design { columns: &columns, rows })
    }
}

fn numbers(json: &Value) -> Vec<f64> {
    json.as_array().unwrap().iter().map(|x| x.as_f64().unwrap_or(f64::NAN)).collect()
}

fn predict(model: &Ensemble, x: &Design<'_>) -> Vec<f64> {
    let mut out = vec![0.0; x.rows * model.outputs()];
    model.predict(x, &mut out);
    out
}

fn raw(model: &Ensemble, x: &Design<'_>) -> Vec<f64> {
    model.raw(x, 0..model.rounds())
}

/// The largest difference, over the size of what is expected.
fn apart(given: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(given.len(), expected.len());
    given.iter().zip(expected).map(|(a, b)| (a - b).abs() / b.abs().max(1.0)).fold(0.0, f64::max)
}

#[test]
fn a_model_of_another_program_predicts_what_it_predicts_there() {
    for case in cases() {
        let model = case.read().unwrap_or_else(|e| panic!("{}: {e:?}", case.name));
        let trees = &model.trees;
        let near = if case.is_light { 1e-12 } else { 1e-6 };
        case.with(&model, |x| {
            // A mean's raw answer is the sum, here as there.
            let scale = if trees.link() == Link::Mean { 1.0 } else { case.scale() };
            let sums: Vec<f64> = raw(trees, x).iter().map(|raw| raw * scale).collect();
            assert!(
                apart(&sums, &case.numbers("raw")) < near,
                "{}: raw {}",
                case.name,
                apart(&sums, &case.numbers("raw"))
            );
            let mut given = predict(trees, x);
            if trees.link() == Link::Logistic {
                // The others tell the probability of the second class alone.
                given = given.chunks(2).map(|p| p[1]).collect();
            }
            let gap = apart(&given, &case.numbers("prediction"));
            assert!(gap < near, "{}: {gap}", case.name);
            // One row goes another way than many.
            for row in [0, x.rows / 2, x.rows - 1] {
                let columns: Vec<Column<'_>> = x
                    .columns
                    .iter()
                    .map(|column| match *column {
                        Column::F64(values) => Column::F64(&values[row..=row]),
                        Column::Level { codes, levels } => Column::Level { codes: &codes[row..=row], levels },
                        other => other,
                    })
                    .collect();
                let one = raw(trees, &Design { columns: &columns, rows: 1 });
                assert_eq!(one, raw(trees, x)[row * one.len()..(row + 1) * one.len()], "{}", case.name);
            }
        });
    }
}

#[test]
fn its_answers_are_split_among_the_columns_as_there() {
    for case in cases() {
        let model = case.read().unwrap();
        case.with(&model, |x| {
            let (values, base) = model.trees.attribute(x).unwrap();
            let (p, k) = (x.columns.len(), base.len());
            let mut given = Vec::new();
            for (row, values) in values.chunks(p).enumerate().take(5 * k) {
                given.extend(values.iter().map(|value| value * case.scale()));
                given.push(base[row % k] * case.scale());
            }
            let expected = case.numbers("contributions");
            assert!(
                apart(&given, &expected) < if case.is_light { 1e-9 } else { 1e-5 },
                "{}: {}",
                case.name,
                apart(&given, &expected)
            );
        });
    }
}

#[test]
fn it_saves_and_loads_with_its_own_way_of_reading_numbers() {
    for case in cases() {
        let model = case.read().unwrap();
        let mut parts = Parts::new("trees");
        model.trees.save(&mut parts).unwrap();
        assert_eq!(Ensemble::load(&parts).unwrap(), model.trees, "{}", case.name);
    }
}

#[test]
fn older_spellings_of_xgboost_are_read() {
    let case = Case::named("xgboost: binary");
    let text = String::from_utf8(case.bytes.clone()).unwrap();
    let start = text.find("\"base_score\":\"[").unwrap();
    let end = start + text[start..].find("]\"").unwrap();
    let older = format!("{}\"base_score\":\"{}\"{}", &text[..start], &text[start + 15..end], &text[end + 2..]);
    let flags = |text: &str| {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("\"default_left\":[") {
            let end = at + rest[at..].find(']').unwrap();
            out += &rest[..at];
            out += &rest[at..end].replace('0', "false").replace('1', "true");
            rest = &rest[end..];
        }
        out + rest
    };
    let older = Ensemble::from_xgboost(flags(&older).as_bytes()).unwrap();
    assert_eq!(older, case.read().unwrap());
}

fn refused(case: &Case, from: &str, to: &str) -> String {
    let text = String::from_utf8(case.bytes.clone()).unwrap();
    assert!(text.contains(from), "{from}");
    let broken = Case { bytes: text.replacen(from, to, 1).into_bytes(), name: String::new(), ..*case };
    broken.read().unwrap_err().to_string()
}

#[test]
fn what_cannot_be_read_is_refused_with_its_place() {
    let light = Case::named("lightgbm: one leaf");
    for (from, to, told) in [
        ("tree\n", "forest\n", "line 1: a LightGBM model begins with the line `tree`"),
        ("end of trees", "", "the file is cut short: there is no line `end of trees`"),
        ("num_leaves=1", "num_leaves=0", "it has no leaf"),
        ("num_leaves=1", "num_leaves=9", "`leaf_value` has 1 values where 9 are due"),
        ("num_leaves=1", "num_leaves=many", "`num_leaves` is `many`"),
        ("is_linear=0", "is_linear=1", "a linear tree (`linear_tree=true`) cannot be read"),
        ("objective=regression", "objective=of_mine", "the objective `of_mine` cannot be read"),
        ("max_feature_idx=5", "max_feature_idx=99999999999", "features are too many"),
    ] {
        assert!(refused(&light, from, to).contains(told), "{}", refused(&light, from, to));
    }
    let light = Case::named("lightgbm: binary");
    let text = String::from_utf8(light.bytes.clone()).unwrap();
    let line = |key: &str| text.lines().find(|line| line.starts_with(key)).unwrap();
    for (key, to, told) in [
        ("left_child=", "left_child=0 0 0 0 0", "node 0 hangs from two nodes, or from itself"),
        ("split_feature=", "split_feature=0 1 2 3 99", "feature 99 is asked for, of 6"),
        ("threshold=", "threshold=1 2 3 4 nan", "a threshold is not a number"),
        ("leaf_value=", "leaf_value=1 2 3 4 5 inf", "a leaf's value is inf"),
        ("decision_type=", "decision_type=12 2 2 2 2", "the decision type 12 is not known"),
        ("right_child=", "right_child=-99 -99 -99 -99 -99", "leaf 98 is not there"),
    ] {
        let error = refused(&light, line(key), to);
        assert!(error.contains(told), "{error}");
    }
    let extreme = Case::named("xgboost: binary");
    for (from, to, told) in [
        ("\"gbtree\"", "\"gblinear\"", "the booster `gblinear` cannot be read"),
        ("binary:logistic", "binary:hinge", "the objective `binary:hinge` cannot be read"),
        ("\"left_children\":[1", "\"left_children\":[0", "tree 0: node 0 hangs from two nodes, or from itself"),
        ("\"split_indices\":[", "\"split_indices\":[9", "is asked for, of 6"),
        ("\"tree_info\":[0", "\"tree_info\":[7", "tree 0 is of class 7, of 1"),
        ("\"num_feature\":\"6\",\"num_target\"", "\"num_feature\":\"-1\",\"num_target\"", "`num_feature` is `-1`"),
        ("\"learner\"", "\"lerner\"", "missing field `learner` at line 1 column"),
    ] {
        let error = refused(&extreme, from, to);
        assert!(error.contains(told), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_broken_file_never_ends_the_program(at: prop::sample::Index, cut: prop::sample::Index, flips in prop::collection::vec((any::<prop::sample::Index>(), 0u8..8), 0..4)) {
        let cases = cases();
        let case = &cases[at.index(cases.len())];
        let mut bytes = case.bytes.clone();
        for (place, bit) in &flips {
            let place = place.index(bytes.len());
            bytes[place] ^= 1 << bit;
        }
        if flips.is_empty() {
            bytes.truncate(cut.index(bytes.len()));
        }
        let broken = Case { bytes, name: case.name.clone(), ..*case };
        // What is read in spite of it predicts.
        if let Ok(model) = broken.read() && model.inputs.iter().all(|input| input.levels.is_none()) {
            let columns = vec![Column::F64(&[0.5, f64::NAN]); model.inputs.len()];
            let raw = raw(&model.trees, &Design { columns: &columns, rows: 2 });
            prop_assert!(raw.iter().all(|raw| !raw.is_nan()));
        }
    }
}

// What is written.

/// Rows for a model, as columns: numbers anywhere and among the values of its fixture, whole numbers, gaps.
fn probes(model: &Imported, case: &Case, single: bool) -> Vec<Vec<f64>> {
    let mut random = Random::new(3, "probes");
    let known: Vec<f64> = case.told["x"].as_array().unwrap().iter().flat_map(numbers).filter(|x| !x.is_nan()).collect();
    let mut value = |is_code: bool| {
        let x = match random.below(6) {
            0 => f64::NAN,
            _ if is_code => random.below(if case.is_light { 70 } else { 40 }) as f64,
            1 => random.below(70) as f64,
            2 => 30.0 * random.normal(),
            _ => known[random.below(known.len() as u64) as usize],
        };
        if single { f64::from(x as f32) } else { x }
    };
    let is_code = |at| at == 0 && case.name.contains("codes");
    (0..model.inputs.len()).map(|at| (0..300).map(|_| value(is_code(at))).collect()).collect()
}

/// Calls with rows, as numbers, or where the model knows levels as codes.
fn on<T>(model: &Imported, rows: &[Vec<f64>], then: impl FnOnce(&Design<'_>) -> T) -> T {
    let codes: Vec<Vec<u32>> = model
        .inputs
        .iter()
        .zip(rows)
        .map(|(input, values)| match input.levels.as_ref().map(|levels| levels.len() as u32) {
            None => Vec::new(),
            Some(count) => values.iter().map(|x| if x.is_nan() { MISSING } else { x.abs() as u32 % count }).collect(),
        })
        .collect();
    let column = |at: usize| match &model.inputs[at].levels {
        None => Column::F64(&rows[at]),
        Some(levels) => Column::Level { codes: &codes[at], levels: levels.len() as u32 },
    };
    let columns: Vec<Column<'_>> = (0..rows.len()).map(column).collect();
    then(&Design { columns: &columns, rows: rows[0].len() })
}

/// The same rows for a model that knows no levels: codes as numbers.
fn coded(model: &Imported, rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let code =
        |levels: &Vec<Value>, x: f64| if x.is_nan() { x } else { f64::from(x.abs() as u32 % levels.len() as u32) };
    let column = |(input, values): (&Input, &Vec<f64>)| match &input.levels {
        None => values.clone(),
        Some(levels) => values.iter().map(|&x| code(levels, x)).collect(),
    };
    model.inputs.iter().zip(rows).map(column).collect()
}

#[test]
fn what_is_written_as_lightgbm_predicts_the_same_to_the_bit() {
    for case in cases() {
        let model = case.read().unwrap();
        let text = model.trees.to_lightgbm(&model.inputs).unwrap();
        let again = Ensemble::from_lightgbm(text.as_bytes()).unwrap();
        assert_eq!(
            again.inputs.iter().map(|i| &i.levels).collect::<Vec<_>>(),
            model.inputs.iter().map(|i| &i.levels).collect::<Vec<_>>()
        );
        let rows = probes(&model, &case, false);
        let (expected, given) =
            (on(&model, &rows, |x| predict(&model.trees, x)), on(&again, &rows, |x| predict(&again.trees, x)));
        let near = if model.trees.link() == Link::Softmax { 1e-15 } else { 0.0 };
        assert!(apart(&given, &expected) <= near, "{}: {}", case.name, apart(&given, &expected));
    }
}

#[test]
fn what_is_written_as_xgboost_predicts_the_same_on_single_floats() {
    for case in cases() {
        let model = case.read().unwrap();
        let written = model.trees.to_xgboost(&model.inputs);
        if ["lightgbm: zero is missing", "lightgbm: one against the rest"].contains(&case.name.as_str()) {
            assert!(written.unwrap_err().to_string().contains("cannot be said"));
            continue;
        }
        let again = Ensemble::from_xgboost(written.unwrap().as_bytes()).unwrap();
        let rows = probes(&model, &case, true);
        let expected = on(&model, &rows, |x| predict(&model.trees, x));
        let given = on(&again, &coded(&model, &rows), |x| predict(&again.trees, x));
        assert!(apart(&given, &expected) < 1e-6, "{}: {}", case.name, apart(&given, &expected));
    }
}

#[test]
fn what_is_written_as_onnx_predicts_the_same_on_single_floats() {
    for case in cases() {
        let model = case.read().unwrap();
        let classes: Option<Vec<String>> = model.classes().map(|k| (0..k).map(|i| format!("class {i}")).collect());
        let written = model.trees.to_onnx(&model.inputs, classes.as_deref());
        if case.name == "lightgbm: zero is missing" {
            assert!(written.unwrap_err().to_string().contains("cannot be said"));
            continue;
        }
        let again = Ensemble::from_onnx(&written.unwrap()).unwrap();
        let rows = probes(&model, &case, true);
        let expected = on(&model, &rows, |x| predict(&model.trees, x));
        let given = on(&again, &coded(&model, &rows), |x| predict(&again.trees, x));
        assert!(apart(&given, &expected) < 1e-6, "{}: {}", case.name, apart(&given, &expected));
    }
}

/// Trees of our own, with levels, gaps and blocks.
fn own(classes: usize, forest: bool) -> (Imported, Vec<Vec<f64>>) {
    let mut random = Random::new(5, "own");
    let n = 400;
    let numbers: Vec<f64> = (0..n).map(|i| if i % 9 == 0 { f64::NAN } else { random.normal() }).collect();
    let codes: Vec<f64> = (0..n).map(|i| if i % 11 == 0 { f64::NAN } else { random.below(40) as f64 }).collect();
    let level: Vec<u32> = codes.iter().map(|c| if c.is_nan() { MISSING } else { *c as u32 }).collect();
    let y: Vec<f64> = (0..n).map(|i| numbers[i].max(-1.0) + f64::from(level[i] % 3) + 0.1 * random.normal()).collect();
    let columns = [Column::F64(&numbers), Column::Level { codes: &level, levels: 40 }];
    let labels: Vec<u32> = y.iter().map(|y| (y.max(0.0) as u32).min(classes.max(1) as u32 - 1)).collect();
    let target = match classes {
        0 => Target::Values(&y),
        count => Target::Classes { codes: &labels, count },
    };
    let samples = Samples::new(Design { columns: &columns, rows: n }, target);
    let ctx = Context::new(1);
    let trees = match forest {
        true => RandomForest { n_estimators: 10, ..RandomForest::default() }.fit(&samples, None, &ctx).unwrap().model,
        false => {
            Gbdt { n_estimators: 10, max_leaf_nodes: 8, ..Gbdt::default() }.fit(&samples, None, &ctx).unwrap().model
        }
    };
    let levels = (0..40).map(|i| Value::from(format!("l{i}"))).collect();
    let inputs = vec![
        Input { name: Some("a number".into()), levels: None },
        Input { name: Some("level".into()), levels: Some(levels) },
    ];
    (Imported { trees, inputs, objective: String::new() }, vec![numbers, codes])
}

#[test]
fn trees_of_our_own_are_written_in_every_form_that_can_say_them() {
    for (classes, forest) in [(0, false), (2, false), (3, false), (0, true), (2, true), (3, true)] {
        let (model, rows) = own(classes, forest);
        let rows: Vec<Vec<f64>> = rows.iter().map(|c| c.iter().map(|&x| f64::from(x as f32)).collect()).collect();
        let expected = on(&model, &rows, |x| predict(&model.trees, x));
        let names: Option<Vec<String>> = model.classes().map(|k| (0..k).map(|i| i.to_string()).collect());
        let onnx = Ensemble::from_onnx(&model.trees.to_onnx(&model.inputs, names.as_deref()).unwrap()).unwrap();
        assert!(apart(&on(&onnx, &rows, |x| predict(&onnx.trees, x)), &expected) < 1e-6, "{classes} {forest}");
        if forest && classes > 0 {
            assert!(model.trees.to_lightgbm(&model.inputs).is_err() && model.trees.to_xgboost(&model.inputs).is_err());
            continue;
        }
        let light = Ensemble::from_lightgbm(model.trees.to_lightgbm(&model.inputs).unwrap().as_bytes()).unwrap();
        assert_eq!(on(&light, &rows, |x| predict(&light.trees, x)), expected, "{classes} {forest}");
        let extreme = Ensemble::from_xgboost(model.trees.to_xgboost(&model.inputs).unwrap().as_bytes()).unwrap();
        assert!(apart(&on(&extreme, &rows, |x| predict(&extreme.trees, x)), &expected) < 1e-6, "{classes} {forest}");
    }
}

/// Trees that ask of a number whether it is there, and nothing else.
fn of_gaps() -> (Imported, Vec<Vec<f64>>) {
    let x: Vec<f64> = (0..200).map(|i| if i % 3 == 0 { f64::NAN } else { f64::from(i % 7) }).collect();
    let y: Vec<f64> = x.iter().map(|x| f64::from(u8::from(x.is_nan()))).collect();
    let columns = [Column::F64(&x)];
    let samples = Samples::new(Design { columns: &columns, rows: x.len() }, Target::Values(&y));
    let trees = Gbdt { n_estimators: 3, ..Gbdt::default() }.fit(&samples, None, &Context::new(1)).unwrap().model;
    assert!(trees.thresholds()[0].contains(&f64::INFINITY), "{:?}", trees.thresholds());
    let inputs = vec![Input { name: Some("x".into()), levels: None }];
    let rows = vec![f64::NAN, 0.0, -1e30, 1e30, f32::MAX.into(), f32::MIN.into()];
    (Imported { trees, inputs, objective: String::new() }, vec![rows])
}

#[test]
fn a_question_whether_a_number_is_there_is_written_in_every_form() {
    let (model, rows) = of_gaps();
    let expected = on(&model, &rows, |x| predict(&model.trees, x));
    assert!(expected[0] > expected[1] && expected[1..].iter().all(|y| *y == expected[1]), "{expected:?}");
    let extreme = Ensemble::from_xgboost(model.trees.to_xgboost(&model.inputs).unwrap().as_bytes()).unwrap();
    assert!(apart(&on(&extreme, &rows, |x| predict(&extreme.trees, x)), &expected) < 1e-6);
    let onnx = Ensemble::from_onnx(&model.trees.to_onnx(&model.inputs, None).unwrap()).unwrap();
    assert!(apart(&on(&onnx, &rows, |x| predict(&onnx.trees, x)), &expected) < 1e-6);
    let rows = vec![vec![f64::NAN, 0.0, f64::MAX, f64::MIN]];
    let expected = on(&model, &rows, |x| predict(&model.trees, x));
    let light = Ensemble::from_lightgbm(model.trees.to_lightgbm(&model.inputs).unwrap().as_bytes()).unwrap();
    assert_eq!(on(&light, &rows, |x| predict(&light.trees, x)), expected);
}

/// The peers read what is written here and predict the same: where they are installed.
#[test]
fn the_other_programs_read_what_is_written() {
    let home = std::env::var("HOME").unwrap_or_default();
    let python = std::env::var("ARKWRIGHT_PEERS").unwrap_or(format!("{home}/.cache/arkwright/venv/bin/python"));
    if !std::path::Path::new(&python).exists() {
        eprintln!("skipped: no Python with the peers at {python} (bench/setup.sh makes one)");
        return;
    }
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("tree_files");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let mut all: Vec<(String, Imported, Vec<Vec<f64>>)> = Vec::new();
    for case in cases() {
        let model = case.read().unwrap();
        let rows = probes(&model, &case, true);
        all.push((case.name, model, rows));
    }
    for (classes, forest) in [(0, false), (2, false), (3, false), (0, true), (2, true), (3, true)] {
        let (model, rows) = own(classes, forest);
        let rows = rows.iter().map(|c| c.iter().map(|&x| f64::from(x as f32)).collect()).collect();
        all.push((format!("own {classes} {forest}"), model, rows));
    }
    let (model, rows) = of_gaps();
    all.push(("own gaps".into(), model, rows));
    for (name, model, rows) in all {
        let (trees, inputs) = (&model.trees, &model.inputs);
        let expected = on(&model, &rows, |x| predict(trees, x));
        let rows = coded(&model, &rows);
        let classes: Option<Vec<String>> = model.classes().map(|k| (0..k).map(|i| format!("class {i}")).collect());
        let path = folder.join(name.replace([':', ',', ' '], "_"));
        let told =
            serde_json::json!({ "x": rows, "answers": expected, "outputs": trees.outputs(), "classes": classes });
        std::fs::write(path.with_extension("rows"), told.to_string()).unwrap();
        if let Ok(text) = trees.to_lightgbm(inputs) {
            std::fs::write(path.with_extension("txt"), text).unwrap();
        }
        if let Ok(text) = trees.to_xgboost(inputs) {
            std::fs::write(path.with_extension("json"), text).unwrap();
        }
        if let Ok(bytes) = trees.to_onnx(inputs, classes.as_deref()) {
            std::fs::write(path.with_extension("onnx"), bytes).unwrap();
        }
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/reference/check_tree_files.py");
    let out = std::process::Command::new(python).arg(script).arg(&folder).output().unwrap();
    let told = String::from_utf8_lossy(&out.stdout) + String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{told}");
}

#[test]
fn names_that_another_program_refuses_are_refused_here() {
    let (mut model, _) = own(0, false);
    model.inputs[0].name = Some("a,b".into());
    assert!(model.trees.to_lightgbm(&model.inputs).unwrap_err().to_string().contains("comma"));
    model.inputs[0].name = Some("a[b]".into());
    assert!(model.trees.to_xgboost(&model.inputs).unwrap_err().to_string().contains("bracket"));
    assert!(model.trees.to_onnx(&model.inputs[..1], None).unwrap_err().to_string().contains("1 names for 2 features"));
}

#[test]
fn leaves_of_an_onnx_model_that_belong_to_no_tree_are_refused() {
    let (model, _) = own(0, false);
    let bytes = model.trees.to_onnx(&model.inputs, None).unwrap();
    let name = b"target_treeids";
    let at = bytes.windows(name.len()).position(|w| w == name).unwrap() + name.len();
    // Some byte there is the number of a leaf's tree.
    let told = (at..at + 12).any(|place| {
        let mut bytes = bytes.clone();
        bytes[place] ^= 0x40;
        Ensemble::from_onnx(&bytes).is_err_and(|e| e.to_string().contains("which is not there"))
    });
    assert!(told);
}

proptest! {
    #[test]
    fn a_broken_onnx_file_never_ends_the_program(cut: prop::sample::Index, flips in prop::collection::vec((any::<prop::sample::Index>(), 0u8..8), 0..4)) {
        static MODEL: LazyLock<Vec<u8>> = LazyLock::new(|| {
            let (model, _) = own(2, false);
            model.trees.to_onnx(&model.inputs, Some(&["a".to_string(), "b".to_string()])).unwrap()
        });
        let mut bytes = MODEL.clone();
        for (place, bit) in &flips {
            let place = place.index(bytes.len());
            bytes[place] ^= 1 << bit;
        }
        if flips.is_empty() {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(model) = Ensemble::from_onnx(&bytes) {
            let columns = vec![Column::F64(&[0.5, f64::NAN]); model.inputs.len()];
            let raw = raw(&model.trees, &Design { columns: &columns, rows: 2 });
            prop_assert_eq!(raw.len() % 2, 0);
        }
    }
}
