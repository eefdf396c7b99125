//! The judge stage: the way from request to answer, scored on rows that nothing learnt from.

use crate::run::{Rows, Runner};
use arkwright_core::{Context, Error, Frame, Result, Role, Train};
use arkwright_measure::calibration::{Bins, reliability};
use arkwright_measure::classification::{Confusion, labels};
use arkwright_measure::distribution::histogram;
use arkwright_measure::ranking::{positives, precision_recall_curve, roc_curve};
use arkwright_measure::{Bootstrap, Metric, Prepared};
use arkwright_report::chart;
use arkwright_validate::truth::{Predictions, Truth, predict};
use arkwright_validate::{named_metric, verdict};
use serde::{Deserialize, Serialize};

/// The version of the stage's output: since 2, intervals draw groups whole; since 3, the curves of many classes are
/// those of the most frequent, and risks are not drawn against times.
pub const VERSION: u32 = 3;

/// Points of a curve that are kept; the eye sees no more.
const POINTS: usize = 300;

/// What the hold-out says.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Judged {
    /// The rows held out.
    pub rows: u64,
    /// The scores, in the order of the file's metrics.
    pub scores: Vec<HoldOutScore>,
    /// Whether it learnt too closely or too little, in words.
    pub verdict: Option<String>,
    /// ROC and precision-recall.
    pub curves: Vec<chart::Curves>,
    /// Whether probabilities come true.
    pub calibration: Option<chart::Calibration>,
    /// What is called what.
    pub confusion: Option<chart::Confusion>,
    /// Predictions and residuals.
    pub points: Vec<chart::Points>,
    /// Probabilities or residuals, counted.
    pub histograms: Vec<chart::Histogram>,
}

/// A metric on the hold-out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HoldOutScore {
    /// The metric.
    pub metric: String,
    /// Its value.
    pub value: f64,
    /// The lower end of its 95 % interval.
    pub low: Option<f64>,
    /// The upper end of its 95 % interval.
    pub high: Option<f64>,
    /// Its value for the baseline, which knows the target's distribution only.
    pub baseline: Option<f64>,
    /// Its value on the rows learnt from.
    pub train: Option<f64>,
}

/// Scores the bundle on the hold-out.
///
/// # Errors
/// When the answers cannot be scored.
pub(crate) fn judge(runner: &Runner<'_>, ctx: &Context) -> Result<Judged> {
    let (data, section) = runner.system().header.request_data()?;
    if section.target.is_none() {
        return Err(Error::setting("there is no target to judge by"));
    }
    let frame = runner.table(data)?;
    let (train, test) = runner.split(data)?;
    let (train, test) = (frame.take(&train)?, frame.take(&test)?);
    let whole = Truth::of(&frame)?;
    let names = whole.classes().map(<[String]>::to_vec).unwrap_or_default();
    let truth = Truth::among(&test, &names)?;
    let weight = test.weights(0)?;
    let answers = answers(runner, &test, &truth, ctx)?;
    let learnt = answers_on_train(runner, &train, &names, ctx)?;
    let baseline = baseline(runner, data, &test, &truth, ctx)?;
    let metrics = runner.system().metrics.iter().map(|name| named_metric(name)).collect::<Result<Vec<_>>>()?;
    let prepared = metrics
        .iter()
        .map(|&m| Prepared::new(m, truth.borrowed(), answers.borrowed(), weight.as_deref()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(measured)?;
    let bootstrap = Bootstrap { seed: ctx.root_seed(), ..Bootstrap::default() };
    let intervals = match bootstrap.intervals(&prepared) {
        Ok(all) => all.into_iter().map(Some).collect(),
        Err(_) => prepared.iter().map(|p| bootstrap.interval(p).ok()).collect::<Vec<_>>(),
    };
    let train_weight = train.weights(0)?;
    let scores = metrics
        .iter()
        .zip(&prepared)
        .zip(intervals)
        .map(|((metric, prepared), interval)| {
            let value = prepared.score().map_err(measured)?;
            let of = |p: &Predictions| metric.score(truth.borrowed(), p.borrowed(), weight.as_deref()).ok();
            let (train_truth, train_answers) = &learnt;
            Ok(HoldOutScore {
                metric: metric.name().to_string(),
                value,
                low: interval.map(|i| i.low),
                high: interval.map(|i| i.high),
                baseline: baseline.as_ref().and_then(of),
                train: metric.score(train_truth.borrowed(), train_answers.borrowed(), train_weight.as_deref()).ok(),
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let verdict = scores.first().and_then(|s| {
        let told = verdict(s.train?, s.value, s.baseline?, metrics[0]).ok()?;
        Some(told.words)
    });
    let mut judged = Judged { rows: test.rows() as u64, scores, verdict, ..Judged::default() };
    let are_risks = metrics.first() == Some(&Metric::ConcordanceRisk);
    pictures(&mut judged, &truth, &answers, weight.as_deref(), are_risks)?;
    Ok(judged)
}

fn measured(error: arkwright_measure::Error) -> Error {
    Error::data(error.to_string())
}

/// What the bundle says of rows.
pub(crate) fn answers(runner: &Runner<'_>, rows: &Frame, truth: &Truth, ctx: &Context) -> Result<Predictions> {
    let bundle = runner.bundle(Rows::Training)?;
    let request = bundle.request().conform(&rows.to_batch()?, 0)?;
    Predictions::of(&bundle.predict(&request, ctx)?, truth.classes())
}

fn answers_on_train(
    runner: &Runner<'_>,
    rows: &Frame,
    names: &[String],
    ctx: &Context,
) -> Result<(Truth, Predictions)> {
    let truth = Truth::among(rows, names)?;
    let answers = answers(runner, rows, &truth, ctx)?;
    Ok((truth, answers))
}

/// What one says who knows the target's distribution only.
fn baseline(
    runner: &Runner<'_>,
    data: &str,
    test: &Frame,
    truth: &Truth,
    ctx: &Context,
) -> Result<Option<Predictions>> {
    let Ok(spec) = ctx.registry().spec("baseline") else { return Ok(None) };
    let part = (spec.parse)(arkwright_core::Map::default(), ctx.registry())?;
    let source = runner.source(&crate::file::Place::Name(data.to_string()), Rows::Training)?;
    let frame = source.in_memory().ok_or_else(|| Error::data("the training rows are not in memory"))?;
    let plain = |f: &Frame| f.filter(|field| matches!(field.role, Role::Target | Role::Weight));
    let rows = arkwright_core::Table::new(plain(&frame), source.identity());
    let fitted = ctx.fit(&part, Train::on(rows))?;
    Ok(Some(predict(fitted.model.as_ref(), &plain(test), truth.classes(), ctx)?))
}

fn pictures(
    judged: &mut Judged,
    truth: &Truth,
    answers: &Predictions,
    weight: Option<&[f64]>,
    are_risks: bool,
) -> Result<()> {
    match (truth, answers) {
        (Truth::Classes { codes, names }, Predictions::Probabilities { values, count }) => {
            let said = labels(values, *count).map_err(measured)?;
            let confusion = Confusion::new(codes, &said, *count, weight).map_err(measured)?;
            let cells = (0..count * count).map(|i| confusion.cell(i / count, i % count)).collect();
            judged.confusion =
                Some(chart::Confusion { title: "Confusion matrix".into(), classes: names.to_vec(), cells });
            if *count == 2 {
                two_classes(judged, codes, answers, weight);
            } else {
                several_classes(judged, codes, names, answers, weight);
            }
        }
        // A risk says who comes first, and is no prediction of the time.
        (_, Predictions::Values(_)) if are_risks => {}
        (_, Predictions::Values(said)) => {
            let Some(truth) = truth.values() else { return Ok(()) };
            judged.points = vec![chart::Points::predictions(truth, said), chart::Points::residuals(truth, said)];
            let residuals: Vec<f64> = truth.iter().zip(said).map(|(t, s)| t - s).collect();
            judged.histograms.extend(counted("Residuals", "truth minus prediction", &residuals));
        }
        _ => {}
    }
    Ok(())
}

fn two_classes(judged: &mut Judged, codes: &[u32], answers: &Predictions, weight: Option<&[f64]>) {
    let (truth, Some(score)) = (positives(codes, 1), answers.column(1)) else { return };
    if let Ok(roc) = roc_curve(&truth, &score, weight) {
        let roc = roc.thinned(POINTS);
        let series = series("model", roc.false_positive_rate, roc.true_positive_rate);
        judged.curves.push(chart::Curves::roc(vec![series]));
    }
    if let Ok(curve) = precision_recall_curve(&truth, &score, weight) {
        let curve = curve.thinned(POINTS);
        let prevalence = curve.prevalence;
        judged
            .curves
            .push(chart::Curves::precision_recall(vec![series("model", curve.recall, curve.precision)], prevalence));
    }
    if let Ok(told) = reliability(&truth, &score, 10, Bins::Quantile, weight) {
        let bins = told
            .bins
            .iter()
            .map(|b| chart::CalibrationBin {
                low: b.low,
                high: b.high,
                predicted: b.predicted,
                observed: b.observed,
                count: b.weight,
            })
            .collect();
        let title = "Calibration".into();
        judged.calibration = Some(chart::Calibration { title, bins, error: Some(told.error) });
    }
    judged.histograms.extend(counted("Probabilities", "probability of the positive class", &score));
}

fn several_classes(
    judged: &mut Judged,
    codes: &[u32],
    names: &[String],
    answers: &Predictions,
    weight: Option<&[f64]>,
) {
    let mut classes: Vec<(usize, &String)> = names.iter().enumerate().collect();
    let rows = |class: usize| codes.iter().filter(|&&code| code as usize == class).count();
    if names.len() > MOST_CURVES {
        classes.sort_by_cached_key(|(class, _)| std::cmp::Reverse(rows(*class)));
    }
    let curves = classes.into_iter().filter_map(|(class, name)| {
        let roc = roc_curve(&positives(codes, class as u32), &answers.column(class)?, weight).ok()?.thinned(POINTS);
        Some(series(name, roc.false_positive_rate, roc.true_positive_rate))
    });
    // Beyond a handful of classes the lines say nothing.
    let curves: Vec<_> = curves.take(MOST_CURVES).collect();
    if !curves.is_empty() {
        let shown = curves.len();
        let mut roc = chart::Curves::roc(curves);
        if shown < names.len() {
            roc.title = format!("{}s of {shown} of {} classes, the most frequent", roc.title, names.len());
        }
        judged.curves.push(roc);
    }
}

/// Classes whose curves are drawn.
const MOST_CURVES: usize = 8;

fn series(name: &str, x: Vec<f64>, y: Vec<f64>) -> chart::Series {
    chart::Series { name: name.to_string(), x, y, ..chart::Series::default() }
}

fn counted(title: &str, label: &str, values: &[f64]) -> Option<chart::Histogram> {
    let counted = histogram(values, 30, None).ok()?;
    Some(chart::Histogram {
        title: title.into(),
        x_label: label.into(),
        y_label: "rows".into(),
        edges: counted.edges,
        counts: counted.counts,
    })
}
