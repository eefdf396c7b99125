//! One suite over every estimator of the list that can learn a target, as a file would run it: behind the
//! steps that prepare a table for it, on a table as users bring them.

use crate::tables::*;
use arkwright_core::{
    Applied, Blob, BlobData, Context, Field, Frame, Json, Kind, Model, PREDICTION, PROBABILITY, Part, Parts, Result,
    Source, Spec, Table, Task, Train, Wiring,
};
use arrow::array::{ArrayRef, BooleanArray, Date32Array, Int32Array, NullArray, TimestampMillisecondArray};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// What is asked of an estimator in one go.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Problem {
    Two,
    Three,
    Number,
}

impl Problem {
    const ALL: [Self; 3] = [Self::Two, Self::Three, Self::Number];

    fn task(self) -> Task {
        if self == Self::Number { Task::Regress } else { Task::Classify }
    }

    fn target(self, i: usize, x: f64) -> (f64, &'static str) {
        let noise = (i * 7919 % 13) as f64 / 13.0;
        let score = 2.0 * x + 0.5 * noise;
        let classes = if self == Self::Two { ["no", "yes", "yes"] } else { ["high", "low", "middle"] };
        (3.0 * x + noise, classes[if score < 0.8 { 0 } else { 1 + usize::from(score > 1.6) }])
    }
}

/// A small table of every kind, with gaps; rows from `from` on.
fn mixed(problem: Problem, from: usize, rows: usize) -> Frame {
    let span = from..from + rows;
    let x: Vec<f64> = span.clone().map(|i| (i * 37 % 101) as f64 / 101.0).collect();
    let gaps: Vec<f64> = span.clone().map(|i| if i % 5 == 0 { f64::NAN } else { (i % 17) as f64 * 1e3 }).collect();
    let words = ["red", "green", "blue", "red"];
    let colour: Vec<Option<&str>> = span.clone().map(|i| (i % 11 != 0).then(|| words[i * 3 % 4])).collect();
    let flag: BooleanArray = span.clone().map(|i| Some(i % 3 == 0)).collect();
    let whole: Int32Array = span.clone().map(|i| (i % 7 != 0).then_some((i % 9) as i32)).collect();
    let day: Date32Array = span.clone().map(|i| (i % 13 != 0).then_some(18_000 + 5 * i as i32)).collect();
    let time =
        TimestampMillisecondArray::from_iter_values(span.clone().map(|i| 1_600_000_000_000 + 7_777_777 * i as i64));
    let (values, classes): (Vec<f64>, Vec<&str>) = span.zip(&x).map(|(i, x)| problem.target(i, *x)).unzip();
    let classes: Vec<Option<&str>> = classes.into_iter().map(Some).collect();
    let y = match problem.task() {
        Task::Regress => (target(Kind::Number), numbers(&values)),
        Task::Classify => (target(Kind::Category), texts(&classes)),
    };
    frame(vec![
        (Field::input("x", Kind::Number), numbers(&x)),
        (Field::input("gaps", Kind::Number), numbers(&gaps)),
        (Field::input("whole", Kind::Number), Arc::new(whole) as ArrayRef),
        (Field::input("constant", Kind::Number), numbers(&vec![4.0; rows])),
        (Field::input("empty", Kind::Number), Arc::new(NullArray::new(rows))),
        (Field::input("colour", Kind::Category), texts(&colour)),
        (Field::input("flag", Kind::Category), Arc::new(flag)),
        (Field::input("nameless", Kind::Category), texts(&vec![None; rows])),
        (Field::input("day", Kind::Time), Arc::new(day)),
        (Field::input("time", Kind::Time), Arc::new(time)),
        y,
    ])
}

/// Rows as they come later: more of the same, values never seen, and nothing but gaps.
fn asked(problem: Problem) -> Frame {
    let more = mixed(problem, 1000, 20);
    let mut strange = more.columns().to_vec();
    strange[0] = numbers(&(0..20).map(|i| if i == 3 { f64::NAN } else { 1e9 - i as f64 }).collect::<Vec<_>>());
    strange[5] = texts(&(0..20).map(|i| (i != 4).then_some("never seen")).collect::<Vec<_>>());
    strange[4] = numbers(&[5.0; 20]);
    strange[8] = Arc::new(Date32Array::from(vec![None; 20]));
    let nulls = |column: &ArrayRef| arrow::array::new_null_array(column.data_type(), 20);
    let first = more.with(more.fields()[4].clone(), numbers(&[f64::NAN; 20])).unwrap();
    let nothing = first.columns().iter().map(nulls).collect();
    let with = |columns| Frame::new(more.fields().clone(), columns, 20).unwrap();
    Frame::concat(&[first.clone(), with(strange), with(nothing)]).unwrap()
}

/// A learner behind the steps that prepare for it.
struct Chain {
    steps: Vec<Arc<dyn Model>>,
}

impl Chain {
    fn fit(spec: &Spec, data: &Frame) -> Result<Self> {
        let ctx = context();
        let mut source: Arc<dyn Source> = Table::hashed(data.clone())?;
        let mut steps = Vec::new();
        for kind in spec.prepare.iter().chain([&spec.kind]) {
            let fitted = ctx.fit(&default(kind), Train::on(source.clone()))?;
            if *kind != spec.kind {
                source = match fitted.rows {
                    Some(rows) => rows,
                    None => Applied::new(source, fitted.model.clone(), fitted.key, &ctx)?,
                };
            }
            steps.push(fitted.model);
        }
        Ok(Self { steps })
    }

    fn apply(&self, frame: &Frame) -> Result<Frame> {
        let ctx = Context::new(0);
        let mut frame = frame.filter(|f| f.name != "y");
        for model in &self.steps {
            frame = Wiring::new(model.signature(), frame.fields())?.apply(model.as_ref(), &frame, &ctx)?;
        }
        Ok(frame.filter(|f| f.name == PREDICTION || f.name == PROBABILITY))
    }

    fn save(&self) -> Vec<Parts> {
        self.steps.iter().map(|model| model.save().unwrap()).collect()
    }
}

fn default(kind: &str) -> Part {
    let registry = registry();
    (registry.spec(kind).unwrap().parse)(Default::default(), &registry).unwrap()
}

/// Every estimator with a task whose settings all have defaults, with every problem that it can be set.
fn each(check: impl Fn(&Spec, Problem)) {
    let registry = registry();
    let mut checked = 0;
    for spec in registry.specs().filter(|s| !s.tasks.is_empty() && s.defaults(&registry).is_ok()) {
        for problem in Problem::ALL.into_iter().filter(|p| spec.tasks.contains(&p.task())) {
            println!("{} {problem:?}", spec.kind);
            check(spec, problem);
            checked += 1;
        }
    }
    assert!(checked >= 6);
}

/// The numbers of an answer, by their bits.
fn bits(answer: &Frame) -> Vec<u64> {
    let values = match answer.position(PROBABILITY) {
        Some(_) => vectors(answer, PROBABILITY),
        None => column(answer, PREDICTION),
    };
    values.into_iter().map(f64::to_bits).collect()
}

#[test]
fn answers_have_their_shape_are_finite_and_probabilities_sum_to_one() {
    each(|spec, problem| {
        let chain = Chain::fit(spec, &mixed(problem, 0, 120)).unwrap();
        let asked = asked(problem);
        let answer = chain.apply(&asked).unwrap();
        assert_eq!(answer.rows(), asked.rows());
        if problem == Problem::Number {
            assert!(column(&answer, PREDICTION).iter().all(|v| v.is_finite()));
            return;
        }
        let k = if problem == Problem::Two { 2 } else { 3 };
        let probabilities = vectors(&answer, PROBABILITY);
        let labels = answer.texts(answer.position(PREDICTION).unwrap()).unwrap();
        assert_eq!(probabilities.len(), k * answer.rows());
        let field = &answer.fields()[answer.position(PROBABILITY).unwrap()];
        let Kind::Vector { width: Some(width), names: Some(names) } = &field.kind else { panic!("{field:?}") };
        assert!(*width == k && names.windows(2).all(|w| w[0] < w[1]));
        for (row, label) in probabilities.chunks(k).zip(&labels) {
            assert!(row.iter().all(|p| (0.0..=1.0).contains(p)));
            assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            let best = (0..k).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
            assert!(row[best] == row[names.iter().position(|n| Some(n.as_str()) == label).unwrap()]);
        }
    });
}

#[test]
fn what_can_be_learnt_is_learnt() {
    each(|spec, problem| {
        // Rows of the same days: trees know nothing of days to come.
        let data = mixed(problem, 0, 500);
        let (train, test): (Vec<u32>, Vec<u32>) = (0..500).partition(|i| i * 7 % 5 < 3);
        let wanted = data.take(&test).unwrap();
        let answer = Chain::fit(spec, &data.take(&train).unwrap()).unwrap().apply(&wanted).unwrap();
        // Among so many columns nobody is within a radius of 1, and measures are no counts.
        if ["baseline", "radius_neighbors", "multinomial_nb", "complement_nb"].contains(&spec.kind) {
            return;
        }
        if problem == Problem::Number {
            let (got, y) = (column(&answer, PREDICTION), column(&wanted, "y"));
            let mean = y.iter().sum::<f64>() / 200.0;
            let (off, spread): (Vec<f64>, Vec<f64>) =
                got.iter().zip(&y).map(|(g, y)| ((g - y).powi(2), (y - mean).powi(2))).unzip();
            assert!(off.iter().sum::<f64>() < 0.5 * spread.iter().sum::<f64>());
        } else {
            let (got, y) = (answer.texts(0).unwrap(), wanted.texts(wanted.position("y").unwrap()).unwrap());
            let right = got.iter().zip(&y).filter(|(a, b)| a == b).count();
            // Three standard deviations above guessing.
            let classes = if problem == Problem::Two { 2.0 } else { 3.0 };
            let (chance, rows): (f64, f64) = (1.0 / classes, 200.0);
            let least = rows * chance + 3.0 * (rows * chance * (1.0 - chance)).sqrt();
            assert!(right as f64 > least, "{right} of 200");
        }
    });
}

#[test]
fn a_row_alone_is_answered_as_in_a_batch_to_the_bit() {
    each(|spec, problem| {
        let chain = Chain::fit(spec, &mixed(problem, 0, 120)).unwrap();
        let asked = asked(problem);
        let whole = bits(&chain.apply(&asked).unwrap());
        let k = whole.len() / asked.rows();
        for row in 0..asked.rows() {
            let alone = bits(&chain.apply(&asked.slice(row, 1)).unwrap());
            assert_eq!(alone, whole[row * k..(row + 1) * k], "row {row}");
        }
        assert_eq!(chain.apply(&asked.slice(0, 0)).unwrap().rows(), 0);
    });
}

#[test]
fn a_loaded_model_answers_as_the_fitted_one_to_the_bit() {
    each(|spec, problem| {
        let chain = Chain::fit(spec, &mixed(problem, 0, 120)).unwrap();
        let saved = chain.save();
        let registry = registry();
        let loaded = Chain { steps: saved.iter().map(|parts| registry.load(parts).unwrap()).collect() };
        assert_eq!(loaded.save(), saved);
        assert!(chain.steps.iter().zip(&loaded.steps).all(|(a, b)| a.signature() == b.signature()));
        let asked = asked(problem);
        let (one, other) = (chain.apply(&asked).unwrap(), loaded.apply(&asked).unwrap());
        assert_eq!((bits(&one), one.fields()), (bits(&other), other.fields()));
    });
}

#[test]
fn one_thread_and_four_fit_the_same_bytes() {
    let pool = |n| rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
    let (one, four) = (pool(1), pool(4));
    each(|spec, problem| {
        // More rows than a thread takes at a time.
        let data = mixed(problem, 0, 9000);
        let fit = || Chain::fit(spec, &data).unwrap();
        let (alone, together) = (one.install(fit), four.install(fit));
        assert!(alone.save() == together.save(), "{} differs", spec.kind);
        let (a, b) = (one.install(|| alone.apply(&data).unwrap()), four.install(|| alone.apply(&data).unwrap()));
        assert_eq!(bits(&a), bits(&b));
    });
}

#[test]
fn one_row_one_class_and_an_infinite_value_are_errors() {
    each(|spec, problem| {
        let data = mixed(problem, 0, 120);
        match (Chain::fit(spec, &data.slice(0, 1)), problem) {
            (Ok(chain), Problem::Number) => {
                let answer = chain.apply(&asked(problem)).unwrap();
                assert!(column(&answer, PREDICTION).iter().all(|v| v.is_finite()));
            }
            (one_row, _) => assert!(one_row.is_err()),
        }
        assert!(Chain::fit(spec, &data.slice(0, 0)).is_err());
        if problem != Problem::Number {
            let same = data.with(target(Kind::Category), texts(&[Some("yes"); 120])).unwrap();
            let error = Chain::fit(spec, &same).err().unwrap();
            assert!(error.to_string().contains("two classes"), "{error}");
        }
        let mut x = vec![1.0; 120];
        x[17] = f64::NEG_INFINITY;
        let infinite = data.with(Field::input("x", Kind::Number), numbers(&x)).unwrap();
        match Chain::fit(spec, &infinite) {
            Ok(chain) => assert!(!chain.steps.iter().any(|m| m.signature().takes.contains(&"x".to_string()))),
            Err(error) => assert!(error.to_string().contains("column `x`, row 18: an infinite value"), "{error}"),
        }
        let gone =
            data.with(data.fields()[10].clone(), arrow::array::new_null_array(data.columns()[10].data_type(), 120));
        assert!(Chain::fit(spec, &gone.unwrap()).is_err());
    });
}

#[test]
fn a_table_of_nothing_but_constant_and_empty_columns_is_learnt_from() {
    each(|spec, problem| {
        let data = mixed(problem, 0, 60);
        let dull = data.filter(|f| ["constant", "empty", "nameless", "y"].contains(&f.name.as_str()));
        let answer = Chain::fit(spec, &dull).unwrap().apply(&dull).unwrap();
        let bits = bits(&answer);
        assert!(bits.iter().all(|b| f64::from_bits(*b).is_finite()));
        let k = bits.len() / 60;
        assert!(bits.chunks(k).all(|row| row == &bits[..k]));
        let bare = data.filter(|f| f.name == "y");
        match Chain::fit(spec, &bare) {
            Ok(chain) => assert_eq!(chain.apply(&bare).unwrap().rows(), 60),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    });
}

#[test]
fn a_damaged_model_is_an_error_and_never_a_panic() {
    let registry = registry();
    each(|spec, problem| {
        let data = mixed(problem, 0, 60);
        let chain = Chain::fit(spec, &data).unwrap();
        let saved = chain.save();
        for (step, parts) in saved.iter().enumerate() {
            for (what, damaged) in damages(parts) {
                let told = format!("{} {what}", parts.format);
                let outcome = catch_unwind(AssertUnwindSafe(|| registry.load(&damaged)));
                let loaded = outcome.unwrap_or_else(|_| panic!("{told}: loading panicked"));
                let Ok(model) = loaded else { continue };
                assert!(what.starts_with("changed"), "{told}: loaded");
                // A changed number may be a model as good as another; it must not bring anything down.
                let mut steps = chain.steps.clone();
                steps[step] = model;
                let applied = catch_unwind(AssertUnwindSafe(|| Chain { steps }.apply(&data).map(|_| ())));
                assert!(applied.is_ok(), "{told}: applying panicked");
            }
        }
    });
}

/// Parts with one thing wrong each, and what is wrong.
fn damages(parts: &Parts) -> Vec<(String, Parts)> {
    let mut out = Vec::new();
    let mut add = |what: String, change: &dyn Fn(&mut Parts)| {
        let mut damaged = parts.clone();
        change(&mut damaged);
        out.push((what, damaged));
    };
    if !parts.json.is_null() {
        add("without json".into(), &|p| p.json = Json::Null);
    }
    for (name, blob) in &parts.blobs {
        add(format!("without {name}"), &|p| drop(p.blobs.remove(name)));
        add(format!("{name} of another type"), &|p| {
            let other = match blob.data {
                BlobData::I32(_) => Blob::from(vec![1u8]),
                _ => Blob::from(vec![1i32; blob.data.len()]),
            };
            p.blobs.insert(name.clone(), other);
        });
        if !blob.data.is_empty() {
            add(format!("{name} cut"), &|p| drop(p.blobs.insert(name.clone(), cut(blob, blob.data.len() - 1))));
            add(format!("{name} emptied"), &|p| drop(p.blobs.insert(name.clone(), cut(blob, 0))));
            for fill in [0xff, 0x7f, 0x01] {
                add(format!("changed: {name} filled with {fill}"), &|p| {
                    drop(p.blobs.insert(name.clone(), filled(blob, fill)));
                });
            }
        }
    }
    for (name, child) in &parts.children {
        let mut without = parts.clone();
        without.children.remove(name);
        out.push((format!("without the part {name}"), without));
        for (what, child) in damages(child) {
            let mut damaged = parts.clone();
            damaged.children.insert(name.clone(), child);
            let (changed, rest) = match what.strip_prefix("changed: ") {
                Some(rest) => ("changed: ", rest),
                None => ("", what.as_str()),
            };
            out.push((format!("{changed}{name}: {rest}"), damaged));
        }
    }
    out
}

/// The first numbers of a blob.
fn cut(blob: &Blob, len: usize) -> Blob {
    let bytes = blob.data.to_le_bytes();
    let width = bytes.len() / blob.data.len();
    let data = BlobData::from_le_bytes(blob.data.type_name(), &bytes[..len * width]).unwrap();
    Blob { shape: vec![len], data }
}

/// A blob of as many numbers, of other bytes.
fn filled(blob: &Blob, fill: u8) -> Blob {
    let bytes = vec![fill; blob.data.to_le_bytes().len()];
    Blob { data: BlobData::from_le_bytes(blob.data.type_name(), &bytes).unwrap(), shape: blob.shape.clone() }
}

#[test]
fn every_step_that_prepares_survives_damage_and_saving_too() {
    let registry = registry();
    let data = mixed(Problem::Three, 0, 60);
    let whole = data.filter(|f| ["x", "constant", "y"].contains(&f.name.as_str()));
    let of_inputs = [arkwright_learn::decompose::specs(), arkwright_learn::cluster::specs()].concat();
    let prepared = arkwright_learn::preprocess::specs().into_iter().map(|spec| (spec, &data));
    for (spec, data) in prepared.chain(of_inputs.into_iter().map(|spec| (spec, &whole))) {
        let fitted = fit_part(&default(spec.kind), data).unwrap();
        let taken = data.select(&fitted.model.signature().takes).unwrap();
        let parts = fitted.model.save().unwrap();
        let loaded = registry.load(&parts).unwrap();
        assert_eq!(loaded.save().unwrap(), parts);
        let (one, other) = (fitted.model.apply(&taken, &context()), loaded.apply(&taken, &context()));
        let bytes = |frame: Frame| Table::hashed(frame).unwrap().identity();
        assert_eq!(bytes(one.unwrap()), bytes(other.unwrap()), "{}", spec.kind);
        for (what, damaged) in damages(&parts) {
            let loaded = registry.load(&damaged);
            assert!(loaded.is_err() || what.starts_with("changed"), "{} {what}", spec.kind);
        }
        let narrow = taken.slice(0, 5).filter(|f| f.name == "none");
        assert!(taken.fields().is_empty() || fitted.model.apply(&narrow, &context()).is_err());
    }
}

#[test]
fn a_step_that_looks_at_the_inputs_alone_answers_each_row_alike_and_says_what_it_cannot_read() {
    let data = mixed(Problem::Number, 0, 3000);
    let flags: Vec<u32> = (0..3000).map(|i| i * i % 3).collect();
    let levels = Kind::Level { levels: Some(["a", "b", "c"].map(String::from).into()) };
    let whole = data
        .filter(|f| ["x", "constant", "y"].contains(&f.name.as_str()))
        .with(Field::input("level", levels), Arc::new(arrow::array::UInt32Array::from(flags)))
        .unwrap();
    let pool = |n| rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
    let (one, four) = (pool(1), pool(4));
    for spec in [arkwright_learn::decompose::specs(), arkwright_learn::cluster::specs()].concat() {
        let fitted = one.install(|| fit_part(&default(spec.kind), &whole).unwrap());
        let again = four.install(|| fit_part(&default(spec.kind), &whole).unwrap());
        assert!(fitted.model.save().unwrap() == again.model.save().unwrap(), "{}", spec.kind);
        let taken = whole.select(&fitted.model.signature().takes).unwrap();
        let bytes = |frame: &Frame| Table::hashed(frame.clone()).unwrap().identity();
        let answers = apply(&fitted, &taken);
        assert_eq!(answers.fields().len(), fitted.model.signature().gives.len());
        for row in [0, 1, 7, 1023, 1024, 2999] {
            let alone = apply(&fitted, &taken.slice(row, 1));
            assert_eq!(bytes(&alone), bytes(&answers.take(&[row as u32]).unwrap()), "{} {row}", spec.kind);
        }
        assert_eq!(apply(&fitted, &taken.slice(0, 0)).rows(), 0);
        // A gap makes gaps, and no cluster.
        let gap = taken.slice(0, 1).with(Field::input("x", Kind::Number), numbers(&[f64::NAN])).unwrap();
        let answer = apply(&fitted, &gap.select(&fitted.model.signature().takes).unwrap());
        let first = &answer.columns()[0];
        let vector = matches!(answer.fields()[0].kind, Kind::Vector { .. });
        assert!(if vector { vectors(&answer, &answer.fields()[0].name)[0].is_nan() } else { first.null_count() == 1 });
        for (column, told) in [("gaps", "put an `impute` step before it"), ("colour", "a number, levels or a vector")] {
            let map = serde_json::json!({ "kind": spec.kind, "columns": ["x", column] });
            let part = registry().parse(arkwright_core::Value::from(map)).unwrap();
            let error = fit_part(&part, &data).err().unwrap();
            let said = format!("{error} {:?}", error.hint());
            assert!(said.contains(told), "{said}");
        }
    }
}
