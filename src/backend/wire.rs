//! One connection, driven: octets between a [`Stream`] and a [`Client`], reading and writing at the same time.

mod clean;

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::time::{Instant, timeout, timeout_at};

pub(super) use self::clean::{Clean, Kept};
use super::dial::{DialError, Stream, Trust, encrypt};
use super::error::Error;
use super::haste::Haste;
use crate::pop3::{
    self, Client, Command, Event, Limits, MessageKind, MessageNumber, Refusal, Verb,
};

/// A connection to a server and what is known of the conversation on it.
///
/// Dropping it closes the socket without QUIT, which is the way out of every error: a server removes nothing then
/// (RFC 1939 section 6).
pub(super) struct Wire {
    stream: Stream,
    client: Client,
    /// When the server last said something, or the wait for it began.
    heard: Instant,
    /// The longest that was waited for it to say something that was due, since its patience was set.
    waited: Duration,
    /// How long it may say nothing while an answer is due.
    patience: Duration,
    /// How much less than usual is waited.
    haste: Haste,
    /// Nobody listens for now.
    deaf: bool,
    /// Messages that were retrieved, and of which nobody has proven yet that they are safe.
    owed: BTreeSet<MessageNumber>,
    buffer: Box<[u8]>,
}

impl Wire {
    /// `largest`: octets of the largest message that is taken.
    pub(super) fn new(stream: Stream, largest: u64, haste: Haste) -> Self {
        let limits = Limits {
            message_octets: largest,
            ..Limits::default()
        };
        Self {
            stream,
            client: Client::new(limits),
            heard: Instant::now(),
            waited: Duration::ZERO,
            patience: haste.of(PATIENCE),
            haste,
            deaf: false,
            owed: BTreeSet::new(),
            buffer: vec![0; READ].into_boxed_slice(),
        }
    }

    /// Queues a command; it is written while the next event is waited for. DELE and QUIT take proofs: see [`clean`].
    pub(super) fn send(&mut self, command: &Command) -> Result<(), Error> {
        match command {
            Command::Dele(_) | Command::Quit => Err(Error::Unexpected(command.verb())),
            command => self.transmit(command),
        }
    }

    fn transmit(&mut self, command: &Command) -> Result<(), Error> {
        if self.client.outstanding() == 0 {
            self.heard = Instant::now();
        }
        // The verb alone: what stands behind it may be secret.
        tracing::debug!(command = command.verb().as_str(), "asks");
        let sent = self.client.send(command);
        // Where the session has failed, what it failed of is the error to be told.
        let sent = sent.map_err(|error| match error {
            pop3::Error::Refused {
                why: Refusal::Dead, ..
            } => self.client.poll().err().unwrap_or(error),
            error => error,
        });
        sent.map_err(Error::Protocol)
    }

    /// Sends one command and waits for one event.
    pub(super) async fn ask(&mut self, command: &Command) -> Result<Event, Error> {
        self.send(command)?;
        self.next().await
    }

    /// The next thing the server says. Nothing is lost when the future is dropped before it is ready.
    ///
    /// Fails when an answer is due and no octet has come for the patience of this wire: slow servers are waited for,
    /// silent ones are not.
    pub(super) async fn next(&mut self) -> Result<Event, Error> {
        self.next_within(self.patience).await
    }

    /// [`Wire::next`], with less patience than usual.
    pub(super) async fn next_within(&mut self, most: Duration) -> Result<Event, Error> {
        loop {
            if let Some(event) = self.here()? {
                return Ok(event);
            }
            self.more_within(most).await?;
        }
    }

    fn take_in(&mut self, count: io::Result<usize>) -> Result<u64, Error> {
        let count = count.map_err(Error::Lost)?;
        self.heard = Instant::now();
        if count == 0 {
            self.client.end_of_stream().map_err(Error::Protocol)?;
            return Err(Error::Lost(io::ErrorKind::UnexpectedEof.into()));
        }
        self.client
            .feed(self.buffer.get(..count).unwrap_or_default());
        Ok(count as u64)
    }

    /// Makes sure, after the answer to QUIT, that it was the last: behind another one, it was the answer to something else. A
    /// server that leaves it to us to end the connection is not waited for.
    pub(super) async fn ended(mut self) -> Result<(), Error> {
        let silent = self.client.buffered() == 0
            && !matches!(
                timeout(self.haste.of(FAREWELL), self.exchange()).await,
                Ok(Ok(1..))
            );
        self.close().await;
        if silent {
            Ok(())
        } else {
            Err(Error::Unexpected(Verb::Quit))
        }
    }

    /// Waits for more octets, with less patience than usual, and says how many came; [`Wire::here`] has what they mean.
    pub(super) async fn more_within(&mut self, most: Duration) -> Result<u64, Error> {
        let patience = self.patience.min(self.haste.of(most));
        let due = !self.client.greeted() || self.client.outstanding() > 0;
        let count = if due {
            let Ok(count) = timeout_at(self.heard + patience, self.exchange()).await else {
                return Err(Error::Silent(patience));
            };
            count
        } else {
            self.exchange().await
        };
        if due && count.is_ok() {
            self.waited = self.waited.max(self.heard.elapsed());
        }
        self.take_in(count)
    }

    /// Writes what is queued and reads what is there, both at once, so that two full buffers cannot block each other
    /// (RFC 2449 section 6.8). Octets read, 0 at the end of the stream.
    async fn exchange(&mut self) -> io::Result<usize> {
        let Self {
            stream,
            client,
            buffer,
            ..
        } = self;
        poll_fn(|cx| {
            write_some(stream, client, cx)?;
            // TLS gives 16 KiB at a time at most: what else is there is taken along, so that one look at what came serves more.
            let mut read = ReadBuf::new(buffer);
            loop {
                let before = read.filled().len();
                match Pin::new(&mut *stream).poll_read(cx, &mut read) {
                    Poll::Ready(Ok(())) if read.filled().len() > before && read.remaining() > 0 => {
                    }
                    Poll::Ready(Ok(())) => return Poll::Ready(Ok(read.filled().len())),
                    // What came before it is worth more than the error, which comes again.
                    Poll::Pending | Poll::Ready(Err(_)) if before > 0 => {
                        return Poll::Ready(Ok(before));
                    }
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Pending => return Poll::Pending,
                }
            }
        })
        .await
    }

    /// What the server has said already, without waiting for more.
    pub(super) fn here(&mut self) -> Result<Option<Event>, Error> {
        let asked = self.client.awaiting();
        let event = self.client.poll().map_err(Error::Protocol)?;
        let code = match &event {
            Some(Event::Reply(reply)) => {
                tracing::trace!(ok = reply.ok, "answered");
                reply.written_code().filter(|_| !reply.ok)
            }
            Some(Event::MessageStart {
                number,
                kind: MessageKind::Whole,
            }) => {
                self.owed.insert(*number);
                None
            }
            Some(Event::Greeting(greeting)) => greeting.written_code().filter(|_| !greeting.ok),
            _ => None,
        };
        if let Some((code, asked)) = code.zip(asked) {
            told(code, asked);
        }
        Ok(event)
    }

    /// Writes what is queued as far as that can be done at once.
    pub(super) async fn write_now(&mut self) {
        let Self { stream, client, .. } = self;
        poll_fn(|cx| {
            let _ = write_some(stream, client, cx);
            Poll::Ready(())
        })
        .await;
    }

    /// The longest that was waited for the server while an answer was due, since it was last said how long it may be silent:
    /// after a login, the login does not count.
    pub(super) fn waited(&self) -> Duration {
        self.waited
    }

    /// Encrypts the connection after the server agreed to STLS. Octets that stand in the buffer are an attack
    /// (RFC 2595 section 4).
    pub(super) async fn encrypt(mut self, host: &str, trust: &Trust) -> Result<Self, Error> {
        self.client.starttls_ready().map_err(Error::Protocol)?;
        let Stream::Plain(tcp) = self.stream else {
            return Err(Error::Dial(DialError::Tls {
                host: host.to_owned(),
                reason: "the connection is encrypted already".to_owned(),
            }));
        };
        let stream = encrypt(tcp, host, trust).await.map_err(Error::Dial)?;
        self.client.restart_after_tls();
        Ok(Self {
            stream,
            heard: Instant::now(),
            ..self
        })
    }

    /// Ends the TLS layer and the connection in order; a server that does not answer is not waited for.
    pub(super) async fn close(mut self) {
        let _ = timeout(self.haste.of(FAREWELL), self.stream.shutdown()).await;
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.stream.is_encrypted()
    }

    /// Whether somebody listens from now on. The time in which nobody did is not the server's silence.
    pub(super) fn listen(&mut self, yes: bool) {
        if yes && self.deaf {
            self.heard = Instant::now();
        }
        self.deaf = !yes;
    }

    /// How long the server may be silent.
    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    /// How long the server may be silent from now on.
    pub(super) fn be_patient(&mut self, patience: Duration) {
        self.patience = self.haste.of(patience);
        self.heard = Instant::now();
        self.waited = Duration::ZERO;
    }
}

/// Keeps the code of a refusal in the log: a person is told the words behind it. Of messages there may be very many.
fn told(code: &str, asked: Verb) {
    let command = asked.as_str();
    if matches!(asked, Verb::Retr | Verb::Top) {
        tracing::debug!(command, code, "refused");
    } else {
        tracing::info!(command, code, "refused");
    }
}

/// Writes what is queued until the stream takes no more for now.
fn write_some(stream: &mut Stream, client: &mut Client, cx: &mut Context<'_>) -> io::Result<()> {
    let mut wrote = false;
    while !client.output().is_empty() {
        match Pin::new(&mut *stream).poll_write(cx, client.output()) {
            Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
            Poll::Ready(Ok(count)) => {
                client.advance_output(count);
                wrote = true;
            }
            // What the server said before it closed is worth more than the broken pipe: read it first.
            Poll::Ready(Err(_)) | Poll::Pending => break,
        }
    }
    if wrote {
        let _ = Pin::new(&mut *stream).poll_flush(cx);
    }
    Ok(())
}

/// For the greeting: some servers look up who is calling first.
pub(super) const GREETING_PATIENCE: Duration = Duration::from_secs(30);
/// For ordinary answers.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);
/// For the answer to a login: servers open large mailboxes, and punish wrong passwords with a wait.
pub(super) const LOGIN_PATIENCE: Duration = Duration::from_mins(3);
/// For the answer to QUIT: what happened is found out by the next listing in any case.
const QUIT_PATIENCE: Duration = Duration::from_secs(10);
/// For the answer to a QUIT that changes nothing.
const LEAVE_PATIENCE: Duration = Duration::from_secs(3);
const FAREWELL: Duration = Duration::from_secs(2);
/// So that what is here already is heard.
const A_MOMENT: Duration = Duration::from_millis(1);
const READ: usize = 64 * 1024;

#[cfg(test)]
mod tests;
