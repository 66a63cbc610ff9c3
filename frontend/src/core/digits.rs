//! Numbers as text.

/// A number in decimal. To format it as usual would bring along more code than all texts of this package have.
pub(crate) fn digits(number: u64) -> String {
    let mut digits = Vec::new();
    let mut rest = number;
    while rest > 0 || digits.is_empty() {
        digits.push(char::from(b'0' + u8::try_from(rest % 10).unwrap_or_default()));
        rest /= 10;
    }
    digits.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_decimal() {
        assert_eq!([0, 7, 10, 1999, u64::MAX].map(digits), [0, 7, 10, 1999, u64::MAX].map(|n: u64| n.to_string()));
    }
}
