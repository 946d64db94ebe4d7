//! What an account's rule does, on every screen that tells of it.

use poppet::bridge::{AccountState, Command, Event, Ticket};
use poppet::mail::{
    Change, Digest, Forecast, Keep, LedgerEntry, LedgerId, Local, MessageSummary, RetentionPolicy,
    Server, StoredAt, Timestamp, forecast,
};
use poppet::ui::{Effect, Model, Msg, Screen, update};

use super::fixtures::*;

/// The account, with a rule.
pub(crate) fn ruled(keep: Keep) -> AccountState {
    AccountState {
        retention: RetentionPolicy {
            keep,
            ..RetentionPolicy::default()
        },
        ..account()
    }
}

/// The mailbox, each message stored when it was sent.
fn stored() -> Vec<MessageSummary> {
    let mut rows = mailbox();
    for row in &mut rows {
        if row.local == Local::Full {
            row.stored = StoredAt::new(Some(row.date));
        }
    }
    rows
}

/// The inbox of an account whose rule deletes 30 days after the download.
pub(crate) fn reader_with_rule(columns: u16, rows: u16) -> Model {
    let mut model = reader(columns, rows);
    event(&mut model, Event::Account(Box::new(ruled(Keep::Days(30)))));
    event(
        &mut model,
        Event::Changed {
            ticket: None,
            messages: stored(),
        },
    );
    paint(&mut model);
    model
}

/// The word in the Srv column of the row with this subject.
fn srv(screen: &str, subject: &str) -> String {
    let heading = screen.lines().nth(1).unwrap_or_default();
    let at = heading
        .split("Srv")
        .next()
        .map_or(0, |before| before.chars().count());
    let line = screen.lines().find(|line| line.contains(subject));
    let line = line.unwrap_or_default();
    let word: String = line.chars().skip(at).take(4).collect();
    word.trim().to_owned()
}

#[test]
fn the_list_says_in_how_many_days_the_rule_deletes_a_copy() {
    let mut model = reader_with_rule(80, 24);
    let screen = draw(&model);
    for (subject, word) in [
        ("Re: [poppet] retention", "30d"),
        ("Quarterly report", "srv"),
        ("Fwd: R", "pin"),
        ("Weekly digest", "del"),
        ("Your trip to", "28d"),
        ("recipe", "16d"),
        ("Your statement", "—"),
    ] {
        assert_eq!(srv(&screen, subject), word, "{subject}\n{screen}");
    }
    insta::assert_snapshot!(screen);
    let mut soon = stored();
    soon.retain(|row| row.subject == "recipe");
    soon[0].stored = StoredAt::new(Some(Timestamp(NOON.0 - 28 * 86_400)));
    event(
        &mut model,
        Event::Changed {
            ticket: None,
            messages: soon,
        },
    );
    assert_eq!(srv(&draw(&model), "recipe"), "2d!");
}

#[test]
fn without_a_rule_no_copy_has_a_countdown() {
    let mut model = reader_with_rule(80, 24);
    event(
        &mut model,
        Event::Account(Box::new(ruled(Keep::UntilDeleted))),
    );
    assert_eq!(srv(&draw(&model), "recipe"), "srv");
}

#[test]
fn a_message_says_on_which_day_its_rule_deletes_it() {
    let mut model = reader_with_rule(80, 24);
    let effects = press(&mut model, "Enter");
    answer(&mut model, &effects, 20);
    let screen = draw(&model);
    assert!(
        screen.contains("on server · rule deletes it in 30d (23 Dec)   L leave   D server only"),
        "{screen}"
    );
}

/// The ledger's line of a message.
fn line(row: &MessageSummary) -> LedgerEntry {
    LedgerEntry {
        id: LedgerId(row.id.0),
        message: row.id,
        remote: row.remote.clone(),
        octets: row.octets,
        header: Some(Digest::of(row.remote.as_bytes())),
        server: row.server,
        reason: row.reason,
        without_copy: false,
        local: row.local,
        folder: row.folder,
        flags: row.flags,
        first_seen: row.date,
        stored: row.stored.time(),
        sessions_since_stored: 9,
        failure: None,
        confirmed: 0,
    }
}

fn foretold(keep: Keep) -> Vec<Forecast> {
    let ledger: Vec<LedgerEntry> = stored().iter().map(line).collect();
    let state = ruled(keep);
    forecast(&ledger, None, &state.retention, state.set_up).unwrap()
}

fn asked(effects: &[Effect]) -> Option<Ticket> {
    commands(effects)
        .into_iter()
        .find_map(|command| match command {
            Command::Foretell { ticket, account } if *account == home() => Some(*ticket),
            _ => None,
        })
}

/// The mailbox on the server of an account whose rule deletes so many days after the download.
fn on_server(columns: u16, rows: u16, days: u32) -> Model {
    let mut model = reader_with_rule(columns, rows);
    let keep = Keep::Days(days);
    event(&mut model, Event::Account(Box::new(ruled(keep.clone()))));
    let effects = press(&mut model, "g m");
    let ticket = list_ticket(&effects);
    event(
        &mut model,
        Event::Rows {
            ticket,
            offset: 0,
            rows: stored(),
            complete: true,
        },
    );
    let copies = Some(foretold(keep));
    let ticket = asked(&effects).expect("the rule is asked about");
    event(&mut model, Event::Foretold { ticket, copies });
    paint(&mut model);
    model
}

#[test]
fn the_server_screen_says_what_the_rule_deletes_when() {
    let mut model = on_server(80, 24, 28);
    insta::assert_snapshot!(draw(&model));
    press(&mut model, "t");
    insta::assert_snapshot!(draw(&model));
    press(&mut model, "Esc");
    assert!(draw(&model).contains("Photos from the garden"));
}

#[test]
fn with_room_for_it_the_calendar_stands_beside_the_messages() {
    let mut model = on_server(120, 40, 28);
    insta::assert_snapshot!(draw(&model));
    press(&mut model, "t");
    assert!(draw(&model).contains("t: it stands at the right"));
    // A calendar that was open when the terminal grew is in nobody's way.
    let mut model = on_server(80, 24, 28);
    press(&mut model, "t");
    drop(update(&mut model, Msg::Resize(120, 40)));
    let effects = press(&mut model, "d");
    assert!(!commands(&effects).is_empty());
    press(&mut model, "Esc");
    assert!(matches!(model.screen, Screen::List));
}

#[test]
fn the_figures_of_the_calendar_add_up_to_all_that_is_on_the_server() {
    let copies = foretold(Keep::Days(28));
    let there = stored()
        .iter()
        .filter(|row| row.server != Server::Deleted)
        .count();
    assert_eq!(copies.len(), there);
    let octets: u64 = copies.iter().map(|copy| copy.octets).sum();
    let screen = draw(&on_server(120, 40, 28));
    let total = screen
        .lines()
        .rfind(|line| line.contains("on the server  "))
        .unwrap();
    let figures = format!("{there}   {}", poppet::ui::format::size(octets));
    assert!(total.trim_end().ends_with(&figures), "{figures}\n{screen}");
}

#[test]
fn behind_the_calendar_no_message_can_be_staged() {
    let mut model = on_server(80, 24, 28);
    let effects = press(&mut model, "t d L");
    assert!(commands(&effects).is_empty());
    assert!(draw(&model).contains("Esc goes back to the messages"));
    press(&mut model, "1");
    assert!(draw(&model).contains("Photos from the garden"));
}

#[test]
fn what_goes_first_can_be_put_first() {
    let mut model = on_server(80, 24, 28);
    press(&mut model, "5");
    let screen = draw(&model);
    let first = screen.lines().find(|line| line.starts_with('▌')).unwrap();
    assert!(
        first.contains("staged") || first.contains("sent"),
        "{screen}"
    );
    let place = |text: &str| screen.find(text).unwrap_or(usize::MAX);
    assert!(place("recipe") < place("Re: Re: compiler"), "{screen}");
}

#[test]
fn a_change_asks_again_and_only_once_at_a_time() {
    let mut model = on_server(80, 24, 28);
    let pinned = |n| Event::Changed {
        ticket: Some(Ticket::new()),
        messages: vec![stored().remove(n)],
    };
    let effects = press(&mut model, "L");
    assert!(commands(&effects).iter().any(|command| matches!(
        command,
        Command::Change { changes, .. } if changes[0].1 == Change::Pinned(true)
    )));
    let first = asked(&event(&mut model, pinned(0))).unwrap();
    assert_eq!(asked(&event(&mut model, pinned(1))), None);
    let answer = Event::Foretold {
        ticket: first,
        copies: None,
    };
    let again = asked(&event(&mut model, answer)).unwrap();
    assert_ne!(first, again);
    assert!(draw(&model).contains("can be told after the next check"));
}

#[test]
fn without_a_rule_nothing_is_asked_and_t_says_why() {
    let mut model = reader(80, 24);
    let effects = press(&mut model, "g m");
    assert_eq!(asked(&effects), None);
    press(&mut model, "t");
    assert!(draw(&model).contains("t: this account has no rule"));
}
