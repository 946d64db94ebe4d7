//! Single rows of the matrix of faults: signals, other programs in the maildrop, servers that lie.

use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use poppet::backend::Haste;
use poppet::bridge::SyncMode;
use poppet::demo::{Login, Maildrop, Quirks};
use poppet::mail::{Change, Kind, Local, Server as Copy, Timestamp};
use rustix::process::Signal;

use crate::house::House;
use crate::server::Hostile;
use crate::server::behaviour::{Act, At, Behaviour, End, Sharing, Wire};
use crate::session::{DOOMED, Mode, SUBJECTS, doomed, mailbox, stored};
use crate::support::home::{Account, Home};
use crate::support::real::until;
use crate::support::run::{reaching, signal};

fn account(port: u16) -> Account {
    let user = "demo".to_owned();
    Account {
        password: user.clone(),
        user,
        ..Account::plain("home", port)
    }
}

/// The binary at home, on a server of the test's.
fn at_home(port: u16) -> Home {
    Home::with_accounts(&[account(port)])
}

/// Starts a command of the binary, and comes back when the server has stopped answering it.
async fn stalled(home: &Home, server: &Hostile, args: &[&str]) -> Child {
    let ended = server.register().wires().len();
    let mut command = home.command(args);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let child = command.stderr(Stdio::null()).spawn().unwrap();
    let stalled = async {
        while server.register().wires().len() == ended {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), stalled)
        .await
        .expect("it comes to that octet");
    child
}

/// Waits for its end.
async fn end_of(mut child: Child) {
    let ended = tokio::task::spawn_blocking(move || {
        let mut ended = || child.try_wait().unwrap().is_some();
        let in_time = until(Duration::from_mins(1), || ended().then_some(()));
        if in_time.is_none() {
            child.kill().unwrap();
        }
        in_time.is_some()
    });
    assert!(ended.await.unwrap(), "a command did not end");
}

fn good() -> Behaviour {
    Mode::Delete.server()
}

fn stalled_after(octets: u64, how: End) -> Behaviour {
    Behaviour {
        wire: Wire {
            sent: Some((octets, how)),
            ..Wire::default()
        },
        ..good()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f13_a_command_that_is_ended_by_a_signal_anywhere_deletes_nothing_and_loses_nothing() {
    for ending in reaching([Signal::TERM, Signal::HUP, Signal::INT]) {
        let maildrop = mailbox();
        let server = Hostile::start(&maildrop, good());
        let home = at_home(server.address.port());
        for octets in [0, 30, 400, 900, 1_500] {
            server.behave(stalled_after(octets, End::Stall));
            let child = stalled(&home, &server, &["sync"]).await;
            signal(child.id(), ending);
            end_of(child).await;
        }
        server.behave(good());
        home.poppet(["sync"]).expect_code(0);
        let mut ids = Vec::new();
        for message in home.list("") {
            ids.push(crate::support::home::id(&message));
        }
        assert_eq!(ids.len(), SUBJECTS.len(), "{ending:?}");
        home.poppet(["delete", &ids[0]]).expect_code(0);
        for octets in [0, 200, 500] {
            server.behave(stalled_after(octets, End::Stall));
            let child = stalled(&home, &server, &["apply", "--yes"]).await;
            signal(child.id(), ending);
            end_of(child).await;
            assert_eq!(maildrop.uidls().len(), SUBJECTS.len(), "{ending:?}");
        }
        server.behave(good());
        home.poppet(["apply", "--yes"]).expect_code(0);
        assert_eq!(maildrop.uidls().len(), SUBJECTS.len() - 1, "{ending:?}");
        assert_eq!(server.violations(), [""; 0], "{ending:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f13_a_command_that_was_suspended_until_its_server_had_gone_deletes_nothing_and_goes_on() {
    let maildrop = mailbox();
    let server = Hostile::start(&maildrop, good());
    let home = at_home(server.address.port());
    home.poppet(["sync"]).expect_code(0);
    let id = crate::support::home::id(&home.list("")[0]);
    home.poppet(["delete", &id]).expect_code(0);
    // It stands still, the server goes, and then it wakes up.
    server.behave(stalled_after(500, End::Stall));
    let child = stalled(&home, &server, &["apply", "--yes"]).await;
    signal(child.id(), Signal::STOP);
    drop(server);
    signal(child.id(), Signal::CONT);
    end_of(child).await;
    assert_eq!(maildrop.uidls().len(), SUBJECTS.len());
    let server = Hostile::start(&maildrop, good());
    home.configure(&[account(server.address.port())]);
    home.poppet(["apply", "--yes"]).expect_code(0);
    assert_eq!(maildrop.uidls().len(), SUBJECTS.len() - 1);
    assert_eq!(server.violations(), [""; 0]);
}

/// Another program that takes a message out while the client's command is on its way.
fn takes_out(maildrop: &Maildrop, index: usize) -> Act {
    let (maildrop, uidl) = (maildrop.clone(), maildrop.uidls()[index].clone());
    Act::Meanwhile(Arc::new(move || {
        maildrop.remove(&uidl);
    }))
}

#[tokio::test(flavor = "multi_thread")]
async fn f14_what_another_program_deletes_during_a_fetch_is_gone_there_and_nothing_else_is() {
    for at in [At::Every("LIST"), At::Every("TOP"), At::Nth("RETR", 1)] {
        let maildrop = mailbox();
        let behaviour = good().with(at, takes_out(&maildrop, 0));
        let house = House::new(&maildrop, behaviour);
        let mut run = house.good_run();
        run.sync(SyncMode::Full).await.unwrap();
        let rows = run.rows().await;
        let whole = rows.iter().filter(|row| row.local == Local::Full).count();
        assert!(whole >= SUBJECTS.len() - 1, "{at:?}: {rows:?}");
        house.server.behave(good());
        run.sync(SyncMode::Full).await.unwrap();
        // What was never here and is nowhere any more is said to be gone.
        for row in run.rows().await {
            assert!(
                row.local == Local::Full || row.server == Copy::Vanished,
                "{at:?}: {row:?}"
            );
        }
        assert!(maildrop.messages().len() == SUBJECTS.len() - 1);
        assert_eq!(house.server.violations(), [""; 0], "{at:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f14_what_another_program_deletes_during_a_deletion_makes_no_other_message_go() {
    for (index, at) in [
        (0, At::Every("LIST")),
        (1, At::Every("LIST")),
        (0, At::Every("TOP")),
        (1, At::Every("TOP")),
        (0, At::Nth("DELE", 1)),
        (1, At::Nth("DELE", 1)),
        (1, At::Every("QUIT")),
    ] {
        for sharing in [Sharing::Several, Sharing::One] {
            let maildrop = mailbox();
            let behaviour = Behaviour {
                sharing,
                ..good().with(at, takes_out(&maildrop, index))
            };
            let mut house = House::new(&maildrop, behaviour).with_store(stored().await);
            house.permit(doomed(&maildrop));
            let mut run = house.good_run();
            let ids = run.ids(&DOOMED).await;
            let _ = run.apply(&ids).await;
            house.server.behave(good());
            run.sync(SyncMode::Full).await.unwrap();
            assert_eq!(house.wrongs(&run).await, [""; 0], "{index}, {at:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f14_two_clients_on_one_maildrop_never_cost_a_message() {
    for sharing in [
        Sharing::One,
        Sharing::Several,
        Sharing::CutAtRetr,
        Sharing::CutAtEnd,
    ] {
        let maildrop = mailbox();
        let behaviour = Behaviour { sharing, ..good() };
        let house = House::new(&maildrop, behaviour.clone());
        // The other one is in the maildrop already, and leaves it when the client is half-way, where it is let in at all.
        let mut other = house.server.visitor();
        other.say("LIST");
        let seen = other.octets("RETR 1").len();
        assert!(seen > 100);
        other.say("DELE 1");
        let other = Arc::new(Mutex::new(Some(other)));
        let leaves = {
            let other = Arc::clone(&other);
            move || {
                if let Some(mut other) = other.lock().unwrap().take() {
                    other.say("QUIT");
                }
            }
        };
        let meanwhile = Act::Meanwhile(Arc::new(leaves.clone()));
        house
            .server
            .behave(behaviour.with(At::Nth("RETR", 2), meanwhile));
        let mut run = house.run(Haste::times(50));
        let first = run.sync(SyncMode::Full).await;
        assert!(
            first.is_err() || sharing != Sharing::One,
            "{sharing:?}: {first:?}"
        );
        leaves();
        run.sync(SyncMode::Full).await.unwrap();
        let whole = run.whole().await;
        for message in maildrop.messages() {
            assert!(whole.contains(&message.to_vec()), "{sharing:?}");
        }
        assert_eq!(maildrop.uidls().len(), 4, "{sharing:?}");
        assert_eq!(house.server.violations(), [""; 0], "{sharing:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f16_a_lock_is_waited_for_and_asks_for_no_password_and_deletions_wait_with_it() {
    for login in [Login::InUse, Login::Says("cannot access mailbox")] {
        let maildrop = mailbox();
        let locked = Behaviour::quirky(Quirks {
            login,
            no_auth_resp_code: true,
            ..good().quirks
        });
        let mut house = House::new(&maildrop, locked).with_store(stored().await);
        house.permit(doomed(&maildrop));
        let mut run = house.run(Haste::times(50));
        let ids = run.ids(&DOOMED).await;
        let problem = run.apply(&ids).await.unwrap_err();
        if login == Login::InUse {
            assert_ne!(problem.kind, Kind::Login, "{problem}");
        }
        assert_eq!(maildrop.uidls().len(), SUBJECTS.len());
        for id in &ids {
            assert_eq!(run.copy(*id).await, Copy::DeleteWanted, "{login:?}");
        }
        house.server.behave(good());
        // No new password was asked for.
        assert_eq!(run.apply(&ids).await.unwrap().deleted.len(), 2, "{login:?}");
        assert_eq!(house.wrongs(&run).await, [""; 0], "{login:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f25_where_retrieving_deletes_every_message_is_here_before_quit_whatever_cuts_the_session()
{
    let server = || {
        Behaviour::quirky(Quirks {
            remove_retrieved: true,
            expire: Some(0),
            ..Mode::Leave.server().quirks
        })
    };
    for octets in (0..2_400).step_by(crate::support::score::stride(8) * 30) {
        let maildrop = mailbox();
        let mut behaviour = server();
        behaviour.wire.sent = Some((octets, End::Fin));
        let house = House::new(&maildrop, behaviour);
        let mut run = house.run(Haste::times(50));
        let _ = run.sync(SyncMode::Full).await;
        run.end().await;
        maildrop.idle().await;
        house.server.behave(server());
        let mut run = house.good_run();
        run.sync(SyncMode::Full).await.unwrap();
        assert_eq!(run.whole().await.len(), SUBJECTS.len(), "{octets}");
        assert_eq!(house.wrongs(&run).await, [""; 0], "{octets}");
    }
}

/// A server that answers QUIT and deletes nothing.
fn liar() -> Behaviour {
    good().with(At::Every("QUIT"), Act::Refuse(b"+OK bye\r\n".to_vec()))
}

#[tokio::test(flavor = "multi_thread")]
async fn f27_a_server_that_says_it_deleted_and_did_not_is_asked_three_times_more_and_then_that_is_told()
 {
    let maildrop = mailbox();
    let mut house = House::new(&maildrop, liar()).with_store(stored().await);
    house.permit(doomed(&maildrop));
    let mut run = house.good_run();
    let ids = run.ids(&DOOMED).await;
    let mark = house.mark();
    for asked in 1..=4 {
        let applied = run.apply(&ids).await.unwrap();
        assert_eq!(applied.deleted.len(), 2, "it says so, time {asked}");
        let (report, told) = run.sync_and_hear(SyncMode::Full).await.unwrap();
        assert_eq!((report.bodies, house.sent("RETR", mark)), (0, 0));
        assert_eq!(run.rows().await.len(), SUBJECTS.len(), "nothing twice");
        let pending = run.store.pending(&[]).await.unwrap();
        let told: Vec<&str> = told.iter().map(|problem| problem.what.as_str()).collect();
        if asked < 4 {
            assert_eq!(pending.len(), 2, "pending again, time {asked}");
            for row in &pending {
                let why = row.failure.as_deref().unwrap_or_default();
                assert!(why.contains("still lists it"), "{why}");
            }
            assert_eq!(told, [""; 0]);
        } else {
            assert_eq!(pending, []);
            assert_eq!(told, ["The server does not delete 2 messages"]);
        }
    }
    for row in run.rows().await.iter().filter(|row| ids.contains(&row.id)) {
        assert_eq!(row.server, Copy::Present);
        assert!(row.is_to_stage_again(), "it is marked");
    }
    let _ = run.apply(&ids).await;
    run.sync(SyncMode::Full).await.unwrap();
    assert_eq!(house.sent("DELE", mark), 8, "it is not asked again");
    // But where the person wants it to be.
    run.stage(&ids).await;
    house.server.behave(good());
    assert_eq!(run.apply(&ids).await.unwrap().deleted.len(), 2);
    run.sync(SyncMode::Full).await.unwrap();
    for id in &ids {
        assert_eq!(run.copy(*id).await, Copy::Deleted);
    }
    assert_eq!(house.wrongs(&run).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn f27_deletions_at_each_check_are_tried_once_in_each_and_no_more_than_three_times_again() {
    let maildrop = mailbox();
    let unasked = "[accounts.home.server]\ndelete = \"sync\"\n";
    let house = House::new(&maildrop, liar()).with_store(stored().await);
    let mut house = house.configured(unasked);
    house.permit(doomed(&maildrop));
    let mut run = house.good_run();
    let mark = house.mark();
    for check in 1..=8 {
        run.sync(SyncMode::Full).await.unwrap();
        assert_eq!(house.sent("DELE", mark), 2 * check.min(4), "check {check}");
    }
    assert_eq!(house.sent("RETR", mark), 0);
    assert_eq!(house.wrongs(&run).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn f27_what_a_rule_deleted_and_the_server_did_not_is_told_once_and_left_alone() {
    let rule = "[accounts.home.server]\nkeep = \"until-downloaded\"\nrules_delete = \"auto\"\ngrace = \"0 days\"\n";
    let maildrop = mailbox();
    let house = House::new(&maildrop, good()).with_store(stored().await);
    let mut house = house.configured(rule);
    house.permit(maildrop.uidls());
    let mut run = house.good_run();
    house.server.behave(liar());
    let mark = house.mark();
    let mut told = Vec::new();
    for _ in 0..8 {
        let (_, problems) = run.sync_and_hear(SyncMode::Full).await.unwrap();
        told.extend(problems.into_iter().map(|problem| problem.what));
    }
    let deletions = house.sent("DELE", mark);
    assert!((1..=SUBJECTS.len()).contains(&deletions), "{deletions}");
    let count = |what: &str| told.iter().filter(|told| told.starts_with(what)).count();
    assert_eq!(count("The server does not delete"), 1, "{told:?}");
    for row in run.rows().await {
        assert_ne!(row.server, Copy::Deleted, "{}", row.subject);
    }
    assert_eq!(house.wrongs(&run).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn f27_what_is_taken_back_before_the_server_is_found_out_stays_there() {
    for change in [Change::Undelete, Change::Unstage, Change::Pinned(true)] {
        let maildrop = mailbox();
        let mut house = House::new(&maildrop, liar()).with_store(stored().await);
        house.permit(doomed(&maildrop));
        let mut run = house.good_run();
        let ids = run.ids(&DOOMED).await;
        run.apply(&ids).await.unwrap();
        let taken_back = vec![(ids.clone(), change)];
        let changed = run.store.change(taken_back, Timestamp(0)).await;
        changed.unwrap();
        run.sync(SyncMode::Full).await.unwrap();
        assert_eq!(run.store.pending(&[]).await.unwrap(), [], "{change:?}");
        for id in &ids {
            assert_eq!(run.copy(*id).await, Copy::Present, "{change:?}");
        }
        assert_eq!(house.wrongs(&run).await, [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f27_an_old_listing_shows_what_was_deleted_as_pending_and_deletes_nothing_else() {
    for with_an_older_one in [false, true] {
        let maildrop = mailbox();
        let mut house = House::new(&maildrop, good()).with_store(stored().await);
        house.permit(doomed(&maildrop));
        let octets = maildrop.messages();
        let octets = octets.iter().map(poppet::demo::Message::to_vec);
        let before: Vec<(Vec<u8>, Vec<u8>)> = maildrop.uidls().into_iter().zip(octets).collect();
        let mut run = house.good_run();
        let ids = run.ids(&DOOMED).await;
        let (first, second) = ids.split_at(usize::from(with_an_older_one));
        if with_an_older_one {
            // A listing shows that this one is gone, so what has it again is no server that left it undone.
            assert_eq!(run.apply(first).await.unwrap().deleted, first);
            run.sync(SyncMode::Full).await.unwrap();
        }
        assert_eq!(run.apply(second).await.unwrap().deleted.len(), second.len());
        for (uidl, octets) in &before {
            maildrop.remove(uidl);
            maildrop.deliver_as(uidl, octets.clone());
        }
        let mark = house.mark();
        run.sync(SyncMode::Full).await.unwrap();
        assert_eq!(house.sent("RETR", mark), 0, "nothing is fetched again");
        assert_eq!(house.sent("DELE", mark), 0, "nothing is deleted unasked");
        assert_eq!(run.rows().await.len(), SUBJECTS.len());
        let copy = if with_an_older_one {
            Copy::Present
        } else {
            Copy::DeleteWanted
        };
        for id in &ids {
            assert_eq!(run.copy(*id).await, copy);
        }
        // The listing after it is as it was to be.
        for uidl in doomed(&maildrop) {
            maildrop.remove(&uidl);
        }
        run.sync(SyncMode::Full).await.unwrap();
        for id in &ids {
            let copy = run.copy(*id).await;
            assert!(matches!(copy, Copy::Deleted | Copy::Vanished), "{copy:?}");
        }
        // What comes now comes from a backup.
        for (uidl, octets) in &before {
            maildrop.remove(uidl);
            maildrop.deliver_as(uidl, octets.clone());
        }
        run.sync(SyncMode::Full).await.unwrap();
        for id in &ids {
            assert_eq!(run.copy(*id).await, Copy::Present);
        }
        assert_eq!(run.store.pending(&[]).await.unwrap(), []);
        assert_eq!(house.sent("DELE", mark), 0);
        assert_eq!(house.wrongs(&run).await, [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f27_a_server_without_uidl_that_lies_is_asked_again_as_well() {
    let maildrop = mailbox();
    let mut house = House::new(&maildrop, Mode::NoUidl.server());
    house.permit(doomed(&maildrop));
    let mut run = house.good_run();
    run.sync(SyncMode::Full).await.unwrap();
    let ids = run.ids(&DOOMED).await;
    run.stage(&ids).await;
    let mark = house.mark();
    let lies = (At::Every("QUIT"), Act::Refuse(b"+OK bye\r\n".to_vec()));
    house
        .server
        .behave(Mode::NoUidl.server().with(lies.0, lies.1));
    for _ in 1..=4 {
        assert_eq!(run.apply(&ids).await.unwrap().deleted.len(), 2);
        run.sync(SyncMode::Full).await.unwrap();
    }
    let _ = run.apply(&ids).await;
    assert_eq!(house.sent("DELE", mark), 8);
    assert_eq!(run.rows().await.len(), SUBJECTS.len(), "nothing twice");
    for row in run.rows().await.iter().filter(|row| ids.contains(&row.id)) {
        assert!(row.is_to_stage_again(), "{}", row.subject);
    }
    assert_eq!(house.wrongs(&run).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn f27_a_wish_that_was_taken_back_leaves_the_others_wanted() {
    let maildrop = mailbox();
    let mut house = House::new(&maildrop, liar()).with_store(stored().await);
    house.permit(doomed(&maildrop));
    let mut run = house.good_run();
    let ids = run.ids(&DOOMED).await;
    run.apply(&ids).await.unwrap();
    let taken_back = vec![(vec![ids[0]], Change::Undelete)];
    let changed = run.store.change(taken_back, Timestamp(0)).await;
    changed.unwrap();
    run.sync(SyncMode::Full).await.unwrap();
    assert_eq!(run.copy(ids[0]).await, Copy::Present);
    assert_eq!(run.copy(ids[1]).await, Copy::DeleteWanted);
    assert_eq!(house.wrongs(&run).await, [""; 0]);
}
