//! What an account's rule does, on every screen that tells of it.

use poppet::bridge::{AccountState, Event};
use poppet::mail::{Keep, Local, MessageSummary, RetentionPolicy, StoredAt, Timestamp};
use poppet::ui::Model;

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
    let heading = screen.lines().nth(1).unwrap();
    let at = heading.split("Srv").next().unwrap().chars().count();
    let line = screen.lines().find(|line| line.contains(subject)).unwrap();
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
        screen.contains("on server · its rule deletes it in 30d (23 Dec)"),
        "{screen}"
    );
}
