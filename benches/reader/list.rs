//! A list of a hundred thousand beside one of a hundred: the start, what a key costs, and the memory.

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::tz::TimeZone;
use poppet::bridge::{Command, Event, Ticket};
use poppet::mail::{
    AccountId, Address, Brief, Flags, Folder, Local, MessageId, MessageSummary, RemoteId, Server,
    StoredAt, Timestamp,
};
use poppet::ui::{Effect, Model, Msg, Settings, start, update, view};
use ratatui::Terminal as Screen;
use ratatui::backend::TestBackend;

use crate::figure::{Figure, Of};
use crate::home::{Home, message_rows};
use crate::paint::{closed_port, milliseconds};
use crate::process::resident_memory;
use crate::terminal::Terminal;

pub(crate) fn measure(rounds: usize) -> Vec<Figure> {
    let [many, few] = [MANY, FEW].map(|messages| started(messages, rounds));
    let mut figures = vec![
        Figure::new(
            "list-paint",
            "start to a message, 100,000 stored",
            "ms",
            many.paint,
        )
        .at_most(Of::P95, 40.0),
        Figure::new(
            "list-paint/100",
            "baseline: the same, 100 stored",
            "ms",
            few.paint,
        ),
        Figure::new(
            "list-memory",
            "resident once all rows are in, 100,000",
            "MB",
            many.memory,
        )
        .at_most(Of::Max, 40.0),
        Figure::new(
            "list-memory/100",
            "baseline: the same, 100 stored",
            "MB",
            few.memory,
        ),
    ];
    for (name, baseline, what, act) in ACTS {
        let [many, few] = [MANY, FEW].map(|messages| acted(messages, rounds * 20, *act));
        figures.push(Figure::new(name, what, "us", many).at_most(Of::P95, 8_000.0));
        figures.push(Figure::new(
            baseline,
            "baseline: the same with 100 rows",
            "us",
            few,
        ));
    }
    figures
}

struct Started {
    paint: Vec<f64>,
    memory: Vec<f64>,
}

/// Starts the reader on a store of so many messages.
fn started(messages: u32, rounds: usize) -> Started {
    let home = Home::new(closed_port(), None);
    home.fill(messages);
    let mut started = Started {
        paint: Vec::new(),
        memory: Vec::new(),
    };
    for _ in 0..rounds {
        let terminal = Terminal::open(home.reader(), SIZE, |screen, _| message_rows(screen) > 0);
        let met = terminal.met(PATIENCE).expect("a message on the screen");
        started.paint.push(milliseconds(met - terminal.started()));
        std::thread::sleep(SETTLED);
        started.memory.extend(resident_memory(terminal.pid()));
    }
    started
}

/// Something that happens to a list, from the message to the model up to the frame that shows it.
type Act = fn(&mut Model, usize);

/// Name, name of the baseline, what it is, and the act itself.
const ACTS: &[(&str, &str, &str, Act)] = &[
    (
        "list-j",
        "list-j/100",
        "j and its frame, 100,000 rows",
        |model, _| press(model, "j"),
    ),
    (
        "list-end",
        "list-end/100",
        "G, then gg, and their frames",
        |model, n| {
            press(model, if n.is_multiple_of(2) { "G" } else { "gg" });
        },
    ),
    (
        "list-filter",
        "list-filter/100",
        "a letter in the search field",
        |model, n| match n % 8 {
            0 => press(model, "/"),
            7 => leave(model),
            n => press(model, "quarter".get(n - 1..n).unwrap_or("q")),
        },
    ),
    (
        "list-mark",
        "list-mark/100",
        "all marked, or none",
        |model, n| {
            press(model, if n.is_multiple_of(2) { "*a" } else { "*n" });
        },
    ),
    (
        "list-marked",
        "list-marked/100",
        "j while all are marked",
        |model, n| {
            press(model, if n == 0 { "*a" } else { "j" });
        },
    ),
    (
        "list-arrival",
        "list-arrival/100",
        "a new message",
        |model, n| {
            let new = summary(1_000_000 + n as i64);
            told(
                model,
                Event::Arrived {
                    messages: vec![new],
                },
            );
        },
    ),
    (
        "list-threads",
        "list-threads/100",
        "a new message, rows by thread",
        |model, n| {
            if n == 0 {
                press(model, "St");
            }
            let mut new = summary(1_000_000 + n as i64);
            new.thread = MessageId(n as i64 % 50 * 3 + 3);
            told(
                model,
                Event::Arrived {
                    messages: vec![new],
                },
            );
        },
    ),
];

/// Microseconds that each act took, the first left out.
fn acted(messages: u32, acts: usize, act: Act) -> Vec<f64> {
    let mut model = filled(messages);
    let backend = TestBackend::new(SIZE.0, SIZE.1);
    let mut screen = Screen::new(backend).expect("a screen");
    let mut took = Vec::new();
    for n in 0..acts {
        let began = Instant::now();
        act(&mut model, n);
        screen.draw(|frame| view(&model, frame)).expect("a frame");
        drop(update(&mut model, Msg::Painted));
        took.push(began.elapsed().as_secs_f64() * 1e6);
    }
    took.remove(0);
    took
}

/// A reader whose list has come as the engine sends it.
fn filled(messages: u32) -> Model {
    let settings = Settings {
        zone: TimeZone::UTC,
        ..Settings::default()
    };
    let mut model = Model::new(settings, SIZE, Timestamp(NOW));
    let asked = start(&mut model);
    let ticket = asked
        .iter()
        .find_map(|effect| match effect {
            Effect::Send(Command::List { ticket, .. }) => Some(*ticket),
            _ => None,
        })
        .expect("a list is asked for");
    let ids = || (1..=i64::from(messages)).rev();
    let first = Event::Rows {
        ticket,
        offset: 0,
        rows: ids().take(200).map(summary).collect(),
        complete: false,
    };
    told(&mut model, first);
    let rest = Event::Briefs {
        ticket,
        rows: ids().map(|id| Brief::from(&summary(id))).collect(),
        keys: Vec::new(),
        complete: true,
    };
    told(&mut model, rest);
    model
}

/// Tells something, and answers what the list then asks for at once, as a quick store would.
fn told(model: &mut Model, event: Event) {
    let effects = update(model, Msg::Event(Box::new(event)));
    answer(model, effects);
}

fn press(model: &mut Model, keys: &str) {
    for key in keys.chars() {
        let key = KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE);
        let effects = update(model, Msg::Key(key));
        answer(model, effects);
    }
}

fn leave(model: &mut Model) {
    let key = KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE);
    let effects = update(model, Msg::Key(key));
    answer(model, effects);
}

fn answer(model: &mut Model, effects: Vec<Effect>) {
    for effect in effects {
        if let Effect::Send(Command::Summaries { ticket, ids }) = effect {
            let messages = ids.into_iter().map(|id| summary(id.0)).collect();
            let event: Event = summaries(ticket, messages);
            drop(update(model, Msg::Event(Box::new(event))));
        }
    }
}

fn summaries(ticket: Ticket, messages: Vec<MessageSummary>) -> Event {
    Event::Summaries { ticket, messages }
}

/// Message so-and-so; every third begins a thread, which the next two belong to.
fn summary(id: i64) -> MessageSummary {
    MessageSummary {
        id: MessageId(id),
        account: AccountId::new("home").expect("a name"),
        remote: RemoteId::new(format!("uidl-{id}").as_bytes()),
        message_id: format!("{id}@analytical.example"),
        from: Address::new("Ada Lovelace", "ada@analytical.example"),
        to: vec![Address::new("Sam", "sam@example.net")],
        cc: Vec::new(),
        subject: format!("Quarterly report {id}"),
        date: Timestamp(NOW - 100_000_000 + id * 60),
        octets: 6_700,
        flags: Flags::default(),
        attachments: 0,
        snippet: "Please find the numbers attached; the second table is new.".to_owned(),
        thread: MessageId(id / 3 * 3),
        folder: Folder::Inbox,
        local: Local::Full,
        server: Server::Present,
        reason: None,
        sha256: None,
        stored: StoredAt::default(),
    }
}

const MANY: u32 = 100_000;
const FEW: u32 = 100;
const NOW: i64 = 1_795_450_000;
const SIZE: (u16, u16) = (80, 24);
const PATIENCE: Duration = Duration::from_secs(20);
/// By then every row has come.
const SETTLED: Duration = Duration::from_millis(1_500);
