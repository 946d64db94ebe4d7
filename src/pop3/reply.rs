//! Status lines, response codes and the greeting.

/// The answer to one command, in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// `+OK` or `-ERR`.
    pub ok: bool,
    /// The response code, if the server said beforehand that it sends them (RFC 2449 section 8).
    pub code: Option<ResponseCode>,
    /// Everything after the status indicator and its space, response code included. Not safe to show as it is.
    pub text: Vec<u8>,
}

/// What stands in brackets at the beginning of a reply (RFC 2449 section 8, RFC 3206, RFC 6856). Codes are hierarchical: a
/// detail we do not know means the same as the code before its slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResponseCode {
    /// Another session holds the maildrop; the credentials were right.
    InUse,
    /// Too soon after the last login.
    LoginDelay,
    /// Trouble at the server that passes.
    SysTemp,
    /// Trouble at the server that somebody must mend.
    SysPerm,
    /// The credentials were wrong.
    Auth,
    /// The message needs UTF8.
    Utf8,
    /// Any other code, in upper case.
    Other(String),
}

/// The server's first line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeting {
    /// Whether the server lets us in at all.
    pub ok: bool,
    /// Everything after the status indicator and its space. Not safe to show as it is.
    pub text: Vec<u8>,
    /// The timestamp for APOP with its angle brackets, if there is a valid one.
    pub timestamp: Option<String>,
}

impl Reply {
    /// Takes a line without its line end apart. `None` when it begins with neither `+OK` nor `-ERR`, each followed by a
    /// space or by nothing.
    pub(super) fn parse(line: &[u8], codes: bool) -> Option<Self> {
        let (ok, rest) = match line.strip_prefix(b"+OK") {
            Some(rest) => (true, rest),
            None => (false, line.strip_prefix(b"-ERR")?),
        };
        let text = match rest.split_first() {
            None => rest,
            Some((b' ', text)) => text,
            Some(_) => return None,
        };
        let code = codes
            .then(|| bracketed(text))
            .flatten()
            .map(|(code, _)| ResponseCode::parse(code));
        Some(Self {
            ok,
            code,
            text: text.to_vec(),
        })
    }

    /// The response code that is written there, whether or not the server advertised codes. A hint, not a fact.
    pub fn claimed_code(&self) -> Option<ResponseCode> {
        self.written_code().map(ResponseCode::parse)
    }

    /// What stands between the brackets, with every detail: visible ASCII. For a log.
    pub fn written_code(&self) -> Option<&str> {
        bracketed(&self.text).map(|(code, _)| code)
    }

    /// The text without the response code. Not safe to show as it is.
    pub fn message(&self) -> &[u8] {
        bracketed(&self.text).map_or(&self.text, |(_, message)| message)
    }
}

impl ResponseCode {
    /// Reads what stands between the brackets.
    fn parse(code: &str) -> Self {
        let code = code.to_ascii_uppercase();
        let mut levels = code.split('/');
        match (levels.next(), levels.next()) {
            (Some("IN-USE"), _) => Self::InUse,
            (Some("LOGIN-DELAY"), _) => Self::LoginDelay,
            (Some("SYS"), Some("TEMP")) => Self::SysTemp,
            (Some("SYS"), Some("PERM")) => Self::SysPerm,
            (Some("AUTH"), _) => Self::Auth,
            (Some("UTF8"), _) => Self::Utf8,
            _ => Self::Other(code),
        }
    }
}

impl Greeting {
    pub(super) fn new(reply: Reply) -> Self {
        let timestamp = reply.ok.then(|| timestamp(&reply.text)).flatten();
        Self {
            ok: reply.ok,
            text: reply.text,
            timestamp,
        }
    }

    /// The response code that is written there. Nothing was advertised yet, so it is a hint, not a fact.
    pub fn claimed_code(&self) -> Option<ResponseCode> {
        self.written_code().map(ResponseCode::parse)
    }

    /// What stands between the brackets, with every detail: visible ASCII. For a log.
    pub fn written_code(&self) -> Option<&str> {
        bracketed(&self.text).map(|(code, _)| code)
    }

    /// The text without the response code. Not safe to show as it is.
    pub fn message(&self) -> &[u8] {
        bracketed(&self.text).map_or(&self.text, |(_, message)| message)
    }
}

/// `[CODE] text` taken apart. A code is visible ASCII without brackets.
fn bracketed(text: &[u8]) -> Option<(&str, &[u8])> {
    let inner = text.strip_prefix(b"[")?;
    let end = memchr::memchr(b']', inner)?;
    let (code, rest) = inner.split_at_checked(end)?;
    let message = rest.get(1..)?.trim_ascii_start();
    let visible = !code.is_empty()
        && code
            .iter()
            .all(|octet| octet.is_ascii_graphic() && *octet != b'[');
    let code = visible.then(|| std::str::from_utf8(code).ok()).flatten()?;
    Some((code, message))
}

/// The first `<left@right>` in the greeting that is a msg-id (RFC 5322 section 3.6.4, RFC 1939 section 7). Anything looser
/// would let a man in the middle choose what we hash (CVE-2007-1558).
fn timestamp(text: &[u8]) -> Option<String> {
    let mut rest = text;
    while let Some(start) = memchr::memchr(b'<', rest) {
        let from = rest.get(start..)?;
        if let Some(end) = memchr::memchr(b'>', from)
            && let Some(stamp) = from.get(..=end)
            && is_message_id(stamp)
        {
            return String::from_utf8(stamp.to_vec()).ok();
        }
        rest = from.get(1..)?;
    }
    None
}

fn is_message_id(stamp: &[u8]) -> bool {
    let Some(inner) = stamp
        .strip_prefix(b"<")
        .and_then(|inner| inner.strip_suffix(b">"))
    else {
        return false;
    };
    let mut sides = inner.split(|octet| *octet == b'@');
    let (Some(left), Some(right), None) = (sides.next(), sides.next(), sides.next()) else {
        return false;
    };
    let literal = right
        .strip_prefix(b"[")
        .and_then(|right| right.strip_suffix(b"]"));
    is_dot_atom(left) && (is_dot_atom(right) || literal.is_some_and(is_literal))
}

fn is_dot_atom(text: &[u8]) -> bool {
    let atom = |atom: &[u8]| !atom.is_empty() && atom.iter().all(|octet| is_atom_octet(*octet));
    text.split(|octet| *octet == b'.').all(atom)
}

fn is_atom_octet(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&octet)
}

fn is_literal(text: &[u8]) -> bool {
    text.iter()
        .all(|octet| octet.is_ascii_graphic() && !b"[]\\<>".contains(octet))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn greeting(line: &[u8]) -> Option<String> {
        Reply::parse(line, false)
            .map(Greeting::new)
            .and_then(|greeting| greeting.timestamp)
    }

    #[test]
    fn p4_a_status_is_exact_and_upper_case_and_followed_by_a_space_or_nothing() {
        for line in [
            "+ok", "+Ok hi", "+OKAY", "OK", "-err no", "-ERROR", "+ERR", "", " +OK", "+", "+ OK",
            "+OK\tx", "USER ann",
        ] {
            assert_eq!(Reply::parse(line.as_bytes(), true), None, "{line:?}");
        }
        assert_eq!(
            Reply::parse(b"+OK", true),
            Some(Reply {
                ok: true,
                code: None,
                text: vec![]
            })
        );
        assert_eq!(
            Reply::parse(b"-ERR  no", true),
            Some(Reply {
                ok: false,
                code: None,
                text: b" no".to_vec()
            })
        );
    }

    #[test]
    fn p48_a_code_counts_only_if_codes_are_advertised() {
        let silent = Reply::parse(b"-ERR [IN-USE] busy", false).unwrap();
        assert_eq!(
            (silent.code.clone(), silent.claimed_code()),
            (None, Some(ResponseCode::InUse))
        );
        let told = Reply::parse(b"-ERR [IN-USE] busy", true).unwrap();
        assert_eq!(told.code, Some(ResponseCode::InUse));
        assert_eq!(told.message(), b"busy");
    }

    #[test]
    fn p95_the_code_is_cut_from_the_words_and_kept_with_every_detail() {
        let reply = Reply::parse(b"-ERR [Sys/Temp/Disk-3]  try later", false).unwrap();
        assert_eq!(reply.message(), b"try later");
        assert_eq!(reply.written_code(), Some("Sys/Temp/Disk-3"));
        assert_eq!(reply.text, b"[Sys/Temp/Disk-3]  try later");
        let greeting = Greeting::new(reply);
        assert_eq!(greeting.message(), b"try later");
        assert_eq!(greeting.written_code(), Some("Sys/Temp/Disk-3"));
        let plain = Reply::parse(b"-ERR no", true).unwrap();
        assert_eq!((plain.message(), plain.written_code()), (&b"no"[..], None));
    }

    #[test]
    fn p48_codes_are_hierarchical_and_case_insensitive() {
        let codes = [
            ("in-use/foo", ResponseCode::InUse),
            ("Login-Delay", ResponseCode::LoginDelay),
            ("sys/temp/disk", ResponseCode::SysTemp),
            ("SYS/PERM", ResponseCode::SysPerm),
            ("AUTH/expired", ResponseCode::Auth),
            ("UTF8", ResponseCode::Utf8),
            ("SYS", ResponseCode::Other("SYS".to_owned())),
            ("In-Used", ResponseCode::Other("IN-USED".to_owned())),
        ];
        for (text, code) in codes {
            let reply = Reply::parse(format!("-ERR [{text}] x").as_bytes(), true).unwrap();
            assert_eq!(reply.code, Some(code), "{text}");
        }
    }

    #[test]
    fn brackets_that_are_no_code_are_text() {
        for text in ["[]", "[a b] x", "[AUTH", "x [AUTH]", "[\x1b[1m] x"] {
            let reply = Reply::parse(format!("-ERR {text}").as_bytes(), true).unwrap();
            assert_eq!(reply.code, None, "{text:?}");
            assert_eq!(reply.message(), text.as_bytes());
        }
    }

    #[test]
    fn p79_v10_a_timestamp_is_a_message_id_or_nothing() {
        assert_eq!(
            greeting(b"+OK <1896.697170952@dbc.mtview.ca.us>").as_deref(),
            Some("<1896.697170952@dbc.mtview.ca.us>")
        );
        assert_eq!(
            greeting(b"+OK hi <not one> <1.2@[127.0.0.1]> bye").as_deref(),
            Some("<1.2@[127.0.0.1]>")
        );
        for bad in [
            "<>",
            "<@>",
            "<a@>",
            "<@b>",
            "<a@b@c>",
            "<a.b>",
            "<a b@c>",
            "<.a@b>",
            "<a..b@c>",
            "<a@b.>",
            "<a\x00@b>",
            "<a\"@b>",
            "<a@b",
        ] {
            assert_eq!(greeting(format!("+OK {bad}").as_bytes()), None, "{bad:?}");
        }
        assert_eq!(greeting(b"+OK <\xff@b>"), None);
        assert_eq!(greeting(b"-ERR <1.2@c>"), None);
    }
}
