//! The page, as its reader sees it.

use fantoccini::Locator;
use fantoccini::elements::Element;
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::wait::until;

/// index.html in a tab.
pub struct Page {
    browser: Browser,
}

impl Page {
    pub(crate) fn new(browser: Browser) -> Self {
        Self { browser }
    }

    /// What a script returns in the page; nothing while the page is going elsewhere.
    pub async fn try_evaluate(&self, script: &str) -> Option<Value> {
        self.browser.execute(script, Vec::new()).await.ok()
    }

    /// What a script returns in the page.
    pub async fn evaluate(&self, script: &str) -> Value {
        self.browser.execute(script, Vec::new()).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// The text of the element that a CSS selector finds; none if there is none, or if it is hidden.
    pub async fn text(&self, selector: &str) -> Option<String> {
        let script = "const node = document.querySelector(arguments[0]);
            return node?.checkVisibility() ? node.textContent.trim() : null;";
        let text = self.browser.execute(script, vec![json!(selector)]).await.ok()?;
        text.as_str().map(str::to_owned)
    }

    /// The lines of the list, the oldest first.
    pub async fn lines(&self) -> Vec<String> {
        let lines =
            self.try_evaluate("return [...document.querySelectorAll('#list > li')].map((li) => li.textContent)").await;
        let lines = lines.as_ref().and_then(Value::as_array);
        lines.into_iter().flatten().filter_map(|line| line.as_str().map(str::to_owned)).collect()
    }

    /// The number of messages that the page shows.
    pub async fn count(&self) -> u64 {
        let text = self.text("#count").await.unwrap_or_default();
        text.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0)
    }

    /// Waits until the list has this many lines at least, and returns all.
    pub async fn wait_for_lines(&self, count: usize) -> Vec<String> {
        until(&format!("{count} lines in the list"), async || {
            Some(self.lines().await).filter(|lines| lines.len() >= count)
        })
        .await
    }

    /// Waits until the list has these lines and no others.
    pub async fn wait_for_exactly(&self, lines: &[&str]) {
        until(&format!("{lines:?} in the list"), async || (self.lines().await == lines).then_some(())).await;
    }

    /// Waits until more messages were counted than now.
    pub async fn wait_for_more_messages(&self) {
        let now = self.count().await;
        until(&format!("more than {now} messages"), async || (self.count().await > now).then_some(())).await;
    }

    /// Waits until the state is shown as this.
    pub async fn wait_for_state(&self, state: &str) {
        self.wait_for_text("#state", state).await;
    }

    /// Waits until an element shows a text that contains this.
    pub async fn wait_for_text(&self, selector: &str, part: &str) -> String {
        until(&format!("`{part}` in {selector}"), async || self.text(selector).await.filter(|text| text.contains(part)))
            .await
    }

    /// Presses the button with this name.
    pub async fn press(&self, name: &str) {
        let path = format!("//button[normalize-space()='{name}']");
        let button = self.browser.find(Locator::XPath(&path)).await;
        let button = button.unwrap_or_else(|error| panic!("a button `{name}`: {error}"));
        button.click().await.unwrap_or_else(|error| panic!("`{name}` is pressed: {error}"));
    }

    /// Presses the element that a CSS selector finds.
    pub async fn click(&self, selector: &str) {
        self.element(selector).await.click().await.unwrap_or_else(|error| panic!("{selector} is pressed: {error}"));
    }

    /// Types a text over the one in a field.
    pub async fn fill(&self, selector: &str, text: &str) {
        let field = self.element(selector).await;
        field.clear().await.unwrap_or_else(|error| panic!("{selector} is emptied: {error}"));
        // WebKitGTK's driver takes no empty text.
        if text.is_empty() {
            return;
        }
        field.send_keys(text).await.unwrap_or_else(|error| panic!("{selector} takes keys: {error}"));
    }

    /// Waits until a script returns `true`.
    pub async fn wait_until(&self, script: &str) {
        until(script, async || (self.try_evaluate(script).await == Some(Value::Bool(true))).then_some(())).await;
    }

    /// Types an address over the one in the field, and enters it.
    pub async fn enter_address(&self, address: &str) {
        let field = self.element("#address").await;
        field.clear().await.expect("the field is emptied");
        field.send_keys(&format!("{address}{}", char::from(Key::Enter))).await.expect("the field takes keys");
    }

    /// The element that a CSS selector finds.
    pub async fn element(&self, selector: &str) -> Element {
        let found = self.browser.find(Locator::Css(selector)).await;
        found.unwrap_or_else(|error| panic!("{selector}: {error}"))
    }

    /// The text of what the dev server lays over the page; none if nothing is.
    pub async fn overlay(&self) -> Option<String> {
        let script = "return [...document.body.children].map((node) => node.shadowRoot?.textContent ?? '').join('')";
        let text = self.try_evaluate(script).await?;
        text.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// How many errors the browser's own `EventSource` has reported since the page was opened.
    pub async fn failures(&self) -> u64 {
        self.evaluate("return globalThis.failures").await.as_u64().expect("the witness ran before the page")
    }

    /// What the browser and the page's scripts complained of since the page was opened.
    pub async fn complaints(&self) -> Vec<String> {
        let complaints = self.evaluate("return globalThis.complaints").await;
        let complaints = complaints.as_array().expect("the witness ran before the page").clone();
        complaints.iter().map(|complaint| complaint.as_str().unwrap_or_default().to_owned()).collect()
    }
}
