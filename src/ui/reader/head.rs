use crate::mail::{Address, Body, Flags, MessageSummary, Server};
use crate::ui::action::{Action, availability};
use crate::ui::format::{countdown, day, full_date, size};
use crate::ui::model::Model;

/// A line of the head: its name, its text, and what stands at its right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadLine {
    /// Its name.
    pub name: &'static str,
    /// Its text.
    pub text: String,
    /// What stands at its right; gives way to the text.
    pub aside: String,
}

/// The lines above a message's text.
pub fn lines(
    model: &Model,
    message: &MessageSummary,
    body: Option<&Body>,
    with_subject: bool,
) -> Vec<HeadLine> {
    let line = |name, text: String, aside: String| HeadLine { name, text, aside };
    let mut lines = vec![line(
        "From",
        message.from.to_string(),
        full_date(message.date, model.zone()),
    )];
    lines.push(line("To", addresses(&message.to), String::new()));
    if !message.cc.is_empty() {
        lines.push(line("Cc", addresses(&message.cc), String::new()));
    }
    if with_subject {
        lines.push(line("Subject", subject(message), String::new()));
    }
    lines.push(line(
        "Server",
        server_sentence(model, message),
        server_keys(model),
    ));
    if let Some(body) = body.filter(|body| !body.attachments.is_empty()) {
        let files: Vec<String> = body
            .attachments
            .iter()
            .enumerate()
            .map(|(n, file)| format!("[a{}] {} {}", n + 1, file.file_name, size(file.octets)))
            .collect();
        let aside = [(Action::Attachments, "list"), (Action::SaveAll, "save all")];
        lines.push(line("Files", files.join("   "), keys(model, &aside)));
    }
    lines
}

/// Where the message's copies are, in words.
pub fn server_sentence(model: &Model, message: &MessageSummary) -> String {
    let pinned = message.flags.has(Flags::PINNED);
    match message.server {
        Server::Present if pinned => "on server · left there whatever the rules say".to_owned(),
        Server::Present => match model.leaves_server(message) {
            Some(at) if at <= model.now => "on server · its rule deletes it at a check".to_owned(),
            Some(at) => {
                let (_, days) = countdown(at, model.now);
                let day = day(at, model.now, model.zone());
                format!(
                    "on server · its rule deletes it in {} ({day})",
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
        Server::Deleted => "only here · deleted from the server".to_owned(),
        Server::Vanished => "only here · not on the server".to_owned(),
    }
}

/// A subject for a title.
pub fn subject(message: &MessageSummary) -> String {
    if message.subject.is_empty() {
        "(no subject)".to_owned()
    } else {
        message.subject.clone()
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
