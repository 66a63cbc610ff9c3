//! What the first, the second, the third connection gets.

use super::param::{Param, Set};

/// Tokens are names, not data.
const MAX_TOKEN: usize = 64;

/// What distinguishes the attempts of one client from those of others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Attempts {
    pub(crate) token: Option<String>,
    /// As it was given: `query.rs` reads each attempt on top of all other parameters.
    pub(crate) plan: Option<Vec<u8>>,
}

pub(crate) const PARAMS: &[Param<Attempts>] = &[
    Param {
        name: "token",
        meaning: "counts the connections of one client, for `plan` and /echo. The 1000 most recently used tokens are \
                  kept; counts start over with DELETE /tokens/<token> and when the server restarts",
        allowed: "1 to 64 characters",
        example: "token=a&plan=503,200&count=1",
        set: Set::Text(|attempts, value| {
            let fits = (1..=MAX_TOKEN).contains(&value.len());
            attempts.token = Some(fits.then(|| value.to_owned())?);
            Some(())
        }),
        ..Param::NEW
    },
    Param {
        name: "plan",
        meaning: "what the 1st, 2nd, 3rd … connection with the token gets; all further connections get the last item. \
                  Each item is a status, or none, and parameters that apply to that attempt only; percent-encode `,` \
                  `:` and `%` in their values once more",
        allowed: "up to 100 attempts separated by commas, each like 200:drop=2:end=reset",
        example: "token=b&plan=200:drop=2,none:end=reset,503,204&interval=0",
        needs: &["token"],
        set: Set::Bytes(|attempts, value| {
            attempts.plan = Some(value.to_owned());
            Some(())
        }),
        ..Param::NEW
    },
];
