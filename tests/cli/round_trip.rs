//! Octets that are hard on files come back from each format as they were.

use poppet::demo::{Maildrop, Message};

use crate::house::{House, contents};
use crate::score::score;

/// Messages as a server gives them, each with what is hard about it.
fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let mut all = vec![
        ("lone dots", letter("dots", b".\r\n..\r\n...\r\n.x\r\n. \r\n\r\n.\r\n")),
        ("a line of 100,001 octets", letter("long", &[&[b'x'; 100_001][..], b"\r\n"].concat())),
        ("NUL", letter("nul", b"a\0b\r\n\0\0\r\n\0\r\n")),
        ("bare CR", letter("cr", b"one\rtwo\r\r\r\nthree\r \r\n\r\r\n")),
        ("bare LF", letter("lf", b"one\ntwo\n\nthree\r\n\n\r\n")),
        ("LF before a From line", letter("lf from", b"one\nFrom me 10:20\n>From you\n\nFrom all Mon Nov 23 11:02:00 2026\r\n")),
        ("8-bit header", b"From: J\xfcrgen <j@x.example>\r\nSubject: \xff\xfe\x80\r\n\r\n\x80\xff\r\n".to_vec()),
        ("header only", b"From: a@x.example\r\nSubject: header only\r\n".to_vec()),
        ("header and its empty line", b"From: a@x.example\r\nSubject: no body\r\n\r\n".to_vec()),
        ("no header", b"\r\nthis message has no header\r\n".to_vec()),
        ("an empty line and nothing else", b"\r\n".to_vec()),
        ("From lines", letter("from", b"From the start\r\n>From once\r\n>>From twice\r\n>>>>>From five\r\n> From no\r\nFrom\r\n")),
        ("separators", letter("separator", b"\r\nFrom a@b Mon Nov 23 11:02:00 2026\r\nSubject: not a message\r\n\r\n\r\nFrom a@b 11:02\r\n\r\n")),
        ("From as the first line", b"From a@b Mon Nov 23 11:02:00 2026\r\nFrom: a@x.example\r\nSubject: first\r\n\r\nx\r\n".to_vec()),
        (">From as the first line", b">From a@b Mon Nov 23 11:02:00 2026\r\nFrom: a@x.example\r\nSubject: quoted\r\n\r\nx\r\n".to_vec()),
        ("empty lines at the end", letter("end", b"x\r\n\r\n\r\n\r\n")),
        ("empty lines of both kinds at the end", letter("both ends", b"x\r\n\n\r\n\n\n\r\n")),
        ("spaces at the ends of lines", letter("spaces", b"x \r\n\t\r\n \r\n  \r\n")),
        ("fields that mbox programs add", b"From: a@x.example\r\nStatus: RO\r\nX-Status: AF\r\nX-UID: 7\r\nSubject: status\r\n\r\nx\r\n".to_vec()),
        ("a field that says thrown away", b"From: a@x.example\r\nX-Status: D\r\nSubject: trash\r\n\r\nx\r\n".to_vec()),
        ("a subject that is a path", letter("../../../etc/passwd", b"x\r\n")),
        ("a subject of 2,000 letters", letter(&"long ".repeat(400), b"x\r\n")),
        ("an escape sequence", letter("\u{1b}[2J", b"\x1b]0;x\x07\r\n")),
        ("every octet", letter("octets", &(0..=255).chain([b'\r', b'\n']).collect::<Vec<u8>>())),
        ("bodies under one header: 1", letter("twin", b"one\r\n")),
        ("bodies under one header: 2", letter("twin", b"two\r\n")),
        ("a body of one CR", letter("one cr", b"\r\r\n")),
        ("MIME without its end", letter("mime", b"--x\r\nContent-Type: text/plain\r\n\r\nx\r\n")),
    ];
    // Line ends, dots, `From ` and `>` in every order.
    let pieces: [&[u8]; 6] = [b"\r\n", b"\n", b"\r", b"From x 10:00", b">", b"."];
    for (number, (a, b, c)) in (0..216).map(|n| (n, (n / 36, n / 6 % 6, n % 6))) {
        let body = [pieces[a], pieces[b], pieces[c], b"\r\n"].concat();
        all.push((
            "line ends, dots, From and > in some order",
            letter(&format!("order {number}"), &body),
        ));
    }
    all
}

fn letter(subject: &str, body: &[u8]) -> Vec<u8> {
    // Of the twins only the bodies differ, and of the others no two bodies have a length and a subject in common.
    let header = format!(
        "From: a@x.example\r\nMessage-ID: <{}@x.example>\r\nSubject: {subject}\r\n\r\n",
        body.len()
    );
    [header.as_bytes(), body].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn export_and_import_keep_every_octet_in_every_format() {
    let hostile = hostile();
    let messages = hostile
        .iter()
        .map(|(_, octets)| Message::new(octets.clone()));
    let first = House::new(Maildrop::new(messages.collect()));
    first.well("sync").await;
    first.well("export --eml fetched").await;
    let fetched = contents(&first.path("fetched"));
    let (mut kept, mut lost) = (0, Vec::new());
    for (what, octets) in &hostile {
        if fetched.contains(octets) {
            kept += 1;
        } else {
            lost.push(format!("fetched: {what}"));
        }
    }
    for (format, place) in [
        ("--maildir", "dir"),
        ("--mbox", "file"),
        ("--eml", "folder"),
    ] {
        first.well(&format!("export {format} {place}")).await;
        let again = House::letters(0);
        let path = first.path(place);
        again
            .well(&format!("import {} --account home", path.display()))
            .await;
        again.well("export --eml out").await;
        // What a field marked as thrown away lies in the Trash.
        again.run("export --eml out folder:trash").await;
        let back = contents(&again.path("out"));
        for (what, octets) in &hostile {
            if back.contains(octets) {
                kept += 1;
            } else {
                lost.push(format!("{format}: {what}"));
            }
        }
        assert_eq!(back.len(), hostile.len(), "{format}: nothing else came");
        let second = again
            .well(&format!("import {} --account home", path.display()))
            .await;
        assert!(
            second.text.starts_with("0 messages imported"),
            "{format}: {}",
            second.text
        );
        let own = first.well(&format!("export {format} {place}")).await;
        assert!(
            own.text.starts_with("0 messages written"),
            "{format}: {}",
            own.text
        );
    }
    assert!(lost.is_empty(), "{lost:#?}");
    score(
        "hostile mail fetched, and exported and imported as Maildir, mbox and eml: every octet",
        kept,
        hostile.len() * 4,
        "-",
    );
}
