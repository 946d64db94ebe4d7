//! A POP3 reader of twenty commands a minute: what the server really holds, asked without poppet.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

/// One plain session on the loopback, in lock-step.
pub(crate) struct RawPop3 {
    reader: BufReader<TcpStream>,
}

impl RawPop3 {
    /// Connects and reads the greeting.
    pub(crate) fn connect(port: u16) -> std::io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        let mut session = Self {
            reader: BufReader::new(stream),
        };
        let greeting = session.line()?;
        if greeting.starts_with(b"+OK") {
            Ok(session)
        } else {
            Err(refused("greeting", &greeting))
        }
    }

    /// Connects and logs in.
    pub(crate) fn login(port: u16, user: &str, password: &str) -> std::io::Result<Self> {
        let mut session = Self::connect(port)?;
        session.ask(&format!("USER {user}"))?;
        session.ask(&format!("PASS {password}"))?;
        Ok(session)
    }

    /// Sends a command and gives the text of its `+OK`.
    pub(crate) fn ask(&mut self, command: &str) -> std::io::Result<String> {
        self.reader
            .get_mut()
            .write_all(format!("{command}\r\n").as_bytes())?;
        let reply = self.line()?;
        if !reply.starts_with(b"+OK") {
            return Err(refused(
                command.split(' ').next().unwrap_or_default(),
                &reply,
            ));
        }
        Ok(String::from_utf8_lossy(&reply).trim_end().to_owned())
    }

    /// Sends a command and gives its lines after `+OK`, unstuffed, each with its CRLF.
    pub(crate) fn ask_many(&mut self, command: &str) -> std::io::Result<Vec<Vec<u8>>> {
        self.ask(command)?;
        let mut lines = Vec::new();
        loop {
            let line = self.line()?;
            match line.as_slice() {
                b".\r\n" => return Ok(lines),
                [b'.', rest @ ..] => lines.push(rest.to_vec()),
                _ => lines.push(line),
            }
        }
    }

    /// Message number and UIDL of every message.
    pub(crate) fn uidls(&mut self) -> std::io::Result<Vec<(u32, String)>> {
        let lines = self.ask_many("UIDL")?;
        Ok(lines
            .iter()
            .filter_map(|line| {
                let text = String::from_utf8_lossy(line);
                let (number, uidl) = text.trim_end().split_once(' ')?;
                Some((number.parse().ok()?, uidl.to_owned()))
            })
            .collect())
    }

    /// The octets of every message by its UIDL; ends the session.
    pub(crate) fn everything(mut self) -> std::io::Result<BTreeMap<String, Vec<u8>>> {
        let mut messages = BTreeMap::new();
        for (number, uidl) in self.uidls()? {
            messages.insert(uidl, self.ask_many(&format!("RETR {number}"))?.concat());
        }
        self.ask("QUIT")?;
        Ok(messages)
    }

    /// One line with its CRLF; an end of the stream is an error.
    fn line(&mut self) -> std::io::Result<Vec<u8>> {
        let mut line = Vec::new();
        // Only CRLF ends a line: a bare LF inside a message is data.
        while !line.ends_with(b"\r\n") {
            if self.reader.read_until(b'\n', &mut line)? == 0 {
                return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof));
            }
        }
        Ok(line)
    }
}

fn refused(what: &str, reply: &[u8]) -> std::io::Error {
    std::io::Error::other(format!(
        "{what}: {}",
        String::from_utf8_lossy(reply).trim_end()
    ))
}
