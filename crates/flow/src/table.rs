//! The read stage: a data set of the file becomes a frame, with what was found on the way.
//!
//! It runs while planning, since the kinds must be known before anything can be refused. Its output is kept
//! like any other, so that planning again reads the notes alone.

use crate::file::TABLE;
use crate::file::section::{DataSection, PrepareSection};
use crate::plan::{Because, made_of, settings_hash};
use crate::project::Project;
use arkwright_bundle::{Request, RequestField};
use arkwright_core::{
    Context, Error, Field, Frame, Hash, Hasher, Json, Kind, Notation, Remembered, Result, Role, Settings, Span, Table,
    Task, counted, is_missing,
};
use arkwright_data::checks::{self, OnFail};
use arkwright_data::typing::{ColumnSettings, Typing};
use arkwright_data::{Bad, ColumnProfile, Engine, FileFormat, Raw};
use arkwright_validate::SplitKind;
use arrow::array::Array;
use arrow::datatypes::DataType;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The version of the stage's output.
pub const VERSION: u32 = 4;

/// What is known of a data set that was read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TableNotes {
    /// The stage's key: a name for the rows and nothing else, so that the same values from another file, of
    /// another format, are the same rows, and give the same models.
    pub key: Hash,
    /// The columns, without those set aside.
    pub fields: Vec<Field>,
    /// The columns as a request has them.
    pub request: Vec<RequestField>,
    /// The rows, without those set aside.
    pub rows: u64,
    /// What the target asks for.
    pub task: Option<Task>,
    /// The number of classes, where the target has some.
    pub classes: Option<usize>,
    /// Every column of the file.
    pub profile: Vec<ColumnProfile>,
    /// The rows that could not be read.
    pub bad: Bad,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// What is asked of a data set, before it is read.
pub(crate) struct Asked {
    /// A name for all of it.
    pub name: Hash,
    /// What the name is made of.
    pub because: Because,
}

/// Names what is asked of a data set: its file's content and all that decides how it is read.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn asked(project: &Project, name: &str, prepare: &PrepareSection) -> Result<Asked> {
    let section = &project.file.header.data[name];
    let mut settings = section.resolved();
    // The content is in the fingerprint; where it lies does not matter.
    if let Some(map) = settings.as_object_mut() {
        map.remove("source");
    }
    let file = project.engine.fingerprint(&request(project, section)?)?;
    let others = [
        ("the task", serde_json::to_value(project.file.header.task).unwrap_or(Json::Null)),
        ("[prepare]", prepare.resolved()),
        ("what steps derive", Json::from(project.file.header.derived())),
        ("how [split] goes by a column", serde_json::to_value(split_by(project)).unwrap_or(Json::Null)),
    ];
    let hasher = Hasher::new("read").number(VERSION.into()).hash(&file).json(&settings);
    let asked = others.iter().fold(hasher, |hasher, (_, json)| hasher.json(json)).finish();
    let place = if name == TABLE { "[data]".to_string() } else { format!("[data.{name}]") };
    let mut because = made_of(&place, &settings);
    because.insert(format!("the content of `{}`", section.source), file);
    because.extend(others.iter().map(|(what, json)| ((*what).to_string(), settings_hash(json))));
    Ok(Asked { name: asked, because })
}

/// Reads a data set, or the notes of one that was read before.
///
/// # Errors
/// When the file cannot be read, a named column is missing, or a check refuses the rows.
pub(crate) fn read(
    project: &Project,
    name: &str,
    prepare: &PrepareSection,
    asked: Hash,
    ctx: &Context,
) -> Result<TableNotes> {
    let was_kept = ctx.has(&asked) || ctx.is_damaged(&asked);
    let notes = ctx.kept(&asked).and_then(|kept| TableNotes::deserialize(kept.notes).ok());
    let is_damaged = |notes: &TableNotes| [content(&notes.key), notes.key].iter().any(|key| ctx.is_damaged(key));
    if was_kept && notes.as_ref().is_none_or(is_damaged) {
        ctx.warn("what was kept of the table is damaged: it is read anew");
    }
    let notes = notes.filter(|notes| [content(&notes.key), notes.key].iter().all(|key| ctx.has(key)));
    if let Some(notes) = notes {
        return Ok(notes);
    }
    let (frame, notes) = read_anew(project, name, prepare)?;
    notes.warnings.iter().for_each(|w| ctx.warn(w));
    let key = notes.key;
    let table = Table::new(frame, Some(key)).save()?;
    ctx.keep(&content(&key), &Remembered { parts: Some(table), notes: Json::Null });
    let json = serde_json::to_value(&notes).map_err(|e| Error::Saved(e.to_string()))?;
    ctx.keep(&key, &Remembered { parts: None, notes: json.clone() });
    ctx.keep(&asked, &Remembered { parts: None, notes: json });
    if [content(&key), key, asked].iter().any(|key| !ctx.has(key)) {
        return Err(Error::data("the rows that were read could not be kept").with_hint("is the disk full?"));
    }
    Ok(notes)
}

/// The rows of a data set that was read.
///
/// # Errors
/// When they are no longer kept.
pub(crate) fn load(ctx: &Context, notes: &TableNotes) -> Result<Frame> {
    let kept = ctx.kept(&content(&notes.key)).and_then(|kept| kept.parts);
    let parts = kept.ok_or_else(|| Error::data("the rows that were read are gone").with_hint("run again"))?;
    let table = Table::load(&parts)?;
    arkwright_core::Source::in_memory(table.as_ref())
        .ok_or_else(|| Error::data("the rows that were read are gone").with_hint("run again"))
}

/// Where the rows are kept: apart from the notes, which every plan reads.
fn content(key: &Hash) -> Hash {
    Hasher::new("rows read").hash(key).finish()
}

fn request<'a>(project: &'a Project, section: &'a DataSection) -> Result<arkwright_data::Request<'a>> {
    let mut request = arkwright_data::Request::new(&project.file.folder, &section.source);
    request.query = section.query.as_deref();
    if let Some(name) = &section.format {
        request.format = Some(FileFormat::parse(name).ok_or_else(|| {
            Error::setting(format!("`{name}` is no format that is read")).with_hint("csv, jsonl, parquet or arrow")
        })?);
    }
    request.notation = section.notation();
    if let Some(share) = section.max_bad_share {
        request.limits.max_bad_share = share;
    }
    Ok(request)
}

/// The rows as they are kept. A target of true and false stays spelt as it is: `True` in a CSV is the label
/// `True`.
pub(crate) fn read_spelt(engine: &Engine, target: Option<&str>, request: &arkwright_data::Request<'_>) -> Result<Raw> {
    let raw = engine.read(request)?;
    let is_flag = |name: &str| raw.schema.field_with_name(name).is_ok_and(|f| f.data_type() == &DataType::Boolean);
    // A query may compute with the flag, and is left alone.
    let Some(target) = target.filter(|target| request.query.is_none() && is_flag(target)) else { return Ok(raw) };
    let mut spelt = request.clone();
    spelt.types.insert(target.to_string(), DataType::Utf8);
    let spelt = engine.read(&spelt)?;
    let frame = spelt.clone().into_frame()?;
    let labels = frame.position(target).map(|at| frame.texts(at)).transpose()?;
    let distinct = labels.iter().flatten().flatten().filter(|l| !is_missing(l)).collect::<BTreeSet<_>>().len();
    // Spelt in several ways, they are still two.
    Ok(if distinct <= 2 { spelt } else { raw })
}

fn read_anew(project: &Project, name: &str, prepare: &PrepareSection) -> Result<(Frame, TableNotes)> {
    let section = &project.file.header.data[name];
    let raw = read_spelt(&project.engine, section.target.as_deref(), &request(project, section)?)?;
    let bad = raw.bad.clone();
    let mut notations = raw.notations();
    let mut warnings = bad_rows(&bad);
    warnings.extend(written(&notations, section));
    let frame = raw.into_frame()?;
    let parts = parts(project, name);
    parts.iter().chain(&others(project, name)).try_for_each(|mention| mention.check(frame.fields()))?;
    one_part_each(&parts, section)?;
    // Before anything is made of the columns: a number among words is found while they are still text.
    let frame = checked(frame, section, &mut warnings)?;
    let typing = Typing {
        roles: roles(project, section),
        task: project.file.header.task,
        ignore: section.ignore.clone(),
        keep: keep(project, prepare)?,
        columns: columns(section),
        notation: section.notation(),
        threads: project.engine.threads(),
    };
    let typed = typing.apply(&frame)?;
    notations.extend(typed.notations);
    let aside: Vec<&ColumnProfile> =
        typed.columns.iter().filter(|c| c.set_aside.is_some() && !section.ignore.contains(&c.name)).collect();
    warnings.extend(set_aside(&aside));
    for column in &typed.columns {
        warnings.extend(column.notes.iter().map(|note| format!("column `{}`: {note}", column.name)));
    }
    let (frame, dropped) = with_target(typed.frame)?;
    if dropped > 0 {
        warnings.push(match dropped {
            1 => "1 row without a target was left out".into(),
            n => format!("{n} rows without a target were left out"),
        });
    }
    if section.target.is_some() && !frame.fields().iter().any(|f| f.role == Role::Input) {
        let why = set_aside(&aside).into_iter().map(|word| format!("; {word}")).collect::<String>();
        return Err(Error::data(format!("no column is left to learn from{why}"))
            .with_hint("a column that `[data.columns]` says a `kind` of is kept; or bring a table with more columns"));
    }
    if frame.rows() < 2 {
        return Err(Error::data(format!("{} row is left to learn from and to judge on", frame.rows()))
            .with_hint("bring more rows"));
    }
    let request = Request::noted(&frame, &notations)?;
    // Training goes through the same door as a request, so that the two cannot disagree.
    let frame = request.conform(&frame.to_batch()?, 0)?;
    let notes = TableNotes {
        key: Hasher::new("rows").number(VERSION.into()).hash(&frame.content()?).finish(),
        fields: frame.fields().to_vec(),
        request: request.fields().to_vec(),
        rows: frame.rows() as u64,
        task: typed.task,
        classes: classes(&frame)?,
        profile: typed.columns,
        bad,
        warnings,
    };
    Ok((frame, notes))
}

/// A column that the file names, and where.
struct Mention {
    column: String,
    as_what: &'static str,
    span: Option<Span>,
}

impl Mention {
    /// Refuses a column that is not there, at its place in the file.
    fn check(&self, fields: &[Field]) -> Result<()> {
        let name = &self.column;
        match fields.iter().any(|f| f.name == *name) {
            true => Ok(()),
            false => Err(Error::setting(format!("there is no column `{name}`{}", self.as_what))
                .at_place(self.span)
                .nearest_column(name, fields)),
        }
    }
}

/// Refuses a column that is given two parts, or a part and none.
fn one_part_each(parts: &[Mention], section: &DataSection) -> Result<()> {
    for (at, part) in parts.iter().enumerate() {
        let column = &part.column;
        let error = match parts[..at].iter().find(|other| other.column == *column) {
            Some(other) => {
                Error::setting(format!("the column `{column}`{} is {} too", other.as_what, &part.as_what[2..]))
            }
            None if section.ignore.contains(column) => {
                Error::setting(format!("the column `{column}`{} is in `ignore` too", part.as_what))
            }
            None => continue,
        };
        return Err(error.at_place(part.span).with_hint("a column plays one part: name another one"));
    }
    Ok(())
}

/// The columns of a data set that the file gives a part.
fn parts(project: &Project, name: &str) -> Vec<Mention> {
    let (section, spans, base) = (&project.file.header.data[name], &project.file.header.spans, base(project, name));
    let parts = [
        ("target", &section.target, ", the target"),
        ("key", &section.key, ", the key"),
        ("weight", &section.weight, ", the weight"),
        ("group", &section.group, ", the group"),
        ("time", &section.time, ", the time"),
        ("event", &section.event, ", the event"),
    ];
    let mention = |(key, column, as_what): (&str, &Option<String>, _)| {
        Some(Mention { column: column.clone()?, as_what, span: spans.value(&below(&base, &[key])) })
    };
    parts.into_iter().filter_map(mention).collect()
}

/// The other columns of a data set that the file names.
fn others(project: &Project, name: &str) -> Vec<Mention> {
    let (section, spans, base) = (&project.file.header.data[name], &project.file.header.spans, base(project, name));
    let mention = |column: &str, as_what, span| Mention { column: column.to_string(), as_what, span };
    let mut found: Vec<Mention> =
        section.ignore.iter().map(|c| mention(c, "", spans.item(&below(&base, &["ignore"]), c))).collect();
    found.extend(section.columns.keys().map(|c| mention(c, "", spans.key(&below(&base, &["columns", c])))));
    found.extend(section.checks.keys().map(|c| mention(c, "", spans.key(&below(&base, &["checks", c])))));
    let split_by = split_by(project).filter(|_| section.target.is_some());
    found.extend(split_by.map(|(_, c)| mention(c, ", which the split goes by", spans.value(&["split", "by"]))));
    found
}

/// Where a data set's section is: `[data]` is one table, `[data.NAME]` one of several.
fn base<'a>(project: &Project, name: &'a str) -> Vec<&'a str> {
    if project.file.header.spans.key(&["data", name]).is_some() { vec!["data", name] } else { vec!["data"] }
}

/// A path of keys below another.
fn below<'a>(base: &[&'a str], keys: &[&'a str]) -> Vec<&'a str> {
    [base, keys].concat()
}

/// The column that the split goes by, and how.
fn split_by(project: &Project) -> Option<(SplitKind, &str)> {
    let split = project.file.header.split.as_ref()?;
    Some((split.kind, split.by.as_deref()?))
}

/// The parts that columns play. What a split keeps together names a group, and is no input.
fn roles(project: &Project, section: &DataSection) -> BTreeMap<String, Role> {
    let mut roles = section.roles();
    if let Some((SplitKind::Group | SplitKind::Stratified, by)) = split_by(project)
        && section.target.is_some()
    {
        roles.entry(by.to_string()).or_insert(Role::Group);
    }
    roles
}

/// What the file says of columns. What is left of a column whose other values were set aside is of the type
/// that the check asked for.
fn columns(section: &DataSection) -> BTreeMap<String, ColumnSettings> {
    let mut columns = section.columns.clone();
    for (name, check) in section.checks.iter().filter(|(_, check)| check.on_fail == OnFail::SetAside) {
        if let Some(value_type) = check.value_type {
            columns.entry(name.clone()).or_default().value_type.get_or_insert(value_type);
        }
    }
    columns
}

/// Columns that look useless and yet are used: by an expression, or to split.
fn keep(project: &Project, prepare: &PrepareSection) -> Result<Vec<String>> {
    let mut keep = Vec::new();
    let steps = project.file.header.derived();
    for sql in prepare.derive.values().map(String::as_str).chain(steps.iter().map(String::as_str)) {
        keep.extend(arkwright_expr::columns_in(sql)?);
    }
    keep.extend(project.file.header.split.as_ref().and_then(|s| s.by.clone()));
    Ok(keep)
}

fn bad_rows(bad: &Bad) -> Vec<String> {
    let Some(first) = bad.first.first() else { return Vec::new() };
    let were = if bad.count == 1 { "was" } else { "were" };
    vec![format!(
        "{} could not be read and {were} set aside, first {} line {}: {}",
        counted(bad.count, "row"),
        first.file,
        first.line,
        first.reason
    )]
}

/// A word on numbers that were read otherwise than programs write them, where the file does not say so: the rows
/// alone showed it.
fn written(notations: &BTreeMap<String, Notation>, section: &DataSection) -> Option<String> {
    let said = section.decimal.is_some() || section.thousands.is_some();
    let marked: Vec<&String> = notations.iter().filter(|(_, n)| n.dates.is_none()).map(|(name, _)| name).collect();
    let first = marked.first().filter(|_| !said)?;
    let decimal = notations[*first].decimal;
    let how = if decimal == ',' { "a decimal comma" } else { "marks of thousands" };
    let more = if marked.len() > 1 { format!(" and {} more columns", marked.len() - 1) } else { String::new() };
    Some(format!("column `{first}`{more}: read as numbers with {how}; to be sure: [data] decimal = \"{decimal}\""))
}

fn set_aside(columns: &[&ColumnProfile]) -> Vec<String> {
    const SHOWN: usize = 10;
    let mut told: Vec<String> = columns
        .iter()
        .take(SHOWN)
        .map(|c| format!("column `{}` was set aside: {}", c.name, c.set_aside.as_deref().unwrap_or_default()))
        .collect();
    if columns.len() > SHOWN {
        told.push(format!("and {} more columns were set aside", columns.len() - SHOWN));
    }
    told
}

/// The rows that have a target, and how many do not.
pub(crate) fn with_target(frame: Frame) -> Result<(Frame, usize)> {
    let Some(at) = frame.role(Role::Target) else { return Ok((frame, 0)) };
    let target = &frame.columns()[at];
    let number = frame.fields()[at].kind == Kind::Number;
    let values = if number { Some(frame.numbers(at)?) } else { None };
    let there = |row: usize| match &values {
        Some(values) => !values[row].is_nan(),
        None => target.is_valid(row),
    };
    let rows: Vec<u32> = (0..frame.rows()).filter(|&r| there(r)).map(|r| r as u32).collect();
    let dropped = frame.rows() - rows.len();
    match dropped {
        0 => Ok((frame, 0)),
        _ => Ok((frame.take(&rows)?, dropped)),
    }
}

fn classes(frame: &Frame) -> Result<Option<usize>> {
    let Some(at) = frame.role(Role::Target).filter(|&at| frame.fields()[at].kind == Kind::Category) else {
        return Ok(None);
    };
    let texts = frame.texts(at)?;
    Ok(Some(texts.iter().flatten().collect::<std::collections::BTreeSet<_>>().len()))
}

/// The rows that the file's checks leave.
fn checked(frame: Frame, section: &DataSection, warnings: &mut Vec<String>) -> Result<Frame> {
    let checks = checks::check(&frame, &section.checks, &section.notation().said())?;
    let left = checks.apply(&frame)?;
    warnings.extend(checks.results.iter().filter(|c| c.failing > 0).map(checks::Checked::told));
    if checks.set_aside() > 0 {
        warnings.push(match checks.set_aside() {
            1 => "1 row that fails a check was set aside".into(),
            n => format!("{n} rows that fail a check were set aside"),
        });
    }
    Ok(left)
}
