//! From numbers to places: scales, ticks at round numbers, and the frame that most charts are drawn in.

use crate::number;
use crate::svg::{Anchor, Svg};

/// A linear map from `low..high` to `from..to`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    pub low: f64,
    pub high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    pub(super) fn new((low, high): (f64, f64), from: f64, to: f64) -> Scale {
        Scale { low, high, from, to }
    }

    /// The place of `value`, kept inside the frame.
    pub(super) fn at(&self, value: f64) -> f64 {
        // Halved, so that the span of the largest numbers does not overflow.
        let share = (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0);
        self.from + share.clamp(0.0, 1.0) * (self.to - self.from)
    }
}

/// Round numbers inside `low..=high`, about `about` of them, and the step between them: 1, 2 or 5 times a power of
/// ten.
pub(super) fn ticks((low, high): (f64, f64), about: usize) -> (Vec<f64>, f64) {
    let span = high - low;
    if !(span > 0.0 && span.is_finite()) {
        return (vec![low], 1.0);
    }
    let rough = span / about.max(1) as f64;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].iter().map(|m| m * power).find(|s| *s >= rough * 0.999).unwrap_or(10.0 * power);
    let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
    if !(step > 0.0 && last - first < 1e3) {
        return (vec![low], 1.0);
    }
    let ticks = (0..=(last - first).max(0.0) as usize).map(|i| (first + i as f64) * step).collect();
    (ticks, step)
}

/// `low..high` widened to round numbers.
pub(super) fn round_out(extent: (f64, f64), about: usize) -> (f64, f64) {
    let (_, step) = ticks(extent, about);
    let (low, high) = ((extent.0 / step + 1e-9).floor() * step, (extent.1 / step - 1e-9).ceil() * step);
    if low < high && low.is_finite() && high.is_finite() { (low, high) } else { extent }
}

/// The room around the plot, in units.
pub(super) const LEFT: f64 = 56.0;
pub(super) const RIGHT: f64 = 14.0;
pub(super) const TOP: f64 = 12.0;
pub(super) const BOTTOM: f64 = 44.0;

/// The frame of a plot: two scales with room for labels.
pub(super) struct Frame {
    pub x: Scale,
    pub y: Scale,
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

impl Frame {
    /// A frame for a picture of `width` x `height`.
    pub(super) fn new(width: f64, height: f64, x: (f64, f64), y: (f64, f64)) -> Frame {
        let (left, right, top, bottom) = (LEFT, width - RIGHT, TOP, height - BOTTOM);
        Frame { x: Scale::new(x, left, right), y: Scale::new(y, bottom, top), left, right, top, bottom }
    }

    /// Grid, ticks and the axes' names.
    pub(super) fn draw(&self, svg: &mut Svg, x_label: &str, y_label: &str) {
        self.rows(svg, y_label);
        let (places, step) = ticks((self.x.low, self.x.high), ((self.right - self.left) / 70.0) as usize);
        for v in places {
            let x = self.x.at(v);
            svg.line("axis", x, self.bottom, x, self.bottom + 4.0);
            svg.text("tick", Anchor::Middle, x, self.bottom + 17.0, &number::tick(v, step));
        }
        self.x_label(svg, x_label);
    }

    /// The name of the horizontal axis.
    pub(super) fn x_label(&self, svg: &mut Svg, label: &str) {
        svg.text("label", Anchor::Middle, (self.left + self.right) / 2.0, self.bottom + 36.0, label);
    }

    /// The vertical axis: grid lines, ticks and name; and the base line.
    pub(super) fn rows(&self, svg: &mut Svg, y_label: &str) {
        let (places, step) = ticks((self.y.low, self.y.high), ((self.bottom - self.top) / 45.0) as usize);
        for v in places {
            let y = self.y.at(v);
            svg.line("grid", self.left, y, self.right, y);
            svg.text("tick", Anchor::End, self.left - 8.0, y + 4.0, &number::tick(v, step));
        }
        svg.line("axis", self.left, self.bottom, self.right, self.bottom);
        svg.turned("label", Anchor::Middle, 13.0, (self.top + self.bottom) / 2.0, true, y_label);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_fall_on_round_numbers_inside_the_range() {
        let (places, step) = ticks((0.0, 1.0), 5);
        assert_eq!((places.len(), step), (6, 0.2));
        let (places, step) = ticks((-13.0, 27.0), 5);
        assert_eq!((places, step), (vec![-10.0, 0.0, 10.0, 20.0], 10.0));
        assert_eq!(ticks((0.0, f64::INFINITY), 5).0.len(), 1);
        assert_eq!(ticks((1e16, 1e16 + 2.0), 5).0.len().min(9), ticks((1e16, 1e16 + 2.0), 5).0.len());
    }

    #[test]
    fn a_range_is_widened_to_round_numbers() {
        assert_eq!(round_out((-0.13, 0.97), 5), (-0.5, 1.0));
        assert_eq!(round_out((0.0, 1.0), 5), (0.0, 1.0));
    }

    #[test]
    fn a_value_outside_the_range_stays_inside_the_frame() {
        let scale = Scale::new((0.0, 10.0), 100.0, 200.0);
        assert_eq!((scale.at(5.0), scale.at(20.0), scale.at(f64::NEG_INFINITY)), (150.0, 200.0, 100.0));
        assert_eq!(Scale::new((f64::MIN, f64::MAX), 0.0, 10.0).at(0.0), 5.0);
    }
}
