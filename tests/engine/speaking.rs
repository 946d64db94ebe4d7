//! What a session says to a server, and how it takes what the server answers.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use poppet::bridge::{Command, Event, SyncMode, Ticket};
use poppet::demo::{Login, Maildrop, Message, Pipelined, Quirks, Utf8};
use poppet::mail::{Kind, Local, Retry, Secret};

use crate::house::{House, home, letters};

/// The commands of the last session, from its first one after the login on.
fn after_login(house: &House) -> Vec<String> {
    let commands = house.server.maildrop().commands();
    let begin = commands
        .iter()
        .rposition(|command| command.starts_with("PASS") || command == "***")
        .unwrap();
    commands[begin + 1..].to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn p40_capa_is_asked_again_after_the_login_behind_the_listing() {
    let mut house = House::new(letters(0), Quirks::default());
    house.sync().await.unwrap();
    assert_eq!(
        after_login(&house),
        ["STAT", "LIST", "UIDL", "CAPA", "NOOP", "NOOP", "QUIT"]
    );
    let quirks = Quirks {
        no_pipelining: true,
        ..Quirks::default()
    };
    let mut house = House::new(letters(0), quirks);
    house.sync().await.unwrap();
    assert_eq!(
        after_login(&house),
        ["CAPA", "STAT", "LIST", "UIDL", "QUIT"]
    );
    let quirks = Quirks {
        no_capa: true,
        ..Quirks::default()
    };
    let mut house = House::new(letters(0), quirks);
    house.sync().await.unwrap();
    assert_eq!(after_login(&house), ["STAT", "LIST", "UIDL", "QUIT"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn p42_a_shorter_list_after_the_login_or_none_takes_nothing_away() {
    for (lines, no_pipelining) in [
        (vec!["UIDL".to_owned()], false),
        (vec!["UIDL".to_owned()], true),
        (Vec::new(), false),
        (Vec::new(), true),
    ] {
        let quirks = Quirks {
            capa_after_login: Some(lines),
            no_pipelining,
            login_delay: Some(600),
            ..Quirks::default()
        };
        let mut house = House::new(letters(12), quirks.clone());
        house.sync().await.unwrap();
        house.assert_all_stored().await;
        // The server said before the login how long it wants to be left alone.
        let problem = house.sync().await.expect_err("the delay is forgotten");
        let early = "It is too early to log in again";
        assert_eq!(problem.what, early, "{quirks:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p40_pipelining_that_is_offered_only_after_the_login_is_used() {
    let quirks = Quirks {
        no_pipelining: true,
        capa_after_login: Some(vec!["PIPELINING".to_owned(), "TOP".to_owned()]),
        ..Quirks::default()
    };
    let mut house = House::new(letters(100), quirks);
    house.sync().await.unwrap();
    house.assert_all_stored().await;
    let commands = after_login(&house);
    assert_eq!(
        commands.first().map(String::as_str),
        Some("CAPA"),
        "nothing is sent ahead before it is offered"
    );
    // A fence is put up behind commands that were sent ahead, and behind no others.
    assert!(commands.contains(&"NOOP".to_owned()), "{commands:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn p40_p45_a_login_delay_that_is_said_after_the_login_is_waited_for() {
    let quirks = Quirks {
        capa_after_login: Some(vec!["LOGIN-DELAY 1".to_owned(), "PIPELINING".to_owned()]),
        ..Quirks::default()
    };
    let mut house = House::new(letters(2), quirks);
    let begun = Instant::now();
    house.sync().await.unwrap();
    house.sync().await.unwrap();
    assert!(
        begun.elapsed() >= Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn p45_a_long_login_delay_is_told_and_not_waited_for() {
    let quirks = Quirks {
        login_delay: Some(600),
        ..Quirks::default()
    };
    let mut house = House::new(letters(2), quirks);
    house.sync().await.unwrap();
    let problem = house.sync().await.unwrap_err();
    assert_eq!(problem.what, "It is too early to log in again");
    assert!(
        matches!(problem.retry, Retry::After(rest) if rest > Duration::from_mins(9)),
        "{problem:?}"
    );
    assert_eq!(house.server.maildrop().sessions().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn p24_p49_p50_p51_a_refused_login_is_understood_by_its_code() {
    let wrong = "The server refused the login";
    let closed = "The mailbox cannot be opened now";
    let cases = [
        (Login::Refused, false, Kind::Login, wrong),
        (Login::RefusedWithoutCode, true, Kind::Login, wrong),
        (Login::RefusedWithoutCode, false, Kind::Network, closed),
        (Login::InUse, false, Kind::Network, closed),
        (Login::Delay, false, Kind::Network, closed),
        (Login::Trouble, false, Kind::Network, closed),
        (Login::Broken, false, Kind::Network, closed),
        (
            Login::Says("mail drop is locked by another session"),
            true,
            Kind::Network,
            closed,
        ),
        (
            Login::Says("account locked after too many logins"),
            true,
            Kind::Login,
            wrong,
        ),
    ];
    for (login, no_auth_resp_code, kind, what) in cases {
        let quirks = Quirks {
            login,
            no_auth_resp_code,
            ..Quirks::default()
        };
        let mut house = House::new(letters(1), quirks);
        let problem = house.sync().await.unwrap_err();
        assert_eq!(
            (problem.kind, problem.what.as_str()),
            (kind, what),
            "{login:?}"
        );
        assert!(
            what != wrong || !problem.why.contains("refused the login"),
            "what happened is said once: {problem:?}"
        );
        // Only a password that the server calls wrong is forgotten: the next try, which nobody can be asked for, shows it.
        house.server.set_quirks(Quirks::default());
        let again = house.sync().await;
        assert_eq!(
            again.is_ok(),
            login != Login::Refused,
            "{login:?}: {again:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p81_a_message_that_needs_utf8_arrives_as_it_is() {
    let message = "From: Zoë <zoë@example.org>\r\nSubject: Grüße aus Köln\r\nMessage-ID: <1@example.org>\r\n\r\nhallo\r\n";
    for no_pipelining in [false, true] {
        let maildrop = Maildrop::new(vec![Message::new(message)]);
        let quirks = Quirks {
            utf8: Utf8::Honest,
            needs_utf8: vec![1],
            no_pipelining,
            ..Quirks::default()
        };
        let mut house = House::new(maildrop, quirks);
        house.sync().await.unwrap();
        house.assert_all_stored().await;
        let row = house.rows().await.remove(0);
        assert_eq!(row.subject, "Grüße aus Köln");
        assert_eq!(row.from.address, "zoë@example.org");
        let violations = house.server.maildrop().violations();
        assert_eq!(violations, Vec::<String>::new());
        let doomed = [row.id];
        house.stage(&doomed).await;
        assert_eq!(house.apply(&doomed, &[]).await.unwrap().deleted, doomed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p81_without_utf8_such_a_message_stays_listed_and_the_others_come() {
    for utf8 in [Utf8::Missing, Utf8::Refused] {
        let quirks = Quirks {
            utf8,
            needs_utf8: vec![2],
            ..Quirks::default()
        };
        let mut house = House::new(letters(3), quirks);
        let report = house.sync().await.unwrap();
        assert_eq!((report.messages, report.bodies), (3, 2), "{utf8:?}");
        assert_eq!(house.server.maildrop().uidls().len(), 3);
        house.server.set_quirks(Quirks {
            utf8: Utf8::Honest,
            needs_utf8: vec![2],
            ..Quirks::default()
        });
        house.sync().await.unwrap();
        house.assert_all_stored().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p32_a_uidl_that_was_promised_and_is_refused_is_trouble_and_not_a_lack() {
    let quirks = Quirks {
        refuse: Some(("UIDL".to_owned(), u32::MAX)),
        ..Quirks::default()
    };
    let mut house = House::new(letters(5), quirks);
    let problem = house.sync().await.unwrap_err();
    assert_eq!(problem.what, "The server refused a command");
    assert!(house.rows().await.is_empty());
    // The newest were looked at before the refusal could be heard; behind it nothing is.
    let mut commands = house.server.maildrop().commands();
    let refused = commands.iter().rposition(|command| command == "UIDL");
    commands.drain(..=refused.unwrap());
    assert!(
        !commands
            .iter()
            .any(|command| command.starts_with("TOP") || command.starts_with("RETR")),
        "{commands:?}"
    );
    house.server.set_quirks(Quirks::default());
    house.sync().await.unwrap();
    house.assert_all_stored().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_top_that_is_refused_once_costs_one_whole_message_and_not_all() {
    let quirks = Quirks {
        refuse: Some(("TOP".to_owned(), 1)),
        ..Quirks::default()
    };
    let mut house = House::new(letters(20), quirks);
    let report = house.sync_as(SyncMode::Headers).await.unwrap();
    assert_eq!(report.messages, 20);
    assert_eq!(house.sent("RETR"), 1);
    assert_eq!(house.rows().await.len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_broken_session_stored_is_told() {
    let quirks = Quirks {
        hang_up_at: Some(("RETR".to_owned(), 60)),
        ..Quirks::default()
    };
    let mut house = House::new(letters(100), quirks);
    let ticket = Ticket::new();
    house
        .send(Command::Sync {
            ticket,
            accounts: Vec::new(),
            mode: SyncMode::Full,
        })
        .await;
    let (mut arrived, mut whole) = (HashSet::new(), HashSet::new());
    loop {
        let rows = match house.event().await {
            Event::Arrived { messages } => {
                arrived.extend(messages.iter().map(|row| row.id));
                messages
            }
            Event::Changed { messages, .. } => messages,
            Event::Failed {
                ticket: Some(ended),
                ..
            } if ended == ticket => break,
            _ => continue,
        };
        whole.extend(
            rows.iter()
                .filter(|row| row.local == Local::Full)
                .map(|row| row.id),
        );
    }
    let rows = house.rows().await;
    assert_eq!(
        rows.iter().map(|row| row.id).collect::<HashSet<_>>(),
        arrived
    );
    let stored = rows
        .iter()
        .filter(|row| row.local == Local::Full)
        .map(|row| row.id)
        .collect::<HashSet<_>>();
    assert_eq!(whole, stored);
    assert_eq!(stored.len(), 59);
}

#[tokio::test(flavor = "multi_thread")]
async fn p46_a_server_that_keeps_mail_for_less_than_the_rule_is_noticed() {
    let cases = [
        (Some(7), "", Some(7)),
        (Some(0), "", Some(0)),
        (None, "", None),
        (
            Some(7),
            "[accounts.home.server]\nkeep = { days = 3 }\n",
            None,
        ),
    ];
    for (expire, rule, noticed) in cases {
        let quirks = Quirks {
            expire,
            ..Quirks::default()
        };
        let mut house = House::with(letters(2), quirks, rule);
        let ticket = Ticket::new();
        house
            .send(Command::Sync {
                ticket,
                accounts: Vec::new(),
                mode: SyncMode::Full,
            })
            .await;
        let mut said = None;
        loop {
            match house.event().await {
                Event::Account(state) => said = state.expires,
                Event::Done { ticket: whose } if whose == ticket => break,
                Event::Failed { problem, .. } => panic!("{problem}"),
                _ => {}
            }
        }
        assert_eq!(said, noticed, "{expire:?} {rule}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_is_tried_by_a_check_of_its_own_whose_failure_is_told() {
    let mut house = House::new(letters(3), Quirks::default());
    let give = |password: &str| {
        let ticket = Ticket::new();
        let command = Command::Password {
            ticket,
            account: home(),
            password: Secret::new(password.to_owned()),
            keep: false,
        };
        (ticket, command)
    };
    let (wrong, command) = give("mistyped");
    house.send(command).await;
    let mut ended = 0;
    let problem = loop {
        match house.event().await {
            Event::Done { ticket } if ticket == wrong => ended += 1,
            Event::Failed {
                ticket: None,
                account: Some(account),
                problem,
            } if account == home() => break problem,
            _ => {}
        }
    };
    assert_eq!((ended, problem.kind), (1, Kind::Login));
    let (right, command) = give("demo");
    house.send(command).await;
    let (mut ended, mut whole) = (0, HashSet::new());
    while whole.len() < 3 {
        match house.event().await {
            Event::Done { ticket } if ticket == right => ended += 1,
            Event::Arrived { messages } | Event::Changed { messages, .. } => {
                let full = messages.iter().filter(|row| row.local == Local::Full);
                whole.extend(full.map(|row| row.id));
            }
            _ => {}
        }
    }
    assert_eq!(ended, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn p40_one_command_at_a_time_capa_is_asked_again_as_well() {
    let quirks = Quirks {
        pipelined: Pipelined::Garbled,
        ..Quirks::default()
    };
    let mut house = House::new(letters(0), quirks);
    house.sync().await.unwrap();
    assert_eq!(
        after_login(&house),
        ["STAT", "LIST", "UIDL", "CAPA", "QUIT"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn p81_utf8_goes_alone_so_that_no_login_breaks_over_it() {
    let quirks = Quirks {
        utf8: Utf8::Honest,
        pipelined: Pipelined::HungUp,
        ..Quirks::default()
    };
    let mut house = House::new(letters(3), quirks);
    house.sync().await.unwrap();
    house.assert_all_stored().await;
}
