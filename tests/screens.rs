//! Screens as text, at the sizes that matter, and what must hold at every size.

#[path = "screens/fixtures.rs"]
#[allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "fixtures fail their test, and each test file uses a part of them"
)]
mod fixtures;

use fixtures::{
    account, answer, beginning, commands, draw, event, fresh, key_of, list_ticket, mailbox,
    open_ticket, press, reader, reader_with, settings, terminal, type_text,
};
use poppet::bridge::{Command, Event, Phase, Progress};
use poppet::mail::{Kind, Local, MessageId, Problem};
use poppet::ui::glyphs::GlyphSet;
use poppet::ui::hints::hints;
use poppet::ui::theme::ThemeKind;
use poppet::ui::{Model, Msg, Settings, update};
use proptest::prelude::*;
use ratatui::style::Color;

fn ascii() -> Settings {
    Settings {
        glyphs: Some(GlyphSet::Ascii),
        theme: Some(ThemeKind::None),
        ..settings()
    }
}

fn opened(columns: u16, rows: u16, settings: Settings) -> Model {
    let mut model = reader_with(columns, rows, settings);
    let effects = press(&mut model, "Enter");
    answer(&mut model, &effects, 20);
    model
}

#[test]
fn the_inbox_at_80_by_24() {
    let screen = draw(&reader(80, 24));
    assert!(screen.contains("Inbox 3 new / 20"));
    assert!(screen.contains("2 staged −829K · $ review"));
    insta::assert_snapshot!(screen);
}

#[test]
fn the_inbox_with_a_preview_at_120_by_40() {
    let mut model = reader(120, 40);
    let effects = update(
        &mut model,
        Msg::Timer(poppet::ui::Timer::Preview(MessageId(20))),
    );
    answer(&mut model, &effects, 20);
    let screen = draw(&model);
    assert!(
        screen.contains("Agreed. Two things make it safe:") && screen.contains("Quarterly report")
    );
    insta::assert_snapshot!(screen);
}

#[test]
fn the_inbox_at_40_by_12() {
    let screen = draw(&reader(40, 12));
    assert!(screen.lines().last().unwrap().ends_with("? help"));
    insta::assert_snapshot!(screen);
}

#[test]
fn the_inbox_beside_its_message_at_200_by_50() {
    let mut model = reader(200, 50);
    let effects = update(
        &mut model,
        Msg::Timer(poppet::ui::Timer::Preview(MessageId(20))),
    );
    answer(&mut model, &effects, 20);
    insta::assert_snapshot!(draw(&model));
}

#[test]
fn the_inbox_in_ascii_without_colour() {
    let model = reader_with(80, 24, ascii());
    let screen = draw(&model);
    let ours: String = screen.replace(|c: char| c.is_alphabetic(), "");
    assert!(
        ours.chars()
            .filter(|c| *c != '–' && *c != '¿')
            .all(|c| c.is_ascii()),
        "{screen}"
    );
    insta::assert_snapshot!(screen);
}

#[test]
fn a_message_in_full_at_80_by_24() {
    let screen = draw(&opened(80, 24, settings()));
    assert!(screen.contains("blocked: 2 remote images · 2 staged"));
    insta::assert_snapshot!(screen);
}

#[test]
fn a_peek_at_80_by_24() {
    let mut model = reader(80, 24);
    model.list.select(MessageId(11));
    let effects = press(&mut model, "p");
    let (ticket, width) = open_ticket(&effects);
    let body = std::sync::Arc::new(beginning(11, width));
    event(&mut model, Event::Opened { ticket, body });
    let screen = draw(&model);
    assert!(screen.contains("on server only · 19M"));
    insta::assert_snapshot!(screen);
}

#[test]
fn a_question_before_something_is_lost() {
    let mut model = reader(80, 24);
    press(&mut model, "j d");
    insta::assert_snapshot!(draw(&model));
}

#[test]
fn the_links_and_the_attachments_of_a_message() {
    let mut model = opened(80, 24, settings());
    press(&mut model, "O j");
    insta::assert_snapshot!("links", draw(&model));
    press(&mut model, "Esc A");
    insta::assert_snapshot!("attachments", draw(&model));
}

#[test]
fn a_search_while_it_is_typed() {
    let mut model = reader(80, 24);
    press(&mut model, "/");
    type_text(&mut model, "ada re");
    insta::assert_snapshot!(draw(&model));
}

#[test]
fn the_errors_and_the_accounts() {
    let mut model = reader(80, 24);
    let problem = Problem::new(
        Kind::Network,
        "pop.example.net did not answer",
        "no answer within 30 s",
        "It is tried again by itself; ^r tries now",
    );
    event(
        &mut model,
        Event::Failed {
            ticket: None,
            account: Some(fixtures::home()),
            problem,
        },
    );
    press(&mut model, "g E");
    insta::assert_snapshot!("errors", draw(&model));
    press(&mut model, "Esc g A");
    insta::assert_snapshot!("accounts", draw(&model));
}

#[test]
fn the_empty_states_are_all_different() {
    let mut screens = Vec::new();
    let (mut model, effects) = fresh(80, 24, settings());
    screens.push(draw(&model));
    let ticket = list_ticket(&effects);
    event(
        &mut model,
        Event::Rows {
            ticket,
            offset: 0,
            rows: Vec::new(),
            complete: true,
        },
    );
    screens.push(draw(&model));
    let mut state = account();
    state.checked = None;
    event(&mut model, Event::Account(Box::new(state.clone())));
    screens.push(draw(&model));
    state.phase = Phase::Listing;
    event(&mut model, Event::Account(Box::new(state.clone())));
    screens.push(draw(&model));
    event(&mut model, Event::Account(Box::new(account())));
    screens.push(draw(&model));
    state.phase = Phase::Idle;
    state.problem = Some(Problem::new(
        Kind::Login,
        "The password was refused",
        "-ERR no",
        "enter it again",
    ));
    event(&mut model, Event::Account(Box::new(state)));
    screens.push(draw(&model));
    let mut filtered = reader(80, 24);
    press(&mut filtered, "/");
    let asked = type_text(&mut filtered, "nothing like it");
    screens.push(draw(&filtered));
    let ticket = commands(&asked)
        .iter()
        .rev()
        .find_map(|command| match command {
            Command::Search { ticket, .. } => Some(*ticket),
            _ => None,
        });
    event(
        &mut filtered,
        Event::Found {
            ticket: ticket.unwrap(),
            ids: Vec::new(),
        },
    );
    screens.push(draw(&filtered));

    let said = [
        "Reading what is on this computer",
        "No account is set up yet",
        "No mail here yet. ^r checks pop.example.net.",
        "Asking pop.example.net for mail",
        "Nothing in the inbox.",
        "The password was refused.",
        "Searching…",
        "0 of 20 match.",
    ];
    for (n, screen) in screens.iter().enumerate() {
        for (m, text) in said.iter().enumerate() {
            assert_eq!(screen.contains(text), n == m, "{n} {m} {text}\n{screen}");
        }
    }
}

#[test]
fn without_colour_no_cell_has_any() {
    for keys in ["Enter", "g", "j d", "x", "p"] {
        let mut model = reader_with(80, 24, ascii());
        press(&mut model, keys);
        for cell in terminal(&model).backend().buffer().content() {
            assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "{keys}");
        }
    }
}

#[test]
fn the_cursor_is_seen_without_colour() {
    let model = reader_with(80, 24, ascii());
    let screen = draw(&model);
    let marked: Vec<&str> = screen
        .lines()
        .filter(|line| line.starts_with('>'))
        .collect();
    assert_eq!(marked.len(), 1);
}

#[test]
fn every_hint_is_a_key_that_does_what_it_says_and_help_is_always_last() {
    use poppet::ui::chord::Chord;
    use poppet::ui::keymap::Meaning;
    let mut peek = reader(80, 24);
    press(&mut peek, "p");
    let mut marked = reader(80, 24);
    press(&mut marked, "x");
    let mut review = reader(80, 24);
    press(&mut review, "$");
    let mut mailbox = reader(80, 24);
    press(&mut mailbox, "g m");
    let models = vec![
        review,
        mailbox,
        reader(80, 24),
        reader(120, 40),
        reader(40, 12),
        opened(80, 24, settings()),
        peek,
        marked,
    ];
    for model in &models {
        for hint in hints(model) {
            for (key, action) in hint.keys.split('/').zip(&hint.actions) {
                let several = key.split_once('-');
                let several = several.filter(|_| *action == poppet::ui::action::Action::OpenLink);
                let key = several.map_or(key, |(first, _)| first);
                let key = if hint.keys == "/" { "/" } else { key };
                let chords = Chord::sequence(key).unwrap();
                assert_eq!(
                    model.keymap.meaning(model.scope(), &chords),
                    Meaning::Action(*action),
                    "{hint:?}"
                );
            }
        }
    }
    for columns in 40..220 {
        let model = reader(columns, 24);
        let screen = draw(&model);
        assert!(
            screen.lines().last().unwrap().ends_with("? help"),
            "{columns}\n{screen}"
        );
    }
}

#[test]
fn the_subject_keeps_twenty_columns_and_the_server_word_stays_at_every_width() {
    for columns in 40..220 {
        let screen = draw(&reader(columns, 24));
        let row = screen.lines().find(|line| line.contains("Grace")).unwrap();
        assert!(row.contains("Quarterly report at"), "{columns}: {row}");
        assert!(row.contains("srv"), "{columns}: {row}");
    }
}

#[test]
fn no_control_character_reaches_the_screen() {
    let mut model = reader(80, 24);
    let mut row = mailbox().remove(0);
    row.subject = "a\u{1b}[31mred\u{7}\u{202e}b\u{9b}2J".to_owned();
    row.from.name = "x\r\ny\u{200d}\u{1b}]0;t\u{7}".to_owned();
    row.local = Local::Full;
    event(
        &mut model,
        Event::Changed {
            ticket: None,
            messages: vec![row],
        },
    );
    for cell in terminal(&model).backend().buffer().content() {
        assert!(
            !cell.symbol().chars().any(char::is_control),
            "{:?}",
            cell.symbol()
        );
    }
}

#[test]
fn progress_at_every_phase_says_something() {
    let mut model = reader(80, 24);
    for phase in [
        Phase::Connecting,
        Phase::Listing,
        Phase::Summaries,
        Phase::Bodies,
        Phase::Deleting,
    ] {
        let progress = Progress {
            account: fixtures::home(),
            phase,
            done: 3,
            total: 12,
            octets: 6_396_313,
            octets_total: 19_293_798,
            elapsed: std::time::Duration::from_secs(9),
        };
        let _ = update(&mut model, Msg::Progress(vec![progress]));
        let screen = draw(&model);
        let line = screen.lines().nth(22).unwrap().to_owned();
        assert!(line.len() > 20, "{phase:?}: {line}");
    }
    assert!(
        draw(&model).contains("3/12 · 6.4M of 19M · 711K/s 18 s left"),
        "{}",
        draw(&model)
    );
}

const KEYS: [&str; 58] = [
    "j",
    "k",
    "G",
    "g",
    "i",
    "a",
    "T",
    "E",
    "A",
    "m",
    "Enter",
    "Esc",
    "q",
    "Space",
    "b",
    "Tab",
    "S-Tab",
    "J",
    "K",
    "d",
    "D",
    "L",
    "u",
    "e",
    "s",
    "I",
    "U",
    "p",
    "+",
    "z",
    "Z",
    "x",
    "t",
    "V",
    "*",
    "r",
    "n",
    "N",
    "/",
    "S",
    "f",
    "H",
    "v",
    "O",
    "1",
    "9",
    "w",
    "y",
    "^d",
    "^u",
    "PgDn",
    "PgUp",
    "Home",
    "End",
    "Down",
    "Backspace",
    "$",
    "?",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_and_every_row_is_as_wide_as_the_screen(
        columns in 1_u16..300,
        rows in 1_u16..100,
        keys in prop::collection::vec(0..KEYS.len(), 0..40),
        resized in (1_u16..300, 1_u16..100),
    ) {
        let mut model = reader(columns, rows);
        for (n, key) in keys.iter().enumerate() {
            let effects = update(&mut model, Msg::Key(key_of(KEYS[*key])));
            let asked = commands(&effects).iter().any(|command| matches!(command, poppet::bridge::Command::Open { .. }));
            if let (true, Some(id)) = (asked, model.list.selected()) {
                answer(&mut model, &effects, id.0);
            }
            if n == keys.len() / 2 {
                let _ = update(&mut model, Msg::Resize(resized.0, resized.1));
            }
            let _ = update(&mut model, Msg::Painted);
            let terminal = terminal(&model);
            let buffer = terminal.backend().buffer();
            for y in 0..buffer.area.height {
                let mut width = 0;
                let mut x = 0;
                while x < buffer.area.width {
                    let columns = poppet::mail::text::width(buffer[(x, y)].symbol()).max(1);
                    width += columns;
                    x += columns as u16;
                }
                prop_assert_eq!(width, usize::from(buffer.area.width));
            }
        }
    }

    #[test]
    fn all_undone_is_as_it_was(keys in prop::collection::vec(0..8_usize, 1..25)) {
        let mut model = reader(80, 24);
        let state = |model: &Model| {
            let mut rows: Vec<_> = model.list.rows.order().iter().filter_map(|id| model.list.rows.row(*id)).cloned().collect();
            rows.sort_by_key(|row| row.id);
            for row in &mut rows {
                row.reason = None;
            }
            rows
        };
        let before = state(&model);
        for key in keys {
            // Esc answers the question that a message without a copy raises.
            press(&mut model, ["d Esc", "D Esc", "e", "s", "I", "L", "U", "j"][key]);
        }
        for _ in 0..60 {
            press(&mut model, "z");
        }
        prop_assert_eq!(state(&model), before);
    }
}
