//! Raw octets to summaries and bodies: what a message says, and what of it a person can read in a terminal.
//!
//! Everything here is a pure function of its octets. It opens no connection and no file, and its time and memory are
//! bounded whatever the octets are. All text that comes out has gone through [`crate::mail::safe`]; only [`html_source`],
//! [`text_plain`] and [`attachment`] give what the sender wrote. Uses `mail` only.

mod addresses;
mod attached;
mod body;
mod calendar;
mod charset;
mod condense;
mod encoding;
mod header;
mod html;
mod layout;
mod links;
mod markup;
mod outline;
mod params;
mod parts;
mod plain;
mod punycode;
mod recurrence;
mod source;
mod summary;
mod texts;
mod words;

pub use body::{RenderOptions, render};
pub use condense::condensed;
pub use html::contains_panics;
pub use summary::extract;

use crate::mail::Attachment;
use outline::{Outline, Section};
use parts::Parts;

/// A part that can be saved, by its number in [`crate::mail::Body::attachments`], and its decoded octets.
pub fn attachment(octets: &[u8], part: u32) -> Option<(Attachment, Vec<u8>)> {
    let parts = Parts::parse(octets);
    let outline = Outline::of(&parts);
    let at = usize::try_from(part).ok()?.checked_sub(1)?;
    let (index, inline) = outline.attached.get(at).copied()?;
    let described = attached::describe(&parts, index, inline, part)?;
    let (decoded, _) = parts.decoded(parts.at(index)?, usize::MAX);
    Some((described, decoded.into_owned()))
}

/// Every part that can be saved, those shown inside the message included, in the order of their numbers.
pub fn attachments(octets: &[u8]) -> Vec<Attachment> {
    let parts = Parts::parse(octets);
    let attached = Outline::of(&parts).attached;
    (1_u32..)
        .zip(attached)
        .filter_map(|(part, (index, inline))| attached::describe(&parts, index, inline, part))
        .collect()
}

/// The HTML of a message as its sender wrote it, in Unicode; `None` when it has none. Not safe for a terminal.
pub fn html_source(octets: &[u8]) -> Option<String> {
    first(octets, |section| match section {
        Section::Text { html, .. } if !html.is_empty() => Some(html.clone()),
        _ => None,
    })
}

/// The plain text of a message as its sender wrote it, in Unicode; `None` when it has none. Not safe for a terminal.
pub fn text_plain(octets: &[u8]) -> Option<String> {
    first(octets, |section| match section {
        Section::Text { plain, .. } if !plain.is_empty() => Some(plain.clone()),
        _ => None,
    })
}

fn first(octets: &[u8], wanted: impl Fn(&Section) -> Option<Vec<usize>>) -> Option<String> {
    let parts = Parts::parse(octets);
    let outline = Outline::of(&parts);
    let found: Vec<usize> = outline
        .sections
        .iter()
        .filter_map(wanted)
        .flatten()
        .collect();
    (!found.is_empty()).then(|| texts::join(&parts, &found).0)
}
