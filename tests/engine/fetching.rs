//! Sessions that fetch.

use std::collections::HashSet;
use std::time::Duration;

use jiff::ZonedDateTime;
use poppet::bridge::{Command, Event, Phase, SyncMode, SyncStep, Ticket};
use poppet::demo::{self, Login, Quirks};
use poppet::mail::{Kind, Local, MessageId, Server as Copy, View};

use crate::house::{House, home, letters};

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
async fn f21_q8_new_uidls_for_old_messages_show_nothing_as_new() {
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
async fn p36_a_peek_fetches_some_lines_and_not_the_message() {
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
    let mut house = House::with_latency(letters(400), Duration::from_millis(30));
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

#[tokio::test(flavor = "multi_thread")]
async fn a_message_opened_during_a_sync_is_downloaded_once() {
    let mut house = House::with_latency(letters(200), Duration::from_millis(20));
    let sync = Ticket::new();
    house
        .send(Command::Sync {
            ticket: sync,
            accounts: Vec::new(),
            mode: SyncMode::Full,
        })
        .await;
    let id = loop {
        if let Event::Arrived { messages } = house.event().await {
            break messages.last().unwrap().id;
        }
    };
    let ticket = Ticket::new();
    house
        .send(Command::Open {
            ticket,
            id,
            view: View::Text,
            width: 80,
        })
        .await;
    let (mut opened, mut synced) = (false, false);
    while !(opened && synced) {
        match house.event().await {
            Event::Opened { ticket: whose, .. } if whose == ticket => opened = true,
            Event::Done { ticket: whose } if whose == sync => synced = true,
            Event::Failed { problem, .. } => panic!("{problem}"),
            _ => {}
        }
    }
    let mut retrieved: Vec<String> = house
        .server
        .maildrop()
        .commands()
        .into_iter()
        .filter(|command| command.starts_with("RETR"))
        .collect();
    let count = retrieved.len();
    retrieved.sort();
    retrieved.dedup();
    assert_eq!((count, retrieved.len()), (200, 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_messages_fetched_at_once_end_with_one_word() {
    let mut house = House::new(letters(400), Quirks::default());
    house.sync_as(SyncMode::Headers).await.unwrap();
    let ids: Vec<MessageId> = house.rows().await.iter().map(|row| row.id).collect();
    let ticket = Ticket::new();
    house.send(Command::Fetch { ticket, ids }).await;
    assert!(matches!(
        house.end(ticket).await.unwrap(),
        Event::Done { .. }
    ));
    house.assert_all_stored().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_wants_of_a_connection_that_dies_is_had_by_another_one() {
    let quirks = Quirks {
        hang_up_at: Some(("RETR".to_owned(), 2)),
        ..Quirks::default()
    };
    let mut house = House::new(letters(5), quirks);
    house.sync_as(SyncMode::Headers).await.unwrap();
    let before = house.server.maildrop().sessions().len();
    let rows = house.rows().await;
    for row in &rows[..2] {
        let ticket = Ticket::new();
        house
            .send(Command::Open {
                ticket,
                id: row.id,
                view: View::Text,
                width: 80,
            })
            .await;
        let end = house.end(ticket).await.unwrap();
        assert!(matches!(end, Event::Opened { .. }), "{end:?}");
    }
    assert_eq!(house.server.maildrop().sessions().len(), before + 2);
    // Messages to have are not forgotten either.
    let ids: Vec<MessageId> = rows[2..4].iter().map(|row| row.id).collect();
    let ticket = Ticket::new();
    house.send(Command::Fetch { ticket, ids }).await;
    house.end(ticket).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_wants_is_tried_on_one_fresh_connection_and_then_fails() {
    let quirks = Quirks {
        hang_up_at: Some(("RETR".to_owned(), 1)),
        ..Quirks::default()
    };
    let mut house = House::new(letters(5), quirks);
    house.sync_as(SyncMode::Headers).await.unwrap();
    let id = house.rows().await[0].id;
    let peek = Ticket::new();
    house
        .send(Command::Peek {
            ticket: peek,
            id,
            lines: 3,
            width: 80,
        })
        .await;
    let mut answered = false;
    loop {
        match house.event().await {
            Event::Opened { ticket, .. } => answered |= ticket == peek,
            Event::Account(state) if state.phase == Phase::Lingering => break,
            _ => {}
        }
    }
    if !answered {
        house.end(peek).await.unwrap();
    }
    let before = house.server.maildrop().sessions().len();
    let ticket = Ticket::new();
    house
        .send(Command::Open {
            ticket,
            id,
            view: View::Text,
            width: 80,
        })
        .await;
    let problem = house.end(ticket).await.unwrap_err();
    assert_eq!(problem.kind, Kind::Network, "{problem}");
    assert_eq!(house.server.maildrop().sessions().len(), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_under_doubt_is_fetched_once_it_was_looked_at() {
    let mut house = House::new(letters(4), Quirks::default());
    house.sync_as(SyncMode::Headers).await.unwrap();
    // The newest is listed with another size than before.
    house.server.set_quirks(Quirks {
        listed_octets: vec![(4, 100)],
        ..Quirks::default()
    });
    let row = house.rows().await.remove(0);
    let ticket = Ticket::new();
    let ids = vec![row.id];
    house.send(Command::Fetch { ticket, ids }).await;
    house.end(ticket).await.unwrap();
    let rows = house.store.summaries(vec![row.id]).await.unwrap();
    assert_eq!(rows[0].local, Local::Full);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_of_a_message_that_stays_under_doubt_ends() {
    let mut house = House::new(letters(4), Quirks::default());
    house.sync_as(SyncMode::Headers).await.unwrap();
    house.server.set_quirks(Quirks {
        listed_octets: vec![(4, 100)],
        no_top: true,
        refuse_retr: vec![4],
        ..Quirks::default()
    });
    let before = house.server.maildrop().sessions().len();
    let row = house.rows().await.remove(0);
    let ticket = Ticket::new();
    let ids = vec![row.id];
    house.send(Command::Fetch { ticket, ids }).await;
    house.end(ticket).await.unwrap_err();
    house.sync_as(SyncMode::Check).await.unwrap();
    assert_eq!(house.server.maildrop().sessions().len(), before + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn header_blocks_without_a_name_do_not_fill_the_memory_and_all_arrive() {
    let field = |number: u32| {
        let lines = format!("X-{number}: {}\r\n", "x".repeat(900)).repeat(150);
        format!(
            "From: ann@example.org\r\nSubject: {number}\r\nMessage-ID: <{number}@example.org>\r\n{lines}\r\nhi\r\n"
        )
    };
    let maildrop = demo::Maildrop::new((0..70).map(field).map(demo::Message::new).collect());
    // The size of each message that is looked at first is refused, so that none of these is known by name and size.
    let quirks = Quirks {
        refuse: Some(("LIST".to_owned(), 64)),
        ..Quirks::default()
    };
    let mut house = House::new(maildrop, quirks);
    house.sync_as(SyncMode::Headers).await.unwrap();
    assert_eq!(house.rows().await.len(), 70);
    let commands = house.server.maildrop().commands();
    let tops = commands.iter().filter(|command| command.starts_with("TOP"));
    let tops = tops.count();
    // Of the nine million octets that came before their names did, not all were kept.
    assert!((71..100).contains(&tops), "{tops}");
}
