//! What a server means by a refusal: its response code, and what it has said about its codes (RFC 2449 section 8, RFC 3206).

use std::time::Duration;

use super::error::Says;
use crate::pop3::ResponseCode;

/// A refused login, and what the server had said before that helps to understand it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) says: Says,
    /// The server marks with `[AUTH]` what is the credentials' fault, and nothing else is (RFC 3206 section 5).
    pub(super) marks_credentials: bool,
    /// The pause it wants between two logins.
    pub(super) delay: Option<Duration>,
    /// The password is doubtful already: it was refused like that before, or was given just now and never worked.
    pub(super) doubtful: bool,
}

/// What a refused login, or a server that turns away, blames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blame {
    /// User name or password.
    Credentials,
    /// Another session that holds the maildrop: the credentials were right.
    Busy,
    /// The last login, which was too short ago.
    TooEarly,
    /// Trouble at the server that passes.
    Passing,
    /// Trouble at the server that somebody has to mend.
    Lasting,
    /// Nothing; but where the credentials were wrong, this server would have said so.
    NotCredentials,
    /// Perhaps the credentials; the server does not say.
    Unclear,
}

impl Refused {
    /// Whether the server leaves open what it blames.
    pub(super) fn is_unclear(&self) -> bool {
        Blame::of(&self.says) == Blame::Unclear && !self.marks_credentials
    }

    pub(super) fn blames(&self) -> Blame {
        match Blame::of(&self.says) {
            Blame::Unclear if self.marks_credentials => Blame::NotCredentials,
            // Servers refuse a damaged mailbox in the same bare words as a wrong password: once says nothing.
            Blame::Unclear if self.doubtful && self.says.code.is_none() => Blame::Credentials,
            blame => blame,
        }
    }
}

impl Blame {
    pub(super) fn of(says: &Says) -> Self {
        match &says.code {
            Some(ResponseCode::Auth) => Self::Credentials,
            Some(ResponseCode::InUse) => Self::Busy,
            Some(ResponseCode::LoginDelay) => Self::TooEarly,
            Some(ResponseCode::SysTemp) => Self::Passing,
            Some(ResponseCode::SysPerm) => Self::Lasting,
            None if speaks_of_a_lock(&says.text) => Self::Busy,
            None if speaks_of_damage(&says.text) => Self::Lasting,
            _ => Self::Unclear,
        }
    }

    /// Whether trying again soon may help.
    pub(super) fn passes(self) -> bool {
        matches!(self, Self::Busy | Self::TooEarly | Self::Passing)
    }
}

/// Whether words without a code say that another session holds the maildrop. An account that is locked is another matter.
fn speaks_of_a_lock(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let locked =
        text.contains("lock") && !["account", "block"].iter().any(|word| text.contains(word));
    locked
        || ["in use", "already open", "busy", "cannot access mailbox"]
            .iter()
            .any(|words| text.contains(words))
}

/// Whether words without a code say that the mailbox is not in order. Some servers refuse the login then.
fn speaks_of_damage(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["damaged", "corrupt"]
        .iter()
        .any(|words| text.contains(words))
}

#[cfg(test)]
mod tests {
    use super::super::error::{Error, SOME_MINUTES};
    use super::*;
    use crate::mail::{Kind, Retry};
    use crate::pop3::Reply;

    fn login(text: &str, marks_credentials: bool) -> Error {
        let reply = Reply {
            ok: false,
            code: None,
            text: text.as_bytes().to_vec(),
        };
        Error::Login(Refused {
            says: Says::from(&reply),
            marks_credentials,
            delay: Some(Duration::from_mins(15)),
            doubtful: false,
        })
    }

    /// Text, whether the server marks credentials; whether the password counts as wrong, the kind, and the retry.
    type Case = (&'static str, bool, bool, Kind, Retry);

    #[test]
    fn p49_p50_p51_only_what_blames_the_credentials_makes_a_password_wrong() {
        let minute = Retry::After(Duration::from_mins(1));
        let cases: [Case; 13] = [
            ("[AUTH] no", true, true, Kind::Login, Retry::Asked),
            ("[AUTH] no", false, true, Kind::Login, Retry::Asked),
            ("no such luck", false, false, Kind::Login, Retry::NextCheck),
            ("no such luck", true, false, Kind::Network, Retry::NextCheck),
            (
                "account locked",
                false,
                false,
                Kind::Login,
                Retry::NextCheck,
            ),
            (
                "message is damaged",
                false,
                false,
                Kind::Network,
                Retry::NextCheck,
            ),
            (
                "maildrop already locked",
                false,
                false,
                Kind::Network,
                minute,
            ),
            ("[IN-USE/foo] no", true, false, Kind::Network, minute),
            (
                "[SYS/TEMP] no",
                true,
                false,
                Kind::Network,
                Retry::After(SOME_MINUTES),
            ),
            (
                "[SYS/PERM] no",
                true,
                false,
                Kind::Network,
                Retry::NextCheck,
            ),
            (
                "[LOGIN-DELAY] no",
                true,
                false,
                Kind::Network,
                Retry::After(Duration::from_mins(15)),
            ),
            ("[X-ODD] no", false, false, Kind::Login, Retry::NextCheck),
            ("[X-ODD] no", true, false, Kind::Network, Retry::NextCheck),
        ];
        for (text, marks, wrong, kind, retry) in cases {
            let error = login(text, marks);
            assert_eq!(error.is_wrong_password(), wrong, "{text} {marks}");
            let problem = error.problem("mail.example");
            assert_eq!(
                (problem.kind, problem.retry),
                (kind, retry),
                "{text} {marks}"
            );
        }
    }

    #[test]
    fn p24_p51_a_bare_refusal_makes_only_a_doubtful_password_wrong() {
        for (text, marks, wrong, retry) in [
            ("no such luck", false, true, Retry::Asked),
            ("", false, true, Retry::Asked),
            ("[X-ODD] no", false, false, Retry::Asked),
            ("no such luck", true, false, Retry::NextCheck),
            ("message is damaged", false, false, Retry::NextCheck),
        ] {
            let error = login(text, marks).doubting();
            assert_eq!(error.is_wrong_password(), wrong, "{text} {marks}");
            assert_eq!(error.problem("mail.example").retry, retry, "{text} {marks}");
        }
    }

    #[test]
    fn p95_what_a_person_reads_has_no_code_unless_there_are_no_words() {
        let said = |text: &str| login(text, true).problem("mail.example").why;
        assert!(said("[AUTH/EXPIRED] renew it").ends_with("“renew it”"));
        assert!(said("[IN-USE]").ends_with("“[IN-USE]”"));
        assert!(said("no [AUTH] here").ends_with("“no [AUTH] here”"));
    }

    #[test]
    fn what_passes_is_tried_again_soon_and_what_lasts_is_not() {
        for (text, passes) in [
            ("[IN-USE] x", true),
            ("[SYS/TEMP] x", true),
            ("[LOGIN-DELAY] x", true),
            ("[SYS/PERM] x", false),
            ("[AUTH] x", false),
            ("x", false),
        ] {
            assert_eq!(login(text, true).is_passing(), passes, "{text}");
        }
    }
}
