//! Prepares a page to be served: adds its security policy, and the script that reloads it.

use std::fmt::Write as _;

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{Html, IntoResponse};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// The page before the first build is done.
pub(crate) const BUILDING: &str = include_str!("building.html");

/// The page at a path, with its headers. The reloading script compares `version` with the newest one; `None` omits the script.
pub(crate) fn prepare(html: &str, path: &str, version: Option<&str>) -> impl IntoResponse + use<> {
    // Below the root, `./pkg/…` would name another place. At the root the page's own address stays the base of `#…` and `?…`.
    let in_folder = path.trim_start_matches('/').contains('/');
    let mut headers = HeaderMap::new();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
        .extend(HeaderValue::from_str(&policy(html, in_folder)).ok().map(|policy| (CONTENT_SECURITY_POLICY, policy)));
    let html = if in_folder { with_base(html) } else { html.to_owned() };
    (headers, Html(version.map_or_else(|| html.clone(), |version| with_reload(&html, version))))
}

/// Resolves the page's relative URLs against the root. The element has to come before the first of them.
fn with_base(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let tag = ["<head>", "<head ", "<!doctype"].into_iter().find_map(|tag| lower.find(tag));
    let at = tag.and_then(|tag| Some(tag + lower[tag..].find('>')? + 1)).unwrap_or(0);
    format!("{}<base href=\"/\">{}", &html[..at], &html[at..])
}

fn with_reload(html: &str, version: &str) -> String {
    let script = format!("<script type=\"module\" src=\"/dev-server/reload.js?{version}\"></script>\n");
    let at = html.to_ascii_lowercase().find("</head>").unwrap_or(html.len());
    format!("{}{script}{}", &html[..at], &html[at..])
}

/// A policy that allows the page's own inline scripts and styles, and no others; streams may come from anywhere.
fn policy(html: &str, has_base: bool) -> String {
    let Inline { scripts, styles } = inline(html);
    let base = if has_base { "'self'" } else { "'none'" };
    format!(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'{scripts}; style-src 'self'{styles}; img-src 'self' data:; \
         connect-src 'self' http: https:; worker-src 'self'; object-src 'none'; base-uri {base}; form-action 'self'; \
         frame-ancestors 'self'"
    )
}

/// The hashes of a page's inline elements, each with a space before it.
#[derive(Default)]
struct Inline {
    scripts: String,
    styles: String,
}

fn inline(html: &str) -> Inline {
    // The browser hashes the text after parsing, which normalizes line ends.
    let html = html.replace("\r\n", "\n").replace('\r', "\n");
    let lower = html.to_ascii_lowercase();
    let mut found = Inline::default();
    let mut at = 0;
    while let Some(start) = lower[at..].find('<').map(|found| at + found) {
        let rest = &lower[start..];
        let element = ["script", "style"].into_iter().find(|name| {
            rest[1..].starts_with(name) && rest[1 + name.len()..].starts_with([' ', '\n', '\t', '/', '>'])
        });
        at = match element {
            _ if rest.starts_with("<!--") => rest.find("-->").map_or(lower.len(), |end| start + end),
            None => start + 1,
            Some(name) => {
                let (open, has_src) = opening_tag(rest);
                let text = start + open;
                let end = lower[text..].find(&format!("</{name}")).map_or(lower.len(), |end| text + end);
                let hashes = if name == "script" { &mut found.scripts } else { &mut found.styles };
                if !has_src {
                    let hash = STANDARD.encode(Sha256::digest(&html[text..end]));
                    // Writing to a string can't fail.
                    let _ = write!(hashes, " 'sha256-{hash}'");
                }
                end
            }
        };
    }
    found
}

/// The length of the tag that `html` begins with, and whether it has a `src`.
fn opening_tag(html: &str) -> (usize, bool) {
    let mut quote = None;
    let mut unquoted = String::new();
    for (at, character) in html.char_indices() {
        match (quote, character) {
            (None, '>') => {
                let has_src = unquoted.split_whitespace().any(|part| part == "src" || part.starts_with("src="));
                return (at + 1, has_src);
            }
            (None, '"' | '\'') => {
                quote = Some(character);
                // The closing quote ends the attribute, with or without a space after it.
                unquoted.push(' ');
            }
            (None, _) => unquoted.push(character),
            (Some(open), _) if open == character => quote = None,
            _ => {}
        }
    }
    (html.len(), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(text: &str) -> String {
        format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
    }

    #[test]
    fn inline_scripts_and_styles_are_hashed_and_nothing_else() {
        let html = "<!doctype html><HEAD><style media='>'>p { }</style><!-- <script>no</script> -->
            <script src='a.js'></script><script type=module>run()</script><scripted>no</scripted></HEAD>";
        let Inline { scripts, styles } = inline(html);
        assert_eq!(scripts, hash("run()"));
        assert_eq!(styles, hash("p { }"));
    }

    #[test]
    fn a_policy_hash_is_the_known_one() {
        // The example from MDN's page on the header.
        let policy = policy("<script>alert('Hello, world.');</script>", false);
        assert!(policy.contains("'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"), "{policy}");
    }

    #[test]
    fn carriage_returns_are_hashed_as_the_parser_hands_them_on() {
        assert_eq!(inline("<script>a\r\nb\rc</script>").scripts, hash("a\nb\nc"));
    }

    #[test]
    fn unfinished_markup_is_no_panic() {
        for html in ["<", "<script", "<script src='", "<style>é", "<!--", "</script>", "<script/>é"] {
            inline(html);
        }
    }

    #[test]
    fn the_reloading_script_goes_into_the_head_or_to_the_end() {
        let script = "<script type=\"module\" src=\"/dev-server/reload.js?v1\"></script>\n";
        assert_eq!(with_reload("<head></HEAD><body>", "v1"), format!("<head>{script}</HEAD><body>"));
        assert_eq!(with_reload("<p>é", "v1"), format!("<p>é{script}"));
    }

    #[test]
    fn a_base_comes_before_all_else_of_the_head() {
        let base = "<base href=\"/\">";
        for (before, after) in [
            ("<!doctype html><HEAD>", "<link href=a></HEAD>"),
            ("<!doctype html><head lang=en>", "<link href=a></head><header>"),
            ("<!doctype html>", "<header>\u{e9}"),
            ("", "<p>"),
        ] {
            assert_eq!(with_base(&format!("{before}{after}")), format!("{before}{base}{after}"));
        }
    }
}
