//! The pages, of a server without a store.

use crate::client::start;
use arkwright_serve::Config;

#[test]
fn the_pages_are_there_and_load_nothing_from_outside() {
    let server = start(Config::default());
    for path in ["/", "/models/churn", "/runs", "/docs", "/nowhere"] {
        let page = server.page(path);
        assert_eq!(page.status, if path == "/nowhere" { 404 } else { 200 }, "{path}");
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
        let text = page.text();
        assert!(text.starts_with("<!doctype html>") && text.contains("/static/style.css"), "{path}");
        // What the policy would not let through is not asked for.
        assert!(!text.contains("<style") && !text.contains(" style="), "{path}");
        assert!(!text.contains("src=\"http") && !text.contains("href=\"http"), "{path}");
        assert!(!text.contains("Yes <b>"), "{path}: a label is not escaped");
    }
    let answer = server.page("/models/churn");
    let page = answer.text();
    assert!(page.contains("<td>Bern, Ulm &lt;b&gt;</td>") && page.contains("<option>Bern</option>"), "{page}");
    for path in ["/static/style.css", "/static/docs.js", "/static/icon.svg"] {
        assert_eq!(server.get(path).status, 200, "{path}");
    }
}

#[test]
fn a_form_is_answered_without_a_script() {
    let server = start(Config::default());
    let page = server.page("/models/churn?age=31.5&city=Oslo");
    assert_eq!(page.status, 200);
    assert!(page.text().contains("<dd>Yes &lt;b&gt;</dd>"), "{}", page.text());
    assert!(page.text().contains("value=\"31.5\""));
    let page = server.page("/models/churn?age=%3Cscript%3E&city=");
    assert_eq!(page.status, 200);
    assert!(page.text().contains("is not a number") && !page.text().contains("<script>"), "{}", page.text());
    let page = server.page("/models/churn?age=1&city=broken");
    assert!(!page.text().contains("secret"), "{}", page.text());
}

#[test]
fn the_line_for_a_program_names_this_server() {
    let server = start(Config::default());
    for host in [format!("localhost:{}", server.port), format!("127.0.0.1:{}", server.port)] {
        let page = server.connect().send("GET", "/models/churn", &[("Host", &host)], b"");
        let line = format!("curl -s http://{host}/v1/models/churn:predict");
        assert!(page.text().contains(&line) && !page.text().contains("TOKEN"), "{}", page.text());
    }
    let token = "a-long-enough-token";
    let server = start(Config { token: Some(token.into()), ..Config::default() });
    let shown = format!("Bearer {token}");
    let page = server.connect().send("GET", "/models/churn", &[("Authorization", &shown)], b"");
    assert!(page.text().contains("Authorization: Bearer TOKEN") && !page.text().contains(token));
}

#[test]
fn a_page_that_is_not_there_says_where_to_go() {
    let server = start(Config::default());
    let page = server.page("/models/chrun");
    assert_eq!(page.status, 404);
    assert!(page.text().contains("did you mean <code>churn</code>?"), "{}", page.text());
    assert_eq!(server.page("/runs/1").status, 404);
    assert_eq!(server.page("/runs/../etc").status, 404);
}
