//! Any command by its name, with the key that would have been faster. With `:` it takes names to the letter.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

use super::action::{ACTIONS, Action, Scope, Spec};
use super::chord::Chord;
use super::help::why_off;
use super::layout::centred;
use super::model::Model;
use super::paint::{self, Pen, row};
use super::theme::Role;
use super::wizard::field::TextField;
use super::{Effect, Overlay, update};

/// The palette, or the command line.
#[derive(Clone, Debug, Default)]
pub struct Palette {
    input: TextField,
    line: bool,
    chosen: usize,
    complaint: Option<String>,
}

/// Opens it; as a command line when `line`.
pub fn open(model: &mut Model, line: bool, out: &mut Vec<Effect>) {
    let palette = Palette {
        line,
        ..Palette::default()
    };
    update::open_overlay(model, Overlay::Palette(palette), out);
}

impl Palette {
    /// Takes a key.
    pub fn key(mut self, model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) {
        let last = self.found(model).len().saturating_sub(1);
        let chord = Chord::of(key);
        match key.code {
            KeyCode::Esc => return,
            KeyCode::Down => self.chosen = (self.chosen + 1).min(last),
            KeyCode::Up => self.chosen = self.chosen.saturating_sub(1),
            KeyCode::Backspace if self.input.is_empty() => return,
            KeyCode::Tab => self.complete(model),
            KeyCode::Enter => {
                let Some(action) = self.wanted(model) else {
                    self.complain();
                    model.overlay = Overlay::Palette(self);
                    return;
                };
                match why_off(model, action) {
                    None => return update::act(model, action, out),
                    Some(reason) => {
                        self.complaint = Some(format!("{}: {reason}", action.spec().id));
                    }
                }
            }
            _ if chord.is_control('n') => self.chosen = (self.chosen + 1).min(last),
            _ if chord.is_control('p') => self.chosen = self.chosen.saturating_sub(1),
            _ => {
                if self.input.key(key) {
                    self.chosen = 0;
                    self.complaint = None;
                }
            }
        }
        model.overlay = Overlay::Palette(self);
    }

    /// Takes pasted text.
    pub fn paste(mut self, model: &mut Model, text: &str, _out: &mut Vec<Effect>) {
        self.input.paste(text);
        self.chosen = 0;
        model.overlay = Overlay::Palette(self);
    }

    /// Draws it.
    pub fn draw(&self, model: &Model, frame: &mut Frame<'_>) {
        let screen = frame.area();
        let area = centred(
            screen,
            screen.width.saturating_sub(2).min(74),
            screen
                .height
                .saturating_sub(4)
                .clamp(6, 18)
                .min(screen.height),
        );
        let (title, hint) = if self.line {
            ("Command", "Enter run  Tab complete  Esc")
        } else {
            ("Commands", "Enter run  Tab complete  Esc")
        };
        let inside = paint::boxed(
            frame.buffer_mut(),
            area,
            title,
            hint,
            model.theme,
            model.glyphs,
        );
        let style = |role| model.theme.style(role);
        let mut pen = Pen::new(frame.buffer_mut(), row(inside, 0), model.glyphs);
        pen.gap(1, style(Role::Text))
            .text(if self.line { ":" } else { ">" }, style(Role::Accent))
            .gap(1, style(Role::Text));
        let room = pen.room().saturating_sub(1);
        let (shown, column) = self.input.window(room, model.glyphs);
        let x = inside.right() - pen.room() + column;
        pen.cell(&shown, room, style(Role::Input));
        frame.set_cursor_position((x, inside.y));
        let list = Rect {
            y: inside.y + 1,
            height: inside.height.saturating_sub(2),
            ..inside
        };
        let found = self.found(model);
        let height = usize::from(list.height);
        let first = (self.chosen + 1).saturating_sub(height);
        for (y, (n, spec)) in found
            .iter()
            .enumerate()
            .skip(first)
            .take(height)
            .enumerate()
        {
            self.draw_entry(spec, n == self.chosen, model, frame, row(list, y as u16));
        }
        let (role, text) = self.last_line(&found, model);
        let mut pen = Pen::new(
            frame.buffer_mut(),
            row(inside, inside.height.saturating_sub(1)),
            model.glyphs,
        );
        let room = pen.room().saturating_sub(2);
        pen.gap(1, style(role)).cell(&text, room, style(role));
    }

    fn draw_entry(
        &self,
        spec: &Spec,
        here: bool,
        model: &Model,
        frame: &mut Frame<'_>,
        area: Rect,
    ) {
        let off = why_off(model, spec.action);
        let style = |role| model.theme.on_row(role, here);
        let (text, keys) = if off.is_some() {
            (Role::Muted, Role::Muted)
        } else {
            (Role::Text, Role::Key)
        };
        let narrow = area.width < 56;
        let mut pen = Pen::new(frame.buffer_mut(), area, model.glyphs);
        pen.text(
            if here { model.glyphs.chosen } else { " " },
            style(Role::Accent),
        )
        .gap(1, style(text));
        let name = if self.line { spec.id } else { spec.name };
        let (key_columns, place) = if narrow { (6, 0) } else { (9, 21) };
        let room = pen.room().saturating_sub(key_columns + place + 2);
        pen.cell(name, room, style(text)).gap(1, style(text));
        let key = key_of(spec.action, model);
        pen.cell(&key, key_columns, style(keys)).gap(1, style(text));
        let where_from = match (&off, spec.scopes.first()) {
            (Some(off), _) => format!("({off})"),
            (None, _) if spec.scopes.contains(&Scope::Anywhere) => {
                Scope::Anywhere.name().to_owned()
            }
            (None, _) => model.scope().name().to_owned(),
        };
        pen.cell(&where_from, place, style(Role::Muted))
            .rest(style(text));
    }

    /// What is to be said: why not, or the key to press next time.
    fn last_line(&self, found: &[&'static Spec], model: &Model) -> (Role, String) {
        if let Some(text) = &self.complaint {
            return (Role::Warn, text.clone());
        }
        let Some(spec) = found.get(self.chosen) else {
            return (Role::Warn, "No command is called so".to_owned());
        };
        if let Some(off) = why_off(model, spec.action) {
            return (Role::Warn, format!("Off now: {off}"));
        }
        match model.keymap.key_for(model.scope(), spec.action) {
            Some(key) => (Role::Muted, format!("Next time just press {key}.")),
            None => (
                Role::Muted,
                format!("It has no key: [keys] {} = ... gives it one.", spec.id),
            ),
        }
    }

    /// What Enter runs: what is under the cursor; on the command line a name to the letter comes first.
    fn wanted(&self, model: &Model) -> Option<Action> {
        if self.line
            && let Some(action) = Action::named(self.input.text())
        {
            return Some(action);
        }
        let found = self.found(model);
        let spec = found.get(self.chosen)?;
        // A name that is not written out must be meant by the cursor or begin so, not merely look alike.
        let meant = !self.line || self.chosen > 0 || spec.id.starts_with(self.input.text());
        (meant && !self.input.text().is_empty() || !self.line).then_some(spec.action)
    }

    fn complain(&mut self) {
        let text = self.input.text().to_owned();
        let near = crate::config::nearest(&text, ACTIONS.iter().map(|spec| spec.id));
        self.complaint = Some(match near {
            _ if text.is_empty() => "Which command? Tab completes a name".to_owned(),
            Some(near) => format!("No command is called {text}; {near}?"),
            None => format!("No command is called {text}"),
        });
    }

    fn complete(&mut self, model: &Model) {
        let name = self
            .found(model)
            .get(self.chosen)
            .map(|spec| if self.line { spec.id } else { spec.name });
        if let Some(name) = name {
            self.input.set(name);
            self.chosen = 0;
        }
    }

    /// What matches, the best first; of equals, what can be done now before what cannot.
    fn found(&self, model: &Model) -> Vec<&'static Spec> {
        let wanted = self.input.text().to_lowercase();
        let mut found: Vec<(u32, &Spec)> = ACTIONS
            .iter()
            .filter(|spec| !matches!(spec.action, Action::Palette | Action::CommandLine))
            .filter_map(|spec| {
                let name = if self.line {
                    None
                } else {
                    score(&wanted, spec.name)
                };
                let best = name.into_iter().chain(score(&wanted, spec.id)).min()?;
                let off = why_off(model, spec.action).map_or(0, |_| BEHIND);
                Some((best + off, spec))
            })
            .collect();
        found.sort_by_key(|(far, _)| *far);
        found.into_iter().map(|(_, spec)| spec).collect()
    }
}

/// The key to show: the one that works here, else the first it has.
fn key_of(action: Action, model: &Model) -> String {
    let here = model.keymap.key_for(model.scope(), action);
    let any = || model.keymap.keys_of(action).into_iter().next();
    here.or_else(any).unwrap_or_else(|| "unbound".to_owned())
}

/// How far a text is from what is wanted, 0 for nothing wanted; `None` when the letters do not all occur in their order.
/// Letters at the beginning of words, and in a row, are nearer.
fn score(wanted: &str, text: &str) -> Option<u32> {
    let mut letters = wanted.chars().filter(|c| !c.is_whitespace()).peekable();
    let (mut far, mut before, mut hit_before) = (0, ' ', true);
    let text = text.to_lowercase();
    for (place, c) in text.chars().enumerate() {
        let Some(next) = letters.peek() else { break };
        if c == *next {
            letters.next();
            let starts_word = !before.is_alphanumeric();
            far += match (hit_before, starts_word) {
                (true, _) => 0,
                (false, true) => 2,
                (false, false) => 12,
            };
            if place > 0 && !hit_before {
                far += 1;
            }
            hit_before = true;
        } else {
            hit_before = false;
        }
        before = c;
    }
    letters.peek().is_none().then_some(far)
}

/// How far what cannot be done now is put back: less than a letter in the middle of a word.
const BEHIND: u32 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_in_a_row_and_at_the_beginning_of_words_are_nearer() {
        assert_eq!(score("", "Anything"), Some(0));
        assert_eq!(score("del", "Delete"), Some(0));
        assert!(score("ds", "Delete on server") < score("ds", "Headers"));
        assert_eq!(score("del ser", "Delete on server only"), Some(3));
        assert_eq!(score("del ser", "Deleted at last"), None);
        assert_eq!(score("xq", "Delete"), None);
    }
}
