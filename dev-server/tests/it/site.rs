//! The page and its package.

use std::fs;
use std::path::PathBuf;

use dev_server::{Options, Site, TestServer};

use crate::support::{Client, body, folder, header, status};

const PAGE: &str = "<!doctype html><head><style>p { }</style></head><script type=\"module\">run()</script>";

struct Served {
    server: TestServer,
    site: Site,
    root: PathBuf,
}

impl Served {
    /// Serves a page whose package is not built yet.
    async fn new(name: &str) -> Self {
        let root = folder(name);
        fs::write(root.join("index.html"), PAGE).unwrap();
        let site = Site::new(&root, root.join("pkg"), true);
        let server = TestServer::spawn_with(Options { site: Some(site.clone()), ..Options::default() }).await.unwrap();
        Self { server, site, root }
    }

    async fn build(&self, script: &str) {
        let new = self.root.join("pkg.new");
        fs::create_dir_all(new.join("snippets")).unwrap();
        fs::write(new.join("eventsource_wasm.js"), script).unwrap();
        fs::write(new.join("eventsource_wasm_bg.wasm"), "\0asm").unwrap();
        fs::write(new.join("snippets/part.js"), "part").unwrap();
        self.site.replace_package(&new).await.unwrap();
    }

    async fn get(&self, path: &str, headers: &str) -> String {
        Client::get(self.server.address(), path, headers).await.answer().await
    }
}

#[tokio::test]
async fn before_the_first_build_the_page_says_so_and_then_comes_by_itself() {
    let served = Served::new("before_the_first_build").await;
    let waiting = served.get("/", "").await;
    assert_eq!(status(&waiting), "503");
    assert!(
        waiting.contains("The page is being built") && waiting.contains("src=\"/dev-server/reload.js?\""),
        "{waiting}"
    );

    let mut channel = Client::get(served.server.address(), "/dev-server/reload", "").await;
    channel.read_until("first status", |text| text.contains(r#"{"version":null,"error":null}"#)).await;
    served.build("one").await;
    channel.read_until("version", |text| text.contains(r#"{"version":""#)).await;
    assert_eq!(status(&served.get("/", "").await), "200");
}

#[tokio::test]
async fn the_page_has_a_policy_and_the_version_that_the_channel_names() {
    let served = Served::new("policy").await;
    served.build("one").await;
    let page = served.get("/", "Accept: text/html\r\n").await;
    let policy = header(&page, "content-security-policy").unwrap();
    assert!(
        policy.contains("script-src 'self' 'wasm-unsafe-eval' 'sha256-") && !policy.contains("unsafe-inline"),
        "{policy}"
    );
    assert!(policy.contains("connect-src 'self' http: https:"), "{policy}");
    let (_, version) = page.split_once("/dev-server/reload.js?").unwrap();
    let version = version.split('"').next().unwrap();
    let mut channel = Client::get(served.server.address(), "/dev-server/reload", "").await;
    channel.read_until("the same version", |text| text.contains(&format!(r#""version":"{version}""#))).await;

    let same = |answer: &str| body(answer) == body(&page);
    assert!(same(&served.get("/index.html", "").await));
    let typed = served.get("/events", "Accept: text/html\r\n").await;
    assert!(same(&typed), "an address bar's");
    assert_eq!(header(&typed, "content-security-policy"), Some(policy));
}

#[tokio::test]
async fn who_wants_a_page_gets_it_whatever_the_path_and_it_finds_its_package() {
    let served = Served::new("whatever_the_path").await;
    served.build("one").await;
    let accept = "Accept: text/html,*/*;q=0.8\r\n";
    let page = body(&served.get("/", accept).await);
    for path in ["/events?count=1", "/events?mistake", "/echo", "/raw", "/typo", "/typo?drop=3", "/pkg"] {
        assert_eq!(body(&served.get(path, accept).await), page, "{path}");
    }
    let in_folder = page.replace("<head>", "<head><base href=\"/\">");
    for path in ["/a/b", "/a/", "/connections/1", "/raw/x", "/pkg/missing.js"] {
        let answer = served.get(path, accept).await;
        assert_eq!(body(&answer), in_folder, "{path}");
        assert!(header(&answer, "content-security-policy").unwrap().contains("base-uri 'self'"), "{path}");
    }
    for (path, part) in [("/help", "<h2>Pace</h2>"), ("/connections", "\"count\":0"), ("/pkg/snippets/part.js", "part")]
    {
        assert!(body(&served.get(path, accept).await).contains(part), "{path} has something of its own to show");
    }
    assert_eq!(status(&served.get("/typo", "Accept: text/event-stream\r\n").await), "404");
    let head = format!("HEAD /typo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{accept}\r\n");
    let head = Client::request(served.server.address(), &head).await.read_to_end().await;
    assert_eq!((status(&head), header(&head, "content-type")), ("200", Some("text/html; charset=utf-8")));
}

#[tokio::test]
async fn a_script_is_not_played_to_the_address_bar() {
    let served = Served::new("not_played").await;
    served.build("one").await;
    let url = served.server.script(dev_server::Script::new().bytes("data: 1\n\n")).to_string();
    let path = url.strip_prefix(&served.server.url("")).unwrap();
    assert!(body(&served.get(path, "Accept: text/html\r\n").await).contains("run()"));
    assert_eq!(body(&served.get(path, "Accept: text/event-stream\r\n").await), "data: 1\n\n");
}

#[tokio::test]
async fn an_error_is_told_and_taken_away_while_the_page_stays() {
    let served = Served::new("error").await;
    served.build("one").await;
    let mut channel = Client::get(served.server.address(), "/dev-server/reload", "").await;
    served.site.set_error(Some("expected `;`\nhere".to_owned()));
    channel.read_until("error", |text| text.contains(r#""error":"expected `;`\nhere""#)).await;
    assert_eq!(status(&served.get("/", "").await), "200");
    served.site.set_error(None);
    channel.read_until("its end", |text| text.trim_end().ends_with(r#""error":null}"#)).await;
}

#[tokio::test]
async fn a_build_that_changes_nothing_keeps_its_version() {
    let served = Served::new("same_build").await;
    served.build("one").await;
    let before = body(&served.get("/", "").await);
    served.build("one").await;
    assert_eq!(body(&served.get("/", "").await), before);
    served.build("two").await;
    assert_ne!(body(&served.get("/", "").await), before);
}

#[tokio::test]
async fn a_package_that_can_not_be_replaced_stays() {
    let served = Served::new("stays").await;
    served.build("one").await;
    assert!(served.site.replace_package(&served.root.join("missing")).await.is_err());
    assert_eq!(body(&served.get("/pkg/eventsource_wasm.js", "").await), "one");
    served.build("two").await;
    assert_eq!(body(&served.get("/pkg/eventsource_wasm.js", "").await), "two");
    assert!(!served.root.join("pkg.old").exists(), "what was replaced is gone");
}

#[tokio::test]
async fn the_package_has_the_types_that_browsers_ask_for() {
    let served = Served::new("types").await;
    served.build("one").await;
    for (path, expected) in [
        ("/pkg/eventsource_wasm.js", "text/javascript; charset=utf-8"),
        ("/pkg/eventsource_wasm_bg.wasm", "application/wasm"),
        ("/pkg/snippets/part.js", "text/javascript; charset=utf-8"),
    ] {
        assert_eq!(header(&served.get(path, "").await, "content-type"), Some(expected), "{path}");
    }
}

#[tokio::test]
async fn a_file_that_is_known_is_not_sent_again_until_it_changes() {
    let served = Served::new("etag").await;
    served.build("one").await;
    let first = served.get("/pkg/eventsource_wasm.js", "").await;
    let known = format!("If-None-Match: {}\r\n", header(&first, "etag").unwrap());
    assert_eq!(header(&first, "cache-control"), Some("no-cache"));
    assert_eq!(status(&served.get("/pkg/eventsource_wasm.js", &known).await), "304");
    served.build("two").await;
    assert_eq!(body(&served.get("/pkg/eventsource_wasm.js", &known).await), "two");
}

#[tokio::test]
async fn no_path_leaves_the_package() {
    let served = Served::new("paths").await;
    served.build("one").await;
    fs::write(served.root.join("secret.js"), "secret").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(served.root.join("secret.js"), served.root.join("pkg/link.js")).unwrap();
    for path in [
        "/pkg/../secret.js",
        "/pkg/%2e%2e/secret.js",
        "/pkg/..%2fsecret.js",
        "/pkg/snippets/../../secret.js",
        "/pkg/..\\secret.js",
        "/pkg//etc/passwd",
        "/pkg/./../secret.js",
        "/pkg/link.js",
        "/pkg/snippets",
        "/pkg/",
        "/secret.js",
        "/Cargo.toml",
    ] {
        assert_eq!(status(&served.get(path, "").await), "404", "{path}");
    }
}

#[tokio::test]
async fn the_pages_scripts_and_styles_are_served_and_a_change_of_one_is_a_new_version() {
    let served = Served::new("scripts_and_styles").await;
    fs::create_dir(served.root.join("console")).unwrap();
    fs::write(served.root.join("console/main.js"), "one").unwrap();
    fs::write(served.root.join("console/console.css"), "p { }").unwrap();
    served.build("one").await;
    let script = served.get("/console/main.js", "").await;
    assert_eq!(header(&script, "content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(body(&script), "one");
    let style = served.get("/console/console.css", "").await;
    assert_eq!(
        (header(&style, "content-type"), header(&style, "cache-control")),
        (Some("text/css; charset=utf-8"), Some("no-cache"))
    );
    for path in ["/console/missing.js", "/console/../index.html", "/console/..%2findex.html"] {
        assert_eq!(status(&served.get(path, "").await), "404", "{path}");
    }

    let before = served.get("/", "").await;
    fs::write(served.root.join("console/main.js"), "two").unwrap();
    served.site.refresh().await.unwrap();
    assert_ne!(body(&served.get("/", "").await), body(&before), "pages are not told of the new script");
}

#[tokio::test]
async fn whoever_waits_for_the_first_build_is_told_what_the_compiler_says_and_how_far_it_is() {
    let served = Served::new("what_the_compiler_says").await;
    served.site.build_began();
    served.site.build_said("   Compiling one v0.1.0\nwarning: unused");
    let page = served.get("/", "Accept: text/html\r\n").await;
    assert!(body(&page).contains("src=\"/dev-server/building.js\""), "{page}");
    assert_eq!(status(&served.get("/dev-server/building.js", "").await), "200");

    let mut channel = Client::get(served.server.address(), "/dev-server/build", "").await;
    let said = r#"{"build":1,"lines":["   Compiling one v0.1.0","warning: unused"],"done":0,"total":0}"#;
    channel.read_until("what was said before", |text| text.contains(said)).await;
    served.site.build_came(3, 7);
    channel.read_until("progress", |text| text.contains(r#""lines":[],"done":3,"total":7"#)).await;
    served.site.build_said("   Compiling two v0.1.0");
    channel.read_until("a line", |text| text.contains(r#""lines":["   Compiling two v0.1.0"]"#)).await;
}
