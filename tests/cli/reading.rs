use poppet::demo::{Maildrop, Quirks};
use poppet::mail::Digest;

use crate::house::{House, letter};

const NOTE: &str = "From: Ada Lovelace <ada@demo.example>\nTo: sam@demo.example\nSubject: The engine\u{1b}[2J\nDate: Mon, 23 Nov 2026 11:02:00 +0000\n\
Message-ID: <note@demo.example>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n\
Dear Sam,\n\n> you wrote\nHere it is.\n--b\nContent-Type: application/octet-stream; name=plan.bin\nContent-Disposition: attachment; filename=plan.bin\n\
Content-Transfer-Encoding: base64\n\nAAECA//+\n--b--\n";

const PAGE: &str = "From: Shop <shop@demo.example>\nTo: sam@demo.example\nSubject: Page\nDate: Sun, 22 Nov 2026 11:02:00 +0000\n\
MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n<html><body><p>Hello <b>you</b></p></body></html>\n";

fn house() -> House {
    House::new(Maildrop::new(vec![letter(PAGE), letter(NOTE)]))
}

async fn id(house: &House, query: &str) -> i64 {
    house.well(&format!("list --json {query}")).await.objects()[0]["id"]
        .as_i64()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_in_a_pipe_is_complete_and_has_tabs_between_its_fields() {
    let house = house();
    house.well("sync").await;
    let ran = house.well("list").await;
    let rows: Vec<Vec<&str>> = ran
        .text
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(
        rows[0][1..4],
        [
            "home",
            "2026-11-23T11:02:00+00:00",
            "Ada Lovelace <ada@demo.example>"
        ]
    );
    assert!(
        rows[0][4].starts_with("The engine") && !ran.text.contains('\u{1b}'),
        "{}",
        ran.text
    );
    assert_eq!(rows[0][6..], ["srv", "full", ""]);
    assert_eq!(house.well("list --color always").await.text, ran.text);
    assert_eq!(house.well("list -q").await.text, "");
    assert_eq!(house.well("list --limit 1").await.text.lines().count(), 1);
    let found = house.run("list subject:nowhere").await;
    assert_eq!(
        (found.code, found.text.as_str(), found.error.as_str()),
        (1, "", "")
    );
    assert_eq!(
        house
            .well("list -is:read from:shop")
            .await
            .text
            .lines()
            .count(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_is_not_finished_finds_nothing_and_is_told_where_it_is_wrong() {
    let house = house();
    house.well("sync").await;
    for (query, told, carets) in [
        (
            "subject:(",
            "no bracket can stand behind \"subject:\"",
            "          ^",
        ),
        ("(engine", "this bracket is not closed", "  ^"),
        ("()", "nothing is in this bracket", "  ^^"),
        ("engine or", "nothing behind \"or\"", "           ^"),
        ("\"engine", "this quotation mark is not closed", "  ^^^^^^^"),
        ("engine -", "nothing behind \"-\"", "         ^"),
        (
            "date:2026-02-30",
            "\"date:\" cannot be \"2026-02-30\"",
            "       ^^^^^^^^^^",
        ),
        ("???", "there is no word in this", "  ^^^"),
    ] {
        let ran = house.run(&format!("list {query}")).await;
        assert_eq!((ran.code, ran.text.as_str()), (2, ""), "{query}");
        ran.assert_told("The query cannot be understood");
        let told = format!("{told}\n");
        assert!(ran.error.contains(&told), "{query}: {}", ran.error);
        let carets = ran
            .error
            .lines()
            .any(|line| line.trim_end().ends_with(carets));
        assert!(carets, "{query}: {}", ran.error);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_objects_have_the_promised_fields_in_their_order() {
    let house = house();
    house.well("sync").await;
    let line = house.well("list --json from:ada").await.text;
    let mut at = 0;
    for field in [
        "id",
        "account",
        "uidl",
        "message_id",
        "from",
        "to",
        "cc",
        "subject",
        "date",
        "octets",
        "flags",
        "attachments",
        "thread",
        "snippet",
        "folder",
        "local",
        "server",
        "pinned",
        "too_large",
        "sha256",
    ] {
        let found = line[at..].find(&format!("\"{field}\":"));
        at += found.unwrap_or_else(|| panic!("{field} is not behind the others: {line}"));
    }
    let object: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        object["from"],
        serde_json::json!({"name": "Ada Lovelace", "address": "ada@demo.example"})
    );
    assert_eq!(object["date"], "2026-11-23T11:02:00+00:00");
    assert_eq!(
        (&object["folder"], &object["local"], &object["server"]),
        (&"inbox".into(), &"full".into(), &"present".into())
    );
    let octets = house.server.maildrop().messages()[1].to_vec();
    assert_eq!(object["sha256"], Digest::of(&octets).to_string());
    let id = object["id"].as_i64().unwrap();
    let shown = house.well(&format!("show {id} --json")).await.objects();
    assert_eq!(
        (&shown[0]["id"], &shown[0]["octets"]),
        (&object["id"], &object["octets"])
    );
    assert!(shown[0]["text"].as_str().unwrap().contains("Here it is."));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_numbers_in_a_text_are_those_of_its_links() {
    let page = PAGE.replace(
        "</p>",
        "</p><p><a href='https://shop.example/tea'>Tea</a> or \
         <a href='https://evil.example/'>bank.example</a>, see [7]</p>",
    );
    let house = House::new(Maildrop::new(vec![letter(&page), letter(NOTE)]));
    house.well("sync").await;
    let (page, note) = (id(&house, "from:shop").await, id(&house, "from:ada").await);
    let links = serde_json::json!([
        {"number": 1, "target": "https://shop.example/tea"},
        {
            "number": 2,
            "target": "https://evil.example/",
            "warning": "the text says bank.example, but it leads to evil.example",
        },
    ]);
    for command in ["show", "peek"] {
        let run = house.well(&format!("{command} {page} --json")).await;
        let shown = &run.objects()[0];
        let text = shown["text"].as_str().unwrap();
        assert!(text.contains("Tea [1] or bank.example [2]"), "{text}");
        assert_eq!(shown["links"], links, "{command}");
    }
    let run = house.well(&format!("show {note} --json")).await;
    assert_eq!(run.objects()[0]["links"], serde_json::json!([]));
    let listed = house.well("list --json from:shop").await.objects();
    assert!(listed[0].get("links").is_none());
    let dim = house.well(&format!("show {page} --color always")).await;
    assert!(
        dim.text.contains("\u{1b}[2m [1]\u{1b}") && dim.text.contains(", see [7]\n"),
        "{:?}",
        dim.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn raw_is_what_the_server_sent_also_when_it_is_not_here_yet() {
    let house = house();
    house.well("sync --headers").await;
    let id = id(&house, "from:ada").await;
    let octets = house.server.maildrop().messages()[1].to_vec();
    assert_eq!(house.well(&format!("show {id} --raw")).await.octets, octets);
    assert_eq!(house.well(&format!("show {id} --raw")).await.octets, octets);
    let retrieved = house
        .server
        .maildrop()
        .commands()
        .iter()
        .filter(|command| command.starts_with("RETR"))
        .count();
    assert_eq!(retrieved, 1);
    assert_eq!(house.run(&format!("show {id} --raw --json")).await.code, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_shown_as_text_headers_html_and_parts() {
    let house = house();
    house.well("sync").await;
    let (note, page) = (id(&house, "from:ada").await, id(&house, "from:shop").await);
    let text = house.well(&format!("show {note}")).await.text;
    assert!(
        text.contains("From:") && text.contains("Dear Sam,") && text.contains("> you wrote"),
        "{text}"
    );
    assert!(
        text.contains("plan.bin") && !text.contains('\u{1b}'),
        "{text}"
    );
    let headers = house.well(&format!("show {note} --headers")).await.text;
    assert!(
        headers.contains("Message-ID:") && !headers.contains("Dear Sam"),
        "{headers}"
    );
    assert!(
        house
            .well(&format!("show {page} --html"))
            .await
            .text
            .contains("<b>you</b>")
    );
    assert_eq!(house.run(&format!("show {note} --html")).await.code, 1);
    assert_eq!(
        house.well(&format!("show {note} --part 1")).await.octets,
        [0, 1, 2, 3, 255, 254]
    );
    assert_eq!(house.run(&format!("show {note} --part 9")).await.code, 1);
    let ran = house.run("show 4711").await;
    assert_eq!(ran.code, 1);
    ran.assert_told("There is no message 4711");
}

#[tokio::test(flavor = "multi_thread")]
async fn attachments_are_listed_and_saved_without_overwriting() {
    let house = house();
    house.well("sync").await;
    let (note, page) = (id(&house, "from:ada").await, id(&house, "from:shop").await);
    let parts = house
        .well(&format!("attachments {note} --json"))
        .await
        .objects();
    assert_eq!(
        (
            &parts[0]["part"],
            &parts[0]["file_name"],
            &parts[0]["octets"]
        ),
        (&1.into(), &"plan.bin".into(), &6.into())
    );
    let empty = house.run(&format!("attachments {page}")).await;
    assert_eq!((empty.code, empty.text.as_str()), (1, ""));
    assert_eq!(empty.error, format!("Message {page} has no attachments.\n"));
    let first = house
        .well(&format!("attachments {note} --save out"))
        .await
        .text;
    let second = house
        .well(&format!("attachments {note} --save out --part 1"))
        .await
        .text;
    assert_ne!(first, second);
    for file in [first, second] {
        assert_eq!(
            std::fs::read(house.folder.path().join(file.trim_end())).unwrap(),
            [0, 1, 2, 3, 255, 254]
        );
    }
    assert_eq!(
        house
            .run(&format!("attachments {note} --save out --part 7"))
            .await
            .code,
        2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peek_downloads_nothing() {
    let long = format!(
        "From: a@demo.example\nSubject: long\n\n{}",
        "a line\n".repeat(200)
    );
    let house = House::with(Maildrop::new(vec![letter(&long)]), Quirks::default(), "");
    house.well("sync --headers").await;
    let id = id(&house, "").await;
    let ran = house.well(&format!("peek {id} --lines 5")).await;
    assert_eq!(ran.text.matches("a line").count(), 5, "{}", ran.text);
    assert!(ran.text.contains("only the beginning"), "{}", ran.text);
    assert!(
        !house
            .server
            .maildrop()
            .commands()
            .iter()
            .any(|command| command.starts_with("RETR"))
    );
    assert_eq!(
        house.well(&format!("peek {id} --json")).await.objects()[0]["id"],
        id
    );
    assert_eq!(house.run("peek 99").await.code, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peek_that_shows_all_does_not_call_it_a_beginning() {
    let long = format!(
        "From: a@demo.example\nSubject: long\n\n{}",
        "a line\n".repeat(30)
    );
    for (listed, words) in [(None, None), (Some(9_999), Some("(the first 40 lines)"))] {
        let quirks = Quirks {
            listed_octets: listed.map(|octets| (1, octets)).into_iter().collect(),
            ..Quirks::default()
        };
        let house = House::with(Maildrop::new(vec![letter(&long)]), quirks, "");
        house.well("sync --headers").await;
        let text = house.well("peek 1 --lines 40").await.text;
        assert_eq!(text.matches("a line").count(), 30, "{text}");
        assert!(!text.contains("beginning"), "{text}");
        match words {
            None => assert!(!text.contains('('), "{text}"),
            Some(words) => assert!(text.ends_with(&format!("{words}\n")), "{text}"),
        }
        let text = house.well("peek 1 --lines 30").await.text;
        assert_eq!(
            text.contains("only the beginning"),
            listed.is_some(),
            "{text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn header_fields_are_objects_in_their_order() {
    let note =
        "Received: one\nFrom: ada@demo.example\nReceived: two\nSubject: =?utf-8?q?t=C3=A9?=\n\nx\n";
    let house = House::new(Maildrop::new(vec![letter(note)]));
    house.well("sync").await;
    let shown = house.well("show 1 --headers --json").await.objects();
    assert_eq!(
        shown[0]["headers"],
        serde_json::json!([
            {"name": "Received", "value": "one"},
            {"name": "From", "value": "ada@demo.example"},
            {"name": "Received", "value": "two"},
            {"name": "Subject", "value": "t\u{e9}"},
        ])
    );
    let shown = house.well("show 1 --json").await.objects();
    assert!(shown[0].get("headers").is_none());
}
