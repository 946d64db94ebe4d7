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
use crate::mail::text::wrap;

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
        let columns = screen.width.saturating_sub(4).min(96);
        let most = screen.height.saturating_sub(2).max(4);
        // Behind the edge, the number, a blank and the edge again.
        let room = columns.saturating_sub(NUMBER + 3);
        let rows = |link: &Link| 1 + below(link, room, model).len() as u16;
        let mut height = 2;
        for link in &self.links {
            height += rows(link);
            if height >= most {
                break;
            }
        }
        let area = centred(screen, columns, height.clamp(4, most));
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
        // Those before the chosen one, as far as they fit.
        let (mut first, mut used) = (self.chosen, self.links.get(self.chosen).map_or(0, rows));
        while let Some(link) = first.checked_sub(1).and_then(|n| self.links.get(n)) {
            used += rows(link);
            if used > inside.height {
                break;
            }
            first -= 1;
        }
        let mut y = 0;
        for (n, link) in self.links.iter().enumerate().skip(first) {
            if y >= inside.height {
                break;
            }
            let here = n == self.chosen;
            let style = |role| model.theme.on_row(role, here);
            let mut pen = Pen::new(frame.buffer_mut(), row(inside, y), model.glyphs);
            pen.text(
                if here { model.glyphs.cursor } else { " " },
                style(Role::Accent),
            );
            pen.cell(&format!("[{}]", n + 1), NUMBER - 1, style(Role::Key));
            pen.cell(&link.target, room, style(Role::Link))
                .rest(style(Role::Text));
            let role = if link.warning.is_some() {
                Role::Danger
            } else {
                Role::Muted
            };
            for line in below(link, room, model) {
                y += 1;
                let mut pen = Pen::new(frame.buffer_mut(), row(inside, y), model.glyphs);
                pen.gap(NUMBER, style(role));
                pen.cell(&line, room, style(role)).rest(style(role));
            }
            y += 1;
        }
    }

    fn ask(&self, place: usize, model: &mut Model, out: &mut Vec<Effect>) {
        if let Some(link) = self.links.get(place) {
            let question = confirm::open_link(link);
            update::open_overlay(model, Overlay::Confirm(question), out);
        }
    }
}

/// What stands below a link's address: a warning in full, for its end may say what matters, else what the message calls it.
fn below(link: &Link, room: u16, model: &Model) -> Vec<String> {
    match &link.warning {
        Some(warning) => {
            let sign = model.glyphs.warning;
            let columns = room.saturating_sub(paint::columns_of(sign) + 1).max(1);
            let lines = wrap(warning, columns.into()).into_iter();
            let blank = " ".repeat(paint::columns_of(sign).into());
            let before = std::iter::once(sign).chain(std::iter::repeat(blank.as_str()));
            lines
                .zip(before)
                .map(|(line, before)| format!("{before} {line}"))
                .collect()
        }
        None if link.text == link.target => vec![String::new()],
        None => vec![link.text.clone()],
    }
}

/// Columns of a link's number, with the cursor before it.
const NUMBER: u16 = 7;
