//! Messages that left their server before they were downloaded.

use poppet::demo::{Maildrop, Quirks};

use crate::house::{House, letter};

/// Message 1 is not on the server any more, and only its header is here.
async fn house() -> House {
    let note = "From: ada@demo.example\nSubject: tea\nContent-Type: text/plain\n\nat four\n";
    let house = House::with(Maildrop::new(vec![letter(note)]), Quirks::default(), "");
    house.well("sync --headers").await;
    house.well("delete --server 1").await;
    house.well("apply --yes --without-copy 1").await;
    house
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_here_is_shown_and_the_rest_is_said_to_be_gone() {
    let house = house().await;
    for line in ["show 1", "peek 1"] {
        let ran = house.run(line).await;
        assert_eq!(ran.code, 3, "{line}");
        assert!(ran.text.contains("tea"), "{line}: {}", ran.text);
        ran.assert_told("The rest of message 1 is not on the server any more");
        assert!(
            ran.error.contains("only its header is here"),
            "{}",
            ran.error
        );
        let ran = house.run(&format!("{line} --json")).await;
        assert_eq!(ran.code, 3, "{line}");
        assert_eq!(ran.objects()[0]["subject"], "tea");
        assert_eq!(ran.wrong()["kind"], "protocol");
    }
    house.well("show 1 --headers").await;
    assert_eq!(house.run("show 1 --raw").await.code, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_knows_of_it_is_not_denied() {
    let house = house().await;
    for line in ["attachments 1", "attachments 1 --json", "show 1 --html"] {
        let ran = house.run(line).await;
        assert_eq!((ran.code, ran.text.as_str()), (3, ""), "{line}");
        assert!(
            ran.error.contains("is not on the server any more"),
            "{line}: {}",
            ran.error
        );
        assert!(!ran.error.contains("has no"), "{line}: {}", ran.error);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peek_at_no_more_than_is_here_is_answered() {
    let long = format!(
        "From: a@demo.example\nSubject: long\n\n{}",
        "a line\n".repeat(50)
    );
    let house = House::with(Maildrop::new(vec![letter(&long)]), Quirks::default(), "");
    house.well("sync --headers").await;
    house.well("peek 1 --lines 10").await;
    house.well("delete --server 1").await;
    house.well("apply --yes --without-copy 1").await;
    house.well("peek 1 --lines 5").await;
    assert_eq!(house.run("peek 1 --lines 11").await.code, 3);
}
