//! A place to build systems in: a temporary folder with a store, and tables made by rule.

use arkwright_core::{Context, Silent};
use arkwright_data::Engine;
use arkwright_flow::{Failed, Options, Plan, Project, Ran, SystemFile};
use arkwright_store::Store;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub struct Workshop {
    pub folder: tempfile::TempDir,
}

impl Workshop {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn put(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn store(&self) -> Arc<Store> {
        Arc::new(Store::open(self.path().join(".arkwright").to_str().unwrap(), None).unwrap())
    }

    pub fn project(&self, path: &Path) -> Result<Project, Failed> {
        let engine = Arc::new(Engine::new(None, 2).unwrap());
        let file = SystemFile::read(path)?;
        Ok(Project::new(file, arkwright_flow::registry(), engine, self.store(), Options::default()))
    }

    pub fn plan(&self, path: &Path) -> Result<(Project, Plan, Context), Failed> {
        let project = self.project(path)?;
        let ctx = project.context(Arc::new(Silent), Arc::new(AtomicBool::new(false)));
        let plan = project.plan(&ctx)?;
        Ok((project, plan, ctx))
    }

    pub fn run(&self, path: &Path) -> Result<Ran, Failed> {
        let (project, plan, ctx) = self.plan(path)?;
        arkwright_flow::run(&project, &plan, &ctx)
    }
}

/// A table of two classes that a line and a category tell apart, with gaps: n rows from a fixed rule.
pub fn customers(n: usize) -> String {
    let mut text = String::from("age,income,city,since,left\n");
    for i in 0..n {
        let r = |k: usize| ((i * 7919 + k * 104_729) % 1009) as f64 / 1009.0;
        let (age, income) = (20.0 + 50.0 * r(1), 1000.0 + 9000.0 * r(2));
        let city = ["Ulm", "Bern", "Graz"][(i * 31 + 7) % 3];
        let score = (age - 45.0) / 15.0 - (income - 5500.0) / 3000.0 + if city == "Ulm" { 1.0 } else { -0.5 };
        let left = if score + 2.0 * (r(3) - 0.5) > 0.0 { "yes" } else { "no" };
        let income = if i % 17 == 0 { String::new() } else { format!("{income:.2}") };
        let city = if i % 23 == 0 { "" } else { city };
        writeln!(text, "{age:.1},{income},{city},20{:02}-0{}-1{},{left}", i % 20 + 1, i % 9 + 1, i % 9).unwrap();
    }
    text
}
