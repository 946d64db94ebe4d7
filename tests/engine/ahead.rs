//! Commands sent ahead of answers: what servers that cannot take them do, and how long a person waits behind them.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use poppet::bridge::{Command, Event, SyncMode, Ticket};
use poppet::demo::{Pipelined, Quirks, Quit};
use poppet::mail::{Local, RemoteId, Server as Copy, View, header_digest};

use crate::house::{House, engine_at, home, letters, until};

/// Every line of the ledger names the message that the server has under that UIDL, and each message has one.
async fn assert_nothing_under_a_wrong_name(house: &House) {
    let maildrop = house.server.maildrop();
    let headers: HashMap<RemoteId, _> = maildrop
        .uidls()
        .iter()
        .map(|uidl| RemoteId::new(uidl))
        .zip(maildrop.messages())
        .map(|(remote, message)| (remote, header_digest(&message.to_vec())))
        .collect();
    let ledger = house.store.ledger(&home()).await.unwrap();
    assert_eq!(ledger.len(), headers.len());
    for line in ledger {
        assert_eq!(line.header.as_ref(), headers.get(&line.remote));
    }
}

async fn quirks(house: &House) -> String {
    let record = house.store.account(&home(), poppet::backend::now()).await;
    record.unwrap().quirks
}

#[tokio::test(flavor = "multi_thread")]
async fn q16_servers_that_break_pipelining_are_read_one_command_at_a_time_and_remembered() {
    let broken = [
        Quirks {
            discard_pipelined: true,
            ..Quirks::default()
        },
        Quirks {
            pipelined: Pipelined::HungUp,
            ..Quirks::default()
        },
        Quirks {
            pipelined: Pipelined::Garbled,
            ..Quirks::default()
        },
        Quirks {
            pipelined: Pipelined::LostBeyond(100),
            ..Quirks::default()
        },
    ];
    for quirk in broken {
        let mut house = House::new(letters(300), quirk.clone());
        house
            .sync_as(SyncMode::Headers)
            .await
            .unwrap_or_else(|problem| panic!("{quirk:?}: {problem}"));
        assert_nothing_under_a_wrong_name(&house).await;
        assert!(
            quirks(&house).await.contains("lock_step_until"),
            "{quirk:?}"
        );

        // The next session does not even try.
        let before = house.server.maildrop().commands().len();
        house.sync_as(SyncMode::Headers).await.unwrap();
        let commands = house.server.maildrop().commands().split_off(before);
        let opened = commands.iter().filter(|command| *command == "STAT").count();
        let fences = commands.iter().filter(|command| *command == "NOOP").count();
        assert_eq!((opened, fences), (1, 0), "{quirk:?}");
    }
}

/// A line that cuts the first connection after so many octets of answers, and no other. Its port.
fn cut_once(server: u16, after: u64) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let limits = std::iter::once(after).chain(std::iter::repeat(u64::MAX));
        for (client, limit) in listener.incoming().zip(limits) {
            let (mut client, server) = (client.unwrap(), TcpStream::connect(("127.0.0.1", server)));
            let mut server = server.unwrap();
            let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut from, &mut to);
                let _ = to.shutdown(Shutdown::Both);
            });
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut (&mut server).take(limit), &mut client);
                let _ = client.shutdown(Shutdown::Both);
                let _ = server.shutdown(Shutdown::Both);
            });
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread")]
async fn q16_one_lost_connection_does_not_end_pipelining() {
    let mut house = House::new(letters(300), Quirks::default());
    let port = cut_once(house.server.address().port(), 3_000);
    let folder = tempfile::tempdir().unwrap();
    house.engine = engine_at(port, &house.store, &folder);
    house.sync_as(SyncMode::Headers).await.unwrap();
    assert_nothing_under_a_wrong_name(&house).await;
    assert_eq!(quirks(&house).await, "");
    assert_eq!(house.sent("STAT"), 2);
}

/// A line that lets so many octets of answers through and then holds, and that writes down the commands.
struct Held {
    port: u16,
    state: Arc<(Mutex<State>, Condvar)>,
}

struct State {
    commands: Vec<u8>,
    passed: u64,
    limit: u64,
}

impl Held {
    fn before(server: u16, limit: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = State {
            commands: Vec::new(),
            passed: 0,
            limit,
        };
        let state = Arc::new((Mutex::new(state), Condvar::new()));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            let (client, _) = listener.accept().unwrap();
            let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
            let (commands, answers) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            let up = Arc::clone(&shared);
            std::thread::spawn(move || pass_commands(commands, server, &up));
            pass_answers(answers, client, &shared);
        });
        Self { port, state }
    }

    /// Waits until `enough`, and gives what it makes of the state.
    fn wait<R>(&self, mut enough: impl FnMut(&State) -> Option<R>) -> R {
        let (state, changed) = &*self.state;
        let mut guard = state.lock().unwrap();
        loop {
            if let Some(result) = enough(&guard) {
                return result;
            }
            let (next, waited) = changed.wait_timeout(guard, Duration::from_mins(1)).unwrap();
            assert!(!waited.timed_out(), "nothing happened for a minute");
            guard = next;
        }
    }

    fn open(&self) {
        let (state, changed) = &*self.state;
        state.lock().unwrap().limit = u64::MAX;
        changed.notify_all();
    }
}

fn pass_commands(mut from: TcpStream, mut to: TcpStream, shared: &(Mutex<State>, Condvar)) {
    let mut octets = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut octets) {
        let octets = octets.get(..read).unwrap();
        shared.0.lock().unwrap().commands.extend_from_slice(octets);
        shared.1.notify_all();
        if to.write_all(octets).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

fn pass_answers(mut from: TcpStream, mut to: TcpStream, shared: &(Mutex<State>, Condvar)) {
    let mut octets = [0; 1024];
    while let Ok(read @ 1..) = from.read(&mut octets) {
        let guard = shared.0.lock().unwrap();
        let held = |state: &mut State| state.passed >= state.limit;
        let mut guard = shared.1.wait_while(guard, held).unwrap();
        guard.passed += read as u64;
        drop(guard);
        shared.1.notify_all();
        if to.write_all(octets.get(..read).unwrap()).is_err() {
            return;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_opened_during_a_bulk_download_waits_for_one_window_and_no_more() {
    let mut house = House::new(letters(3_000), Quirks::default());
    let sizes: Vec<u64> = house
        .server
        .maildrop()
        .messages()
        .iter()
        .map(poppet::demo::Message::octets)
        .collect();
    house.sync_as(SyncMode::Headers).await.unwrap();
    let line = Held::before(house.server.address().port(), LET_THROUGH);
    let other = tempfile::tempdir().unwrap();
    house.engine = engine_at(line.port, &house.store, &other);
    let sync = Ticket::new();
    house
        .send(Command::Sync {
            ticket: sync,
            accounts: Vec::new(),
            mode: SyncMode::Full,
        })
        .await;
    line.wait(|state| (state.passed >= state.limit).then_some(()));
    // The last in the order of downloading.
    let wanted = house.rows().await.last().unwrap().clone();
    assert_eq!(wanted.local, Local::Headers);
    let ticket = Ticket::new();
    house
        .send(Command::Open {
            ticket,
            id: wanted.id,
            view: View::Text,
            width: 80,
        })
        .await;
    // All of the mailbox is larger than what may come before it, or this would prove nothing.
    let all: u64 = sizes.iter().sum();
    assert!(all > 2 * (LET_THROUGH + MOST), "{all}");
    let before = line.wait(|state| {
        let commands = String::from_utf8_lossy(&state.commands).into_owned();
        let numbers: Vec<usize> = commands
            .lines()
            .filter_map(|line| line.strip_prefix("RETR ")?.parse().ok())
            .collect();
        let place = numbers.iter().position(|number| *number == 1)?;
        let before = numbers.iter().take(place);
        Some(
            before
                .filter_map(|number| sizes.get(number - 1))
                .sum::<u64>(),
        )
    });
    assert!(
        before <= LET_THROUGH + MOST,
        "{before} octets were asked for before it"
    );
    line.open();
    let Event::Opened { body, .. } = house.end(ticket).await.unwrap() else {
        panic!("not opened")
    };
    assert_eq!(body.id, wanted.id);
}

/// Octets of answers that come before the person wants something.
const LET_THROUGH: u64 = 500_000;
/// The first window and what it may have grown by: as much again as has come.
const MOST: u64 = 128 * 1024 + LET_THROUGH;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_the_screen_is_downloaded_first_and_scrolling_moves_that_along() {
    let mut house = House::new(letters(400), Quirks::default());
    house.sync_as(SyncMode::Headers).await.unwrap();
    let line = Held::before(house.server.address().port(), 100_000);
    let other = tempfile::tempdir().unwrap();
    house.engine = engine_at(line.port, &house.store, &other);
    let rows = house.rows().await;
    let on_screen = |from: usize| rows.iter().skip(from).take(10).map(|row| row.id).collect();
    let sync = Ticket::new();
    house
        .send(Command::Look {
            ids: on_screen(200),
        })
        .await;
    house
        .send(Command::Sync {
            ticket: sync,
            accounts: Vec::new(),
            mode: SyncMode::Full,
        })
        .await;
    line.wait(|state| (state.passed >= state.limit).then_some(()));
    house
        .send(Command::Look {
            ids: on_screen(380),
        })
        .await;
    // Peeking goes ahead of everything: once it was asked for, the engine has taken in what was looked at before it.
    let ticket = Ticket::new();
    house
        .send(Command::Peek {
            ticket,
            id: rows.last().unwrap().id,
            lines: 1,
            width: 80,
        })
        .await;
    line.wait(|state| memchr::memmem::find(&state.commands, b"TOP 1 1\r\n").map(|_| ()));
    line.open();
    house.end(sync).await.unwrap();
    house.assert_all_stored().await;
    let commands = house.server.maildrop().commands();
    let numbers: Vec<usize> = commands
        .iter()
        .filter_map(|command| command.strip_prefix("RETR ")?.parse().ok())
        .collect();
    // The list is newest first: row 200 is message 200, row 380 is message 20.
    assert_eq!(
        numbers.iter().take(10).copied().collect::<Vec<_>>(),
        (191..=200).rev().collect::<Vec<_>>()
    );
    let second = numbers.iter().position(|number| *number == 20).unwrap();
    let then: Vec<usize> = numbers.iter().skip(second).take(10).copied().collect();
    assert_eq!(then, (11..=20).rev().collect::<Vec<_>>());
    assert!(
        second < 200,
        "{second} messages came before those on the screen"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_does_not_wait_for_the_answer_to_quit_and_the_next_session_does() {
    let quirks = Quirks {
        late: Some(("QUIT", Duration::from_millis(700))),
        ..Quirks::default()
    };
    let mut house = House::new(letters(5), quirks);
    house.sync().await.unwrap();
    assert_eq!(house.server.maildrop().sessions().len(), 1);
    let idle = tokio::time::timeout(Duration::ZERO, house.server.maildrop().idle());
    assert!(idle.await.is_err(), "the answer to QUIT was waited for");
    house.sync().await.unwrap();
    // Nobody was turned away because the mailbox was still in use.
    assert_eq!(house.server.maildrop().sessions().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_whose_last_fence_trails_behind_its_last_message_ends() {
    let quirks = Quirks {
        late: Some(("NOOP", Duration::from_millis(300))),
        ..Quirks::default()
    };
    let mut house = House::new(letters(5), quirks);
    house.sync_as(SyncMode::Headers).await.unwrap();
    let new =
        "From: a@example.org\r\nSubject: one more\r\nMessage-ID: <more@example.org>\r\n\r\nnew\r\n";
    house.server.maildrop().deliver(new);
    let report = house.sync_as(SyncMode::Headers).await.unwrap();
    assert_eq!(report.summaries, 1);
    // Nobody waits for the answer to a QUIT that changes nothing.
    until(|| {
        let commands = house.server.maildrop().commands();
        commands.last().map(String::as_str) == Some("QUIT")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i3_a_dele_that_is_answered_twice_leaves_no_answer_for_quit() {
    let mut house = House::new(letters(10), Quirks::default());
    house.sync().await.unwrap();
    let rows = house.rows().await;
    let doomed: Vec<_> = rows.iter().take(5).map(|row| row.id).collect();
    house.stage(&doomed).await;
    house.server.set_quirks(Quirks {
        pipelined: Pipelined::AnsweredTwice("DELE"),
        ..Quirks::default()
    });
    let before = house.sent("QUIT");
    house.apply(&doomed, &[]).await.unwrap_err();
    assert_eq!(house.sent("QUIT"), before, "QUIT was sent out of step");
    assert_eq!(house.server.maildrop().uidls().len(), 10);
    // One command at a time it does as it is told.
    let applied = house.apply(&doomed, &[]).await.unwrap();
    assert_eq!(applied.deleted.len(), 5);
    assert_eq!(house.server.maildrop().uidls().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn i3_an_answer_too_many_one_command_at_a_time_keeps_quit_from_being_sent() {
    let mut house = House::new(letters(10), Quirks::default());
    house.sync().await.unwrap();
    let doomed = [house.rows().await[0].id];
    house.stage(&doomed).await;
    house.server.set_quirks(Quirks {
        no_pipelining: true,
        stray: Some("DELE"),
        late: Some(("DELE", Duration::from_millis(200))),
        ..Quirks::default()
    });
    let before = house.sent("QUIT");
    house.apply(&doomed, &[]).await.unwrap_err();
    assert_eq!(house.sent("QUIT"), before, "QUIT was sent out of step");
    assert_eq!(house.server.maildrop().uidls().len(), 10);
    assert_eq!(house.copy(doomed[0]).await, Copy::DeleteWanted);
    house.server.set_quirks(Quirks {
        no_pipelining: true,
        ..Quirks::default()
    });
    assert_eq!(house.apply(&doomed, &[]).await.unwrap().deleted, doomed);
    assert_eq!(house.server.maildrop().uidls().len(), 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn i8_an_answer_too_many_is_not_taken_for_that_to_quit() {
    for no_pipelining in [false, true] {
        let mut house = House::new(letters(10), Quirks::default());
        house.sync().await.unwrap();
        let doomed = house.rows().await[0].id;
        house.stage(&[doomed]).await;
        house.server.set_quirks(Quirks {
            no_pipelining,
            stray: Some("QUIT"),
            quit: Quit::Refused,
            ..Quirks::default()
        });
        let applied = house.apply(&[doomed], &[]).await.unwrap();
        assert_eq!(applied.unconfirmed, [doomed], "{applied:?}");
        assert_eq!(house.server.maildrop().uidls().len(), 10);
        house.server.set_quirks(Quirks::default());
        house.sync().await.unwrap();
        assert_eq!(house.copy(doomed).await, Copy::DeleteWanted);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i3_what_a_rule_deletes_goes_one_command_at_a_time_after_deles_out_of_step() {
    let rule = "[accounts.home.server]\nkeep = \"until-downloaded\"\nrules_delete = \"auto\"\ngrace = \"0 days\"\n";
    let mut house = House::with(letters(6), Quirks::default(), rule);
    for _ in 0..3 {
        house.sync().await.unwrap();
    }
    assert_eq!(house.server.maildrop().uidls().len(), 6);
    house.server.set_quirks(Quirks {
        pipelined: Pipelined::AnsweredTwice("DELE"),
        ..Quirks::default()
    });
    let before = house.server.maildrop().sessions().len();
    let report = house.sync().await.unwrap();
    assert_eq!(report.deleted, 6);
    assert_eq!(house.server.maildrop().uidls().len(), 0);
    // A check and its deletions, out of step; and both once more.
    assert_eq!(house.server.maildrop().sessions().len(), before + 4);
}
