//! The page around pictures and tables: one file, our style, light and dark as the reader has it.
//!
//! Everything here takes text and escapes it, except what is named `body` or `html`, which is HTML already.

use crate::chart::Chart;
use crate::escape::escape;
use crate::svg;

/// A whole page: `title` in the window, `body` (HTML) in the middle.
#[must_use]
pub fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>{}</title>\n<style>\n{}</style></head>\n<body>{body}</body></html>\n",
        escape(title),
        style()
    )
}

/// The style of a page, for those who write their own around our sections.
#[must_use]
pub fn style() -> String {
    [svg::COLOURS, STYLE, svg::STYLE].concat()
}

/// A section with a heading and an anchor (`id`: letters, digits and hyphens are kept).
#[must_use]
pub fn section(id: &str, heading: &str, body: &str) -> String {
    let id: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    format!("<section id=\"{id}\"><h2>{}</h2>{body}</section>\n", escape(heading))
}

/// A picture with its caption, and the table of its numbers folded below it.
#[must_use]
pub fn figure(chart: &dyn Chart) -> String {
    let table = chart.table();
    let table = if table.rows.is_empty() {
        String::new()
    } else {
        format!("<details><summary>The numbers</summary>{}</details>", table.html())
    };
    format!("<figure><figcaption>{}</figcaption>{}{table}</figure>", escape(chart.title()), chart.svg())
}

/// Figures side by side where there is room.
#[must_use]
pub fn figures<'a>(charts: impl IntoIterator<Item = &'a dyn Chart>) -> String {
    let body: String = charts.into_iter().map(figure).collect();
    if body.is_empty() { body } else { format!("<div class=\"figures\">{body}</div>") }
}

/// A line of plain text, escaped, with what stands between backticks as code.
#[must_use]
pub fn inline(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let mut out = String::new();
    for (i, part) in parts.iter().enumerate() {
        let part = escape(part);
        // A backtick that is never closed is itself.
        out += &match (i % 2 == 1, i + 1 == parts.len()) {
            (true, false) => format!("<code>{part}</code>"),
            (true, true) => format!("`{part}"),
            (false, _) => part,
        };
    }
    out
}

/// Plain text as paragraphs: a blank line parts them, `- ` begins a point of a list, `# ` a heading; backticks
/// make code.
#[must_use]
pub fn prose(text: &str) -> String {
    let mut out = String::new();
    for block in text.replace("\r\n", "\n").split("\n\n").map(str::trim).filter(|b| !b.is_empty()) {
        let mut paragraph: Vec<String> = Vec::new();
        let mut points: Vec<String> = Vec::new();
        for line in block.lines().map(str::trim) {
            if let Some(point) = line.strip_prefix("- ") {
                points.push(inline(point));
            } else if let Some(last) = points.last_mut() {
                *last += &format!(" {}", inline(line));
            } else if line.starts_with('#') {
                out += &format!("<h3>{}</h3>", inline(line.trim_start_matches('#').trim()));
            } else {
                paragraph.push(inline(line));
            }
        }
        if !paragraph.is_empty() {
            out += &format!("<p>{}</p>", paragraph.join(" "));
        }
        if !points.is_empty() {
            out += &format!("<ul><li>{}</li></ul>", points.join("</li><li>"));
        }
    }
    out
}

const STYLE: &str = "\
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:15px/1.55 system-ui,-apple-system,'Segoe UI',sans-serif}
main,body>header{max-width:1080px;margin:0 auto;padding:0 20px}
body>header{padding-top:36px;padding-bottom:4px}
h1{font-size:28px;line-height:1.2;margin:0;letter-spacing:-.01em}
h2{font-size:18px;margin:0 0 12px}h3{font-size:15px;margin:16px 0 6px}
p{margin:0 0 10px;max-width:72ch}.scroll+p,form+p{margin-top:12px}p:last-child{margin-bottom:0}a{color:var(--c0)}
.quiet{color:var(--quiet)}
nav.contents{display:flex;flex-wrap:wrap;gap:4px 16px;margin:14px 0 0;font-size:14px}
nav.contents a{text-decoration:none}nav.contents a:hover{text-decoration:underline}
section{background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:20px 22px;margin:18px 0}
.facts{display:flex;flex-wrap:wrap;gap:10px 34px;margin:0}
.facts div{min-width:84px}.facts dt{color:var(--quiet);font-size:13px}.facts dd{margin:0;font-size:19px;font-weight:600}
.facts dd small{font-size:13px;font-weight:400;color:var(--quiet);display:block}
.notes{list-style:none;margin:0;padding:0}.notes li{padding:5px 0 5px 30px;position:relative;max-width:90ch}
.notes li::before{position:absolute;left:0;font-weight:700;width:20px;text-align:center}
.notes .good::before{content:'\\2713';color:var(--good)}.notes .warn::before{content:'!';color:var(--warn)}
.notes .bad::before{content:'\\2715';color:var(--bad)}.notes .info::before{content:'\\b7';color:var(--quiet)}
.banner{border-left:4px solid var(--quiet)}.banner.good{border-left-color:var(--good)}
.banner.warn{border-left-color:var(--warn)}.banner.bad{border-left-color:var(--bad)}.banner p:last-child{margin:0}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:14px}
caption{text-align:left;color:var(--quiet);padding-bottom:6px}
th{text-align:left;font-weight:600;color:var(--quiet);border-bottom:1px solid var(--line);padding:5px 16px 5px 0;white-space:nowrap}
td{border-bottom:1px solid var(--line);padding:6px 16px 6px 0;vertical-align:top;overflow-wrap:break-word}
tr:last-child td{border-bottom:0}.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap;overflow-wrap:normal}
tr.marked td{font-weight:600}tr.marked td:first-child::after{content:' \\2713';color:var(--good)}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(400px,100%),1fr));gap:22px 30px;align-items:start}
section>*+.figures{margin-top:18px}
figure{margin:0;min-width:0}figure.wide{grid-column:1/-1}figcaption{font-weight:600;font-size:14px;margin-bottom:6px}
details{margin-top:8px;font-size:14px}summary{cursor:pointer;color:var(--quiet);font-size:13px}
details .scroll{max-height:320px;overflow:auto;margin-top:6px}details.whole .scroll{max-height:none}
pre{overflow-x:auto;margin:8px 0 0}
code{font:13px ui-monospace,SFMono-Regular,Menlo,monospace}
footer{max-width:1080px;margin:0 auto;padding:4px 20px 36px;color:var(--quiet);font-size:13px}
@media print{body{background:none}section{break-inside:avoid;border-color:#ccc}nav.contents,summary{display:none}details .scroll{max-height:none}}
";
