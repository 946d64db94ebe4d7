//! A server that says what a test tells it to say, and writes down what it was told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use native_tls::{Identity, TlsAcceptor, TlsStream};

/// What the server does about a line.
pub(crate) enum Say {
    /// Says these lines, each without its line end.
    Lines(&'static str),
    /// Says these octets.
    Octets(Vec<u8>),
    /// Says these lines and closes the connection.
    Last(&'static str),
    /// Says this and is gone, without a farewell of TLS.
    Cut(&'static str),
    /// Says this line and starts TLS.
    Tls(&'static str),
}

/// How a conversation ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// The client went, or the server had said its last word.
    Over,
    /// The server is gone.
    Cut,
    /// TLS is to start.
    Tls,
}

/// One connection, as the server saw it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The lines that came, without their line ends.
    pub lines: Vec<String>,
    /// The first octet behind the answer to STLS.
    pub behind_stls: Option<u8>,
    /// The client has closed the connection.
    pub ended: bool,
}

/// A listening script, and what it has seen.
pub(crate) struct Script {
    pub port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Script {
    /// Greets, and answers each line as `answer` says: it is given the number of the connection, from 0 on, and the line.
    pub(crate) fn start(
        greeting: &'static str,
        answer: impl Fn(usize, &str) -> Say + Send + Sync + 'static,
    ) -> Self {
        Self::serve(None, greeting, answer)
    }

    /// The same, with a certificate for STLS; or with `implicit` for TLS from the first octet on.
    pub(crate) fn secured(
        identity: Identity,
        implicit: bool,
        greeting: &'static str,
        answer: impl Fn(usize, &str) -> Say + Send + Sync + 'static,
    ) -> Self {
        let acceptor = TlsAcceptor::new(identity).unwrap();
        Self::serve(Some((acceptor, implicit)), greeting, answer)
    }

    fn serve(
        tls: Option<(TlsAcceptor, bool)>,
        greeting: &'static str,
        answer: impl Fn(usize, &str) -> Say + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&seen);
        std::thread::spawn(move || {
            let (answer, tls) = (Arc::new(answer), Arc::new(tls));
            for (session, stream) in listener.incoming().flatten().enumerate() {
                let attendant = Attendant {
                    session,
                    seen: Arc::clone(&record),
                };
                attendant.note(|_| ());
                let (answer, tls) = (Arc::clone(&answer), Arc::clone(&tls));
                std::thread::spawn(move || {
                    let _ = stream.set_read_timeout(Some(Duration::from_mins(1)));
                    attendant.attend(stream, tls.as_ref().as_ref(), greeting, answer.as_ref());
                    attendant.note(|seen| seen.ended = true);
                });
            }
        });
        Self { port, seen }
    }

    /// What each connection was like, in the order of their arrival.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The same, once every connection has come to its end.
    pub(crate) async fn at_the_end(&self) -> Vec<Seen> {
        crate::house::until(|| self.seen().iter().all(|one| one.ended)).await;
        self.seen()
    }

    /// Every line of every connection, once all of them have come to their end.
    pub(crate) async fn lines(&self) -> Vec<String> {
        let seen = self.at_the_end().await;
        seen.into_iter().flat_map(|one| one.lines).collect()
    }
}

struct Attendant {
    session: usize,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Attendant {
    fn note(&self, change: impl FnOnce(&mut Seen)) {
        let mut all = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() <= self.session {
            all.resize(self.session + 1, Seen::default());
        }
        change(&mut all[self.session]);
    }

    fn attend(
        &self,
        stream: TcpStream,
        tls: Option<&(TlsAcceptor, bool)>,
        greeting: &str,
        answer: &dyn Fn(usize, &str) -> Say,
    ) {
        if let Some((acceptor, true)) = tls {
            if let Ok(stream) = acceptor.accept(stream) {
                self.secretly(stream, Some(greeting), answer);
            }
            return;
        }
        let mut reader = BufReader::new(stream);
        if self.converse(&mut reader, Some(greeting), answer) != End::Tls {
            return;
        }
        let stream = reader.into_inner();
        let mut first = [0];
        if let Ok(1) = stream.peek(&mut first) {
            self.note(|seen| seen.behind_stls = Some(first[0]));
        }
        if let Some((acceptor, _)) = tls
            && let Ok(stream) = acceptor.accept(stream)
        {
            self.secretly(stream, None, answer);
        }
    }

    fn secretly(
        &self,
        stream: TlsStream<TcpStream>,
        greeting: Option<&str>,
        answer: &dyn Fn(usize, &str) -> Say,
    ) {
        let mut reader = BufReader::new(stream);
        if self.converse(&mut reader, greeting, answer) == End::Cut {
            return;
        }
        // The client takes its leave before the connection is closed.
        let _ = reader.read_to_end(&mut Vec::new());
    }

    /// Speaks until one of the two goes, or TLS is to start.
    fn converse<S: Read + Write>(
        &self,
        stream: &mut BufReader<S>,
        greeting: Option<&str>,
        answer: &dyn Fn(usize, &str) -> Say,
    ) -> End {
        if let Some(greeting) = greeting {
            let _ = stream.get_mut().write_all(lines(greeting).as_bytes());
        }
        loop {
            let mut line = Vec::new();
            let Ok(1..) = stream.read_until(b'\n', &mut line) else {
                return End::Over;
            };
            let line = String::from_utf8_lossy(&line)
                .trim_end_matches(['\r', '\n'])
                .to_owned();
            self.note(|seen| seen.lines.push(line.clone()));
            let (said, end) = match answer(self.session, &line) {
                Say::Lines(text) => (lines(text).into_bytes(), None),
                Say::Octets(octets) => (octets, None),
                Say::Last(text) => (lines(text).into_bytes(), Some(End::Over)),
                Say::Cut(text) => (lines(text).into_bytes(), Some(End::Cut)),
                Say::Tls(text) => (lines(text).into_bytes(), Some(End::Tls)),
            };
            if stream.get_mut().write_all(&said).is_err() {
                return End::Over;
            }
            let _ = stream.get_mut().flush();
            if let Some(end) = end {
                return end;
            }
        }
    }
}

fn lines(text: &str) -> String {
    text.lines()
        .fold(String::new(), |all, line| all + line + "\r\n")
}

/// A mailbox of one message, at the command level: what an honest server says.
pub(crate) fn honest(line: &str) -> Say {
    match line.split(' ').next().unwrap_or_default() {
        "STAT" => Say::Lines("+OK 1 26"),
        "LIST" if line == "LIST 1" => Say::Lines("+OK 1 26"),
        "UIDL" if line == "UIDL 1" => Say::Lines("+OK 1 only"),
        "LIST" => Say::Lines("+OK\n1 26\n."),
        "UIDL" => Say::Lines("+OK\n1 only\n."),
        "TOP" => Say::Lines("+OK\nSubject: hi\n\n."),
        "RETR" => Say::Lines("+OK\nSubject: hi\n\nhello yes\n."),
        "USER" | "PASS" | "NOOP" | "RSET" | "DELE" => Say::Lines("+OK"),
        "QUIT" => Say::Last("+OK"),
        _ => Say::Lines("-ERR what?"),
    }
}

/// Whether a line belongs to a login.
pub(crate) fn is_of_login(line: &str) -> bool {
    let verb = line.split(' ').next().unwrap_or_default();
    !matches!(verb, "CAPA" | "STLS" | "QUIT" | "")
}
