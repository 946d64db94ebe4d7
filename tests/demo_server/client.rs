//! A client that knows nothing but lines.

use poppet::demo::Server;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpStream,
};

pub(crate) struct Client<S> {
    pub(crate) stream: BufReader<S>,
}

impl Client<TcpStream> {
    /// Connects and reads the greeting.
    pub(crate) async fn greeted(server: &Server) -> (Self, String) {
        let mut client = Self::connected(server).await;
        let greeting = client.line().await;
        (client, greeting)
    }

    pub(crate) async fn connected(server: &Server) -> Self {
        Self::over(TcpStream::connect(server.address()).await.unwrap())
    }

    pub(crate) async fn logged_in(server: &Server) -> Self {
        let (mut client, _) = Self::greeted(server).await;
        client.log_in().await;
        client
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub(crate) fn over(stream: S) -> Self {
        Self {
            stream: BufReader::new(stream),
        }
    }

    pub(crate) async fn log_in(&mut self) {
        assert_eq!(self.ask("USER demo").await, "+OK now the password");
        let reply = self.ask("PASS demo").await;
        assert!(reply.starts_with("+OK "), "{reply}");
    }

    pub(crate) async fn send(&mut self, octets: impl AsRef<[u8]>) {
        self.stream.write_all(octets.as_ref()).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// Sends a command and reads one line.
    pub(crate) async fn ask(&mut self, command: &str) -> String {
        self.send(format!("{command}\r\n")).await;
        self.line().await
    }

    /// Sends a command and reads a multi-line answer, as it is on the wire.
    pub(crate) async fn ask_lines(&mut self, command: &str) -> String {
        self.send(format!("{command}\r\n")).await;
        self.lines().await
    }

    pub(crate) async fn line(&mut self) -> String {
        let line = String::from_utf8(self.raw_line().await).unwrap();
        line.strip_suffix("\r\n")
            .unwrap_or_else(|| panic!("cut: {line:?}"))
            .to_owned()
    }

    pub(crate) async fn lines(&mut self) -> String {
        let status = self.line().await;
        assert!(status.starts_with("+OK"), "{status}");
        String::from_utf8(self.body().await).unwrap()
    }

    /// The lines of a multi-line answer without the terminator, stuffing undone.
    pub(crate) async fn body(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let line = self.raw_line().await;
            assert!(!line.is_empty(), "cut inside a multi-line answer");
            if line == b".\r\n" {
                return body;
            }
            body.extend_from_slice(&line);
        }
    }

    pub(crate) async fn raw_line(&mut self) -> Vec<u8> {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line).await.unwrap();
        line
    }

    /// Everything until the server closes.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).await.unwrap();
        rest
    }
}

/// The body of an answer with its byte-stuffing undone.
pub(crate) fn unstuffed(body: &[u8]) -> Vec<u8> {
    let lines = body.split_inclusive(|octet| *octet == b'\n');
    lines
        .flat_map(|line| line.strip_prefix(b".").unwrap_or(line))
        .copied()
        .collect()
}
