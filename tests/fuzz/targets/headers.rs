//! Header fields: encoded words (RFC 2047), parameters in pieces (RFC 2231), addresses, dates.

use poppet::mail::safe;
use poppet::mail::{Local, View};
use poppet::mime;

use super::Octets;
use super::letters::{shown, summarised};

/// The first octet says whether the rest is a header block, or a text that is to come back out of one.
pub(super) fn run(octets: &[u8]) {
    let mut octets = Octets(octets);
    match octets.octet() % 4 {
        0 => subject(octets),
        1 => file_name(octets),
        _ => block(octets.0),
    }
}

/// The header blocks of the test messages, and texts to be encoded.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (_, mail) in super::files("mail") {
        let end = mail.windows(4).position(|octets| octets == b"\r\n\r\n");
        let head = mail.get(..end.unwrap_or(mail.len())).unwrap_or_default();
        seeds.push([b"\x02", head].concat());
    }
    for text in TEXTS {
        seeds.push([b"\x00\x07", text.as_bytes()].concat());
        seeds.push([b"\x01\x05", text.as_bytes()].concat());
    }
    for head in HEADS {
        seeds.push([b"\x02", head.as_bytes()].concat());
    }
    seeds
}

fn block(head: &[u8]) {
    let extract = summarised(head, Local::Headers);
    let whole = [head, b"\r\n\r\nx\r\n"].concat();
    let again = mime::extract(&whole, Local::Headers);
    if !head.ends_with(b"\r") && !head.is_empty() {
        assert_eq!(again.subject, extract.subject);
    }
    shown(head, Local::Headers, View::Headers, 80);
    let body = shown(&whole, Local::Full, View::Text, 40);
    assert_eq!(body.attachments, mime::attachments(&whole));
    // The parameters of a value are read as those of a file, too.
    let line: Vec<u8> = head
        .iter()
        .copied()
        .filter(|octet| !b"\r\n".contains(octet))
        .collect();
    let disposed = [
        b"Content-Disposition: attachment; ",
        line.as_slice(),
        b"\r\n\r\nx",
    ]
    .concat();
    summarised(&disposed, Local::Full);
    shown(&disposed, Local::Full, View::Text, 80);
}

/// A subject of encoded words, cut anywhere, also inside a character, says the text.
fn subject(mut octets: Octets<'_>) {
    let cuts = octets.octet();
    let text = String::from_utf8_lossy(octets.take(400));
    let mut field = b"Subject:".to_vec();
    for (place, piece) in pieces(text.as_bytes(), cuts).enumerate() {
        field.extend(if place % 3 == 2 {
            b"\r\n ".as_slice()
        } else {
            b" "
        });
        if (place + usize::from(cuts)).is_multiple_of(2) {
            field.extend_from_slice(b"=?utf-8?Q?");
            for octet in piece {
                match octet {
                    b' ' => field.push(b'_'),
                    b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => field.push(*octet),
                    _ => field.extend(format!("={octet:02X}").bytes()),
                }
            }
        } else {
            field.extend_from_slice(b"=?UTF-8?b?");
            field.extend(base64(piece).bytes());
        }
        field.extend_from_slice(b"?=");
    }
    field.extend_from_slice(b"\r\n\r\n");
    let wanted = safe::line(&text);
    let wanted: Vec<&str> = wanted.split_whitespace().collect();
    assert_eq!(summarised(&field, Local::Headers).subject, wanted.join(" "));
}

/// A file name in pieces says the text.
fn file_name(mut octets: Octets<'_>) {
    let cuts = octets.octet();
    let text = String::from_utf8_lossy(octets.take(400));
    let mut field = String::from("Content-Disposition: attachment");
    for (place, piece) in pieces(text.as_bytes(), cuts).enumerate() {
        let charset = if place == 0 { "utf-8''" } else { "" };
        field.extend(format!(";\r\n filename*{place}*={charset}").chars());
        for octet in piece {
            field.extend(format!("%{octet:02x}").chars());
        }
    }
    field.push_str("\r\n\r\nx");
    let attachments = mime::attachments(field.as_bytes());
    let [attachment] = attachments.as_slice() else {
        panic!("{attachments:?} for {field:?}");
    };
    assert_eq!(attachment.name, safe::line(&text), "{field:?}");
    shown(field.as_bytes(), Local::Full, View::Text, 80);
}

fn pieces(text: &[u8], cuts: u8) -> impl Iterator<Item = &[u8]> {
    let length = usize::from(cuts >> 1) % 40 + 1;
    text.chunks(length)
}

fn base64(octets: &[u8]) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in octets.chunks(3) {
        let octet = |place: usize| u32::from(three.get(place).copied().unwrap_or_default());
        let bits = octet(0) << 16 | octet(1) << 8 | octet(2);
        for place in 0..4 {
            let sign = alphabet[(bits >> (18 - 6 * place)) as usize & 63];
            out.push(if place <= three.len() {
                char::from(sign)
            } else {
                '='
            });
        }
    }
    out
}

const TEXTS: [&str; 5] = [
    "Grüße from the engine",
    "東京タワー report 👩‍👩‍👧 é",
    "a  b\tc\r\nd",
    "\u{202e}gnp.exe\u{202c} pay\u{200b}pal \u{1b}[2J",
    "invoice.pdf.exe",
];

const HEADS: [&str; 9] = [
    "Subject: =?utf-8?q?a?= =?iso-8859-1*en?B?/A==?= =?x?q?=\r\n\t=?utf-7?q?+AOQ-?=",
    "From: \"A, B\" <a@b.example>, g: c@d.example (x (y)), e@[1.2.3.4];\r\nSender: <>",
    "From: =?utf-8?q?a=40b=2Eexample?= <evil@c.example>\r\nReply-To: d@e.example",
    "Date: Sat, 28 Nov 2026 13:00:00 +0100 (CET)\r\nDate: 1 Jan 70 0:0 GMT",
    "Message-ID: <a@b>\r\nReferences: <c@d> <e@f> g\r\n <h@i>\r\nIn-Reply-To: x of <j@k>",
    "filename*0*=utf-8'en'%c3; filename*1*=%a9; filename*2=\"x;y\\\"z\"; name==?utf-8?q?n?=",
    "Content-Type: multipart/mixed; boundary=\"b\"; charset=(x)utf-8\r\nContent-Transfer-Encoding: base64",
    "Subject: \u{fc}\u{202e} \u{1b}]0;x\u{7}\r\n \r\nTo: undisclosed-recipients:;",
    "Subject: \u{1b}$B%F%9%H\u{1b}(B\r\nContent-Type: text/plain; charset=iso-2022-jp",
];
