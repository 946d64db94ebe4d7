//! What the live test of the server found.

use std::fmt::Write as _;

use super::keys::NO_RULES;
use super::page::Page;
use super::{Trial, Wizard};
use crate::bridge::{Cleartext, TestStep};
use crate::mail::expiry;
use crate::ui::format::{count, size};
use crate::ui::theme::Role;

impl Page<'_> {
    /// What the trial found, each step as it came.
    pub(super) fn trial(&mut self, wizard: &Wizard) {
        let (ok, failed) = (self.model.glyphs.ok, self.model.glyphs.failed);
        let dot = self.model.glyphs.dot;
        for became in &wizard.silent {
            self.text(&format!("{failed} {became}"), Role::Muted);
        }
        let mut words: Vec<(String, Role)> = Vec::new();
        let mut lying = None;
        for step in &wizard.found {
            match step {
                TestStep::Connected(time) => {
                    words.push((format!("{ok} connected {} ms", time.as_millis()), Role::Ok));
                }
                TestStep::Encrypted => {
                    words.push((format!("{ok} TLS, certificate good"), Role::Ok));
                }
                TestStep::Cleartext(open) => {
                    let mark = self.model.glyphs.warning;
                    let text = match open {
                        Cleartext::Needless => "no TLS, although the server has it",
                        Cleartext::Exposed => "no TLS: others can read password and mail",
                    };
                    words.push((format!("{mark} {text}"), Role::Warn));
                }
                // Nothing depends on it, and there is little room.
                TestStep::Implementation(_) => {}
                TestStep::LoggedIn => words.push((format!("{ok} logged in"), Role::Ok)),
                TestStep::Commands { uidl, top, .. } => {
                    for (name, there) in [("UIDL", *uidl), ("TOP", *top)] {
                        let (mark, role) = if there {
                            (ok, Role::Ok)
                        } else {
                            (failed, Role::Warn)
                        };
                        words.push((format!("{mark} {name}"), role));
                    }
                }
                TestStep::Expires(days) => {
                    let mark = self.model.glyphs.warning;
                    words.push((format!("{mark} {}", expiry(*days)), Role::Warn));
                }
                TestStep::Mailbox {
                    messages,
                    octets,
                    newest,
                } => {
                    lying = Some((*messages, *octets, newest.clone()));
                }
            }
        }
        if let Trial::Running(_) = wizard.trial {
            let next = match wizard.found.last() {
                None => format!("connecting to {}", wizard.host.text()),
                Some(TestStep::Connected(_)) => "encrypting".to_owned(),
                Some(TestStep::Encrypted | TestStep::Cleartext(_)) => "logging in".to_owned(),
                Some(_) => "looking into the mailbox".to_owned(),
            };
            words.push((format!("{dot} {next}, Esc stops"), Role::Accent));
        }
        self.words(words);
        if let Some((messages, octets, newest)) = lying {
            let mut text = format!("{ok} {} messages, {}.", count(messages), size(octets));
            if let Some((from, subject)) = newest {
                let _ = write!(text, " The newest is from {from}: {subject}");
            }
            self.paragraph(&text, Role::Ok);
        }
        match &wizard.trial {
            Trial::Failed(problem) => self.problem(problem),
            Trial::None if wizard.found.is_empty() && wizard.silent.is_empty() => {
                self.text(
                    "The last field's Enter tests this, live. Nothing is fetched or deleted.",
                    Role::Muted,
                );
            }
            Trial::Passed { uidl: false } => self.paragraph(NO_RULES, Role::Warn),
            _ => {}
        }
    }
}
