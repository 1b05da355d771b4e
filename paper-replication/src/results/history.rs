//! Which rules were changed after values were known, and what each change does.

use super::store::Results;

/// A change: the experiments, what changed, and what that does to the verdicts.
type Change = (&'static str, &'static str, &'static str);

/// In the order of the page. A rule that is not here is the one it was first.
const CHANGES: [Change; 18] = [
    (
        "table-2",
        "With fewer than 5 networks the z-test against the best index is left out; a part left out counted as passed for a time, and now \
         as not tested. That linear CKA finds nine \
         tenths of the layers was added",
        "looser for a time: rows of 3 and 4 networks held without the test. Stricter now: the row of side 32 has a part that fails",
    ),
    (
        "figure-3",
        "That doubling the depth helps was added; later, that shares of what probes gain must be two standard errors apart",
        "looser for the quick row, which went from \"does not hold\" to \"holds partly\" by a part whose value was known; stricter for \
         the standard row",
    ),
    (
        "figure-5",
        "A rank correlation of at least 0.9 in every pair of architectures became three parts; then the layers of the smaller network \
         were counted, as the rule says, and not those of the \
         second one",
        "stricter for what holds as a whole; but three parts can be seen in part, where one could not",
    ),
    (
        "figure-f8",
        "The claim had been that the other indexes do not show the order; \"or show it less than CKA\" was added, and a rank correlation \
         below 0.9 became a greater distance than linear \
         CKA's. Then the layers of the smaller network were counted",
        "looser: an index that finds the order in every pair of architectures, only less well than linear CKA, now counts for the claim",
    ),
    (
        "figure-6",
        "The third statement, on networks of the own width, was added; later its two standard errors, and that early layers are nearer \
             to \
         1 at every width and not at the greatest alone",
        "stricter",
    ),
    (
        "figure-7",
        "That networks of different halves are more alike than trained and untrained ones in every layer was added, on the average of \
         both untrained curves; later each curve was taken by \
         itself, and a curve that a row does not have as not tested",
        "stricter",
    ),
    (
        "figure-8",
        "A layer of which more than the listed eigenvectors are large says nothing of the first part; that counted as passed for a time, \
         and now as not tested",
        "looser for a time, stricter now",
    ),
    ("figure-f4", "That the most similar layer is the corresponding one for more than half of the layers was added", "stricter"),
    (
        "figure-f5",
        "The grid is asked for in every stage, and against the two kinds with one another, in place of a mean over stages against layers \
         inside blocks",
        "stricter",
    ),
    (
        "sanity-all",
        "Spellings that order all layers alike count as one index, in rows made lately of whatever measure; what is undefined in every \
             trial counts in no mean, where it counted as 0",
        "the first neither: both kinds have fewer indexes, and other means. The second makes the mean of the others higher, which is \
             looser",
    ),
    (
        "field",
        "Tests in which no index is told apart from a guess were left out of \"all tests\"; \"among the best tenth in all tests\" \
             became \"not told apart from the \
         best in any\", with the jackknife of the difference; a guess is now permuted in every test, for the best of all indexes; \
         groups are judged as in ReSi, with \
         networks of twelve seeds in place of three",
        "stricter: that one index of 63 is among the best tenth everywhere could hardly happen, so that the part could hardly fail; it \
             fails now where one index \
         is near the best everywhere",
    ),
    (
        "field",
        "One move of one example became six moves, all of which must lower linear CKA by more than Procrustes's similarity; that is \
             squared, for both to be on one scale",
        "stricter: the part failed at once, as CKA is the higher in some moves",
    ),
    (
        "field",
        "Deleted components were narrowed to f32, which gave every part full rank again, in rounding; they stay in f64",
        "the rule is the same, the values of the CCA family and of regression are others",
    ),
    (
        "growth",
        "Growth with width was added before the standard row had it; that row once was of networks of width 16 (98.1 to 100.0 % by \
         examples) and was replaced, under the same name, by one of \
         width 8. That no step falls was added later",
        "stricter",
    ),
    (
        "table-f1",
        "The checkerboard was added; then \"holds partly\" took half of the five statements that were asked first, where one of any had \
         been enough",
        "the first looser, as the added statement was known to be seen; the second stricter",
    ),
    ("figure-1", "The claim says plane where it said large components", "the rule is the same"),
    ("divisor", "The ranks alone have a second row, with ties broken by lot", "none: the rule does not use it"),
    ("figure-f3", "Ties for the most are named, with standard errors", "none"),
];

/// The section: of the experiments that have a row.
pub(super) fn history(results: &Results) -> String {
    let mut section = String::from(
        "## Rules that were changed after values were known\n\nThe first rules were written with the experiments, before most standard \
             rows existed. These were \
         changed later, and not all of the changes made them \
         stricter; verdicts above are by the rules as they stand now.\n\n| experiment | what changed | what that does |\n|---|---|---|\n",
    );
    for (experiment, change, effect) in CHANGES.iter().filter(|change| results.0.contains_key(change.0)) {
        section += &format!("| [{experiment}](#{experiment}) | {change} | {effect} |\n");
    }
    section
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::entries;

    /// A rule that says of itself that a part came later, or takes the place of another, is here.
    #[test]
    fn every_rule_that_says_it_was_changed_is_listed() {
        for entry in entries() {
            let changed = ["later", "before)", "replace", "known", "once"].iter().any(|word| entry.rule.contains(word));
            let listed = CHANGES.iter().any(|(experiment, _, _)| *experiment == entry.id);
            assert!(!changed || listed, "{}: {}", entry.id, entry.rule);
        }
        assert!(CHANGES.iter().all(|(experiment, _, _)| entries().any(|entry| entry.id == *experiment)));
    }
}
