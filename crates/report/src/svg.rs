//! A picture being written: shapes with classes, never colours, so that the page's style draws them in light and
//! in dark.

use crate::escape::escape;
use crate::number::coordinate;

/// An SVG picture being written.
pub(crate) struct Svg {
    out: String,
}

/// Where a text stands relative to its point.
#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl Svg {
    /// A picture of `width` x `height` units with a title and a sentence for those who can't see it.
    pub(crate) fn new(width: f64, height: f64, title: &str, describe: &str) -> Svg {
        let (title, describe) = (escape(title), escape(describe));
        let (w, h) = (coordinate(width), coordinate(height));
        Svg {
            out: format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" viewBox=\"0 0 {w} {h}\" role=\"img\" \
                 aria-label=\"{title}\"><title>{title}</title><desc>{describe}</desc>"
            ),
        }
    }

    pub(crate) fn rect(&mut self, class: &str, x: f64, y: f64, width: f64, height: f64) {
        self.shaded(class, x, y, width, height, None);
    }

    /// A rectangle, `strength` (0 to 1) of its class's colour.
    pub(crate) fn shaded(&mut self, class: &str, x: f64, y: f64, width: f64, height: f64, strength: Option<f64>) {
        let [x, y, width, height] = [x, y, width.max(0.0), height.max(0.0)].map(coordinate);
        self.out += &format!("<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"");
        if let Some(strength) = strength {
            let strength = if strength.is_finite() { strength.clamp(0.0, 1.0) } else { 0.0 };
            self.out += &format!(" fill-opacity=\"{}\"", (strength * 100.0).round() / 100.0);
        }
        self.out += "/>";
    }

    pub(crate) fn line(&mut self, class: &str, x1: f64, y1: f64, x2: f64, y2: f64) {
        let [x1, y1, x2, y2] = [x1, y1, x2, y2].map(coordinate);
        self.out += &format!("<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>");
    }

    /// A line through the points.
    pub(crate) fn path(&mut self, class: &str, points: &[(f64, f64)]) {
        self.poly(class, points, "");
    }

    /// A filled shape around the points.
    pub(crate) fn area(&mut self, class: &str, points: &[(f64, f64)]) {
        self.poly(class, points, "Z");
    }

    fn poly(&mut self, class: &str, points: &[(f64, f64)], end: &str) {
        if points.is_empty() {
            return;
        }
        self.out += &format!("<path class=\"{class}\" d=\"M");
        for (i, (x, y)) in points.iter().enumerate() {
            let between = if i == 0 { "" } else { "L" };
            self.out += &format!("{between}{} {}", coordinate(*x), coordinate(*y));
        }
        self.out += &format!("{end}\"/>");
    }

    /// A dot at each of the points, as one shape: ten bytes a dot.
    pub(crate) fn dots(&mut self, class: &str, points: &[(f64, f64)]) {
        if points.is_empty() {
            return;
        }
        self.out += &format!("<path class=\"dots {class}\" d=\"");
        for (x, y) in points {
            self.out += &format!("M{} {}h0", coordinate(*x), coordinate(*y));
        }
        self.out += "\"/>";
    }

    pub(crate) fn text(&mut self, class: &str, anchor: Anchor, x: f64, y: f64, text: &str) {
        self.turned(class, anchor, x, y, false, text);
    }

    /// A text, standing on its side where `upright` is true.
    pub(crate) fn turned(&mut self, class: &str, anchor: Anchor, x: f64, y: f64, upright: bool, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " middle",
            Anchor::End => " end",
        };
        let [x, y] = [x, y].map(coordinate);
        let turn = if upright { format!(" transform=\"rotate(-90 {x} {y})\"") } else { String::new() };
        self.out += &format!("<text class=\"{class}{anchor}\" x=\"{x}\" y=\"{y}\"{turn}>{}</text>", escape(text));
    }

    /// Puts what `draw` draws into a group that says `tip` when pointed at.
    pub(crate) fn tipped(&mut self, tip: &str, draw: impl FnOnce(&mut Svg)) {
        self.out += &format!("<g><title>{}</title>", escape(tip));
        draw(self);
        self.out += "</g>";
    }

    pub(crate) fn finish(mut self) -> String {
        self.out += "</svg>";
        self.out
    }
}

/// The style of pictures, for a page or for a picture that stands alone. Twelve classes of series, five steps
/// from low to high, and shades of one colour by opacity.
pub(crate) const STYLE: &str = "\
.chart{display:block;width:100%;height:auto;font:12px system-ui,-apple-system,'Segoe UI',sans-serif}
.chart text{fill:var(--quiet)}.chart .middle{text-anchor:middle}.chart .end{text-anchor:end}
.chart .label{fill:var(--ink)}.chart .strong{fill:var(--ink);font-weight:600}
.chart .on{fill:var(--paper);font-weight:600}.chart .small{font-size:10.5px}
.chart .grid{stroke:var(--line)}.chart .axis{stroke:var(--quiet)}
.chart .whisker{stroke:var(--ink);stroke-width:1.5;opacity:.75}
.chart path{fill:none;stroke-width:2;stroke-linejoin:round}
.chart .reference{stroke:var(--quiet);stroke-width:1.2;stroke-dasharray:4 4}
.chart .dots{stroke-width:4.5;stroke-linecap:round;stroke-opacity:.62}
.chart .big{stroke-width:8;stroke-opacity:1}.chart .swatch{stroke-width:3}
.chart .paper{fill:var(--paper);stroke:var(--line)}.chart .band{stroke:none;fill-opacity:.16}
.chart .bar{fill:var(--c0)}.chart .bar.muted{fill:var(--c0);fill-opacity:.38}
.chart .positive{fill:var(--c0)}.chart .negative{fill:var(--c1)}.chart .cell{stroke:var(--paper);stroke-width:1}
.chart .c0{stroke:var(--c0)}.chart .c1{stroke:var(--c1)}.chart .c2{stroke:var(--c2)}
.chart .c3{stroke:var(--c3)}.chart .c4{stroke:var(--c4)}.chart .c5{stroke:var(--c5)}
.chart .f0{fill:var(--c0)}.chart .f1{fill:var(--c1)}.chart .f2{fill:var(--c2)}
.chart .f3{fill:var(--c3)}.chart .f4{fill:var(--c4)}.chart .f5{fill:var(--c5)}
.chart .s0{stroke:var(--s0)}.chart .s1{stroke:var(--s1)}.chart .s2{stroke:var(--s2)}
.chart .s3{stroke:var(--s3)}.chart .s4{stroke:var(--s4)}.chart .s5{stroke:var(--quiet)}
.chart .l0{fill:var(--s0)}.chart .l1{fill:var(--s1)}.chart .l2{fill:var(--s2)}.chart .l3{fill:var(--s3)}.chart .l4{fill:var(--s4)}
";

/// The colours, light and dark.
pub(crate) const COLOURS: &str = "\
:root{color-scheme:light dark;--back:#f7f6f3;--paper:#fff;--ink:#20252a;--quiet:#626b74;--line:#e4e2dc;
--good:#23703f;--warn:#8f5b06;--bad:#a93434;
--c0:#2b6cb0;--c1:#c8601a;--c2:#23856d;--c3:#8a52a6;--c4:#a8863a;--c5:#b0416b;
--s0:#2b6cb0;--s1:#7f9fc4;--s2:#a9a4a8;--s3:#d38b78;--s4:#c2452d}
@media(prefers-color-scheme:dark){:root{--back:#131619;--paper:#1a1e22;--ink:#e3e6e8;--quiet:#9aa4ad;--line:#2c3238;
--good:#6fc38f;--warn:#dfaa52;--bad:#ee8682;
--c0:#6aaeea;--c1:#eb9556;--c2:#5cc0a5;--c3:#bd93d8;--c4:#d3b365;--c5:#e286a8;
--s0:#5aa5ee;--s1:#7d97b4;--s2:#8b888d;--s3:#cf8f7e;--s4:#f4785c}}
";
