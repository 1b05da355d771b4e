//! The order in which people count: `conv2` before `conv10`.

use std::cmp::Ordering;

/// Compares runs of digits by their value and everything else by character; names that count the
/// same (`a1`, `a01`) are ordered by their characters, so that the order is total.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (mut rest_a, mut rest_b) = (a, b);
    while let (Some(first_a), Some(first_b)) = (rest_a.chars().next(), rest_b.chars().next()) {
        let order = if first_a.is_ascii_digit() && first_b.is_ascii_digit() {
            let (digits_a, after_a) = split_digits(rest_a);
            let (digits_b, after_b) = split_digits(rest_b);
            (rest_a, rest_b) = (after_a, after_b);
            // Digits of any length: the longer number is the larger one once leading zeros are
            // gone.
            digits_a.len().cmp(&digits_b.len()).then_with(|| digits_a.cmp(digits_b))
        } else {
            rest_a = &rest_a[first_a.len_utf8()..];
            rest_b = &rest_b[first_b.len_utf8()..];
            first_a.cmp(&first_b)
        };
        if order.is_ne() {
            return order;
        }
    }
    rest_a.len().cmp(&rest_b.len()).then_with(|| a.cmp(b))
}

/// The leading digits without leading zeros, and what follows them.
fn split_digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (text[..end].trim_start_matches('0'), &text[end..])
}

#[cfg(test)]
mod tests {
    use super::compare;

    #[test]
    fn digits_count_by_value() {
        let mut names = ["conv10", "conv2", "conv1_relu", "conv1", "bn", "conv02", "layer1.10.x", "layer1.9.y", "conv"];
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(names, ["bn", "conv", "conv1", "conv1_relu", "conv02", "conv2", "conv10", "layer1.9.y", "layer1.10.x"]);
    }

    #[test]
    fn numbers_longer_than_any_integer_still_count() {
        assert!(compare("x99999999999999999999999", "x100000000000000000000000").is_lt());
        assert!(compare("a0", "a00").is_lt());
        assert!(compare("a", "a").is_eq());
    }
}
