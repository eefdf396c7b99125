//! Registered models: numbered versions of a system's bundles, and the names by which people call them.
//!
//! | name | version |
//! |---|---|
//! | `churn` | the newest that passed its gates, or had none |
//! | `churn@production` | the one that the alias points to |
//! | `churn:3` | that one |

use crate::database::is_taken;
use crate::error::{Error, Result};
use crate::runs::{damaged, hash, now, parse_word, text, word};
use crate::store::Store;
use arkwright_core::{Hash, Json, nearest};
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// What a version's gates said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gates {
    /// Each was passed.
    Passed,
    /// One was not.
    Failed,
    /// There were none.
    #[default]
    Ungated,
}

impl Gates {
    /// Whether the version may be what a bare name means, and what an alias points to.
    pub fn allow(self) -> bool {
        self != Self::Failed
    }
}

/// A version about to be registered.
#[derive(Clone, Debug, PartialEq)]
pub struct NewModel {
    /// The system's name.
    pub system: String,
    /// The bundle, as [`Store::put_bundle`] named it.
    pub bundle: Hash,
    /// The run that made it.
    pub run: Option<i64>,
    /// What its gates said.
    pub gates: Gates,
    /// The model card.
    pub card: Json,
    /// Its scores.
    pub metrics: Json,
}

/// A registered version.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelVersion {
    /// The system's name.
    pub system: String,
    /// The version's number, counted from 1.
    pub version: i64,
    /// The bundle, for [`Store::get_bundle`].
    pub bundle: Hash,
    /// The run that made it.
    pub run: Option<i64>,
    /// What its gates said.
    pub gates: Gates,
    /// When it was registered, as RFC 3339 in UTC.
    pub created: String,
    /// The model card.
    pub card: Json,
    /// Its scores.
    pub metrics: Json,
    /// The aliases that point to it.
    pub aliases: Vec<String>,
}

/// What people call a version by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The system's name.
    pub system: String,
    /// Which of its versions.
    pub which: Which,
}

/// Which version of a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The newest that passed its gates, or had none.
    Newest,
    /// The one that an alias points to.
    Alias(String),
    /// The one of that number.
    Version(i64),
}

impl FromStr for Reference {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = |what: String| Error::Name { what, hint: Some("NAME, NAME@ALIAS or NAME:VERSION".into()) };
        let (system, which) = match (text.split_once('@'), text.split_once(':')) {
            (Some((system, alias)), None) => (system, Which::Alias(alias.to_string())),
            (None, Some((system, version))) => match version.parse() {
                Ok(number) if number > 0 => (system, Which::Version(number)),
                _ => return Err(wrong(format!("`{version}` is not the number of a version"))),
            },
            (None, None) => (text, Which::Newest),
            _ => return Err(wrong(format!("`{text}` is not the name of a model"))),
        };
        let alias_is_right = match &which {
            Which::Alias(alias) => is_name(alias),
            _ => true,
        };
        match is_name(system) && alias_is_right {
            true => Ok(Self { system: system.to_string(), which }),
            false => Err(wrong(format!("`{text}` is not the name of a model"))),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.which {
            Which::Newest => f.write_str(&self.system),
            Which::Alias(alias) => write!(f, "{}@{alias}", self.system),
            Which::Version(version) => write!(f, "{}:{version}", self.system),
        }
    }
}

/// Whether a system or an alias may be called that: `[a-z0-9][a-z0-9_-]*`.
fn is_name(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    text.len() <= 100
        && text.bytes().next().is_some_and(plain)
        && text.bytes().all(|b| plain(b) || b == b'_' || b == b'-')
}

fn check_name(what: &str, text: &str) -> Result<()> {
    match is_name(text) {
        true => Ok(()),
        false => Err(Error::Name {
            what: format!("{what} cannot be called `{text}`"),
            hint: Some("small letters, digits, - and _, a letter or a digit first".into()),
        }),
    }
}

impl Store {
    /// Registers a version under the next number. The bundle of the newest version is not registered again
    /// where its gates say the same: that version is given, with what is now known of it. Where they say
    /// something else it is another decision, and what they said before stays true of the version before.
    ///
    /// # Errors
    /// When the system cannot be called that, the bundle is not in the store, or the database refuses.
    pub fn register_model(&self, model: &NewModel) -> Result<ModelVersion> {
        check_name("a system", &model.system)?;
        if !self.has(&model.bundle)? {
            return Err(Error::no_artifact(&model.bundle));
        }
        let model = model.clone();
        let system = model.system.clone();
        let version = self.block(move |db| async move {
            let doing = "registering a model";
            loop {
                let newest = sqlx::query(
                    "select version, bundle, gates from models where system = $1 order by version desc limit 1",
                );
                let newest = newest.bind(model.system.clone()).fetch_optional(&db.pool).await;
                let next = match newest.map_err(Error::database(doing))? {
                    Some(row) => {
                        let version: i64 = row.try_get("version").map_err(Error::database(doing))?;
                        if hash(&row, "bundle")? == model.bundle && parse_word::<Gates>(&row, "gates")? == model.gates {
                            let update = sqlx::query(
                                "update models set card = $1, metrics = $2, run = $3 \
                                 where system = $4 and version = $5",
                            );
                            let update = update
                                .bind(model.card.to_string())
                                .bind(model.metrics.to_string())
                                .bind(model.run)
                                .bind(model.system)
                                .bind(version);
                            update.execute(&db.pool).await.map_err(Error::database(doing))?;
                            return Ok(version);
                        }
                        version + 1
                    }
                    None => 1,
                };
                let insert = sqlx::query(
                    "insert into models (system, version, bundle, run, gates, created, card, metrics) \
                     values ($1, $2, $3, $4, $5, $6, $7, $8)",
                );
                let insert = insert
                    .bind(model.system.clone())
                    .bind(next)
                    .bind(model.bundle.to_string())
                    .bind(model.run)
                    .bind(word(&model.gates))
                    .bind(now())
                    .bind(model.card.to_string())
                    .bind(model.metrics.to_string());
                match insert.execute(&db.pool).await {
                    Ok(_) => return Ok(next),
                    // Another process took the number: look again.
                    Err(error) if is_taken(&error) => {}
                    Err(error) => return Err(Error::database(doing)(error)),
                }
            }
        })?;
        self.resolve(&format!("{system}:{version}"))
    }

    /// The registered versions, by system and newest first; of one system or of all.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn list_models(&self, system: Option<&str>) -> Result<Vec<ModelVersion>> {
        let system = system.map(String::from);
        self.block(move |db| async move {
            let doing = "listing the models";
            let aliases = sqlx::query("select system, alias, version from aliases order by alias");
            let aliases = aliases.fetch_all(&db.pool).await.map_err(Error::database(doing))?;
            let mut names: BTreeMap<(String, i64), Vec<String>> = BTreeMap::new();
            for row in &aliases {
                let version: i64 = row.try_get("version").map_err(Error::database(doing))?;
                names.entry((text(row, "system")?, version)).or_default().push(text(row, "alias")?);
            }
            let select = sqlx::query(
                "select system, version, bundle, run, gates, created, card, metrics from models \
                 where system = $1 or $2 = 1 order by system, version desc",
            );
            let all = i64::from(system.is_none());
            let rows = select.bind(system.unwrap_or_default()).bind(all).fetch_all(&db.pool);
            rows.await.map_err(Error::database(doing))?.iter().map(|row| read_model(row, &mut names)).collect()
        })
    }

    /// The version that a name means.
    ///
    /// # Errors
    /// When it means none, with the nearest that does.
    pub fn resolve(&self, name: &str) -> Result<ModelVersion> {
        let reference: Reference = name.parse()?;
        let versions = self.list_models(Some(&reference.system))?;
        if versions.is_empty() {
            let all = self.list_models(None)?;
            let error = Error::missing(format!("there is no model `{}`", reference.system));
            return Err(match nearest(&reference.system, all.iter().map(|m| m.system.as_str())) {
                Some(near) => error.with_hint(format!("did you mean `{near}`?")),
                None => error.with_hint("arkwright models lists them"),
            });
        }
        let newest = versions[0].version;
        let aliases: Vec<String> = versions.iter().flat_map(|v| v.aliases.clone()).collect();
        let found = versions.into_iter().find(|v| match &reference.which {
            Which::Newest => v.gates.allow(),
            Which::Alias(alias) => v.aliases.contains(alias),
            Which::Version(version) => v.version == *version,
        });
        found.ok_or_else(|| match &reference.which {
            Which::Newest => Error::missing(format!("no version of `{}` passed its gates", reference.system))
                .with_hint(format!("`{}:{newest}` is the newest that did not", reference.system)),
            Which::Alias(alias) => {
                let error = Error::missing(format!("`{}` has no alias `{alias}`", reference.system));
                match nearest(alias, aliases.iter().map(String::as_str)) {
                    Some(near) => error.with_hint(format!("did you mean `{}@{near}`?", reference.system)),
                    None => error.with_hint(format!("`{}` is its newest version", reference.system)),
                }
            }
            Which::Version(version) => Error::missing(format!("`{}` has no version {version}", reference.system))
                .with_hint(format!("the newest is {newest}")),
        })
    }

    /// Points an alias at a version; it may have pointed at another.
    ///
    /// # Errors
    /// When an alias cannot be called that, there is no such version, or it failed its gates.
    pub fn set_alias(&self, system: &str, alias: &str, version: i64) -> Result<()> {
        check_name("an alias", alias)?;
        let model = self.resolve(&format!("{system}:{version}"))?;
        if self.inner.looks.is_some() {
            let what = "the store's folder cannot be written to: no alias is set".to_string();
            return Err(Error::Name { what, hint: None });
        }
        if !model.gates.allow() {
            return Err(Error::Name {
                what: format!("`{system}:{version}` failed its gates and is not promoted"),
                hint: Some("register a version that passes them".into()),
            });
        }
        let (system, alias) = (system.to_string(), alias.to_string());
        self.block(move |db| async move {
            let insert = sqlx::query(
                "insert into aliases (system, alias, version) values ($1, $2, $3) \
                 on conflict (system, alias) do update set version = excluded.version",
            );
            let insert = insert.bind(system).bind(alias).bind(version);
            insert.execute(&db.pool).await.map_err(Error::database("setting an alias"))?;
            Ok(())
        })
    }
}

fn read_model(row: &AnyRow, aliases: &mut BTreeMap<(String, i64), Vec<String>>) -> Result<ModelVersion> {
    let read = || -> sqlx::Result<(i64, Option<i64>)> { Ok((row.try_get("version")?, row.try_get("run")?)) };
    let (version, run) = read().map_err(Error::database("reading a model"))?;
    let json = |column: &str| serde_json::from_str(&text(row, column)?).map_err(|_| damaged(column));
    let system = text(row, "system")?;
    Ok(ModelVersion {
        aliases: aliases.remove(&(system.clone(), version)).unwrap_or_default(),
        version,
        bundle: hash(row, "bundle")?,
        run,
        gates: parse_word(row, "gates")?,
        created: text(row, "created")?,
        card: json("card")?,
        metrics: json("metrics")?,
        system,
    })
}
