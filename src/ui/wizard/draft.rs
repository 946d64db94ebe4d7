//! From what was typed to the settings of an account, and why not.

use super::{Field, Keeping, Trial, Wizard};
use crate::bridge::{Draft, KeepPassword, Look as ChosenLook};
use crate::config::{Tls, command_line, is_loopback, octets, path_as_typed};
use crate::mail::AccountId;
use crate::ui::model::Model;

/// Why a step cannot be left, and the field to go to.
pub(super) type Complaint = (Field, String);

impl Wizard {
    /// Whether the first step is done.
    pub(super) fn check_person(&self) -> Result<(), Complaint> {
        let email = self.email.text();
        let parts = email.rsplit_once('@');
        let fits = parts.is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !email.chars().any(char::is_whitespace)
        });
        if fits {
            Ok(())
        } else {
            Err((
                Field::Email,
                "An address has a name, an @ and a domain: sam@example.net".to_owned(),
            ))
        }
    }

    /// Whether the second step can be tried.
    pub(super) fn check_server(&self) -> Result<(), Complaint> {
        if self.host.is_empty() || self.host.text().contains(char::is_whitespace) {
            let text =
                "Which server keeps the mail? Its provider calls it the POP3 or incoming server.";
            return Err((Field::Host, text.to_owned()));
        }
        if self.port_number().is_none() {
            let text = "A port is a number from 1 to 65535: 995 for TLS, 110 for STARTTLS.";
            return Err((Field::Port, text.to_owned()));
        }
        if self.tls == Tls::None && !is_loopback(self.host.text()) {
            let text = "Without TLS everybody on the way can read the password, so it is never sent like that from here. \
                        Choose TLS or STARTTLS.";
            return Err((Field::Tls, text.to_owned()));
        }
        if self.user.text().is_empty() {
            let text = "The user name is often the whole address, sometimes only what stands before the @.";
            return Err((Field::User, text.to_owned()));
        }
        if self.password.is_empty() {
            let text = "The password is needed to log in. ^T shows it while you type.";
            return Err((Field::Password, text.to_owned()));
        }
        Ok(())
    }

    /// Whether the third step is done.
    pub(super) fn check_keeping(&self) -> Result<(), Complaint> {
        if self.keep == Keeping::Days
            && !self.days().is_some_and(|days| (1..=36_500).contains(&days))
        {
            return Err((
                Field::Days,
                "How many days? A whole number from 1.".to_owned(),
            ));
        }
        if let Some(text) = self.quota()
            && octets(&text).is_err()
        {
            let text = "A size looks like 2, 0.5 or 500 MB; empty when you do not know it.";
            return Err((Field::Quota, text.to_owned()));
        }
        if let Some(text) = self.ask_above()
            && octets(&text).is_err()
        {
            let text = "A size looks like 5 or 800 KB; empty to download everything.";
            return Err((Field::AskAbove, text.to_owned()));
        }
        Ok(())
    }

    /// Whether the last step is done.
    pub(super) fn check_look(&self) -> Result<(), Complaint> {
        if self.secret == super::Place::Command
            && let Err(why) = self.command()
        {
            let text = if self.command.text().is_empty() {
                "Which command prints the password in its first line? pass show mail/home, for one."
                    .to_owned()
            } else {
                format!("This command cannot be run: {why}.")
            };
            return Err((Field::Command, text));
        }
        Ok(())
    }

    /// The account as it stands; `None` while a step is not done.
    pub(super) fn draft(&self, model: &Model) -> Option<Draft> {
        let keep_password = match self.secret {
            super::Place::Keyring => KeepPassword::Keyring,
            super::Place::Ask => KeepPassword::Ask,
            super::Place::Command => KeepPassword::Command(self.command().ok()?),
        };
        let keep = match self.keep {
            Keeping::UntilDeleted => "\"until-deleted\"".to_owned(),
            Keeping::Days => format!("{{ days = {} }}", self.days()?),
            Keeping::UntilDownloaded => "\"until-downloaded\"".to_owned(),
        };
        let bodies = match self.ask_above() {
            Some(size) => format!("{{ up_to = \"{size}\" }}"),
            None => "\"all\"".to_owned(),
        };
        Some(Draft {
            account: self.account(model)?,
            email: self.email.text().to_owned(),
            name: self.name.text().to_owned(),
            host: self.host.text().to_owned(),
            port: self.port_number()?,
            tls: self.tls.as_str().to_owned(),
            allow_cleartext: false,
            user: self.user.text().to_owned(),
            auth: "auto".to_owned(),
            password: Some(self.password.to_secret()),
            keep_password,
            keep,
            bodies,
            quota: self.quota(),
            ca_file: self
                .ca_file
                .as_ref()
                .filter(|file| !file.is_empty())
                .map(|file| path_as_typed(file.text())),
            pin: None,
            look: self.chosen_look(),
        })
    }

    /// What was chosen for the screen; only what is not as before.
    fn chosen_look(&self) -> ChosenLook {
        ChosenLook {
            theme: (self.look != super::Look::Auto).then(|| self.look.name()),
            keys: (self.keys != self.before.1).then(|| super::preset_name(self.keys)),
        }
    }

    /// Whether a rule can work: it needs names that stay the same from one session to the next.
    pub(super) fn rules_work(&self) -> bool {
        !matches!(self.trial, Trial::Passed { uidl: false })
    }

    pub(super) fn port_number(&self) -> Option<u16> {
        self.port.text().parse().ok().filter(|port| *port > 0)
    }

    /// A name that no account has: the middle of the address's domain.
    fn account(&self, model: &Model) -> Option<AccountId> {
        let domain = self
            .email
            .text()
            .rsplit_once('@')
            .map_or("", |(_, domain)| domain);
        let label: String = domain
            .split('.')
            .next()
            .unwrap_or_default()
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
            .take(32)
            .collect();
        let base = if AccountId::new(&label).is_ok() {
            label
        } else {
            "mail".to_owned()
        };
        let taken = |name: &str| {
            model
                .accounts
                .iter()
                .any(|state| state.account.as_str() == name)
        };
        let name = if taken(&base) {
            (2..1_000)
                .map(|n| format!("{base}-{n}"))
                .find(|name| !taken(name))?
        } else {
            base
        };
        AccountId::new(&name).ok()
    }

    pub(super) fn days(&self) -> Option<u32> {
        self.days.text().parse().ok()
    }

    fn quota(&self) -> Option<String> {
        with_unit(self.quota.text(), "GB")
    }

    fn ask_above(&self) -> Option<String> {
        with_unit(self.ask_above.text(), "MB")
    }

    /// The password command word by word, or why it is none.
    pub(super) fn command(&self) -> Result<Vec<String>, String> {
        command_line(self.command.text())
    }
}

/// A size with a unit: the one that stands behind the field, unless the person wrote one.
fn with_unit(text: &str, unit: &str) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    let bare = text.chars().all(|c| c.is_ascii_digit() || c == '.');
    // Quotes and backslashes cannot occur in a size, and would end the text in the configuration early.
    let text: String = text.chars().filter(|c| !matches!(c, '"' | '\\')).collect();
    Some(if bare { format!("{text} {unit}") } else { text })
}
