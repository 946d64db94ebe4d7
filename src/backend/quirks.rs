//! What was found out about a server by its behaviour: that it does not take commands ahead, whatever it says, or does not
//! answer CAPA. Remembered for a while, because servers are repaired.

use std::time::Duration;

use serde_json::{Map, Value};

use super::account::Account;
use super::clock;
use super::error::Error;
use super::session::Session;
use crate::mail::Timestamp;
use crate::pop3::Verb;
use crate::store::AccountUpdate;

/// How the next session talks to its server, after what happened in the last ones.
#[derive(Debug, Default)]
pub(super) struct Manners {
    /// What was waited for on connections in a row that were lost while commands were sent ahead of what was proven.
    lost_at: Vec<Option<Verb>>,
    /// One command at a time, and for so long when that works.
    lock_step: Option<i64>,
}

impl Manners {
    /// Draws the conclusion from an error. Whether the session is worth another try at once, with other manners.
    ///
    /// A connection that is lost may be anybody's fault: only when it happens again at the answer to the same command, with
    /// nothing that went well in between, is it laid on the commands sent ahead, and not for long.
    pub(super) fn suspect(&mut self, error: &Error) -> bool {
        let Error::Ahead {
            source,
            certain,
            at,
        } = error
        else {
            self.lost_at.clear();
            return false;
        };
        let before = self.lost_at.contains(at);
        self.lost_at.push(*at);
        if *certain && !matches!(**source, Error::Silent(_)) {
            self.lock_step = Some(REMEMBERED);
        } else if *certain {
            self.lock_step = Some(REMEMBERED_BRIEFLY);
        } else if before {
            self.lock_step = Some(REMEMBERED_FOR_A_LOSS);
        } else if self.lost_at.len() > MOST_LOSSES {
            self.lost_at.clear();
            return false;
        }
        true
    }
}

impl Account {
    /// Whether commands are sent ahead in this session: the server says that it takes them (RFC 2449 section 6.8), and was
    /// not found to break its word.
    pub(super) fn ahead(&self, session: &Session) -> bool {
        session.pipelining()
            && self.manners.lock_step.is_none()
            && !holds(&self.record.quirks, LOCK_STEP, clock::now())
    }

    /// A session went well. When it was one of one command at a time because the one before it broke, that is remembered.
    /// `waited`: for its slowest answer since the login. `quotes`: what seemed to be out of step was in a message.
    pub(super) async fn learn(&mut self, waited: Duration, quotes: bool) -> Result<(), Error> {
        let Some(seconds) = std::mem::take(&mut self.manners).lock_step else {
            return Ok(());
        };
        if quotes || !is_proven(seconds, waited) {
            return Ok(());
        }
        let until = Timestamp(clock::now().0.saturating_add(seconds));
        tracing::warn!(account = %self.settings.id, "the server breaks PIPELINING: one command at a time from now on");
        self.remember_until(LOCK_STEP, until).await
    }

    /// Whether the server is asked what it can do.
    pub(super) fn asks_capa(&self) -> bool {
        !holds(&self.record.quirks, NO_CAPA, clock::now())
    }

    /// A login went well after CAPA did not: it is left out for a while, since it may cost a minute each time.
    pub(super) async fn learn_of_capa(&mut self, session: &Session) -> Result<(), Error> {
        if !session.capa_unanswered {
            return Ok(());
        }
        let until = Timestamp(clock::now().0.saturating_add(REMEMBERED_BRIEFLY));
        tracing::warn!(account = %self.settings.id, "the server does not answer CAPA: it is not asked for now");
        self.remember_until(NO_CAPA, until).await
    }

    async fn remember_until(&mut self, what: &str, until: Timestamp) -> Result<(), Error> {
        self.record.quirks = with(&self.record.quirks, what, until);
        let update = AccountUpdate {
            quirks: Some(self.record.quirks.clone()),
            ..AccountUpdate::default()
        };
        self.store.record_account(&self.settings.id, update).await?;
        Ok(())
    }
}

/// Whether a session of one command at a time that went well shows what is to be remembered for so many seconds. A silence that
/// commands sent ahead were suspected of was perhaps none of theirs when the server is slow without them as well.
fn is_proven(seconds: i64, waited: Duration) -> bool {
    seconds != REMEMBERED_BRIEFLY || waited < SLOW
}

/// Whether this is remembered, and still counts. Nothing is believed for longer than it is ever remembered, whatever the clock
/// did meanwhile.
fn holds(quirks: &str, what: &str, now: Timestamp) -> bool {
    let until = parse(quirks).get(what).and_then(Value::as_i64);
    until.is_some_and(|until| {
        let rest = Timestamp(until).seconds_since(now);
        (1..=REMEMBERED).contains(&rest)
    })
}

/// What is remembered, and this until then.
fn with(quirks: &str, what: &str, until: Timestamp) -> String {
    let mut known = parse(quirks);
    known.insert(what.to_owned(), Value::from(until.0));
    Value::Object(known).to_string()
}

/// What nobody can read any more is not remembered.
fn parse(quirks: &str) -> Map<String, Value> {
    serde_json::from_str(quirks).unwrap_or_default()
}

/// Seconds since 1970 until which one command is sent at a time.
const LOCK_STEP: &str = "lock_step_until";
/// Seconds since 1970 until which CAPA is not asked for.
const NO_CAPA: &str = "no_capa_until";
/// In seconds: a week.
const REMEMBERED: i64 = 7 * 86_400;
/// In seconds: a day, since a sleeping disk may have been to blame.
const REMEMBERED_BRIEFLY: i64 = 86_400;
/// In seconds: an hour, since networks lose connections.
const REMEMBERED_FOR_A_LOSS: i64 = 3_600;
/// Tries in a row that end in a lost connection, each at another command.
const MOST_LOSSES: usize = 3;
/// A server that takes so long for an answer to one command was perhaps only slow before.
const SLOW: Duration = Duration::from_millis(2_500);

#[cfg(test)]
mod tests {
    use super::*;

    fn ahead(source: Error, certain: bool) -> Error {
        Error::Ahead {
            source: Box::new(source),
            certain,
            at: Some(Verb::List),
        }
    }

    fn lost_at(verb: Verb) -> Error {
        Error::Ahead {
            source: Box::new(Error::Lost(std::io::ErrorKind::UnexpectedEof.into())),
            certain: false,
            at: Some(verb),
        }
    }

    #[test]
    fn q16_what_only_commands_sent_ahead_bring_about_ends_them_at_once() {
        let mut manners = Manners::default();
        assert!(manners.suspect(&ahead(Error::Unexpected(Verb::Noop), true)));
        assert_eq!(manners.lock_step, Some(REMEMBERED));
        let mut manners = Manners::default();
        assert!(manners.suspect(&ahead(Error::Silent(SLOW), true)));
        assert_eq!(manners.lock_step, Some(REMEMBERED_BRIEFLY));
    }

    #[test]
    fn q16_a_lost_connection_is_laid_on_commands_sent_ahead_when_it_happens_again() {
        let mut manners = Manners::default();
        assert!(manners.suspect(&lost_at(Verb::List)));
        assert_eq!(manners.lock_step, None);
        assert!(manners.suspect(&lost_at(Verb::List)));
        assert_eq!(manners.lock_step, Some(REMEMBERED_FOR_A_LOSS));
        let mut manners = Manners::default();
        assert!(manners.suspect(&lost_at(Verb::List)));
        assert!(!manners.suspect(&Error::Cancelled));
        assert!(manners.suspect(&lost_at(Verb::List)));
        assert_eq!(manners.lock_step, None);
    }

    #[test]
    fn q16_connections_lost_at_different_commands_are_the_networks_fault_and_end_the_tries() {
        let mut manners = Manners::default();
        for verb in [Verb::List, Verb::Top, Verb::Retr] {
            assert!(manners.suspect(&lost_at(verb)));
        }
        assert!(!manners.suspect(&lost_at(Verb::Uidl)));
        assert_eq!(manners.lock_step, None);
    }

    #[test]
    fn q16_a_slow_answer_excuses_a_silence_and_nothing_else() {
        assert!(!is_proven(REMEMBERED_BRIEFLY, SLOW));
        assert!(is_proven(REMEMBERED_BRIEFLY, SLOW / 2));
        for seconds in [REMEMBERED, REMEMBERED_FOR_A_LOSS] {
            assert!(is_proven(seconds, SLOW * 4));
        }
    }

    #[test]
    fn q16_a_repaired_server_is_trusted_again_after_a_week() {
        let now = Timestamp(1_000_000_000);
        let until = Timestamp(now.0 + REMEMBERED);
        let quirks = with(r#"{"other":1}"#, LOCK_STEP, until);
        assert!(holds(&quirks, LOCK_STEP, now));
        assert!(holds(&quirks, LOCK_STEP, Timestamp(until.0 - 1)));
        assert!(!holds(&quirks, LOCK_STEP, until));
        assert_eq!(parse(&quirks).get("other"), Some(&Value::from(1)));
    }

    #[test]
    fn q16_a_clock_that_was_wrong_does_not_make_it_for_ever() {
        let now = Timestamp(1_000_000_000);
        let quirks = with("", LOCK_STEP, Timestamp(now.0 + REMEMBERED + 1));
        assert!(!holds(&quirks, LOCK_STEP, now));
        assert!(!holds("not JSON", LOCK_STEP, now));
        assert!(!holds("", LOCK_STEP, now));
    }
}
