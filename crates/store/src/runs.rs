//! What ran: runs, their stages, their reports.

use crate::alive::Alive;
use crate::database::{Database, is_taken};
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
    /// It is under way.
    Running,
    /// Its process ended before it did: it was killed, or the machine went down. The next run goes on from
    /// there.
    Killed,
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
}

const SELECT: &str = "select id, system, started, ended, status, file, plan, seed, error from runs";

impl Store {
    /// Begins a run and gives its number.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn begin_run(&self, run: &NewRun) -> Result<i64> {
        let (run, alive) = (run.clone(), self.inner.alive.clone());
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
                    Ok(_) => return alive.hold(&db, id).await.map(|()| id),
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
                "insert into stages (run, name, key, status, seconds) values ($1, $2, $3, $4, $5) \
                 on conflict (run, name) do update set key = excluded.key, status = excluded.status, \
                 seconds = excluded.seconds",
            );
            let insert = insert
                .bind(run)
                .bind(stage.name)
                .bind(stage.key.to_string())
                .bind(word(&stage.status))
                .bind(stage.seconds);
            insert.execute(&db.pool).await.map_err(Error::database("recording a stage"))?;
            Ok(())
        })
    }

    /// Ends a run.
    ///
    /// # Errors
    /// When there is no such run, or the database refuses.
    pub fn finish_run(&self, run: i64, status: RunStatus, error: Option<&str>) -> Result<()> {
        let (error, alive) = (error.map(String::from), self.inner.alive.clone());
        self.block(move |db| async move {
            let update = sqlx::query("update runs set ended = $1, status = $2, error = $3 where id = $4");
            let update = update.bind(now()).bind(word(&status)).bind(error).bind(run);
            let done = update.execute(&db.pool).await.map_err(Error::database("ending a run"))?;
            alive.let_go(run).await;
            if done.rows_affected() == 0 { Err(no_run(run)) } else { Ok(()) }
        })
    }

    /// The runs, newest first, at most `limit`; of one system or of all.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn list_runs(&self, system: Option<&str>, limit: u32) -> Result<Vec<Run>> {
        let (system, alive) = (system.map(String::from), self.inner.alive.clone());
        self.block(move |db| async move {
            let select = sqlx::query(
                "select id, system, started, ended, status, file, plan, seed, error from runs \
                 where system = $1 or $2 = 1 order by id desc limit $3",
            );
            let all = i64::from(system.is_none());
            let rows = select.bind(system.unwrap_or_default()).bind(all).bind(i64::from(limit)).fetch_all(&db.pool);
            let rows = rows.await.map_err(Error::database("listing the runs"))?;
            let runs = rows.iter().map(read_run).collect::<Result<Vec<_>>>()?;
            told(runs, &alive, &db).await
        })
    }

    /// A run by its number.
    ///
    /// # Errors
    /// When there is none.
    pub fn run(&self, id: i64) -> Result<Run> {
        let alive = self.inner.alive.clone();
        self.block(move |db| async move {
            let row = sqlx::query(sqlx::AssertSqlSafe(format!("{SELECT} where id = $1"))).bind(id);
            let row = row.fetch_optional(&db.pool).await.map_err(Error::database("reading a run"))?;
            let run = row.as_ref().map(read_run).transpose()?;
            told(run.into_iter().collect(), &alive, &db).await?.pop().ok_or_else(|| no_run(id))
        })
    }

    /// The stages of a run, by name.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn stages(&self, run: i64) -> Result<Vec<Stage>> {
        self.block(move |db| async move {
            let select = sqlx::query("select name, key, status, seconds from stages where run = $1 order by name");
            let rows = select.bind(run).fetch_all(&db.pool).await.map_err(Error::database("reading the stages"))?;
            rows.iter().map(read_stage).collect()
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

/// Runs as they are told: one that is called running, and that no process holds, was killed.
async fn told(mut runs: Vec<Run>, alive: &Alive, db: &Database) -> Result<Vec<Run>> {
    let running: Vec<i64> = runs.iter().filter(|r| r.status == RunStatus::Running).map(|r| r.id).collect();
    if !running.is_empty() {
        let held = alive.among(db, &running).await?;
        let killed = |r: &&mut Run| r.status == RunStatus::Running && !held.contains(&r.id);
        runs.iter_mut().filter(killed).for_each(|r| r.status = RunStatus::Killed);
    }
    Ok(runs)
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
    Ok(Stage {
        name: text(row, "name")?,
        key: hash(row, "key")?,
        status: parse_word(row, "status")?,
        seconds: row.try_get("seconds").map_err(Error::database("reading a stage"))?,
    })
}

/// The time, as the database keeps it.
pub(crate) fn now() -> String {
    chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// A status as the database keeps it.
pub(crate) fn word<T: Serialize>(status: &T) -> String {
    match serde_json::to_value(status) {
        Ok(Json::String(word)) => word,
        _ => String::new(),
    }
}

pub(crate) fn parse_word<T: for<'a> Deserialize<'a>>(row: &AnyRow, column: &str) -> Result<T> {
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
