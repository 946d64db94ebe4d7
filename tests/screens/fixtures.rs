use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::tz::TimeZone;
use poppet::bridge::{AccountState, Command, Event, Phase, Ticket};
use poppet::mail::{
    AccountId, Address, Attachment, Blocked, Body, Field, Flags, Folder, Line, Link, Local,
    MessageId, MessageSummary, Reason, RemoteId, RetentionPolicy, Server, Span, SpanStyle,
    StoredAt, Timestamp, View,
};
use poppet::ui::glyphs::GlyphSet;
use poppet::ui::theme::ThemeKind;
use poppet::ui::{Effect, Model, Msg, Settings, start, update, view};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

/// Monday 23 November 2026, 12:00 UTC.
pub(crate) const NOON: Timestamp = Timestamp(1_795_435_200);

pub(crate) fn settings() -> Settings {
    Settings {
        theme: Some(ThemeKind::Dark),
        glyphs: Some(GlyphSet::Unicode),
        zone: TimeZone::UTC,
        ..Settings::default()
    }
}

pub(crate) fn account_named(name: &str) -> AccountId {
    AccountId::new(name).unwrap()
}

pub(crate) fn home() -> AccountId {
    AccountId::new("home").unwrap()
}

pub(crate) fn message(id: i64) -> MessageSummary {
    MessageSummary {
        id: MessageId(id),
        account: home(),
        remote: RemoteId::new(format!("uidl-{id}").as_bytes()),
        message_id: format!("{id}@analytical.example"),
        from: Address::new("Ada Lovelace", "ada@analytical.example"),
        to: vec![Address::new("Sam", "sam@example.net")],
        cc: Vec::new(),
        subject: format!("Notes on the engine, part {id}"),
        date: Timestamp(NOON.0 - 400 * 86_400 + id * 60),
        octets: 6_758,
        flags: Flags::default(),
        attachments: 0,
        snippet: String::new(),
        thread: MessageId(id),
        folder: Folder::Inbox,
        local: Local::Full,
        server: Server::Present,
        reason: None,
        sha256: None,
        stored: StoredAt::default(),
    }
}

/// What stands for a message in the table below: sender, subject, snippet, minutes ago, octets, marks, where it is.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    i64,
    u64,
    &'static str,
    &'static str,
);

/// The mailbox of the mock-ups, the newest first: ids from 20 down to 1.
pub(crate) fn mailbox() -> Vec<MessageSummary> {
    const DAY: i64 = 1_440;
    let rows: [Row; 20] = [
        (
            "Ada Lovelace",
            "Re: [poppet] retention policy deletes too early",
            "Agreed. Two things make it safe: count days from the first",
            58,
            6_758,
            "N",
            "srv",
        ),
        (
            "Grace Hopper",
            "Quarterly report attached",
            "Please find the Q3 numbers attached; the slides follow",
            79,
            2_202_009,
            "N@",
            "away",
        ),
        (
            "José García",
            "Fwd: Résumé – updated",
            "Hola, te envío la versión nueva del CV",
            165,
            49_152,
            "*",
            "pin",
        ),
        (
            "佐藤 花子",
            "来週の会議について",
            "木曜日の会議ですが、時間を変更",
            190,
            3_277,
            "N",
            "srv",
        ),
        (
            "Newsletter Weekly",
            "Weekly digest #341",
            "This week: 12 terminals compared",
            DAY,
            421_888,
            "",
            "del",
        ),
        (
            "Shop of Things",
            "Last chance: everything must go",
            "Prices have never been this",
            DAY + 20,
            407_552,
            "",
            "del",
        ),
        (
            "Deutsche Bahn",
            "Your trip to Zürich",
            "Your connection ICE 72, 23 Nov, dep. 07:06",
            2 * DAY,
            122_880,
            "r@",
            "srv",
        ),
        (
            "Ken Thompson",
            "Dinner on Sunday?",
            "Seven works for me, bring the dog",
            2 * DAY + 9,
            10_035,
            "",
            "srv",
        ),
        (
            "Bank of Somewhere",
            "Security alert: new sign-in",
            "We noticed a sign-in from a new device",
            3 * DAY,
            14_336,
            "",
            "srv",
        ),
        (
            "Mum",
            "Photos from the garden",
            "",
            3 * DAY + 30,
            18_874_368,
            "@",
            "away",
        ),
        (
            "GitHub",
            "[poppet/poppet] PR #12 merged",
            "Merged #12 into main",
            4 * DAY,
            22_528,
            "",
            "srv",
        ),
        (
            "Grace Hopper",
            "Re: Re: compiler notes",
            "see section 3, I rewrote the",
            4 * DAY + 5,
            7_270,
            "",
            "srv",
        ),
        (
            "Invoices",
            "Invoice 2026-1107",
            "Amount due 120.00 by 7 December",
            5 * DAY,
            90_112,
            "@",
            "pin",
        ),
        (
            "Ada Lovelace",
            "Bernoulli numbers, section G",
            "I have added the table you asked",
            5 * DAY + 9,
            31_744,
            "",
            "srv",
        ),
        (
            "Ken Thompson",
            "Trusting trust, draft 2",
            "Reflections, second go",
            6 * DAY,
            12_288,
            "",
            "srv",
        ),
        (
            "Deutsche Bahn",
            "Ihre Buchung ist bestätigt",
            "Vielen Dank für Ihre Buchung",
            6 * DAY + 4,
            65_536,
            "",
            "srv",
        ),
        (
            "José García",
            "¿Vienes el viernes?",
            "",
            7 * DAY,
            4_096,
            "",
            "srv",
        ),
        ("Mum", "recipe", "", 14 * DAY, 2_253, "", "srv"),
        (
            "GitHub",
            "[poppet/poppet] Release v0.3.0",
            "",
            27 * DAY,
            18_432,
            "",
            "unsure",
        ),
        (
            "Bank of Somewhere",
            "Your statement is ready",
            "",
            33 * DAY,
            9_318,
            "",
            "gone",
        ),
    ];
    rows.iter()
        .enumerate()
        .map(|(n, row)| summary(20 - n as i64, row))
        .collect()
}

fn summary(
    id: i64,
    (from, subject, snippet, minutes, octets, marks, place): &Row,
) -> MessageSummary {
    let mut row = message(id);
    row.from = Address::new(*from, format!("{id}@sender.example"));
    if *from == "Ada Lovelace" {
        "ada@analytical.example".clone_into(&mut row.from.address);
    }
    (*subject).clone_into(&mut row.subject);
    (*snippet).clone_into(&mut row.snippet);
    row.date = Timestamp(NOON.0 - minutes * 60);
    row.octets = *octets;
    row.flags = Flags::default()
        .with(Flags::SEEN, !marks.contains('N'))
        .with(Flags::STARRED, marks.contains('*'))
        .with(Flags::ANSWERED, marks.contains('r'))
        .with(Flags::PINNED, *place == "pin");
    row.attachments = u32::from(marks.contains('@'));
    row.server = match *place {
        "del" => Server::DeleteWanted,
        "gone" => Server::Deleted,
        "unsure" => Server::Unconfirmed,
        _ => Server::Present,
    };
    row.reason = (*place == "del").then_some(Reason::You);
    if *place == "away" {
        row.local = Local::Headers;
        row.snippet = String::new();
    }
    row
}

pub(crate) fn account() -> AccountState {
    AccountState {
        account: home(),
        email: "sam@example.net".to_owned(),
        host: "pop.example.net".to_owned(),
        phase: Phase::Idle,
        checked: Some(Timestamp(NOON.0 - 120)),
        next_check: Some(Timestamp(NOON.0 + 780)),
        messages: 412,
        octets: 1_460_288_880,
        quota: Some(2_147_483_648),
        brake: None,
        expires: None,
        cleartext: None,
        problem: None,
        ask_above: Some(5_242_880),
        retention: RetentionPolicy::default(),
        set_up: Timestamp(NOON.0 - 90 * 86_400),
    }
}

/// A reader with this many columns and rows, before anything has come.
pub(crate) fn fresh(columns: u16, rows: u16, settings: Settings) -> (Model, Vec<Effect>) {
    let mut model = Model::new(settings, (columns, rows), NOON);
    let effects = start(&mut model);
    (model, effects)
}

/// A reader with the mailbox of the mock-ups in it, painted once.
pub(crate) fn reader_with(columns: u16, rows: u16, settings: Settings) -> Model {
    let (mut model, effects) = fresh(columns, rows, settings);
    event(&mut model, Event::Account(Box::new(account())));
    let ticket = list_ticket(&effects);
    event(
        &mut model,
        Event::Rows {
            ticket,
            offset: 0,
            rows: mailbox(),
            complete: true,
        },
    );
    paint(&mut model);
    model
}

pub(crate) fn reader(columns: u16, rows: u16) -> Model {
    reader_with(columns, rows, settings())
}

pub(crate) fn event(model: &mut Model, event: Event) -> Vec<Effect> {
    update(model, Msg::Event(Box::new(event)))
}

/// All rows of a list, at once.
#[allow(dead_code, reason = "not every test crate asks for rows")]
pub(crate) fn all_rows(ticket: Ticket, rows: Vec<MessageSummary>) -> Event {
    Event::Rows {
        ticket,
        offset: 0,
        rows,
        complete: true,
    }
}

/// Draws, and tells the model so, as the loop does.
pub(crate) fn paint(model: &mut Model) {
    let _ = draw(model);
    drop(update(model, Msg::Painted));
}

/// Presses keys, apart by spaces, with a frame after each, and gives all effects.
pub(crate) fn press(model: &mut Model, keys: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    for key in keys.split_whitespace() {
        effects.extend(update(model, Msg::Key(key_of(key))));
        paint(model);
    }
    effects
}

/// Types text, each character a key.
pub(crate) fn type_text(model: &mut Model, text: &str) -> Vec<Effect> {
    text.chars()
        .flat_map(|c| {
            update(
                model,
                Msg::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)),
            )
        })
        .collect()
}

pub(crate) fn key_of(text: &str) -> KeyEvent {
    let plain = |code| KeyEvent::new(code, KeyModifiers::NONE);
    match text {
        "Enter" => plain(KeyCode::Enter),
        "Esc" => plain(KeyCode::Esc),
        "Tab" => plain(KeyCode::Tab),
        "S-Tab" => plain(KeyCode::BackTab),
        "Space" => plain(KeyCode::Char(' ')),
        "Down" => plain(KeyCode::Down),
        "Up" => plain(KeyCode::Up),
        "Left" => plain(KeyCode::Left),
        "Right" => plain(KeyCode::Right),
        "Home" => plain(KeyCode::Home),
        "End" => plain(KeyCode::End),
        "PgDn" => plain(KeyCode::PageDown),
        "PgUp" => plain(KeyCode::PageUp),
        "Backspace" => plain(KeyCode::Backspace),
        "F1" => plain(KeyCode::F(1)),
        "F2" => plain(KeyCode::F(2)),
        "F5" => plain(KeyCode::F(5)),
        _ => {
            let mut chars = text.chars();
            match (chars.next(), chars.next()) {
                (Some('^'), Some(c)) => KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL),
                (Some(c), None) => plain(KeyCode::Char(c)),
                _ => panic!("{text} is no key"),
            }
        }
    }
}

pub(crate) fn terminal(model: &Model) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(model.size.0, model.size.1)).unwrap();
    terminal.draw(|frame| view(model, frame)).unwrap();
    terminal
}

/// The screen as text, a line each, without blanks at the ends.
pub(crate) fn draw(model: &Model) -> String {
    let terminal = terminal(model);
    let buffer = terminal.backend().buffer();
    let area = buffer.area;
    let mut text = String::new();
    for y in 0..area.height {
        let mut line = String::new();
        let mut skip = 0;
        for x in 0..area.width {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = buffer[(x, y)].symbol();
            skip = poppet::mail::text::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

pub(crate) fn commands(effects: &[Effect]) -> Vec<&Command> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send(command) => Some(command),
            _ => None,
        })
        .collect()
}

pub(crate) fn list_ticket(effects: &[Effect]) -> Ticket {
    commands(effects)
        .iter()
        .find_map(|command| match command {
            Command::List { ticket, .. } | Command::Search { ticket, .. } => Some(*ticket),
            _ => None,
        })
        .expect("a list was asked for")
}

/// The ticket of the last message that was asked for, and how wide it is to be.
pub(crate) fn open_ticket(effects: &[Effect]) -> (Ticket, u16) {
    commands(effects)
        .iter()
        .rev()
        .find_map(|command| match command {
            Command::Open { ticket, width, .. } | Command::Peek { ticket, width, .. } => {
                Some((*ticket, *width))
            }
            _ => None,
        })
        .expect("a message was asked for")
}

/// Answers the last question for a message.
pub(crate) fn answer(model: &mut Model, effects: &[Effect], id: i64) -> Vec<Effect> {
    let (ticket, width) = open_ticket(effects);
    let body = Arc::new(body(id, width));
    let effects = event(model, Event::Opened { ticket, body });
    paint(model);
    effects
}

fn line(quote: u8, text: &str) -> Line {
    let spans = if text.is_empty() {
        Vec::new()
    } else {
        vec![Span {
            text: text.to_owned(),
            ..Span::default()
        }]
    };
    Line {
        quote,
        signature: false,
        numbered: false,
        spans,
    }
}

pub(crate) fn body(id: i64, width: u16) -> Body {
    let mut lines = vec![
        line(0, "Sam wrote on Sunday:"),
        line(1, "The policy took a message I had only peeked at."),
        line(2, "I think the rule looked at the date header."),
    ];
    lines.extend((0..14).map(|n| line(1, &format!("and quoted line {n}"))));
    lines.push(line(0, ""));
    lines.push(line(0, "Agreed. Two things make it safe:"));
    lines.push(line(0, ""));
    lines.push(line(
        0,
        "  1. count days from when we first saw the UIDL, never from Date:",
    ));
    lines.push(line(
        0,
        "  2. a message without a full local copy is never touched by a policy.",
    ));
    lines.push(line(0, ""));
    let mut link = line(0, "Write-up: ");
    link.spans.push(Span {
        text: "https://analytical.example/notes/uidl".to_owned(),
        style: SpanStyle::default(),
        link: Some(1),
    });
    lines.push(link);
    lines.push(line(0, ""));
    lines.push(Line {
        signature: true,
        ..line(0, "-- ")
    });
    lines.push(Line {
        signature: true,
        ..line(0, "Ada")
    });
    Body {
        id: MessageId(id),
        view: View::Text,
        width,
        fields: vec![Field {
            name: "From".to_owned(),
            value: "Ada Lovelace <ada@analytical.example>".to_owned(),
        }],
        lines,
        links: vec![
            Link {
                target: "https://analytical.example/notes/uidl".to_owned(),
                text: String::new(),
                warning: None,
            },
            Link {
                target: "http://192.0.2.7/login".to_owned(),
                text: "your bank".to_owned(),
                warning: Some("it names no host, only an address".to_owned()),
            },
        ],
        attachments: vec![
            Attachment {
                part: 2,
                name: "notes.pdf".to_owned(),
                file_name: "notes.pdf".to_owned(),
                media_type: "application/pdf".to_owned(),
                octets: 122_880,
                inline: false,
                warning: None,
            },
            Attachment {
                part: 3,
                name: "plan.csv".to_owned(),
                file_name: "plan.csv".to_owned(),
                media_type: "text/csv".to_owned(),
                octets: 4_096,
                inline: false,
                warning: None,
            },
        ],
        has_text: true,
        has_html: true,
        blocked: Blocked {
            images: 2,
            trackers: 1,
        },
        partial: false,
        notes: Vec::new(),
    }
}

/// The beginning of a message, as a peek brings it.
pub(crate) fn beginning(id: i64, width: u16) -> Body {
    Body {
        lines: vec![
            line(0, "Hello love,"),
            line(0, ""),
            line(0, "the roses came out after all."),
            line(0, ""),
            line(0, "Mum"),
        ],
        partial: true,
        links: Vec::new(),
        attachments: Vec::new(),
        blocked: Blocked::default(),
        ..body(id, width)
    }
}
