//! The other sharers, as far as this one knows them.

use std::time::Duration;

use super::post::{MemberId, Standing};
use crate::core::rules::LONGEST_HOLD;
use crate::core::time::Instant;

#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) id: MemberId,
    /// `None` if only its name is known.
    pub(crate) standing: Option<Standing>,
    pub(crate) hold: Hold,
    /// When it last failed to take the connection.
    declined: Option<Instant>,
}

/// Whether a reader makes the stream wait, and since when.
#[derive(Debug, Default)]
pub(crate) struct Hold {
    since: Option<Instant>,
    /// Whether it has done so for too long: the stream does not wait for it until it takes more.
    is_excused: bool,
}

impl Hold {
    /// The number up to which this reader allows the stream to continue.
    pub(crate) fn until(&self, standing: &Standing) -> Option<u64> {
        (standing.reads && !self.is_excused).then_some(standing.until)
    }

    /// The sharer has reported how much it can take.
    pub(crate) fn said(&mut self, standing: &Standing, next: u64) {
        if standing.until > next {
            *self = Self::default();
        }
    }

    /// Checks whether it makes others wait, if these would take more. Returns whether it has just been excused.
    fn look(&mut self, now: Instant, is_full: bool, others: bool) -> bool {
        if !is_full || !others || self.is_excused {
            self.since = None;
            return false;
        }
        let since = *self.since.get_or_insert(now);
        self.is_excused = now.saturating_sub(since) >= LONGEST_HOLD;
        self.is_excused
    }

    /// When to check again.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.since.filter(|_| !self.is_excused).map(|since| since.saturating_add(LONGEST_HOLD))
    }
}

#[derive(Debug, Default)]
pub(crate) struct Members(Vec<Member>);

/// The most members that are kept: a script that invents sharers must not fill the memory.
const MOST: usize = 1000;

impl Members {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn ids(&self) -> Vec<MemberId> {
        self.0.iter().map(|member| member.id).collect()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Member> {
        self.0.iter()
    }

    pub(crate) fn find(&mut self, id: MemberId) -> Option<&mut Member> {
        self.0.iter_mut().find(|member| member.id == id)
    }

    /// Adds a sharer; returns whether it is new.
    pub(crate) fn note(&mut self, id: MemberId) -> bool {
        let is_new = self.0.len() < MOST && self.find(id).is_none();
        if is_new {
            self.0.push(Member { id, standing: None, hold: Hold::default(), declined: None });
        }
        is_new
    }

    /// Keeps these members only, and adds those of them that are new, except this sharer itself.
    pub(crate) fn sync(&mut self, me: MemberId, there: &[MemberId]) {
        self.0.retain(|member| there.contains(&member.id));
        for id in there.iter().filter(|id| **id != me) {
            self.note(*id);
        }
    }

    pub(crate) fn update(&mut self, id: MemberId, standing: Standing, next: u64) {
        self.note(id);
        if let Some(member) = self.find(id) {
            member.hold.said(&standing, next);
            let was_visible = member.standing.as_ref().is_some_and(|before| before.is_visible);
            // Once its page is shown again, it may be offered the connection again.
            member.declined = member.declined.filter(|_| was_visible || !standing.is_visible);
            member.standing = Some(standing);
        }
    }

    pub(crate) fn remove(&mut self, id: MemberId) {
        self.0.retain(|member| member.id != id);
    }

    pub(crate) fn declined(&mut self, now: Instant, id: MemberId) {
        if let Some(member) = self.find(id) {
            member.declined = Some(now);
        }
    }

    /// The visible sharer that is the first to be offered the connection, and from when on. A sharer that could not
    /// take the connection is not offered it again for the time `declined`.
    pub(crate) fn visible(&self, declined: Duration) -> Option<(Instant, MemberId)> {
        let visible =
            self.0.iter().filter(|member| member.standing.as_ref().is_some_and(|standing| standing.is_visible));
        let from = |member: &Member| member.declined.map(|at| at.saturating_add(declined)).unwrap_or_default();
        visible.map(|member| (from(member), member.id)).min()
    }

    /// The lowest number up to which all readers allow the stream to continue; `None` if there are no readers.
    pub(crate) fn until(&self) -> Option<u64> {
        self.0.iter().filter_map(|member| member.hold.until(member.standing.as_ref()?)).min()
    }

    /// Excuses the readers that have made others wait for too long; `own` is the leader's. Returns whether any of the
    /// other sharers has just been excused, and whether the leader itself has.
    pub(crate) fn look(&mut self, now: Instant, next: u64, own: (&Standing, &mut Hold)) -> (bool, bool) {
        let takes: Vec<bool> =
            self.0.iter().map(|member| takes(member.standing.as_ref(), &member.hold, next)).collect();
        let (standing, hold) = own;
        let own_takes = takes_more(standing, hold, next);
        let number = takes.iter().filter(|takes| **takes).count() + usize::from(own_takes);
        let mut excused = false;
        for member in &mut self.0 {
            let is_full = member.standing.as_ref().is_some_and(|standing| standing.reads && standing.until <= next);
            excused |= member.hold.look(now, is_full, number > 0);
        }
        let own_excused = hold.look(now, standing.reads && standing.until <= next, number > 0);
        (excused, own_excused)
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.0.iter().filter_map(|member| member.hold.deadline()).min()
    }
}

fn takes(standing: Option<&Standing>, hold: &Hold, next: u64) -> bool {
    standing.is_some_and(|standing| takes_more(standing, hold, next))
}

fn takes_more(standing: &Standing, hold: &Hold, next: u64) -> bool {
    hold.until(standing).is_some_and(|until| until > next)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_secs(60);

    fn reading(until: u64) -> Standing {
        Standing { reads: true, until, ..Standing::default() }
    }

    #[test]
    fn who_keeps_the_others_waiting_for_too_long_is_excused_until_it_takes_more() {
        let mut members = Members::default();
        members.update(1, reading(5), 0);
        members.update(2, reading(9), 0);
        let (own, mut hold) = (reading(20), Hold::default());
        assert_eq!(members.until(), Some(5));
        assert_eq!(members.look(LONGEST_HOLD, 5, (&own, &mut hold)), (false, false));
        assert_eq!(members.deadline(), Some(2 * LONGEST_HOLD));
        assert_eq!(members.look(2 * LONGEST_HOLD, 5, (&own, &mut hold)), (true, false));
        assert_eq!((members.until(), members.deadline()), (Some(9), None));
        members.update(1, reading(7), 6);
        assert_eq!(members.until(), Some(7));
    }

    #[test]
    fn where_nobody_else_waits_there_is_nothing_to_excuse() {
        let mut members = Members::default();
        members.update(1, reading(5), 0);
        members.update(2, Standing::default(), 0);
        let (own, mut hold) = (Standing::default(), Hold::default());
        assert_eq!(members.look(LONGEST_HOLD, 5, (&own, &mut hold)), (false, false));
        assert_eq!(members.look(3 * LONGEST_HOLD, 5, (&own, &mut hold)), (false, false));
        assert_eq!(members.until(), Some(5));
    }

    #[test]
    fn the_connection_is_offered_to_one_that_is_shown_and_has_not_just_declined() {
        let shown = || Standing { is_visible: true, ..Standing::default() };
        let mut members = Members::default();
        members.update(1, Standing::default(), 0);
        members.update(2, shown(), 0);
        members.update(3, shown(), 0);
        assert_eq!(members.visible(WAIT), Some((Instant::ZERO, 2)));
        members.declined(WAIT, 2);
        assert_eq!(members.visible(WAIT), Some((Instant::ZERO, 3)));
        members.remove(3);
        assert_eq!(members.visible(WAIT), Some((2 * WAIT, 2)));
    }
}
