//! Messages: small, and in families that share a header block to the octet.

use std::collections::HashMap;

/// A message that was ever in the mailbox, by its octets.
pub(crate) type Mail = usize;

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Mails {
    octets: Vec<Vec<u8>>,
    headers: Vec<usize>,
    by_octets: HashMap<Vec<u8>, Mail>,
}

impl Mails {
    pub(crate) fn add(&mut self, octets: Vec<u8>) -> Mail {
        if let Some(known) = self.by_octets.get(&octets) {
            return *known;
        }
        let mail = self.octets.len();
        self.headers.push(end_of_header(&octets));
        self.by_octets.insert(octets.clone(), mail);
        self.octets.push(octets);
        mail
    }

    pub(crate) fn find(&self, octets: &[u8]) -> Option<Mail> {
        self.by_octets.get(octets).copied()
    }

    pub(crate) fn octets(&self, mail: Mail) -> &[u8] {
        &self.octets[mail]
    }

    /// Up to the empty line, with it.
    pub(crate) fn header(&self, mail: Mail) -> &[u8] {
        &self.octets[mail][..self.headers[mail]]
    }

    /// Whether this is the header block, with or without the empty line.
    pub(crate) fn has_header(&self, mail: Mail, header: &[u8]) -> bool {
        self.header(mail).trim_ascii_end() == header.trim_ascii_end()
    }

    pub(crate) fn alike(&self, one: Mail, other: Mail) -> bool {
        self.header(one) == self.header(other)
    }

    /// Whether its header block says which message it is.
    pub(crate) fn is_named(&self, mail: Mail) -> bool {
        self.header(mail)
            .windows(11)
            .any(|octets| octets == b"Message-ID:")
    }

    pub(crate) fn count(&self) -> usize {
        self.octets.len()
    }
}

/// Where the header block ends, behind the empty line.
pub(crate) fn end_of_header(octets: &[u8]) -> usize {
    octets
        .windows(4)
        .position(|octets| octets == b"\r\n\r\n")
        .map_or(octets.len(), |end| end + 4)
}

/// The message of a family that has this body. Those without a name have no Message-ID. `even`: every body is as long as
/// every other of the family.
pub(crate) fn compose(family: u32, named: bool, even: bool, body: u32) -> Vec<u8> {
    let name = if named {
        format!("Message-ID: <{family}@one.example>\r\n")
    } else {
        String::new()
    };
    let header = format!(
        "Received: from one.example by two.example; Mon, 2 Nov 2026 10:00:{:02} +0000\r\nFrom: Sam {} <sam{}@one.example>\r\nTo: mo@two.example\r\nSubject: letter {family}\r\nDate: Mon, 2 Nov 2026 09:{:02}:00 +0000\r\n{name}\r\n",
        family % 60,
        family % 3,
        family % 3,
        family % 60
    );
    let mut octets = header.into_bytes();
    if even {
        octets.extend_from_slice(format!("body {body:08}\r\n").as_bytes());
        return octets;
    }
    octets.extend_from_slice(format!("body {body}\r\n").as_bytes());
    // Each body of a family is longer than the one before by a line at least.
    for line in 0..body {
        let line: &[u8] = match line % 5 {
            0 => b".\r\n",
            1 => b"..dots\r\n",
            2 => b"caf\xe9 \xff\r\n",
            3 => b"\r\n",
            _ => b"+OK 1 octet\r\n",
        };
        octets.extend_from_slice(line);
    }
    octets
}
