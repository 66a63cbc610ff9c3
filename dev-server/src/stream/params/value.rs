//! Values that several parameters have.

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
}
