//! The help: the table of parameters and the other paths, as text, as a page, or as JSON.

use std::fmt::Write as _;

use axum::Json;
use axum::extract::Request;
use axum::http::header::{CONTENT_SECURITY_POLICY, HOST, VARY};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{Html, IntoResponse as _, Response};
use serde::Serialize;

use super::table::{Group, Row, groups};
use super::{change, push, raw};
use crate::upstream::through;
use crate::wanted::{Wanted, accepts};
use crate::wire::scheme;

const INTRO: &str = "\
GET or POST /events?… is a stream of events, described by its URL. All parameters combine; an unknown or impossible one is
400 with a line that names it and says what is allowed. All randomness comes from `seed`, so with `t0` and `data=n` a URL
plays the same bytes each time. Durations have a unit (250us, 200ms, 15s, 1m, 1h), sizes are bytes or have one (64KiB, 10MiB, 20KB),
rates have one (32KB/s).

The id of event n is <t0 in ms>-<n>. Who presents it, as Last-Event-ID or as last-event-id=, goes on with what follows
event n under the same parameters: what `gap` leaves out stays left out, what `dup` doubled does not come again, and after
`reorder` comes what is next in the same shuffle. An id that can't be resumed gets an event of the type `gap`, which says
why, and a fresh start.
";

/// A path besides /events.
#[derive(Serialize)]
struct Path {
    title: &'static str,
    text: &'static str,
    /// What curl is given.
    examples: &'static [&'static str],
}

const PATHS: &[Path] = &[
    Path {
        title: "/echo",
        text: "One event whose data is the request as JSON: method, url, headers, lastEventId, body, and the number of the \
               attempt if there is a token. Any method but OPTIONS, which CORS answers. All parameters of /events but \
               data, message and channel; unless told otherwise each connection ends after its event (drop=1). Bodies have 64 KiB \
               at most.\n",
        examples: &["-N '{base}/echo?token=c' -H 'Last-Event-ID: 7-0' -d 'hello'", "-N '{base}/echo?end=abort'"],
    },
    Path {
        title: "POST /raw",
        text: raw::HELP,
        examples: &[
            r#"'{base}/raw' -d '["data: 1\n\n", {"pause": "200ms"}, {"base64": "/w=="}, "\n\n", {"end": "reset"}]'"#,
            r#"'{base}/raw?chunk-size=1' -d '["data: 1\r\n\r\n"]'"#,
        ],
    },
    Path {
        title: "POST /push/<name>",
        text: push::HELP,
        examples: &[
            "'{base}/push/news?type=greeting' -d 'hello'",
            r#"'{base}/push/news' -H 'Content-Type: application/json' -d '{"data": "hello", "id": "1", "retry": 500}'"#,
        ],
    },
    Path { title: "/through/<parameters>/<path>", text: through::HELP, examples: &[] },
    Path {
        title: "GET and DELETE /connections, DELETE /connections/<id>",
        text: "Who reads a stream now, since when, and what was sent, as JSON. To an EventSource the same as a stream: a \
               message at once, and whenever it changes, each second at most for what was sent. DELETE breaks all \
               connections, or one; ?end=eof, reset or stall ends them otherwise (unless given: abort).\n",
        examples: &["'{base}/connections'", "-X DELETE '{base}/connections?end=reset'"],
    },
    Path {
        title: "PATCH /connections/<id>",
        text: change::HELP,
        examples: &["-X PATCH '{base}/connections/0?rate=1KB/s'", "-X PATCH '{base}/connections/0?drop=2&end=abort'"],
    },
    Path {
        title: "GET and DELETE /tokens/<token>",
        text: "How many connections were made with `token=`, as JSON. DELETE says it too, and begins anew: the next one is \
               the first of its plan.\n",
        examples: &["'{base}/tokens/a'", "-X DELETE '{base}/tokens/a'"],
    },
    Path {
        title: "GET and DELETE /requests",
        text: "The newest 1000 requests as JSON, the oldest of them first: when, by whom, method, url, headers, and the \
               status of the answer; fewer if they are longer than 4 MiB together. Those for /requests are left out. DELETE \
               forgets them.\n",
        examples: &["'{base}/requests'", "-X DELETE '{base}/requests'"],
    },
    Path {
        title: "GET /refused",
        text: "The URL of a port that refuses connections; it is the same as long as the server runs.\n",
        examples: &["'{base}/refused'"],
    },
];

const OUTRO: &str = "\
Whatever changes something (any method but GET, HEAD and OPTIONS) is refused for pages of a foreign origin: neither of this
machine nor of --allow-origin. A GET of theirs spends no attempt of a token, and plays no script for others.
";

/// The help as data, for a page that makes URLs.
#[derive(Serialize)]
struct Data {
    groups: Vec<Group>,
    paths: &'static [Path],
}

/// Answers with the page or with JSON if that is what the client wants, else with text.
pub(crate) async fn help(request: Request) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1:8000");
    let base = format!("{}://{host}", scheme(request.extensions()));
    let mut headers = HeaderMap::new();
    headers.insert(VARY, HeaderValue::from_static("accept"));
    if Wanted::of(request.headers()) == Wanted::Page {
        let policy = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
        headers.insert(CONTENT_SECURITY_POLICY, policy);
        return (headers, Html(page(&base))).into_response();
    }
    if accepts(request.headers(), "application/json") {
        return (headers, Json(Data { groups: groups(), paths: PATHS })).into_response();
    }
    (headers, text(&base)).into_response()
}

/// The command that shows a parameter.
fn command(base: &str, row: &Row) -> String {
    format!("curl -N '{base}/events?{}'", row.example)
}

/// What a parameter does not go without, or not with.
fn conditions(row: &Row) -> String {
    let mut text = String::new();
    for (word, names) in [("needs", row.needs), ("not with", row.not_with)] {
        if !names.is_empty() {
            let joiner = if word == "needs" { " or " } else { ", " };
            // Writing to a string can't fail.
            let _ = write!(text, "; {word} {}", names.join(joiner));
        }
    }
    text
}

fn text(base: &str) -> String {
    let mut text = String::from(INTRO);
    for group in groups() {
        let _ = write!(text, "\n\n{}\n", group.title);
        for row in &group.rows {
            let Row { name, meaning, allowed, .. } = row;
            let allowed = format!("allowed: {allowed}{}", conditions(row));
            let _ = write!(text, "\n{name}=\n{}{}", wrapped(meaning), wrapped(&allowed));
            let _ = writeln!(text, "    {}", command(base, row));
        }
    }
    for path in PATHS {
        let _ = write!(text, "\n\n{}\n\n{}", path.title, wrapped(path.text));
        for example in path.examples {
            let _ = writeln!(text, "    curl {}", example.replace("{base}", base));
        }
    }
    text + "\n\n" + OUTRO
}

/// Indents a text and breaks its lines.
fn wrapped(text: &str) -> String {
    const WIDTH: usize = 100;
    let (mut lines, mut line) = (String::new(), String::new());
    for word in text.split_whitespace() {
        if line.len() + word.len() > WIDTH && !line.is_empty() {
            let _ = writeln!(lines, "   {line}");
            line.clear();
        }
        line.extend([" ", word]);
    }
    let _ = writeln!(lines, "   {line}");
    lines
}

fn page(base: &str) -> String {
    let mut html = String::new();
    let paragraphs = |html: &mut String, text: &str| {
        for paragraph in text.split("\n\n") {
            let _ = writeln!(html, "<p>{}</p>", prose(paragraph));
        }
    };
    paragraphs(&mut html, INTRO);
    for group in groups() {
        let _ = writeln!(html, "<h2>{}</h2>\n<dl>", group.title);
        for row in &group.rows {
            let Row { name, meaning, allowed, .. } = row;
            let (meaning, allowed) = (prose(meaning), prose(allowed));
            let (conditions, command) = (conditions(row), escaped(&command(base, row)));
            let _ = writeln!(
                html,
                "<dt id=\"{name}\"><code>{name}=</code></dt>\n<dd>{meaning}<br><small>{allowed}{conditions}</small>\n\
                 <pre>{command}</pre></dd>"
            );
        }
        html.push_str("</dl>\n");
    }
    for path in PATHS {
        let _ = writeln!(html, "<h2>{}</h2>", escaped(path.title));
        paragraphs(&mut html, path.text);
        for example in path.examples {
            let _ = writeln!(html, "<pre>curl {}</pre>", escaped(&example.replace("{base}", base)));
        }
    }
    paragraphs(&mut html, OUTRO);
    include_str!("help.html").replace("<!-- help -->", &html)
}

/// A text whose words in backticks are code.
fn prose(text: &str) -> String {
    let mut html = String::new();
    for (index, part) in escaped(text).split('`').enumerate() {
        match index {
            0 => {}
            index if index % 2 == 1 => html.push_str("<code>"),
            _ => html.push_str("</code>"),
        }
        html.push_str(part);
    }
    html
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::table::rows;

    #[test]
    fn text_and_page_have_every_parameter_with_its_example() {
        let (text, page) = (text("http://a"), page("http://a"));
        for row in rows() {
            assert!(text.contains(&format!("\n{}=\n{}", row.name, wrapped(row.meaning))), "{}", row.name);
            assert!(text.contains(&format!("curl -N 'http://a/events?{}'", row.example)), "{}", row.name);
            assert!(page.contains(&format!("id=\"{}\"", row.name)), "{}", row.name);
        }
    }

    #[test]
    fn the_page_is_markup_and_the_host_is_not() {
        let page = page("http://<script>");
        assert!(page.contains("<h2>Pace</h2>") && !page.contains("<script>"));
        assert_eq!(page.matches("<code>").count(), page.matches("</code>").count());
    }
}
