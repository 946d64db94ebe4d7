use std::borrow::Cow;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::columns::Columns;
use super::{empty, tree};
use crate::bridge::Sort;
use crate::mail::{Brief, Flags, Local, MessageSummary, SearchField, Server};
use crate::ui::format::{self, countdown, list_date, size};
use crate::ui::model::{Model, Overlay};
use crate::ui::paint::{self, Pen, row};
use crate::ui::reader;
use crate::ui::theme::{Role, Theme};

/// Draws the list, and the preview where there is room for one.
pub fn draw(model: &Model, frame: &mut Frame<'_>) {
    let panes = model.panes();
    let columns = Columns::of(panes.rows.width);
    if let Some(area) = panes.heading {
        heading(model, frame, area, columns);
    }
    rows(model, frame, panes.rows, columns);
    if let (Some(rule), Some(area)) = (panes.rule, panes.reader) {
        divider(model, frame, rule);
        reader::draw::preview(model, frame, area);
    }
}

/// What the server's copy is, in a word of at most four letters; of a copy that a rule deletes, in how many days.
pub fn server_word(model: &Model, message: &MessageSummary) -> (Role, Cow<'static, str>) {
    let (role, word) = match message.server {
        Server::DeleteWanted => (Role::Warn, "del"),
        Server::Unconfirmed => (Role::Warn, "del?"),
        Server::Deleted | Server::Vanished => (Role::Muted, model.glyphs.gone),
        Server::Present if message.is_to_stage_again() => (Role::Warn, "del!"),
        Server::Present if message.flags.has(Flags::PINNED) => (Role::Ok, "pin"),
        Server::Present if message.is_left_out() => (Role::Warn, "big"),
        Server::Present => match model.leaves_server(message) {
            Some(at) => {
                let (soon, text) = countdown(at, model.now);
                let role = if soon { Role::Warn } else { Role::Muted };
                return (role, text.into());
            }
            None => (Role::Muted, "srv"),
        },
    };
    (role, word.into())
}

fn heading(model: &Model, frame: &mut Frame<'_>, area: Rect, columns: Columns) {
    let style = model.theme.style(Role::Heading);
    let list = &model.list;
    let arrow = if list.reverse {
        model.glyphs.ascending
    } else {
        model.glyphs.descending
    };
    let name = |word: &str, sort: Sort| match sort {
        sort if list.sort != sort => word.to_owned(),
        // Its column has no room for a blank.
        Sort::Size => format!("{word}{arrow}"),
        _ => format!("{word} {arrow}"),
    };
    let mut pen = Pen::new(frame.buffer_mut(), area, model.glyphs);
    pen.gap(columns.lead(), style);
    pen.cell(&name("From", Sort::From), columns.from, style)
        .gap(1, style);
    pen.cell(&name("Subject", Sort::Subject), columns.subject, style);
    if columns.size > 0 {
        pen.gap(1, style)
            .cell_right(&name("Size", Sort::Size), columns.size, style);
    }
    pen.gap(1, style).cell("Srv", columns.server, style);
    if columns.date > 0 {
        pen.gap(1, style)
            .cell_right(&name("Date", Sort::Date), columns.date, style);
    }
    pen.rest(style);
}

fn rows(model: &Model, frame: &mut Frame<'_>, area: Rect, columns: Columns) {
    let list = &model.list;
    if list.visible().is_empty() {
        return empty::draw(model, frame, area);
    }
    let window = list
        .visible()
        .iter()
        .skip(list.top())
        .take(area.height.into());
    for (y, id) in window.enumerate() {
        let here = list.selected() == Some(*id);
        let line = row(area, y as u16);
        let look = Look {
            here,
            marked: list.marks.contains(*id) || list.in_range(list.top() + y),
            theme: model.theme,
        };
        let mut pen = Pen::new(frame.buffer_mut(), line, model.glyphs);
        if let Some(message) = list.rows.row(*id) {
            message_row(model, &mut pen, message, columns, look);
        } else if let Some(brief) = list.rows.brief(*id) {
            brief_row(model, &mut pen, brief, columns, look);
        }
        if here && matches!(model.overlay, Overlay::None) {
            frame.set_cursor_position(Position::new(line.x, line.y));
        }
    }
}

/// How a row looks.
#[derive(Clone, Copy)]
struct Look {
    here: bool,
    marked: bool,
    theme: Theme,
}

impl Look {
    fn style(self, role: Role) -> Style {
        self.theme.on_row(role, self.here)
    }
}

fn message_row(
    model: &Model,
    pen: &mut Pen<'_>,
    message: &MessageSummary,
    columns: Columns,
    look: Look,
) {
    let glyphs = model.glyphs;
    let unread = model.list.is_unread(message.id);
    let text = if look.marked {
        Role::Marked
    } else if unread {
        Role::Unread
    } else {
        Role::Text
    };
    // Blanks take the style beside them: a change of colour costs more octets than the blank.
    let muted = look.style(Role::Muted);
    let on = |yes: bool, shape: &'static str| if yes { shape } else { " " };
    pen.cell(on(look.here, glyphs.cursor), 1, look.style(Role::Accent));
    pen.cell(on(look.marked, glyphs.mark), 1, look.style(Role::Marked));
    let answered = message.flags.has(Flags::ANSWERED);
    let state = if unread {
        glyphs.unread
    } else {
        on(answered, glyphs.answered)
    };
    pen.cell(
        state,
        1,
        look.style(if unread { Role::Accent } else { Role::Muted }),
    );
    if columns.flags {
        pen.cell(
            on(message.flags.has(Flags::STARRED), glyphs.star),
            1,
            look.style(Role::Warn),
        );
        pen.cell(
            on(message.attachments > 0, glyphs.attachment),
            1,
            look.style(Role::Muted),
        );
    }
    pen.gap(1, look.style(text));
    let from = paint::fit(message.from.short(), columns.from, glyphs);
    let spans = model.list.find.needles.spans(SearchField::From, &from);
    let end = columns.from.saturating_sub(paint::columns_of(&from));
    pen.found(&from, &spans, look.style(text), look.style(Role::Match))
        .gap(end.saturating_add(1), look.style(text));
    subject(model, pen, message, columns, look.style(text), look);
    if columns.size > 0 {
        let away = message.local != Local::Full;
        let octets = size(message.octets);
        // A size of five columns leaves no room for the mark; the words in the reader say it too.
        let octets = if away {
            format!("{}{octets}", glyphs.remote)
        } else {
            octets
        };
        pen.gap(1, muted)
            .cell_right(&octets, columns.size, look.style(Role::Muted));
    }
    let (role, word) = server_word(model, message);
    pen.gap(1, muted)
        .cell(&word, columns.server, look.style(role));
    if columns.date > 0 {
        let date = list_date(message.date, model.now, model.zone());
        let role = if unread { Role::Text } else { Role::Muted };
        pen.gap(1, muted)
            .cell_right(&date, columns.date, look.style(role));
    }
    pen.rest(muted);
}

/// A row whose text is on its way from the store: the next frame has it.
fn brief_row(model: &Model, pen: &mut Pen<'_>, brief: &Brief, columns: Columns, look: Look) {
    let muted = look.style(Role::Muted);
    let on = |yes: bool, shape: &'static str| if yes { shape } else { " " };
    let glyphs = model.glyphs;
    pen.cell(on(look.here, glyphs.cursor), 1, look.style(Role::Accent));
    pen.cell(on(look.marked, glyphs.mark), 1, look.style(Role::Marked));
    if columns.date > 0 {
        let date = list_date(brief.date, model.now, model.zone());
        pen.to_right(columns.date, muted)
            .cell_right(&date, columns.date, muted);
    }
    pen.rest(muted);
}

fn subject(
    model: &Model,
    pen: &mut Pen<'_>,
    message: &MessageSummary,
    columns: Columns,
    style: Style,
    look: Look,
) {
    let subject = format::subject(&message.subject);
    let tree = tree::lines(model, message.id);
    let count = match model.list.folded(message.id) {
        Some(members) => format!(" ({})", members.len()),
        None => String::new(),
    };
    let around = paint::columns_of(&tree) + paint::columns_of(&count);
    let subject = paint::fit(
        subject,
        columns.subject.saturating_sub(around),
        model.glyphs,
    );
    let used = around + paint::columns_of(&subject);
    let room = columns.subject.saturating_sub(used);
    let needles = &model.list.find.needles;
    let found = look.style(Role::Match);
    let spans = needles.spans(SearchField::Subject, &subject);
    pen.text(&tree, look.style(Role::Muted))
        .found(&subject, &spans, style, found)
        .text(&count, look.style(Role::Muted));
    if columns.snippet && room > 10 {
        let words = match message.local {
            Local::Headers if message.is_left_out() => "(too large to download)",
            Local::Headers if message.snippet.is_empty() => "(not downloaded: headers only)",
            _ => &message.snippet,
        };
        let muted = look.style(Role::Muted);
        let words = paint::fit(words, room - 2, model.glyphs);
        let end = (room - 2).saturating_sub(paint::columns_of(&words));
        let spans = needles.spans(SearchField::Body, &words);
        pen.gap(2, muted).found(&words, &spans, muted, found);
        pen.gap(end, muted);
    } else {
        pen.gap(room, style);
    }
}

fn divider(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let style = model.theme.style(Role::Rule);
    if area.width == 1 {
        for y in 0..area.height {
            Pen::new(frame.buffer_mut(), row(area, y), model.glyphs)
                .text(model.glyphs.column, style);
        }
        return;
    }
    let total = model.list.visible().len();
    let word = if total == 0 {
        String::new()
    } else {
        format!("{}/{}", model.list.position() + 1, total)
    };
    paint::rule(frame.buffer_mut(), area, &word, model.theme, model.glyphs);
}
