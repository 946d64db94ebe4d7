//! What may be sent when.
//!
//! - Before the greeting, after QUIT and after an error: nothing.
//! - AUTHORIZATION: CAPA, STLS, UTF8, USER, PASS, APOP, AUTH, QUIT. TRANSACTION: CAPA and everything else but those logins
//!   (RFC 1939 section 3, RFC 2449 section 5).
//! - PASS directly after an accepted USER (RFC 1939 section 7).
//! - STLS alone on the wire, advertised, once (RFC 2595 section 4).
//! - UTF8 when advertised, and no STLS after it (RFC 6856 section 2.1).
//! - Nothing behind a login or STLS until its answer is here: it decides which state we are in.
//! - During a SASL exchange only an answer or a cancellation, one for each challenge (RFC 5034 section 4).
//! - No number that is marked deleted (RFC 1939 section 5).
//! - QUIT only when no message is under way: it may remove what was retrieved, so that must be safe first.

use super::super::capabilities::Capabilities;
use super::super::command::{Command, Verb};
use super::super::error::Refusal;
use super::{Asked, Client, Stage};

impl Client {
    /// Whether the command may be sent now.
    pub(super) fn permit(&self, command: &Command) -> Result<(), Refusal> {
        if self.dead.is_some() || self.spoke_unasked() {
            return Err(Refusal::Dead);
        }
        match self.stage {
            Stage::Greeting => return Err(Refusal::BeforeGreeting),
            Stage::Closed => return Err(Refusal::Closing),
            Stage::Securing => return Err(Refusal::AwaitingReply),
            Stage::Authorization | Stage::Transaction => {}
        }
        if self.quitting() {
            return Err(Refusal::Closing);
        }
        if self
            .expected
            .back()
            .is_some_and(|last| decides_the_state(last.asked))
        {
            return Err(Refusal::AwaitingReply);
        }
        self.permit_in_exchange(command)?;
        match self.stage {
            Stage::Transaction => self.permit_in_transaction(command),
            _ => self.permit_in_authorization(command),
        }
    }

    fn permit_in_exchange(&self, command: &Command) -> Result<(), Refusal> {
        match (self.challenge, command) {
            (None, Command::AuthResponse(_) | Command::AuthCancel)
            | (Some(true), Command::AuthResponse(_)) => Err(Refusal::WrongState),
            (None, _) | (Some(_), Command::AuthResponse(_) | Command::AuthCancel) => Ok(()),
            (Some(_), _) => Err(Refusal::AwaitingReply),
        }
    }

    fn permit_in_authorization(&self, command: &Command) -> Result<(), Refusal> {
        match command {
            Command::Stls => self.permit_stls(),
            Command::Utf8 if !self.offers(Capabilities::utf8) => Err(Refusal::NotOffered),
            Command::Pass(_) if !self.expected.is_empty() => Err(Refusal::AwaitingReply),
            Command::Pass(_) if !self.user_accepted => Err(Refusal::WithoutUser),
            Command::Pass(password) => self.permit_text(password.expose()),
            Command::Apop { .. } if self.timestamp.is_none() => Err(Refusal::NotOffered),
            Command::User(user) | Command::Apop { user, .. } => self.permit_text(user.as_str()),
            Command::Auth {
                initial: Some(_), ..
            } if !self.offers(|offer| offer.has("SASL")) => Err(Refusal::NotOffered),
            Command::Auth { .. }
            | Command::AuthResponse(_)
            | Command::AuthCancel
            | Command::Capa
            | Command::Utf8
            | Command::Quit => Ok(()),
            _ => Err(Refusal::WrongState),
        }
    }

    fn permit_in_transaction(&self, command: &Command) -> Result<(), Refusal> {
        match command {
            Command::List(_)
            | Command::Uidl(_)
            | Command::Top(..)
            | Command::Retr(_)
            | Command::Dele(_) => {
                let marked = command
                    .number()
                    .is_some_and(|number| self.marked.contains_key(&number));
                if marked {
                    Err(Refusal::MarkedDeleted)
                } else {
                    Ok(())
                }
            }
            Command::Quit
                if self
                    .expected
                    .iter()
                    .any(|due| matches!(due.asked, Asked::Message(..))) =>
            {
                Err(Refusal::AwaitingReply)
            }
            Command::Capa | Command::Stat | Command::Rset | Command::Noop | Command::Quit => Ok(()),
            _ => Err(Refusal::WrongState),
        }
    }

    fn permit_stls(&self) -> Result<(), Refusal> {
        if self.encrypted {
            return Err(Refusal::AlreadyEncrypted);
        }
        if self.utf8 {
            return Err(Refusal::WrongState);
        }
        if !self.offers(Capabilities::stls) {
            return Err(Refusal::NotOffered);
        }
        if !self.expected.is_empty() {
            return Err(Refusal::AwaitingReply);
        }
        Ok(())
    }

    fn permit_text(&self, text: &str) -> Result<(), Refusal> {
        if text.is_ascii() || self.offers(Capabilities::utf8_user) {
            Ok(())
        } else {
            Err(Refusal::NotAscii)
        }
    }

    fn offers(&self, what: impl Fn(&Capabilities) -> bool) -> bool {
        self.capabilities.as_ref().is_some_and(what)
    }
}

fn decides_the_state(asked: Asked) -> bool {
    matches!(
        asked,
        Asked::Auth(_) | Asked::Plain(Verb::Stls | Verb::Pass | Verb::Apop)
    )
}
