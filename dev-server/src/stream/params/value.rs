//! Values that several parameters have.

use crate::duration::parse_duration;

/// Reads a whole number with digits only.
pub(crate) fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Reads a number of bytes: `100`, `64KiB`, `10MiB`; `KB` and `MB` are thousands.
pub(super) fn size(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, unit) = text.split_at(digits);
    let unit = match unit {
        "" | "B" => 1,
        "KB" => 1_000,
        "MB" => 1_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        _ => return None,
    };
    number(digits)?.checked_mul(unit)
}

/// Reads a number of bytes a second: `500B/s`, `32KB/s`, `1MiB/s`. Digits alone are KB/s, because rates once had no unit.
pub(super) fn rate(text: &str) -> Option<u64> {
    match text.strip_suffix("/s") {
        Some(bytes) if !bytes.ends_with(|last: char| last.is_ascii_digit()) => size(bytes),
        Some(_) => None,
        None => number(text)?.checked_mul(1_000),
    }
}

/// Reads the value of a `retry` field, in milliseconds: a duration is converted, and up to 40 digits stay as they are.
pub(super) fn milliseconds(text: &str) -> Option<String> {
    if (1..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.to_owned());
    }
    parse_duration(text).ok().map(|duration| duration.as_millis().to_string())
}

/// Reads `name=value`, both percent-encoded, `+` for spaces; a value may be any bytes.
pub(crate) fn pair(pair: &[u8]) -> (String, Vec<u8>) {
    let equals = pair.iter().position(|byte| *byte == b'=');
    let (name, value) = pair.split_at(equals.unwrap_or(pair.len()));
    let value = value.strip_prefix(b"=").unwrap_or_default();
    (String::from_utf8_lossy(&decode(name)).into_owned(), decode(value))
}

fn decode(text: &[u8]) -> Vec<u8> {
    let spaces: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_encoding::percent_decode(&spaces).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_percent_encoded_and_values_are_bytes() {
        assert_eq!(pair(b"a%62=c+d%FF%2B%zz=e"), ("ab".to_owned(), b"c d\xff+%zz=e".to_vec()));
        assert_eq!(pair(b"a"), ("a".to_owned(), Vec::new()));
        assert_eq!(pair(b"=a"), (String::new(), b"a".to_vec()));
    }

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in
            [("0", 0), ("100", 100), ("7B", 7), ("2KB", 2_000), ("64KiB", 65_536), ("10MiB", 10_485_760)]
        {
            assert_eq!(size(text), Some(bytes), "{text}");
        }
        for text in ["", "KiB", "-1", "+1", "1.5MiB", "1kb", "1 KiB", "99999999999999999999", "99999999999999999MiB"] {
            assert_eq!(size(text), None, "{text}");
        }
    }
    #[test]
    fn rates_have_units_and_digits_alone_are_what_they_were() {
        for (text, bytes) in [("500B/s", 500), ("32KB/s", 32_000), ("1MiB/s", 1 << 20), ("100", 100_000), ("0", 0)] {
            assert_eq!(rate(text), Some(bytes), "{text}");
        }
        for text in ["", "/s", "500/s", "32KB", "1.5KB/s", "-1", "99999999999999999999"] {
            assert_eq!(rate(text), None, "{text}");
        }
    }

    #[test]
    fn milliseconds_are_a_duration_or_digits_as_they_are() {
        for (text, sent) in [("500ms", "500"), ("2s", "2000"), ("0010", "0010"), ("99999999999", "99999999999")] {
            assert_eq!(milliseconds(text).as_deref(), Some(sent), "{text}");
        }
        let long = "1".repeat(41);
        for text in ["", "-1", "x", "25h", &long] {
            assert_eq!(milliseconds(text), None, "{text}");
        }
    }
}
