//! `arkwright import` and `arkwright export`: models from other programs, and for them.

use crate::failure::Failure;
use crate::place::Place;
use crate::show::{plain, strong};
use arkwright_core::{Context, Error, counted};
use arkwright_data::replace;
use arkwright_flow::exchange::{Imports, export, held_out, import};
use arkwright_flow::stored;
use arkwright_learn::tree::exchange::Program;
use arkwright_store::{Gates, NewModel};
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// Registers the model of a file.
pub fn read(file: &Path, imports: &Imports, place: &Place) -> Result<ExitCode, Failure> {
    let read = |source| Error::Io { doing: format!("reading `{}`", file.display()), source };
    let bytes = std::fs::read(file).map_err(read)?;
    let (bundle, card) = import(&bytes, imports).map_err(|e| e.within(format!("`{}`", file.display())))?;
    let store = place.store()?;
    let model = NewModel {
        system: imports.name.clone(),
        bundle: store.put_bundle(&bundle).map_err(stored)?,
        run: None,
        gates: Gates::Ungated,
        card: card.clone(),
        metrics: serde_json::json!([]),
    };
    let version = store.register_model(&model).map_err(stored)?.version;
    let mut out = std::io::stdout().lock();
    if place.global.json {
        let told = serde_json::json!({ "model": imports.name, "version": version, "card": card });
        writeln!(out, "{told:#}")?;
    } else {
        let (trees, features) = (&card["trees"], &card["features"]);
        let from = card["imported_from"].as_str().unwrap_or_default();
        writeln!(out, "read {trees} trees on {features} features from a model of {from}'s")?;
        writeln!(out, "registered {}", strong(&format!("{}:{version}", imports.name)))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the trees of a registered model for another program.
pub fn write(model: &str, to: &Path, rows: Option<&str>, place: &Place) -> Result<ExitCode, Failure> {
    let program = match to.extension().and_then(|e| e.to_str()) {
        Some("txt") => Program::LightGbm,
        Some("json") => Program::XgBoost,
        Some("onnx") => Program::Onnx,
        _ => {
            let what = format!("what is `{}` to be?", to.display());
            return Err(Failure::usage(what, "--to model.txt (LightGBM), model.json (XGBoost) or model.onnx"));
        }
    };
    let store = place.store_to_read()?;
    let version = store.resolve(model).map_err(stored)?;
    let bundle = store.get_bundle(&version.bundle, &place.registry).map_err(stored)?;
    let mut ctx = Context::new(0).with_registry(place.registry.clone()).with_stop(place.stop.clone());
    if let Some(memo) = store.memo() {
        ctx = ctx.with_memo(Arc::new(memo));
    }
    let engine = place.engine()?;
    let exported = place.compute(|| {
        let table = match (rows, version.run) {
            (Some(path), _) => Some(engine.read(&arkwright_data::Request::new(Path::new(""), path))?.into_frame()?),
            (None, Some(run)) => held_out(&store.stages(run).map_err(stored)?, &ctx)?,
            (None, None) => None,
        };
        let table = table.map(|t| bundle.request().conform(&t.to_batch()?, 0)).transpose()?;
        export(&bundle, program, table.as_ref(), &ctx)
    })?;
    save(to, &exported.model)?;
    let levels = to.with_extension("levels.json");
    if let Some(json) = &exported.levels {
        save(&levels, format!("{json:#}\n").as_bytes())?;
    }
    let beside = exported.levels.is_some().then_some(levels);
    let found = &exported.replayed;
    let mut out = std::io::stdout().lock();
    if place.global.json {
        let told = serde_json::json!({ "written": to, "levels": beside, "replayed": found });
        writeln!(out, "{told:#}")?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "wrote {} for {}", strong(&to.display().to_string()), program.name())?;
    if let Some(beside) = &beside {
        writeln!(
            out,
            "wrote {}: the codes of categories and the order of classes",
            plain(&beside.display().to_string())
        )?;
    }
    let (is_given, rows, made) = (rows.is_some(), found.rows, found.made);
    let on = match rows {
        0 => format!("{} made of its thresholds", counted(made as u64, "row")),
        _ => {
            let given = if is_given { "given" } else { "held out" };
            format!("{} {given} and {made} made of its thresholds", counted(rows as u64, "row"))
        }
    };
    writeln!(out, "replayed on {on}: the same answers (largest difference {:.0e})", found.largest_difference)?;
    if found.flipped > 0 {
        writeln!(out, "! {} of {rows} rows have another answer once their values are single floats", found.flipped)?;
    }
    if rows == 0 {
        writeln!(out, "no rows of a table were at hand: give some with --rows FILE")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn save(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let doing = |source| Error::Io { doing: format!("writing `{}`", path.display()), source };
    replace(path, |mut file| file.write_all(bytes).map_err(doing))
}
