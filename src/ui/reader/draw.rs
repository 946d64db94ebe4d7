use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;

use super::head::{self, HeadLine, Place};
use super::text::{FOLDED, Shown};
use super::top::{self, Top};
use crate::mail::text::quote_indent;
use crate::mail::{Body, Line, Link, Local, MessageSummary, SearchField, Span, SpanStyle};
use crate::ui::action::Action;
use crate::ui::format::{self, count, size};
use crate::ui::layout;
use crate::ui::model::{Model, Overlay, Screen};
use crate::ui::paint::{self, Pen, row};
use crate::ui::theme::Role;

/// Draws the message in full.
pub fn draw(model: &Model, frame: &mut Frame<'_>) {
    let page = layout::page(model.size.0, model.size.1).body;
    let Some(message) = model.list.current() else {
        return;
    };
    let top = Top::of(model, message);
    title(model, frame, page, (message, &top));
    let ruler = top.title.len() as u16;
    paint::rule(
        frame.buffer_mut(),
        row(page, ruler),
        "",
        model.theme,
        model.glyphs,
    );
    let place = Place {
        columns: page.width,
        rows: top.fields,
        with_subject: false,
    };
    let lines = head::lines(model, message, model.reader.body(), place);
    for (y, line) in lines.iter().take(top.fields.into()).enumerate() {
        head_line(model, frame, row(page, ruler + 1 + y as u16), line);
    }
    text(model, frame, text_area(model), message);
}

/// Draws the message beside or below the list.
pub fn preview(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let Some(message) = model.list.current() else {
        return;
    };
    let place = Place {
        columns: area.width,
        rows: area.height,
        with_subject: true,
    };
    let lines = head::lines(model, message, model.reader.body(), place);
    for (y, line) in lines.iter().enumerate() {
        head_line(model, frame, row(area, y as u16), line);
    }
    text(model, frame, text_area(model), message);
}

/// Where the text is: in the preview, or in full.
pub fn text_area(model: &Model) -> Rect {
    let preview = matches!(model.screen, Screen::List);
    let area = match model.panes().reader {
        Some(area) if preview => area,
        _ => layout::page(model.size.0, model.size.1).body,
    };
    let above = model.list.current().map_or(0, |message| {
        if preview {
            fields_height(message, model.reader.body(), true) + 1
        } else {
            Top::of(model, message).height()
        }
    });
    let above = above.min(area.height);
    Rect {
        y: area.y + above,
        height: area.height - above,
        ..area
    }
}

/// How many lines the head has.
pub(super) fn fields_height(
    message: &MessageSummary,
    body: Option<&Body>,
    with_subject: bool,
) -> u16 {
    let files = body.is_some_and(Body::has_files);
    3 + u16::from(with_subject) + u16::from(!message.cc.is_empty()) + u16::from(files)
}

fn title(
    model: &Model,
    frame: &mut Frame<'_>,
    page: Rect,
    (message, top): (&MessageSummary, &Top),
) {
    let subject = format::subject(&message.subject);
    let (style, muted) = (
        model.theme.style(Role::Title),
        model.theme.style(Role::Muted),
    );
    for (y, line) in top.title.iter().enumerate() {
        let text = subject.get(line.clone()).unwrap_or_default();
        let right = if y == 0 {
            top::place(model, message)
        } else {
            String::new()
        };
        let aside = if y == 0 {
            paint::columns_of(&right) + 3
        } else {
            1
        };
        let mut pen = Pen::new(frame.buffer_mut(), row(page, y as u16), model.glyphs);
        pen.gap(1, style)
            .cell(text, page.width.saturating_sub(aside + 1), style);
        if y == 0 {
            pen.to_right(aside - 2, muted).text(&right, muted);
        }
        pen.rest(muted);
    }
}

fn head_line(model: &Model, frame: &mut Frame<'_>, area: Rect, line: &HeadLine) {
    let (muted, text) = (
        model.theme.style(Role::Muted),
        model.theme.style(Role::Text),
    );
    let mut pen = Pen::new(frame.buffer_mut(), area, model.glyphs);
    pen.gap(1, muted).cell(line.name, head::NAMES - 1, muted);
    let aside = paint::columns_of(&line.aside);
    let wanted = paint::columns_of(&line.text);
    let room = pen.room().saturating_sub(1);
    let beside = room.saturating_sub(aside + head::APART);
    if aside > 0 && (line.stays || wanted <= beside) {
        pen.cell(&line.text, wanted.min(beside), text)
            .to_right(aside + 1, muted)
            .text(&line.aside, muted);
    } else {
        pen.cell(&line.text, room, text);
    }
    pen.rest(text);
}

fn text(model: &Model, frame: &mut Frame<'_>, area: Rect, message: &MessageSummary) {
    let reader = &model.reader;
    if let Some(body) = reader.body() {
        let window = reader
            .lines()
            .iter()
            .skip(reader.scroll)
            .take(area.height.into());
        for (y, shown) in window.enumerate() {
            let mut pen = Pen::new(frame.buffer_mut(), row(area, y as u16), model.glyphs);
            shown_line(model, &mut pen, body, shown);
        }
        if matches!(model.overlay, Overlay::None)
            && matches!(model.screen, Screen::Reader)
            && area.height > 0
        {
            frame.set_cursor_position(Position::new(area.x, area.y));
        }
        return;
    }
    for (y, (role, words)) in instead(model, message).into_iter().enumerate() {
        let style = model.theme.style(role);
        let mut pen = Pen::new(frame.buffer_mut(), row(area, y as u16), model.glyphs);
        let columns = area.width.saturating_sub(3);
        pen.gap(2, style).cell(&words, columns, style);
    }
}

/// What stands where the text is not here, or not yet.
fn instead(model: &Model, message: &MessageSummary) -> Vec<(Role, String)> {
    let key = |action: Action| model.key(action);
    if let Some(problem) = model.reader.failed() {
        return vec![
            (Role::Danger, problem.what.clone()),
            (Role::Text, problem.why.clone()),
            (Role::Muted, problem.remedy.clone()),
        ];
    }
    let there = message.server.is_there();
    match (message.local, model.reader.is_waiting()) {
        (Local::Full, _) => vec![(Role::Muted, "Opening…".to_owned())],
        (_, true) => vec![(
            Role::Muted,
            format!("Downloading {}…", size(message.octets)),
        )],
        (_, false) if there => vec![
            (
                Role::Muted,
                format!(
                    "Only the headers are here; the message ({}) is on the server.",
                    size(message.octets)
                ),
            ),
            (
                Role::Muted,
                format!(
                    "{} peeks at its first lines, {} downloads it.",
                    key(Action::PeekAt),
                    key(Action::Fetch)
                ),
            ),
        ],
        (_, false) => vec![(
            Role::Muted,
            "Only the headers are here, and it is no longer on the server.".to_owned(),
        )],
    }
}

fn shown_line(model: &Model, pen: &mut Pen<'_>, body: &Body, shown: &Shown) {
    let muted = model.theme.style(Role::Muted);
    match shown {
        Shown::Line(at) => {
            if let Some(line) = body.lines.get(*at) {
                pen.gap(2, model.theme.style(Role::Text));
                text_line(model, pen, body, line, body.lines.get(at + 1));
            }
        }
        Shown::Folded(n) => {
            let key = model.key(Action::Fold);
            pen.gap(2, muted).text(model.glyphs.fold, muted);
            pen.text(
                &format!(
                    " {} more quoted lines {} {key} shows",
                    count(*n as u64),
                    model.glyphs.dot
                ),
                muted,
            );
        }
        Shown::Field(at, part) => {
            if let Some(field) = body.fields.get(*at) {
                let key = model.theme.style(Role::Accent);
                let room = pen.room().saturating_sub(5);
                let name = paint::fit(&field.name, room, model.glyphs);
                pen.gap(2, muted).text(&name, key).text(": ", muted);
                let value = field.value.get(part.clone()).unwrap_or_default();
                pen.text(value, model.theme.style(Role::Text));
            }
        }
        Shown::FieldGoesOn(at, part) => {
            let value = body.fields.get(*at);
            let value = value.and_then(|field| field.value.get(part.clone()));
            pen.gap(2 + FOLDED, muted)
                .text(value.unwrap_or_default(), model.theme.style(Role::Text));
        }
        Shown::Note(text) => {
            let room = pen.room().saturating_sub(3);
            pen.gap(2, muted).cell(text, room, muted);
        }
        Shown::Warning(text) => {
            let style = model.theme.style(Role::Warn);
            let room = pen.room().saturating_sub(5);
            pen.gap(2, style)
                .text(model.glyphs.warning, style)
                .gap(1, style)
                .cell(text, room, style);
        }
        Shown::Empty => {}
    }
}

/// Writes a line of a body: quote marks, text, numbers of links.
pub fn text_line(model: &Model, pen: &mut Pen<'_>, body: &Body, line: &Line, next: Option<&Line>) {
    let indent = quote_indent(line.quote, body.width);
    for depth in 0..indent / 2 {
        let style = model.theme.style(Role::Quote(depth as u8 + 1));
        pen.text(model.glyphs.quote, style).text(" ", style);
    }
    for (at, span) in line.spans.iter().enumerate() {
        let style = model.theme.style(span_role(line, span));
        let spans = model.list.find.needles.spans(SearchField::Body, &span.text);
        let weight = span_weight(span.style);
        let found = model.theme.style(Role::Match).add_modifier(weight);
        pen.found(&span.text, &spans, style.add_modifier(weight), found);
        if line.numbered {
            continue;
        }
        let follows = line
            .spans
            .get(at + 1)
            .or_else(|| next.and_then(|next| next.spans.first()));
        let ends = span.link.is_some() && follows.and_then(|span| span.link) != span.link;
        if let (true, Some(number)) = (ends, span.link) {
            let mark = Link::mark(number);
            if !span.text.ends_with(&mark)
                && !follows.is_some_and(|span| span.text.trim_start().starts_with(&mark))
            {
                let style = model.theme.style(Role::Accent);
                pen.text(" ", style).text(&mark, style);
            }
        }
    }
}

fn span_role(line: &Line, span: &Span) -> Role {
    let style = span.style;
    if span.link.is_some() {
        Role::Link
    } else if style.number {
        Role::Accent
    } else if line.quote > 0 {
        Role::Quote(line.quote)
    } else if line.signature || style.dim {
        Role::Muted
    } else if style.code {
        Role::Code
    } else if style.heading {
        Role::Title
    } else {
        Role::Text
    }
}

fn span_weight(style: SpanStyle) -> Modifier {
    let mut weight = Modifier::empty();
    weight.set(Modifier::BOLD, style.bold || style.heading);
    weight.set(Modifier::ITALIC, style.italic);
    weight.set(Modifier::CROSSED_OUT, style.strike);
    weight
}
