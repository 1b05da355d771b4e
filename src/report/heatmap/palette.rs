//! The colors of a scale.

use std::fmt;
use std::str::FromStr;

/// Which colors the values of a scale have. All rise in lightness, evenly to the eye, so that they
/// read in gray too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Palette {
    /// From black over purple to pale yellow.
    #[default]
    Magma,
    /// From violet over green to yellow.
    Viridis,
    /// From blue to yellow, nearly the same with every color vision.
    Cividis,
    /// From nearly black to nearly white, even in lightness (CIE L* from 5 to 97).
    Gray,
}

impl Palette {
    /// Every palette.
    pub const ALL: [Self; 4] = [Self::Magma, Self::Viridis, Self::Cividis, Self::Gray];

    /// The name of the palette.
    pub fn name(self) -> &'static str {
        match self {
            Self::Magma => "magma",
            Self::Viridis => "viridis",
            Self::Cividis => "cividis",
            Self::Gray => "gray",
        }
    }

    /// The colors as sRGB, evenly apart, between which the scale is interpolated linearly.
    pub fn colors(self) -> &'static [[u8; 3]; 52] {
        match self {
            Self::Magma => &MAGMA,
            Self::Viridis => &VIRIDIS,
            Self::Cividis => &CIVIDIS,
            Self::Gray => &GRAY,
        }
    }
}

impl fmt::Display for Palette {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Palette {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = || Self::ALL.map(Self::name).join(", ");
        Self::ALL.into_iter().find(|palette| palette.name() == text).ok_or_else(|| format!("{text:?} is none of {}", names()))
    }
}

/// Every fifth color of *magma* (S. van der Walt and N. Smith, released under CC0). Interpolated
/// linearly the table is within one level of 255 of the whole.
const MAGMA: [[u8; 3]; 52] = [
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

/// Every fifth color of *viridis* (the same authors, CC0).
const VIRIDIS: [[u8; 3]; 52] = [
    [68, 1, 84],
    [70, 8, 92],
    [71, 16, 99],
    [72, 23, 105],
    [72, 29, 111],
    [72, 36, 117],
    [71, 42, 122],
    [70, 48, 126],
    [69, 55, 129],
    [67, 61, 132],
    [65, 66, 135],
    [63, 72, 137],
    [61, 78, 138],
    [58, 83, 139],
    [56, 89, 140],
    [53, 94, 141],
    [51, 99, 141],
    [49, 104, 142],
    [46, 109, 142],
    [44, 113, 142],
    [42, 118, 142],
    [41, 123, 142],
    [39, 128, 142],
    [37, 132, 142],
    [35, 137, 142],
    [33, 142, 141],
    [32, 146, 140],
    [31, 151, 139],
    [30, 156, 137],
    [31, 161, 136],
    [33, 165, 133],
    [36, 170, 131],
    [40, 174, 128],
    [46, 179, 124],
    [53, 183, 121],
    [61, 188, 116],
    [70, 192, 111],
    [80, 196, 106],
    [90, 200, 100],
    [101, 203, 94],
    [112, 207, 87],
    [124, 210, 80],
    [137, 213, 72],
    [149, 216, 64],
    [162, 218, 55],
    [176, 221, 47],
    [189, 223, 38],
    [202, 225, 31],
    [216, 226, 25],
    [229, 228, 25],
    [241, 229, 29],
    [253, 231, 37],
];

/// Every fifth color of *cividis* (Nunez, Anderton and Renslow 2018, CC0).
const CIVIDIS: [[u8; 3]; 52] = [
    [0, 34, 78],
    [0, 38, 86],
    [0, 42, 95],
    [0, 45, 104],
    [0, 48, 112],
    [8, 51, 112],
    [22, 55, 112],
    [32, 58, 111],
    [39, 62, 110],
    [46, 65, 109],
    [52, 69, 108],
    [58, 72, 108],
    [63, 76, 108],
    [68, 79, 108],
    [73, 83, 108],
    [78, 86, 108],
    [83, 90, 109],
    [87, 93, 109],
    [92, 97, 110],
    [96, 100, 111],
    [101, 104, 112],
    [105, 107, 113],
    [109, 111, 114],
    [114, 114, 116],
    [118, 118, 118],
    [122, 122, 120],
    [126, 125, 120],
    [131, 129, 121],
    [136, 133, 120],
    [141, 136, 120],
    [146, 140, 120],
    [150, 144, 119],
    [155, 148, 118],
    [160, 152, 117],
    [165, 156, 116],
    [170, 160, 115],
    [175, 164, 113],
    [181, 168, 111],
    [186, 172, 109],
    [191, 176, 107],
    [196, 180, 104],
    [201, 185, 101],
    [207, 189, 98],
    [212, 193, 95],
    [218, 198, 91],
    [223, 202, 87],
    [229, 207, 82],
    [234, 211, 76],
    [240, 216, 70],
    [246, 221, 63],
    [252, 226, 54],
    [254, 232, 56],
];

/// Equal steps of CIE L*.
const GRAY: [[u8; 3]; 52] = [
    [17, 17, 17],
    [21, 21, 21],
    [25, 25, 25],
    [28, 28, 28],
    [32, 32, 32],
    [36, 36, 36],
    [39, 39, 39],
    [43, 43, 43],
    [47, 47, 47],
    [51, 51, 51],
    [55, 55, 55],
    [59, 59, 59],
    [63, 63, 63],
    [67, 67, 67],
    [71, 71, 71],
    [75, 75, 75],
    [80, 80, 80],
    [84, 84, 84],
    [88, 88, 88],
    [92, 92, 92],
    [97, 97, 97],
    [101, 101, 101],
    [106, 106, 106],
    [110, 110, 110],
    [115, 115, 115],
    [119, 119, 119],
    [124, 124, 124],
    [128, 128, 128],
    [133, 133, 133],
    [138, 138, 138],
    [142, 142, 142],
    [147, 147, 147],
    [152, 152, 152],
    [156, 156, 156],
    [161, 161, 161],
    [166, 166, 166],
    [171, 171, 171],
    [176, 176, 176],
    [181, 181, 181],
    [186, 186, 186],
    [190, 190, 190],
    [195, 195, 195],
    [200, 200, 200],
    [205, 205, 205],
    [210, 210, 210],
    [216, 216, 216],
    [221, 221, 221],
    [226, 226, 226],
    [231, 231, 231],
    [236, 236, 236],
    [241, 241, 241],
    [246, 246, 246],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_palette_rises_in_luminance_and_is_found_by_its_name() {
        let linear = |level: u8| {
            let level = f64::from(level) / 255.0;
            if level <= 0.04045 { level / 12.92 } else { ((level + 0.055) / 1.055).powf(2.4) }
        };
        for palette in Palette::ALL {
            let luminance = palette.colors().map(|[r, g, b]| 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b));
            assert!(luminance.windows(2).all(|pair| pair[0] < pair[1]), "{palette}");
            assert_eq!(palette.name().parse(), Ok(palette));
        }
        assert!("jet".parse::<Palette>().unwrap_err().contains("viridis"));
    }
}
