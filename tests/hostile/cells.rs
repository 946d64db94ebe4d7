//! Cells of the matrix of faults and states that no other test has an eye on.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use poppet::backend::Haste;
use poppet::bridge::{Command, SyncMode, Ticket};
use poppet::demo::{Maildrop, Message, Quirks};
use poppet::mail::{AccountId, Folder, Local, Server as Copy};
use poppet::store::{Listing, Store};
use rustix::process::Signal;

use crate::house::House;
use crate::server::Hostile;
use crate::server::behaviour::{Act, At, Behaviour, End, Wire};
use crate::session::{Mode, SUBJECTS, mailbox};
use crate::support::home::{Account, Home, id};
use crate::support::real::until;
use crate::support::run::{reaching, signal};

fn good() -> Behaviour {
    Mode::Delete.server()
}

fn numbered(count: usize) -> Maildrop {
    let letter = |number: usize| {
        let text = format!("Subject: m{number}\r\nMessage-ID: <{number}@a>\r\n\r\n{number}\r\n");
        Message::new(text)
    };
    Maildrop::new((1..=count).map(letter).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn f7_a_dele_that_is_cut_within_its_number_deletes_neither_message() {
    let doomed = 12;
    let behaviour = || {
        Behaviour::quirky(Quirks {
            no_pipelining: true,
            ..good().quirks
        })
    };
    // So many octets have been heard when the whole of `DELE 12` has.
    let mut before_end = None;
    for cut in 0.. {
        let maildrop = numbered(doomed);
        let mut house = House::new(&maildrop, behaviour());
        let wanted = maildrop.uidls()[doomed - 1].clone();
        house.permit([wanted.clone()]);
        let mut run = house.good_run();
        run.sync(SyncMode::Full).await.unwrap();
        let ids = run.ids(&["m12"]).await;
        run.stage(&ids).await;
        run.end().await;
        let Some(end) = before_end else {
            // How much a session says until its DELE is there, of one that is not cut.
            let mark = house.mark();
            let mut run = house.good_run();
            assert_eq!(run.apply(&ids).await.unwrap().deleted, ids);
            run.end().await;
            maildrop.idle().await;
            let commands = house.server.register().commands();
            let said =
                |lines: &[String]| -> u64 { lines.iter().map(|line| line.len() as u64 + 2).sum() };
            let dele = commands.iter().rposition(|line| line == "DELE 12").unwrap();
            let whole = house.server.register().wires().last().unwrap().heard;
            before_end = Some(whole - said(&commands[dele + 1..]));
            assert!(dele >= mark);
            continue;
        };
        // `D`, `DE` ... `DELE 12` and its CRLF.
        if cut > "DELE 12\r\n".len() as u64 + 1 {
            break;
        }
        for how in [End::Fin, End::Reset] {
            let wire = Wire {
                heard: Some((end + 1 - cut, how)),
                ..Wire::default()
            };
            house.server.behave(Behaviour {
                wire,
                ..behaviour()
            });
            let mut run = house.run(Haste::times(50));
            let applied = run.apply(&ids).await;
            let deleted = applied.as_ref().map_or(0, |applied| applied.deleted.len());
            assert_eq!(deleted, 0, "{wire:?}: {applied:?}");
            run.end().await;
            maildrop.idle().await;
            assert_eq!(maildrop.uidls().len(), doomed, "{wire:?}");
        }
        house.server.behave(behaviour());
        let mut run = house.good_run();
        run.sync(SyncMode::Full).await.unwrap();
        assert_eq!(run.copy(ids[0]).await, Copy::DeleteWanted, "{cut}");
        assert_eq!(run.apply(&ids).await.unwrap().deleted, ids, "{cut}");
        assert!(!maildrop.uidls().contains(&wanted), "{cut}");
        assert_eq!(house.wrongs(&run).await, [""; 0], "{cut}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f11_f12_behind_a_fetch_it_does_not_matter_what_becomes_of_quit() {
    for mode in [Mode::Leave, Mode::Peek, Mode::NoUidl] {
        for act in [
            Act::Close { done: true },
            Act::Close { done: false },
            Act::Silence { done: true },
            Act::Silence { done: false },
        ] {
            let how = match mode {
                Mode::Peek => SyncMode::Headers,
                _ => SyncMode::Full,
            };
            let behaviour = mode.server().with(At::Every("QUIT"), act.clone());
            let house = House::new(&mailbox(), behaviour);
            let mut run = house.run(Haste::times(100));
            run.sync(how).await.unwrap();
            run.end().await;
            house.server.maildrop().idle().await;
            assert!(house.sent("QUIT", 0) > 0, "{mode:?}, {act:?}");
            house.server.behave(mode.server());
            let mut run = house.good_run();
            let held = run.rows().await;
            let wanted = if mode == Mode::Peek {
                Local::Headers
            } else {
                Local::Full
            };
            assert_eq!(held.len(), SUBJECTS.len(), "{mode:?}, {act:?}");
            assert!(held.iter().all(|row| row.local == wanted), "{held:?}");
            let mark = house.mark();
            let report = run.sync(how).await.unwrap();
            assert_eq!((report.bodies, report.summaries), (0, 0), "{mode:?}");
            assert_eq!(house.sent("RETR", mark), 0, "{mode:?}, {act:?}");
            assert_eq!(run.rows().await.len(), SUBJECTS.len());
            assert_eq!(house.wrongs(&run).await, [""; 0], "{mode:?}, {act:?}");
        }
    }
}

/// What the store of a home says of the copies on the server, also of what lies in the Trash.
fn copies(home: &Home) -> Vec<Copy> {
    let store = Store::open(&home.path().join("data/poppet/mail.db")).unwrap();
    let mut copies = Vec::new();
    for folder in [Folder::Inbox, Folder::Trash] {
        let listing = Listing {
            folder: Some(folder),
            ..Listing::default()
        };
        let rows = store.list(listing).wait().unwrap().rows;
        copies.extend(rows.iter().map(|row| row.server));
    }
    store.close().unwrap();
    copies
}

#[tokio::test(flavor = "multi_thread")]
async fn f13_a_signal_while_quit_is_unanswered_leaves_the_deletion_unconfirmed_and_the_next_listing_decides()
 {
    for done in [true, false] {
        for ending in reaching([Signal::TERM, Signal::HUP, Signal::INT, Signal::KILL]) {
            let maildrop = mailbox();
            let server = Hostile::start(&maildrop, good());
            let user = "demo".to_owned();
            let home = Home::with_accounts(&[Account {
                password: user.clone(),
                user,
                ..Account::plain("home", server.address.port())
            }]);
            home.poppet(["sync"]).expect_code(0);
            home.poppet(["delete", &id(&home.list("")[0])])
                .expect_code(0);
            let quits = || {
                let commands = server.register().commands();
                commands.iter().filter(|command| *command == "QUIT").count()
            };
            let before = quits();
            server.behave(good().with(At::Every("QUIT"), Act::Silence { done }));
            let mut command = home.command(["apply", "--yes"]);
            command.stdin(Stdio::null()).stdout(Stdio::null());
            let mut child = command.stderr(Stdio::null()).spawn().unwrap();
            let sent = until(Duration::from_mins(1), || (quits() > before).then_some(()));
            sent.expect("a QUIT");
            signal(child.id(), ending);
            let ended = until(Duration::from_mins(1), || child.try_wait().unwrap());
            if ended.is_none() {
                child.kill().unwrap();
            }
            ended.expect("an end");
            let unconfirmed = |copies: Vec<Copy>| {
                let all = copies.iter().filter(|copy| **copy == Copy::Unconfirmed);
                all.count()
            };
            assert_eq!(unconfirmed(copies(&home)), 1, "{ending:?}, {done}");
            let left = SUBJECTS.len() - usize::from(done);
            assert_eq!(maildrop.uidls().len(), left, "{ending:?}, {done}");
            server.behave(good());
            home.poppet(["sync"]).expect_code(0);
            let settled = copies(&home);
            let decided = if done {
                Copy::Deleted
            } else {
                Copy::DeleteWanted
            };
            let count = settled.iter().filter(|copy| **copy == decided).count();
            assert_eq!(count, 1, "{ending:?}, {done}: {settled:?}");
            assert_eq!(unconfirmed(settled), 0, "{ending:?}, {done}");
            assert_eq!(maildrop.uidls().len(), left, "{ending:?}, {done}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f14_a_message_that_another_program_took_is_said_to_be_gone_when_it_is_looked_at() {
    for meanwhile in [false, true] {
        let maildrop = mailbox();
        let house = House::new(&maildrop, good());
        let mut run = house.good_run();
        run.sync(SyncMode::Headers).await.unwrap();
        let id = run.ids(&["three"]).await[0];
        run.end().await;
        let takes = {
            let (maildrop, uidl) = (maildrop.clone(), maildrop.uidls()[2].clone());
            move || {
                maildrop.remove(&uidl);
            }
        };
        if meanwhile {
            // It is listed still, and gone when its lines are asked for.
            let act = Act::Meanwhile(Arc::new(takes));
            house.server.behave(good().with(At::Every("TOP"), act));
        } else {
            takes();
        }
        let mut run = house.good_run();
        let ticket = Ticket::new();
        run.send(Command::Peek {
            ticket,
            id,
            lines: 3,
            width: 80,
        })
        .await;
        let problem = run.end_of(ticket).await.unwrap_err();
        assert!(
            !problem.why.is_empty() && !problem.remedy.is_empty(),
            "{problem}"
        );
        let said = if meanwhile {
            "refused TOP"
        } else {
            "not on the server any more"
        };
        assert!(problem.to_string().contains(said), "{problem}");
        run.sync(SyncMode::Headers).await.unwrap();
        let rows = run.rows().await;
        assert_eq!(rows.len(), SUBJECTS.len(), "{rows:?}");
        for row in rows {
            let copy = if row.id == id {
                Copy::Vanished
            } else {
                Copy::Present
            };
            assert_eq!(row.server, copy, "{row:?}");
        }
        assert_eq!(maildrop.uidls().len(), SUBJECTS.len() - 1);
        assert_eq!(house.server.violations(), [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f25_what_a_server_drops_by_itself_stays_here_and_mail_goes_on_coming() {
    for count in [5, 30] {
        let maildrop = numbered(count);
        let mut house = House::new(
            &maildrop,
            Behaviour::quirky(Quirks {
                remove_retrieved: true,
                expire: Some(0),
                ..Mode::Leave.server().quirks
            }),
        );
        let mut run = house.good_run();
        run.sync(SyncMode::Full).await.unwrap();
        maildrop.idle().await;
        assert!(maildrop.uidls().is_empty());
        for round in 1..3 {
            house.deliver(format!("Subject: late {round}\r\n\r\nlate\r\n").as_bytes());
            let report = run.sync(SyncMode::Full).await.unwrap();
            assert_eq!(report.bodies, 1, "{count}");
            maildrop.idle().await;
            assert_eq!(run.whole().await.len(), count + round, "{count}");
        }
        let home = AccountId::new("home").unwrap();
        let account = run.store.account(&home, poppet::backend::now()).await;
        assert_eq!(account.unwrap().brake, None, "{count}");
        assert_eq!(house.wrongs(&run).await, [""; 0], "{count}");
    }
}
