//! Writes a generated message: a head and a tail first, then as much text between them as the size leaves room for.

use super::{Dice, Generator, Kind, Prose, Stream, Table};
use crate::demo::{
    fill::Fill,
    message::Segment,
    placeholder::rfc5322,
    words::{HEADLINES, LETTERS, NOTICES},
};

/// What stands around the text that fills the message up.
struct Frame {
    head: Vec<u8>,
    tail: Vec<Segment>,
    /// The line between two paragraphs of the text.
    paragraph: &'static str,
}

pub(super) fn message(generator: &Generator, index: u32) -> Vec<Segment> {
    let octets = generator.octets(index) as usize;
    let mut dice = generator.dice(index, Stream::Prose);
    let mut head = header(generator, index);
    let frame = match generator.kind(index) {
        Kind::Note => note(generator, index, head),
        Kind::Letter => letter(generator, index, head),
        Kind::Attachment => attachment(generator, index, head, octets, &mut dice),
        Kind::Newsletter => newsletter(generator, index, head, &mut dice),
        Kind::Large => large(generator, index, head, octets),
        Kind::Notice => {
            head.extend_from_slice(b"Auto-Submitted: auto-generated\r\n");
            plain_text(&mut head, "us-ascii", "7bit");
            planted(generator, index, &mut head);
            Frame {
                head,
                tail: Vec::new(),
                paragraph: "",
            }
        }
    };
    let tail: u64 = frame.tail.iter().map(Segment::octets).sum();
    let room = octets.saturating_sub(frame.head.len() + tail as usize);
    let text = Prose::new(dice, room, frame.paragraph);
    let mut message = vec![octets_of(frame.head), Segment::Prose(text)];
    message.extend(frame.tail);
    message
}

fn octets_of(octets: Vec<u8>) -> Segment {
    Segment::Octets(octets.into())
}

/// The header fields that every message has.
fn header(generator: &Generator, index: u32) -> Vec<u8> {
    let (name, address) = generator.sender(index);
    let date = rfc5322(&generator.date(index));
    let id = generator.message_id(index);
    let domain = address.rsplit('@').next().unwrap_or_default();
    let mut header = format!(
        "Return-Path: <{address}>\r\n\
         Received: from mail.{domain} by mail.demo.example with ESMTPS id {index:08x}\r\n\
         \tfor <sam@demo.example>; {date}\r\n\
         Message-ID: {id}\r\n\
         Date: {date}\r\n\
         From: {name} <{address}>\r\n\
         To: Sam <sam@demo.example>\r\n\
         Subject: {}\r\n",
        subject(generator, index)
    );
    let ancestors = generator.ancestors(index);
    if let Some(parent) = ancestors.last() {
        let shown: Vec<_> = match ancestors.as_slice() {
            [first, .., third, second, last] => vec![*first, *third, *second, *last],
            few => few.to_vec(),
        };
        let references: Vec<_> = shown.iter().map(|one| generator.message_id(*one)).collect();
        header += "In-Reply-To: ";
        header += &generator.message_id(*parent);
        header += "\r\nReferences: ";
        header += &references.join("\r\n\t");
        header += "\r\n";
    }
    header.push_str("MIME-Version: 1.0\r\n");
    header.into_bytes()
}

fn subject(generator: &Generator, index: u32) -> String {
    let mut sender = generator.dice(index, Stream::Sender);
    let mut topic = generator.dice(index, Stream::Topic);
    match generator.kind(index) {
        Kind::Note | Kind::Attachment | Kind::Large => match generator.ancestors(index).first() {
            Some(first) => format!("Re: {}", generator.topic(*first)),
            None => generator.topic(index).to_owned(),
        },
        Kind::Letter => {
            let (charset, _, _, subject, _) = sender.pick(&LETTERS);
            charset.header(subject)
        }
        Kind::Newsletter => topic.pick(&HEADLINES).to_owned(),
        Kind::Notice => sender.pick(&NOTICES).2.to_owned(),
    }
}

fn note(generator: &Generator, index: u32, mut head: Vec<u8>) -> Frame {
    plain_text(&mut head, "UTF-8", "8bit");
    opening(generator, index, &mut head);
    Frame {
        head,
        tail: vec![octets_of(signature(generator, index))],
        paragraph: "",
    }
}

fn letter(generator: &Generator, index: u32, mut head: Vec<u8>) -> Frame {
    let (charset, _, _, _, lines) = generator.dice(index, Stream::Sender).pick(&LETTERS);
    plain_text(&mut head, charset.name(), charset.transfer_encoding());
    for line in lines {
        head.extend_from_slice(&charset.body_line(line));
    }
    head.extend_from_slice(b"\r\n");
    planted(generator, index, &mut head);
    Frame {
        head,
        tail: Vec::new(),
        paragraph: "",
    }
}

fn attachment(
    generator: &Generator,
    index: u32,
    mut head: Vec<u8>,
    octets: usize,
    dice: &mut Dice,
) -> Frame {
    let boundary = mixed(&mut head, index);
    opening(generator, index, &mut head);
    let name = format!("measurements-{}.csv", index % 97);
    let mut before = signature(generator, index);
    part(&mut before, &boundary, "text/csv; charset=us-ascii", &name);
    let table = Table::new(Dice(dice.below(u64::MAX)), octets / 5 * 4);
    Frame {
        head,
        tail: vec![octets_of(before), Segment::Table(table), end(&boundary)],
        paragraph: "",
    }
}

fn large(generator: &Generator, index: u32, mut head: Vec<u8>, octets: usize) -> Frame {
    let boundary = mixed(&mut head, index);
    opening(generator, index, &mut head);
    let name = format!("recording-{}.dat", index % 97);
    let mut before = signature(generator, index);
    part(&mut before, &boundary, "application/octet-stream", &name);
    let fill = Fill::new((octets as u64).saturating_sub(4_000));
    Frame {
        head,
        tail: vec![octets_of(before), Segment::Fill(fill), end(&boundary)],
        paragraph: "",
    }
}

fn newsletter(generator: &Generator, index: u32, mut head: Vec<u8>, dice: &mut Dice) -> Frame {
    let (name, address) = generator.sender(index);
    let domain = address.rsplit('@').next().unwrap_or_default();
    let boundary = format!("=_alternative_{index:08x}");
    head.extend_from_slice(
        format!(
            "List-Id: {name} <list.{domain}>\r\n\
             List-Unsubscribe: <https://{domain}/leave/{index}>\r\n\
             Content-Type: multipart/alternative; boundary=\"{boundary}\"\r\n\r\n\
             --{boundary}\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
        )
        .as_bytes(),
    );
    planted(generator, index, &mut head);
    let title = subject(generator, index);
    Prose::new(Dice(dice.below(u64::MAX)), 600, "").write(usize::MAX, &mut head);
    head.extend_from_slice(
        format!(
            "\r\n--{boundary}\r\nContent-Type: text/html; charset=us-ascii\r\n\r\n\
             <html><body style=\"font-family: sans-serif\"><h1>{title}</h1>\r\n\
             <img src=\"https://{domain}/open/{index}.gif\" width=\"1\" height=\"1\" alt=\"\">\r\n\
             <p><a href=\"https://{domain}/issue/{index}\">Read it in your browser</a></p>\r\n<p>\r\n"
        )
        .as_bytes(),
    );
    planted(generator, index, &mut head);
    Frame {
        head,
        tail: vec![
            octets_of(b"</p></body></html>\r\n".to_vec()),
            end(&boundary),
        ],
        paragraph: "</p><p>",
    }
}

fn plain_text(head: &mut Vec<u8>, charset: &str, transfer_encoding: &str) {
    head.extend_from_slice(
        format!(
            "Content-Type: text/plain; charset={charset}\r\n\
             Content-Transfer-Encoding: {transfer_encoding}\r\n\r\n"
        )
        .as_bytes(),
    );
}

/// Ends the header of a message with an attachment and opens its text; returns the boundary.
fn mixed(head: &mut Vec<u8>, index: u32) -> String {
    let boundary = format!("=_mixed_{index:08x}");
    head.extend_from_slice(
        format!("Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n--{boundary}\r\n")
            .as_bytes(),
    );
    plain_text(head, "UTF-8", "8bit");
    boundary
}

fn part(tail: &mut Vec<u8>, boundary: &str, kind: &str, name: &str) {
    tail.extend_from_slice(
        format!(
            "\r\n--{boundary}\r\nContent-Type: {kind}\r\n\
             Content-Disposition: attachment; filename=\"{name}\"\r\n\
             Content-Transfer-Encoding: base64\r\n\r\n"
        )
        .as_bytes(),
    );
}

/// The last boundary.
fn end(boundary: &str) -> Segment {
    octets_of(format!("\r\n--{boundary}--\r\n").into_bytes())
}

/// The first lines of a person's message: what it answers, and the words it is known by.
fn opening(generator: &Generator, index: u32, head: &mut Vec<u8>) {
    if let Some(parent) = generator.parent(index) {
        let (name, _) = generator.sender(parent);
        head.extend_from_slice(format!("{name} wrote:\r\n> ").as_bytes());
        Prose::new(generator.dice(parent, Stream::Prose), 70, "").write(usize::MAX, head);
        head.extend_from_slice(b"\r\n");
    }
    planted(generator, index, head);
}

fn planted(generator: &Generator, index: u32, head: &mut Vec<u8>) {
    head.extend_from_slice(generator.planted(index).as_bytes());
}

fn signature(generator: &Generator, index: u32) -> Vec<u8> {
    let (name, _) = generator.sender(index);
    format!("\r\n-- \r\n{name}\r\n").into_bytes()
}
