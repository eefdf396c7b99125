//! The API page: the routes, and a field to send JSON from.

use super::page::{around, inline, link};
use crate::server::Shared;
use arkwright_report::escape::escape;
use axum::extract::State;
use axum::response::Response;
use std::sync::Arc;

const ROUTES: [(&str, &str, &str); 9] = [
    ("POST", "/v1/models/NAME:predict", "predicts; `NAME`, `NAME@ALIAS`, `NAME:VERSION` or `NAME/versions/VERSION`"),
    ("GET", "/v1/models", "the models, their versions and aliases"),
    ("GET", "/v1/models/NAME", "what a model takes and gives"),
    ("GET", "/openapi.json", "all of this, for programs"),
    ("GET", "/metrics", "counts and latencies, for Prometheus"),
    ("GET", "/healthz", "whether the server runs"),
    ("GET", "/readyz", "whether the server can answer"),
    ("GET", "/runs", "the runs, as a page"),
    ("GET", "/runs/ID", "the report of a run, as a page"),
];

/// `/docs`
pub(crate) async fn docs(State(shared): State<Arc<Shared>>) -> Response {
    let mut options = String::new();
    let shelf = shared.models.shelf();
    for (name, about) in shared.catalogue.newest(&shared.models).await.iter().take(200) {
        let body = serde_json::json!({"instances": [about.example()]});
        let example = serde_json::to_string_pretty(&body).unwrap_or_default();
        let aliases = shelf.get(name).into_iter().flat_map(|card| card.aliases.keys());
        let aliases = aliases.map(|alias| format!("{name}@{alias}"));
        for reference in std::iter::once(name.clone()).chain(aliases) {
            options += &format!("<option data-example=\"{}\">{}</option>", escape(&example), escape(&reference));
        }
    }
    let rows: String = ROUTES
        .iter()
        .map(|(verb, path, what)| {
            let path = match path.contains(char::is_uppercase) {
                true => format!("<code>{}</code>", escape(path)),
                false => format!("<code>{}</code>", link(path, path)),
            };
            format!("<tr><td><span class=\"verb\">{verb}</span>{path}</td><td>{}</td></tr>", inline(what))
        })
        .collect();
    let trial = match options.is_empty() {
        true => "<p>No model is registered yet.</p>".to_string(),
        false => format!(
            "<noscript><p>This field needs a script; each model's own page has a form that needs none.</p></noscript>\
             <form id=\"trial\" class=\"side\"><div><label>Model<select id=\"model\">{options}</select></label>\
             <label>Body<textarea id=\"body\" spellcheck=\"false\"></textarea></label><p></p><button>Send</button></div>\
             <div><label>Answer</label><pre><code id=\"answer\">\u{2013}</code></pre></div></form>"
        ),
    };
    let body = format!(
        "<header><h1>API</h1><div class=\"quiet\">JSON over HTTP; {} describes it for programs</div></header><main>\
         <section><h2>Routes</h2><div class=\"scroll\"><table><tbody>{rows}</tbody></table></div></section>\
         <section><h2>Try it</h2>{trial}</section>\
         <section><h2>Errors</h2><p>An error has a status from 400 up and one form:</p><pre><code>{}</code></pre>\
         <p class=\"quiet\"><code>column</code> and <code>row</code> (counted from 0, as in <code>instances</code>) are \
         there where they are known.</p></section></main>",
        link("/openapi.json", "openapi.json"),
        escape(
            "{\"error\": {\"code\": \"invalid_request\",\n           \"message\": \"column `age`, instances[0]: `x` is not a \
             number\",\n           \"column\": \"age\", \"row\": 0}}"
        )
    );
    around("API", &body, "<script src=\"/static/docs.js\" defer></script>")
}
