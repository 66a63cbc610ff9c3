//! `/help`, and every example in it.

use crate::support::{Client, body, header, status};
use dev_server::TestServer;

#[tokio::test]
async fn every_example_runs() {
    let server = TestServer::spawn().await.unwrap();
    let help = body(&Client::get(server.address(), "/help", "").await.answer().await);
    let examples: Vec<_> = help.lines().filter_map(|line| line.trim_start().strip_prefix("curl ")).collect();
    assert!(examples.len() > 40, "{}", examples.len());
    for example in examples {
        let request = request(example, &server.url(""));
        let (answer, _) = Client::request(server.address(), &request).await.read_to_any_end().await;
        assert!(answer.starts_with("HTTP/1.1 "), "{example} got {answer:?}");
        let allowed: &[&str] = match example {
            _ if example.contains("status=503") || example.contains("plan=503") => &["503"],
            _ if example.contains("location=") => &["307"],
            _ if example.contains("/raw") => &["201"],
            // Nobody reads a stream meanwhile.
            _ if example.contains("PATCH") => &["404"],
            _ => &["200"],
        };
        assert!(allowed.contains(&status(&answer)), "{example} got {answer}");
    }
}

/// The request that a command of curl would make.
fn request(command: &str, base: &str) -> String {
    let (mut method, mut path, mut headers, mut body) = ("GET", String::new(), String::new(), String::new());
    let mut words = words(command).into_iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap();
        match word.as_str() {
            "-N" => {}
            "-X" => {
                method = match value().as_str() {
                    "DELETE" => "DELETE",
                    "PATCH" => "PATCH",
                    _ => panic!("{command}"),
                }
            }
            "-H" => headers += &(value() + "\r\n"),
            "-d" => (method, body) = ("POST", value()),
            url => path.push_str(url.strip_prefix(base).unwrap()),
        }
    }
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}",
        base.strip_prefix("http://").unwrap()
    )
}

/// Splits as a shell does: at spaces outside of single quotes.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in command.chars() {
        match character {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            _ => words.last_mut().unwrap().push(character),
        }
    }
    words
}

#[tokio::test]
async fn a_browser_gets_a_page_who_asks_for_json_gets_that_and_others_text() {
    let server = TestServer::spawn().await.unwrap();
    let page = Client::get(server.address(), "/help", "Accept: text/html\r\n").await.answer().await;
    assert_eq!(header(&page, "content-type"), Some("text/html; charset=utf-8"));
    assert!(body(&page).contains("<code>chunk-size=</code>"));
    let text = Client::get(server.address(), "/help", "Accept: */*\r\n").await.answer().await;
    assert_eq!(header(&text, "content-type"), Some("text/plain; charset=utf-8"));
    let json = Client::get(server.address(), "/help", "Accept: application/json\r\n").await.answer().await;
    let help: serde_json::Value = serde_json::from_str(&body(&json)).unwrap();
    let groups = help["groups"].as_array().unwrap();
    let params: Vec<_> = groups.iter().flat_map(|group| group["params"].as_array().unwrap()).collect();
    let text = body(&text);
    assert!(params.len() > 30 && groups.iter().all(|group| group["title"].is_string()));
    for param in params {
        assert!(text.contains(&format!("\n{}=\n", param["name"].as_str().unwrap())), "{param}");
        assert!(param["allowed"].is_string() && param["needs"].is_array() && param["notWith"].is_array(), "{param}");
    }
    assert!(help["paths"].as_array().unwrap().iter().any(|path| path["title"] == "/echo"));
}
