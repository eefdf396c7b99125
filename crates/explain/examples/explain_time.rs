//! Times the questions that a run asks: `explain_time [random_forest|gbdt] [ROWS COLUMNS HELD_OUT]`.
//!
//! Tells the seconds of fitting on made-up rows, and of permutation importance and SHAP on as many others, with the
//! settings of a run. The answers should take a small share of what the fit took.
#![allow(clippy::unwrap_used)]

use arkwright_core::{Context, Field, Frame, Kind, Leaf, Random, Role, Table, Train};
use arkwright_explain::{Permutation, Shap, permutation_importance, summary};
use arkwright_learn::tree::{Gbdt, RandomForest};
use arkwright_measure::Metric;
use arrow::array::{ArrayRef, Float64Array};
use std::sync::Arc;
use std::time::Instant;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let kind = args.first().map_or("random_forest", String::as_str);
    let number = |i: usize, default: usize| args.get(i).map_or(default, |a| a.parse().unwrap());
    let (n, p, test) = (number(1, 14_000), number(2, 12), number(3, 3_500));
    let (train, held_out) = (rows(n, p, 1), rows(test, p, 2));
    let ctx = Context::new(1);
    let estimator = match kind {
        "gbdt" => Gbdt::default().estimator(),
        _ => RandomForest::default().estimator(),
    };
    let start = Instant::now();
    let model = estimator.fit(Train::on(Table::new(train, None)), &ctx).unwrap().model;
    println!("fit          {:.2} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    let told = permutation_importance(model.as_ref(), &held_out, Metric::Rmse, &Permutation::default(), &ctx).unwrap();
    println!("permutation  {:.2} s of {} rows", start.elapsed().as_secs_f64(), told.rows);
    let start = Instant::now();
    let told = summary(model.as_ref(), &held_out, &Shap::default(), &ctx).unwrap();
    println!("shap         {:.2} s of {} rows", start.elapsed().as_secs_f64(), told.rows);
}

fn rows(n: usize, p: usize, seed: u64) -> Frame {
    let mut random = Random::new(seed, "rows");
    let x: Vec<Vec<f64>> = (0..p).map(|_| (0..n).map(|_| random.normal()).collect()).collect();
    let y: Vec<f64> =
        (0..n).map(|i| x[0][i] + x[1 % p][i] * x[2 % p][i] + x[3 % p][i].sin() + random.normal()).collect();
    let mut fields: Vec<Field> = (0..p).map(|j| Field::input(format!("x{j}"), Kind::Number)).collect();
    fields.push(Field::new("y", Kind::Number, Role::Target));
    let columns = x.into_iter().chain([y]).map(|c| Arc::new(Float64Array::from(c)) as ArrayRef).collect();
    Frame::new(fields, columns, n).unwrap()
}
