//! Under which name the place of a source is kept over a reload.

/// Query parameters whose values are good for one visit, so that they are no part of the name.
const PASSING: [&str; 16] = [
    "_",
    "access_token",
    "auth",
    "authorization",
    "cachebust",
    "cb",
    "jwt",
    "nonce",
    "session",
    "sig",
    "signature",
    "t",
    "ticket",
    "timestamp",
    "token",
    "ts",
];

/// A name for the stream at this absolute URL: the same for URLs that differ only in a token or the like, and readable
/// by nobody, as a URL may hold secrets.
pub(crate) fn of_url(url: &str) -> String {
    let url = url.split('#').next().unwrap_or_default();
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let lasting = query.split('&').filter(|parameter| {
        let name = parameter.split('=').next().unwrap_or_default();
        !PASSING.iter().any(|passing| name.eq_ignore_ascii_case(passing))
    });
    let mut hash = Fnv::new();
    hash.add(path.as_bytes());
    for parameter in lasting {
        hash.add(b"&");
        hash.add(parameter.as_bytes());
    }
    hash.digits()
}

/// [FNV-1a], which is enough to tell a page's few URLs apart.
///
/// [FNV-1a]: https://datatracker.ietf.org/doc/html/draft-eastlake-fnv
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn digits(self) -> String {
        let digit = |shift: u32| char::from_digit(u32::try_from(self.0 >> shift & 0xf).unwrap_or_default(), 16);
        (0..16).rev().filter_map(|n| digit(4 * n)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_no_part_of_the_name_and_what_stays_is() {
        let name = of_url("https://a.example/events?topic=1&token=one#top");
        assert_eq!(name, of_url("https://a.example/events?topic=1&Token=two"));
        for other in [
            "https://a.example/events?topic=2&token=one",
            "https://b.example/events?topic=1&token=one",
            "https://a.example/events2?topic=1",
            "https://a.example/events?topic=1&tokens=one",
        ] {
            assert_ne!(name, of_url(other), "{other}");
        }
    }

    #[test]
    fn the_name_shows_nothing_of_the_url() {
        let name = of_url("https://user:secret@a.example/events?topic=1");
        assert!(name.len() == 16 && name.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
    }
}
