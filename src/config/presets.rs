//! The POP3 servers of well-known providers, and guesses for all others. No network: a guess is only a place to try.

use std::sync::LazyLock;

use serde::Deserialize;

use super::Tls;

/// A mail provider.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Its name, for people.
    pub name: String,
    /// The domains of its addresses.
    pub domains: Vec<String>,
    /// The host of its POP3 server; `None` when it has none.
    pub host: Option<String>,
    /// What wants doing before a login works, or why none can.
    #[serde(default)]
    pub note: Option<String>,
    /// Whether a login takes an OAuth access token and no password.
    #[serde(default)]
    pub oauth: bool,
}

/// A place where the mailbox may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Host name.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// How sure it is.
    pub source: Source,
}

/// Where a candidate comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The provider says so.
    Provider(&'static Provider),
    /// Many servers are called so.
    Guess,
}

/// The provider of this address, if it is among the known ones.
pub fn provider(email: &str) -> Option<&'static Provider> {
    let domain = domain(email)?;
    PROVIDERS
        .iter()
        .find(|provider| provider.domains.contains(&domain))
}

/// Where to try for this address, the likeliest first. Empty when it is no address, or its provider has no POP3.
pub fn guess(email: &str) -> Vec<Candidate> {
    let Some(domain) = domain(email) else {
        return Vec::new();
    };
    if let Some(provider) = provider(email) {
        return provider
            .host
            .iter()
            .map(|host| Candidate {
                host: host.clone(),
                port: Tls::Implicit.default_port(),
                tls: Tls::Implicit,
                source: Source::Provider(provider),
            })
            .collect();
    }
    [Tls::Implicit, Tls::StartTls]
        .into_iter()
        .flat_map(|tls| ["pop", "pop3", "mail"].map(|label| (tls, label)))
        .map(|(tls, label)| Candidate {
            host: format!("{label}.{domain}"),
            port: tls.default_port(),
            tls,
            source: Source::Guess,
        })
        .collect()
}

fn domain(email: &str) -> Option<String> {
    let (local, domain) = email.trim().rsplit_once('@')?;
    let domain = domain.trim_end_matches('.').to_ascii_lowercase();
    let fits = !local.is_empty()
        && domain.len() <= 248
        && domain.split('.').all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
        });
    fits.then_some(domain)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Presets {
    provider: Vec<Provider>,
}

static PROVIDERS: LazyLock<Vec<Provider>> = LazyLock::new(|| {
    // That the table can be read is tested; without it every address is guessed.
    toml::from_str::<Presets>(include_str!("presets.toml"))
        .map_or(Vec::new(), |presets| presets.provider)
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_and_names_each_domain_once() {
        assert!(PROVIDERS.len() > 20, "{}", PROVIDERS.len());
        let mut domains: Vec<&String> = PROVIDERS.iter().flat_map(|one| &one.domains).collect();
        let all = domains.len();
        domains.sort();
        domains.dedup();
        assert_eq!(domains.len(), all);
    }

    #[test]
    fn a_provider_without_a_host_says_why() {
        for one in PROVIDERS.iter() {
            assert!(!one.domains.is_empty(), "{}", one.name);
            assert!(one.host.is_some() || one.note.is_some(), "{}", one.name);
            for domain in &one.domains {
                assert_eq!(super::domain(&format!("a@{domain}")).as_ref(), Some(domain));
            }
        }
    }

    #[test]
    fn a_known_address_leads_to_its_server() {
        let found = guess("Ada@GMail.com");
        assert_eq!(found.len(), 1);
        assert_eq!(
            found
                .first()
                .map(|one| (one.host.as_str(), one.port, one.tls)),
            Some(("pop.gmail.com", 995, Tls::Implicit))
        );
        let note = provider("ada@gmail.com").and_then(|one| one.note.clone());
        assert!(note.is_some_and(|note| note.contains("app password")));
    }

    #[test]
    fn a_provider_without_pop3_leads_nowhere_and_says_so() {
        assert_eq!(guess("a@icloud.com"), vec![]);
        assert!(
            provider("a@icloud.com").is_some_and(|one| one.host.is_none() && one.note.is_some())
        );
    }

    #[test]
    fn p62_p66_an_unknown_address_leads_to_the_usual_names_encrypted_first() {
        let found: Vec<(String, u16)> = guess("sam@example.net")
            .into_iter()
            .map(|one| (one.host, one.port))
            .collect();
        let wanted = [
            ("pop.example.net", 995),
            ("pop3.example.net", 995),
            ("mail.example.net", 995),
            ("pop.example.net", 110),
            ("pop3.example.net", 110),
            ("mail.example.net", 110),
        ];
        assert_eq!(found, wanted.map(|(host, port)| (host.to_owned(), port)));
        assert!(
            guess("sam@example.net")
                .iter()
                .all(|one| one.tls != Tls::None)
        );
    }

    #[test]
    fn what_is_no_address_leads_nowhere() {
        for text in [
            "",
            "sam",
            "@example.net",
            "sam@",
            "sam@a..b",
            "sam@a b",
            "sam@a/b",
            "sam@\u{e9}.fr",
        ] {
            assert_eq!(guess(text), vec![], "{text}");
        }
    }
}
