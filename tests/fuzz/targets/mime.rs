//! Messages: their structure, their parts, and what is shown of them.

use poppet::mail::{Local, View};
use poppet::mime;

use super::letters::{shown, summarised};
use super::time::in_time;

/// The first octet says how wide the screen is and how much of the message is here, the rest is the message.
pub(super) fn run(octets: &[u8]) {
    let Some((how, octets)) = octets.split_first() else {
        return;
    };
    let columns = WIDTHS[usize::from(how & 7)];
    let extent = match how >> 3 & 3 {
        0 => Local::Headers,
        1 => Local::Peeked,
        _ => Local::Full,
    };
    let extract = summarised(octets, extent);
    let views = [View::Text, View::Html, View::Headers, View::Source];
    let bodies = views.map(|view| shown(octets, extent, view, columns));
    let attachments = in_time("the list of attachments", || mime::attachments(octets));
    for body in &bodies {
        assert_eq!(body.partial, extent != Local::Full);
        if extent != Local::Headers {
            assert_eq!(body.attachments, attachments);
        }
    }
    if extent != Local::Headers {
        let apart = attachments
            .iter()
            .filter(|attachment| !attachment.inline)
            .count();
        assert_eq!(extract.attachments as usize, apart);
    }
    for (attachment, part) in attachments.iter().zip(1..).take(8) {
        assert_eq!(attachment.part, part);
        let saved = in_time("decoding an attachment", || mime::attachment(octets, part));
        let (described, decoded) = saved.expect("an attachment that is listed");
        assert_eq!(&described, attachment);
        assert_eq!(decoded.len() as u64, attachment.octets, "{attachment:?}");
    }
    let behind = u32::try_from(attachments.len())
        .unwrap_or(u32::MAX)
        .saturating_add(1);
    assert!(mime::attachment(octets, 0).is_none() && mime::attachment(octets, behind).is_none());
    let _ = (mime::html_source(octets), mime::text_plain(octets));
}

/// The messages of the tests.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    super::files("mail")
        .into_iter()
        .flat_map(|(_, mail)| [19_u8, 8, 20].map(|how| [&[how], mail.as_slice()].concat()))
        .collect()
}

/// Columns, from a screen that has none to a wide one.
pub(super) const WIDTHS: [u16; 8] = [1, 2, 7, 80, 20, 40, 132, 300];
