use crate::mail::{Address, Attachment, Body, Flags, Local, MessageSummary, Server};
use crate::ui::action::{Action, availability};
use crate::ui::format::{countdown, counted, day, full_date, size, subject};
use crate::ui::glyphs::Glyphs;
use crate::ui::model::Model;
use crate::ui::paint;

/// A line of the head: its name, its text, and what stands at its right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadLine {
    /// Its name.
    pub name: &'static str,
    /// Its text.
    pub text: String,
    /// What stands at its right; gives way to the text.
    pub aside: String,
    /// It does not: the text is cut for it.
    pub stays: bool,
}

/// Where the head is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Columns.
    pub columns: u16,
    /// So many of its lines are shown.
    pub rows: u16,
    /// Whether the subject is among them, as it stands nowhere else.
    pub with_subject: bool,
}

/// The lines above a message's text.
pub fn lines(
    model: &Model,
    message: &MessageSummary,
    body: Option<&Body>,
    place: Place,
) -> Vec<HeadLine> {
    let columns = place.columns;
    let line = |name, text: String, aside: String| HeadLine {
        name,
        text,
        aside,
        stays: false,
    };
    let mut lines = vec![
        line("From", message.from.to_string(), String::new()),
        line("To", addresses(&message.to), String::new()),
    ];
    date(&mut lines, full_date(message.date, model.zone()), place);
    if !message.cc.is_empty() {
        lines.push(line("Cc", addresses(&message.cc), String::new()));
    }
    if place.with_subject {
        lines.push(line(
            "Subject",
            subject(&message.subject).to_owned(),
            String::new(),
        ));
    }
    lines.push(line(
        "Server",
        server_sentence(model, message),
        server_keys(model),
    ));
    if let Some(body) = body.filter(|body| body.has_files()) {
        let (text, aside) = files(model, &body.attachments, columns);
        lines.push(line("Files", text, aside));
    }
    lines
}

/// Puts the date beside the sender, or where there is no room beside the recipients. It is always to be seen: if need be the
/// recipients are cut, and of what has one line the sender.
fn date(lines: &mut [HeadLine], date: String, place: Place) {
    let room = place.columns.saturating_sub(NAMES + 1);
    let beside = paint::columns_of(&date) + APART;
    let fits = |line: &HeadLine| paint::columns_of(&line.text) + beside <= room;
    let shown = usize::from(place.rows.clamp(1, 2));
    let shown = lines.get_mut(..shown).unwrap_or_default();
    let at = shown.iter().position(fits);
    let at = at.unwrap_or(shown.len().saturating_sub(1));
    if let Some(line) = shown.get_mut(at) {
        line.aside = date;
        line.stays = beside < room;
    }
}

/// The attachments and their keys. The keys stay before sizes, and before names are whole; a name keeps its ending, and
/// what has no room is counted.
fn files(model: &Model, attachments: &[Attachment], columns: u16) -> (String, String) {
    let room = columns.saturating_sub(NAMES + 1);
    let all = [(Action::Attachments, "list"), (Action::SaveAll, "save all")];
    let (both, list) = (keys(model, &all), keys(model, &all[..1]));
    let two = attachments.len().min(2);
    // More than that never fit.
    let most = attachments
        .len()
        .min(usize::from(columns / SHORTEST))
        .max(two);
    for (aside, least) in [(&both, two), (&list, two), (&list, 1)] {
        let taken = match paint::columns_of(aside) {
            0 => 0,
            columns => columns + 3,
        };
        let room = room.saturating_sub(taken);
        for sizes in [true, false] {
            for shown in (least..=most).rev() {
                if let Some(text) = named(attachments, (shown, sizes), room, &model.glyphs) {
                    return (text, aside.clone());
                }
            }
        }
    }
    let count = counted(attachments.len() as u64, "file");
    (count, list)
}

/// The first so many attachments in so many columns; `None` where their names would say nothing any more.
fn named(
    attachments: &[Attachment],
    (shown, sizes): (usize, bool),
    room: u16,
    glyphs: &Glyphs,
) -> Option<String> {
    let more = match attachments.len() - shown {
        0 => String::new(),
        more => format!("   +{more} more"),
    };
    let sizes: Vec<String> = attachments
        .iter()
        .take(shown)
        .map(|file| sizes.then(|| format!(" {}", size(file.octets))))
        .map(Option::unwrap_or_default)
        .collect();
    let files: Vec<(usize, &str, &String)> = attachments
        .iter()
        .zip(&sizes)
        .enumerate()
        .map(|(n, (file, size))| (n + 1, file.file_name.as_str(), size))
        .collect();
    let around = |(n, _, size): &(usize, &str, &String)| {
        let text = format!("[a{n}] {size}");
        u32::from(paint::columns_of(&text)) + if *n > 1 { 3 } else { 0 }
    };
    let fixed = files.iter().map(around).sum::<u32>() + u32::from(paint::columns_of(&more));
    let mut names: Vec<u16> = files
        .iter()
        .map(|(_, name, _)| paint::columns_of(name).min(room))
        .collect();
    let names_room = u32::from(room).checked_sub(fixed)?;
    // The longest gives way first.
    while names.iter().map(|name| u32::from(*name)).sum::<u32>() > names_room {
        let longest = names.iter_mut().max()?;
        *longest = longest.checked_sub(1).filter(|left| *left >= SHORTEST)?;
    }
    let texts: Vec<String> = files
        .iter()
        .zip(names)
        .map(|((n, name, size), columns)| {
            format!("[a{n}] {}{size}", shortened(name, columns, glyphs))
        })
        .collect();
    Some(texts.join("   ") + &more)
}

/// A file's name in so many columns, with its ending: what kind of file it is must not be cut away.
fn shortened(name: &str, columns: u16, glyphs: &Glyphs) -> String {
    let dot = name
        .rfind('.')
        .filter(|dot| *dot > 0 && name.len() - dot <= 6);
    let (stem, ending) = name.split_at(dot.unwrap_or(name.len()));
    let room = columns.saturating_sub(paint::columns_of(ending));
    paint::fit(stem, room, *glyphs).into_owned() + ending
}

/// Where the message's copies are, in words.
pub fn server_sentence(model: &Model, message: &MessageSummary) -> String {
    let pinned = message.flags.has(Flags::PINNED);
    match message.server {
        Server::Present if message.is_to_stage_again() => {
            "on server · its deletion was taken back: stage it again".to_owned()
        }
        Server::Present if pinned => "on server · left there whatever the rules say".to_owned(),
        Server::Present => match model.leaves_server(message) {
            Some(at) if at <= model.now => "on server · rule deletes it at a check".to_owned(),
            Some(at) => {
                let (_, days) = countdown(at, model.now);
                let day = day(at, model.now, model.zone());
                format!(
                    "on server · rule deletes it in {} ({day})",
                    days.trim_end_matches('!')
                )
            }
            None => "on server".to_owned(),
        },
        Server::DeleteWanted => match message.reason {
            Some(crate::mail::Reason::Rule) => "on server · a rule stages its deletion".to_owned(),
            _ => "on server · its deletion is staged".to_owned(),
        },
        Server::Unconfirmed => "deletion sent, not confirmed; the next check tells".to_owned(),
        Server::Deleted if message.local != Local::Full => {
            "deleted from the server, and there is no copy here".to_owned()
        }
        Server::Vanished if message.local != Local::Full => {
            "not on the server any more, and there is no copy here".to_owned()
        }
        Server::Deleted => "only here · deleted from the server".to_owned(),
        Server::Vanished => "only here · not on the server".to_owned(),
    }
}

fn addresses(all: &[Address]) -> String {
    let names: Vec<&str> = all.iter().map(Address::short).collect();
    names.join(", ")
}

fn server_keys(model: &Model) -> String {
    keys(
        model,
        &[
            (Action::Undelete, "undelete"),
            (Action::Pin, "leave"),
            (Action::DeleteServer, "server only"),
        ],
    )
}

fn keys(model: &Model, actions: &[(Action, &str)]) -> String {
    let parts: Vec<String> = actions
        .iter()
        .filter(|(action, _)| availability(model, *action).is_ok())
        .filter_map(|(action, word)| {
            let key = model.keymap.key_for(model.scope(), *action)?;
            Some(format!("{key} {word}"))
        })
        .collect();
    parts.join("   ")
}

/// Columns of the lines' names, with the blank before them.
pub(super) const NAMES: u16 = 10;
/// Columns between a line's text and what stands at its right.
pub(super) const APART: u16 = 3;
/// Columns below which a name says nothing.
const SHORTEST: u16 = 12;
