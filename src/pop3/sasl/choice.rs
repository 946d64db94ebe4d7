//! Which way to log in.

use super::super::capabilities::Capabilities;
use super::Method;

/// What the caller allows and has tried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// This one and no other. A server need not advertise USER with PASS for it to be tried.
    pub only: Option<Method>,
    /// The secret is a token, not a password.
    pub token: bool,
    /// What failed on this server already: not tried again, also not after a reconnect.
    pub failed: Vec<Method>,
}

/// What the connection is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// TLS with a verified certificate.
    Encrypted,
    /// No TLS: nothing that shows the password.
    Cleartext,
    /// No TLS, and the account says in so many words that the password may be shown.
    CleartextAllowed,
}

/// Why there is no way to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// The server does not offer the method that was asked for, or it failed before.
    #[error("the server does not offer {0}")]
    NotOffered(Method),
    /// The only methods left would show the password to everyone on the way.
    #[error("the password would cross the network unencrypted")]
    WouldExpose,
    /// Nothing is left to try.
    #[error("the server offers no way to log in that this program knows")]
    Nothing,
}

/// What the server offers, strongest first. `capabilities` is `None` when CAPA was refused or not asked: then the server is taken
/// for a plain RFC 1939 one. `timestamp`: the greeting had one.
pub fn offered(capabilities: Option<&Capabilities>, timestamp: bool) -> Vec<Method> {
    let mechanisms = capabilities.map(Capabilities::sasl).unwrap_or_default();
    let has = |method: &Method| match method {
        Method::Apop => timestamp,
        Method::UserPass => capabilities.is_none_or(Capabilities::user) || mechanisms.is_empty(),
        method => mechanisms
            .iter()
            .any(|name| Some(name.as_str()) == method.mechanism()),
    };
    STRONGEST_FIRST.into_iter().filter(has).collect()
}

/// The strongest of what is offered, wanted and safe on this channel. APOP is taken only when asked for by name: its MD5 is
/// broken (CVE-2007-1558).
pub fn choose(
    offered: &[Method],
    wanted: &Wanted,
    channel: Channel,
) -> Result<Method, ChoiceError> {
    let safe = |method: &Method| channel != Channel::Cleartext || !method.is_plaintext();
    if let Some(only) = wanted.only {
        let there = only == Method::UserPass || offered.contains(&only);
        if !there || wanted.failed.contains(&only) {
            return Err(ChoiceError::NotOffered(only));
        }
        return if safe(&only) {
            Ok(only)
        } else {
            Err(ChoiceError::WouldExpose)
        };
    }
    let fits = |method: &&Method| {
        let by_itself = **method != Method::Apop && method.takes_token() == wanted.token;
        by_itself && !wanted.failed.contains(method)
    };
    let candidates = || {
        STRONGEST_FIRST
            .iter()
            .filter(|method| offered.contains(method))
            .filter(fits)
    };
    match candidates().find(|method| safe(method)) {
        Some(method) => Ok(*method),
        None if candidates().next().is_some() => Err(ChoiceError::WouldExpose),
        None => Err(ChoiceError::Nothing),
    }
}

const STRONGEST_FIRST: [Method; 8] = [
    Method::ScramSha256,
    Method::CramMd5,
    Method::OauthBearer,
    Method::XOauth2,
    Method::Plain,
    Method::Login,
    Method::UserPass,
    Method::Apop,
];

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

    const ALL: &[&str] = &[
        "USER",
        "SASL login plain CRAM-MD5 scram-sha-256 XOAUTH2 OAUTHBEARER DIGEST-MD5",
    ];

    #[test]
    fn p93_the_strongest_offered_comes_first_whatever_the_order_and_case() {
        let mut wanted = Wanted::default();
        let offered = offered(Some(&capabilities(ALL)), true);
        for expected in [
            Method::ScramSha256,
            Method::CramMd5,
            Method::Plain,
            Method::Login,
            Method::UserPass,
        ] {
            assert_eq!(choose(&offered, &wanted, Channel::Encrypted), Ok(expected));
            wanted.failed.push(expected);
        }
        assert_eq!(
            choose(&offered, &wanted, Channel::Encrypted),
            Err(ChoiceError::Nothing)
        );
    }

    #[test]
    fn p75_without_tls_no_password_is_shown_unless_the_account_says_so() {
        let wanted = Wanted {
            failed: vec![Method::ScramSha256, Method::CramMd5],
            ..Wanted::default()
        };
        let offered = offered(Some(&capabilities(ALL)), true);
        assert_eq!(
            choose(&offered, &wanted, Channel::Cleartext),
            Err(ChoiceError::WouldExpose)
        );
        assert_eq!(
            choose(&offered, &wanted, Channel::CleartextAllowed),
            Ok(Method::Plain)
        );
        let plain = Wanted {
            only: Some(Method::Plain),
            ..Wanted::default()
        };
        assert_eq!(
            choose(&offered, &plain, Channel::Cleartext),
            Err(ChoiceError::WouldExpose)
        );
        let user = Wanted {
            only: Some(Method::UserPass),
            ..Wanted::default()
        };
        assert_eq!(
            choose(&offered, &user, Channel::Cleartext),
            Err(ChoiceError::WouldExpose)
        );
    }

    #[test]
    fn p79_apop_is_never_chosen_by_itself() {
        let offered = offered(None, true);
        assert_eq!(offered, [Method::UserPass, Method::Apop]);
        assert_eq!(
            choose(&offered, &Wanted::default(), Channel::Cleartext),
            Err(ChoiceError::WouldExpose)
        );
        assert_eq!(
            choose(&offered, &Wanted::default(), Channel::Encrypted),
            Ok(Method::UserPass)
        );
        let apop = Wanted {
            only: Some(Method::Apop),
            ..Wanted::default()
        };
        assert_eq!(
            choose(&offered, &apop, Channel::Encrypted),
            Ok(Method::Apop)
        );
    }

    #[test]
    fn p37_a_server_without_capa_takes_user_and_pass() {
        assert_eq!(
            choose(
                &offered(None, false),
                &Wanted::default(),
                Channel::Encrypted
            ),
            Ok(Method::UserPass)
        );
        assert_eq!(
            offered(Some(&capabilities(&["UIDL"])), false),
            [Method::UserPass]
        );
        assert_eq!(
            offered(Some(&capabilities(&["SASL PLAIN"])), false),
            [Method::Plain]
        );
    }

    #[test]
    fn a_token_goes_to_no_password_mechanism_and_a_password_to_no_token_mechanism() {
        let token = Wanted {
            token: true,
            ..Wanted::default()
        };
        let offered = offered(Some(&capabilities(ALL)), true);
        assert_eq!(
            choose(&offered, &token, Channel::Encrypted),
            Ok(Method::OauthBearer)
        );
        assert_eq!(
            choose(&offered, &token, Channel::Cleartext),
            Err(ChoiceError::WouldExpose)
        );
        assert_eq!(
            choose(&[Method::Plain], &token, Channel::Encrypted),
            Err(ChoiceError::Nothing)
        );
        assert_eq!(
            choose(&[Method::XOauth2], &Wanted::default(), Channel::Encrypted),
            Err(ChoiceError::Nothing)
        );
    }

    #[test]
    fn a_method_asked_for_by_name_is_taken_or_missed_never_replaced() {
        let wanted = Wanted {
            only: Some(Method::CramMd5),
            ..Wanted::default()
        };
        assert_eq!(
            choose(&[Method::ScramSha256], &wanted, Channel::Encrypted),
            Err(ChoiceError::NotOffered(Method::CramMd5))
        );
        assert_eq!(
            choose(
                &[Method::ScramSha256, Method::CramMd5],
                &wanted,
                Channel::Encrypted
            ),
            Ok(Method::CramMd5)
        );
    }
}
