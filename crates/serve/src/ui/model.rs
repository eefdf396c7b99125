//! The models, and one model.

use super::Trouble;
use super::page::{inline, link, page, table, tag, time};
use super::trial;
use crate::models::{Card, Served, Version};
use crate::server::Shared;
use arkwright_report::escape::{escape, shorten};
use arkwright_report::number::number;
use arkwright_store::Gates;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use std::sync::Arc;

/// `/`
pub(crate) async fn all(State(shared): State<Arc<Shared>>) -> Response {
    let shelf = shared.models.shelf();
    if shelf.is_empty() {
        let body = "<section><p>No model is registered yet.</p><p><code>arkwright run PATH</code> trains a system and \
                    registers what it made; it will be here a second later.</p></section>";
        return page("Models", "", body);
    }
    let rows: Vec<Vec<String>> = shelf.iter().map(|(name, card)| line(name, card)).collect();
    let columns = ["model", "newest", "aliases", "score", "gates", "registered", "#versions"];
    let count = if shelf.len() == 1 { "one model".to_string() } else { format!("{} models", shelf.len()) };
    page("Models", &count, &format!("<section>{}</section>", table(&columns, &rows)))
}

fn line(name: &str, card: &Card) -> Vec<String> {
    let newest = card.newest().and_then(|v| card.version(v)).or(card.versions.first());
    let aliases: String = card.aliases.iter().map(|(alias, to)| tag("", &format!("{alias} \u{2192} {to}"))).collect();
    vec![
        format!("<b>{}</b>", link(&format!("/models/{name}"), name)),
        newest.map(|v| v.number.to_string()).unwrap_or_default(),
        aliases,
        newest.map(score).unwrap_or_default(),
        newest.map(gates).unwrap_or_default(),
        newest.map(|v| time(&v.made)).unwrap_or_default(),
        card.versions.len().to_string(),
    ]
}

fn gates(version: &Version) -> String {
    match version.gates {
        Gates::Passed => tag("good", "passed"),
        Gates::Failed => tag("bad", "not passed"),
        Gates::Ungated => tag("", "ungated"),
    }
}

/// The first metric, which chose.
fn score(version: &Version) -> String {
    version.metrics.first().map(|(name, value)| format!("{} {}", escape(name), number(*value))).unwrap_or_default()
}

/// `/models/NAME`; with a query, the prediction for what it says.
pub(crate) async fn one(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let shelf = shared.models.shelf();
    // A model whose versions all failed their gates has a page too, of its newest.
    let reference = match shelf.get(&name) {
        Some(card) if card.newest().is_none() => format!("{name}:{}", card.versions.first().map_or(1, |v| v.number)),
        _ => name.clone(),
    };
    let served = shared.models.get(&reference, &shared.metrics).await?;
    let shelf = shared.models.shelf();
    let card = shelf.get(&served.name).cloned().unwrap_or_default();
    let mut body = facts(&served, &card);
    body += &format!("<section id=\"versions\"><h2>Versions</h2>{}</section>", versions(&served.name, &card));
    body +=
        &format!("<section id=\"try\"><h2>Try it</h2>{}</section>", trial::section(&shared, &served, query.as_deref()));
    body += &format!("<section id=\"request\"><h2>What it takes</h2>{}</section>", takes(&served));
    body += &format!(
        "<section id=\"call\"><h2>From a program</h2>{}</section>",
        call(&shared, &reference, &served, &headers)
    );
    let lead = format!("{} \u{b7} version {}", escape(&served.about.task), served.version);
    Ok(page(&served.name, &lead, &body))
}

fn facts(served: &Served, card: &Card) -> String {
    let Some(version) = card.version(served.version).filter(|v| !v.metrics.is_empty()) else { return String::new() };
    let mut out = String::from("<section><dl class=\"facts\">");
    for (name, value) in version.metrics.iter().take(6) {
        out += &format!("<div><dt>{}</dt><dd>{}</dd></div>", escape(name), number(*value));
    }
    out + "</dl></section>"
}

fn versions(name: &str, card: &Card) -> String {
    let rows: Vec<Vec<String>> = card
        .versions
        .iter()
        .map(|version| {
            vec![
                version.number.to_string(),
                card.aliases_of(version.number).map(|alias| tag("", alias)).collect(),
                score(version),
                gates(version),
                if version.made.is_empty() { String::new() } else { time(&version.made) },
                version.run.map(|id| link(&format!("/runs/{id}"), &format!("run {id}"))).unwrap_or_default(),
            ]
        })
        .collect();
    let note = match card.newest() {
        Some(newest) => format!("`{name}` means version {newest}, the newest that no gate held back."),
        None => format!("No version passed its gates, so `{name}` means none; this page shows the newest."),
    };
    let columns = ["version", "aliases", "score", "gates", "registered", "made by"];
    format!("{}<p class=\"quiet\">{}</p>", table(&columns, &rows), inline(&note))
}

/// The first values, and how many there are where they are many.
fn values(all: &[String]) -> String {
    const SHOWN: usize = 20;
    let shown = shorten(&all[..all.len().min(SHOWN)].join(", "), 90);
    if all.len() > SHOWN { format!("{shown} ({} values)", all.len()) } else { shown }
}

fn takes(served: &Served) -> String {
    let rows: Vec<Vec<String>> = served
        .about
        .takes
        .iter()
        .map(|taken| {
            let levels = taken.values.as_deref().map(values).unwrap_or_default();
            let need = if taken.required { String::new() } else { tag("", "may be absent") };
            vec![
                format!("<code>{}</code>", escape(&taken.field.name)),
                escape(taken.field.kind.name()),
                escape(&taken.type_name()),
                format!("{need}{}", escape(&levels)),
            ]
        })
        .collect();
    let classes = match served.about.classes.is_empty() {
        true => "It answers a number.".to_string(),
        false => {
            format!("It answers one of {}, with a probability for each.", escape(&served.about.classes.join(", ")))
        }
    };
    let columns = ["column", "kind", "type in training", "values"];
    format!("<p>{classes}</p><details open><summary>The columns</summary>{}</details>", table(&columns, &rows))
}

fn call(shared: &Shared, reference: &str, served: &Served, headers: &HeaderMap) -> String {
    let body = serde_json::json!({"instances": [served.about.example()]});
    let body = serde_json::to_string_pretty(&body).unwrap_or_default().replace('\'', "'\\''");
    let token = if shared.door.closed() { " \\\n  -H 'Authorization: Bearer TOKEN'" } else { "" };
    let text = format!(
        "curl -s http://{}/v1/models/{reference}:predict{token} \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'",
        host(shared, headers),
    );
    format!(
        "<pre><code>{}</code></pre><p class=\"quiet\">More on {}.</p>",
        escape(&text),
        link("/docs", "the API page")
    )
}

/// What the reader calls this server; its address, where that is nothing that a shell takes as it stands.
fn host(shared: &Shared, headers: &HeaderMap) -> String {
    let said = headers.get(header::HOST).and_then(|h| h.to_str().ok());
    let plain = |host: &&str| host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c));
    said.filter(plain).map_or_else(|| shared.address.to_string(), String::from)
}
