//! A browser of its own for each test, with a fresh profile.

use std::ops::Deref;
use std::panic;
use std::rc::Rc;
use std::{env, fs};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::task::LocalSet;

use crate::bidi::Bidi;
use crate::driver::Driver;
use crate::page::Page;
use crate::paths;

/// Which browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Firefox, by geckodriver.
    Firefox,
    /// Chromium or Chrome, by chromedriver.
    Chromium,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Firefox => "firefox",
            Self::Chromium => "chromium",
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

/// Runs before any script of a page, and keeps what goes wrong in it.
const WITNESS: &str = "() => {
    globalThis.complaints = [];
    const note = (text) => globalThis.complaints.push(text);
    addEventListener('securitypolicyviolation', (event) => note(`policy: ${event.violatedDirective} ${event.blockedURI}`));
    addEventListener('error', (event) => note(`error: ${event.message ?? event.target.outerHTML}`), true);
    addEventListener('unhandledrejection', (event) => note(`rejected: ${event.reason}`));
    for (const level of ['error', 'warn']) {
        const original = console[level];
        console[level] = (...parts) => { note(`${level}: ${parts.join(' ')}`); original.apply(console, parts); };
    }
}";

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
    async fn start(kind: Kind, capabilities: Value) -> Self {
        let driver = Driver::start(kind).await;
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
        if let Some(bidi) = &bidi {
            bidi.command("script.addPreloadScript", json!({ "functionDeclaration": WITNESS })).await;
        }
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
        let tab = self.new_window(true).await.expect("a tab opens");
        self.switch_to_window(tab.handle).await.expect("the tab exists");
        self.open(url).await
    }

    /// Makes the page's own area this wide and high, narrower too than the browser's window can be.
    pub async fn set_viewport(&self, width: u32, height: u32) {
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
    run_in(kind, capabilities(kind, scheme), name, test);
}

/// As [`run`], in a browser that is asked for with other capabilities: `change` is given the usual ones.
///
/// Without `webSocketUrl` nothing keeps the page's complaints, and its viewport can't be set.
pub fn run_with<Test>(kind: Kind, change: impl FnOnce(&mut Value), name: &str, test: impl FnOnce(Browser) -> Test)
where
    Test: Future<Output = ()> + 'static,
{
    let mut capabilities = capabilities(kind, Scheme::Light);
    change(&mut capabilities);
    run_in(kind, capabilities, name, test);
}

fn run_in<Test>(kind: Kind, capabilities: Value, name: &str, test: impl FnOnce(Browser) -> Test)
where
    Test: Future<Output = ()> + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    LocalSet::new().block_on(&runtime, async {
        let browser = Browser::start(kind, capabilities).await;
        let outcome = tokio::task::spawn_local(test(browser.clone())).await;
        if outcome.is_err() {
            browser.save_screenshot(&format!("failed-{name}")).await;
            let seen = "return [document.body.innerText.slice(0, 1000), globalThis.complaints]";
            println!("The page at the end: {:#?}", browser.execute(seen, Vec::new()).await);
        }
        browser.close().await;
        if let Err(failure) = outcome {
            panic::resume_unwind(failure.into_panic());
        }
    });
}

/// The root's webdriver.json serves these tests too; here it gets what differs from test to test.
fn capabilities(kind: Kind, scheme: Scheme) -> Value {
    let file = fs::read(paths::root().join("webdriver.json")).expect("webdriver.json is at the root");
    let all: Value = serde_json::from_slice(&file).expect("webdriver.json is JSON");
    let (options, variable) = match kind {
        Kind::Firefox => ("moz:firefoxOptions", "FIREFOX"),
        Kind::Chromium => ("goog:chromeOptions", "CHROMIUM"),
    };
    let mut own = all[options].clone();
    match kind {
        Kind::Firefox => {
            own["args"] = json!(["-headless"]);
            let dark_is_0 = i32::from(scheme == Scheme::Light);
            own["prefs"]["layout.css.prefers-color-scheme.content-override"] = json!(dark_is_0);
        }
        Kind::Chromium if scheme == Scheme::Dark => {
            own["args"].as_array_mut().expect("Chromium is given arguments").push(json!("--force-dark-mode"));
        }
        Kind::Chromium => {}
    }
    if let Some(binary) = env::var_os(variable) {
        own["binary"] = json!(binary.to_string_lossy());
    }
    json!({ "webSocketUrl": true, options: own })
}
