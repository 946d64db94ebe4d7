//! `poppet attachments`: what a message carries.

use super::args::Attachments;
use super::complaint::mention;
use super::context::Context;
use super::exit::Exit;
use super::fitted::attachment;
use super::gone;
use super::json::{Part, Saved};
use super::progress::Meter;
use super::show::{find, open};
use super::stop::Stop;
use crate::bridge::{Command, Event, Ticket};
use crate::mail::{View, safe};

pub(super) async fn attachments(context: &Context, wanted: &Attachments) -> Result<Exit, Stop> {
    let (config, store) = context.stored()?;
    find(&store, wanted.id).await?;
    let mut desk = context.desk(config, store);
    let out = context.out;
    let Some(folder) = &wanted.save else {
        let body = open(context, &mut desk, wanted.id, View::Text).await?;
        let row = find(&desk.store, wanted.id).await?;
        desk.close().await?;
        for part in &body.attachments {
            if out.json {
                out.object(&Part::new(wanted.id, part))?;
            } else {
                out.text(&attachment(out, part))?;
            }
        }
        gone::told(&row)?;
        if body.attachments.is_empty() {
            let remark = format!("Message {} has no attachments.", wanted.id);
            mention(&context.global, &remark);
            return Ok(Exit::No);
        }
        return Ok(Exit::Done);
    };
    let watch = Meter::new(&context.global).watch(desk.board());
    let ticket = Ticket::new();
    desk.one(
        Command::Fetch {
            ticket,
            ids: vec![wanted.id],
        },
        ticket,
    )
    .await?;
    drop(watch);
    let ticket = Ticket::new();
    let save = Command::Save {
        ticket,
        id: wanted.id,
        parts: wanted.part.into_iter().collect(),
        folder: Some(folder.clone()),
    };
    let event = desk.one(save, ticket).await?;
    desk.close().await?;
    if let Event::Saved { files, .. } = event {
        for file in files {
            let file = file.display().to_string();
            if out.json {
                out.object(&Saved {
                    id: wanted.id,
                    file,
                })?;
            } else {
                out.line(&safe::line(&file))?;
            }
        }
    }
    Ok(Exit::Done)
}
