//! A question that says what will happen. The safe answer has the focus, and Enter alone never does harm.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;

use super::action::Action;
use super::chord::Chord;
use super::format::{count, counted, size};
use super::layout::centred;
use super::model::Model;
use super::paint::{self, Pen, row};
use super::theme::Role;
use super::{Effect, Overlay, deed};
use crate::mail::text::wrap;
use crate::mail::{Brief, DeleteScope, Link, MessageId, StagedDelete};

/// A question.
#[derive(Clone, Debug)]
pub struct Confirm {
    title: String,
    lines: Vec<(Role, String)>,
    /// The first is the safe one.
    answers: Vec<Answer>,
    chosen: usize,
    /// What would be lost, where that is what it asks about.
    loss: Option<Loss>,
}

/// A deletion of which a part would be lost.
#[derive(Clone, Debug)]
struct Loss {
    lost: Vec<MessageId>,
    ids: Vec<MessageId>,
    scope: DeleteScope,
}

/// An answer to it.
#[derive(Clone, Debug)]
pub struct Answer {
    key: char,
    label: String,
    then: Then,
}

/// What an answer does.
#[derive(Clone, Debug)]
pub enum Then {
    /// Nothing.
    Nothing,
    /// Stages these deletions.
    Delete(Vec<MessageId>, DeleteScope),
    /// Downloads these messages.
    Fetch(Vec<MessageId>),
    /// Opens this address.
    OpenLink(String),
    /// Copies this text.
    Copy(String),
    /// Shows what is staged.
    Review,
    /// Leaves.
    Quit,
}

impl Confirm {
    /// A question; `answers` are key, label and what it does, the safe one first.
    pub fn new(
        title: impl Into<String>,
        lines: Vec<(Role, String)>,
        answers: Vec<(char, String, Then)>,
    ) -> Self {
        let answers = answers
            .into_iter()
            .map(|(key, label, then)| Answer { key, label, then })
            .collect();
        Self {
            title: title.into(),
            lines,
            answers,
            chosen: 0,
            loss: None,
        }
    }

    /// Takes a key.
    pub fn key(mut self, model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) {
        let chord = Chord::of(key);
        let n = self.answers.len().max(1);
        match key.code {
            KeyCode::Esc => return,
            KeyCode::Tab | KeyCode::Right | KeyCode::Down => self.chosen = (self.chosen + 1) % n,
            KeyCode::BackTab | KeyCode::Left | KeyCode::Up => {
                self.chosen = (self.chosen + n - 1) % n;
            }
            KeyCode::Enter => {
                let then = self
                    .answers
                    .get(self.chosen)
                    .map(|answer| answer.then.clone());
                return answer(model, then.unwrap_or(Then::Nothing), out);
            }
            _ => {
                let found = self
                    .answers
                    .iter()
                    .find(|answer| chord.typed() == Some(answer.key));
                if let Some(found) = found {
                    return answer(model, found.then.clone(), out);
                }
            }
        }
        model.overlay = Overlay::Confirm(self);
    }

    /// Draws it.
    pub fn draw(&self, model: &Model, frame: &mut Frame<'_>) {
        let screen = frame.area();
        let columns = screen.width.saturating_sub(2).min(76);
        let inner = columns.saturating_sub(4);
        let lines: Vec<(Role, String)> = self
            .lines
            .iter()
            .flat_map(|(role, text)| {
                let wrapped = wrap(text, inner.into()).into_iter();
                wrapped.map(move |line| (*role, line.to_owned()))
            })
            .collect();
        let answers = self.answer_rows(inner);
        let below = answers.len() as u16;
        let area = centred(
            screen,
            columns,
            (lines.len() as u16).saturating_add(below + 4),
        );
        let hint = "Tab choose  Enter press  Esc back";
        let inside = paint::boxed(
            frame.buffer_mut(),
            area,
            &self.title,
            hint,
            model.theme,
            model.glyphs,
        );
        // The answers are always there; the words give way, from their end.
        let room = inside.height.saturating_sub(below);
        let top = u16::from(room > lines.len() as u16);
        for (y, (role, text)) in lines.iter().take(room.into()).enumerate() {
            let style = model.theme.style(*role);
            let line = row(inside, y as u16 + top);
            let mut pen = Pen::new(frame.buffer_mut(), line, model.glyphs);
            pen.gap(1, style)
                .cell(text, inside.width.saturating_sub(2), style);
        }
        let style = model.theme.style(Role::Text);
        let first = inside.height.saturating_sub(below);
        for (y, answers) in answers.into_iter().enumerate() {
            let line = row(inside, first + y as u16);
            let mut pen = Pen::new(frame.buffer_mut(), line, model.glyphs);
            pen.gap(1, style);
            for (n, text) in answers {
                let look = if n == self.chosen {
                    model.theme.chosen()
                } else {
                    style
                };
                pen.text(&text, look).gap(2, style);
            }
        }
    }

    /// The answers side by side, or below each other where they do not fit.
    fn answer_rows(&self, columns: u16) -> Vec<Vec<(usize, String)>> {
        let all: Vec<(usize, String)> = self
            .answers
            .iter()
            .enumerate()
            .map(|(n, answer)| (n, format!("[ {} {} ]", answer.key, answer.label)))
            .collect();
        let wide: u16 = all
            .iter()
            .map(|(_, text)| paint::columns_of(text) + 2)
            .sum();
        if wide <= columns + 2 {
            vec![all]
        } else {
            all.into_iter().map(|answer| vec![answer]).collect()
        }
    }
}

/// The question before a deletion of messages that are not here. `lost` are those; `ids` all that are meant.
pub fn without_copy(
    model: &Model,
    lost: &[Brief],
    ids: Vec<MessageId>,
    scope: DeleteScope,
) -> Confirm {
    let octets = lost
        .iter()
        .fold(0_u64, |sum, row| sum.saturating_add(row.octets));
    let n = lost.len() as u64;
    let all = counted(ids.len() as u64, "message");
    let which = match lost {
        [one] => {
            let named = deed::in_words(1, model.list.rows.row(one.id));
            let named = format!("{named} ({})", size(one.octets));
            if ids.len() == 1 {
                named
            } else {
                format!("{all}; one of them is not here: {named}")
            }
        }
        many if many.len() == ids.len() => format!("{all} ({})", size(octets)),
        many => format!(
            "{all}; {} of them are not here ({})",
            count(many.len() as u64),
            size(octets)
        ),
    };
    let (copied, lost_then) = if n == 1 {
        ("it", "it is gone")
    } else {
        ("them", "they are gone")
    };
    let fetch = lost.iter().map(|row| row.id).collect();
    let lines = vec![
        (Role::Text, which),
        (
            Role::Danger,
            format!(
                "There is NO copy of {copied} here: once deleted on the server, {lost_then} for good."
            ),
        ),
        (
            Role::Muted,
            format!(
                "Nothing is deleted before the review ({}), and {} takes it back until then.",
                model.key(Action::Review),
                model.key(Action::Undelete)
            ),
        ),
    ];
    let about = Loss {
        lost: lost.iter().map(|row| row.id).collect(),
        ids: ids.clone(),
        scope,
    };
    let question = Confirm::new(
        "Delete without a copy?",
        lines,
        vec![
            ('b', "Back".to_owned(), Then::Nothing),
            ('+', "Download first".to_owned(), Then::Fetch(fetch)),
            (
                'd',
                "Stage the deletion".to_owned(),
                Then::Delete(ids, scope),
            ),
        ],
    );
    Confirm {
        loss: Some(about),
        ..question
    }
}

/// Keeps a question about a loss true: what has arrived meanwhile, or has gone, is no longer asked about. Where nothing
/// would be lost any more there is no question.
pub fn keep_true(model: &mut Model, out: &mut Vec<Effect>) {
    let Overlay::Confirm(Confirm {
        loss: Some(about), ..
    }) = &model.overlay
    else {
        return;
    };
    let lost = deed::lost(model, &about.ids);
    if lost.iter().map(|row| &row.id).eq(&about.lost) {
        return;
    }
    let overlay = if lost.is_empty() {
        let text = "Nothing would be lost any more: press again to delete";
        model.say(super::model::NoteKind::Plain, text);
        Overlay::None
    } else {
        let (ids, scope) = (about.ids.clone(), about.scope);
        Overlay::Confirm(without_copy(model, &lost, ids, scope))
    };
    super::update::open_overlay(model, overlay, out);
}

/// The question before a link is opened: where it really leads. Only a harmless one has the focus on opening.
pub fn open_link(link: &Link) -> Confirm {
    let mut lines = vec![(Role::Link, link.target.clone())];
    if !link.text.is_empty() && link.text != link.target {
        lines.push((Role::Muted, format!("The message calls it: {}", link.text)));
    }
    let open = (
        'o',
        "Open it".to_owned(),
        Then::OpenLink(link.target.clone()),
    );
    let back = ('b', "Back".to_owned(), Then::Nothing);
    let copy = ('y', "Copy".to_owned(), Then::Copy(link.target.clone()));
    if let Some(warning) = &link.warning {
        lines.push((Role::Danger, format!("Careful: {warning}")));
    }
    if !link.is_openable() {
        let text = "poppet opens only links to the web and to mail addresses.";
        lines.push((Role::Warn, text.to_owned()));
        return Confirm::new("This link is not opened", lines, vec![back, copy]);
    }
    match &link.warning {
        Some(_) => Confirm::new(
            "This link is not what it seems",
            lines,
            vec![back, copy, open],
        ),
        None => Confirm::new("Open this link?", lines, vec![open, copy, back]),
    }
}

/// The question before poppet is left while deletions are staged or on their way; `None` when none are. Fetching is no
/// reason to ask: what is here stays, and the rest comes next time.
pub fn before_leaving(model: &Model) -> Option<Confirm> {
    let staged = model.staged.len() as u64;
    let sending = model.is_deleting();
    if staged == 0 && !sending {
        return None;
    }
    let text = if sending {
        "Deletions are on their way to the server. If you leave now, the next check finds out which of them were done."
            .to_owned()
    } else {
        waiting(model, staged)
    };
    let mut answers = vec![('b', "Back".to_owned(), Then::Nothing)];
    if staged > 0 && !sending {
        answers.push(('$', "Review".to_owned(), Then::Review));
    }
    answers.push(('q', "Leave".to_owned(), Then::Quit));
    Some(Confirm::new(
        "Leave poppet?",
        vec![(Role::Text, text)],
        answers,
    ))
}

/// What waits, and what leaving does with it.
fn waiting(model: &Model, staged: u64) -> String {
    let verb = if staged == 1 { "waits" } else { "wait" };
    let waits = format!(
        "{} {verb} for the server ({}).",
        counted(staged, "staged deletion"),
        size(model.staged_octets())
    );
    if model.settings.demo {
        return format!(
            "{waits} Leaving ends the demo: its server, its mail and what is staged are gone."
        );
    }
    let goes: Vec<&str> = model
        .accounts
        .iter()
        .filter(|state| state.retention.delete == StagedDelete::Quit)
        .map(|state| state.account.as_str())
        .collect();
    if goes.is_empty() {
        let it = if staged == 1 { "it" } else { "them" };
        return format!("{waits} Leaving keeps {it} staged; nothing is deleted by leaving.");
    }
    format!(
        "{waits} Leaving deletes there what you staged in {}, as far as a whole copy is here; the rest stays staged.",
        goes.join(" and ")
    )
}

fn answer(model: &mut Model, then: Then, out: &mut Vec<Effect>) {
    match then {
        Then::Nothing => {}
        Then::Delete(ids, scope) => {
            let peeked = matches!(model.screen, super::Screen::Peek(_));
            deed::stage_deletion(model, &ids, scope, out);
            if peeked {
                model.back();
            }
        }
        Then::Fetch(ids) => deed::fetch(model, ids, out),
        Then::OpenLink(target) => out.push(Effect::OpenLink(target)),
        Then::Copy(text) => out.push(Effect::Copy(text)),
        Then::Review => super::review::open(model, out),
        Then::Quit => out.push(Effect::Quit),
    }
}
