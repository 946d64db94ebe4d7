//! What a person sees of messages before they are here, and of their coming.

use poppet::bridge::{Command, Event, Phase, SyncMode, Ticket};
use poppet::config::Config;
use poppet::demo::{Maildrop, Message, Quirks};
use poppet::mail::{Local, Problem, View};

use crate::house::House;

fn film() -> Maildrop {
    let head = b"From: ada@example.org\r\nSubject: film\r\nMessage-ID: <film@example.org>\r\n\r\nHere is meadowlark.\r\n";
    let lines = b"and a line that goes on and on, as lines of films do.\r\n".repeat(100_000);
    Maildrop::new(vec![Message::new([&head[..], &lines].concat())])
}

#[tokio::test(flavor = "multi_thread")]
async fn the_preview_of_a_peeked_message_shows_its_beginning_and_asks_the_server_nothing() {
    let mut house = House::new(film(), Quirks::default());
    house.sync_as(SyncMode::Headers).await.unwrap();
    let id = house.rows().await[0].id;
    let (width, lines) = (80, 20);
    let ticket = Ticket::new();
    house
        .send(Command::Peek {
            ticket,
            id,
            lines,
            width,
        })
        .await;
    house.end(ticket).await.unwrap();
    while house.rows().await[0].local != Local::Peeked {
        house.event().await;
    }
    let asked = house.server.maildrop().commands();
    let ticket = Ticket::new();
    let view = View::Text;
    house
        .send(Command::Preview {
            ticket,
            id,
            view,
            width,
        })
        .await;
    let Event::Opened { body, .. } = house.end(ticket).await.unwrap() else {
        panic!("something else came")
    };
    assert!(body.partial);
    let text: String = body
        .lines
        .iter()
        .flat_map(|line| &line.spans)
        .map(|span| span.text.as_str())
        .collect();
    assert!(text.contains("meadowlark"), "{text}");
    let retrieved = |commands: &[String]| {
        commands
            .iter()
            .filter(|command| !command.starts_with("NOOP"))
            .count()
    };
    assert_eq!(
        retrieved(&house.server.maildrop().commands()),
        retrieved(&asked)
    );
    assert_eq!(house.rows().await[0].local, Local::Peeked);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_message_that_somebody_asked_for_it_is_told_how_much_of_it_has_come() {
    // Nothing else has it fetched.
    let by_hand = "[accounts.home.download]\nbodies = \"none\"\n";
    let mut house = House::with(film(), Quirks::default(), by_hand);
    house.sync_as(SyncMode::Headers).await.unwrap();
    let row = house.rows().await.remove(0);
    let mut board = house.engine.board.clone();
    let seen = tokio::spawn(async move {
        let mut seen = Vec::new();
        while board.changed().await.is_ok() {
            seen.extend(board.borrow_and_update().iter().cloned());
        }
        seen
    });
    let (ticket, ids) = (Ticket::new(), vec![row.id]);
    house.send(Command::Fetch { ticket, ids }).await;
    house.end(ticket).await.unwrap();
    drop(house);
    let mut seen = seen.await.unwrap();
    // Before it is asked for nothing is known of it.
    seen.retain(|progress| progress.phase == Phase::Bodies);
    seen.retain(|progress| (progress.total, progress.octets) != (0, 0));
    assert!(!seen.is_empty());
    for progress in seen {
        let to_come = (progress.total, progress.octets_total);
        assert_eq!(to_come, (1, row.octets), "{progress:?}");
        let here = progress.done <= 1 && progress.octets <= row.octets;
        assert!(here, "{progress:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_be_looked_for_again_is_written_into_the_configuration_and_read_from_it() {
    let mut house = House::new(film(), Quirks::default());
    let path = house.folder.path().join("config.toml");
    std::fs::write(&path, "# mine\ntheme = \"dark\" # by night\n").unwrap();
    for (text, on, saved) in [
        ("is:starred", true, &["is:starred"][..]),
        (
            "\"two words\" -not",
            true,
            &["is:starred", "\"two words\" -not"],
        ),
        ("is:starred", true, &["is:starred", "\"two words\" -not"]),
        ("is:starred", false, &["\"two words\" -not"]),
        ("nowhere", false, &["\"two words\" -not"]),
    ] {
        keep(&mut house, text, on).await.unwrap();
        assert_eq!(Config::load(&path).unwrap().searches, saved, "{text} {on}");
    }
    // What somebody wrote meanwhile stays, and how it is written.
    let by_hand =
        "# mine\nsearches = [\n  \"a\", # first\n  \"b\",\n]\ntheme = \"dark\" # by night\n";
    std::fs::write(&path, by_hand).unwrap();
    keep(&mut house, "c", true).await.unwrap();
    assert_eq!(Config::load(&path).unwrap().searches, ["a", "b", "c"]);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(
        text.contains("\"a\", # first\n") && text.contains("# by night"),
        "{text}"
    );
    // What cannot be written is told, and the file stays.
    for broken in ["theme = 3\n", "searches = 3\n"] {
        std::fs::write(&path, broken).unwrap();
        keep(&mut house, "d", true).await.unwrap_err();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), broken);
    }
}

async fn keep(house: &mut House, text: &str, on: bool) -> Result<Event, Problem> {
    let (ticket, text) = (Ticket::new(), text.to_owned());
    house.send(Command::KeepSearch { ticket, text, on }).await;
    house.end(ticket).await
}
