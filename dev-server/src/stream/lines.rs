//! Writes the lines of events, ended as the URL says.

use std::io::Write as _;

use super::params::encoding::{Encoding, Eol, Newline};
use super::random::Random;

const BOM: &[u8] = "\u{feff}".as_bytes();

/// Writes the lines of events, ended as the URL says.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    eol: Eol,
    newline: Newline,
    seed: u64,
    random: Random,
}

impl Lines {
    pub(crate) fn new(encoding: &Encoding, seed: u64) -> Self {
        let mut lines = Self { eol: encoding.eol, newline: encoding.newline, seed, random: Random::new(0, 0, 0) };
        lines.begin_event(u64::MAX);
        lines
    }

    /// From here on, random choices depend on event `n` only, not on what was sent before.
    pub(crate) fn begin_event(&mut self, n: u64) {
        self.random = Random::new(self.seed, 5, n);
    }

    /// Writes the beginning of a connection: byte order marks, and a `retry` field.
    pub(crate) fn begin(&mut self, boms: usize, retry: Option<&str>, out: &mut Vec<u8>) {
        for _ in 0..boms {
            out.extend_from_slice(BOM);
        }
        if let Some(retry) = retry {
            self.field("retry", retry.as_bytes(), out);
            self.end(out);
        }
    }

    /// Writes an event that says why the client can't resume.
    pub(crate) fn gap(&mut self, why: &str, out: &mut Vec<u8>) {
        self.field("event", b"gap", out);
        self.field("data", why.as_bytes(), out);
        self.end(out);
    }

    pub(crate) fn field(&mut self, name: &str, value: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(name.as_bytes());
        out.push(b':');
        if !value.is_empty() {
            out.push(b' ');
        }
        out.extend_from_slice(value);
        self.end(out);
    }

    /// Ends a line.
    pub(crate) fn end(&mut self, out: &mut Vec<u8>) {
        if self.newline == Newline::None {
            return;
        }
        out.extend_from_slice(match self.eol {
            Eol::Lf => b"\n",
            Eol::Cr => b"\r",
            Eol::Crlf => b"\r\n",
            Eol::Mix => match self.random.below(3) {
                // After a carriage return, a line feed would count as part of the same line end.
                0 if out.last() != Some(&b'\r') => b"\n",
                1 => b"\r",
                _ => b"\r\n",
            },
        });
    }

    /// Ends an event, unless it is the last one of a connection and `newline=unfinished`.
    pub(crate) fn end_event(&mut self, last: bool, out: &mut Vec<u8>) {
        if !(last && self.newline == Newline::Unfinished) {
            self.end(out);
        }
    }
}

/// Writes a formatted text.
pub(crate) fn write(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to memory can't fail.
    let _ = out.write_fmt(text);
}
