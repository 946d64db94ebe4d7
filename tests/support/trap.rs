//! A server that writes down whatever a client says to it, in clear or inside TLS: the proof of what was not said.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::certificates::Identity;
use super::real::until;

/// How the trap speaks TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// From the first octet.
    Implicit,
    /// After STLS.
    Starttls,
    /// Offers no STLS, and refuses it.
    NoStarttls,
    /// Offers STLS, answers `+OK`, and sends a reply in clear in the same write.
    ReplyBehindStarttls,
}

/// The listening trap and its record.
pub(crate) struct Trap {
    pub(crate) port: u16,
    heard: Arc<Mutex<Heard>>,
}

#[derive(Debug, Default)]
struct Heard {
    connections: usize,
    /// Those that are over: nothing more is said in them.
    ended: usize,
    lines: Vec<String>,
}

impl Trap {
    /// Opens the trap on a free port of the loopback.
    pub(crate) fn open(door: Door, identity: &Identity) -> Self {
        let identity = native_tls::Identity::from_pkcs8(
            identity.certificate_pem.as_bytes(),
            identity.key_pem.as_bytes(),
        )
        .expect("the identity of the trap");
        let acceptor = native_tls::TlsAcceptor::new(identity).expect("TLS for the trap");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let heard = Arc::new(Mutex::new(Heard::default()));
        let record = Arc::clone(&heard);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                note(&record, |heard| heard.connections += 1);
                let (acceptor, record) = (acceptor.clone(), Arc::clone(&record));
                std::thread::spawn(move || {
                    attend(stream, door, &acceptor, &record);
                    note(&record, |heard| heard.ended += 1);
                });
            }
        });
        Self { port, heard }
    }

    /// How many clients came.
    pub(crate) fn connections(&self) -> usize {
        self.heard.lock().expect("the record").connections
    }

    /// Every line that was heard, once all who came have gone.
    pub(crate) fn lines(&self) -> Vec<String> {
        let lines = until(Duration::from_mins(1), || {
            let heard = self.heard.lock().expect("the record");
            (heard.ended == heard.connections).then(|| heard.lines.clone())
        });
        lines.expect("every client goes")
    }
}

fn attend(
    stream: TcpStream,
    door: Door,
    acceptor: &native_tls::TlsAcceptor,
    record: &Mutex<Heard>,
) {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
    if door == Door::Implicit {
        if let Ok(tls) = acceptor.accept(stream) {
            converse(BufReader::new(tls), true, Door::Implicit, record);
        }
        return;
    }
    if let Some(stream) = converse(BufReader::new(stream), true, door, record)
        && let Ok(tls) = acceptor.accept(stream)
    {
        converse(BufReader::new(tls), false, Door::Implicit, record);
    }
}

/// Speaks POP3 until the client goes; gives the stream back when it is to become TLS.
fn converse<S: Read + Write>(
    mut stream: BufReader<S>,
    greet: bool,
    door: Door,
    record: &Mutex<Heard>,
) -> Option<S> {
    if greet {
        stream.get_mut().write_all(b"+OK ready\r\n").ok()?;
    }
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).ok()? == 0 {
            return None;
        }
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        note(record, |heard| heard.lines.push(line.clone()));
        let verb = line
            .split(' ')
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        let reply: &[u8] = match (verb.as_str(), door) {
            ("CAPA", Door::Starttls | Door::ReplyBehindStarttls) => {
                b"+OK\r\nUSER\r\nUIDL\r\nTOP\r\nSTLS\r\n.\r\n"
            }
            ("CAPA", _) => {
                b"+OK\r\nUSER\r\nUIDL\r\nTOP\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nSASL PLAIN\r\n.\r\n"
            }
            ("STLS", Door::Starttls) => {
                stream.get_mut().write_all(b"+OK begin\r\n").ok()?;
                return Some(stream.into_inner());
            }
            ("STLS", Door::ReplyBehindStarttls) => {
                stream
                    .get_mut()
                    .write_all(b"+OK begin\r\n+OK logged in\r\n")
                    .ok()?;
                return Some(stream.into_inner());
            }
            ("USER" | "QUIT", _) => b"+OK\r\n",
            ("AUTH", _) if line.split(' ').count() < 3 => b"+ \r\n",
            ("PASS" | "AUTH", _) => b"-ERR [AUTH] no\r\n",
            _ => b"-ERR what?\r\n",
        };
        stream.get_mut().write_all(reply).ok()?;
    }
}

fn note(record: &Mutex<Heard>, change: impl FnOnce(&mut Heard)) {
    if let Ok(mut heard) = record.lock() {
        change(&mut heard);
    }
}
