//! Numbers out of points in time: the year, the month, the weekday ... in UTC.
//!
//! A model cannot read a time as it is. `COL.days`, days since 1970-01-01 with the time of day as a fraction,
//! lets it follow a trend; the other parts let it follow what comes again every year, week or day. Days
//! become dates by Hinnant's `civil_from_days` (<https://howardhinnant.github.io/date_algorithms.html>).

use super::choice::{choose, expect, names};
use arkwright_core::{
    Context, Error, Estimator, Field, Fitted, Format, Frame, Kind, Leaf, Model, Parts, Reads, Registry, Result, Row,
    Rowwise, Settings, Signature, Skills, Taken, Train,
};
use arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, TimeUnit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A part of a point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DatePart {
    /// The year, such as 2024.
    Year,
    /// The month, 1 to 12.
    Month,
    /// The day of the month, 1 to 31.
    Day,
    /// The day of the week, Monday 0 to Sunday 6.
    Weekday,
    /// The day of the year, 1 to 366.
    DayOfYear,
    /// The hour, 0 to 23; 0 for dates.
    Hour,
    /// The minute, 0 to 59; 0 for dates.
    Minute,
    /// Days since 1970-01-01, with the time of day as a fraction.
    Days,
}

/// The parts that are given where none are named; the hour for timestamps only.
const DEFAULT: [DatePart; 7] = [
    DatePart::Year,
    DatePart::Month,
    DatePart::Day,
    DatePart::Weekday,
    DatePart::DayOfYear,
    DatePart::Hour,
    DatePart::Days,
];

impl DatePart {
    fn name(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
            Self::Weekday => "weekday",
            Self::DayOfYear => "day_of_year",
            Self::Hour => "hour",
            Self::Minute => "minute",
            Self::Days => "days",
        }
    }
}

/// Makes numbers `COL.year`, `COL.month` ... of dates and timestamps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Dates {
    /// The columns; all inputs that are times if not given.
    pub columns: Option<Vec<String>>,
    /// The parts; if not given all but the minute, and the hour for timestamps only.
    pub parts: Option<Vec<DatePart>>,
}

impl Settings for Dates {
    fn check(&self) -> Result<(), (&'static str, String)> {
        let parts = self.parts.as_deref().unwrap_or(&DEFAULT);
        match (0..parts.len()).find(|&i| parts[..i].contains(&parts[i])) {
            Some(i) => Err(("parts", format!("names `{}` twice", parts[i].name()))),
            None if parts.is_empty() => Err(("parts", "must name a part".into())),
            None => Ok(()),
        }
    }
}

impl Leaf for Dates {
    const KIND: &'static str = "dates";
    const ABOUT: &'static str = "Makes numbers of dates and timestamps: year, month, weekday, hour ...";

    fn estimator(self) -> Arc<dyn Estimator> {
        Arc::new(self)
    }
}

impl Dates {
    fn chosen(&self, input: &[Field]) -> Result<Vec<usize>> {
        choose(input, self.columns.as_deref(), |kind| *kind == Kind::Time, "a time")
    }

    fn parts(&self, daily: bool) -> Vec<DatePart> {
        match &self.parts {
            Some(parts) => parts.clone(),
            None => DEFAULT.into_iter().filter(|part| !(daily && *part == DatePart::Hour)).collect(),
        }
    }
}

impl Estimator for Dates {
    fn output(&self, input: &[Field]) -> Result<Signature> {
        let takes = names(input, &self.chosen(input)?);
        // Whether a column has hours is known once rows were read.
        let parts = vec![self.parts(false); takes.len()];
        Ok(signature(takes, &parts))
    }

    fn reads(&self) -> Reads {
        Reads::Passes
    }

    fn fit(&self, train: Train, _ctx: &Context) -> Result<Fitted> {
        let fields = train.data.fields().clone();
        let at = self.chosen(&fields)?;
        let first = train.data.scan(1)?.next().transpose()?;
        let parts = at
            .iter()
            .map(|&i| {
                let Some(frame) = &first else { return Ok(self.parts(false)) };
                let array = &frame.columns()[i];
                seconds(array, &fields[i].name)?;
                Ok(self.parts(matches!(array.data_type(), DataType::Date32 | DataType::Date64)))
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Fitted::new(Calendar { signature: signature(names(&fields, &at), &parts), parts }))
    }
}

fn signature(takes: Vec<String>, parts: &[Vec<DatePart>]) -> Signature {
    let gives = takes
        .iter()
        .zip(parts)
        .flat_map(|(name, parts)| {
            parts.iter().map(move |part| Field::input(format!("{name}.{}", part.name()), Kind::Number))
        })
        .collect();
    Signature { takes, gives }
}

struct Calendar {
    signature: Signature,
    parts: Vec<Vec<DatePart>>,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    takes: Vec<String>,
    parts: Vec<Vec<DatePart>>,
}

pub(super) const FORMAT: Format = Format { name: "dates", version: 1, load };

fn load(parts: &Parts, _registry: &Registry) -> Result<Arc<dyn Model>> {
    let saved: Saved = parts.get_json()?;
    match saved.takes.len() == saved.parts.len() {
        true => Ok(Arc::new(Calendar { signature: signature(saved.takes, &saved.parts), parts: saved.parts })),
        false => Err(parts.damaged("columns and parts do not fit")),
    }
}

impl Model for Calendar {
    fn format(&self) -> &'static str {
        FORMAT.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn apply(&self, input: &Frame, _ctx: &Context) -> Result<Frame> {
        expect(input, self.parts.len())?;
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.signature.gives.len());
        for (i, parts) in self.parts.iter().enumerate() {
            let times = seconds(&input.columns()[i], &self.signature.takes[i])?;
            for &part in parts {
                columns.push(Arc::new(Float64Array::from_iter(times.iter().map(|t| t.map(|t| value(part, t))))));
            }
        }
        Frame::new(self.signature.gives.clone(), columns, input.rows())
    }

    fn save(&self) -> Result<Parts> {
        let mut parts = Parts::new(FORMAT.name);
        parts.put_json(&Saved { takes: self.signature.takes.clone(), parts: self.parts.clone() })?;
        Ok(parts)
    }

    fn skills(&self) -> Skills<'_> {
        Skills { row: self.parts.is_empty().then_some(self as &dyn Rowwise), ..Skills::default() }
    }
}

/// A request has no cells of dates: only a table without any goes this way.
impl Rowwise for Calendar {
    fn add<'a>(&'a self, _row: &mut Row<'a>, taken: Taken<'_>) -> Option<()> {
        taken.is_empty().then_some(())
    }
}

/// A point in time: whole seconds since 1970-01-01 UTC, and the rest in nanoseconds.
#[derive(Clone, Copy)]
struct Time {
    seconds: i64,
    nanoseconds: u32,
}

fn seconds(array: &ArrayRef, name: &str) -> Result<Vec<Option<Time>>> {
    let per_second: i64 = match array.data_type() {
        DataType::Null => return Ok(vec![None; array.len()]),
        DataType::Date32 => {
            let days = array.as_primitive::<arrow::datatypes::Date32Type>();
            let time = |day: i32| Time { seconds: i64::from(day) * 86_400, nanoseconds: 0 };
            return Ok(days.iter().map(|day| day.map(time)).collect());
        }
        DataType::Date64 | DataType::Timestamp(TimeUnit::Millisecond, _) => 1_000,
        DataType::Timestamp(TimeUnit::Second, _) => 1,
        DataType::Timestamp(TimeUnit::Microsecond, _) => 1_000_000,
        DataType::Timestamp(TimeUnit::Nanosecond, _) => 1_000_000_000,
        other => {
            return Err(Error::column(name, format!("{other} where a date or a timestamp is needed")));
        }
    };
    // The number behind a timestamp is in UTC whatever its zone.
    let ticks = cast(array, &DataType::Int64).map_err(|e| Error::column(name, e.to_string()))?;
    let time = |tick: i64| Time {
        seconds: tick.div_euclid(per_second),
        nanoseconds: (tick.rem_euclid(per_second) * (1_000_000_000 / per_second)) as u32,
    };
    Ok(ticks.as_primitive::<Int64Type>().iter().map(|tick| tick.map(time)).collect())
}

fn value(part: DatePart, time: Time) -> f64 {
    let (day, second) = (time.seconds.div_euclid(86_400), time.seconds.rem_euclid(86_400));
    match part {
        DatePart::Year => civil(day).0 as f64,
        DatePart::Month => civil(day).1 as f64,
        DatePart::Day => civil(day).2 as f64,
        DatePart::Weekday => (day + 3).rem_euclid(7) as f64,
        DatePart::DayOfYear => (day - new_year(civil(day).0) + 1) as f64,
        DatePart::Hour => (second / 3_600) as f64,
        DatePart::Minute => (second / 60 % 60) as f64,
        DatePart::Days => day as f64 + (second as f64 + f64::from(time.nanoseconds) * 1e-9) / 86_400.0,
    }
}

/// Year, month and day of a day since 1970-01-01.
fn civil(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// The first of January of a year, in days since 1970-01-01.
fn new_year(year: i64) -> i64 {
    let before = year - 1;
    365 * (year - 1970) + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400) - 477
}

#[cfg(test)]
mod tests {
    use super::{civil, new_year};

    #[test]
    fn every_day_of_eight_centuries_follows_the_day_before() {
        let mut before = civil(-146_097);
        assert_eq!(before, (1570, 1, 1));
        for day in -146_096..146_097 {
            let (year, month, date) = civil(day);
            let next_day = (year, month) == (before.0, before.1) && date == before.2 + 1;
            let next_month = date == 1 && before.2 >= 28 && (year * 12 + month) == (before.0 * 12 + before.1 + 1);
            assert!(next_day || next_month, "{day}: {before:?} {:?}", (year, month, date));
            before = (year, month, date);
        }
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(19_782), (2024, 2, 29));
        assert!((1500..2500).all(|year| civil(new_year(year)) == (year, 1, 1)));
    }
}
