//! Sending DELEs, and the proof that each had an answer of its own.

use super::{Applied, Approved};
use crate::backend::error::{Error, Says};
use crate::backend::line::{Came, Line};
use crate::pop3::{self, Command, Event, Verb};

/// Sends DELE for each and keeps those that the server took.
///
/// A NOOP and a STAT follow, whose answers must fit: no answer to a DELE or a NOOP can stand in for STAT's numbers, so that
/// none is left over for QUIT to take for its own. Where commands are sent ahead, they go along with each batch.
pub(super) async fn mark(
    line: &mut Line<usize>,
    approved: Vec<Approved>,
    applied: &mut Applied,
) -> Result<Vec<Approved>, Error> {
    let mut marked = Vec::with_capacity(approved.len());
    let ahead = line.ahead();
    let at_once = if ahead { MOST_DELES } else { 1 };
    let suspect = |error: Error| if ahead { out_of_step(error) } else { error };
    let mut waiting = approved.into_iter();
    let mut sent = false;
    loop {
        let batch: Vec<Approved> = waiting.by_ref().take(at_once).collect();
        if batch.is_empty() {
            break;
        }
        sent = true;
        for deletion in &batch {
            line.delete(deletion)?;
        }
        if ahead {
            for command in &PROOF {
                line.ask(command)?;
            }
        }
        for deletion in batch {
            match answer(line).await.map_err(suspect)? {
                Event::Reply(reply) if reply.ok => marked.push(deletion),
                Event::Reply(reply) => {
                    let why = format!("the server refused: {}", Says::from(&reply));
                    applied.refused.push((deletion.message, why));
                }
                _ => return Err(suspect(Error::Unexpected(Verb::Dele))),
            }
        }
        if ahead {
            prove(line).await.map_err(suspect)?;
        }
    }
    if sent && !ahead {
        prove(line).await?;
    }
    Ok(marked)
}

/// Takes the answers to [`PROOF`]. One command at a time, it is asked for here.
async fn prove(line: &mut Line<usize>) -> Result<(), Error> {
    let ahead = line.ahead();
    let mut answers = Vec::with_capacity(PROOF.len());
    for command in &PROOF {
        if !ahead {
            line.ask(command)?;
        }
        answers.push(answer(line).await?);
    }
    // One command at a time, a server that does not know NOOP is in step as well when it answers STAT behind it.
    let in_step =
        matches!(answers.as_slice(), [Event::Reply(noop), Event::Drop { .. }] if noop.ok || !ahead);
    // What is still under way is a fence.
    if !in_step || line.next_of_all().await?.is_some() {
        return Err(Error::Unexpected(Verb::Dele));
    }
    Ok(())
}

async fn answer(line: &mut Line<usize>) -> Result<Event, Error> {
    match line.next_of_all().await? {
        Some(Came::Answer(event)) => Ok(event),
        _ => Err(Error::Unexpected(Verb::Dele)),
    }
}

/// An error that DELEs sent ahead may have brought about.
fn out_of_step(error: Error) -> Error {
    let certain = match &error {
        Error::Lost(_) | Error::Protocol(pop3::Error::EndOfStream { .. }) => false,
        Error::Silent(_) | Error::Protocol(_) | Error::Unexpected(_) => true,
        _ => return error,
    };
    Error::Ahead {
        source: Box::new(error),
        certain,
        at: Some(Verb::Dele),
    }
}

const MOST_DELES: usize = 500;
const PROOF: [Command; 2] = [Command::Noop, Command::Stat];
