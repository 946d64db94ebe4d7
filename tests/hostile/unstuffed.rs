//! A server that stuffs nothing ends a message at a line of its own that is a dot. What came is no message, however well it fits
//! its digest, its header block and the size that is listed.

use poppet::bridge::SyncMode;
use poppet::demo::{Maildrop, Message, Quirks};

use crate::house::House;
use crate::server::behaviour::{Act, At, Behaviour};
use crate::server::quirks::unstuffed;

/// Three messages, of which one holds a line with a dot alone.
fn maildrop(dotted: usize, rest: &str) -> Maildrop {
    let messages = (0..3).map(|place| {
        let dot = if place == dotted {
            format!(".\r\n{rest}")
        } else {
            String::new()
        };
        let text = format!(
            "Subject: {place}\r\nMessage-ID: <{place}@a.example>\r\n\r\nbefore\r\n{dot}behind\r\n"
        );
        Message::new(text)
    });
    Maildrop::new(messages.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_i6_v15_what_was_cut_at_a_dot_of_its_own_is_never_deleted_on_the_server() {
    for no_pipelining in [false, true] {
        for dotted in 0..3 {
            for rest in ["", "+OK 12 octets\r\n", "+OK\r\nSubject: x\r\n\r\nx\r\n"] {
                let maildrop = maildrop(dotted, rest);
                let behaviour = Behaviour::quirky(Quirks {
                    no_pipelining,
                    ..Quirks::default()
                });
                let behaviour = behaviour
                    .with(At::Every("RETR"), Act::Map(unstuffed))
                    .with(At::Every("TOP"), Act::Map(unstuffed));
                let mut house = House::new(&maildrop, behaviour);
                house.permit(maildrop.uidls());
                for _ in 0..3 {
                    let mut run = house.good_run();
                    // It may well end with an error; what counts is what is left in the end.
                    let _ = run.sync(SyncMode::Full).await;
                    let rows = run.rows().await;
                    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
                    run.stage(&ids).await;
                    let _ = run.apply(&ids).await;
                    let whole = run.whole().await;
                    let there = maildrop.messages();
                    let start = self::maildrop(dotted, rest).messages();
                    for message in &start {
                        let octets = message.to_vec();
                        assert!(
                            whole.contains(&octets)
                                || there.iter().any(|left| left.to_vec() == octets),
                            "lost: {no_pipelining} {dotted} {rest:?}"
                        );
                    }
                    run.end().await;
                    house.server.maildrop().idle().await;
                }
            }
        }
    }
}
