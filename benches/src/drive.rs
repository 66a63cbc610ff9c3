//! Measures in a browser, over `WebDriver`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use fantoccini::wd::TimeoutConfiguration;
use page_tests::Kind;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::Result;
use crate::args::Args;
use crate::browser::Browser;
use crate::contenders::{CONTENDERS, Contender};
use crate::results::{InBrowser, Measurement, Memory, Outcome};
use crate::server::Server;
use crate::statistics::order;
use crate::work::Work;
use crate::{bounds, processes};

/// How long a contender may take for a work.
const PATIENCE: Duration = Duration::from_secs(120);
/// The works whose memory is measured, each in a browser of its own.
const WEIGHED: [&str; 2] = ["100k", "1mib"];
/// What a browser does after it has started, or a page after its last message, is over by then.
const CALM: Duration = Duration::from_secs(1);

/// What the page answers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Missing { missing: String },
    Failed { failed: String },
    Done(Box<Outcome>),
}

/// Measures everything that is asked for in a browser.
pub(crate) fn measure(browser: Browser, args: &Args, server: &Rc<Server>) -> InBrowser {
    let mut session = Session {
        server: Rc::clone(server),
        contenders: wanted(args),
        works: args.works(),
        results: InBrowser {
            browser,
            version: String::new(),
            measurements: Vec::new(),
            memory: Vec::new(),
            left_out: BTreeMap::new(),
        },
    };
    session = in_browser(session, async |session, page| session.times(page).await);
    if !args.quick {
        session = weigh(session);
    }
    session.results
}

/// Who is asked for, and whom they are compared with.
fn wanted(args: &Args) -> Vec<&'static Contender> {
    let asked: Vec<_> = CONTENDERS.iter().filter(|contender| args.wants(contender)).collect();
    let compared = |other: &&Contender| asked.iter().any(|one| bounds::beside(one.id).any(|id| id == other.id));
    let works = args.works();
    let is_base = |contender: &Contender| works.iter().any(|work| work.base() == contender.id);
    CONTENDERS.iter().filter(|contender| is_base(contender) || args.wants(contender) || compared(contender)).collect()
}

struct Session {
    server: Rc<Server>,
    contenders: Vec<&'static Contender>,
    works: Vec<Work>,
    results: InBrowser,
}

/// Starts a browser, lets `measure` use it, and ends it.
fn in_browser(session: Session, measure: impl AsyncFnOnce(&mut Session, &page_tests::Browser) + 'static) -> Session {
    let kind = match session.results.browser {
        Browser::Firefox => Kind::Firefox,
        Browser::Chromium => Kind::Chromium,
        Browser::WebKit => Kind::WebKit,
    };
    let slot = Rc::new(RefCell::new(Some(session)));
    let inner = Rc::clone(&slot);
    page_tests::run_with(kind, precise, "bench", async move |browser| {
        let Some(mut session) = inner.take() else { return };
        let version = browser.capabilities().and_then(|given| given.get("browserVersion")?.as_str());
        version.unwrap_or_default().clone_into(&mut session.results.version);
        let timeouts = TimeoutConfiguration::new(Some(PATIENCE), Some(PATIENCE), None);
        if let Err(error) = browser.update_timeouts(timeouts).await {
            eprintln!("The browser keeps its own timeouts: {error}");
        }
        measure(&mut session, &browser).await;
        inner.replace(Some(session));
    });
    slot.take().expect("the session was put back")
}

/// Browsers round the time and the memory for pages, unless they are told not to.
///
/// And `BiDi` is left out: with it Chromium tells the driver of each message, which takes longer than the message does.
fn precise(options: &mut Value) {
    if let Some(capabilities) = options.as_object_mut() {
        capabilities.remove("webSocketUrl");
    }
    if let Some(arguments) = options["goog:chromeOptions"]["args"].as_array_mut() {
        arguments.push(json!("--enable-precise-memory-info"));
    }
    if let Some(preferences) = options["moz:firefoxOptions"]["prefs"].as_object_mut() {
        preferences.insert("privacy.reduceTimerPrecision".to_owned(), json!(false));
    }
}

impl Session {
    /// All rounds of all works.
    async fn times(&mut self, page: &page_tests::Browser) {
        let rounds = self.works.iter().map(|work| work.rounds).max().unwrap_or(0);
        for round in 0..rounds {
            for work in self.works.clone() {
                if round >= work.rounds {
                    continue;
                }
                eprintln!("{}: {}, round {} of {}", self.results.browser, work.label, round + 1, work.rounds);
                let able: Vec<_> = self.contenders.iter().copied().filter(|one| one.takes(&work, round)).collect();
                for index in order(round, able.len()) {
                    let contender = able[index];
                    if let Some(outcome) = self.attempt(page, contender, &work).await {
                        let (work, contender) = (work.id, contender.id);
                        self.results.measurements.push(Measurement { round, work, contender, outcome });
                    }
                }
            }
        }
    }

    /// Measures a contender once. One that fails is left out from then on, and the others go on.
    async fn attempt(&mut self, page: &page_tests::Browser, contender: &Contender, work: &Work) -> Option<Outcome> {
        if self.is_left_out(contender, work) {
            return None;
        }
        let (whole, part) = (contender.id.to_owned(), part(contender, work));
        let (name, why) = match self.ask(page, contender, work).await {
            Ok(Answer::Done(outcome)) => return Some(*outcome),
            Ok(Answer::Missing { missing }) => (whole, missing),
            Ok(Answer::Failed { failed }) => (part, failed),
            Err(error) => (part, error.to_string()),
        };
        eprintln!("{}: {name} is left out: {why}", self.results.browser);
        self.results.left_out.insert(name, why);
        None
    }

    fn is_left_out(&self, contender: &Contender, work: &Work) -> bool {
        [contender.id, &part(contender, work)].into_iter().any(|name| self.results.left_out.contains_key(name))
    }

    /// Opens the page anew and lets it measure.
    async fn ask(&self, page: &page_tests::Browser, contender: &Contender, work: &Work) -> Result<Answer> {
        let script = "const [call, name, work, done] = arguments;
            bench[call](name, work).then(done, (error) => done({ failed: String(error) }));";
        let call = |call| vec![json!(call), json!(contender.id), json!(work.for_page())];
        page.goto(&self.server.url).await?;
        let weighs = work.is_for_sharers();
        if weighs {
            // To load a program is no part of the work. What can't be had is told when it is measured.
            page.execute_async(script, call("prepare")).await?;
        }
        let before = processes::cpu_of_descendants(self.server.id()).filter(|_| weighs);
        let answer = page.execute_async(script, call("measure")).await?;
        let after = processes::cpu_of_descendants(self.server.id());
        let mut answer = serde_json::from_value(answer)?;
        if let (Answer::Done(outcome), Some(before), Some(after)) = (&mut answer, before, after) {
            outcome.cpu_ms = Some(after - before);
        }
        Ok(answer)
    }
}

/// The name of a contender's share in a work, as `--only` takes it.
fn part(contender: &Contender, work: &Work) -> String {
    format!("{}/{}", contender.id, work.id)
}

/// What each contender leaves in memory. A browser that others have used would have their leavings too, so each has its own.
fn weigh(mut session: Session) -> Session {
    let works: Vec<_> = session.works.iter().filter(|work| WEIGHED.contains(&work.id)).cloned().collect();
    for work in works {
        eprintln!("{}: memory, {}", session.results.browser, work.label);
        for contender in session.contenders.clone() {
            if !contender.takes(&work, 0) || session.is_left_out(contender, &work) {
                continue;
            }
            let work = work.clone();
            session = in_browser(session, async move |session, page| {
                if let Some(mib) = session.weight(page, contender, &work).await {
                    session.results.memory.push(Memory { round: 0, work: work.id, contender: contender.id, mib });
                }
            });
        }
    }
    session
}

impl Session {
    async fn weight(&mut self, page: &page_tests::Browser, contender: &Contender, work: &Work) -> Option<f64> {
        // Without it the first page's own cost would be the contender's.
        page.goto(&self.server.url).await.ok()?;
        sleep(CALM).await;
        let before = processes::memory_of_descendants(self.server.id())?;
        self.attempt(page, contender, work).await?;
        sleep(CALM).await;
        Some(processes::memory_of_descendants(self.server.id())? - before)
    }
}
