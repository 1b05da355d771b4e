//! From a fraction of the scale to a color.

use super::palette::Palette;

/// A color in sRGB.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Color([u8; 3]);

impl Color {
    /// The color of the scale at `fraction`, the ends beyond 0 and 1.
    pub(super) fn at(palette: Palette, fraction: f64) -> Self {
        let colors = palette.colors();
        let position = fraction.clamp(0.0, 1.0) * (colors.len() - 1) as f64;
        let below = (position.floor() as usize).min(colors.len() - 2);
        let part = position - below as f64;
        let channel = |c: usize| {
            let (low, high) = (f64::from(colors[below][c]), f64::from(colors[below + 1][c]));
            (low + part * (high - low)).round() as u8
        };
        Self([channel(0), channel(1), channel(2)])
    }

    /// As SVG writes it, `#rrggbb`.
    pub(super) fn hex(self) -> String {
        let [red, green, blue] = self.0;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }

    /// Black or white, whichever stands out more on this color (contrast ratio of the Web Content
    /// Accessibility Guidelines).
    pub(super) fn ink(self) -> &'static str {
        let linear = self.0.map(|level| {
            let level = f64::from(level) / 255.0;
            if level <= 0.04045 { level / 12.92 } else { ((level + 0.055) / 1.055).powf(2.4) }
        });
        let luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
        let on_white = 1.05 / (luminance + 0.05);
        let on_black = (luminance + 0.05) / 0.05;
        if on_white >= on_black { "#ffffff" } else { "#000000" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_hold_beyond_the_scale_and_the_middle_is_interpolated() {
        assert_eq!(Color::at(Palette::Magma, -3.0), Color(Palette::Magma.colors()[0]));
        assert_eq!(Color::at(Palette::Magma, f64::INFINITY), Color(Palette::Magma.colors()[51]));
        assert_eq!(Color::at(Palette::Magma, 1.0), Color(Palette::Magma.colors()[51]));
        assert_eq!(Color::at(Palette::Magma, 10.0 / 51.0), Color(Palette::Magma.colors()[10]));
        // Entry 128 of the full table of 256.
        assert_eq!(Color::at(Palette::Magma, 128.0 / 255.0).hex(), "#b73779");
    }

    #[test]
    fn the_colors_rise_in_luminance_and_the_ink_reads_on_each() {
        let weight = |Color([r, g, b]): Color| 0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b);
        let shades: Vec<_> = (0..=50).map(|i| Color::at(Palette::Magma, f64::from(i) / 50.0)).collect();
        assert!(shades.windows(2).all(|pair| weight(pair[0]) < weight(pair[1])));
        assert_eq!(Color::at(Palette::Magma, 0.0).ink(), "#ffffff");
        assert_eq!(Color::at(Palette::Magma, 1.0).ink(), "#000000");
    }
}
