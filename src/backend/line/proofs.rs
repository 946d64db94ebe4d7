//! The two commands that take a proof.

use super::{Line, What};
use crate::backend::apply::Approved;
use crate::backend::error::Error;
use crate::backend::wire::Clean;
use crate::pop3::Verb;

impl<T> Line<T> {
    /// Asks for a message to be marked for deletion; the answer comes as [`Came::Answer`](super::Came::Answer).
    pub(in crate::backend) fn delete(&mut self, approved: &Approved) -> Result<(), Error> {
        self.questions.forget(approved.number());
        self.wire.delete(approved)?;
        self.sent(Verb::Dele, What::Asked);
        Ok(())
    }

    /// The session, if it may end with QUIT.
    pub(in crate::backend) async fn clean(self) -> Result<Clean, Error> {
        if !self.is_idle() || !self.doubtful.is_empty() {
            return Err(Error::Unexpected(Verb::Quit));
        }
        self.wire.clean().await
    }
}
