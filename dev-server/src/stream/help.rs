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
GET or POST /events?… returns a stream of events that the URL describes. Parameters can be combined; an unknown or invalid
one gets a 400 with a line that names it and says what is allowed. Everything random comes from `seed`, so with `t0` and
`data=n` a URL sends the same bytes each time. Durations have a unit (250us, 200ms, 15s, 1m, 1h), sizes are in bytes or have a
unit (64KiB, 10MiB, 20KB), and rates have a unit (32KB/s).

The id of event n is <t0 in ms>-<n>. A client that presents it, as Last-Event-ID or as last-event-id=, gets the events after
event n under the same parameters: events that `gap` omitted stay omitted, an event that `dup` doubled is not sent again, and
after `reorder` the same shuffled order continues. A client whose id can't be resumed gets an event of the type `gap`, which
says why, and a fresh start.
";

/// A path besides /events.
#[derive(Serialize)]
struct Path {
    title: &'static str,
    text: &'static str,
    /// The arguments of curl.
    examples: &'static [&'static str],
}

const PATHS: &[Path] = &[
    Path {
        title: "/echo",
        text: "Sends one event whose data is the request as JSON: method, url, headers, lastEventId, body, and with a \
               token the number of the attempt. Accepts any method except OPTIONS, which is left to CORS, and all \
               parameters of /events except data, message and channel. By default each connection ends after its event \
               (drop=1). A body may have up to 64 KiB.\n",
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
        text: "Lists the open streams as JSON: who reads them, since when, and what was sent. An EventSource gets the same \
               list as a stream: a message at once and after each change; changes of what was sent are reported once a \
               second at most. DELETE ends all connections, or one: with ?end=abort (the default), eof, reset or stall.\n",
        examples: &["'{base}/connections'", "-X DELETE '{base}/connections?end=reset'"],
    },
    Path {
        title: "PATCH /connections/<id>",
        text: change::HELP,
        examples: &["-X PATCH '{base}/connections/0?rate=1KB/s'", "-X PATCH '{base}/connections/0?drop=2&end=abort'"],
    },
    Path {
        title: "GET and DELETE /tokens/<token>",
        text: "Returns how many connections were made with `token=`, as JSON. DELETE also resets the count: the next \
               connection gets the first item of its plan.\n",
        examples: &["'{base}/tokens/a'", "-X DELETE '{base}/tokens/a'"],
    },
    Path {
        title: "GET and DELETE /requests",
        text: "Lists the newest 1000 requests as JSON, oldest first: time, peer, method, url, headers, and the status of \
               the response; fewer if together they exceed 4 MiB. Requests for /requests itself are not listed. DELETE \
               clears the list.\n",
        examples: &["'{base}/requests'", "-X DELETE '{base}/requests'"],
    },
    Path {
        title: "GET /refused",
        text: "Returns the URL of a port that refuses connections; it stays the same as long as the server runs.\n",
        examples: &["'{base}/refused'"],
    },
];

const OUTRO: &str = "\
Requests that could change something (any method except GET, HEAD and OPTIONS) are refused for pages of foreign origins: those
that are neither on this machine nor allowed with --allow-origin. A GET from such a page is not counted as an attempt of a token,
and does not use up a script.
";

/// The help as data, for a page that makes URLs.
#[derive(Serialize)]
struct Data {
    groups: Vec<Group>,
    paths: &'static [Path],
}

/// Responds with the page or with JSON if the client asks for it, otherwise with text.
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

/// Which other parameters a parameter needs or excludes.
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
