//! What a page of another site can do with a URL of its own making.

use crate::support::{Client, header, status};
use dev_server::{Script, TestServer};

#[tokio::test]
async fn no_answer_that_a_url_describes_is_a_page_of_the_servers_origin() {
    let server = TestServer::spawn().await.unwrap();
    let script = || {
        let url = server.script(Script::new().bytes(b"<script>alert(1)</script>")).mime("text/html").to_string();
        url.strip_prefix(&server.url("")).unwrap().to_owned()
    };
    for path in [
        "/events?count=1&mime=text/html&event=%3Cb%3E",
        "/events?status=503&mime=text/html",
        "/events?mistake",
        "/echo?mime=text/html&event=%3Cb%3E",
        "/echo?mime=none",
        "/raw",
        "/raw/0",
        &script(),
    ] {
        let answer = Client::get(server.address(), path, "").await.answer().await;
        assert_eq!(header(&answer, "content-security-policy"), Some("sandbox"), "{path} got {answer}");
        assert_eq!(header(&answer, "x-content-type-options"), Some("nosniff"), "{path}");
    }
}

#[tokio::test]
async fn a_page_of_another_site_can_neither_open_nor_embed_what_its_url_describes() {
    let server = TestServer::spawn().await.unwrap();
    let raw = server.script(Script::new().bytes(b"data: 1\n\n")).to_string();
    let raw = raw.strip_prefix(&server.url("")).unwrap();
    for path in ["/events?count=1", "/echo?mime=text/html", raw] {
        let ask = async |site: &str, mode: &str| {
            let headers = format!("Sec-Fetch-Site: {site}\r\nSec-Fetch-Mode: {mode}\r\n");
            let answer = Client::get(server.address(), path, &headers).await.answer().await;
            status(&answer).to_owned()
        };
        for mode in ["navigate", "no-cors"] {
            assert_eq!(ask("cross-site", mode).await, "403", "{mode} {path}");
        }
        // A script is played once, and a refusal must not cost it.
        assert_eq!(ask("cross-site", "cors").await, "200", "an EventSource at {path}");
        if path != raw {
            assert_eq!(ask("none", "navigate").await, "200", "the address bar at {path}");
            assert_eq!(ask("same-site", "no-cors").await, "200", "another port of this machine at {path}");
        }
    }
}

#[tokio::test]
async fn a_page_of_another_site_neither_spends_attempts_nor_evicts_tokens_nor_plays_scripts() {
    let server = TestServer::spawn().await.unwrap();
    let ask = async |path: &str, origin: &str| {
        let headers = format!("Origin: {origin}\r\nConnection: close\r\n");
        let answer = Client::get(server.address(), path, &headers).await.read_to_end().await;
        status(&answer).to_owned()
    };
    let (page, evil) = ("http://localhost:3000", "https://evil.example");
    let plan = "/events?token=a&plan=503,204";
    assert_eq!(ask(plan, page).await, "503");
    let script = server.script(Script::new().bytes(b"data: 1\n\n")).to_string();
    let script = script.strip_prefix(&server.url("")).unwrap();
    for _ in 0..2 {
        assert_eq!(ask(plan, evil).await, "204", "it sees what is next");
        assert_eq!(ask(script, evil).await, "200");
    }
    for n in 0..1_000 {
        ask(&format!("/events?status=204&token=evil{n}"), evil).await;
    }
    assert_eq!((server.attempts("a"), server.attempts("evil0")), (1, 0));
    assert_eq!(ask(script, page).await, "200");
    assert_eq!(ask(script, page).await, "204");
    // The server's own page, under a name that is not this machine's.
    let own = format!("http://{}", server.address());
    assert_eq!(ask(plan, &own).await, "204");
    assert_eq!(server.attempts("a"), 2);
}
