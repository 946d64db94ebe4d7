//! The links of a message, each with where it really leads.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;

use super::chord::Chord;
use super::layout::centred;
use super::model::Model;
use super::paint::{self, Pen, row};
use super::theme::Role;
use super::{Effect, Overlay, confirm, update};
use crate::mail::Link;

/// The list of links.
#[derive(Clone, Debug)]
pub struct Links {
    links: Vec<Link>,
    chosen: usize,
}

/// Shows them.
pub fn open(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(body) = model.reader.body() else {
        return;
    };
    let links = Links {
        links: body.links.clone(),
        chosen: 0,
    };
    update::open_overlay(model, Overlay::Links(links), out);
}

impl Links {
    /// Takes a key.
    pub fn key(mut self, model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) {
        let last = self.links.len().saturating_sub(1);
        match key.code {
            KeyCode::Esc | KeyCode::Char('q' | 'h' | 'O') | KeyCode::Left => return,
            KeyCode::Char('j') | KeyCode::Down => self.chosen = (self.chosen + 1).min(last),
            KeyCode::Char('k') | KeyCode::Up => self.chosen = self.chosen.saturating_sub(1),
            KeyCode::Home => self.chosen = 0,
            KeyCode::Char('G') | KeyCode::End => self.chosen = last,
            KeyCode::Char('y') => {
                if let Some(link) = self.links.get(self.chosen) {
                    out.push(Effect::Copy(link.target.clone()));
                }
                return;
            }
            KeyCode::Enter | KeyCode::Char('o' | 'l') => return self.ask(self.chosen, model, out),
            _ => {
                if let Some(n) = Chord::of(key).typed().and_then(|c| c.to_digit(10))
                    && n > 0
                    && n as usize <= self.links.len()
                {
                    return self.ask(n as usize - 1, model, out);
                }
            }
        }
        model.overlay = Overlay::Links(self);
    }

    /// Draws it.
    pub fn draw(&self, model: &Model, frame: &mut Frame<'_>) {
        let screen = frame.area();
        let height = (self.links.len() as u16)
            .saturating_mul(2)
            .saturating_add(2)
            .clamp(4, screen.height.saturating_sub(2).max(4));
        let area = centred(screen, screen.width.saturating_sub(4).min(96), height);
        let title = super::format::counted(self.links.len() as u64, "link");
        let hint = "Enter open  y copy  Esc back";
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
        for (y, (n, link)) in self
            .links
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
            pen.cell(&format!("[{}]", n + 1), 6, style(Role::Key));
            let room = pen.room().saturating_sub(1);
            pen.cell(&link.target, room, style(Role::Link))
                .rest(style(Role::Text));
            let mut pen = Pen::new(frame.buffer_mut(), row(inside, y + 1), model.glyphs);
            let (role, text) = match &link.warning {
                Some(warning) => (Role::Danger, format!("{} {warning}", model.glyphs.warning)),
                None if link.text == link.target => (Role::Muted, String::new()),
                None => (Role::Muted, link.text.clone()),
            };
            pen.gap(7, style(role));
            let room = pen.room().saturating_sub(1);
            pen.cell(&text, room, style(role)).rest(style(role));
        }
    }

    fn ask(&self, place: usize, model: &mut Model, out: &mut Vec<Effect>) {
        if let Some(link) = self.links.get(place) {
            let question = confirm::open_link(link);
            update::open_overlay(model, Overlay::Confirm(question), out);
        }
    }
}
