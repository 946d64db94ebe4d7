//! Drawing the wizard: what is done in a line each, what is asked for in full, what comes in a word.

use std::fmt::Write as _;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use super::keys::NO_RULES;
use super::{Field, Keeping, Look, Place, Step, Trial, Wizard};
use crate::bridge::TestStep;
use crate::config::Tls;
use crate::mail::Problem;
use crate::mail::text::wrap;
use crate::ui::action::Preset;
use crate::ui::format::{count, size};
use crate::ui::model::Model;
use crate::ui::paint::{self, Pen, columns_of, row};
use crate::ui::theme::{Role, ThemeKind};

/// Draws it.
pub fn draw(wizard: &Wizard, model: &Model, frame: &mut Frame<'_>) {
    let area = frame.area();
    let head = u16::from(area.height > 12) + 1;
    draw_head(wizard, model, frame, area, head);
    let body = Rect {
        y: area.y + head,
        height: area.height.saturating_sub(head + 2),
        ..area
    };
    let mut page = Page {
        model,
        width: area.width,
        lines: Vec::new(),
    };
    page.steps(wizard);
    let focus = page
        .lines
        .iter()
        .rposition(|line| line.focus)
        .unwrap_or_default();
    // What a field has to say follows it, and is to be seen with it.
    let end = page
        .lines
        .iter()
        .rposition(|line| line.wanted)
        .unwrap_or(focus)
        .max(focus);
    let height = usize::from(body.height);
    let first = (end + 1).saturating_sub(height).min(focus);
    let mut cursor = None;
    for (y, line) in page.lines.iter().skip(first).take(height).enumerate() {
        let place = line.draw(wizard, model, frame, row(body, y as u16));
        cursor = cursor.or(place);
    }
    let buttons = row(area, area.height.saturating_sub(2));
    draw_buttons(wizard, model, frame, buttons);
    draw_hints(model, frame, row(area, area.height.saturating_sub(1)));
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
}

fn draw_head(wizard: &Wizard, model: &Model, frame: &mut Frame<'_>, area: Rect, head: u16) {
    let (title, muted) = (
        model.theme.style(Role::Title),
        model.theme.style(Role::Muted),
    );
    let step = format!("step {} of 4", wizard.step as u8 + 1);
    let leave = if area.width < 60 {
        "^C leave"
    } else {
        "^C leave, nothing is saved"
    };
    let mut pen = Pen::new(frame.buffer_mut(), row(area, 0), model.glyphs);
    let name = if area.width < 60 {
        "Set-up"
    } else {
        "Welcome to poppet"
    };
    pen.gap(1, title).text(name, title);
    let right = format!("{step}   {leave} ");
    pen.to_right(columns_of(&right), muted)
        .text(&right, muted)
        .rest(muted);
    if head > 1 {
        paint::rule(
            frame.buffer_mut(),
            row(area, 1),
            "",
            model.theme,
            model.glyphs,
        );
    }
}

fn draw_buttons(wizard: &Wizard, model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let muted = model.theme.style(Role::Muted);
    let next = match (wizard.step, &wizard.trial) {
        _ if wizard.saving.is_some() => "Saving",
        (Step::Server, Trial::Running(_)) => "Testing",
        (Step::Server, Trial::Failed(_)) => "Try again",
        (Step::Server, Trial::None) => "Test",
        (Step::Look, _) => "Save and start",
        _ => "Next",
    };
    let mut buttons = Vec::new();
    for field in wizard.fields() {
        match field {
            Field::Back => buttons.push((field, "[ Back ]".to_owned())),
            Field::Anyway => buttons.push((field, "[ Go on anyway ]".to_owned())),
            Field::Next => buttons.push((field, format!("[ {next} {} ]", model.glyphs.chosen))),
            _ => {}
        }
    }
    let columns = buttons
        .iter()
        .map(|(_, label)| columns_of(label) + 1)
        .sum::<u16>();
    let mut pen = Pen::new(frame.buffer_mut(), area, model.glyphs);
    pen.gap(1, muted);
    let remark = pen.room().saturating_sub(columns + 1);
    if remark > 20 {
        pen.cell("Nothing is deleted during the first 7 days", remark, muted);
    }
    pen.to_right(columns, muted);
    for (field, label) in &buttons {
        let style = if *field == wizard.focus {
            model.theme.chosen()
        } else {
            model.theme.style(Role::Text)
        };
        pen.text(label, style).gap(1, muted);
    }
    pen.rest(muted);
}

fn draw_hints(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let (key, text) = (model.theme.style(Role::Key), model.theme.style(Role::Muted));
    let mut pen = Pen::new(frame.buffer_mut(), area, model.glyphs);
    pen.gap(1, text);
    for (keys, word) in [
        ("Tab", "next field"),
        ("S-Tab", "back"),
        ("Enter", "next"),
        ("Space", "choose"),
        ("^T", "show"),
        ("F2", "by hand"),
    ] {
        let columns = columns_of(keys) + columns_of(word) + 3;
        if columns + 8 < pen.room() {
            pen.text(keys, key)
                .gap(1, text)
                .text(word, text)
                .gap(2, text);
        }
    }
    pen.to_right(8, text)
        .text("F1", key)
        .text(" help", text)
        .rest(text);
}

/// A line of the wizard.
#[derive(Default)]
struct Line {
    /// Columns that are left blank.
    indent: u16,
    spans: Vec<(String, Role)>,
    /// A text field behind the spans, and how wide it is.
    field: Option<(Field, u16)>,
    /// A remark behind that, in the right half where there is room.
    remark: Option<(String, Role)>,
    focus: bool,
    /// Whether it should be seen together with the focus.
    wanted: bool,
}

impl Line {
    fn draw(
        &self,
        wizard: &Wizard,
        model: &Model,
        frame: &mut Frame<'_>,
        area: Rect,
    ) -> Option<Position> {
        let (theme, glyphs) = (model.theme, model.glyphs);
        let style = |role| theme.on_row(role, self.focus);
        let mut cursor = None;
        let mut pen = Pen::new(frame.buffer_mut(), area, glyphs);
        pen.text(
            if self.focus { glyphs.cursor } else { " " },
            style(Role::Accent),
        );
        pen.gap(self.indent.saturating_sub(1), style(Role::Text));
        for (text, role) in &self.spans {
            let room = pen.room();
            pen.text(&paint::fit(text, room, glyphs), style(*role));
        }
        if let Some((field, columns)) = self.field {
            let columns = columns.min(pen.room().saturating_sub(1));
            if let Some(text) = wizard.text_field(field) {
                let (shown, column) = text.window(columns, glyphs);
                if self.focus {
                    let x = area.right() - pen.room();
                    cursor = Some(Position::new(
                        x + column.min(columns.saturating_sub(1)),
                        area.y,
                    ));
                }
                pen.cell(&shown, columns, style(Role::Input));
            }
        }
        if let Some((text, role)) = &self.remark {
            let columns = columns_of(text);
            if columns + 2 <= pen.room() {
                let half = (area.width / 2 + 4).min(area.width.saturating_sub(columns + 1));
                let used = area.width - pen.room();
                pen.gap(half.max(used + 2) - used, style(Role::Text))
                    .text(text, style(*role));
            }
        }
        pen.rest(style(Role::Text));
        cursor
    }
}

/// The lines of the wizard, for a screen of this width.
struct Page<'a> {
    model: &'a Model,
    width: u16,
    lines: Vec<Line>,
}

impl Page<'_> {
    fn steps(&mut self, wizard: &Wizard) {
        self.blank();
        for (step, title, summary) in [
            (Step::Person, "1 Who you are", person(wizard)),
            (Step::Server, "2 Where mail comes from", server(wizard)),
            (
                Step::Keeping,
                "3 What stays on the server",
                keeping(wizard).to_owned(),
            ),
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
            Tls::StartTls => ("STARTTLS, or nothing", Role::Text),
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
        if let Some(note) = &wizard.provider_note {
            self.paragraph(note, Role::Warn);
        }
        self.blank();
        self.trial(wizard);
    }

    /// What the trial found, each step as it came.
    fn trial(&mut self, wizard: &Wizard) {
        let (ok, failed) = (self.model.glyphs.ok, self.model.glyphs.failed);
        let dot = self.model.glyphs.dot;
        for place in &wizard.silent {
            self.text(&format!("{failed} {place} does not answer"), Role::Muted);
        }
        let mut words: Vec<(String, Role)> = Vec::new();
        let mut lying = None;
        for step in &wizard.found {
            match step {
                TestStep::Connected(time) => {
                    words.push((format!("{ok} connected {} ms", time.as_millis()), Role::Ok));
                }
                TestStep::Encrypted => {
                    words.push((format!("{ok} TLS, certificate good"), Role::Ok))
                }
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
                Some(TestStep::Encrypted) => "logging in".to_owned(),
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
        let theme = match wizard.look {
            Look::Auto => "auto",
            Look::Kind(ThemeKind::Dark) => "dark",
            Look::Kind(ThemeKind::Light) => "light",
            Look::Kind(_) => "ansi",
        };
        self.choice(wizard, Field::Theme, "Theme", theme, Role::Text);
        let keys = match wizard.keys {
            Preset::Poppet => "poppet",
            Preset::Mutt => "mutt",
            Preset::Gmail => "gmail",
            Preset::Alpine => "alpine",
        };
        self.choice(wizard, Field::Keys, "Keys", keys, Role::Text);
        if wizard.look != Look::Auto || wizard.keys != wizard.before.1 {
            let text = format!(
                "In force now. To keep them: theme = \"{theme}\" and keys = \"{keys}\" in config.toml."
            );
            self.paragraph(&text, Role::Muted);
        }
        let secret = match wizard.secret {
            Place::Keyring => "in the keyring of this computer",
            Place::Ask => "nowhere: ask each time",
            Place::Command => "in the output of a command",
        };
        self.choice(wizard, Field::Secret, "Password", secret, Role::Text);
        if wizard.secret == Place::Command {
            self.field(wizard, Field::Command, "Command", 40, None);
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

    fn problem(&mut self, problem: &Problem) {
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
    fn words(&mut self, words: Vec<(String, Role)>) {
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

    fn paragraph(&mut self, text: &str, role: Role) {
        for line in wrap(text, usize::from(self.width.saturating_sub(8)).clamp(1, 84)) {
            self.wanted(vec![(line.to_owned(), role)]);
        }
    }

    fn text(&mut self, text: &str, role: Role) {
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

impl Wizard {
    fn text_field(&self, field: Field) -> Option<&super::TextField> {
        Some(match field {
            Field::Name => &self.name,
            Field::Email => &self.email,
            Field::Host => &self.host,
            Field::Port => &self.port,
            Field::User => &self.user,
            Field::Password => &self.password,
            Field::Days => &self.days,
            Field::Quota => &self.quota,
            Field::AskAbove => &self.ask_above,
            Field::Command => &self.command,
            _ => return None,
        })
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

fn keeping(wizard: &Wizard) -> &'static str {
    match wizard.keep {
        Keeping::UntilDeleted => "all, until you delete it",
        Keeping::Days => "for some days after download",
        Keeping::UntilDownloaded => "nothing that was downloaded",
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
