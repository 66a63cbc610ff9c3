//! The time of day on this machine, as people write it.

use std::cell::RefCell;
use std::rc::Rc;

use chrono::{Local, TimeZone as _};

use super::id::Moment;

thread_local! {
    /// The last second that was formatted: many events share it, and formatting costs more than the rest of an event.
    static LAST: RefCell<Option<(u64, Rc<str>)>> = const { RefCell::new(None) };
}

/// Writes a moment like `10:05:31 AM`, in the time zone of this machine.
pub(crate) fn local_time(moment: Moment) -> Rc<str> {
    let seconds = moment.as_secs();
    LAST.with_borrow_mut(|last| match last {
        Some((second, text)) if *second == seconds => Rc::clone(text),
        _ => Rc::clone(&last.insert((seconds, written(seconds))).1),
    })
}

fn written(seconds: u64) -> Rc<str> {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    // A time beyond the calendar has no time of day.
    let time = Local.timestamp_opt(seconds, 0).earliest();
    time.map_or_else(String::new, |time| time.format("%-I:%M:%S %p").to_string()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_hours_minutes_seconds_and_half_of_the_day() {
        let ten = Local.with_ymd_and_hms(2026, 1, 2, 10, 5, 31).earliest().expect("a time");
        let afternoon = Local.with_ymd_and_hms(2026, 1, 2, 13, 5, 9).earliest().expect("a time");
        let moment = |time: chrono::DateTime<Local>| {
            Moment::from_millis(u64::try_from(time.timestamp_millis()).expect("after 1970"))
        };
        assert_eq!(&*local_time(moment(ten)), "10:05:31 AM");
        assert_eq!(&*local_time(moment(afternoon)), "1:05:09 PM");
    }

    #[test]
    fn a_moment_beyond_the_calendar_does_not_panic() {
        assert_eq!(&*local_time(Moment::MAX), "");
    }
}
