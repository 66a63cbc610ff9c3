//! The figures, as Markdown: they are read in the terminal, and stand in docs/scale.md.

use std::time::Duration;

use super::outage::Course;
use super::policies::Contender;
use crate::work::thousands;

const HEAD: &str = "\
||most requests in 0.1 s|in 1 s|in 1 s, once somebody answers|requests in all|the last client is back after|
|--|--|--|--|--|--|
";

/// A row for each contender.
pub fn of(courses: &[(Contender, Course)]) -> String {
    let rows = courses.iter().map(|(Contender { label, ours, .. }, course)| {
        let label = if *ours { format!("**{label}**") } else { (*label).to_owned() };
        let counts = [course.busiest_bin(), course.busiest_second(), course.busiest_second_up(), course.total()]
            .map(|count| thousands(u32::try_from(count).unwrap_or(u32::MAX)));
        let back = course.all_back.map_or_else(|| "more than 10 min".to_owned(), seconds);
        format!("|{label}|{}|{back}|\n", counts.join("|"))
    });
    std::iter::once(HEAD.to_owned()).chain(rows).collect()
}

/// A length of time in whole seconds.
pub(super) fn seconds(time: Duration) -> String {
    format!("{:.0} s", time.as_secs_f64())
}
