//! The octets of a message in a file, and as a server would have sent them.

/// A message with CRLF at the end of its lines. One that has no CRLF anywhere was written by a program that ends lines
/// with LF: each LF becomes CRLF. One that has both kinds stays as it is. A last line without an end gets one: there is
/// none on the way (RFC 5322 section 2.1).
pub(super) fn as_sent(octets: Vec<u8>) -> Vec<u8> {
    let mut octets = if octets.windows(2).any(|pair| pair == b"\r\n") {
        octets
    } else {
        with_crlf(&octets)
    };
    if !octets.is_empty() && !octets.ends_with(b"\n") {
        octets.extend_from_slice(b"\r\n");
    }
    octets
}

fn with_crlf(octets: &[u8]) -> Vec<u8> {
    let mut whole = Vec::with_capacity(octets.len() + octets.len() / 32);
    for line in octets.split_inclusive(|octet| *octet == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(line) => {
                whole.extend_from_slice(line);
                whole.extend_from_slice(b"\r\n");
            }
            None => whole.extend_from_slice(line),
        }
    }
    whole
}

/// Whether these octets begin as a message does: with a header that has one of the fields that mail has (RFC 5322 section
/// 3.6). Many files have a word and a colon in their first line.
pub(super) fn is_letter(octets: &[u8]) -> bool {
    octets
        .split(|octet| *octet == b'\n')
        .take_while(|line| !line.trim_ascii().is_empty())
        .any(|line| {
            let colon = line.iter().position(|octet| *octet == b':');
            let name = line
                .get(..colon.unwrap_or(0))
                .unwrap_or_default()
                .trim_ascii_end();
            FIELDS
                .iter()
                .any(|field| name.eq_ignore_ascii_case(field.as_bytes()))
        })
}

const FIELDS: [&str; 9] = [
    "from",
    "date",
    "to",
    "subject",
    "message-id",
    "received",
    "return-path",
    "delivered-to",
    "mime-version",
];

/// Octets of a message at most.
pub(super) const MOST: u64 = 512 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_that_know_no_crlf_are_given_it() {
        for (file, sent) in [
            ("a: 1\n\nx\n", "a: 1\r\n\r\nx\r\n"),
            ("a: 1\n\nx", "a: 1\r\n\r\nx\r\n"),
            ("a: 1\r\n\r\nx\n\ny\r\n", "a: 1\r\n\r\nx\n\ny\r\n"),
            ("a: 1\r\n\r\nx", "a: 1\r\n\r\nx\r\n"),
            ("", ""),
        ] {
            assert_eq!(as_sent(file.into()), sent.as_bytes(), "{file:?}");
        }
    }

    #[test]
    fn a_message_begins_with_a_header_field() {
        for yes in ["Subject: x\n", "X-1:\r\n y\r\nDATE:\r\n", "From : old\n"] {
            assert!(is_letter(yes.as_bytes()), "{yes}");
        }
        for no in [
            "",
            "\nFrom: x\n",
            "Dear Ada,\n",
            "root:x:0:0\ndaemon:x:1:1\n",
            "%PDF-1.4\n",
        ] {
            assert!(!is_letter(no.as_bytes()), "{no}");
        }
    }
}
