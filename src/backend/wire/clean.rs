//! The two commands that can lose mail, and the proofs that each takes.
//!
//! - **DELE** goes out for an [`Approved`] alone, which only `apply::approve` makes.
//! - **QUIT** goes out from a [`Clean`] session alone. It may remove what was marked, and on some servers what was retrieved
//!   (RFC 2449 section 6.7). So a wire remembers every message that it was given whole, until somebody proves that nothing
//!   would be lost with it; and while something is left, it gives no [`Clean`].

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{A_MOMENT, LEAVE_PATIENCE, QUIT_PATIENCE, Wire};
use crate::backend::apply::Approved;
use crate::backend::error::{Error, Says};
use crate::mail::{Digest, Stored, StoredCopy};
use crate::pop3::{Command, Event, MessageNumber, Verb};

/// Why a message that was retrieved is not lost when the server removes it.
#[derive(Debug)]
pub(in crate::backend) enum Kept<'a> {
    /// It has been stored, all of it.
    Stored(#[expect(dead_code, reason = "what counts is that the store has made one")] &'a Stored),
    /// Its octets are those of a copy that was just read again.
    Same(Digest, &'a StoredCopy),
    /// It is to be deleted.
    Deleted(&'a Approved),
}

/// A session that may end with QUIT: nothing is under way, nothing was said unasked, and nothing is lost with what was
/// retrieved.
pub(in crate::backend) struct Clean {
    wire: Wire,
}

impl Wire {
    /// What was retrieved under this number is safe.
    pub(in crate::backend) fn kept(&mut self, number: MessageNumber, proof: &Kept<'_>) {
        let holds = match proof {
            Kept::Stored(_) => true,
            Kept::Same(seen, copy) => *seen == copy.digest(),
            Kept::Deleted(approved) => approved.number() == number,
        };
        if holds {
            self.owed.remove(&number);
        }
    }

    /// Whether something was retrieved of which nobody has proven yet that it is safe.
    pub(in crate::backend) fn owes(&self) -> bool {
        !self.owed.is_empty()
    }

    /// Asks for a message to be marked for deletion.
    pub(in crate::backend) fn delete(&mut self, approved: &Approved) -> Result<(), Error> {
        self.transmit(&Command::Dele(approved.number()))
    }

    /// The session, if it may end with QUIT.
    pub(in crate::backend) async fn clean(mut self) -> Result<Clean, Error> {
        if self.client.outstanding() > 0 || !self.owed.is_empty() {
            return Err(Error::Unexpected(Verb::Quit));
        }
        self.quiet().await?;
        Ok(Clean { wire: self })
    }

    /// Makes sure, before QUIT, that the server has said nothing that was not asked for and has not gone. No answer may be due.
    pub(super) async fn quiet(&mut self) -> Result<(), Error> {
        if let Ok(count) = timeout(A_MOMENT, self.exchange()).await {
            self.take_in(count)?;
        }
        match self.here()? {
            None if self.client.buffered() == 0 => Ok(()),
            _ => Err(Error::Unexpected(Verb::Quit)),
        }
    }
}

impl Clean {
    /// Ends the session in order: QUIT, and what it stands for, happens. The connection is left to be closed.
    pub(in crate::backend) async fn quit(self) -> Result<Wire, Error> {
        quitted(self.ask(QUIT_PATIENCE)?).await
    }

    /// Ends a session that marked nothing: QUIT is on its way, and what comes then ends with the task.
    pub(in crate::backend) async fn leave(self) -> Result<JoinHandle<()>, Error> {
        let mut wire = self.ask(LEAVE_PATIENCE)?;
        wire.write_now().await;
        let patience = wire.patience();
        Ok(tokio::spawn(async move {
            if let Ok(Ok(wire)) = timeout(patience, quitted(wire)).await {
                wire.close().await;
            }
        }))
    }

    fn ask(self, patience: Duration) -> Result<Wire, Error> {
        let mut wire = self.wire;
        wire.be_patient(patience);
        wire.transmit(&Command::Quit)?;
        Ok(wire)
    }
}

async fn quitted(mut wire: Wire) -> Result<Wire, Error> {
    match wire.next().await? {
        Event::Reply(reply) if reply.ok => Ok(wire),
        Event::Reply(reply) => Err(Error::Refused {
            verb: Verb::Quit,
            says: Says::from(&reply),
        }),
        _ => Err(Error::Unexpected(Verb::Quit)),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::backend::dial::Stream;
    use crate::backend::haste::Haste;
    use crate::mail::{LedgerId, MessageId};

    /// A wire in TRANSACTION that was given message 1 whole, and the server's end of it.
    async fn given_one() -> (Wire, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap()).await;
        let (mut far, _) = listener.accept().await.unwrap();
        let mut wire = Wire::new(Stream::Plain(near.unwrap()), u64::MAX, Haste::default());
        far.write_all(b"+OK\r\n").await.unwrap();
        wire.next().await.unwrap();
        for (command, answer) in [
            (
                Command::User(crate::pop3::Word::new("sam").unwrap()),
                &b"+OK\r\n"[..],
            ),
            (
                Command::Pass(crate::pop3::Password::new("secret").unwrap()),
                b"+OK\r\n",
            ),
            (Command::Retr(one()), b"+OK\r\nSubject: a\r\n\r\nb\r\n.\r\n"),
        ] {
            wire.send(&command).unwrap();
            far.write_all(answer).await.unwrap();
            while !matches!(
                wire.next().await.unwrap(),
                Event::Reply(_) | Event::MessageEnd { .. }
            ) {}
        }
        (wire, far)
    }

    fn one() -> MessageNumber {
        MessageNumber::new(1).unwrap()
    }

    #[tokio::test]
    async fn i7_a_session_that_was_given_a_message_is_clean_only_once_it_is_stored() {
        let (wire, _far) = given_one().await;
        assert!(wire.clean().await.is_err());
        let (mut wire, _far) = given_one().await;
        let stored = Stored {
            ledger: LedgerId(1),
            message: MessageId(1),
            new: true,
            doubtful: false,
        };
        let two = MessageNumber::new(2).unwrap();
        wire.kept(two, &Kept::Stored(&stored));
        assert_eq!(wire.owed.len(), 1, "another one was stored");
        wire.kept(one(), &Kept::Stored(&stored));
        assert!(wire.clean().await.is_ok());
    }

    #[tokio::test]
    async fn i7_a_copy_that_is_not_the_same_proves_nothing() {
        let (mut wire, _far) = given_one().await;
        let octets = b"Subject: a\r\n\r\nb\r\n".as_slice();
        let copy = StoredCopy::verify(MessageId(1), octets, Digest::of(octets));
        let copy = copy.unwrap().unwrap();
        wire.kept(one(), &Kept::Same(Digest::of(b"another"), &copy));
        assert_eq!(wire.owed.len(), 1);
        wire.kept(one(), &Kept::Same(Digest::of(octets), &copy));
        assert!(wire.clean().await.is_ok());
    }

    #[tokio::test]
    async fn i7_neither_dele_nor_quit_goes_out_as_any_other_command() {
        let (mut wire, _far) = given_one().await;
        assert!(wire.send(&Command::Quit).is_err());
        assert!(wire.send(&Command::Dele(one())).is_err());
        assert_eq!(wire.client().outstanding(), 0);
    }

    #[tokio::test]
    async fn i7_a_session_with_an_answer_due_is_not_clean() {
        let (mut wire, _far) = given_one().await;
        wire.owed.clear();
        wire.send(&Command::Noop).unwrap();
        assert!(wire.clean().await.is_err());
    }
}
