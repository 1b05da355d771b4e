//! The sources that the measures cite, as BibTeX.

/// One source.
#[derive(Debug)]
pub struct Source {
    /// The BibTeX key.
    pub key: &'static str,
    /// Authors and year as a sentence cites them.
    pub short: &'static str,
    /// The BibTeX entry.
    pub bibtex: &'static str,
}

/// Every source, in the order of the measures.
pub static SOURCES: &[Source] = &[
    Source {
        key: "gretton2005hsic",
        short: "Gretton et al., 2005",
        bibtex: r#"@inproceedings{gretton2005hsic,
  author    = {Gretton, Arthur and Bousquet, Olivier and Smola, Alex and Sch{\"o}lkopf, Bernhard},
  title     = {Measuring Statistical Dependence with {Hilbert-Schmidt} Norms},
  booktitle = {Algorithmic Learning Theory},
  series    = {Lecture Notes in Computer Science},
  volume    = {3734},
  pages     = {63--77},
  publisher = {Springer},
  year      = {2005},
  doi       = {10.1007/11564089_7}
}"#,
    },
    Source {
        key: "song2012feature",
        short: "Song et al., 2012",
        bibtex: r#"@article{song2012feature,
  author  = {Song, Le and Smola, Alex and Gretton, Arthur and Bedo, Justin and Borgwardt, Karsten},
  title   = {Feature Selection via Dependence Maximization},
  journal = {Journal of Machine Learning Research},
  volume  = {13},
  pages   = {1393--1434},
  year    = {2012}
}"#,
    },
    Source {
        key: "kornblith2019similarity",
        short: "Kornblith et al., 2019",
        bibtex: r#"@inproceedings{kornblith2019similarity,
  author    = {Kornblith, Simon and Norouzi, Mohammad and Lee, Honglak and Hinton, Geoffrey},
  title     = {Similarity of Neural Network Representations Revisited},
  booktitle = {Proceedings of the 36th International Conference on Machine Learning},
  series    = {Proceedings of Machine Learning Research},
  volume    = {97},
  pages     = {3519--3529},
  year      = {2019}
}"#,
    },
    Source {
        key: "cortes2012algorithms",
        short: "Cortes et al., 2012",
        bibtex: r#"@article{cortes2012algorithms,
  author  = {Cortes, Corinna and Mohri, Mehryar and Rostamizadeh, Afshin},
  title   = {Algorithms for Learning Kernels Based on Centered Alignment},
  journal = {Journal of Machine Learning Research},
  volume  = {13},
  pages   = {795--828},
  year    = {2012}
}"#,
    },
    Source {
        key: "szekely2014partial",
        short: "Székely and Rizzo, 2014",
        bibtex: r#"@article{szekely2014partial,
  author  = {Sz{\'e}kely, G{\'a}bor J. and Rizzo, Maria L.},
  title   = {Partial Distance Correlation with Methods for Dissimilarities},
  journal = {The Annals of Statistics},
  volume  = {42},
  number  = {6},
  pages   = {2382--2412},
  year    = {2014},
  doi     = {10.1214/14-AOS1255}
}"#,
    },
    Source {
        key: "robert1976unifying",
        short: "Robert and Escoufier, 1976",
        bibtex: r#"@article{robert1976unifying,
  author  = {Robert, Paul and Escoufier, Yves},
  title   = {A Unifying Tool for Linear Multivariate Statistical Methods: The {RV}-Coefficient},
  journal = {Journal of the Royal Statistical Society. Series C (Applied Statistics)},
  volume  = {25},
  number  = {3},
  pages   = {257--265},
  year    = {1976},
  doi     = {10.2307/2347233}
}"#,
    },
    Source {
        key: "hotelling1936relations",
        short: "Hotelling, 1936",
        bibtex: r#"@article{hotelling1936relations,
  author  = {Hotelling, Harold},
  title   = {Relations Between Two Sets of Variates},
  journal = {Biometrika},
  volume  = {28},
  number  = {3/4},
  pages   = {321--377},
  year    = {1936},
  doi     = {10.1093/biomet/28.3-4.321}
}"#,
    },
    Source {
        key: "bjorck1973numerical",
        short: "Björck and Golub, 1973",
        bibtex: r#"@article{bjorck1973numerical,
  author  = {Bj{\"o}rck, {\AA}ke and Golub, Gene H.},
  title   = {Numerical Methods for Computing Angles Between Linear Subspaces},
  journal = {Mathematics of Computation},
  volume  = {27},
  number  = {123},
  pages   = {579--594},
  year    = {1973},
  doi     = {10.1090/S0025-5718-1973-0348991-3}
}"#,
    },
    Source {
        key: "raghu2017svcca",
        short: "Raghu et al., 2017",
        bibtex: r#"@inproceedings{raghu2017svcca,
  author    = {Raghu, Maithra and Gilmer, Justin and Yosinski, Jason and Sohl-Dickstein, Jascha},
  title     = {{SVCCA}: Singular Vector Canonical Correlation Analysis for Deep Learning Dynamics and Interpretability},
  booktitle = {Advances in Neural Information Processing Systems},
  volume    = {30},
  year      = {2017}
}"#,
    },
    Source {
        key: "morcos2018insights",
        short: "Morcos et al., 2018",
        bibtex: r#"@inproceedings{morcos2018insights,
  author    = {Morcos, Ari S. and Raghu, Maithra and Bengio, Samy},
  title     = {Insights on Representational Similarity in Neural Networks with Canonical Correlation},
  booktitle = {Advances in Neural Information Processing Systems},
  volume    = {31},
  year      = {2018}
}"#,
    },
    Source {
        key: "vinod1976canonical",
        short: "Vinod, 1976",
        bibtex: r#"@article{vinod1976canonical,
  author  = {Vinod, Hrishikesh D.},
  title   = {Canonical Ridge and Econometrics of Joint Production},
  journal = {Journal of Econometrics},
  volume  = {4},
  number  = {2},
  pages   = {147--166},
  year    = {1976},
  doi     = {10.1016/0304-4076(76)90010-5}
}"#,
    },
    Source {
        key: "schonemann1966generalized",
        short: "Schönemann, 1966",
        bibtex: r#"@article{schonemann1966generalized,
  author  = {Sch{\"o}nemann, Peter H.},
  title   = {A Generalized Solution of the Orthogonal {Procrustes} Problem},
  journal = {Psychometrika},
  volume  = {31},
  number  = {1},
  pages   = {1--10},
  year    = {1966},
  doi     = {10.1007/BF02289451}
}"#,
    },
    Source {
        key: "ding2021grounding",
        short: "Ding et al., 2021",
        bibtex: r#"@inproceedings{ding2021grounding,
  author    = {Ding, Frances and Denain, Jean-Stanislas and Steinhardt, Jacob},
  title     = {Grounding Representation Similarity Through Statistical Testing},
  booktitle = {Advances in Neural Information Processing Systems},
  volume    = {34},
  year      = {2021}
}"#,
    },
    Source {
        key: "williams2021generalized",
        short: "Williams et al., 2021",
        bibtex: r#"@inproceedings{williams2021generalized,
  author    = {Williams, Alex H. and Kunz, Erin and Kornblith, Simon and Linderman, Scott W.},
  title     = {Generalized Shape Metrics on Neural Representations},
  booktitle = {Advances in Neural Information Processing Systems},
  volume    = {34},
  year      = {2021}
}"#,
    },
    Source {
        key: "szekely2007measuring",
        short: "Székely et al., 2007",
        bibtex: r#"@article{szekely2007measuring,
  author  = {Sz{\'e}kely, G{\'a}bor J. and Rizzo, Maria L. and Bakirov, Nail K.},
  title   = {Measuring and Testing Dependence by Correlation of Distances},
  journal = {The Annals of Statistics},
  volume  = {35},
  number  = {6},
  pages   = {2769--2794},
  year    = {2007},
  doi     = {10.1214/009053607000000505}
}"#,
    },
    Source {
        key: "sejdinovic2013equivalence",
        short: "Sejdinovic et al., 2013",
        bibtex: r#"@article{sejdinovic2013equivalence,
  author  = {Sejdinovic, Dino and Sriperumbudur, Bharath and Gretton, Arthur and Fukumizu, Kenji},
  title   = {Equivalence of Distance-Based and {RKHS}-Based Statistics in Hypothesis Testing},
  journal = {The Annals of Statistics},
  volume  = {41},
  number  = {5},
  pages   = {2263--2291},
  year    = {2013},
  doi     = {10.1214/13-AOS1140}
}"#,
    },
    Source {
        key: "huh2024platonic",
        short: "Huh et al., 2024",
        bibtex: r#"@inproceedings{huh2024platonic,
  author    = {Huh, Minyoung and Cheung, Brian and Wang, Tongzhou and Isola, Phillip},
  title     = {The {Platonic} Representation Hypothesis},
  booktitle = {Proceedings of the 41st International Conference on Machine Learning},
  series    = {Proceedings of Machine Learning Research},
  volume    = {235},
  year      = {2024}
}"#,
    },
    Source {
        key: "kriegeskorte2008representational",
        short: "Kriegeskorte et al., 2008",
        bibtex: r#"@article{kriegeskorte2008representational,
  author  = {Kriegeskorte, Nikolaus and Mur, Marieke and Bandettini, Peter},
  title   = {Representational Similarity Analysis: Connecting the Branches of Systems Neuroscience},
  journal = {Frontiers in Systems Neuroscience},
  volume  = {2},
  year    = {2008},
  doi     = {10.3389/neuro.06.004.2008}
}"#,
    },
    Source {
        key: "nili2014toolbox",
        short: "Nili et al., 2014",
        bibtex: r#"@article{nili2014toolbox,
  author  = {Nili, Hamed and Wingfield, Cai and Walther, Alexander and Su, Li and Marslen-Wilson, William and Kriegeskorte, Nikolaus},
  title   = {A Toolbox for Representational Similarity Analysis},
  journal = {PLOS Computational Biology},
  volume  = {10},
  number  = {4},
  year    = {2014},
  doi     = {10.1371/journal.pcbi.1003553}
}"#,
    },
    Source {
        key: "diedrichsen2021comparing",
        short: "Diedrichsen et al., 2021",
        bibtex: r#"@article{diedrichsen2021comparing,
  author  = {Diedrichsen, J{\"o}rn and Berlot, Eva and Mur, Marieke and Sch{\"u}tt, Heiko H. and Shahbazi, Mahdiyar and Kriegeskorte, Nikolaus},
  title   = {Comparing Representational Geometries Using Whitened Unbiased-Distance-Matrix Similarity},
  journal = {Neurons, Behavior, Data Analysis, and Theory},
  volume  = {5},
  number  = {3},
  year    = {2021},
  doi     = {10.51628/001c.27664}
}"#,
    },
    Source {
        key: "hoerl1970ridge",
        short: "Hoerl and Kennard, 1970",
        bibtex: r#"@article{hoerl1970ridge,
  author  = {Hoerl, Arthur E. and Kennard, Robert W.},
  title   = {Ridge Regression: Biased Estimation for Nonorthogonal Problems},
  journal = {Technometrics},
  volume  = {12},
  number  = {1},
  pages   = {55--67},
  year    = {1970},
  doi     = {10.1080/00401706.1970.10488634}
}"#,
    },
    Source {
        key: "stone1974cross",
        short: "Stone, 1974",
        bibtex: r#"@article{stone1974cross,
  author  = {Stone, Mervyn},
  title   = {Cross-Validatory Choice and Assessment of Statistical Predictions},
  journal = {Journal of the Royal Statistical Society: Series B},
  volume  = {36},
  number  = {2},
  pages   = {111--133},
  year    = {1974},
  doi     = {10.1111/j.2517-6161.1974.tb00994.x}
}"#,
    },
    Source {
        key: "yamins2014performance",
        short: "Yamins et al., 2014",
        bibtex: r#"@article{yamins2014performance,
  author  = {Yamins, Daniel L. K. and Hong, Ha and Cadieu, Charles F. and Solomon, Ethan A. and Seibert, Darren and DiCarlo, James J.},
  title   = {Performance-Optimized Hierarchical Models Predict Neural Responses in Higher Visual Cortex},
  journal = {Proceedings of the National Academy of Sciences},
  volume  = {111},
  number  = {23},
  pages   = {8619--8624},
  year    = {2014},
  doi     = {10.1073/pnas.1403112111}
}"#,
    },
    Source {
        key: "schrimpf2018brain",
        short: "Schrimpf et al., 2018",
        bibtex: r#"@article{schrimpf2018brain,
  author  = {Schrimpf, Martin and Kubilius, Jonas and Hong, Ha and Majaj, Najib J. and Rajalingham, Rishi and Issa, Elias B. and Kar, Kohitij and
             Bashivan, Pouya and Prescott-Roy, Jonathan and Geiger, Franziska and Schmidt, Kailyn and Yamins, Daniel L. K. and DiCarlo, James J.},
  title   = {{Brain-Score}: Which Artificial Neural Network for Object Recognition is most Brain-Like?},
  journal = {bioRxiv},
  year    = {2018},
  doi     = {10.1101/407007}
}"#,
    },
    Source {
        key: "khosla2024soft",
        short: "Khosla and Williams, 2024",
        bibtex: r#"@inproceedings{khosla2024soft,
  author    = {Khosla, Meenakshi and Williams, Alex H.},
  title     = {Soft Matching Distance: A Metric on Neural Representations That Captures Single-Neuron Tuning},
  booktitle = {Proceedings of {UniReps}: the First Workshop on Unifying Representations in Neural Models},
  series    = {Proceedings of Machine Learning Research},
  volume    = {243},
  year      = {2024}
}"#,
    },
];

/// The key of this library's own entry.
pub const SOFTWARE: &str = "similitude";

/// The BibTeX entry of this library.
pub fn software() -> String {
    const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");
    let mut fields = vec![
        ("author", "{The similitude developers}"),
        ("title", "similitude: similarity of neural network representations, with proofs"),
        ("version", env!("CARGO_PKG_VERSION")),
        ("year", "2026"),
    ];
    fields.extend((!REPOSITORY.is_empty()).then_some(("url", REPOSITORY)));
    let fields: Vec<String> = fields.into_iter().map(|(name, value)| format!("  {name:<7} = {{{value}}}")).collect();
    format!("@software{{{SOFTWARE},\n{}\n}}", fields.join(",\n"))
}

/// The source with a key.
pub fn find(key: &str) -> Option<&'static Source> {
    SOURCES.iter().find(|source| source.key == key)
}

#[cfg(test)]
#[path = "bibliography_tests.rs"]
mod tests;
