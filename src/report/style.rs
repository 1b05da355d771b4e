//! The markup of texts that go into a paper.

/// How a text is marked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// Plain text: sources by authors and year, conventions between backticks.
    #[default]
    Text,
    /// Markdown with Pandoc's citations, `[@key, place]`.
    Markdown,
    /// LaTeX with natbib's citations, `\citealp[place]{key}`.
    Latex,
}

impl Style {
    /// Words as they are to be read.
    pub fn prose(self, text: &str) -> String {
        match self {
            Self::Text => text.to_string(),
            Self::Markdown => escaped(text, |letter| matches!(letter, '*' | '_' | '`' | '<' | '[' | ']' | '\\' | '|' | '^' | '~'), "\\"),
            Self::Latex => text.chars().map(latex).collect(),
        }
    }

    /// What a program reads: a convention, a name.
    pub fn code(self, text: &str) -> String {
        match self {
            Self::Text | Self::Markdown => format!("`{text}`"),
            Self::Latex => format!("\\texttt{{{}}}", self.prose(text)),
        }
    }

    /// One of several citations between parentheses: a source with its place, and how a sentence
    /// names it.
    pub fn citation(self, key: &str, short: &str, place: &str) -> String {
        match self {
            Self::Text => format!("{short}, {place}"),
            Self::Markdown => format!("@{key}, {}", self.prose(place)),
            Self::Latex => format!("\\citealp[{}]{{{key}}}", self.prose(place)),
        }
    }

    /// A source without a place, as [`Style::citation`] has it; the bare key in plain text.
    pub fn source(self, key: &str) -> String {
        match self {
            Self::Text => key.to_string(),
            Self::Markdown => format!("@{key}"),
            Self::Latex => format!("\\citealp{{{key}}}"),
        }
    }

    /// Citations, between what their style has around several.
    pub fn citations(self, citations: &[String]) -> String {
        let joined = citations.join("; ");
        if self == Self::Markdown { format!("[{joined}]") } else { format!("({joined})") }
    }
}

fn escaped(text: &str, special: impl Fn(char) -> bool, with: &str) -> String {
    text.chars().map(|letter| if special(letter) { format!("{with}{letter}") } else { letter.to_string() }).collect()
}

fn latex(letter: char) -> String {
    match letter {
        '\\' => "\\textbackslash{}".to_string(),
        '^' => "\\textasciicircum{}".to_string(),
        '~' => "\\textasciitilde{}".to_string(),
        '|' => "\\textbar{}".to_string(),
        '<' => "\\textless{}".to_string(),
        '>' => "\\textgreater{}".to_string(),
        '`' => "\\textasciigrave{}".to_string(),
        '&' | '%' | '$' | '#' | '_' | '{' | '}' => format!("\\{letter}"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_style_reads_as_markup_is_escaped() {
        assert_eq!(Style::Latex.prose("|X'Y|_F^2 & 50 %"), "\\textbar{}X'Y\\textbar{}\\_F\\textasciicircum{}2 \\& 50 \\%");
        assert_eq!(Style::Markdown.prose("|X_1|^2"), "\\|X\\_1\\|\\^2");
        assert_eq!(Style::Text.prose("|X_1|^2"), "|X_1|^2");
        assert_eq!(Style::Latex.code("cka_x"), "\\texttt{cka\\_x}");
    }

    #[test]
    fn citations_are_those_of_the_style() {
        let cite =
            |style: Style| style.citations(&[style.citation("a2019", "A, 2019", "eq. 4"), style.citation("b2012", "B, 2012", "def. 1")]);
        assert_eq!(cite(Style::Text), "(A, 2019, eq. 4; B, 2012, def. 1)");
        assert_eq!(cite(Style::Markdown), "[@a2019, eq. 4; @b2012, def. 1]");
        assert_eq!(cite(Style::Latex), "(\\citealp[eq. 4]{a2019}; \\citealp[def. 1]{b2012})");
    }
}
