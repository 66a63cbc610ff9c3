//! A browser of its own for each test, with a fresh profile.

use std::ops::Deref;
use std::panic;
use std::rc::Rc;
use std::{env, fs};

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::task::LocalSet;
use tokio::time::error::Elapsed;
use tokio::time::timeout;
use url::{ParseError, Url};

use crate::bidi::Bidi;
use crate::driver::Driver;
use crate::page::Page;
use crate::paths;
use crate::wait::{LAST_WORDS, TEST_LIMIT, until};

/// Which browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Firefox, by geckodriver.
    Firefox,
    /// Chromium or Chrome, by chromedriver.
    Chromium,
    /// `WebKitGTK`, whose engine is Safari's, by `WebKitWebDriver`.
    WebKit,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Firefox => "firefox",
            Self::Chromium => "chromium",
            Self::WebKit => "webkit",
        }
    }
}

/// What the reader prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// A running browser. Clones are the same one.
#[derive(Clone)]
pub struct Browser(Rc<Inner>);

struct Inner {
    kind: Kind,
    client: Client,
    /// None if the capabilities leave it out.
    bidi: Option<Bidi>,
    _driver: Driver,
}

impl Browser {
    async fn start(kind: Kind, capabilities: Value, draws: bool) -> Self {
        let driver = Driver::start(kind, draws).await;
        let Value::Object(capabilities) = capabilities else { unreachable!("capabilities are an object") };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&driver.url)
            .await
            .expect("the browser starts");
        let socket = client.capabilities().and_then(|given| given.get("webSocketUrl")?.as_str());
        let bidi = match socket {
            Some(socket) => Some(Bidi::connect(socket).await),
            None => None,
        };
        Self(Rc::new(Inner { kind, client, bidi, _driver: driver }))
    }

    /// Which browser it is.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Goes to an address in the current tab.
    pub async fn open(&self, url: &str) -> Page {
        self.goto(url).await.expect("the page loads");
        Page::new(self.clone())
    }

    /// Opens a second tab there and turns to it.
    pub async fn open_in_new_tab(&self, url: &str) -> Page {
        // A tab that WebKitGTK's driver opens stays behind the first one, and draws nothing: there it is a window.
        let tab = self.new_window(self.0.kind != Kind::WebKit).await.expect("a tab opens");
        self.switch_to_window(tab.handle).await.expect("the tab exists");
        self.open(url).await
    }

    /// Makes the page's own area this wide and high, narrower too than the browser's window can be.
    pub async fn set_viewport(&self, width: u32, height: u32) {
        if self.0.kind == Kind::WebKit {
            // Its driver speaks no BiDi, and its window has nothing but the page.
            self.set_window_rect(0, 0, width, height).await.expect("the window takes the size");
            until("the page has the size", async || {
                let size = self.execute("return [innerWidth, innerHeight]", Vec::new()).await.ok()?;
                (size == json!([width, height])).then_some(())
            })
            .await;
            return;
        }
        if self.0.kind == Kind::Chromium {
            self.issue_cmd(SetViewport { width, height }).await.expect("the viewport takes the size");
            return;
        }
        let tab = self.window().await.expect("there is a tab");
        let params = json!({ "context": String::from(tab), "viewport": { "width": width, "height": height } });
        let bidi = self.0.bidi.as_ref().expect("the driver speaks BiDi");
        bidi.command("browsingContext.setViewport", params).await;
    }

    /// Saves what is seen as `target/screenshots/BROWSER-NAME.png`.
    pub async fn save_screenshot(&self, name: &str) {
        let picture = self.screenshot().await.expect("a picture is taken");
        let folder = paths::target().join("screenshots");
        fs::create_dir_all(&folder).expect("the folder can be made");
        let file = folder.join(format!("{}-{name}.png", self.0.kind.name()));
        fs::write(&file, picture).expect("the picture can be written");
    }

    async fn close(self) {
        // Closing the session ends the browser; a killed driver would leave it running.
        let _ = self.0.client.clone().close().await;
    }
}

impl Deref for Browser {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.0.client
    }
}

/// Starts a browser, runs a test in it, and ends the browser however the test ends.
///
/// A test that fails leaves a picture of the page and the page's own complaints.
pub fn run<Test>(kind: Kind, scheme: Scheme, name: &str, test: impl FnOnce(Browser) -> Test)
where
    Test: Future<Output = ()> + 'static,
{
    run_in(kind, capabilities(kind, scheme), true, name, test);
}

/// As [`run`], in a browser that is asked for with other capabilities, and need draw no pictures: `change` is given the
/// usual capabilities.
///
/// Without `webSocketUrl` Firefox's viewport can't be set.
pub fn run_with<Test>(kind: Kind, change: impl FnOnce(&mut Value), name: &str, test: impl FnOnce(Browser) -> Test)
where
    Test: Future<Output = ()> + 'static,
{
    let mut capabilities = capabilities(kind, Scheme::Light);
    change(&mut capabilities);
    run_in(kind, capabilities, false, name, test);
}

fn run_in<Test>(kind: Kind, capabilities: Value, draws: bool, name: &str, test: impl FnOnce(Browser) -> Test)
where
    Test: Future<Output = ()> + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    LocalSet::new().block_on(&runtime, async {
        let browser = timeout(TEST_LIMIT, Browser::start(kind, capabilities, draws)).await;
        let browser = browser.unwrap_or_else(|_| panic!("{kind:?} did not start within {TEST_LIMIT:?}"));
        let mut running = tokio::task::spawn_local(test(browser.clone()));
        let outcome = timeout(TEST_LIMIT, &mut running).await;
        running.abort();
        if !matches!(outcome, Ok(Ok(()))) {
            let last_words = timeout(LAST_WORDS, async {
                let seen = "return [document.body.innerText.slice(0, 1000), globalThis.complaints]";
                println!("The page at the end: {:#?}", browser.execute(seen, Vec::new()).await);
                if draws {
                    browser.save_screenshot(&format!("failed-{name}")).await;
                }
            });
            if last_words.await.is_err() {
                println!("{kind:?}'s driver answers no more.");
            }
        }
        let _ = timeout(LAST_WORDS, browser.close()).await;
        match outcome {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => panic::resume_unwind(failure.into_panic()),
            Err(Elapsed { .. }) => panic!("the test did not end within {TEST_LIMIT:?}"),
        }
    });
}

/// The root's webdriver.json serves these tests too; here it gets what differs from test to test.
fn capabilities(kind: Kind, scheme: Scheme) -> Value {
    let file = fs::read(paths::root().join("webdriver.json")).expect("webdriver.json is at the root");
    let all: Value = serde_json::from_slice(&file).expect("webdriver.json is JSON");
    let (options, variable) = match kind {
        Kind::Firefox => ("moz:firefoxOptions", Some("FIREFOX")),
        Kind::Chromium => ("goog:chromeOptions", Some("CHROMIUM")),
        Kind::WebKit => ("webkitgtk:browserOptions", None),
    };
    let mut own = all[options].clone();
    let mut arguments = own["args"].take().as_array().cloned().unwrap_or_default();
    match kind {
        Kind::Firefox => {
            arguments.push(json!("-headless"));
            let dark_is_0 = i32::from(scheme == Scheme::Light);
            own["prefs"]["layout.css.prefers-color-scheme.content-override"] = json!(dark_is_0);
        }
        Kind::Chromium if scheme == Scheme::Dark => arguments.push(json!("--force-dark-mode")),
        Kind::Chromium => {}
        Kind::WebKit => {
            // Without its bars, so that the window is as wide as the page.
            arguments.push(json!("--full-screen"));
            if scheme == Scheme::Dark {
                arguments.push(json!("--dark-mode"));
            }
        }
    }
    own["args"] = arguments.into();
    if let Some(binary) = variable.and_then(env::var_os) {
        own["binary"] = json!(binary.to_string_lossy());
    }
    match kind {
        Kind::Firefox => json!({ "webSocketUrl": true, options: own }),
        Kind::Chromium | Kind::WebKit => json!({ options: own }),
    }
}

/// Over the protocol of Chromium's own tools. With `BiDi` its driver would be told of each message of an `EventSource`: at
/// 10,000 a second it falls behind, and answers no command before it has read them all.
#[derive(Debug)]
struct SetViewport {
    width: u32,
    height: u32,
}

impl WebDriverCompatibleCommand for SetViewport {
    fn endpoint(&self, base_url: &Url, session_id: Option<&str>) -> Result<Url, ParseError> {
        base_url.join(&format!("session/{}/goog/cdp/execute", session_id.unwrap_or_default()))
    }

    fn method_and_body(&self, _request_url: &Url) -> (Method, Option<String>) {
        let Self { width, height } = self;
        let params = json!({ "width": width, "height": height, "deviceScaleFactor": 0, "mobile": false });
        let body = json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": params });
        (Method::POST, Some(body.to_string()))
    }
}
