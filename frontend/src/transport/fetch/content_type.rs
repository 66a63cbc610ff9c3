//! Whether a `Content-Type` is that of an event stream.

/// Whether this header's value [says] `text/event-stream`, with whatever parameters.
///
/// [says]: https://fetch.spec.whatwg.org/#concept-header-extract-mime-type
pub(crate) fn is_event_stream(content_type: &str) -> bool {
    // Of several, the last that is a type and no wildcard counts.
    let essences = content_type.split(',').map(|value| value.split(';').next().unwrap_or_default().trim_ascii());
    let last = essences.rev().find(|essence| is_type(essence));
    last.is_some_and(|essence| essence.eq_ignore_ascii_case("text/event-stream"))
}

fn is_type(essence: &str) -> bool {
    let is_token = |part: &str| !part.is_empty() && part.bytes().all(is_token_byte);
    essence != "*/*" && essence.split_once('/').is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype))
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_case_do_not_matter() {
        for right in [
            "text/event-stream",
            "text/event-stream;charset=utf-8",
            "Text/Event-Stream ; charset=latin1",
            " text/event-stream",
            "text/html, text/event-stream",
            "text/event-stream, */*",
            "text/event-stream, nonsense",
        ] {
            assert!(is_event_stream(right), "{right}");
        }
    }

    #[test]
    fn everything_else_is_another_type() {
        let wrong = [
            "",
            "text/plain",
            "text/event-streams",
            "text/event stream",
            "text/event-stream, text/html",
            "event-stream",
        ];
        for wrong in wrong {
            assert!(!is_event_stream(wrong), "{wrong}");
        }
    }
}
