//! What a server says it can do (RFC 2449).

/// The answer to CAPA. Tags are compared without regard to case; unknown ones are kept and harm nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Capabilities {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    tag: String,
    arguments: Vec<String>,
}

/// How long the server keeps messages (RFC 2449 section 6.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expire {
    /// For ever.
    Never,
    /// At least so many days; 0 means that what was retrieved may be gone after QUIT.
    Days(u32),
    /// It depends on the user, and the server says more after the login.
    User,
}

/// How long to wait between two logins (RFC 2449 section 6.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoginDelay {
    /// Seconds.
    pub seconds: u32,
    /// It may differ for this user: ask again after the login.
    pub per_user: bool,
}

impl Capabilities {
    /// Takes in one line of the answer, without its line end.
    pub(super) fn push(&mut self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        let mut words = text.split_ascii_whitespace();
        if let Some(tag) = words.next() {
            let tag = tag.to_ascii_uppercase();
            self.entries.push(Entry {
                tag,
                arguments: words.map(str::to_owned).collect(),
            });
        }
    }

    /// These with what the server said later, after the login. Of the same tag the later word counts; what it did not
    /// repeat still holds, because some servers drop there what they keep doing (RFC 2449 section 5).
    #[must_use]
    pub fn and_later(mut self, later: &Self) -> Self {
        self.entries.retain(|entry| !later.has(&entry.tag));
        self.entries.extend(later.entries.iter().cloned());
        self
    }

    /// Whether the tag is there.
    pub fn has(&self, tag: &str) -> bool {
        self.arguments(tag).is_some()
    }

    /// The tag's arguments, as written; `None` when the tag is not there.
    pub fn arguments(&self, tag: &str) -> Option<&[String]> {
        self.entries
            .iter()
            .find(|entry| entry.tag.eq_ignore_ascii_case(tag))
            .map(|entry| entry.arguments.as_slice())
    }

    /// All tags in upper case, as they came.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.tag.as_str())
    }

    /// The SASL mechanisms in upper case; none when AUTH is not offered.
    pub fn sasl(&self) -> Vec<String> {
        let lines = self.entries.iter().filter(|entry| entry.tag == "SASL");
        lines
            .flat_map(|entry| &entry.arguments)
            .map(|name| name.to_ascii_uppercase())
            .collect()
    }

    /// Several commands may be under way at once.
    pub fn pipelining(&self) -> bool {
        self.has("PIPELINING")
    }

    /// UIDL exists.
    pub fn uidl(&self) -> bool {
        self.has("UIDL")
    }

    /// TOP exists.
    pub fn top(&self) -> bool {
        self.has("TOP")
    }

    /// USER and PASS may be used.
    pub fn user(&self) -> bool {
        self.has("USER")
    }

    /// TLS can begin on this connection.
    pub fn stls(&self) -> bool {
        self.has("STLS")
    }

    /// What stands in brackets after the status is a response code.
    pub fn resp_codes(&self) -> bool {
        self.has("RESP-CODES")
    }

    /// `[AUTH]` and only `[AUTH]` marks wrong credentials (RFC 3206).
    pub fn auth_resp_code(&self) -> bool {
        self.has("AUTH-RESP-CODE")
    }

    /// UTF8 mode exists (RFC 6856).
    pub fn utf8(&self) -> bool {
        self.has("UTF8")
    }

    /// USER and PASS take UTF-8 (RFC 6856 section 2.1).
    pub fn utf8_user(&self) -> bool {
        self.arguments("UTF8").is_some_and(|arguments| {
            arguments
                .iter()
                .any(|word| word.eq_ignore_ascii_case("USER"))
        })
    }

    /// How long to wait between two logins. An unreadable number counts as not said.
    pub fn login_delay(&self) -> Option<LoginDelay> {
        let arguments = self.arguments("LOGIN-DELAY")?;
        let seconds = arguments.first()?.parse().ok()?;
        Some(LoginDelay {
            seconds,
            per_user: names_user(arguments),
        })
    }

    /// How long the server keeps messages. `EXPIRENEVER` is how one widespread server writes `EXPIRE NEVER`.
    pub fn expire(&self) -> Option<Expire> {
        if self.has("EXPIRENEVER") {
            return Some(Expire::Never);
        }
        let arguments = self.arguments("EXPIRE")?;
        let first = arguments.first()?;
        if first.eq_ignore_ascii_case("NEVER") {
            return Some(Expire::Never);
        }
        if first.eq_ignore_ascii_case("USER") {
            return Some(Expire::User);
        }
        first.parse().ok().map(Expire::Days)
    }

    /// Whether the server may delete at QUIT what was retrieved (RFC 2449 section 6.7).
    pub fn keeps_nothing(&self) -> bool {
        self.expire() == Some(Expire::Days(0))
    }

    /// Whether [`Capabilities::expire`] may differ for this user: ask again after the login.
    pub fn expire_per_user(&self) -> bool {
        self.arguments("EXPIRE").is_some_and(names_user)
    }

    /// What the server calls itself. For display and the log, never for a decision (RFC 2449 section 6.9).
    pub fn implementation(&self) -> Option<String> {
        self.arguments("IMPLEMENTATION")
            .map(|words| words.join(" "))
    }
}

fn names_user(arguments: &[String]) -> bool {
    arguments
        .iter()
        .any(|word| word.eq_ignore_ascii_case("USER"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capabilities(lines: &[&str]) -> Capabilities {
        let mut capabilities = Capabilities::default();
        for line in lines {
            capabilities.push(line.as_bytes());
        }
        capabilities
    }

    #[test]
    fn p39_tags_are_case_insensitive_and_unknown_ones_harmless() {
        let found = capabilities(&["uidl", "Top", "x-WHATEVER a b", "", "  ", "StLs"]);
        assert!(found.uidl() && found.top() && found.stls() && found.has("X-Whatever"));
        assert!(!found.pipelining());
        assert_eq!(
            found.tags().collect::<Vec<_>>(),
            ["UIDL", "TOP", "X-WHATEVER", "STLS"]
        );
    }

    #[test]
    fn p93_mechanisms_come_in_upper_case_from_all_sasl_lines() {
        let found = capabilities(&["SASL plain  Cram-MD5", "SASL SCRAM-SHA-256"]);
        assert_eq!(found.sasl(), ["PLAIN", "CRAM-MD5", "SCRAM-SHA-256"]);
        assert_eq!(capabilities(&["USER"]).sasl(), Vec::<String>::new());
    }

    #[test]
    fn p40_p42_what_is_said_after_the_login_counts_and_takes_nothing_away() {
        let before = capabilities(&["TOP", "UIDL", "EXPIRE 30 USER", "SASL PLAIN"]);
        let after = capabilities(&["expire 7", "PIPELINING", "uidl"]);
        let both = before.and_later(&after);
        assert!(both.top() && both.uidl() && both.pipelining());
        assert_eq!(both.expire(), Some(Expire::Days(7)));
        assert!(!both.expire_per_user());
        assert_eq!(both.sasl(), ["PLAIN"]);
        assert_eq!(both.tags().filter(|tag| *tag == "UIDL").count(), 1);
    }

    #[test]
    fn p45_login_delay_is_seconds_and_perhaps_per_user() {
        let delay = |line| capabilities(&[line]).login_delay();
        assert_eq!(
            delay("LOGIN-DELAY 300"),
            Some(LoginDelay {
                seconds: 300,
                per_user: false
            })
        );
        assert_eq!(
            delay("login-delay 10 user"),
            Some(LoginDelay {
                seconds: 10,
                per_user: true
            })
        );
        assert_eq!(delay("LOGIN-DELAY"), None);
        assert_eq!(delay("LOGIN-DELAY -1"), None);
        assert_eq!(delay("LOGIN-DELAY 99999999999"), None);
    }

    #[test]
    fn p46_expire_is_never_days_or_the_users_affair() {
        let expire = |line| capabilities(&[line]).expire();
        assert_eq!(expire("EXPIRE NEVER"), Some(Expire::Never));
        assert_eq!(expire("EXPIRENEVER"), Some(Expire::Never));
        assert_eq!(expire("EXPIRE 0"), Some(Expire::Days(0)));
        assert_eq!(expire("EXPIRE USER"), Some(Expire::User));
        assert_eq!(expire("EXPIRE 30 USER"), Some(Expire::Days(30)));
        assert!(capabilities(&["EXPIRE 30 USER"]).expire_per_user());
        assert_eq!(expire("EXPIRE soon"), None);
        assert_eq!(expire("UIDL"), None);
    }

    #[test]
    fn p52_p80_implementation_and_utf8_user_are_read() {
        let found = capabilities(&["IMPLEMENTATION Some Server 1.0", "UTF8 user"]);
        assert_eq!(found.implementation().as_deref(), Some("Some Server 1.0"));
        assert!(found.utf8() && found.utf8_user());
        assert!(!capabilities(&["UTF8"]).utf8_user());
    }
}
