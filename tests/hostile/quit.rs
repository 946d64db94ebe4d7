//! The moment of QUIT: what the client hears, what the server did, and that the next listing decides.

use std::time::Duration;

use poppet::backend::Haste;
use poppet::bridge::SyncMode;
use poppet::mail::Server as Copy;

use crate::house::{House, Transport};
use crate::server::behaviour::{Act, At, Behaviour, End, Wire};
use crate::session::{DOOMED, Mode, case, doomed, mailbox, stored};
use crate::support::score::score;

/// What the client knows of the end of its session.
#[derive(Clone, Copy, Debug)]
enum Heard {
    /// The connection breaks before QUIT has arrived, or behind the server's work.
    Lost,
    /// QUIT has arrived, and its answer never does.
    Nothing,
    /// `-ERR`
    Refusal,
    /// The connection breaks behind `QUIT`, before its CRLF.
    Unended,
}

/// The octets that the client sends until QUIT is there, without its CRLF.
async fn until_quit() -> u64 {
    let clean = case(
        Mode::Delete,
        Transport::Plain,
        Mode::Delete.server(),
        Haste::default(),
    )
    .await;
    assert!(clean.wrongs.is_empty(), "{:?}", clean.wrongs);
    clean.carried.1 - 2
}

fn behaviour(heard: Heard, deleted: bool, until_quit: u64) -> Behaviour {
    let good = Mode::Delete.server();
    let refusal = b"-ERR some deleted messages not removed\r\n".to_vec();
    match heard {
        Heard::Lost => good.with(At::Every("QUIT"), Act::Close { done: deleted }),
        Heard::Nothing => good.with(At::Every("QUIT"), Act::Silence { done: deleted }),
        Heard::Refusal if deleted => good.with(At::Every("QUIT"), Act::Say(refusal)),
        Heard::Refusal => good.with(At::Every("QUIT"), Act::Refuse(refusal)),
        Heard::Unended => {
            let mut good = good;
            good.quirks.quit_without_crlf = deleted;
            good.wire = Wire {
                heard: Some((until_quit, End::Reset)),
                ..Wire::default()
            };
            good
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f11_f12_whatever_becomes_of_quit_the_next_listing_says_whether_it_deleted() {
    let until_quit = until_quit().await;
    let (mut passed, mut total, mut slowest) = (0, 0, Duration::ZERO);
    for heard in [Heard::Lost, Heard::Nothing, Heard::Refusal, Heard::Unended] {
        for deleted in [true, false] {
            let begun = std::time::Instant::now();
            let maildrop = mailbox();
            let behaviour = behaviour(heard, deleted, until_quit);
            let mut house = House::new(&maildrop, behaviour).with_store(stored().await);
            house.permit(doomed(&maildrop));
            let mut run = house.run(Haste::times(100));
            let ids = run.ids(&DOOMED).await;
            let applied = run.apply(&ids).await.unwrap();
            let mut wrongs = Vec::new();
            let unconfirmed = applied.unconfirmed.len() == 2 && applied.deleted.is_empty();
            if !unconfirmed || run.copy(ids[0]).await != Copy::Unconfirmed {
                wrongs.push(format!("not unconfirmed: {applied:?}"));
            }
            maildrop.idle().await;
            let left = if deleted { 3 } else { 5 };
            if maildrop.uidls().len() != left {
                wrongs.push(format!("{} are left", maildrop.uidls().len()));
            }
            run.end().await;
            house.server.behave(Mode::Delete.server());
            let mut run = house.good_run();
            let mark = house.mark();
            run.sync(SyncMode::Full).await.unwrap();
            if house.sent("RETR", mark) > 0 {
                wrongs.push("something was fetched again".to_owned());
            }
            let (after, wanted) = if deleted {
                (Copy::Deleted, 3)
            } else {
                (Copy::DeleteWanted, 5)
            };
            for id in &ids {
                if run.copy(*id).await != after {
                    wrongs.push(format!("{:?} in the end", run.copy(*id).await));
                }
            }
            if maildrop.uidls().len() != wanted {
                wrongs.push("a listing deleted something".to_owned());
            }
            wrongs.extend(house.wrongs(&run).await);
            run.end().await;
            total += 1;
            slowest = slowest.max(begun.elapsed());
            if wrongs.is_empty() {
                passed += 1;
            } else {
                println!("{heard:?}, deleted: {deleted}: {wrongs:?}");
            }
        }
    }
    let worst = format!("slowest {:.2} s", slowest.as_secs_f64());
    score("QUIT ambiguity", passed, total, &worst);
}
