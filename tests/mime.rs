//! Messages as they come, and what a person gets to see of them.

use poppet::mail::{
    Body, Local, MessageId, Timestamp, View,
    text::{is_safe, quote_indent, width},
};
use poppet::mime::{self, RenderOptions};
use proptest::prelude::*;

macro_rules! mail {
    ($($name:literal),* $(,)?) => {
        const MAIL: &[(&str, &[u8])] = &[$(($name, include_bytes!(concat!("mail/", $name, ".eml")))),*];
    };
}

mail!(
    "plain",
    "flowed",
    "alternative",
    "stub",
    "attachments",
    "forwarded",
    "invitation",
    "report",
    "iso-2022-jp",
    "koi8",
    "raw-8-bit",
    "raw-utf-8",
    "hostile",
    "outlook",
    "empty",
    "no-header",
);

fn octets(name: &str) -> &'static [u8] {
    MAIL.iter()
        .find(|(found, _)| *found == name)
        .map_or(b"", |(_, octets)| octets)
}

fn show(octets: &[u8], view: View, width: u16) -> Body {
    mime::render(
        MessageId(1),
        octets,
        Local::Full,
        RenderOptions { view, width },
    )
}

fn render(name: &str) -> Body {
    show(octets(name), View::Text, 80)
}

fn lines(body: &Body) -> Vec<String> {
    body.lines
        .iter()
        .map(|line| line.spans.iter().map(|span| span.text.as_str()).collect())
        .collect()
}

fn field<'x>(body: &'x Body, name: &str) -> &'x str {
    body.fields
        .iter()
        .find(|field| field.name == name)
        .map_or("", |field| &field.value)
}

#[test]
fn a_plain_message_is_summarised_and_shown() {
    let extract = mime::extract(octets("plain"), Local::Full);
    assert_eq!(
        extract.from.to_string(),
        "Ada Lovelace <ada@analytical.example>"
    );
    assert_eq!(extract.subject, "Grüße from the engine");
    assert_eq!(extract.date, Some(Timestamp(1_795_428_120)));
    assert_eq!(extract.message_id, "1@analytical.example");
    assert_eq!(
        extract.references,
        ["0@analytical.example", "00@analytical.example"]
    );
    assert_eq!(
        extract.snippet,
        "Hello Sam, see https://analytical.example/engine for the plans."
    );
    assert!(extract.text.contains("It will."));

    let body = render("plain");
    let quotes: Vec<_> = body.lines.iter().map(|line| line.quote).collect();
    assert_eq!(quotes, [0, 0, 0, 0, 1, 2, 0, 0, 0, 0]);
    assert_eq!(lines(&body)[4], "Does it run?");
    assert_eq!(body.lines.iter().filter(|line| line.signature).count(), 3);
    assert_eq!(body.links[0].target, "https://analytical.example/engine");
    assert!(body.has_text && !body.has_html && !body.partial && body.notes.is_empty());
}

#[test]
fn only_headers_give_no_text_and_a_partial_body() {
    let extract = mime::extract(octets("attachments"), Local::Headers);
    assert_eq!(
        (
            extract.attachments,
            extract.text.as_str(),
            extract.subject.as_str()
        ),
        (0, "", "files")
    );
    let options = RenderOptions {
        view: View::Text,
        width: 80,
    };
    let body = mime::render(MessageId(1), octets("plain"), Local::Headers, options);
    assert!(
        body.partial && body.lines.is_empty() && field(&body, "Subject") == "Grüße from the engine"
    );
    let cut = octets("attachments").get(..900).unwrap();
    let body = mime::render(MessageId(1), cut, Local::Peeked, options);
    assert!(body.partial && lines(&body)[0].starts_with("Look:"));
}

#[test]
fn flowed_text_is_reflowed_and_the_rest_kept() {
    let body = show(octets("flowed"), View::Text, 200);
    assert_eq!(
        lines(&body),
        [
            "This paragraph was broken by the sender's program and is one again.",
            "A quoted one likewise.",
            "",
            "code stays",
            "as it is"
        ]
    );
}

#[test]
fn plain_text_wins_and_html_is_there_for_the_asking() {
    let body = render("alternative");
    assert!(body.has_text && body.has_html && body.blocked.trackers == 1);
    assert!(!body.lines[0].spans.iter().any(|span| span.style.bold));
    let body = show(octets("alternative"), View::Html, 80);
    assert!(
        body.lines[0]
            .spans
            .iter()
            .any(|span| span.style.bold && span.text == "long")
    );
    assert_eq!((body.blocked.images, body.blocked.trackers), (1, 1));
    assert!(
        mime::html_source(octets("alternative"))
            .unwrap()
            .contains("<b>long</b>")
    );
    assert!(
        mime::text_plain(octets("alternative"))
            .unwrap()
            .starts_with("This text")
    );
    assert_eq!(mime::html_source(octets("plain")), None);
}

#[test]
fn a_stub_gives_way_to_its_html() {
    let body = render("stub");
    let text = lines(&body).join("\n");
    assert!(
        body.lines[0].spans[0].style.heading && lines(&body)[0] == "Offers",
        "{text}"
    );
    assert!(!text.contains("preheader") && !text.contains("alert") && text.contains("[A tea pot]"));
    assert!(
        body.lines
            .iter()
            .any(|line| line.quote == 1 && line.spans[0].text == "quoted words")
    );
    assert_eq!(body.links.len(), 2);
    assert_eq!(
        body.links[0].warning.as_deref(),
        Some("the text says bank.example, but it leads to evil.example")
    );
    assert_eq!(
        (body.links[1].text.as_str(), &body.links[1].warning),
        ("Shop again", &None)
    );
    assert_eq!((body.blocked.images, body.blocked.trackers), (1, 0));
    assert!(
        mime::extract(octets("stub"), Local::Full)
            .snippet
            .starts_with("Offers Many words")
    );
}

#[test]
fn attachments_are_numbered_named_and_decoded() {
    let body = render("attachments");
    let all: Vec<_> = body
        .attachments
        .iter()
        .map(|a| {
            (
                a.part,
                a.file_name.as_str(),
                a.media_type.as_str(),
                a.octets,
                a.inline,
            )
        })
        .collect();
    assert_eq!(
        all,
        [
            (1, "pic.png", "image/png", 8, true),
            (2, "naïve-plan.pdf", "application/pdf", 9, false),
            (3, "0001.patch", "text/x-patch", 16, false),
            (4, "invoice.pdf.exe", "application/octet-stream", 2, false),
        ]
    );
    assert!(
        body.attachments[3]
            .warning
            .as_deref()
            .unwrap()
            .starts_with("two endings")
    );
    assert_eq!(lines(&body), ["Look: [image: pic.png]"]);
    let (described, decoded) = mime::attachment(octets("attachments"), 2).unwrap();
    assert_eq!(
        (&described, decoded.as_slice()),
        (&body.attachments[1], &b"%PDF-1.4\n"[..])
    );
    assert!(
        mime::attachment(octets("attachments"), 0).is_none()
            && mime::attachment(octets("attachments"), 5).is_none()
    );
    let extract = mime::extract(octets("attachments"), Local::Full);
    assert_eq!(extract.attachments, 3);
    assert_eq!(extract.files.lines().count(), 4);
}

#[test]
fn an_attached_message_is_shown_under_a_rule_and_listed() {
    let body = render("forwarded");
    let text = lines(&body);
    assert_eq!(text[0], "See below.");
    assert!(text[2].starts_with("── Attached message ──"), "{text:?}");
    assert_eq!(
        text[3..5],
        [
            "From: Grace <grace@compiler.example>",
            "Subject: the inner one"
        ]
    );
    assert!(text.contains(&"inner text".to_owned()));
    let names: Vec<_> = body
        .attachments
        .iter()
        .map(|a| a.file_name.as_str())
        .collect();
    assert_eq!(names, ["the inner one.eml", "moth.gif"]);
    let (_, inner) = mime::attachment(octets("forwarded"), 1).unwrap();
    assert!(inner.starts_with(b"From: Grace") && inner.ends_with(b"--n--"));
}

#[test]
fn invitations_and_reports_can_be_read() {
    let text = lines(&render("invitation")).join("\n");
    assert!(
        text.contains(
            "Invitation: Tea\nWhen: Mon 2026-11-23 16:00 – 17:00 UTC\nWhere: Garden house"
        ),
        "{text}"
    );
    assert_eq!(
        render("invitation").attachments[0].media_type,
        "text/calendar"
    );
    let text = lines(&render("report")).join("\n");
    assert!(
        text.contains("could not be delivered")
            && text.contains("Status: 5.1.1")
            && text.contains("Subject: Tea?"),
        "{text}"
    );
    let text = render("outlook");
    assert_eq!(
        text.lines.iter().map(|line| line.quote).collect::<Vec<_>>(),
        [0, 0, 0, 1, 1, 1, 1, 1]
    );
}

#[test]
fn charsets_and_raw_octets_come_out_right() {
    assert_eq!(lines(&render("iso-2022-jp")), ["日本語"]);
    assert_eq!(
        mime::extract(octets("iso-2022-jp"), Local::Full).from.name,
        "日本"
    );
    assert_eq!(lines(&render("koi8")), ["Привет"]);
    let body = render("raw-8-bit");
    assert_eq!(
        (field(&body, "From"), field(&body, "Subject"), lines(&body)),
        ("Jürgen <j@example.org>", "Grüße", vec!["Grüße".to_owned()])
    );
    let extract = mime::extract(octets("raw-8-bit"), Local::Full);
    assert_eq!(
        (extract.date, extract.to[0].to_string().as_str()),
        (None, "undisclosed-recipients")
    );
    let body = render("raw-utf-8");
    assert_eq!(field(&body, "Subject"), "Grüße 👩‍👩‍👧");
    assert_eq!(
        field(&body, "To"),
        "Team: a@x.example, B <b@x.example>;, c@x.example"
    );
}

#[test]
fn v17_the_real_address_is_always_shown() {
    let extract = mime::extract(octets("hostile"), Local::Full);
    assert_eq!(
        extract.from.short(),
        "=?utf-8?q?boss=40bank.example=00?=@evil.example"
    );
    let body = render("hostile");
    assert!(field(&body, "From").ends_with("<=?utf-8?q?boss=40bank.example=00?=@evil.example>"));
    assert_eq!(
        field(&body, "To"),
        "\u{FFFD}]0, owned\u{FFFD} <x@<U+202E>evil.example>"
    );
    assert!(body.notes[0].contains("looks like an address"));
}

#[test]
fn the_headers_view_decodes_every_field_and_the_source_view_leaves_nothing_out() {
    let body = show(octets("plain"), View::Headers, 80);
    assert_eq!(body.fields.len(), 9);
    assert_eq!(field(&body, "Subject"), "Grüße from the engine");
    let text = lines(&show(octets("hostile"), View::Source, 500)).join("\n");
    assert!(
        text.contains("\\x1B[2J\\x1B]52;c;aGk=\\x07 \\x9B31m a\\x08b\\x0Dc"),
        "{text}"
    );
    assert!(
        text.contains("\\u{202E}gnp.exe\\u{202C} pay\\u{200B}pal"),
        "{text}"
    );
    let source = show(octets("attachments"), View::Source, 500);
    assert_eq!(
        lines(&source).join("\r\n") + "\r\n",
        String::from_utf8_lossy(octets("attachments"))
    );
}

#[test]
fn nothing_is_read_out_of_nothing() {
    assert_eq!(
        mime::extract(b"", Local::Full),
        poppet::mail::Extract::default()
    );
    assert!(render("empty").lines.is_empty());
    assert_eq!(lines(&render("no-header")), ["just text"]);
}

#[test]
fn v21_to_v26_bombs_are_cut_and_a_note_says_so() {
    let html = |body: &str| format!("Content-Type: text/html\r\n\r\n{body}");
    let mixed = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
    let bombs = [
        ("deep elements", html(&"<div>".repeat(100_000))),
        (
            "deep quotes and lists",
            html(&"<blockquote><ul><li>x".repeat(5_000)),
        ),
        ("large html", html(&"<b>x".repeat(1 << 19))),
        ("many elements", html(&"<i>x</i>".repeat(100_000))),
        ("deep tables", html(&"<table><tr><td>x".repeat(5_000))),
        (
            "many parts",
            format!("{mixed}{}", "--b\r\n\r\n".repeat(100_000)),
        ),
        (
            "deep messages",
            "Content-Type: message/rfc822\r\n\r\n".repeat(10_000),
        ),
        ("many fields", "To: a@x.example\r\n".repeat(100_000)),
        ("many lines", format!("\r\n{}", "x\r\n".repeat(200_000))),
        (
            "many links",
            format!(
                "\r\n{}",
                (0..10_000)
                    .map(|n| format!("https://x.example/{n}\r\n"))
                    .collect::<Vec<_>>()
                    .concat()
            ),
        ),
        ("large text", format!("\r\n{}", "word ".repeat(1 << 20))),
    ];
    for (name, octets) in bombs {
        let body = show(octets.as_bytes(), View::Text, 80);
        assert!(!body.notes.is_empty(), "{name}");
        assert!(
            body.lines.len() <= Body::MAX_LINES && body.attachments.len() <= 10_000,
            "{name}"
        );
        let extract = mime::extract(octets.as_bytes(), Local::Full);
        assert!(
            extract.text.len() <= 3 << 20 && extract.to.len() <= 5_000,
            "{name}"
        );
    }
}

#[test]
fn table_bombs_are_laid_out() {
    let cells = "<td colspan=1000000000 rowspan=1000000000>x</td>".repeat(1_000);
    let octets = format!(
        "Content-Type: text/html\r\n\r\n<table>{}</table>",
        format!("<tr>{cells}</tr>").repeat(10)
    );
    for width in [1, 2, 3, 80] {
        assert!(!show(octets.as_bytes(), View::Html, width).lines.is_empty());
    }
}

/// Everything in a body that reaches the terminal.
fn texts(body: &Body) -> Vec<String> {
    let mut out = lines(body);
    out.extend(
        body.fields
            .iter()
            .flat_map(|field| [field.name.clone(), field.value.clone()]),
    );
    out.extend(body.links.iter().flat_map(|link| {
        [
            link.target.clone(),
            link.text.clone(),
            link.warning.clone().unwrap_or_default(),
        ]
    }));
    for attachment in &body.attachments {
        out.extend([
            attachment.name.clone(),
            attachment.file_name.clone(),
            attachment.media_type.clone(),
        ]);
        out.extend(attachment.warning.clone());
    }
    out.extend(body.notes.clone());
    out
}

fn check(octets: &[u8], columns: u16) -> Result<(), TestCaseError> {
    for view in [View::Text, View::Html, View::Headers, View::Source] {
        let body = show(octets, view, columns);
        for text in texts(&body) {
            prop_assert!(is_harmless(&text), "{text:?}");
        }
        for (line, text) in body.lines.iter().zip(lines(&body)) {
            let room = usize::from(columns - quote_indent(line.quote, columns)).max(1);
            prop_assert!(width(&text) <= room, "{text:?} in {room}");
            for span in &line.spans {
                prop_assert!(
                    span.link
                        .is_none_or(|link| usize::from(link) <= body.links.len())
                );
            }
        }
    }
    let extract = mime::extract(octets, Local::Full);
    prop_assert!(
        is_safe(&extract.subject) && is_safe(&extract.snippet) && width(&extract.snippet) <= 160
    );
    prop_assert!(extract.text.lines().all(is_harmless));
    prop_assert!(extract.files.lines().all(is_harmless));
    Ok(())
}

fn is_harmless(text: &str) -> bool {
    text.chars().all(|c| {
        !c.is_control() && !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{61C}' | '\u{200B}')
    })
}

#[test]
fn v16_every_fixture_is_harmless_and_fits_every_width() {
    for (name, octets) in MAIL {
        for columns in 1..=200 {
            if let Err(error) = check(octets, columns) {
                panic!("{name} at {columns}: {error}");
            }
        }
    }
}

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn random_octets_are_harmless(octets in any::<Vec<u8>>(), columns in 1_u16..=200) {
        check(&octets, columns)?;
        check(&[b"Content-Type: text/html; charset=utf-8\r\n\r\n".as_slice(), &octets].concat(), columns)?;
    }

    #[test]
    fn random_text_is_harmless(text in any::<String>(), columns in 1_u16..=200) {
        let octets = format!("Subject: {text}\r\nContent-Type: text/html\r\n\r\n<p>{text}<blockquote><a href='{text}'>{text}</a>");
        check(octets.as_bytes(), columns)?;
    }

    #[test]
    fn mutated_messages_are_harmless(which in 0..MAIL.len(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        columns in 1_u16..=200) {
        let mut octets = MAIL[which].1.to_vec();
        for (at, octet) in changes {
            if !octets.is_empty() {
                let at = at.index(octets.len());
                octets[at] = octet;
            }
        }
        check(&octets, columns)?;
    }
}
