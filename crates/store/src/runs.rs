//! What ran: runs, their stages, their scores, their reports.

use crate::database::is_taken;
use crate::error::{Error, Result};
use crate::store::Store;
use arkwright_core::{Hash, Json};
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::any::AnyRow;

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// It began; also what is left of a run whose process was killed.
    Running,
    /// It is done, and a version was registered that passed its gates.
    Done,
    /// It failed.
    Failed,
    /// It was stopped from outside.
    Stopped,
    /// It is done, and what it made failed a gate.
    GateFailed,
}

/// What became of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageStatus {
    /// Its output was there already.
    Cached,
    /// It was done.
    Done,
    /// It failed.
    Failed,
}

/// A run about to begin.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRun {
    /// The system's name.
    pub system: String,
    /// The hash of the system file.
    pub file: Hash,
    /// The hash of the plan.
    pub plan: Hash,
    /// The seed.
    pub seed: u64,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    /// Its number, counted from 1 within the store.
    pub id: i64,
    /// The system's name.
    pub system: String,
    /// When it began, as RFC 3339 in UTC.
    pub started: String,
    /// When it ended; `None` while it runs.
    pub ended: Option<String>,
    /// How it stands.
    pub status: RunStatus,
    /// The hash of the system file.
    pub file: Hash,
    /// The hash of the plan.
    pub plan: Hash,
    /// The seed.
    pub seed: u64,
    /// What went wrong.
    pub error: Option<String>,
}

/// A stage of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stage {
    /// Its name, unique in the run.
    pub name: String,
    /// Its fingerprint.
    pub key: Hash,
    /// What became of it.
    pub status: StageStatus,
    /// How long it took.
    pub seconds: f64,
    /// Its output, where that is kept as an artifact.
    pub artifact: Option<Hash>,
}

/// A score of a model in a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Metric {
    /// The model: a candidate's name.
    pub model: String,
    /// The metric's name.
    pub name: String,
    /// Its value; `None` where it is not defined.
    pub value: Option<f64>,
    /// The lower end of its interval.
    pub low: Option<f64>,
    /// The upper end of its interval.
    pub high: Option<f64>,
}

const SELECT: &str = "select id, system, started, ended, status, file, plan, seed, error from runs";

impl Store {
    /// Begins a run and gives its number.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn begin_run(&self, run: &NewRun) -> Result<i64> {
        let run = run.clone();
        self.block(move |db| async move {
            loop {
                let next = sqlx::query("select coalesce(max(id), 0) + 1 from runs").fetch_one(&db.pool).await;
                let id: i64 = next.and_then(|row| row.try_get(0)).map_err(Error::database("beginning a run"))?;
                let insert = sqlx::query(
                    "insert into runs (id, system, started, status, file, plan, seed) values ($1, $2, $3, $4, $5, $6, $7)",
                );
                let insert = insert
                    .bind(id)
                    .bind(run.system.clone())
                    .bind(now())
                    .bind(word(&RunStatus::Running))
                    .bind(run.file.to_string())
                    .bind(run.plan.to_string())
                    .bind(run.seed.to_string());
                match insert.execute(&db.pool).await {
                    Ok(_) => return Ok(id),
                    // Another process took the number.
                    Err(error) if is_taken(&error) => {}
                    Err(error) => return Err(Error::database("beginning a run")(error)),
                }
            }
        })
    }

    /// Records what became of a stage; a later word on the same stage replaces it.
    ///
    /// # Errors
    /// When there is no such run, or the database refuses.
    pub fn record_stage(&self, run: i64, stage: &Stage) -> Result<()> {
        let stage = stage.clone();
        self.block(move |db| async move {
            let insert = sqlx::query(
                "insert into stages (run, name, key, status, seconds, artifact) values ($1, $2, $3, $4, $5, $6) \
                 on conflict (run, name) do update set key = excluded.key, status = excluded.status, \
                 seconds = excluded.seconds, artifact = excluded.artifact",
            );
            let insert = insert
                .bind(run)
                .bind(stage.name)
                .bind(stage.key.to_string())
                .bind(word(&stage.status))
                .bind(stage.seconds)
                .bind(stage.artifact.map(|a| a.to_string()));
            insert.execute(&db.pool).await.map_err(Error::database("recording a stage"))?;
            Ok(())
        })
    }

    /// Ends a run.
    ///
    /// # Errors
    /// When there is no such run, or the database refuses.
    pub fn finish_run(&self, run: i64, status: RunStatus, error: Option<&str>) -> Result<()> {
        let error = error.map(String::from);
        self.block(move |db| async move {
            let update = sqlx::query("update runs set ended = $1, status = $2, error = $3 where id = $4");
            let update = update.bind(now()).bind(word(&status)).bind(error).bind(run);
            let done = update.execute(&db.pool).await.map_err(Error::database("ending a run"))?;
            if done.rows_affected() == 0 { Err(no_run(run)) } else { Ok(()) }
        })
    }

    /// The runs, newest first, at most `limit`; of one system or of all.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn list_runs(&self, system: Option<&str>, limit: u32) -> Result<Vec<Run>> {
        let system = system.map(String::from);
        self.block(move |db| async move {
            let select = sqlx::query(
                "select id, system, started, ended, status, file, plan, seed, error from runs \
                 where system = $1 or $2 = 1 order by id desc limit $3",
            );
            let all = i64::from(system.is_none());
            let rows = select.bind(system.unwrap_or_default()).bind(all).bind(i64::from(limit)).fetch_all(&db.pool);
            rows.await.map_err(Error::database("listing the runs"))?.iter().map(read_run).collect()
        })
    }

    /// A run by its number.
    ///
    /// # Errors
    /// When there is none.
    pub fn run(&self, id: i64) -> Result<Run> {
        self.block(move |db| async move {
            let row = sqlx::query(sqlx::AssertSqlSafe(format!("{SELECT} where id = $1"))).bind(id);
            let row = row.fetch_optional(&db.pool).await.map_err(Error::database("reading a run"))?;
            row.as_ref().map(read_run).ok_or_else(|| no_run(id))?
        })
    }

    /// The stages of a run, by name.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn stages(&self, run: i64) -> Result<Vec<Stage>> {
        self.block(move |db| async move {
            let select =
                sqlx::query("select name, key, status, seconds, artifact from stages where run = $1 order by name");
            let rows = select.bind(run).fetch_all(&db.pool).await.map_err(Error::database("reading the stages"))?;
            rows.iter().map(read_stage).collect()
        })
    }

    /// The newest artifact that a stage of that fingerprint gave. It may have been cleaned away since:
    /// ask [`Store::has`].
    ///
    /// # Errors
    /// When the database refuses.
    pub fn artifact_of(&self, key: &Hash) -> Result<Option<Hash>> {
        let key = key.to_string();
        self.block(move |db| async move {
            let select = sqlx::query(
                "select artifact from stages where key = $1 and status <> 'failed' and artifact is not null \
                 order by run desc limit 1",
            );
            let row = select.bind(key).fetch_optional(&db.pool).await.map_err(Error::database("reading the stages"))?;
            row.as_ref().map(|row| hash(row, "artifact")).transpose()
        })
    }

    /// Records scores of a run; a later one of the same model and name replaces it.
    ///
    /// # Errors
    /// When there is no such run, or the database refuses.
    pub fn record_metrics(&self, run: i64, metrics: &[Metric]) -> Result<()> {
        let metrics = metrics.to_vec();
        self.block(move |db| async move {
            let doing = "recording scores";
            let mut transaction = db.begin(doing).await?;
            for metric in metrics {
                let insert = sqlx::query(
                    "insert into metrics (run, model, name, value, low, high) values ($1, $2, $3, $4, $5, $6) \
                     on conflict (run, model, name) do update set value = excluded.value, low = excluded.low, \
                     high = excluded.high",
                );
                let finite = |value: Option<f64>| value.filter(|v| v.is_finite());
                let insert = insert
                    .bind(run)
                    .bind(metric.model)
                    .bind(metric.name)
                    .bind(finite(metric.value))
                    .bind(finite(metric.low))
                    .bind(finite(metric.high));
                insert.execute(&mut *transaction).await.map_err(Error::database(doing))?;
            }
            transaction.commit().await.map_err(Error::database(doing))
        })
    }

    /// The scores of a run, by model and name.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn metrics(&self, run: i64) -> Result<Vec<Metric>> {
        self.block(move |db| async move {
            let doing = "reading scores";
            let select =
                sqlx::query("select model, name, value, low, high from metrics where run = $1 order by model, name");
            let rows = select.bind(run).fetch_all(&db.pool).await.map_err(Error::database(doing))?;
            let read = |row: &AnyRow| {
                Ok(Metric {
                    model: row.try_get("model")?,
                    name: row.try_get("name")?,
                    value: row.try_get("value")?,
                    low: row.try_get("low")?,
                    high: row.try_get("high")?,
                })
            };
            rows.iter().map(read).collect::<sqlx::Result<_>>().map_err(Error::database(doing))
        })
    }

    /// Keeps the report of a run.
    ///
    /// # Errors
    /// When there is no such run, or it cannot be written.
    pub fn put_report(&self, run: i64, report: &Json) -> Result<Hash> {
        let artifact = self.put_json(report)?;
        self.block(move |db| async move {
            let insert = sqlx::query(
                "insert into reports (run, artifact) values ($1, $2) \
                 on conflict (run) do update set artifact = excluded.artifact",
            );
            let insert = insert.bind(run).bind(artifact.to_string());
            insert.execute(&db.pool).await.map_err(Error::database("recording a report"))?;
            Ok(artifact)
        })
    }

    /// The report of a run.
    ///
    /// # Errors
    /// When there is none, or it is damaged.
    pub fn report(&self, run: i64) -> Result<Json> {
        let artifact = self.block(move |db| async move {
            let select = sqlx::query("select artifact from reports where run = $1").bind(run);
            let row = select.fetch_optional(&db.pool).await.map_err(Error::database("reading a report"))?;
            let row = row.ok_or_else(|| Error::missing(format!("run {run} has no report")))?;
            hash(&row, "artifact")
        })?;
        self.get_json(&artifact)
    }
}

fn no_run(id: i64) -> Error {
    Error::missing(format!("there is no run {id}")).with_hint("arkwright runs lists them")
}

fn read_run(row: &AnyRow) -> Result<Run> {
    let read = || -> sqlx::Result<_> {
        Ok((
            row.try_get("id")?,
            row.try_get("system")?,
            row.try_get("started")?,
            row.try_get("ended")?,
            row.try_get("error")?,
        ))
    };
    let (id, system, started, ended, error) = read().map_err(Error::database("reading a run"))?;
    let seed = text(row, "seed")?.parse().map_err(|_| damaged("seed"))?;
    let (file, plan) = (hash(row, "file")?, hash(row, "plan")?);
    Ok(Run { id, system, started, ended, status: parse_word(row, "status")?, file, plan, seed, error })
}

fn read_stage(row: &AnyRow) -> Result<Stage> {
    let artifact: Option<String> = row.try_get("artifact").map_err(Error::database("reading a stage"))?;
    Ok(Stage {
        name: text(row, "name")?,
        key: hash(row, "key")?,
        status: parse_word(row, "status")?,
        seconds: row.try_get("seconds").map_err(Error::database("reading a stage"))?,
        artifact: artifact.map(|a| Hash::parse(&a).ok_or_else(|| damaged("artifact"))).transpose()?,
    })
}

/// The time, as the database keeps it.
pub(crate) fn now() -> String {
    chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// A status as the database keeps it.
fn word<T: Serialize>(status: &T) -> String {
    match serde_json::to_value(status) {
        Ok(Json::String(word)) => word,
        _ => String::new(),
    }
}

fn parse_word<T: for<'a> Deserialize<'a>>(row: &AnyRow, column: &str) -> Result<T> {
    serde_json::from_value(Json::String(text(row, column)?)).map_err(|_| damaged(column))
}

pub(crate) fn text(row: &AnyRow, column: &str) -> Result<String> {
    row.try_get(column).map_err(Error::database("reading the store"))
}

pub(crate) fn hash(row: &AnyRow, column: &str) -> Result<Hash> {
    Hash::parse(&text(row, column)?).ok_or_else(|| damaged(column))
}

pub(crate) fn damaged(column: &str) -> Error {
    Error::Damaged(format!("the store's database holds no sensible `{column}`"))
}
