//! What the wizard asks for and says, as lines.

use super::draw::Line;
use super::keys::NO_RULES;
use super::{Field, Keeping, Place, Step, Wizard};
use crate::config::Tls;
use crate::mail::text::wrap;
use crate::mail::{Problem, safe};
use crate::ui::format::counted;
use crate::ui::model::Model;
use crate::ui::paint::columns_of;
use crate::ui::theme::Role;

/// The lines of the wizard, for a screen of this width.
pub(super) struct Page<'a> {
    pub(super) model: &'a Model,
    pub(super) width: u16,
    pub(super) lines: Vec<Line>,
}

impl Page<'_> {
    /// All four steps; the one that is asked for in full.
    pub(super) fn steps(&mut self, wizard: &Wizard) {
        self.blank();
        for (step, title, summary) in [
            (Step::Person, "1 Who you are", person(wizard)),
            (Step::Server, "2 Where mail comes from", server(wizard)),
            (Step::Keeping, "3 What stays on the server", keeping(wizard)),
            (Step::Look, "4 Look & keys", String::new()),
        ] {
            let (mark, role) = match step {
                _ if step < wizard.step => (self.model.glyphs.ok, Role::Ok),
                _ if step == wizard.step => (self.model.glyphs.chosen, Role::Accent),
                _ => (" ", Role::Muted),
            };
            let title_role = if step == wizard.step {
                Role::Title
            } else {
                Role::Muted
            };
            let mut spans = vec![(format!("{mark} "), role), (title.to_owned(), title_role)];
            if step < wizard.step {
                spans.push((format!("   {summary}"), Role::Text));
            }
            self.lines.push(Line {
                indent: 2,
                spans,
                ..Line::default()
            });
            if step == wizard.step {
                self.blank();
                match step {
                    Step::Person => self.person(wizard),
                    Step::Server => self.server(wizard),
                    Step::Keeping => self.keeping(wizard),
                    Step::Look => self.look(wizard),
                }
                if let Some(text) = &wizard.complaint {
                    self.paragraph(&format!("{} {text}", self.model.glyphs.warning), Role::Warn);
                }
                self.blank();
            }
        }
    }

    fn person(&mut self, wizard: &Wizard) {
        if let Some(file) = self.missing() {
            let text = format!(
                "{} There is no file {file}. The end of this set-up writes it; ^C leaves without it.",
                self.model.glyphs.warning
            );
            self.text(&text, Role::Warn);
            self.blank();
        }
        self.field(wizard, Field::Name, "Name", 32, None);
        self.field(wizard, Field::Email, "Address", 32, None);
        self.blank();
        self.text(
            "poppet finds the server from the address, and asks nobody but that server.",
            Role::Muted,
        );
    }

    fn server(&mut self, wizard: &Wizard) {
        let from = match (
            wizard.by_hand,
            wizard.candidates.is_empty(),
            &wizard.provider_note,
        ) {
            (true, ..) | (_, true, _) => None,
            (_, _, Some(_)) => Some(("known provider".to_owned(), Role::Muted)),
            _ => Some(("guessed from the address".to_owned(), Role::Muted)),
        };
        self.field(wizard, Field::Host, "Server", 32, from);
        self.field(wizard, Field::Port, "Port", 6, None);
        let (tls, role) = match wizard.tls {
            Tls::Implicit => ("TLS from the start", Role::Text),
            Tls::StartTls => ("STARTTLS, never without it", Role::Text),
            Tls::None => ("none: unencrypted, this computer only", Role::Danger),
        };
        self.choice(wizard, Field::Tls, "Security", tls, role);
        self.field(wizard, Field::User, "User", 32, None);
        let kept = if wizard.password.shown {
            "^T hide"
        } else {
            "^T show"
        };
        self.field(
            wizard,
            Field::Password,
            "Password",
            32,
            Some((kept.to_owned(), Role::Muted)),
        );
        if wizard.ca_file.is_some() {
            let remark = ("a file, if the server is your own".to_owned(), Role::Muted);
            self.field(wizard, Field::CaFile, "Trust also", 24, Some(remark));
        }
        if let Some(note) = &wizard.provider_note {
            self.paragraph(note, Role::Warn);
        }
        self.blank();
        self.trial(wizard);
    }

    fn keeping(&mut self, wizard: &Wizard) {
        let off = !wizard.rules_work();
        let here = wizard.focus == Field::Keep;
        let narrow = self.width < 60;
        let labels = if narrow {
            [
                "all, until you delete it",
                "delete days after download",
                "delete when downloaded",
            ]
        } else {
            [
                "leave everything until you delete it",
                "leave it; delete some days after download",
                "delete from server when downloaded",
            ]
        };
        let choices = [
            Keeping::UntilDeleted,
            Keeping::Days,
            Keeping::UntilDownloaded,
        ];
        for (keep, label) in choices.into_iter().zip(labels) {
            let remark = if keep == Keeping::UntilDeleted {
                "recommended"
            } else {
                ""
            };
            let chosen = keep == wizard.keep;
            let role = if off && keep != Keeping::UntilDeleted {
                Role::Muted
            } else {
                Role::Text
            };
            let remark = if role == Role::Muted {
                "needs UIDL"
            } else {
                remark
            };
            self.lines.push(Line {
                indent: 6,
                spans: vec![(format!("{} {label}", radio(chosen)), role)],
                remark: (!remark.is_empty()).then(|| (remark.to_owned(), Role::Muted)),
                focus: here && chosen,
                ..Line::default()
            });
        }
        if wizard.keep == Keeping::Days {
            self.field(
                wizard,
                Field::Days,
                if narrow {
                    "    Days"
                } else {
                    "    Days after download"
                },
                6,
                None,
            );
        }
        if off && here {
            self.paragraph(NO_RULES, Role::Warn);
        }
        self.blank();
        let gauge = Some(("GB, only for the gauge".to_owned(), Role::Muted));
        let (limit, above) = if narrow {
            ("Mailbox limit, GB", "Ask above, MB")
        } else {
            ("Mailbox limit, if known", "Ask before messages over")
        };
        self.field(wizard, Field::Quota, limit, 8, gauge);
        let large = Some(("MB; empty: never ask".to_owned(), Role::Muted));
        self.field(wizard, Field::AskAbove, above, 8, large);
        self.blank();
        self.text(
            "A rule's first deletions wait for your word too: $ reviews them.",
            Role::Muted,
        );
    }

    fn look(&mut self, wizard: &Wizard) {
        self.choice(
            wizard,
            Field::Theme,
            "Theme",
            wizard.look.name(),
            Role::Text,
        );
        let keys = super::preset_name(wizard.keys);
        self.choice(wizard, Field::Keys, "Keys", keys, Role::Text);
        let secret = match wizard.secret {
            Place::Keyring => "in the keyring of this computer",
            Place::Ask => "nowhere: ask each time",
            Place::Command => "in the output of a command",
        };
        self.choice(wizard, Field::Secret, "Password", secret, Role::Text);
        if wizard.secret == Place::Command {
            self.field(wizard, Field::Command, "Command", 40, None);
            if wizard.proving.is_some() {
                let text = format!("{} running it, Esc stops", self.model.glyphs.dot);
                self.words(vec![(text, Role::Accent)]);
            } else {
                let text = "Quotes keep blanks together. It runs once before anything is saved.";
                self.text(text, Role::Muted);
            }
        }
        if let Some(problem) = &wizard.unsaved {
            self.blank();
            self.problem(problem);
            if wizard.secret == Place::Keyring {
                let text = "The password can be kept elsewhere: Space turns to asking each time, or to a command such as \
                            pass show mail/home.";
                self.paragraph(text, Role::Warn);
            }
        }
    }

    /// The configuration that the person named and that is not there.
    fn missing(&self) -> Option<String> {
        let settings = &self.model.settings;
        let file = settings
            .config_file
            .as_ref()
            .filter(|_| settings.config_missing)?;
        Some(safe::line(&file.to_string_lossy()).into_owned())
    }

    pub(super) fn problem(&mut self, problem: &Problem) {
        let failed = self.model.glyphs.failed;
        self.paragraph(
            &format!("{failed} {}: {}", problem.what, problem.why),
            Role::Danger,
        );
        self.paragraph(
            &format!("{} {}", self.model.glyphs.arrow, problem.remedy),
            Role::Text,
        );
    }

    fn field(
        &mut self,
        wizard: &Wizard,
        field: Field,
        label: &str,
        columns: u16,
        remark: Option<(String, Role)>,
    ) {
        let focus = wizard.focus == field;
        self.lines.push(Line {
            indent: 6,
            spans: vec![(label_cell(label, self.width), Role::Muted)],
            field: Some((field, columns)),
            remark,
            focus,
            wanted: false,
        });
    }

    fn choice(&mut self, wizard: &Wizard, field: Field, label: &str, value: &str, role: Role) {
        let focus = wizard.focus == field;
        let arrows = focus.then(|| ("Space changes".to_owned(), Role::Muted));
        self.lines.push(Line {
            indent: 6,
            spans: vec![
                (label_cell(label, self.width), Role::Muted),
                (value.to_owned(), role),
            ],
            remark: arrows,
            focus,
            ..Line::default()
        });
    }

    /// Words side by side, on as many lines as they need.
    pub(super) fn words(&mut self, words: Vec<(String, Role)>) {
        let room = self.width.saturating_sub(8);
        let mut spans: Vec<(String, Role)> = Vec::new();
        let mut used = 0;
        for (text, role) in words {
            let columns = columns_of(&text);
            if used > 0 && used + 3 + columns > room {
                self.wanted(std::mem::take(&mut spans));
                used = 0;
            }
            if used > 0 {
                spans.push(("   ".to_owned(), Role::Text));
                used += 3;
            }
            used += columns;
            spans.push((text, role));
        }
        if !spans.is_empty() {
            self.wanted(spans);
        }
    }

    fn wanted(&mut self, spans: Vec<(String, Role)>) {
        self.lines.push(Line {
            indent: 6,
            spans,
            wanted: true,
            ..Line::default()
        });
    }

    pub(super) fn paragraph(&mut self, text: &str, role: Role) {
        for line in wrap(text, usize::from(self.width.saturating_sub(8)).clamp(1, 84)) {
            self.wanted(vec![(line.to_owned(), role)]);
        }
    }

    pub(super) fn text(&mut self, text: &str, role: Role) {
        for line in wrap(text, usize::from(self.width.saturating_sub(8)).clamp(1, 84)) {
            let spans = vec![(line.to_owned(), role)];
            self.lines.push(Line {
                indent: 6,
                spans,
                ..Line::default()
            });
        }
    }

    fn blank(&mut self) {
        if self.model.size.1 > 14 {
            self.lines.push(Line::default());
        }
    }
}

fn person(wizard: &Wizard) -> String {
    match wizard.name.text() {
        "" => wizard.email.text().to_owned(),
        name => format!("{name} <{}>", wizard.email.text()),
    }
}

fn server(wizard: &Wizard) -> String {
    format!("{}:{}", wizard.host.text(), wizard.port.text())
}

fn keeping(wizard: &Wizard) -> String {
    match wizard.keep {
        Keeping::UntilDeleted => "all, until you delete it".to_owned(),
        Keeping::Days => {
            let days = wizard.days().unwrap_or_default().into();
            format!("for {} after download", counted(days, "day"))
        }
        Keeping::UntilDownloaded => "nothing that was downloaded".to_owned(),
    }
}

fn radio(on: bool) -> &'static str {
    if on { "(*)" } else { "( )" }
}

/// A label with blanks behind it, so that what follows stands in one column.
fn label_cell(label: &str, width: u16) -> String {
    let columns = if label.len() > 12 {
        26
    } else if width < 60 {
        9
    } else {
        11
    };
    let columns = if width < 60 { columns.min(20) } else { columns };
    let cut = crate::mail::text::truncate(label, columns - 1);
    let blanks = columns.saturating_sub(crate::mail::text::width(&cut));
    format!("{cut}{}", " ".repeat(blanks))
}
