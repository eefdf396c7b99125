//! The database: every query is written once, with `$1`, and runs on SQLite and on PostgreSQL.
//!
//! Migrations go forward by themselves, all in one transaction that keeps others out. Before an SQLite
//! file of an older version is touched, it is copied beside itself; a PostgreSQL server has its own ways.
//!
//! What keeps a database from being opened is told at once: one connection is made before the pool, which
//! would try again until its patience ends. Damage that SQLite finds later, in the middle of a query, is told
//! in the same words.

use crate::error::{Error, Result};
use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::{AnyConnection, AnyPool, Connection, Executor, Row};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The migrations in their order; the first brings an empty database to version 1.
const MIGRATIONS: [&str; 2] =
    [include_str!("../migrations/0001_first.sql"), include_str!("../migrations/0002_gates.sql")];

/// How long one process waits for another to finish writing.
const PATIENCE: Duration = Duration::from_secs(30);

/// A pool of connections, and what differs between the two kinds.
#[derive(Clone)]
pub(crate) struct Database {
    pub pool: AnyPool,
    file: Option<PathBuf>,
}

impl Database {
    /// Opens the SQLite file, made where there is none.
    pub async fn file(path: &Path) -> Result<Self> {
        let absolute = std::path::absolute(path).map_err(Error::io("finding", path))?;
        let text = absolute.to_str();
        let text = text.ok_or_else(|| Error::Place(format!("{} is not Unicode", absolute.display())))?;
        let told = |error| told(error, &absolute);
        let url = format!("sqlite://{}?mode=rwc", escape(text));
        let pool = connect(&url, 4, true).await.map_err(told)?;
        let database = Self { pool, file: Some(absolute.clone()) };
        database.migrate(&MIGRATIONS).await.map_err(told)?;
        Ok(database)
    }

    /// An error as it is told: what SQLite calls corrupt is a damaged file, at its place.
    pub fn told(&self, error: Error) -> Error {
        match &self.file {
            Some(file) => told(error, file),
            None => error,
        }
    }

    /// Opens a PostgreSQL database by its URL.
    pub async fn server(url: &str) -> Result<Self> {
        let database = Self { pool: connect(url, 8, false).await?, file: None };
        database.migrate(&MIGRATIONS).await?;
        Ok(database)
    }

    async fn migrate(&self, migrations: &[&'static str]) -> Result<()> {
        let doing = "bringing the store up to date";
        let known = migrations.len() as i64;
        match self.version().await {
            Some(version) if version == known => return Ok(()),
            Some(found) if found > known => return Err(Error::Newer { found, known }),
            Some(version) => self.back_up(version).await?,
            None => {}
        }
        // The lock is taken before anything is read: SQLite's with the transaction, PostgreSQL's by name.
        let mut transaction = self.begin(doing).await?;
        if self.file.is_none() {
            let lock = "select pg_advisory_xact_lock(4703172891)";
            transaction.execute(lock).await.map_err(Error::database(doing))?;
        }
        let table = "create table if not exists arkwright_versions (version bigint primary key)";
        transaction.execute(table).await.map_err(Error::database(doing))?;
        let newest = transaction.fetch_one(NEWEST).await.map_err(Error::database(doing))?;
        let newest: i64 = newest.try_get(0).map_err(Error::database(doing))?;
        for (version, migration) in (1..).zip(migrations).skip(usize::try_from(newest).unwrap_or(0)) {
            sqlx::raw_sql(*migration).execute(&mut *transaction).await.map_err(Error::database(doing))?;
            let insert = sqlx::query("insert into arkwright_versions (version) values ($1)").bind::<i64>(version);
            insert.execute(&mut *transaction).await.map_err(Error::database(doing))?;
        }
        transaction.commit().await.map_err(Error::database(doing))
    }

    /// Begins to write. SQLite is told so at once: one that reads first may find, when it comes to write,
    /// that another has written, and waiting would not help.
    pub async fn begin(&self, doing: &'static str) -> Result<sqlx::Transaction<'static, sqlx::Any>> {
        let begin = if self.file.is_some() { "begin immediate" } else { "begin" };
        self.pool.begin_with(begin).await.map_err(Error::database(doing))
    }

    /// The version of the tables; `None` where there are none.
    async fn version(&self) -> Option<i64> {
        self.pool.fetch_one(NEWEST).await.ok()?.try_get(0).ok()
    }

    /// Copies the SQLite file, with what is still in its log, before it is changed.
    async fn back_up(&self, version: i64) -> Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let mut name = file.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".version-{version}"));
        let copy = file.with_file_name(name);
        if copy.exists() {
            return Ok(());
        }
        let query = sqlx::query("vacuum into $1").bind(copy.to_string_lossy().into_owned());
        query.execute(&self.pool).await.map_err(Error::database("copying the store before it is changed"))?;
        Ok(())
    }
}

const NEWEST: &str = "select coalesce(max(version), 0) from arkwright_versions";

/// What is damaged is told as that, with its place.
fn told(error: Error, file: &Path) -> Error {
    // SQLITE_CORRUPT and SQLITE_NOTADB; the upper bits of a code say more than that.
    let is_damage = |code: &str| code.parse::<i32>().is_ok_and(|code| [11, 26].contains(&(code & 0xff)));
    match error {
        Error::Database { source: sqlx::Error::Database(said), .. } if said.code().is_some_and(|c| is_damage(&c)) => {
            Error::Corrupt { file: file.to_path_buf(), what: said.message().to_string() }
        }
        other => other,
    }
}

const OPENING: &str = "opening the store's database";

async fn connect(url: &str, connections: u32, sqlite: bool) -> Result<AnyPool> {
    install_default_drivers();
    // A pool tries again until its patience ends; one connection says at once what is wrong.
    let mut first = AnyConnection::connect(url).await.map_err(Error::database(OPENING))?;
    prepare(&mut first, sqlite).await.map_err(Error::database(OPENING))?;
    first.close().await.map_err(Error::database(OPENING))?;
    let options = AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        .after_connect(move |connection, _| Box::pin(prepare(connection, sqlite)));
    options.connect(url).await.map_err(Error::database(OPENING))
}

async fn prepare(connection: &mut AnyConnection, sqlite: bool) -> sqlx::Result<()> {
    if sqlite {
        connection.execute("pragma busy_timeout = 30000").await?;
        connection.execute("pragma journal_mode = wal").await?;
        // With a write-ahead log this loses nothing at a crash of the process, and at most the last commits
        // at a loss of power; the file is whole either way.
        connection.execute("pragma synchronous = normal").await?;
        connection.execute("pragma foreign_keys = on").await?;
    }
    Ok(())
}

/// A path as a part of a URL.
fn escape(path: &str) -> String {
    let mut url = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => url.push(byte.into()),
            other => url.push_str(&format!("%{other:02X}")),
        }
    }
    url
}

/// Whether a row of that key is there already: someone else was faster.
pub(crate) fn is_taken(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|e| e.is_unique_violation())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_file_is_copied_and_brought_up_to_date_and_a_newer_one_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a b?%#.db");
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let database = Database::file(&file).await.unwrap();
            let with = |next| [MIGRATIONS.as_slice(), &[next]].concat();
            let next = with("create table more (a bigint); insert into more values (7)");
            let broken = with("create table more (a bigint); create nonsense");
            assert!(database.migrate(&broken).await.is_err());
            assert_eq!(database.version().await, Some(2), "a migration that fails changes nothing");
            database.migrate(&next).await.unwrap();
            database.migrate(&next).await.unwrap();
            let row = database.pool.fetch_one("select a from more").await.unwrap();
            assert_eq!(row.get::<i64, _>(0), 7);
            database.pool.close().await;
            assert!(dir.path().join("a b?%#.db.version-2").exists());
            match Database::file(&file).await {
                Err(Error::Newer { found: 3, known: 2 }) => {}
                other => panic!("{:?}", other.err()),
            }
        });
    }
}
