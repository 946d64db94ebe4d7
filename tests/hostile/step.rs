//! Answers out of step, and messages that look as if they were.

use poppet::backend::Haste;
use poppet::bridge::SyncMode;
use poppet::demo::{Maildrop, Message, Quirks};

use crate::house::House;
use crate::server::behaviour::{Act, At, Behaviour};

/// Mail of which some begins like a reply, or holds one.
fn quoting() -> Maildrop {
    let texts = [
        "Subject: one\r\nMessage-ID: <1@a.example>\r\n\r\nfirst\r\n",
        "+OK 120 octets\r\nSubject: two\r\nMessage-ID: <2@a.example>\r\n\r\nsecond\r\n",
        "-ERR no such message\r\n\r\nthird\r\n",
        "Subject: four\r\nMessage-ID: <4@a.example>\r\nX-Said: it said +OK to it\r\n\r\n+OK\r\n.\r\n+OK\r\n",
        "Subject: five\r\nMessage-ID: <5@a.example>\r\n\r\nfifth\r\n",
    ];
    Maildrop::new(texts.map(|text| Message::new(text.to_owned())).to_vec())
}

fn server(no_pipelining: bool, listed_octets: &[(u64, u64)]) -> Behaviour {
    Behaviour::quirky(Quirks {
        no_pipelining,
        listed_octets: listed_octets.to_vec(),
        ..Quirks::default()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn f9_mail_that_begins_like_a_reply_comes_as_it_is_and_the_server_is_not_blamed_for_it() {
    for no_pipelining in [false, true] {
        // What LIST says is right, or too much, or too little.
        for sizes in [
            &[][..],
            &[(2, 9_999), (3, 9_999), (5, 9_999)],
            &[(2, 3), (3, 3), (5, 3)],
        ] {
            let maildrop = quoting();
            let mut house = House::new(&maildrop, server(no_pipelining, sizes));
            let mut run = house.good_run();
            run.sync(SyncMode::Full).await.unwrap();
            let whole = run.whole().await;
            for message in maildrop.messages() {
                assert!(
                    whole.contains(&message.to_vec()),
                    "{no_pipelining}, {sizes:?}"
                );
            }
            assert_eq!(whole.len(), 5, "{no_pipelining}, {sizes:?}");
            house.deliver(b"Subject: six\r\nMessage-ID: <6@a.example>\r\n\r\nsixth\r\n");
            let mark = house.mark();
            run.sync(SyncMode::Full).await.unwrap();
            assert_eq!(house.sent("RETR", mark), 1, "{no_pipelining}, {sizes:?}");
            assert_eq!(
                house.wrongs(&run).await,
                [""; 0],
                "{no_pipelining}, {sizes:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f9_a_server_that_says_ok_twice_before_messages_is_told_of_and_nothing_of_it_is_stored() {
    for no_pipelining in [false, true] {
        let maildrop = quoting();
        let twice = Act::Before(b"+OK\r\n".to_vec());
        let behaviour = server(no_pipelining, &[]).with(At::Every("RETR"), twice);
        let house = House::new(&maildrop, behaviour);
        let mut run = house.run(Haste::times(10));
        let problem = run.sync(SyncMode::Full).await.unwrap_err();
        assert!(problem.what.contains("out of step"), "{problem}");
        assert!(run.whole().await.is_empty());
        run.end().await;
        house.server.behave(server(no_pipelining, &[]));
        let mut run = house.good_run();
        run.sync(SyncMode::Full).await.unwrap();
        assert_eq!(run.whole().await.len(), 5);
        assert_eq!(house.wrongs(&run).await, [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn v15_an_answer_too_many_at_the_end_of_a_sync_is_told() {
    let maildrop = quoting();
    let behind = Act::Behind(b"+OK 6 octets\r\n".to_vec());
    let behaviour = server(true, &[]).with(At::Nth("RETR", 5), behind);
    let house = House::new(&maildrop, behaviour);
    let mut run = house.good_run();
    let problem = run.sync(SyncMode::Full).await.unwrap_err();
    assert!(problem.what.contains("out of step"), "{problem}");
    assert_eq!(house.sent("QUIT", 0), 0);
}
