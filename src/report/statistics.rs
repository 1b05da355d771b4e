//! The sources of nulls, adjustments and intervals, cited where a sentence names them.

use super::bibliography::{self, Source};
use super::style::Style;

/// Every source; `short` is how sentences name it.
static SOURCES: &[Source] = &[
    Source {
        key: "phipson2010permutation",
        short: "Phipson and Smyth 2010",
        bibtex: r#"@article{phipson2010permutation,
  author  = {Phipson, Belinda and Smyth, Gordon K.},
  title   = {Permutation {P}-values Should Never Be Zero: Calculating Exact {P}-values When Permutations Are Randomly Drawn},
  journal = {Statistical Applications in Genetics and Molecular Biology},
  volume  = {9},
  number  = {1},
  year    = {2010},
  doi     = {10.2202/1544-6115.1585}
}"#,
    },
    Source {
        key: "kaziaoual1995refined",
        short: "Kazi-Aoual et al. 1995",
        bibtex: r#"@article{kaziaoual1995refined,
  author  = {Kazi-Aoual, Fatima and Hitier, Simon and Sabatier, Robert and Lebreton, Jean-Dominique},
  title   = {Refined Approximations to Permutation Tests for Multivariate Inference},
  journal = {Computational Statistics \& Data Analysis},
  volume  = {20},
  number  = {6},
  pages   = {643--656},
  year    = {1995},
  doi     = {10.1016/0167-9473(94)00064-2}
}"#,
    },
    Source {
        key: "josse2008testing",
        short: "Josse, Pages and Husson 2008",
        bibtex: r#"@article{josse2008testing,
  author  = {Josse, Julie and Pag{\`e}s, J{\'e}r{\^o}me and Husson, Fran{\c{c}}ois},
  title   = {Testing the Significance of the {RV} Coefficient},
  journal = {Computational Statistics \& Data Analysis},
  volume  = {53},
  number  = {1},
  pages   = {82--91},
  year    = {2008},
  doi     = {10.1016/j.csda.2008.06.012}
}"#,
    },
    Source {
        key: "westfall1993resampling",
        short: "Westfall and Young 1993",
        bibtex: r#"@book{westfall1993resampling,
  author    = {Westfall, Peter H. and Young, S. Stanley},
  title     = {Resampling-Based Multiple Testing: Examples and Methods for p-Value Adjustment},
  publisher = {Wiley},
  year      = {1993}
}"#,
    },
    Source {
        key: "holm1979simple",
        short: "Holm 1979",
        bibtex: r#"@article{holm1979simple,
  author  = {Holm, Sture},
  title   = {A Simple Sequentially Rejective Multiple Test Procedure},
  journal = {Scandinavian Journal of Statistics},
  volume  = {6},
  number  = {2},
  pages   = {65--70},
  year    = {1979}
}"#,
    },
    Source {
        key: "benjamini1995controlling",
        short: "Benjamini and Hochberg 1995",
        bibtex: r#"@article{benjamini1995controlling,
  author  = {Benjamini, Yoav and Hochberg, Yosef},
  title   = {Controlling the False Discovery Rate: A Practical and Powerful Approach to Multiple Testing},
  journal = {Journal of the Royal Statistical Society: Series B},
  volume  = {57},
  number  = {1},
  pages   = {289--300},
  year    = {1995},
  doi     = {10.1111/j.2517-6161.1995.tb02031.x}
}"#,
    },
    Source {
        key: "politis1994large",
        short: "Politis and Romano 1994",
        bibtex: r#"@article{politis1994large,
  author  = {Politis, Dimitris N. and Romano, Joseph P.},
  title   = {Large Sample Confidence Regions Based on Subsamples under Minimal Assumptions},
  journal = {The Annals of Statistics},
  volume  = {22},
  number  = {4},
  pages   = {2031--2050},
  year    = {1994},
  doi     = {10.1214/aos/1176325770}
}"#,
    },
    Source {
        key: "shao1989general",
        short: "Shao and Wu 1989",
        bibtex: r#"@article{shao1989general,
  author  = {Shao, Jun and Wu, C. F. Jeff},
  title   = {A General Theory for Jackknife Variance Estimation},
  journal = {The Annals of Statistics},
  volume  = {17},
  number  = {3},
  pages   = {1176--1197},
  year    = {1989},
  doi     = {10.1214/aos/1176347263}
}"#,
    },
    Source {
        key: "efron1979bootstrap",
        short: "Efron 1979",
        bibtex: r#"@article{efron1979bootstrap,
  author  = {Efron, Bradley},
  title   = {Bootstrap Methods: Another Look at the Jackknife},
  journal = {The Annals of Statistics},
  volume  = {7},
  number  = {1},
  pages   = {1--26},
  year    = {1979},
  doi     = {10.1214/aos/1176344552}
}"#,
    },
    Source {
        key: "efron1987better",
        short: "Efron 1987",
        bibtex: r#"@article{efron1987better,
  author  = {Efron, Bradley},
  title   = {Better Bootstrap Confidence Intervals},
  journal = {Journal of the American Statistical Association},
  volume  = {82},
  number  = {397},
  pages   = {171--185},
  year    = {1987},
  doi     = {10.1080/01621459.1987.10478410}
}"#,
    },
    Source {
        key: "tukey1958bias",
        short: "Tukey 1958",
        bibtex: r#"@article{tukey1958bias,
  author  = {Tukey, John W.},
  title   = {Bias and Confidence in Not-Quite Large Samples (Abstract)},
  journal = {The Annals of Mathematical Statistics},
  volume  = {29},
  number  = {2},
  pages   = {614},
  year    = {1958}
}"#,
    },
    Source {
        key: "hoeffding1948class",
        short: "Hoeffding 1948",
        bibtex: r#"@article{hoeffding1948class,
  author  = {Hoeffding, Wassily},
  title   = {A Class of Statistics with Asymptotically Normal Distribution},
  journal = {The Annals of Mathematical Statistics},
  volume  = {19},
  number  = {3},
  pages   = {293--325},
  year    = {1948},
  doi     = {10.1214/aoms/1177730196}
}"#,
    },
    Source {
        key: "hesterberg2015teachers",
        short: "Hesterberg 2015",
        bibtex: r#"@article{hesterberg2015teachers,
  author  = {Hesterberg, Tim C.},
  title   = {What Teachers Should Know About the Bootstrap: Resampling in the Undergraduate Statistics Curriculum},
  journal = {The American Statistician},
  volume  = {69},
  number  = {4},
  pages   = {371--386},
  year    = {2015},
  doi     = {10.1080/00031305.2015.1089789}
}"#,
    },
    Source {
        key: "arvesen1969jackknifing",
        short: "Arvesen 1969",
        bibtex: r#"@article{arvesen1969jackknifing,
  author  = {Arvesen, James N.},
  title   = {Jackknifing {U}-Statistics},
  journal = {The Annals of Mathematical Statistics},
  volume  = {40},
  number  = {6},
  pages   = {2076--2100},
  year    = {1969},
  doi     = {10.1214/aoms/1177697287}
}"#,
    },
];

/// Sources of measures that such sentences name too, by their names there and their keys.
const SHARED: [(&str, &str); 1] = [("Nili et al. 2014", "nili2014toolbox")];

/// The sources that a text names, each with how it does, in the order of their list.
fn named(text: &str) -> impl Iterator<Item = (&'static str, &'static Source)> {
    let shared = SHARED.into_iter().filter_map(|(short, key)| Some((short, bibliography::find(key)?)));
    SOURCES.iter().map(|source| (source.short, source)).chain(shared).filter(move |(short, _)| text.contains(short))
}

/// Sentences in a style, their sources cited as it does: in plain text with a comma before the
/// year, as the sources of measures are.
pub fn styled(text: &str, style: Style) -> String {
    // Names hold nothing that a style escapes.
    named(text).fold(style.prose(text), |text, (short, source)| match (style, short.rsplit_once(' ')) {
        (Style::Text, Some((authors, year))) => text.replace(short, &format!("{authors}, {year}")),
        _ => text.replace(short, &style.source(source.key)),
    })
}

/// The BibTeX entries of the sources that a text names.
pub fn bibtex(text: &str) -> Vec<&'static str> {
    named(text).map(|(_, source)| source.bibtex).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_cited_as_the_style_does_and_have_their_entries() {
        let text = "p is (b + 1) / (10 + 1) (Phipson and Smyth 2010); 5 % (seed 7; Efron 1979).";
        assert_eq!(styled(text, Style::Text), "p is (b + 1) / (10 + 1) (Phipson and Smyth, 2010); 5 % (seed 7; Efron, 1979).");
        assert_eq!(styled(text, Style::Markdown), "p is (b + 1) / (10 + 1) (@phipson2010permutation); 5 % (seed 7; @efron1979bootstrap).");
        let latex = styled(text, Style::Latex);
        assert!(latex.contains("(\\citealp{phipson2010permutation}); 5 \\% (seed 7; \\citealp{efron1979bootstrap})"), "{latex}");
        assert_eq!(bibtex(text).len(), 2);
        // A source of a measure, by its key there.
        assert_eq!(styled("(Nili et al. 2014)", Style::Latex), "(\\citealp{nili2014toolbox})");
        assert!(bibtex("(Nili et al. 2014)")[0].starts_with("@article{nili2014toolbox"));
        assert!(bibtex("nobody").is_empty());
    }

    #[test]
    fn entries_are_whole_and_carry_their_own_key() {
        for source @ Source { key, short, .. } in SOURCES {
            source.assert_whole();
            assert_eq!(SOURCES.iter().filter(|other| other.key == *key || other.short == *short).count(), 1, "{key} twice");
        }
    }
}
