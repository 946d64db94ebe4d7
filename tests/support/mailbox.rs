//! Messages as an honest delivery agent leaves them in a Maildir: ordinary ones, and those that break clients.

use std::fmt::Write as _;

/// `count` messages, octets as they lie on the server's disk. Message `i` depends on `i` alone.
///
/// The subject of every message that has one ends in its number with five digits, so that a test can find it.
pub(crate) fn messages(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(message).collect()
}

/// One message, by its place in the mailbox.
pub(crate) fn message(i: usize) -> Vec<u8> {
    match i % 25 {
        3 => plain(i, &dots()),
        4 => without_final_newline(i),
        5 => eight_bit(i),
        6 => plain(i, &"x".repeat(100_001)),
        7 => plain(i, "a bare\rcarriage return\rin the middle\r\r\nof lines\n"),
        8 => headers(i, "").into_bytes(),
        9 => headers_only(i),
        10 => html(i),
        11 => attachments(i),
        12 => plain(
            i,
            "From the start of a line\n>From one that was quoted\n\n\n",
        ),
        13 => crlf(&plain(i, "every line of this file ends in CRLF\nalready\n")),
        14 => control(i),
        15 => japanese(i),
        16 => nested(i),
        17 => no_headers(i),
        18 => nul(i),
        19 => long_header(i),
        20 => plain(
            i,
            &"a line of a letter that is a little longer than most of the others\n".repeat(400),
        ),
        _ => plain(i, &letter(i)),
    }
}

/// The subject of message `i`, where it has one.
pub(crate) fn subject(i: usize) -> String {
    format!("Tide table {i:05}")
}

fn headers(i: usize, more: &str) -> String {
    let (day, hour, minute) = (1 + (i / 1440) % 28, (i / 60) % 24, i % 60);
    format!(
        "Return-Path: <keeper{n}@lighthouse.example>\n\
         Received: from mx.lighthouse.example (mx.lighthouse.example [192.0.2.7])\n\tby mail.example.net with ESMTPS id {i:08X}\n\
         \tfor <sam@example.net>; {day} Oct 2026 {hour:02}:{minute:02}:00 +0000\n\
         Message-ID: <{i}.tide@lighthouse.example>\n\
         Date: {day} Oct 2026 {hour:02}:{minute:02}:00 +0000\n\
         From: Keeper {n} <keeper{n}@lighthouse.example>\n\
         To: Sam <sam@example.net>\n\
         Subject: {subject}\n{more}\n",
        n = i % 7,
        subject = subject(i),
    )
}

fn plain(i: usize, body: &str) -> Vec<u8> {
    let mut message = headers(i, "");
    message.push_str(body);
    if !body.ends_with('\n') {
        message.push('\n');
    }
    message.into_bytes()
}

fn letter(i: usize) -> String {
    let mut text = String::from("Dear Sam,\n\n");
    for line in 1..=8 + i % 30 {
        let (hour, minute) = (line % 24, i % 60);
        let _ = writeln!(
            text,
            "line {line} of letter {i}: high water at {hour:02}:{minute:02}, wind from the west"
        );
    }
    text.push_str("\nYours,\nthe keeper\n");
    text
}

fn dots() -> String {
    ".\n..\n...\n.leading dot\n..two dots\n. a dot and a space\n\n.\n".to_owned()
}

fn without_final_newline(i: usize) -> Vec<u8> {
    let mut message = headers(i, "").into_bytes();
    message.extend_from_slice(b"the last line of this file has no end");
    message
}

fn eight_bit(i: usize) -> Vec<u8> {
    let mut message = headers(i, "X-Raw: ").into_bytes();
    message.truncate(message.len() - 1);
    message.extend_from_slice(b"J\xfcrgen\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n\n");
    message.extend((0x80..=0xff_u8).flat_map(|octet| [octet, octet, b'\n']));
    message
}

fn headers_only(i: usize) -> Vec<u8> {
    let mut message = headers(i, "").into_bytes();
    message.pop();
    message
}

fn html(i: usize) -> Vec<u8> {
    let kind = "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=\"seam\"\n";
    let row = "<tr><td><a href=\"https://shop.example/t/1\"><img src=\"https://track.example/p.png\" alt=\"\"></a>\
               <p>Lamps, <b>half price</b></p></td></tr>\n";
    let mut message = headers(i, kind);
    message.push_str(
        "--seam\nContent-Type: text/plain\n\nLamps, half price: https://shop.example/t/1\n",
    );
    message.push_str("--seam\nContent-Type: text/html; charset=utf-8\n\n<html><body><table>\n");
    message.push_str(&row.repeat(40));
    message.push_str("</table></body></html>\n--seam--\n");
    message.into_bytes()
}

fn attachments(i: usize) -> Vec<u8> {
    let kind = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"seam\"\n";
    let mut message = headers(i, kind);
    message.push_str("--seam\nContent-Type: text/plain\n\nThree files.\n");
    for name in ["chart.bin", "../../escape.sh", "notes.txt"] {
        let _ = writeln!(
            message,
            "--seam\nContent-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\
             Content-Disposition: attachment; filename=\"{name}\"\n"
        );
        message
            .push_str(&"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKiss\n".repeat(60));
    }
    message.push_str("--seam--\n");
    message.into_bytes()
}

fn crlf(message: &[u8]) -> Vec<u8> {
    message
        .iter()
        .flat_map(|octet| {
            if *octet == b'\n' {
                &b"\r\n"[..]
            } else {
                std::slice::from_ref(octet)
            }
        })
        .copied()
        .collect()
}

/// Escape sequences that would clear the screen and change the title, in the subject, the sender and the body.
fn control(i: usize) -> Vec<u8> {
    let evil = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}\u{9b}31m";
    let text = String::from_utf8_lossy(&plain(i, &format!("before {evil} after\n"))).into_owned();
    text.replace("Subject: ", &format!("Subject: {evil}"))
        .replace("From: ", &format!("From: {evil}"))
        .into_bytes()
}

fn japanese(i: usize) -> Vec<u8> {
    let kind = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n";
    // "明日の満潮は午前九時です。" in UTF-8.
    let mut message = headers(i, kind).replace("From: Keeper", "From: =?utf-8?B?54Gv5Y+w5a6I?=");
    message.push_str("5piO5pel44Gu5rqA5r2u44Gv5Y2I5YmN5Lmd5pmC44Gn44GZ44CC\n");
    message.into_bytes()
}

fn nested(i: usize) -> Vec<u8> {
    let mut message = headers(
        i,
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b0\n",
    );
    for depth in 0..60 {
        let _ = writeln!(
            message,
            "--b{depth}\nContent-Type: multipart/mixed; boundary=b{}\n",
            depth + 1
        );
    }
    message.push_str("--b60\n\nat the bottom\n");
    message.into_bytes()
}

fn no_headers(i: usize) -> Vec<u8> {
    format!("\nthis file has no header at all, and the number {i}\n").into_bytes()
}

fn nul(i: usize) -> Vec<u8> {
    plain(i, "before\0after, and\0\0two more\n")
}

fn long_header(i: usize) -> Vec<u8> {
    let to = (0..400)
        .map(|n| format!("\treader{n}@example.net,\n"))
        .collect::<Vec<_>>()
        .concat();
    headers(
        i,
        &format!("Cc: first@example.net,\n{to}\tlast@example.net\n"),
    )
    .into_bytes()
}
