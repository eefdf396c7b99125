//! What all pages share: the bar above, the style, tables whose cells may be links.

use crate::server::typed;
use arkwright_report::escape::escape;
use axum::response::Response;

pub(crate) use arkwright_report::page::inline;

/// A page with a title. `lead` (HTML) stands below the title, `body` (HTML) in the middle.
pub(crate) fn page(title: &str, lead: &str, body: &str) -> Response {
    let lead = if lead.is_empty() { String::new() } else { format!("<div class=\"quiet\">{lead}</div>") };
    let title = escape(title);
    around(&title, &format!("<header><h1>{title}</h1>{lead}</header><main>{body}</main>"), "")
}

/// The page around a header and a middle of one's own; `title` is escaped already.
pub(crate) fn around(title: &str, body: &str, head: &str) -> Response {
    typed(
        "text/html; charset=utf-8",
        format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
             <meta name=\"color-scheme\" content=\"light dark\"><title>{title} \u{b7} Arkwright</title>\
             <link rel=\"icon\" href=\"/static/icon.svg\"><link rel=\"stylesheet\" href=\"/static/style.css\">{head}\
             </head>\n<body><nav class=\"top\" aria-label=\"Pages\"><a class=\"home\" href=\"/\">Arkwright</a>\
             <a href=\"/\">Models</a><a href=\"/runs\">Runs</a><a href=\"/docs\">API</a></nav>{body}\
             <footer>Arkwright {}</footer></body></html>\n",
            env!("CARGO_PKG_VERSION")
        ),
    )
}

/// The style: the reports' and a little more.
pub(crate) fn style() -> String {
    arkwright_report::page::style() + STYLE
}

const STYLE: &str = "
nav.top{max-width:1080px;margin:0 auto;padding:18px 20px 0;display:flex;gap:22px;align-items:baseline;font-size:14px}
nav.top a{text-decoration:none;color:var(--quiet)}nav.top a:hover{color:var(--ink)}
nav.top a.home{font-weight:700;color:var(--ink);font-size:15px;margin-right:8px}
nav.top+header{padding-top:22px}
td a,p a,li a{text-decoration:none}td a:hover,p a:hover,li a:hover{text-decoration:underline}
.tag{display:inline-block;border:1px solid var(--line);border-radius:99px;padding:0 9px;font-size:12.5px;margin-right:4px;white-space:nowrap}
.tag.good{color:var(--good);border-color:currentColor}.tag.bad{color:var(--bad);border-color:currentColor}
.tag.warn{color:var(--warn);border-color:currentColor}
pre{overflow-x:auto;background:var(--back);border:1px solid var(--line);border-radius:8px;padding:12px 14px;margin:8px 0;line-height:1.45}
form.fields{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(210px,100%),1fr));gap:12px 18px;align-items:end}
label{display:block;font-size:13px;color:var(--quiet);overflow-wrap:anywhere}
input,select,textarea,button{font:inherit;font-size:14px;color:var(--ink);background:var(--back);border:1px solid var(--line);border-radius:7px;padding:6px 9px;width:100%;margin-top:3px}
textarea{font:13px/1.45 ui-monospace,SFMono-Regular,Menlo,monospace;min-height:180px;resize:vertical}
button{background:var(--ink);color:var(--paper);border-color:var(--ink);cursor:pointer;width:auto;padding:7px 20px;font-weight:600}
input:focus-visible,select:focus-visible,textarea:focus-visible,button:focus-visible,a:focus-visible{outline:2px solid var(--c0);outline-offset:1px}
.side{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(380px,100%),1fr));gap:18px}.side>*{min-width:0}
.verb{display:inline-block;min-width:46px;font:600 12px ui-monospace,SFMono-Regular,Menlo,monospace;color:var(--quiet)}
.meter{display:grid;grid-template-columns:minmax(60px,max-content) 1fr max-content;gap:6px 12px;align-items:center;font-size:14px;margin-top:12px}
.meter progress{width:100%;height:8px;accent-color:var(--c0)}
";

/// An HTML table of cells that are HTML already; a column named `#...` holds numbers.
pub(crate) fn table(columns: &[&str], rows: &[Vec<String>]) -> String {
    let class = |column: &str| if column.starts_with('#') { " class=\"number\"" } else { "" };
    let mut out = String::from("<div class=\"scroll\"><table><thead><tr>");
    for column in columns {
        out += &format!("<th scope=\"col\"{}>{}</th>", class(column), escape(column.trim_start_matches('#')));
    }
    out += "</tr></thead><tbody>";
    for row in rows {
        out += "<tr>";
        for (cell, column) in row.iter().zip(columns) {
            out += &format!("<td{}>{cell}</td>", class(column));
        }
        out += "</tr>";
    }
    out + "</tbody></table></div>"
}

/// A link to a page of ours; both are escaped.
pub(crate) fn link(href: &str, text: &str) -> String {
    format!("<a href=\"{}\">{}</a>", escape(href), escape(text))
}

/// A word set off: `class` is `good`, `bad`, `warn` or nothing.
pub(crate) fn tag(class: &str, text: &str) -> String {
    format!("<span class=\"tag {class}\">{}</span>", escape(text))
}

/// A time of the store, as people read it: to the minute.
pub(crate) fn time(rfc3339: &str) -> String {
    let minute = rfc3339.get(..16).unwrap_or(rfc3339).replace('T', " ");
    format!("<time datetime=\"{}\" title=\"{0} UTC\">{}</time>", escape(rfc3339), escape(&minute))
}

/// With a capital at its beginning.
pub(crate) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
