//! Messages and their retrieval: Q1 to Q4, Q12, Q13, Q19 to Q23, Q25, Q27, and every quirk in turn.

use std::time::Instant;

use poppet::backend::Haste;
use poppet::bridge::{SyncMode, SyncReport};
use poppet::demo::{Maildrop, Message, Quirks};
use poppet::mail::{Local, Problem};

use crate::house::{House, Run};
use crate::server::behaviour::Behaviour;
use crate::server::quirks::Quirk;
use crate::session::{SUBJECTS, mailbox};
use crate::support::score::score;

/// A sync with a server that has this quirk.
pub(crate) async fn synced(
    quirk: Quirk,
    maildrop: &Maildrop,
) -> (House, Run, Result<SyncReport, Problem>) {
    let house = House::new(maildrop, quirk.server());
    let mut run = house.run(haste(quirk));
    let result = run.sync(SyncMode::Full).await;
    (house, run, result)
}

/// Where the server is silent, nobody waits for minutes.
fn haste(quirk: Quirk) -> Haste {
    match quirk {
        Quirk::Q14CapaHangs
        | Quirk::Q16OneAnswerForMany
        | Quirk::Q16EverySecondLost
        | Quirk::Q20DotBehindTheLastOctet
        | Quirk::Q24InUseForAWhile => Haste::times(20),
        _ => Haste::default(),
    }
}

/// All of a mailbox comes from a server that has this quirk: each message as it is there, and once.
pub(crate) async fn all_comes(quirk: Quirk, maildrop: &Maildrop) -> (House, Run) {
    let (house, mut run, result) = synced(quirk, maildrop).await;
    result.unwrap_or_else(|problem| panic!("{quirk:?}: {problem}"));
    all_is_here(quirk, &house, &run, maildrop).await;
    // And it is known again.
    let mark = house.mark();
    run.sync(SyncMode::Full)
        .await
        .unwrap_or_else(|problem| panic!("{quirk:?}: {problem}"));
    assert_eq!(house.sent("RETR", mark), 0, "{quirk:?}: fetched again");
    (house, run)
}

async fn all_is_here(quirk: Quirk, house: &House, run: &Run, maildrop: &Maildrop) {
    let rows = run.rows().await;
    let partial = rows.iter().filter(|row| row.local != Local::Full).count();
    assert_eq!(partial, 0, "{quirk:?}: {rows:?}");
    let whole = run.whole().await;
    for message in maildrop.messages() {
        assert!(
            whole.contains(&message.to_vec()),
            "{quirk:?}: one is not here"
        );
    }
    assert_eq!(house.wrongs(run).await, [""; 0], "{quirk:?}");
}

/// A mailbox of these messages.
pub(crate) fn of(messages: &[&str]) -> Maildrop {
    let messages = messages.iter().map(|text| Message::new(text.as_bytes()));
    Maildrop::new(messages.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn q1_to_q30_whatever_the_quirk_a_good_session_after_it_has_everything_once() {
    let (mut passed, mut slowest) = (0, (0.0, Quirk::Q1NoUidl));
    for quirk in Quirk::ALL {
        let begun = Instant::now();
        let (house, run, _) = synced(quirk, &mailbox()).await;
        let gone_by_rule = matches!(
            quirk,
            Quirk::Q12RetrievedIsHidden | Quirk::Q13RetrievedIsDeleted
        );
        run.end().await;
        house.server.maildrop().idle().await;
        house.server.behave(Behaviour::default());
        let mut run = house.good_run();
        let mut wrongs = Vec::new();
        if let Err(problem) = run.sync(SyncMode::Full).await {
            wrongs.push(problem.to_string());
        }
        let rows = run.rows().await;
        if rows.len() != SUBJECTS.len() || rows.iter().any(|row| row.local != Local::Full) {
            wrongs.push(format!("{} rows: {rows:?}", rows.len()));
        }
        if !gone_by_rule && !house.server.maildrop().removed().is_empty() {
            wrongs.push("something was removed".to_owned());
        }
        wrongs.extend(house.wrongs(&run).await);
        run.end().await;
        let took = begun.elapsed().as_secs_f64();
        if took > slowest.0 {
            slowest = (took, quirk);
        }
        if wrongs.is_empty() {
            passed += 1;
        } else {
            println!("{quirk:?}: {wrongs:?}");
        }
    }
    let worst = format!("slowest {:.2} s ({:?})", slowest.0, slowest.1);
    score(
        "servers with one quirk each",
        passed,
        Quirk::ALL.len(),
        &worst,
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn q1_a_server_without_uidl_is_read_and_its_messages_are_known_again() {
    all_comes(Quirk::Q1NoUidl, &mailbox()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn q2_where_top_is_missing_or_refused_messages_come_all_the_same() {
    all_comes(Quirk::Q2NoTop, &mailbox()).await;
    all_comes(Quirk::Q2TopOfSomeOnly, &mailbox()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn q2_without_top_headers_alone_retrieve_nothing_where_that_deletes() {
    let server = Behaviour::quirky(Quirks {
        no_top: true,
        remove_retrieved: true,
        expire: Some(0),
        ..Quirks::default()
    });
    let maildrop = mailbox();
    let house = House::new(&maildrop, server);
    let mut run = house.good_run();
    let _ = run.sync(SyncMode::Headers).await;
    maildrop.idle().await;
    // Whatever was retrieved to be shown is here.
    assert_eq!(house.wrongs(&run).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn q3_a_top_that_gives_too_much_or_too_little_changes_no_message() {
    // By its Message-ID a message is known whose header fields are not the same in TOP and RETR.
    let letter = |subject: &str, more: &str, body: &str| {
        let head = format!("{more}From: ann@a.example\r\nSubject: {subject}\r\n");
        format!("{head}Message-ID: <{subject}@a.example>\r\n\r\n{body}")
    };
    let received = "Received: from a\r\nReceived: from b\r\n";
    let maildrop = of(&[
        &letter("long", received, &"a line of text\r\n".repeat(6_000)),
        &letter("way", received, "here\r\n"),
        &letter("short", "", "short\r\n"),
    ]);
    for quirk in [
        Quirk::Q3TopGivesAll,
        Quirk::Q3TopGivesTenLines,
        Quirk::Q3TopEndsAt64k,
        Quirk::Q3TopSaysOkTwice,
        Quirk::Q3TopLosesTheFirstReceived,
    ] {
        all_comes(quirk, &maildrop).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn q4_a_top_that_stuffs_nothing_ends_the_session_without_quit_and_loses_nothing() {
    let forged = "Subject: dots\r\n\r\n.\r\n+OK 1 1\r\n.\r\n-ERR\r\n";
    let maildrop = of(&["Subject: a\r\n\r\na\r\n", forged, "Subject: b\r\n\r\nb\r\n"]);
    let (house, run, _) = synced(Quirk::Q4TopStuffsNothing, &maildrop).await;
    assert_eq!(house.wrongs(&run).await, [""; 0]);
    run.end().await;
    house.server.behave(Behaviour::default());
    let mut run = house.good_run();
    run.sync(SyncMode::Full).await.unwrap();
    all_is_here(Quirk::Q4TopStuffsNothing, &house, &run, &maildrop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn q12_q13_what_a_server_hides_or_deletes_once_it_was_retrieved_stays_here() {
    for quirk in [Quirk::Q12RetrievedIsHidden, Quirk::Q13RetrievedIsDeleted] {
        let maildrop = mailbox();
        let start = maildrop.messages();
        let (mut house, mut run, result) = synced(quirk, &maildrop).await;
        result.unwrap();
        maildrop.idle().await;
        assert!(maildrop.uidls().is_empty(), "{quirk:?}");
        house.deliver(b"Subject: six\r\n\r\nsixth\r\n");
        run.sync(SyncMode::Full).await.unwrap();
        let whole = run.whole().await;
        assert_eq!(whole.len(), 6, "{quirk:?}");
        assert!(
            start
                .iter()
                .all(|message| whole.contains(&message.to_vec()))
        );
        assert_eq!(house.wrongs(&run).await, [""; 0], "{quirk:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn q12_a_server_that_shows_its_mail_by_and_by_is_emptied_by_and_by_and_keeps_what_it_is_asked_to()
 {
    let maildrop = mailbox();
    let (mut house, mut run, result) = synced(Quirk::Q12RetrievedIsHidden, &maildrop).await;
    result.unwrap();
    for number in 0..3 {
        maildrop.idle().await;
        for more in 0..25 {
            let text = format!("Subject: {number}.{more}\r\n\r\n{number} {more}\r\n");
            house.deliver(text.as_bytes());
        }
        // What is not listed any more is not deleted here, and new mail comes, whatever the brake says.
        run.sync(SyncMode::Full).await.unwrap();
    }
    assert_eq!(run.whole().await.len(), 80);
    assert_eq!(house.wrongs(&run).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn q19_a_server_that_shuts_down_between_two_answers_is_left_without_quit() {
    let (house, run, result) = synced(Quirk::Q19ShutsDownAfterAnAnswer, &mailbox()).await;
    assert!(result.is_err(), "{result:?}");
    assert_eq!(house.sent("QUIT", 0), 0);
    assert_eq!(house.wrongs(&run).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn q20_a_message_without_an_end_is_waited_for_in_vain_and_never_shown_as_whole() {
    let (house, run, result) = synced(Quirk::Q20DotBehindTheLastOctet, &mailbox()).await;
    assert!(result.is_err(), "{result:?}");
    assert!(run.whole().await.is_empty());
    assert_eq!(house.sent("QUIT", 0), 0);
    assert_eq!(house.wrongs(&run).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn q21_v15_from_a_server_of_bare_line_feeds_no_mail_forges_a_reply() {
    let forged = "Subject: forged\r\n\r\nend\n.\n+OK 1 1\n-ERR\n.\n+OK\r\n";
    let maildrop = of(&["Subject: a\r\n\r\na\r\n", "Subject: b\r\n\r\nb\r\n", forged]);
    let (house, run, _) = synced(Quirk::Q21LineFeedsAlone, &maildrop).await;
    // What ends in the middle for such a server may be here as it came. It is never deleted there, and the others are here.
    assert!(maildrop.removed().is_empty());
    assert_eq!(house.server.violations(), [""; 0]);
    let rows = run.rows().await;
    assert!(rows.len() <= 3, "{rows:?}");
    run.end().await;
    // From one of CRLF it comes as it is.
    let house = House::new(&maildrop, Behaviour::default());
    let mut run = house.good_run();
    run.sync(SyncMode::Full).await.unwrap();
    all_is_here(Quirk::Q21LineFeedsAlone, &house, &run, &maildrop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn q22_messages_of_every_shape_come_octet_for_octet() {
    let long = format!("Subject: long\r\n\r\n{}\r\n", "x".repeat(100_001));
    let mut messages: Vec<Message> = [
        "Subject: bare\r\n\r\na\rb\nc\r\r\n\n\r\n",
        "Subject: nul\r\n\r\na\0b\0\r\n",
        "no header and no blank line\r\n",
        "\r\nbody alone\r\n",
        "Subject: header alone\r\n",
        "\r\n",
        &long,
    ]
    .map(|text| Message::new(text.as_bytes()))
    .into();
    messages.push(Message::new(
        b"Subject: \xe9\xff\x80\r\n\r\n\x9b31m\x1b[2J\r\n".to_vec(),
    ));
    let maildrop = Maildrop::new(messages);
    for quirk in [Quirk::Q25OctetByOctet, Quirk::Q2NoTop, Quirk::Q28NoLast] {
        all_comes(quirk, &maildrop).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn q25_a_server_that_sends_an_octet_at_a_time_is_waited_for() {
    all_comes(Quirk::Q25OctetByOctet, &mailbox()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn q27_lines_that_a_server_cuts_are_stored_as_they_came_and_the_rest_is_not_deleted() {
    let long = format!("Subject: long\r\n\r\n{}\r\n", "x".repeat(3_000));
    let maildrop = of(&["Subject: a\r\n\r\na\r\n", &long]);
    let (house, mut run, result) = synced(Quirk::Q27LinesCutAt1024, &maildrop).await;
    result.unwrap();
    house.server.behave(Behaviour::default());
    let doomed = run.ids(&["long"]).await;
    run.stage(&doomed).await;
    let applied = run.apply(&doomed).await.unwrap();
    // A good server shows another size and other octets under that name: then it is another message.
    let there = maildrop.messages().len();
    assert!(applied.deleted.is_empty() || there == 1, "{applied:?}");
    let lost = !maildrop
        .messages()
        .iter()
        .any(|message| message.to_vec() == long.as_bytes())
        && !run.whole().await.contains(long.as_bytes());
    assert!(
        !lost,
        "all of it was on the server alone, and it was deleted"
    );
}
