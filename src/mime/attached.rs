//! What a message has attached to it, as a person sees it in a list.

use super::{outline::Outline, parts::Parts};
use crate::mail::{Attachment, safe};

/// All attachments, numbered.
pub(super) fn all(parts: &Parts<'_>, outline: &Outline) -> Vec<Attachment> {
    let numbered = outline.attached.iter().zip(1..);
    numbered
        .filter_map(|((index, inline), number)| describe(parts, *index, *inline, number))
        .collect()
}

pub(super) fn describe(
    parts: &Parts<'_>,
    index: usize,
    inline: bool,
    number: u32,
) -> Option<Attachment> {
    let part = parts.at(index)?;
    let name = part.name();
    let file_name = if name.trim().is_empty() {
        let subject = parts
            .children(index)
            .first()
            .and_then(|root| parts.at(*root)?.header.text("Subject"))
            .filter(|subject| !subject.trim().is_empty());
        let stem = subject.unwrap_or_else(|| match part.media.value.as_str() {
            "text/calendar" => "invitation".to_owned(),
            _ => format!("attachment-{number}"),
        });
        safe::file_name(&format!(
            "{}.{}",
            stem.replace(['/', '\\'], "_"),
            ending(&part.media.value)
        ))
    } else {
        safe::file_name(name)
    };
    Some(Attachment {
        part: number,
        name: safe::line(name).into_owned(),
        file_name,
        media_type: safe::line(&part.media.value).into_owned(),
        octets: parts.len(part),
        inline,
        warning: safe::warning(name),
    })
}

/// A file's ending for a media type that came without a name.
fn ending(media: &str) -> &'static str {
    match media {
        "message/rfc822" | "message/global" => "eml",
        "text/plain" => "txt",
        "text/html" => "html",
        "text/calendar" => "ics",
        "text/csv" => "csv",
        "text/x-patch" | "text/x-diff" => "patch",
        "application/pdf" => "pdf",
        "application/zip" => "zip",
        "application/pgp-signature" => "asc",
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        _ => "bin",
    }
}
