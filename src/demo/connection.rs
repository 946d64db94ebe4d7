//! One connection: moves octets between a socket and its session, in both directions at once.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_native_tls::TlsAcceptor;

use super::{
    delay::DelayLine,
    session::{Session, Step},
};

/// The wire of one session: what is on its way, and what cuts it.
pub(super) struct Connection {
    session: Session,
    line: DelayLine,
    /// Octets that may still be sent before the connection is cut.
    allowance: Option<u64>,
}

/// Why the octets stopped moving.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pause {
    StartTls,
    Over,
}

impl Connection {
    pub(super) fn new(session: Session, latency: Duration, allowance: Option<u64>) -> Self {
        Self {
            session,
            line: DelayLine::new(latency),
            allowance,
        }
    }

    /// Serves a client until one of the two ends it. With `implicit_tls` TLS comes before the greeting.
    pub(super) async fn serve(
        mut self,
        mut socket: TcpStream,
        acceptor: Option<TlsAcceptor>,
        implicit_tls: bool,
    ) -> io::Result<()> {
        if implicit_tls && let Some(acceptor) = acceptor {
            let mut stream = accept(&acceptor, socket).await?;
            self.greet();
            self.pump(&mut stream).await?;
            return self.close(stream).await;
        }
        self.greet();
        if self.pump(&mut socket).await? == Pause::Over {
            return self.close(socket).await;
        }
        let Some(acceptor) = acceptor else {
            return Ok(());
        };
        let mut stream = accept(&acceptor, socket).await?;
        self.session.secured();
        self.pump(&mut stream).await?;
        self.close(stream).await
    }

    fn greet(&mut self) {
        let mut greeting = Vec::new();
        self.session.greet(&mut greeting);
        self.send(&greeting);
    }

    /// Reads and writes until the session is over or wants TLS.
    async fn pump<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
    ) -> io::Result<Pause> {
        let pause = self.carry(stream).await;
        sleep(self.session.lets_go_after()).await;
        pause
    }

    /// Input is taken while output waits, so that a client may send thousands of commands before it reads its first answer.
    async fn carry<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
    ) -> io::Result<Pause> {
        let (mut reader, mut writer) = tokio::io::split(stream);
        let mut input = vec![0; READ];
        let mut last_sign = Instant::now();
        let mut pause = None;
        loop {
            if pause.is_none() {
                pause = self.produce();
            }
            let now = Instant::now();
            let ready = self.line.ready(now);
            let due = self.line.due();
            if due.is_none()
                && let Some(pause) = pause
            {
                writer.flush().await?;
                return Ok(pause);
            }
            let wants_input = pause.is_none() && self.session.has_room();
            let waiting = due.filter(|_| ready.is_empty());
            tokio::select! {
                written = writer.write(ready), if !ready.is_empty() => {
                    match written? {
                        0 => return Ok(Pause::Over),
                        octets => self.line.advance(octets),
                    }
                    last_sign = Instant::now();
                }
                read = reader.read(&mut input), if wants_input => {
                    match read? {
                        0 => self.session.end_input(),
                        octets => self.session.feed(input.get(..octets).unwrap_or_default()),
                    }
                    last_sign = Instant::now();
                }
                () = sleep_until(waiting.unwrap_or(now)), if waiting.is_some() => {}
                () = sleep_until(last_sign + AUTOLOGOUT) => return Ok(Pause::Over),
            }
        }
    }

    /// Lets the session write until it needs something or enough is on its way.
    fn produce(&mut self) -> Option<Pause> {
        let mut piece = Vec::new();
        while self.line.held() < self.line.window() {
            if self.allowance == Some(0) {
                return Some(Pause::Over);
            }
            piece.clear();
            let step = self.session.step(&mut piece);
            self.send(&piece);
            match step {
                Step::Onward => {}
                Step::Input => return None,
                Step::StartTls => return Some(Pause::StartTls),
                Step::Finished => return Some(Pause::Over),
            }
        }
        None
    }

    fn send(&mut self, octets: &[u8]) {
        let mut octets = octets;
        if let Some(allowance) = &mut self.allowance {
            let most = usize::try_from(*allowance).unwrap_or(usize::MAX);
            octets = octets.get(..most).unwrap_or(octets);
            *allowance -= octets.len() as u64;
        }
        self.line.push(Instant::now() + self.session.late(), octets);
    }

    /// Ends the session, then the connection. What the client still sends is read for a moment: closing a socket with
    /// unread octets would take back answers that have not arrived yet.
    async fn close<S: AsyncRead + AsyncWrite + Unpin>(self, mut stream: S) -> io::Result<()> {
        drop(self);
        let mut rest = vec![0; READ];
        let farewell = async {
            stream.shutdown().await?;
            while stream.read(&mut rest).await? > 0 {}
            Ok(())
        };
        // A client that keeps its side open has had its answers by now.
        timeout(PATIENCE, farewell).await.unwrap_or(Ok(()))
    }
}

async fn accept(
    acceptor: &TlsAcceptor,
    socket: TcpStream,
) -> io::Result<tokio_native_tls::TlsStream<TcpStream>> {
    timeout(AUTOLOGOUT, acceptor.accept(socket))
        .await?
        .map_err(io::Error::other)
}

/// Ten minutes: the least that RFC 1939 section 3 allows.
const AUTOLOGOUT: Duration = Duration::from_mins(10);
const PATIENCE: Duration = Duration::from_secs(2);
const READ: usize = 16 * 1024;
