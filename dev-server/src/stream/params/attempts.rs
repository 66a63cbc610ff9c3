//! What the first, the second, the third connection gets.

use super::super::description::{Endpoint, Given, Stream};
use super::answer::Cors;
use super::{PARAM, Param, Set};

/// Longer plans are mistakes.
const MAX_PLAN: usize = 100;
/// Tokens are names, not data.
const MAX_TOKEN: usize = 64;

/// What distinguishes the attempts of one client from those of others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Attempts {
    pub(crate) token: Option<String>,
    /// Not yet read: it goes on top of all other parameters.
    plan: Option<Vec<u8>>,
}

impl Attempts {
    /// The stream of each attempt at an endpoint; none if there is no plan.
    pub(crate) fn streams(&self, endpoint: Endpoint, stream: &Stream, given: &Given) -> Result<Vec<Stream>, String> {
        let Some(plan) = &self.plan else { return Ok(Vec::new()) };
        let items: Vec<_> = plan.split(|byte| *byte == b',').collect();
        if items.len() > MAX_PLAN {
            return Err(format!("`plan` has {} attempts: allowed are {MAX_PLAN}", items.len()));
        }
        items.into_iter().map(|item| attempt(endpoint, stream, given, item)).collect()
    }
}

/// Reads an attempt such as `200:drop=2:end=reset` over what the other parameters say.
fn attempt(endpoint: Endpoint, stream: &Stream, given: &Given, item: &[u8]) -> Result<Stream, String> {
    let (mut stream, mut given) = (stream.clone(), given.clone());
    let mut parts = item.split(|byte| *byte == b':');
    let status = parts.next().unwrap_or_default();
    let set = std::str::from_utf8(status).ok().and_then(|status| stream.answer.set_status(status));
    set.ok_or_else(|| {
        let item = String::from_utf8_lossy(item);
        format!("`{item}` is no attempt of a plan: it begins with a status or none, as in 200:drop=2:end=reset")
    })?;
    given.replace("status");
    let mut given_here = Given::default();
    given_here.add("status")?;
    for part in parts {
        let (name, value) = super::value::pair(part);
        if matches!(name.as_str(), "token" | "plan") {
            return Err(format!("`{name}` is not possible inside a plan"));
        }
        endpoint.check(&name)?;
        given_here.add(&name)?;
        given.replace(&name);
        stream.set(&name, &value)?;
        if name == "cors" && stream.answer.cors == Cors::NoPreflight {
            return Err("`cors=no-preflight` is not possible inside a plan: a preflight is no attempt".to_owned());
        }
    }
    stream.check(&given)?;
    Ok(stream)
}

pub(super) const PARAMS: &[Param] = &[
    Param {
        name: "token",
        meaning: "counts the connections of one client, for `plan` and /echo. The 1000 tokens used last are kept, and \
                  counts begin anew when the server is restarted",
        allowed: "1 to 64 characters",
        example: "token=a&plan=503,200&count=1",
        set: Set::Text(|stream, value| {
            let fits = (1..=MAX_TOKEN).contains(&value.len());
            stream.attempts.token = Some(fits.then(|| value.to_owned())?);
            Some(())
        }),
        ..PARAM
    },
    Param {
        name: "plan",
        meaning: "what the 1st, 2nd, 3rd … connection with the token gets; all later ones get the last. An attempt is a \
                  status, or none, and parameters that apply to it alone; `,` `:` and `%` in their values are encoded \
                  once more",
        allowed: "up to 100 attempts with commas between them, each as in 200:drop=2:end=reset",
        example: "token=b&plan=200:drop=2,none:end=reset,503,204&interval=0",
        needs: &["token"],
        set: Set::Bytes(|stream, value| {
            stream.attempts.plan = Some(value.to_owned());
            Some(())
        }),
        ..PARAM
    },
];
