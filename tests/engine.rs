//! The engine against the embedded server: whole sessions over loopback, a real store on the disk.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::collections::HashSet;
use std::sync::Arc;

use jiff::ZonedDateTime;
use poppet::backend::keyring::Keyring;
use poppet::backend::secrets::Secrets;
use poppet::backend::{Engine, Options};
use poppet::bridge::{Command, Event, SyncMode, SyncReport, SyncStep, Ticket};
use poppet::config::Config;
use poppet::demo::{self, Login, Maildrop, Quirks, Server, ServerOptions};
use poppet::mail::{
    AccountId, Change, DeleteScope, Kind, Local, MessageId, MessageSummary, Problem, Secret,
    Server as Copy, View,
};
use poppet::store::{Listing, Store};
use tempfile::TempDir;

/// A server with mail, a store in a temporary folder, and an engine between them.
struct House {
    server: Server,
    store: Store,
    engine: Engine,
    _folder: TempDir,
}

impl House {
    fn new(maildrop: Maildrop, quirks: Quirks) -> Self {
        Self::with(maildrop, quirks, "")
    }

    fn with(maildrop: Maildrop, quirks: Quirks, more: &str) -> Self {
        let mut options = ServerOptions::new(maildrop);
        options.quirks = quirks;
        let server = Server::start(options).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("mail.db")).unwrap();
        let engine = engine(&server, &store, &folder, more);
        Self {
            server,
            store,
            engine,
            _folder: folder,
        }
    }

    async fn send(&self, command: Command) {
        self.engine.commands.send(command).await.unwrap();
    }

    async fn event(&mut self) -> Event {
        let event = tokio::time::timeout(
            std::time::Duration::from_secs(60),
            self.engine.events.recv(),
        )
        .await;
        event.expect("the engine answers").expect("the engine runs")
    }

    async fn sync_as(&mut self, mode: SyncMode) -> Result<SyncReport, Problem> {
        let ticket = Ticket::new();
        self.send(Command::Sync {
            ticket,
            accounts: Vec::new(),
            mode,
        })
        .await;
        let mut report = SyncReport::default();
        loop {
            match self.event().await {
                Event::Synced {
                    ticket: whose,
                    step: SyncStep::Done(done),
                    ..
                } if whose == ticket => report = done,
                Event::Done { ticket: whose } if whose == ticket => return Ok(report),
                Event::Failed {
                    ticket: Some(whose),
                    problem,
                    ..
                } if whose == ticket => return Err(problem),
                _ => {}
            }
        }
    }

    async fn sync(&mut self) -> Result<SyncReport, Problem> {
        self.sync_as(SyncMode::Full).await
    }

    /// The end of a ticket: `Err` when it failed.
    async fn end(&mut self, ticket: Ticket) -> Result<Event, Problem> {
        loop {
            match self.event().await {
                Event::Failed {
                    ticket: Some(whose),
                    problem,
                    ..
                } if whose == ticket => return Err(problem),
                event => {
                    let whose = match &event {
                        Event::Opened { ticket, .. }
                        | Event::Done { ticket }
                        | Event::Pending { ticket, .. }
                        | Event::Applied { ticket, .. }
                        | Event::Saved { ticket, .. }
                        | Event::Changed {
                            ticket: Some(ticket),
                            ..
                        } => *ticket,
                        _ => continue,
                    };
                    if whose == ticket {
                        return Ok(event);
                    }
                }
            }
        }
    }

    async fn rows(&self) -> Vec<MessageSummary> {
        self.store.list(Listing::default()).await.unwrap().rows
    }

    async fn stage(&mut self, ids: &[MessageId]) {
        let ticket = Ticket::new();
        self.send(Command::Change {
            ticket,
            changes: vec![(ids.to_vec(), Change::Delete(DeleteScope::Everywhere))],
        })
        .await;
        self.end(ticket).await.unwrap();
    }

    async fn apply(&mut self, ids: &[MessageId], lose: &[MessageId]) -> Result<Applied, Problem> {
        let ticket = Ticket::new();
        self.send(Command::Apply {
            ticket,
            ids: ids.to_vec(),
            without_copy: lose.to_vec(),
        })
        .await;
        match self.end(ticket).await? {
            Event::Applied {
                deleted,
                unconfirmed,
                refused,
                ..
            } => Ok(Applied {
                deleted,
                unconfirmed,
                refused,
            }),
            other => panic!("not an answer: {other:?}"),
        }
    }

    /// Every message that the server holds is here, octet for octet, and nothing is here twice.
    async fn assert_all_stored(&self) {
        let rows = self.rows().await;
        let mut here = HashSet::new();
        for row in &rows {
            assert_eq!(row.local, Local::Full, "{} is not whole", row.subject);
            let (extent, octets) = self.store.octets(row.id).await.unwrap().unwrap();
            assert_eq!(extent, Local::Full);
            assert!(here.insert(octets), "{} is here twice", row.subject);
        }
        for message in self.server.maildrop().messages() {
            assert!(
                here.contains(&message.to_vec()),
                "a message of the server is not here"
            );
        }
    }
}

#[derive(Debug)]
struct Applied {
    deleted: Vec<MessageId>,
    unconfirmed: Vec<MessageId>,
    refused: Vec<(MessageId, String)>,
}

fn home() -> AccountId {
    AccountId::new("home").unwrap()
}

fn engine(server: &Server, store: &Store, folder: &TempDir, more: &str) -> Engine {
    let text = format!(
        "[accounts.home]\nemail = \"sam@demo.example\"\n\n[accounts.home.pop3]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nuser = \"demo\"\n\n{more}",
        server.address().port()
    );
    let config_file = folder.path().join("config.toml");
    let config = Config::parse(&text, &config_file).unwrap();
    let secrets = Secrets::new(Keyring::new());
    secrets.remember(&home(), Secret::new("demo".to_owned()));
    Engine::start(Options {
        config,
        config_file,
        store: store.clone(),
        locks: folder.path().join("locks"),
        secrets: Arc::new(secrets),
        asker: None,
        automatic: false,
    })
}

fn letters(count: u32) -> Maildrop {
    demo::generated(count, 7, &ZonedDateTime::now())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_stores_every_octet_and_the_next_one_fetches_nothing() {
    let mut house = House::new(letters(120), Quirks::default());
    let report = house.sync().await.unwrap();
    assert_eq!(
        (report.messages, report.summaries, report.bodies),
        (120, 120, 120)
    );
    house.assert_all_stored().await;
    let again = house.sync().await.unwrap();
    assert_eq!((again.messages, again.summaries, again.bodies), (120, 0, 0));
    assert_eq!(house.server.maildrop().violations(), Vec::<String>::new());
    assert_eq!(house.server.maildrop().uidls().len(), 120);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_mailbox_arrives_whole() {
    let mut house = House::new(demo::sample(&ZonedDateTime::now()), Quirks::default());
    let report = house.sync().await.unwrap();
    assert_eq!(report.messages, report.bodies);
    house.assert_all_stored().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p37_servers_that_lack_commands_are_read_all_the_same() {
    let lacking = [
        Quirks {
            no_capa: true,
            ..Quirks::default()
        },
        Quirks {
            no_pipelining: true,
            ..Quirks::default()
        },
        Quirks {
            no_top: true,
            ..Quirks::default()
        },
        Quirks {
            no_top: true,
            no_capa: true,
            ..Quirks::default()
        },
        Quirks {
            top_returns_everything: true,
            ..Quirks::default()
        },
    ];
    for quirks in lacking {
        let mut house = House::new(letters(25), quirks.clone());
        house
            .sync()
            .await
            .unwrap_or_else(|problem| panic!("{quirks:?}: {problem}"));
        house.assert_all_stored().await;
        let again = house.sync().await.unwrap();
        assert_eq!((again.summaries, again.bodies), (0, 0), "{quirks:?}");
        let violations = house.server.maildrop().violations();
        assert!(
            violations
                .iter()
                .all(|violation| violation.starts_with("CAPA") || violation.starts_with("TOP")),
            "{quirks:?}: {violations:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn q1_without_uidl_a_message_is_known_by_its_header_block() {
    for no_top in [false, true] {
        let quirks = Quirks {
            no_uidl: true,
            no_top,
            ..Quirks::default()
        };
        let mut house = House::new(letters(25), quirks);
        house.sync().await.unwrap();
        house.assert_all_stored().await;
        let again = house.sync().await.unwrap();
        assert_eq!((again.summaries, again.bodies), (0, 0), "no TOP: {no_top}");
        assert_eq!(house.rows().await.len(), 25);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_messages_that_share_a_uidl_all_arrive() {
    let quirks = Quirks {
        duplicate_uidls: true,
        ..Quirks::default()
    };
    let mut house = House::new(letters(10), quirks);
    house.sync().await.unwrap();
    house.assert_all_stored().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f21_new_uidls_for_old_messages_show_nothing_as_new() {
    let mut house = House::new(letters(15), Quirks::default());
    house.sync().await.unwrap();
    let before: Vec<MessageId> = house.rows().await.iter().map(|row| row.id).collect();
    house.server.maildrop().replace_uidls();
    let report = house.sync().await.unwrap();
    assert_eq!(report.bodies, 0);
    let after = house.rows().await;
    assert_eq!(after.iter().map(|row| row.id).collect::<Vec<_>>(), before);
    assert!(after.iter().all(|row| row.server == Copy::Present));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_connection_keeps_what_came_and_the_next_sync_goes_on() {
    let quirks = Quirks {
        hang_up_after: Some(300_000),
        ..Quirks::default()
    };
    let mut house = House::new(letters(100), quirks);
    let problem = house.sync().await.unwrap_err();
    assert_eq!(problem.kind, Kind::Network);
    let kept = house.rows().await.len();
    assert!(kept > 0, "nothing was kept");
    house.server.set_quirks(Quirks::default());
    house.sync().await.unwrap();
    house.assert_all_stored().await;
    assert_eq!(house.server.maildrop().uidls().len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_what_was_agreed_to_is_deleted() {
    let mut house = House::new(letters(20), Quirks::default());
    house.sync().await.unwrap();
    let rows = house.rows().await;
    let doomed: Vec<MessageId> = rows.iter().take(3).map(|row| row.id).collect();
    let uidls: HashSet<Vec<u8>> = rows
        .iter()
        .take(3)
        .map(|row| row.remote.as_bytes().to_vec())
        .collect();
    house.stage(&doomed).await;
    assert_eq!(
        house.server.maildrop().uidls().len(),
        20,
        "staging reached the server"
    );
    let applied = house.apply(&doomed, &[]).await.unwrap();
    assert_eq!(
        applied.deleted.iter().collect::<HashSet<_>>(),
        doomed.iter().collect::<HashSet<_>>()
    );
    assert!(
        applied.refused.is_empty() && applied.unconfirmed.is_empty(),
        "{applied:?}"
    );
    let left: HashSet<Vec<u8>> = house.server.maildrop().uidls().into_iter().collect();
    assert_eq!(left.len(), 17);
    assert!(left.is_disjoint(&uidls));
    let gone = house.store.summaries(doomed).await.unwrap();
    assert!(gone.iter().all(|row| row.server == Copy::Deleted));
    assert_eq!(house.sync().await.unwrap().summaries, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_a_message_without_a_copy_is_deleted_only_when_its_loss_was_agreed_to() {
    let mut house = House::new(letters(5), Quirks::default());
    house.sync_as(SyncMode::Headers).await.unwrap();
    let id = house.rows().await[0].id;
    house.stage(&[id]).await;
    let applied = house.apply(&[id], &[]).await.unwrap();
    assert!(applied.deleted.is_empty());
    assert_eq!(applied.refused.len(), 1);
    assert_eq!(house.server.maildrop().uidls().len(), 5);
    let applied = house.apply(&[id], &[id]).await.unwrap();
    assert_eq!(applied.deleted, [id]);
    assert_eq!(house.server.maildrop().uidls().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_not_here_is_fetched_when_it_is_opened() {
    let mut house = House::new(letters(30), Quirks::default());
    house.sync_as(SyncMode::Headers).await.unwrap();
    let rows = house.rows().await;
    assert!(rows.iter().all(|row| row.local == Local::Headers));
    let id = rows[10].id;
    let ticket = Ticket::new();
    house
        .send(Command::Open {
            ticket,
            id,
            view: View::Text,
            width: 80,
        })
        .await;
    let Event::Opened { body, .. } = house.end(ticket).await.unwrap() else {
        panic!("not opened")
    };
    assert_eq!(body.id, id);
    assert!(!body.partial);
    assert_eq!(
        house.store.summaries(vec![id]).await.unwrap()[0].local,
        Local::Full
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peek_fetches_some_lines_and_not_the_message() {
    let mut house = House::new(letters(5), Quirks::default());
    house.sync_as(SyncMode::Headers).await.unwrap();
    let id = house.rows().await[0].id;
    let ticket = Ticket::new();
    house
        .send(Command::Peek {
            ticket,
            id,
            lines: 5,
            width: 80,
        })
        .await;
    let Event::Opened { body, .. } = house.end(ticket).await.unwrap() else {
        panic!("not opened")
    };
    assert!(body.partial);
    assert!(
        house
            .server
            .maildrop()
            .commands()
            .iter()
            .all(|command| !command.starts_with("RETR"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_say_which_kind_they_are() {
    let cases = [
        (
            Quirks {
                login: Login::Refused,
                ..Quirks::default()
            },
            Kind::Login,
        ),
        (
            Quirks {
                login: Login::InUse,
                ..Quirks::default()
            },
            Kind::Network,
        ),
        (
            Quirks {
                greeting: Some(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
                ..Quirks::default()
            },
            Kind::Protocol,
        ),
        (
            Quirks {
                hang_up_after_greeting: true,
                ..Quirks::default()
            },
            Kind::Network,
        ),
    ];
    for (quirks, kind) in cases {
        let mut house = House::new(letters(2), quirks.clone());
        let problem = house.sync().await.unwrap_err();
        assert_eq!(problem.kind, kind, "{quirks:?}: {problem}");
        assert!(!problem.remedy.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_changes_nothing_and_says_what_a_sync_would_do() {
    let mut house = House::new(letters(8), Quirks::default());
    let ticket = Ticket::new();
    house
        .send(Command::Sync {
            ticket,
            accounts: vec![home()],
            mode: SyncMode::DryRun,
        })
        .await;
    let mut would = None;
    loop {
        match house.event().await {
            Event::Synced {
                step: SyncStep::Would {
                    summaries, bodies, ..
                },
                ..
            } => would = Some((summaries, bodies)),
            Event::Done { ticket: whose } if whose == ticket => break,
            Event::Failed { problem, .. } => panic!("{problem}"),
            _ => {}
        }
    }
    assert_eq!(would, Some((8, 8)));
    assert!(house.rows().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_the_server_will_not_give_does_not_stop_the_others() {
    let quirks = Quirks {
        refuse_retr: vec![3],
        ..Quirks::default()
    };
    let mut house = House::new(letters(10), quirks);
    let report = house.sync().await.unwrap();
    assert_eq!((report.summaries, report.bodies), (10, 9));
    let rows = house.rows().await;
    assert_eq!(
        rows.iter()
            .filter(|row| row.local == Local::Headers)
            .count(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn f25_a_server_that_deletes_what_it_gave_has_given_only_what_is_stored() {
    let quirks = Quirks {
        remove_retrieved: true,
        expire: Some(0),
        ..Quirks::default()
    };
    let mut house = House::new(letters(10), quirks);
    let before: HashSet<Vec<u8>> = house
        .server
        .maildrop()
        .messages()
        .iter()
        .map(demo::Message::to_vec)
        .collect();
    house.sync().await.unwrap();
    let mut here = HashSet::new();
    for row in house.rows().await {
        here.insert(house.store.octets(row.id).await.unwrap().unwrap().1);
    }
    assert_eq!(here, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_deletes_only_what_is_stored_and_was_listed_twice() {
    let rule = "[accounts.home.server]\nkeep = \"until-downloaded\"\nrules_delete = \"auto\"\ngrace = \"0 days\"\n";
    let mut house = House::with(letters(6), Quirks::default(), rule);
    for left in [6, 6, 6, 0] {
        house.sync().await.unwrap();
        assert_eq!(house.server.maildrop().uidls().len(), left);
    }
    assert_eq!(house.rows().await.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn f21_the_brake_is_released_when_what_vanished_came_under_new_uidls() {
    let mut house = House::new(letters(60), Quirks::default());
    house.sync().await.unwrap();
    house.server.maildrop().replace_uidls();
    house.sync().await.unwrap();
    let record = house
        .store
        .account(&home(), poppet::backend::now())
        .await
        .unwrap();
    assert_eq!(record.brake, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn i10_the_brake_refuses_every_deletion_until_it_is_released() {
    let mut house = House::new(letters(60), Quirks::default());
    house.sync().await.unwrap();
    let rows = house.rows().await;
    for row in rows.iter().skip(1).take(30) {
        assert!(house.server.maildrop().remove(row.remote.as_bytes()));
    }
    house.sync().await.unwrap();
    let doomed = rows[0].id;
    house.stage(&[doomed]).await;
    let problem = house.apply(&[doomed], &[]).await.unwrap_err();
    assert!(problem.why.contains("30 of 60"), "{problem}");
    assert_eq!(house.server.maildrop().uidls().len(), 30);
    let ticket = Ticket::new();
    house
        .send(Command::ReleaseBrake {
            ticket,
            account: home(),
        })
        .await;
    house.end(ticket).await.unwrap();
    assert_eq!(house.apply(&[doomed], &[]).await.unwrap().deleted, [doomed]);
    assert_eq!(house.server.maildrop().uidls().len(), 29);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_is_asked_for_while_a_session_lingers_lists_again() {
    let mut house = House::new(letters(3), Quirks::default());
    house.sync_as(SyncMode::Headers).await.unwrap();
    let id = house.rows().await[0].id;
    let ticket = Ticket::new();
    house
        .send(Command::Peek {
            ticket,
            id,
            lines: 1,
            width: 80,
        })
        .await;
    house.end(ticket).await.unwrap();
    house
        .server
        .maildrop()
        .deliver(&b"Subject: late\r\n\r\nlate\r\n"[..]);
    let report = house.sync().await.unwrap();
    assert_eq!(report.messages, 4);
    house.assert_all_stored().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_sync_keeps_what_came() {
    let mut options = ServerOptions::new(letters(400));
    options.latency = std::time::Duration::from_millis(30);
    let server = Server::start(options).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("mail.db")).unwrap();
    let engine = engine(&server, &store, &folder, "");
    let mut house = House {
        server,
        store,
        engine,
        _folder: folder,
    };
    let ticket = Ticket::new();
    house
        .send(Command::Sync {
            ticket,
            accounts: Vec::new(),
            mode: SyncMode::Full,
        })
        .await;
    loop {
        if let Event::Arrived { .. } = house.event().await {
            break;
        }
    }
    house.send(Command::Cancel { ticket: None }).await;
    let problem = house.end(ticket).await.unwrap_err();
    assert_eq!(problem.what, "Stopped");
    assert!(!house.rows().await.is_empty());
    house.sync().await.unwrap();
    house.assert_all_stored().await;
    assert_eq!(house.server.maildrop().uidls().len(), 400);
}
