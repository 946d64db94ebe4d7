//! How much may be asked for ahead.

use super::{Line, Part};

impl<T> Line<T> {
    /// Octets that are expected of a message that LIST gives this size.
    pub(in crate::backend) fn expect(&self, part: Part, listed: u64) -> u64 {
        self.pace.expect(part, listed)
    }

    /// Whether somebody listens from now on, or what came before has to be stored first.
    pub(in crate::backend) fn listen(&mut self, yes: bool) {
        self.wire.listen(yes);
        if !yes {
            self.pace.held_up();
        }
    }

    /// Octets that are expected to be under way.
    pub(in crate::backend) fn in_flight(&self) -> u64 {
        self.in_flight
    }

    /// Octets that may be under way.
    pub(in crate::backend) fn window(&self) -> u64 {
        self.pace.window()
    }

    /// Whether another job can be launched without making a person wait longer than a window. Below half a window the next
    /// one always can, or a large message would have to come to its end before another is asked for.
    pub(in crate::backend) fn has_room(&self, expect: u64) -> bool {
        let window = self.pace.window();
        self.flights.is_empty()
            || (self.ahead
                && (self.in_flight.saturating_add(expect) <= window || self.in_flight < window / 2))
    }

    /// Whether so much less is under way than before that it is worth a look at what is to be asked for next.
    pub(super) fn has_moved_on_from(&self, before: u64) -> bool {
        self.ahead && before.saturating_sub(self.in_flight) > self.pace.window() / STEPS
    }

    /// Whether a job that a person waits for can be launched: ahead of every window.
    pub(in crate::backend) fn has_room_for_person(&self) -> bool {
        self.flights.is_empty() || self.ahead
    }
}

/// Looks at what is to be asked for next while a window arrives.
const STEPS: u64 = 16;
