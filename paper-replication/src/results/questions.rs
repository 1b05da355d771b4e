//! The questions of the paper, each answered from the rows.

use super::numbers::{main_row, number, seeds};
use super::store::{Results, Row};

/// A question, the experiment that answers it, and the limits of the answer.
struct Question {
    asked: &'static str,
    experiments: &'static [&'static str],
    answer: fn(&Results) -> Option<String>,
    limits: &'static str,
}

const QUESTIONS: [Question; 5] = [
    Question {
        asked: "RQ1. Do layers of networks that differ in their seed alone correspond, and does CKA find which?",
        experiments: &["table-2", "figure-f3"],
        answer: correspondence,
        limits: "Pictures of 16 x 16 and one architecture. The indexes of the CCA family are computed for fewer networks than the \
         kernels: their trials stand in the table.",
    },
    Question {
        asked: "RQ2. What do width, depth and architecture change?",
        experiments: &["figure-6", "figure-3", "figure-4", "figure-5"],
        answer: shape,
        limits: "Widths end far below the paper's 4096. Deep networks are narrow, trained for few epochs, and one of each: what they show \
         of depth is weak.",
    },
    Question {
        asked: "RQ3. Do early layers learn the same from different data, and late ones not?",
        experiments: &["figure-7"],
        answer: data,
        limits: "The two halves of the classes of CIFAR-10 stand in for CIFAR-10 and CIFAR-100.",
    },
    Question {
        asked: "RQ4. How does CKA compare with CCA, SVCCA, PWCCA and linear regression?",
        experiments: &["table-2", "figure-f8", "divisor", "sanity-all"],
        answer: others,
        limits: "Much of the failure of CCA is its divisor and not its invariance: see the study of the divisor. Across architectures the \
         difference is one of degree.",
    },
    Question {
        asked: "RQ5. What do two networks share of a layer?",
        experiments: &["figure-8", "figure-1"],
        answer: shared,
        limits: "One pair of networks.",
    },
];

/// The section: each question with figure, number and limits.
pub(super) fn questions(results: &Results) -> String {
    let mut section = String::from("## What the paper asks, and what is found here\n");
    for question in &QUESTIONS {
        let Some(answer) = (question.answer)(results) else { continue };
        let links: Vec<String> =
            question.experiments.iter().filter(|id| results.0.contains_key(**id)).map(|id| format!("[{id}](#{id})")).collect();
        section += &format!("\n**{}** {answer} Limits: {} ({})\n", question.asked, question.limits, links.join(", "));
    }
    section
}

fn verdict(row: &Row) -> &'static str {
    row.verdict.words()
}

fn correspondence(results: &Results) -> Option<String> {
    let (name, row) = main_row(results, "table-2")?;
    let of = |key: &str| format!("{} %", number(row, &["accuracy", key], 1));
    Some(format!(
        "Table 2 ({name}, {} networks): {}. Linear CKA finds {} of the corresponding layers (standard error {}; paper 99.3 %), RBF CKA \
         with 0.4 and 0.8 of the median \
         distance {} and {} (99.1, 99.3); a guess {} %. RBF CKA with 0.2 finds {}, where the paper has 80.6 %.",
        seeds(row),
        verdict(row),
        of("cka"),
        number(row, &["standard_error", "cka"], 1),
        of("cka:kernel=rbf,fraction=0.4"),
        of("cka:kernel=rbf,fraction=0.8"),
        number(row, &["chance"], 1),
        of("cka:kernel=rbf,fraction=0.2"),
    ))
}

fn shape(results: &Results) -> Option<String> {
    let mut parts = Vec::new();
    if let Some((name, row)) = main_row(results, "figure-6") {
        parts.push(format!("Width (Figure 6, {name}, {} networks a width): {}. {}", seeds(row), verdict(row), row.explanation,));
    }
    if let Some((name, row)) = main_row(results, "figure-3") {
        parts.push(format!("Depth (Figure 3, {name}): {}. {}", verdict(row), row.explanation));
    }
    if let Some((name, row)) = main_row(results, "figure-4") {
        parts.push(format!("Residual connections (Figure 4, {name}): {}. {}", verdict(row), row.explanation));
    }
    if let Some((name, row)) = main_row(results, "figure-5") {
        parts.push(format!("Architecture (Figure 5, {name}): {}. {}", verdict(row), row.explanation));
    }
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn data(results: &Results) -> Option<String> {
    let (name, row) = main_row(results, "figure-7")?;
    Some(format!("Figure 7 ({name}, {} networks a half): {}. {}", seeds(row), verdict(row), row.explanation))
}

fn others(results: &Results) -> Option<String> {
    let (name, row) = main_row(results, "table-2")?;
    let of = |key: &str| number(row, &["accuracy", key], 1);
    let mut parts = vec![format!(
        "Within an architecture (Table 2, {name}): linear CKA {} %, linear regression {} %, CCA {} and {} %, SVCCA {} and {} %, PWCCA {} \
         %.",
        of("cka"),
        of("linear-regression"),
        of("cca:summary=rho"),
        of("cca:summary=r2"),
        of("svcca:summary=rho"),
        of("svcca:summary=r2"),
        of("pwcca"),
    )];
    if let Some((name, row)) = main_row(results, "figure-f8") {
        parts.push(format!("Across architectures (Figure F.8, {name}): {}. {}", verdict(row), row.explanation));
    }
    if let Some((name, row)) = main_row(results, "divisor") {
        parts.push(format!("The divisor ({name}): {}. {}", verdict(row), row.explanation));
    }
    Some(parts.join(" "))
}

fn shared(results: &Results) -> Option<String> {
    let (name, row) = main_row(results, "figure-8")?;
    let mut parts = vec![format!("Figure 8 ({name}): {}. {}", verdict(row), row.explanation)];
    if let Some((name, row)) = main_row(results, "figure-1") {
        parts.push(format!("Figure 1 ({name}): {}. {}", verdict(row), row.explanation));
    }
    Some(parts.join(" "))
}
