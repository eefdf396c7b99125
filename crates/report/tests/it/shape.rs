//! Reads what was drawn: is every tag closed, is every number a number?

/// The names of the elements of `html`, in order; fails where a tag is left open or closed twice.
#[track_caller]
pub fn elements(html: &str) -> Vec<String> {
    const VOID: [&str; 3] = ["meta", "!doctype", "br"];
    let (mut open, mut seen): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let end = start + rest[start..].find('>').expect("a tag that ends");
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        let name: String =
            tag.trim_start_matches('/').chars().take_while(|c| !c.is_whitespace() && *c != '/').collect();
        if tag.starts_with('/') {
            assert_eq!(open.pop().as_deref(), Some(name.as_str()), "closed out of turn before {:.60}", rest);
        } else {
            seen.push(name.clone());
            if !tag.ends_with('/') && !VOID.contains(&name.as_str()) {
                if name == "style" {
                    rest = &rest[rest.find("</style>").expect("a style that ends")..];
                }
                open.push(name);
            }
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
    seen
}

/// Fails where a picture holds a number that is none, or one far outside it.
#[track_caller]
pub fn finite(svg: &str) {
    for word in ["NaN", "inf", "-0\"", "null"] {
        assert!(!svg.contains(word), "{word} in {svg:.400}");
    }
    for attribute in ["x", "y", "x1", "x2", "y1", "y2", "width", "height"] {
        for part in svg.split(&format!(" {attribute}=\"")).skip(1) {
            let value: f64 = part.split('"').next().unwrap().parse().unwrap();
            assert!((-50.0..2_000.0).contains(&value), "{attribute} = {value}");
        }
    }
    for part in svg.split(" d=\"").skip(1) {
        let path = part.split('"').next().unwrap();
        assert!(path.chars().all(|c| c.is_ascii_digit() || "MLZh. -".contains(c)), "{path}");
    }
}
