//! The attachments of a message: save, open.

use std::path::PathBuf;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;

use super::format::size;
use super::layout::centred;
use super::model::{Model, NoteKind, Work};
use super::paint::{self, Pen, row};
use super::theme::Role;
use super::{Effect, Overlay, update};
use crate::bridge::{Command, Ticket};
use crate::mail::{Attachment, MessageId};

/// The list of attachments.
#[derive(Clone, Debug)]
pub struct Files {
    id: MessageId,
    list: Vec<Attachment>,
    chosen: usize,
    /// A file with a warning is opened only at the second Enter.
    warned: bool,
}

/// Shows them.
pub fn open(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(body) = model.reader.body() else {
        return;
    };
    let files = Files {
        id: body.id,
        list: body.attachments.clone(),
        chosen: 0,
        warned: false,
    };
    update::open_overlay(model, Overlay::Files(files), out);
}

/// Files were written: says where, or opens what was to be opened.
pub fn saved(model: &mut Model, ticket: Ticket, files: Vec<PathBuf>, out: &mut Vec<Effect>) {
    match model.under_way.remove(&ticket) {
        Some(Work::OpenFile) => out.extend(files.into_iter().map(Effect::OpenFile)),
        Some(_) => {
            let text = match files.as_slice() {
                [one] => format!("Saved {}", one.display()),
                many => format!("Saved {} files in {}", many.len(), folder(model).display()),
            };
            model.say(NoteKind::Done, crate::mail::safe::line(&text).into_owned());
        }
        None => {}
    }
}

/// Where attachments are saved.
pub fn folder(model: &Model) -> PathBuf {
    model
        .settings
        .downloads
        .clone()
        .unwrap_or_else(|| PathBuf::from("."))
}

impl Files {
    /// Takes a key.
    pub fn key(mut self, model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) {
        let last = self.list.len().saturating_sub(1);
        let before = self.chosen;
        match key.code {
            KeyCode::Esc | KeyCode::Char('q' | 'h' | 'A') | KeyCode::Left => return,
            KeyCode::Char('j') | KeyCode::Down => self.chosen = (self.chosen + 1).min(last),
            KeyCode::Char('k') | KeyCode::Up => self.chosen = self.chosen.saturating_sub(1),
            KeyCode::Char('w') => return self.save(model, Some(folder(model)), Work::Save, out),
            KeyCode::Char('W') => {
                self.list.clear();
                return self.save(model, Some(folder(model)), Work::Save, out);
            }
            KeyCode::Enter | KeyCode::Char('o' | 'l') => {
                let warning = self
                    .list
                    .get(self.chosen)
                    .is_some_and(|file| file.warning.is_some());
                if !warning || self.warned {
                    return self.save(model, None, Work::OpenFile, out);
                }
                self.warned = true;
                out.push(Effect::FlushInput);
            }
            _ => {}
        }
        self.warned &= before == self.chosen;
        model.overlay = Overlay::Files(self);
    }

    /// Draws it.
    pub fn draw(&self, model: &Model, frame: &mut Frame<'_>) {
        let screen = frame.area();
        let height = (self.list.len() as u16)
            .saturating_mul(2)
            .saturating_add(2)
            .clamp(4, screen.height.saturating_sub(2).max(4));
        let area = centred(screen, screen.width.saturating_sub(4).min(90), height);
        let title = super::format::counted(self.list.len() as u64, "attachment");
        let hint = if self.warned {
            "Enter opens it all the same  Esc back"
        } else {
            "Enter open  w save  W save all  Esc back"
        };
        let inside = paint::boxed(
            frame.buffer_mut(),
            area,
            &title,
            hint,
            model.theme,
            model.glyphs,
        );
        let fit = usize::from((inside.height / 2).max(1));
        let first = (self.chosen + 1).saturating_sub(fit);
        for (y, (n, file)) in self
            .list
            .iter()
            .enumerate()
            .skip(first)
            .take(fit)
            .enumerate()
        {
            let here = n == self.chosen;
            let y = (y * 2) as u16;
            let style = |role| model.theme.on_row(role, here);
            let mut pen = Pen::new(frame.buffer_mut(), row(inside, y), model.glyphs);
            pen.text(
                if here { model.glyphs.cursor } else { " " },
                style(Role::Accent),
            );
            pen.cell(&format!("[a{}]", n + 1), 6, style(Role::Key));
            let room = pen.room().saturating_sub(8);
            pen.cell(&file.file_name, room, style(Role::Text));
            pen.cell_right(&size(file.octets), 6, style(Role::Muted))
                .rest(style(Role::Text));
            let mut pen = Pen::new(frame.buffer_mut(), row(inside, y + 1), model.glyphs);
            let (role, text) = match &file.warning {
                Some(warning) => (Role::Danger, format!("{} {warning}", model.glyphs.warning)),
                None => (Role::Muted, file.media_type.clone()),
            };
            pen.gap(7, style(role));
            let room = pen.room().saturating_sub(1);
            pen.cell(&text, room, style(role)).rest(style(role));
        }
    }

    fn save(self, model: &mut Model, folder: Option<PathBuf>, work: Work, out: &mut Vec<Effect>) {
        let ticket = Ticket::new();
        let parts = self
            .list
            .get(self.chosen)
            .map(|file| file.part)
            .into_iter()
            .collect();
        let text = if work == Work::OpenFile {
            "Opening the attachment"
        } else {
            "Saving"
        };
        model.say(NoteKind::Plain, text);
        model.under_way.insert(ticket, work);
        out.push(Effect::Send(Command::Save {
            ticket,
            id: self.id,
            parts,
            folder,
        }));
    }
}
