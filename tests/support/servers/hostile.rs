//! Ten kinds of mail that break clients, as they lie on a server's disk.

/// A kind of message, and what it is called in a report.
pub(crate) struct Hostile {
    pub(crate) what: &'static str,
    pub(crate) messages: Vec<Vec<u8>>,
}

/// Every kind once. The two of the last-but-one kind have one header and two bodies.
pub(crate) fn all() -> Vec<Hostile> {
    let one = |what, message| Hostile {
        what,
        messages: vec![message],
    };
    let long = [b"x".repeat(100_001), b"\nshort\n".to_vec()].concat();
    vec![
        one(
            "lone dots",
            letter("dots", b".\n..\n...\n.leading\n. \n\n.\n"),
        ),
        one("a line of 100,001 octets", letter("long line", &long)),
        one(
            "NUL",
            letter("nul", b"before\0after\n\0\0two and the end\n\0\n"),
        ),
        one("bare CR", letter("cr", b"one\rtwo\r\rthree\r \nand more\n")),
        one("8-bit header", eight_bit()),
        one(
            "no final newline",
            letter("no newline", b"the last line has no end"),
        ),
        one("header only", header("header only").into_bytes()),
        one("no header", b"\nthis file has no header at all\n".to_vec()),
        Hostile {
            what: "two bodies under one header",
            messages: vec![
                letter("twins", b"the first body\n"),
                letter("twins", b"the second body, which is another\n"),
            ],
        },
        one(
            "mbox From lines",
            letter(
                "from",
                b"From the start of a line\n>From quoted once\n>>From twice\n\nFrom \n\n\n",
            ),
        ),
    ]
}

/// A message that nothing is wrong with, by its number.
pub(crate) fn ordinary(i: usize) -> Vec<u8> {
    let lines = format!("line of letter {i}, which is an ordinary one\n").repeat(3 + i % 40);
    letter(&format!("ordinary {i:03}"), lines.as_bytes())
}

fn header(subject: &str) -> String {
    let id = subject.replace(' ', "-");
    format!(
        "Received: from mx.lighthouse.example by mail.example.net with ESMTP id {id}; Mon, 23 Nov 2026 11:02:00 +0000\n\
         From: Keeper <keeper@lighthouse.example>\nTo: Sam <sam@example.net>\n\
         Date: Mon, 23 Nov 2026 11:02:00 +0000\nMessage-ID: <{id}@lighthouse.example>\nSubject: {subject}\n"
    )
}

fn letter(subject: &str, body: &[u8]) -> Vec<u8> {
    [header(subject).as_bytes(), b"\n", body].concat()
}

fn eight_bit() -> Vec<u8> {
    let mut message = header("8-bit").into_bytes();
    message.extend_from_slice(b"X-Raw: J\xfcrgen \xff\xfe\x80\n\n");
    message.extend((0x80..=0xff_u8).flat_map(|octet| [octet, b' ', octet, b'\n']));
    message
}
