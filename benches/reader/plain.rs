//! The plainest client there can be: blocking sockets, commands sent ahead, answers thrown away. What it takes, no client
//! can do in much less; what poppet takes above it is poppet's.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;

use native_tls::{Certificate, TlsConnector};

/// A POP3 session.
pub(crate) struct Plain {
    stream: BufReader<Box<dyn Stream>>,
    line: Vec<u8>,
}

pub(crate) trait Stream: Read + Write {}

impl<T: Read + Write> Stream for T {}

impl Plain {
    /// Connects and reads the greeting. With an authority, by TLS.
    pub(crate) fn connect(port: u16, authority: Option<&Path>) -> Self {
        let socket = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("connect");
        socket.set_nodelay(true).expect("a socket without delay");
        let stream: Box<dyn Stream> = match authority {
            None => Box::new(socket),
            Some(file) => {
                let pem = std::fs::read(file).expect("read the authority");
                let authority = Certificate::from_pem(&pem).expect("a certificate");
                let connector = TlsConnector::builder()
                    .add_root_certificate(authority)
                    .build()
                    .expect("TLS");
                Box::new(connector.connect("127.0.0.1", socket).expect("TLS"))
            }
        };
        let mut plain = Self {
            stream: BufReader::with_capacity(64 * 1024, stream),
            line: Vec::new(),
        };
        plain.reply();
        plain
    }

    /// CAPA, USER and PASS, each waited for, as RFC 1939 has it. Gives the number of messages, by STAT.
    pub(crate) fn log_in(&mut self, user: &str, password: &str) -> u32 {
        self.send("CAPA\r\n");
        self.reply();
        self.rest(&mut std::io::sink());
        for command in [
            format!("USER {user}\r\n"),
            format!("PASS {password}\r\n"),
            "STAT\r\n".to_owned(),
        ] {
            self.send(&command);
            self.reply();
        }
        let reply = String::from_utf8_lossy(&self.line).into_owned();
        let messages = reply.split(' ').nth(1).and_then(|word| word.parse().ok());
        messages.expect("the number of messages")
    }

    /// The headers of the newest messages, then LIST and UIDL, all sent at once. `seen` is called when the headers are here.
    pub(crate) fn newest(&mut self, messages: u32, newest: u32, seen: impl FnOnce()) {
        let oldest = messages.saturating_sub(newest).saturating_add(1);
        let mut commands: String = (oldest..=messages)
            .rev()
            .map(|number| format!("TOP {number} 0\r\n"))
            .collect::<Vec<_>>()
            .concat();
        commands.push_str("LIST\r\nUIDL\r\n");
        self.send(&commands);
        let mut seen = Some(seen);
        for answer in 1..=newest + 2 {
            self.reply();
            self.rest(&mut std::io::sink());
            if answer == newest
                && let Some(seen) = seen.take()
            {
                seen();
            }
        }
    }

    /// LIST and UIDL, sent at once.
    pub(crate) fn listing(&mut self) {
        self.send("LIST\r\nUIDL\r\n");
        for _ in 0..2 {
            self.reply();
            self.rest(&mut std::io::sink());
        }
    }

    /// The headers of all messages, all asked for at once, newest first.
    pub(crate) fn summaries(&mut self, messages: u32) {
        let commands: String = (1..=messages)
            .rev()
            .map(|number| format!("TOP {number} 0\r\n"))
            .collect::<Vec<_>>()
            .concat();
        self.send(&commands);
        for _ in 0..messages {
            self.reply();
            self.rest(&mut std::io::sink());
        }
    }

    /// RETR of every message, up to `ahead` sent ahead, into `out`. The octets that came.
    pub(crate) fn retrieve(&mut self, messages: u32, ahead: u32, out: &mut impl Write) -> u64 {
        let mut sent = 0;
        let mut octets = 0;
        for number in 1..=messages {
            // Topped up by halves: a write for each command would cost more than its answer.
            if sent < number + ahead / 2 && sent < messages {
                let until = (number + ahead).min(messages);
                let commands: String = (sent + 1..=until)
                    .map(|number| format!("RETR {number}\r\n"))
                    .collect::<Vec<_>>()
                    .concat();
                self.send(&commands);
                sent = until;
            }
            self.reply();
            octets += self.rest(out);
        }
        octets
    }

    /// One message, thrown away.
    pub(crate) fn one(&mut self, number: u32) {
        self.send(&format!("RETR {number}\r\n"));
        self.reply();
        self.rest(&mut std::io::sink());
    }

    pub(crate) fn quit(mut self) {
        self.send("QUIT\r\n");
        self.reply();
    }

    fn send(&mut self, commands: &str) {
        let stream = self.stream.get_mut();
        stream.write_all(commands.as_bytes()).expect("send");
        stream.flush().expect("send");
    }

    /// One line, which has to be `+OK`.
    fn reply(&mut self) {
        self.line.clear();
        self.stream
            .read_until(b'\n', &mut self.line)
            .expect("an answer");
        let line = String::from_utf8_lossy(&self.line);
        assert!(line.starts_with("+OK"), "the server says {line:?}");
    }

    /// The lines of an answer, up to the one with a dot alone.
    fn rest(&mut self, out: &mut impl Write) -> u64 {
        let mut octets = 0;
        loop {
            self.line.clear();
            self.stream
                .read_until(b'\n', &mut self.line)
                .expect("an answer");
            assert!(!self.line.is_empty(), "the connection was cut");
            if self.line == b".\r\n" {
                return octets;
            }
            let line = self.line.strip_prefix(b".").unwrap_or(&self.line);
            octets += line.len() as u64;
            out.write_all(line).expect("write");
        }
    }
}
