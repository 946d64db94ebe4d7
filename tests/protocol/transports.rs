//! The engine's way through a mailbox, over each way to reach a server: in the clear, by STLS, and with TLS from the first
//! octet on. What holds over one has to hold over all.

use std::time::Instant;

use poppet::bridge::{Command, Event, SyncMode, Ticket};
use poppet::demo::{Login, Phase, Quirks, Quit, Server, ServerOptions};
use poppet::mail::{Kind, Local, MessageId, Server as Copy, View};
use poppet::store::Store;

use crate::certificates::{Authority, Shown};
use crate::house::{House, letters};
use crate::person::{account, engine_with};
use crate::score::score;
use crate::tls::{identity, trusting};

/// How a server is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transport {
    Plain,
    Stls,
    Implicit,
}

/// What is done on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Journey {
    /// Everything comes, to the octet, and nothing of it comes twice.
    Fetch,
    /// Header blocks, some lines of a message, and one of them whole.
    Look,
    /// Exactly what was agreed to goes.
    Delete,
    /// A connection that is cut in the middle of the mail, and the session after it.
    Cut,
    /// A connection that is cut at QUIT, behind DELE: the server has kept everything.
    CutAtQuit,
    /// QUIT without an answer: the server has deleted.
    UnansweredQuit,
    /// A wrong password, a mailbox in use, and both right again.
    Refused,
    /// A server that takes no commands ahead.
    LockStep,
}

const TRANSPORTS: [Transport; 3] = [Transport::Plain, Transport::Stls, Transport::Implicit];
const JOURNEYS: [Journey; 8] = [
    Journey::Fetch,
    Journey::Look,
    Journey::Delete,
    Journey::Cut,
    Journey::CutAtQuit,
    Journey::UnansweredQuit,
    Journey::Refused,
    Journey::LockStep,
];

#[tokio::test(flavor = "multi_thread")]
async fn p53_p62_p75_every_journey_is_the_same_over_each_transport() {
    let (mut passed, mut slowest) = (0, std::time::Duration::ZERO);
    for transport in TRANSPORTS {
        for journey in JOURNEYS {
            let begun = Instant::now();
            Box::pin(travel(transport, journey)).await;
            slowest = slowest.max(begun.elapsed());
            passed += 1;
        }
    }
    let total = TRANSPORTS.len() * JOURNEYS.len();
    let worst = format!("slowest {:.1} s", slowest.as_secs_f64());
    score(
        "engine's journeys over plain, STLS and implicit TLS",
        passed,
        total,
        &worst,
    );
}

async fn travel(transport: Transport, journey: Journey) {
    let mut house = house(transport, quirks(journey));
    match journey {
        Journey::Fetch => {
            house.sync().await.unwrap();
            house.assert_all_stored().await;
            let again = house.sync().await.unwrap();
            assert_eq!((again.messages, again.summaries, again.bodies), (30, 0, 0));
        }
        Journey::Look => look(&mut house).await,
        Journey::Delete => {
            house.sync().await.unwrap();
            let (doomed, left) = stage(&mut house).await;
            let applied = house.apply(&doomed, &[]).await.unwrap();
            assert_eq!(applied.deleted.len(), 3, "{transport:?}: {applied:?}");
            assert_eq!(house.server.maildrop().uidls(), left);
        }
        Journey::Cut => {
            // Whether it fails, or goes on in another session at once, is another matter.
            let _ = house.sync().await;
            let sessions = house.server.maildrop().sessions();
            assert!(sessions.iter().any(|one| one.phase == Phase::Cut));
            house.server.set_quirks(Quirks::default());
            house.sync().await.unwrap();
            house.assert_all_stored().await;
            assert_eq!(house.server.maildrop().uidls().len(), 30);
        }
        Journey::CutAtQuit | Journey::UnansweredQuit => unsure(&mut house, journey).await,
        Journey::Refused => {
            let problem = house.sync().await.unwrap_err();
            assert_eq!(problem.kind, Kind::Network, "{transport:?}: {problem}");
            house.server.set_quirks(Quirks::default());
            house.sync().await.unwrap();
            house.assert_all_stored().await;
        }
        Journey::LockStep => {
            house.sync().await.unwrap();
            house.assert_all_stored().await;
        }
    }
    let maildrop = house.server.maildrop();
    assert_eq!(
        maildrop.violations(),
        Vec::<String>::new(),
        "{transport:?} {journey:?}"
    );
    let secured = maildrop.commands().iter().any(|line| line == "STLS");
    assert_eq!(secured, transport == Transport::Stls);
}

fn quirks(journey: Journey) -> Quirks {
    match journey {
        Journey::Cut => Quirks {
            hang_up_at: Some(("RETR".to_owned(), 12)),
            ..Quirks::default()
        },
        Journey::Refused => Quirks {
            login: Login::InUse,
            ..Quirks::default()
        },
        Journey::LockStep => Quirks {
            no_pipelining: true,
            no_apop: true,
            ..Quirks::default()
        },
        _ => Quirks::default(),
    }
}

async fn look(house: &mut House) {
    let report = house.sync_as(SyncMode::Headers).await.unwrap();
    assert_eq!((report.summaries, report.bodies), (30, 0));
    let id = house.rows().await[4].id;
    let ticket = Ticket::new();
    let peek = Command::Peek {
        ticket,
        id,
        lines: 2,
        width: 80,
    };
    house.send(peek).await;
    assert!(matches!(house.end(ticket).await, Ok(Event::Opened { .. })));
    assert_eq!(house.sent("RETR"), 0);
    let ticket = Ticket::new();
    let open = Command::Open {
        ticket,
        id,
        view: View::Text,
        width: 80,
    };
    house.send(open).await;
    assert!(matches!(house.end(ticket).await, Ok(Event::Opened { .. })));
    let whole = house.rows().await;
    let whole: Vec<_> = whole
        .iter()
        .filter(|row| row.local == Local::Full)
        .collect();
    assert_eq!(whole.len(), 1);
    assert_eq!(whole[0].id, id);
}

/// Stages three messages; what is to be left on the server.
async fn stage(house: &mut House) -> (Vec<MessageId>, Vec<Vec<u8>>) {
    let rows = house.rows().await;
    let doomed: Vec<_> = [1, 2, 9].map(|place| rows[place].clone()).to_vec();
    let gone: Vec<Vec<u8>> = doomed
        .iter()
        .map(|row| row.remote.as_bytes().to_vec())
        .collect();
    let mut left = house.server.maildrop().uidls();
    left.retain(|uidl| !gone.contains(uidl));
    let ids: Vec<_> = doomed.iter().map(|row| row.id).collect();
    house.stage(&ids).await;
    (ids, left)
}

async fn unsure(house: &mut House, journey: Journey) {
    house.sync().await.unwrap();
    let before = house.server.maildrop().uidls();
    let (doomed, left) = stage(house).await;
    house.server.set_quirks(match journey {
        Journey::CutAtQuit => Quirks {
            hang_up_at: Some(("QUIT".to_owned(), 1)),
            ..Quirks::default()
        },
        _ => Quirks {
            quit: Quit::Unanswered,
            ..Quirks::default()
        },
    });
    let applied = house.apply(&doomed, &[]).await.unwrap();
    assert_eq!(applied.unconfirmed.len(), 3, "{journey:?}: {applied:?}");
    house.server.set_quirks(Quirks::default());
    house.sync().await.unwrap();
    let (there, known) = match journey {
        Journey::CutAtQuit => (before, Copy::DeleteWanted),
        _ => (left, Copy::Deleted),
    };
    assert_eq!(house.server.maildrop().uidls(), there);
    for id in doomed {
        assert_eq!(house.copy(id).await, known, "{journey:?}");
    }
}

/// A server with thirty letters that is reached like this, and an engine that reaches it.
fn house(transport: Transport, quirks: Quirks) -> House {
    let authority = Authority::new();
    let mut options = ServerOptions::new(letters(30));
    options.quirks = quirks;
    options.implicit_tls = transport == Transport::Implicit;
    if transport != Transport::Plain {
        options.tls = Some(identity(&authority, Shown::Good));
    }
    let server = Server::start(options).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("mail.db")).unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::copy(authority.file(), &ca).unwrap();
    let lines = match transport {
        Transport::Plain => "tls = \"none\"".to_owned(),
        Transport::Stls => trusting(&authority, "starttls"),
        Transport::Implicit => trusting(&authority, "implicit"),
    };
    let lines = lines.replace(
        &authority.file().display().to_string(),
        &ca.display().to_string(),
    );
    let text = account("home", "127.0.0.1", server.address().port(), &lines)
        .replace("user = \"home\"", "user = \"demo\"");
    let engine = engine_with(&text, &store, folder.path(), false, "demo");
    House {
        server,
        store,
        engine,
        folder,
    }
}
