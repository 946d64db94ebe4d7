//! `poppet show` and `poppet peek`: a message, or its beginning.

use super::args::Show;
use super::complaint::mention;
use super::context::Context;
use super::damaged;
use super::desk::Desk;
use super::exit::Exit;
use super::gone;
use super::json::{Header, Message, Target};
use super::output;
use super::page::{columns, page, plain};
use super::progress::Meter;
use super::stop::Stop;
use super::words::count;
use crate::bridge::{Command, Event, Ticket};
use crate::mail::{Body, Kind, Local, MessageId, MessageSummary, Problem, View, safe};
use crate::mime;
use crate::store::{self, Store};

pub(super) async fn show(context: &Context, wanted: &Show) -> Result<Exit, Stop> {
    let id = wanted.id;
    let out = context.out;
    if wanted.raw || wanted.part.is_some() {
        return octets(context, wanted).await;
    }
    let (config, store) = context.stored()?;
    find(&store, id).await?;
    let mut desk = context.desk(config, store);
    let view = match (wanted.html, wanted.headers) {
        (true, _) => View::Html,
        (_, true) => View::Headers,
        _ => View::Text,
    };
    let body = open(context, &mut desk, id, view).await?;
    if wanted.html && !body.has_html {
        gone::told(&find(&desk.store, id).await?)?;
        return Err(no_html(id));
    }
    if wanted.html && !out.terminal && !out.json {
        let source = source(&desk.store, id).await?;
        let row = find(&desk.store, id).await?;
        let printed = output::octets(source.as_bytes());
        desk.close().await?;
        printed?;
        gone::told(&row)?;
        return Ok(Exit::Done);
    }
    let row = finish(context, desk, &body, BEGINNING).await?;
    // The header is here from the start.
    if !wanted.headers {
        gone::told(&row)?;
    }
    damaged::told(&row)
}

pub(super) async fn peek(context: &Context, id: MessageId, lines: u32) -> Result<Exit, Stop> {
    let (config, store) = context.stored()?;
    let there = find(&store, id).await?.server.is_there();
    let mut desk = context.desk(config, store);
    let watch = Meter::new(&context.global).watch(desk.board());
    let ticket = Ticket::new();
    let width = columns(context.out);
    let event = desk
        .one(
            Command::Peek {
                ticket,
                id,
                lines,
                width,
            },
            ticket,
        )
        .await?;
    drop(watch);
    let Event::Opened { body, .. } = event else {
        return Err(no_text(id));
    };
    let mut body = (*body).clone();
    // What is here already is not cut by a server; a person who asks for five lines wants five.
    let most = usize::try_from(lines).unwrap_or(usize::MAX);
    let enough = body.lines.len() >= most;
    if body.lines.len() > most {
        body.lines.truncate(most);
        body.partial = true;
    }
    // Where sizes are not what they seem, fewer lines than were asked for may be all that there are.
    let beginning = match lines {
        _ if enough || !there => BEGINNING.to_owned(),
        1 => "the first line".to_owned(),
        lines => format!("the first {lines} lines"),
    };
    let row = finish(context, desk, &body, &beginning).await?;
    if !enough {
        gone::told(&row)?;
    }
    damaged::told(&row)
}

/// The row of a message that must be there.
pub(super) async fn find(store: &Store, id: MessageId) -> Result<MessageSummary, Stop> {
    let found = store.summaries(vec![id]).await?.into_iter().next();
    found.ok_or_else(|| missing(&[id]))
}

/// There are no messages of these numbers.
pub(super) fn missing(ids: &[MessageId]) -> Stop {
    let numbers: Vec<String> = ids.iter().map(ToString::to_string).collect();
    Stop::Missing(Problem::new(
        Kind::Config,
        format!("There is no message {}", numbers.join(", ")),
        "nothing is stored under this number",
        "`poppet list` prints the numbers that there are.",
    ))
}

/// A message, downloaded first if it is not here.
pub(super) async fn open(
    context: &Context,
    desk: &mut Desk,
    id: MessageId,
    view: View,
) -> Result<Body, Stop> {
    let watch = Meter::new(&context.global).watch(desk.board());
    let ticket = Ticket::new();
    let width = columns(context.out);
    let event = desk
        .one(
            Command::Open {
                ticket,
                id,
                view,
                width,
            },
            ticket,
        )
        .await?;
    drop(watch);
    match event {
        Event::Opened { body, .. } => Ok((*body).clone()),
        _ => Err(no_text(id)),
    }
}

/// Prints a message, and gives its row as it is then. `beginning`: what is said of one that is not all.
async fn finish(
    context: &Context,
    desk: Desk,
    body: &Body,
    beginning: &str,
) -> Result<MessageSummary, Stop> {
    let row = find(&desk.store, body.id).await?;
    let printed = if context.out.json {
        let mut object = Message::from(&row);
        object.text = Some(
            body.lines
                .iter()
                .map(|line| plain(line, body.width) + "\n")
                .collect(),
        );
        object.links = Some(links(body));
        object.headers = (body.view == View::Headers).then(|| headers(body));
        context.out.object(&object)
    } else {
        context.out.text(&page(context.out, body, beginning))
    };
    desk.close().await?;
    printed?;
    Ok(row)
}

/// The links of a message, by the numbers that stand in its text.
fn links(body: &Body) -> Vec<Target<'_>> {
    (1..)
        .zip(&body.links)
        .map(|(number, link)| Target {
            number,
            target: &link.target,
            warning: link.warning.as_deref(),
        })
        .collect()
}

fn headers(body: &Body) -> Vec<Header<'_>> {
    let fields = body.fields.iter();
    fields
        .map(|field| Header {
            name: &field.name,
            value: &field.value,
        })
        .collect()
}

/// `--raw` and `--part`: octets as they are, or made visible on a terminal.
async fn octets(context: &Context, wanted: &Show) -> Result<Exit, Stop> {
    let id = wanted.id;
    if context.global.json {
        return Err(Problem::new(
            Kind::Config,
            "Octets cannot be printed as JSON",
            "--raw and --part give them as they are",
            "Leave --json out.",
        )
        .into());
    }
    let (config, store) = context.stored()?;
    find(&store, id).await?;
    let mut desk = context.desk(config, store);
    let watch = Meter::new(&context.global).watch(desk.board());
    let ticket = Ticket::new();
    let fetch = Command::Fetch {
        ticket,
        ids: vec![id],
    };
    let fetched = desk.one(fetch, ticket).await;
    drop(watch);
    let row = find(&desk.store, id).await?;
    let stored = match desk.store.octets(id).await {
        // Whoever wants the octets as they are can have them so.
        Err(store::Error::Spoilt(_)) if wanted.part.is_none() => {
            mention(
                &context.global,
                "This message is damaged here and cannot be fetched again; these are its octets as they are.",
            );
            desk.store.octets_as_they_are(id).await?
        }
        stored => {
            if !row.is_damaged() {
                fetched?;
            }
            stored?
        }
    };
    desk.close().await?;
    let Some((extent, octets)) = stored else {
        return Err(missing(&[id]));
    };
    if extent != Local::Full && !row.is_damaged() {
        mention(
            &context.global,
            "Only the beginning of this message is here, and its server no longer has it.",
        );
    }
    let octets = match wanted.part {
        None => octets,
        Some(part) => {
            let found = mime::attachment(&octets, part).map(|(_, decoded)| decoded);
            found.ok_or_else(|| no_part(id, part, mime::attachments(&octets).len()))?
        }
    };
    if context.out.terminal {
        // Octets of a message could do anything to a terminal. Whoever wants them exactly sends them elsewhere.
        let visible = safe::text(&String::from_utf8_lossy(&octets)).into_owned();
        output::octets(visible.as_bytes())?;
        if !visible.ends_with('\n') {
            output::octets(b"\n")?;
        }
    } else {
        output::octets(&octets)?;
    }
    damaged::told(&row)
}

async fn source(store: &Store, id: MessageId) -> Result<String, Stop> {
    let (_, octets) = store.octets(id).await?.ok_or_else(|| missing(&[id]))?;
    mime::html_source(&octets).ok_or_else(|| no_html(id))
}

fn no_html(id: MessageId) -> Stop {
    Stop::Missing(Problem::new(
        Kind::Config,
        format!("Message {id} has no HTML"),
        "it was sent as plain text",
        format!("Its text is shown by `poppet show {id}`."),
    ))
}

fn no_text(id: MessageId) -> Stop {
    Stop::Missing(Problem::new(
        Kind::Config,
        format!("Message {id} has no text"),
        "nothing of it is here",
        format!("Look at its source: `poppet show {id} --raw`."),
    ))
}

fn no_part(id: MessageId, part: u32, parts: usize) -> Stop {
    let why = match parts {
        0 => "it has no attachments".to_owned(),
        parts => format!("it has {}", count(parts as u64, "attachment")),
    };
    Stop::Missing(Problem::new(
        Kind::Config,
        format!("Message {id} has no part {part}"),
        why,
        format!("`poppet attachments {id}` lists them."),
    ))
}

const BEGINNING: &str = "this is only the beginning of the message";
