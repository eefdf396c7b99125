//! What the newest version of each model takes and gives, for the API page and the OpenAPI description.
//!
//! A bundle never changes, so what it takes and gives is made out once and remembered under its hash. A
//! version that is not in memory is read for that and let go again: it drives out none that is asked for
//! predictions.

use crate::about::About;
use crate::models::{Models, Shelf};
use crate::openapi;
use arkwright_core::Hash;
use axum::body::Bytes;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::Mutex;

/// What is remembered.
#[derive(Default)]
pub(crate) struct Catalogue(Mutex<Known>);

#[derive(Default)]
struct Known {
    abouts: HashMap<Hash, Arc<About>>,
    /// The description, and the models that it describes.
    description: Option<(Arc<Shelf>, Bytes)>,
}

/// A model's name, and what its newest version takes and gives.
pub(crate) type Entry = (String, Arc<About>);

impl Catalogue {
    /// The models that have a newest version, by name. One that cannot be read is left out: its own page
    /// says why.
    pub(crate) async fn newest(&self, models: &Models) -> Vec<Entry> {
        self.0.lock().await.newest(models, &models.shelf()).await.0
    }

    /// The OpenAPI description, as JSON.
    pub(crate) async fn description(&self, models: &Models) -> Bytes {
        let mut known = self.0.lock().await;
        let shelf = models.shelf();
        match &known.description {
            Some((of, text)) if Arc::ptr_eq(of, &shelf) => text.clone(),
            _ => {
                let (entries, all) = known.newest(models, &shelf).await;
                let text = Bytes::from(openapi::describe(&entries).to_string());
                known.description = all.then(|| (shelf, text.clone()));
                text
            }
        }
    }
}

impl Known {
    /// The entries, and whether they are all.
    async fn newest(&mut self, models: &Models, shelf: &Shelf) -> (Vec<Entry>, bool) {
        let mut kept = HashMap::new();
        let mut entries = Vec::new();
        let mut all = true;
        for (name, card) in shelf {
            let Some(version) = card.newest().and_then(|number| card.version(number)) else { continue };
            let about = match version.bundle.and_then(|hash| self.abouts.get(&hash)) {
                Some(about) => Some(about.clone()),
                None => models.about(name, version).await.ok(),
            };
            if let (Some(hash), Some(about)) = (version.bundle, &about) {
                kept.insert(hash, about.clone());
            }
            all &= about.is_some();
            entries.extend(about.map(|about| (name.clone(), about)));
        }
        self.abouts = kept;
        (entries, all)
    }
}
