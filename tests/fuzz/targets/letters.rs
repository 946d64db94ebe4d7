//! What holds of a message that is summarised and shown, whatever its octets are.

use poppet::mail::text::{is_safe, quote_indent, width};
use poppet::mail::{Attachment, Body, Extract, Local, MessageId, View};
use poppet::mime::{self, RenderOptions};

use super::time::in_time;

/// Summarises a message and checks what comes out.
pub(super) fn summarised(octets: &[u8], extent: Local) -> Extract {
    let extract = in_time("the summary", || mime::extract(octets, extent));
    assert_line(&extract.subject);
    assert_line(&extract.snippet);
    assert!(width(&extract.snippet) <= 160);
    for who in extract.to.iter().chain(&extract.cc).chain([&extract.from]) {
        assert_line(&who.name);
        assert_line(&who.address);
        assert_line(&who.to_string());
    }
    for id in extract.references.iter().chain([&extract.message_id]) {
        assert!(
            !id.contains(|c: char| c.is_control() || c.is_whitespace()),
            "{id:?}"
        );
    }
    extract.text.split('\n').for_each(assert_harmless);
    extract.files.split('\n').for_each(assert_harmless);
    assert!(extract.text.len() <= 4 << 20);
    extract
}

/// Shows a message and checks what comes out.
pub(super) fn shown(octets: &[u8], extent: Local, view: View, columns: u16) -> Body {
    let options = RenderOptions {
        view,
        width: columns,
    };
    let body = in_time("showing it", || {
        mime::render(MessageId(1), octets, extent, options)
    });
    assert!(body.lines.len() <= Body::MAX_LINES);
    for line in &body.lines {
        let text: String = line.spans.iter().map(|span| span.text.as_str()).collect();
        assert_harmless(&text);
        let room = usize::from(columns - quote_indent(line.quote, columns)).max(1);
        assert!(width(&text) <= room, "{text:?} in {room}");
        for span in &line.spans {
            let known = span
                .link
                .is_none_or(|link| (1..=body.links.len()).contains(&usize::from(link)));
            assert!(known, "{span:?} of {}", body.links.len());
        }
    }
    for field in &body.fields {
        assert_line(&field.name);
        assert_line(&field.value);
    }
    for link in &body.links {
        assert_harmless(&link.target);
        assert_harmless(&link.text);
        link.warning
            .iter()
            .for_each(|warning| assert_harmless(warning));
        assert!(!link.is_openable() || link.target.is_ascii() || is_safe(&link.target));
    }
    body.notes.iter().for_each(|note| assert_harmless(note));
    body.attachments.iter().for_each(check_attachment);
    body
}

fn check_attachment(attachment: &Attachment) {
    assert_line(&attachment.name);
    assert_line(&attachment.media_type);
    assert_file_name(&attachment.file_name);
    attachment
        .warning
        .iter()
        .for_each(|warning| assert_harmless(warning));
}

/// A name that can stand in a folder of any system and harms nothing there.
pub(super) fn assert_file_name(name: &str) {
    assert_line(name);
    assert!(!name.is_empty() && name.len() <= 120, "{name:?}");
    assert!(
        !name.starts_with(['.', '-', '~', ' ']) && !name.ends_with(['.', ' ']),
        "{name:?}"
    );
    assert!(
        !name.contains([
            '/', '\\', ':', '*', '?', '"', '<', '>', '|', '$', '`', ';', '%'
        ]),
        "{name:?}"
    );
}

/// Text that the one place where text is made safe would leave as it is.
pub(super) fn assert_line(text: &str) {
    assert!(is_safe(text), "{text:?}");
    assert_harmless(text);
}

/// Text without control characters, line ends included, and without what turns text round or hides it.
pub(super) fn assert_harmless(text: &str) {
    let harms = |c: char| {
        c.is_control()
            || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{61C}')
            || matches!(
                c,
                '\u{200B}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}' | '\u{2028}' | '\u{2029}'
            )
            || matches!(c, '\u{E0000}'..='\u{E007F}' | '\u{FFF9}'..='\u{FFFB}')
    };
    assert!(!text.contains(harms), "{text:?}");
}
