//! From a fraction of the scale to a color.

/// A color in sRGB.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Color([u8; 3]);

/// Every fifth color of *magma* (S. van der Walt and N. Smith, released under CC0): perceptually
/// uniform, rising in lightness, readable in grey and with every common color vision. Interpolated
/// linearly the table is within one level of 255 of the whole.
pub(super) const MAGMA: [[u8; 3]; 52] = [
    [0, 0, 4],
    [2, 2, 11],
    [5, 4, 22],
    [9, 7, 32],
    [14, 11, 43],
    [20, 14, 54],
    [26, 16, 66],
    [33, 17, 78],
    [41, 17, 90],
    [49, 17, 101],
    [57, 15, 110],
    [66, 15, 117],
    [74, 16, 121],
    [82, 19, 124],
    [90, 22, 126],
    [98, 25, 128],
    [106, 28, 129],
    [114, 31, 129],
    [121, 34, 130],
    [129, 37, 129],
    [137, 40, 129],
    [145, 43, 129],
    [153, 45, 128],
    [161, 48, 126],
    [170, 51, 125],
    [178, 53, 123],
    [186, 56, 120],
    [194, 59, 117],
    [202, 62, 114],
    [210, 66, 111],
    [217, 70, 107],
    [224, 76, 103],
    [231, 82, 99],
    [236, 88, 96],
    [241, 96, 93],
    [244, 105, 92],
    [247, 114, 92],
    [249, 123, 93],
    [251, 133, 96],
    [252, 142, 100],
    [253, 152, 105],
    [254, 161, 110],
    [254, 170, 116],
    [254, 180, 123],
    [254, 189, 130],
    [254, 198, 138],
    [254, 207, 146],
    [254, 216, 154],
    [253, 226, 163],
    [253, 235, 172],
    [252, 244, 182],
    [252, 253, 191],
];

impl Color {
    /// The color of the scale at `fraction`, the ends beyond 0 and 1.
    pub(super) fn at(fraction: f64) -> Self {
        let position = fraction.clamp(0.0, 1.0) * (MAGMA.len() - 1) as f64;
        let below = (position.floor() as usize).min(MAGMA.len() - 2);
        let part = position - below as f64;
        let channel = |c: usize| {
            let (low, high) = (f64::from(MAGMA[below][c]), f64::from(MAGMA[below + 1][c]));
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
        assert_eq!(Color::at(-3.0), Color(MAGMA[0]));
        assert_eq!(Color::at(f64::INFINITY), Color(MAGMA[51]));
        assert_eq!(Color::at(1.0), Color(MAGMA[51]));
        assert_eq!(Color::at(10.0 / 51.0), Color(MAGMA[10]));
        // Entry 128 of the full table of 256.
        assert_eq!(Color::at(128.0 / 255.0).hex(), "#b73779");
    }

    #[test]
    fn the_colors_rise_in_luminance_and_the_ink_reads_on_each() {
        let weight = |Color([r, g, b]): Color| 0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b);
        let shades: Vec<_> = (0..=50).map(|i| Color::at(f64::from(i) / 50.0)).collect();
        assert!(shades.windows(2).all(|pair| weight(pair[0]) < weight(pair[1])));
        assert_eq!(Color::at(0.0).ink(), "#ffffff");
        assert_eq!(Color::at(1.0).ink(), "#000000");
    }
}
