//! Frees what no registered version needs.
//!
//! A version needs its bundle, and of the run that made it the report. All else in the artifacts, and the
//! memory of fits that no stage of such a run names, can be made again. What is younger
//! than a given age stays, since a run that goes on at this moment may have put it there.

use crate::artifacts::{Artifacts, Folder, Kept, read_list};
use crate::error::{Error, Result};
use crate::memo::forget;
use crate::runs::hash;
use crate::store::Store;
use arkwright_core::Hash;
use serde::Serialize;
use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

/// Something that no registered version needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Garbage {
    /// What it is: `artifact`, `fit`, or `unfinished` (left by a process that died).
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
}

/// What was freed, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cleaned {
    /// The things.
    pub garbage: Vec<Garbage>,
    /// Their size together.
    pub bytes: u64,
}

const BUNDLES: &str = "select bundle as name from models";
const REPORTS: &str = "select r.artifact as name from reports r join models m on m.run = r.run";
const FITS: &str = "select s.key as name from stages s join models m on m.run = s.run";

impl Store {
    /// Frees what no registered version needs and nobody touched for `age`; with `dry_run` only lists it.
    ///
    /// # Errors
    /// When something cannot be read or removed.
    pub fn clean(&self, age: Duration, dry_run: bool) -> Result<Cleaned> {
        let mut needed = BTreeSet::new();
        for select in [BUNDLES, REPORTS] {
            for hash in self.names(select)? {
                self.need(hash, &mut needed);
            }
        }
        let fits: BTreeSet<Hash> = self.names(FITS)?.into_iter().collect();
        let kept = match &self.inner.artifacts {
            Artifacts::Folder(folder) => folder.list()?,
            Artifacts::Objects(objects) => {
                let objects = objects.clone();
                self.block(move |_| async move { objects.list().await })?
            }
        };
        let remembered = match &self.inner.memo {
            Some(memo) => Folder::new(memo).list()?,
            None => Vec::new(),
        };
        let oldest = SystemTime::now().checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH);
        let mut cleaned = Cleaned::default();
        for (kind, things, needed) in [("artifact", kept, &needed), ("fit", remembered, &fits)] {
            for thing in things {
                if thing.changed > oldest || thing.hash.is_some_and(|h| needed.contains(&h)) {
                    continue;
                }
                if !dry_run {
                    self.remove(kind, &thing)?;
                }
                cleaned.bytes += thing.bytes;
                cleaned.garbage.push(match thing.hash {
                    Some(hash) => Garbage { kind, name: hash.to_string(), bytes: thing.bytes },
                    None => Garbage { kind: "unfinished", name: String::new(), bytes: thing.bytes },
                });
            }
        }
        Ok(cleaned)
    }

    fn names(&self, select: &'static str) -> Result<Vec<Hash>> {
        self.block(move |db| async move {
            let rows = sqlx::query(select).fetch_all(&db.pool).await;
            rows.map_err(Error::database("looking for what is needed"))?.iter().map(|row| hash(row, "name")).collect()
        })
    }

    /// Marks an artifact, and the files that it lists.
    fn need(&self, hash: Hash, needed: &mut BTreeSet<Hash>) {
        if needed.insert(hash)
            && let Ok(bytes) = self.get(&hash)
            && let Some(list) = read_list(&bytes)
        {
            needed.extend(list.files.into_values());
        }
    }

    fn remove(&self, kind: &str, thing: &Kept) -> Result<()> {
        match &self.inner.artifacts {
            Artifacts::Objects(objects) if kind == "artifact" => {
                let (objects, place) = (objects.clone(), thing.place.clone());
                self.block(move |_| async move { objects.delete(&place).await })
            }
            _ => forget(&thing.place).map_err(Error::io("removing", &thing.place)),
        }
    }
}
