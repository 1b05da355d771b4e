//! Formulas of plain text as LaTeX sets them.

use super::style::Style;

/// What stands in formulas and conventions as plain text, and its mathematics in LaTeX. A longer
/// one is before those that are a part of it.
const MATHEMATICS: &[(&str, &str)] = &[
    ("tr(K H L H) / (n-1)^2", r"\mathrm{tr}(K H L H) / (n-1)^2"),
    ("|Yc' Xc|_F^2 / (n-1)^2", r"\|Y_c^\top X_c\|_F^2 / (n-1)^2"),
    (
        "[tr(K~ L~) + 1'K~1 1'L~1 / ((n-1)(n-2)) - 2/(n-2) 1'K~L~1] / (n(n-3)), K~ = K",
        concat!(
            r"[\mathrm{tr}(\tilde K \tilde L) + 1^\top \tilde K 1 \, 1^\top \tilde L 1 / ((n-1)(n-2))",
            r" - 2/(n-2) \, 1^\top \tilde K \tilde L 1] / (n(n-3)), \tilde K = K"
        ),
    ),
    ("HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L))", r"\mathrm{HSIC}(K, L) / \sqrt{\mathrm{HSIC}(K, K) \, \mathrm{HSIC}(L, L)}"),
    ("|Yc' Xc|_F^2 / (|Xc' Xc|_F |Yc' Yc|_F)", r"\|Y_c^\top X_c\|_F^2 / (\|X_c^\top X_c\|_F \, \|Y_c^\top Y_c\|_F)"),
    ("|Q_Y' Q_X|_*", r"\|Q_Y^\top Q_X\|_*"),
    ("|Q_Y' Q_X|_F^2", r"\|Q_Y^\top Q_X\|_F^2"),
    ("U_X T_X", "U_X T_X"),
    ("U_Y T_Y", "U_Y T_Y"),
    ("|Q_Y' Xc|_F^2 / |Xc|_F^2", r"\|Q_Y^\top X_c\|_F^2 / \|X_c\|_F^2"),
    ("|Q_X' Yc|_F^2 / |Yc|_F^2", r"\|Q_X^\top Y_c\|_F^2 / \|Y_c\|_F^2"),
    ("s = |Xc' Yc|_* / (|Xc|_F |Yc|_F)", r"s = \|X_c^\top Y_c\|_* / (\|X_c\|_F \, \|Y_c\|_F)"),
    ("|Xc|_F^2", r"\|X_c\|_F^2"),
    ("Xc Xc'", r"X_c X_c^\top"),
    ("sqrt(2 - 2s)", r"\sqrt{2 - 2s}"),
    ("sqrt 2", r"\sqrt{2}"),
    ("arccos s", r"\arccos s"),
    ("1 - s^2", "1 - s^2"),
    (
        "sum_i alpha_i rho_i / sum_i alpha_i, alpha_i = sum_j |<h_i, x_j>|, h_i",
        r"\sum_i \alpha_i \rho_i / \sum_i \alpha_i, \alpha_i = \sum_j |\langle h_i, x_j \rangle|, h_i",
    ),
    ("i = 1 .. min(r_X, r_Y)", r"i = 1, \dots, \min(r_X, r_Y)"),
    ("1 - sum_i |y_i - m_Y - (x_i - m_X) W|^2 / sum_i |y_i - m_Y|^2", r"1 - \sum_i |y_i - m_Y - (x_i - m_X) W|^2 / \sum_i |y_i - m_Y|^2"),
    (
        "W = (A'A + lambda I)^-1 A'B, lambda = penalty |A|_F^2",
        r"W = (A^\top A + \lambda I)^{-1} A^\top B, \lambda = \mathrm{penalty} \cdot \|A\|_F^2",
    ),
    (
        "sum_ij a_i b_j <ux_i, uy_j>^2 / bound, a_i = lx_i/(lx_i + kappa_x), b_j = ly_j/(ly_j + kappa_y), lx, ux",
        concat!(
            r"\sum_{ij} a_i b_j \langle u^x_i, u^y_j \rangle^2 / \mathrm{bound}, a_i = \lambda^x_i / (\lambda^x_i + \kappa_x),",
            r" b_j = \lambda^y_j / (\lambda^y_j + \kappa_y), \lambda^x, u^x"
        ),
    ),
    ("sqrt(<A, B> / sqrt(<A, A> <B, B>))", r"\sqrt{\langle A, B \rangle / \sqrt{\langle A, A \rangle \langle B, B \rangle}}"),
    ("|N_k^X(i) and N_k^Y(i)| / k, N_k(i)", r"|N_k^X(i) \cap N_k^Y(i)| / k, N_k(i)"),
    ("P >= 0", r"P \ge 0"),
    ("sum_ij P_ij |x_i - y_j|^2, x_i", r"\sum_{ij} P_{ij} |x_i - y_j|^2, x_i"),
    ("sum_ij P_ij corr(x_i, y_j)", r"\sum_{ij} P_{ij} \, \mathrm{corr}(x_i, y_j)"),
    ("exp(-|x_i - x_j|^2 / (2 sigma^2))", r"\exp(-\|x_i - x_j\|^2 / (2 \sigma^2))"),
    ("exp(-|x_i - x_j| / sigma)", r"\exp(-\|x_i - x_j\| / \sigma)"),
    ("(x_i . x_j + offset)^degree", r"(x_i \cdot x_j + \mathrm{offset})^{\mathrm{degree}}"),
    ("sigma^2 = fraction^2", r"\sigma^2 = \mathrm{fraction}^2"),
    ("sigma = fraction", r"\sigma = \mathrm{fraction}"),
    ("n(n-1)/2", "n(n-1)/2"),
    ("n^2", "n^2"),
    ("max(n, p) * 2^-52", r"\max(n, p) \cdot 2^{-52}"),
    ("y_j", "y_j"),
    ("x_j", "x_j"),
    ("Xc", "X_c"),
    ("Yc", "Y_c"),
];

/// Words with formulas between them, in a style. What is not known as mathematics is prose.
pub(super) fn words(style: Style, text: &str) -> String {
    if style != Style::Latex {
        return style.prose(text);
    }
    let first = MATHEMATICS
        .iter()
        .filter_map(|(plain, set)| Some((text.find(plain)?, *plain, *set)))
        .min_by_key(|(at, plain, _)| (*at, std::cmp::Reverse(plain.len())));
    match first {
        None => style.prose(text),
        Some((at, plain, set)) => format!("{}${set}${}", style.prose(&text[..at]), words(style, &text[at + plain.len()..])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::precision::Precision;
    use crate::registry;
    use crate::report::methods::styled;

    /// What is left of a text without what stands between dollars and in `\texttt{}`.
    fn prose(text: &str) -> String {
        let without_math: String = text.split('$').step_by(2).collect();
        let mut parts = without_math.split("\\texttt{");
        let first = parts.next().unwrap_or_default().to_string();
        parts.fold(first, |text, part| text + part.split_once('}').map_or("", |(_, rest)| rest))
    }

    #[test]
    fn formulas_of_all_measures_are_set_as_mathematics() {
        for measure in registry::conventions() {
            let text = styled(&measure, Precision::Double, "0", Style::Latex);
            assert_eq!(text.matches('$').count() % 2, 0, "{text}");
            let prose = prose(&text);
            for odd in ["\\textbar", "\\textasciicircum", "\\textasciitilde", "\\_", "Xc", "Yc", "sqrt", "sum", "sigma^"] {
                // Words of a convention, and of its keys.
                let said = prose
                    .replace("the sum of", "")
                    .replace("sum: both", "")
                    .replace("summary=", "")
                    .replace("=sum", "")
                    .replace("row sums", "")
                    .replace("column sums", "");
                assert!(!said.contains(odd), "{measure}: {odd}: {said}");
            }
        }
    }

    #[test]
    fn every_formula_of_the_list_is_somewhere() {
        let all: String = registry::conventions().iter().map(|measure| styled(measure, Precision::Double, "0", Style::Text)).collect();
        for (plain, set) in MATHEMATICS {
            assert!(all.contains(plain), "{plain} is nowhere");
            assert_eq!(set.matches('{').count(), set.matches('}').count(), "{set}");
            assert_eq!((words(Style::Latex, plain), words(Style::Text, plain)), (format!("${set}$"), plain.to_string()));
        }
        assert_eq!(words(Style::Latex, "50 % of n^2 & more"), "50 \\% of $n^2$ \\& more");
    }
}
