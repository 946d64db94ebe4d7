//! Sockets: octets between a client and a [`Dialogue`], cut, torn and split as the test says.

use std::sync::Arc;

use poppet::demo::Step;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_native_tls::{TlsAcceptor, TlsStream};

use super::behaviour::{End, Wire};
use super::dialogue::Dialogue;
use super::register::{Count, Register};

/// Carries the octets of one connection.
pub(crate) struct Carrier {
    dialogue: Dialogue,
    wire: Wire,
    register: Arc<Register>,
    count: Count,
}

/// A connection, encrypted or not, that can be ended in every way.
trait Ending {
    async fn end(self, how: End);
}

impl Ending for TcpStream {
    async fn end(mut self, how: End) {
        match how {
            End::Fin | End::Torn => {
                let _ = self.shutdown().await;
                drain(self).await;
            }
            End::Reset => {
                let _ = self.set_zero_linger();
            }
            End::Stall => stall(self).await,
        }
    }
}

impl Ending for TlsStream<TcpStream> {
    async fn end(mut self, how: End) {
        match how {
            End::Fin => {
                let _ = self.shutdown().await;
                drain(self).await;
            }
            End::Torn => {
                // The socket under TLS, which therefore has no say in it.
                let socket = self.get_mut().get_mut().get_mut();
                let _ = socket.shutdown().await;
                drain(&mut *socket).await;
            }
            End::Reset => {
                let _ = self.get_ref().get_ref().get_ref().set_zero_linger();
            }
            End::Stall => stall(self).await,
        }
    }
}

/// Closing a socket with unread octets would take back answers that have not arrived yet.
async fn drain(mut stream: impl AsyncRead + Unpin) {
    let mut rest = [0; 4096];
    while let Ok(1..) = stream.read(&mut rest).await {}
}

/// Keeps a connection that nobody reads or writes until the server ends.
async fn stall<S>(stream: S) {
    let _stream = stream;
    std::future::pending::<()>().await;
}

impl Carrier {
    pub(crate) fn new(dialogue: Dialogue, wire: Wire, register: Arc<Register>) -> Self {
        Self {
            dialogue,
            wire,
            register,
            count: Count::default(),
        }
    }

    /// Serves a client until one of the two ends it.
    pub(crate) async fn serve(
        mut self,
        mut socket: TcpStream,
        acceptor: Option<&TlsAcceptor>,
        implicit: bool,
    ) {
        let mut out = Vec::new();
        if !implicit {
            self.dialogue.greet(&mut out);
            let Some(how) = self.carry(&mut socket, &mut out).await else {
                return self.secure(socket, acceptor).await;
            };
            return self.end(socket, how).await;
        }
        let Some(acceptor) = acceptor else { return };
        let Ok(mut stream) = acceptor.accept(socket).await else {
            return;
        };
        self.dialogue.greet(&mut out);
        let how = self.carry(&mut stream, &mut out).await;
        self.end(stream, how.unwrap_or(End::Fin)).await;
    }

    async fn secure(mut self, socket: TcpStream, acceptor: Option<&TlsAcceptor>) {
        let Some(acceptor) = acceptor else { return };
        // The first octet of a handshake; a command in the clear begins with a letter.
        let mut first = [0];
        if !matches!(socket.peek(&mut first).await, Ok(1)) {
            return;
        }
        if first != [0x16] {
            let said = format!("{:?} between STLS and TLS", char::from(first[0]));
            return self.register.complain(vec![said]);
        }
        let Ok(mut stream) = acceptor.accept(socket).await else {
            return;
        };
        self.dialogue.secured();
        let how = self.carry(&mut stream, &mut Vec::new()).await;
        self.end(stream, how.unwrap_or(End::Fin)).await;
    }

    async fn end<S: Ending>(self, stream: S, how: End) {
        self.register.carried(self.count);
        // The maildrop is free before the client can know of the end.
        drop(self.dialogue);
        stream.end(how).await;
    }

    /// Moves octets until the connection is to end, or, when there is no answer, TLS is to begin.
    async fn carry<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
        out: &mut Vec<u8>,
    ) -> Option<End> {
        let (mut reader, mut writer) = tokio::io::split(stream);
        let mut input = vec![0; 16 * 1024];
        let mut written = 0;
        // What the server needs next, when it does not just have more to say; and how it ends, if it does.
        let mut needs = None;
        loop {
            if written == out.len() {
                out.clear();
                written = 0;
            }
            while needs.is_none() && out.len() < 64 * 1024 {
                match self.dialogue.step(out) {
                    Step::Onward => {}
                    step => needs = Some(step),
                }
            }
            let rest = self.may_be_sent(out.get(written..).unwrap_or_default().len());
            if rest == 0 {
                if let Some((at, how)) = self.wire.sent
                    && self.count.sent >= at
                {
                    let _ = writer.flush().await;
                    return Some(how);
                }
                if needs == Some(Step::Input) {
                    self.dialogue.written();
                }
                let _ = writer.flush().await;
                match needs {
                    Some(Step::Finished) => return Some(End::Fin),
                    Some(Step::StartTls) => return None,
                    _ => {}
                }
                if let Some((at, how)) = self.wire.heard
                    && self.count.heard >= at
                {
                    return Some(how);
                }
            }
            let piece = &out[written..written + rest];
            let room = self.may_be_heard(input.len());
            tokio::select! {
                sent = writer.write(piece), if rest > 0 => match sent {
                    Ok(octets @ 1..) => {
                        written += octets;
                        self.count.sent += octets as u64;
                        if self.wire.split.is_some() {
                            let _ = writer.flush().await;
                        }
                    }
                    _ => return Some(End::Fin),
                },
                heard = reader.read(&mut input[..room]), if room > 0 && needs == Some(Step::Input) => {
                    match heard {
                        Ok(octets @ 1..) => {
                            self.count.heard += octets as u64;
                            self.dialogue.feed(&input[..octets]);
                        }
                        _ => self.dialogue.end_input(),
                    }
                    if matches!(self.wire.heard, Some((at, _)) if self.count.heard >= at) {
                        self.dialogue.end_input();
                    }
                    needs = None;
                    if matches!(self.wire.heard, Some((at, End::Reset)) if self.count.heard >= at) {
                        // What the server makes of it counts, and the client hears nothing of it.
                        while self.dialogue.step(out) == Step::Onward {}
                        return Some(End::Reset);
                    }
                }
            }
        }
    }

    /// How many of so many octets are written next.
    fn may_be_sent(&self, waiting: usize) -> usize {
        let left = self
            .wire
            .sent
            .map_or(u64::MAX, |(at, _)| at.saturating_sub(self.count.sent));
        let most = self.wire.split.unwrap_or(usize::MAX);
        waiting
            .min(most)
            .min(usize::try_from(left).unwrap_or(usize::MAX))
    }

    /// How many octets are read next at most.
    fn may_be_heard(&self, room: usize) -> usize {
        let left = self
            .wire
            .heard
            .map_or(u64::MAX, |(at, _)| at.saturating_sub(self.count.heard));
        room.min(usize::try_from(left).unwrap_or(usize::MAX))
    }
}
