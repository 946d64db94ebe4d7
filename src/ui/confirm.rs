//! A question that says what will happen. The safe answer has the focus, and Enter alone never does harm.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;

use super::chord::Chord;
use super::format::{counted, size};
use super::layout::centred;
use super::model::Model;
use super::paint::{self, Pen, row};
use super::theme::Role;
use super::{Effect, Overlay, deed};
use crate::mail::text::wrap;
use crate::mail::{Change, DeleteScope, Link, MessageId, MessageSummary};

/// A question.
#[derive(Clone, Debug)]
pub struct Confirm {
    title: String,
    lines: Vec<(Role, String)>,
    /// The first is the safe one.
    answers: Vec<Answer>,
    chosen: usize,
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
        let inner = usize::from(columns.saturating_sub(4));
        let lines: Vec<(Role, String)> = self
            .lines
            .iter()
            .flat_map(|(role, text)| {
                wrap(text, inner)
                    .into_iter()
                    .map(move |line| (*role, line.to_owned()))
            })
            .collect();
        let height = (lines.len() as u16).saturating_add(5);
        let area = centred(screen, columns, height);
        let hint = "Tab choose  Enter press  Esc back";
        let inside = paint::boxed(
            frame.buffer_mut(),
            area,
            &self.title,
            hint,
            model.theme,
            model.glyphs,
        );
        let room = inside.height.saturating_sub(2);
        for (y, (role, text)) in lines.iter().take(room.into()).enumerate() {
            let style = model.theme.style(*role);
            let mut pen = Pen::new(
                frame.buffer_mut(),
                row(inside, y as u16 + u16::from(inside.height > 3)),
                model.glyphs,
            );
            pen.gap(1, style)
                .cell(text, inside.width.saturating_sub(2), style);
        }
        let style = model.theme.style(Role::Text);
        let mut pen = Pen::new(
            frame.buffer_mut(),
            row(inside, inside.height.saturating_sub(1)),
            model.glyphs,
        );
        pen.gap(1, style);
        for (n, answer) in self.answers.iter().enumerate() {
            let look = if n == self.chosen {
                model.theme.chosen()
            } else {
                style
            };
            pen.text(&format!("[ {} {} ]", answer.key, answer.label), look)
                .gap(2, style);
        }
    }
}

/// The question before a deletion of messages that are not here. `lost` are those; `ids` all that are meant.
pub fn without_copy(lost: &[MessageSummary], ids: Vec<MessageId>, scope: DeleteScope) -> Confirm {
    let octets = lost
        .iter()
        .fold(0_u64, |sum, row| sum.saturating_add(row.octets));
    let n = lost.len() as u64;
    let which = match lost {
        [one] => format!("\"{}\" ({})", one.subject, size(one.octets)),
        many => format!(
            "{} of {} messages ({})",
            many.len(),
            ids.len(),
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
            "Nothing is deleted before the review ($), and u takes it back until then.".to_owned(),
        ),
    ];
    Confirm::new(
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
    )
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
    match &link.warning {
        Some(warning) => {
            lines.push((Role::Danger, format!("Careful: {warning}")));
            Confirm::new(
                "This link is not what it seems",
                lines,
                vec![back, copy, open],
            )
        }
        None => Confirm::new("Open this link?", lines, vec![open, copy, back]),
    }
}

/// The question before poppet is left while something waits; `None` when nothing does.
pub fn before_leaving(model: &Model) -> Option<Confirm> {
    let staged = model.staged.len() as u64;
    let busy = !model.progress.is_empty();
    if staged == 0 && !busy {
        return None;
    }
    let mut lines = Vec::new();
    if staged > 0 {
        let verb = if staged == 1 { "waits" } else { "wait" };
        let text = format!(
            "{} {verb} for the server ({}). Leaving keeps them staged; nothing is deleted by leaving.",
            counted(staged, "staged deletion"),
            size(model.staged_octets())
        );
        lines.push((Role::Text, text));
    }
    if busy {
        lines.push((
            Role::Text,
            "Mail is being fetched. What is here stays; the rest comes next time.".to_owned(),
        ));
    }
    let mut answers = vec![('b', "Back".to_owned(), Then::Nothing)];
    if staged > 0 {
        answers.push(('$', "Review".to_owned(), Then::Review));
    }
    answers.push(('q', "Leave".to_owned(), Then::Quit));
    Some(Confirm::new("Leave poppet?", lines, answers))
}

fn answer(model: &mut Model, then: Then, out: &mut Vec<Effect>) {
    match then {
        Then::Nothing => {}
        Then::Delete(ids, scope) => {
            let peeked = matches!(model.screen, super::Screen::Peek(_));
            deed::perform(model, "Deleted", ids, Change::Delete(scope), out);
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
