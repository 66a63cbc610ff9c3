//! Durations as people write them: `200ms`, `5s`, `1m`.

use std::time::Duration;

/// A day. Longer durations are surely mistakes, and sums of them must not overflow.
pub(crate) const MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads a whole number with a unit: `250us`, `200ms`, `5s`, `1m` or `1h`; `0` needs no unit. The maximum is a day.
///
/// # Errors
/// A line that quotes the text and says what is allowed.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let duration = number.parse::<u64>().ok().and_then(|number| {
        let micros = match unit {
            "" if number == 0 => 0,
            "us" => 1,
            "ms" => 1_000,
            "s" => 1_000_000,
            "m" => 60_000_000,
            "h" => 3_600_000_000,
            _ => return None,
        };
        number.checked_mul(micros).map(Duration::from_micros)
    });
    duration
        .filter(|duration| *duration <= MAX)
        .ok_or_else(|| format!("`{text}` is not a duration: write one such as 200ms, 5s or 1m, a day at most"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_number_with_its_unit() {
        assert_eq!(parse_duration("250us"), Ok(Duration::from_micros(250)));
        assert_eq!(parse_duration("200ms"), Ok(Duration::from_millis(200)));
        assert_eq!(parse_duration("5s"), Ok(Duration::from_secs(5)));
        assert_eq!(parse_duration("1m"), Ok(Duration::from_secs(60)));
        assert_eq!(parse_duration("24h"), Ok(MAX));
        assert_eq!(parse_duration("0"), Ok(Duration::ZERO));
    }

    #[test]
    fn refuses_what_is_no_duration_and_says_what_is() {
        for text in ["", "5", "s", "-5s", "5 s", "1.5s", "5d", "25h", "99999999999999999999s", "99999999999999999m"] {
            let error = parse_duration(text).expect_err(text);
            assert!(error.contains("200ms, 5s or 1m"), "{error}");
        }
    }
}
