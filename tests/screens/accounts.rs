//! Several accounts: all of their mail, or that of one.

use poppet::bridge::{AccountState, Cleartext, Command, Event, ListRequest};
use poppet::mail::{AccountId, MessageSummary};
use poppet::ui::{Effect, Model};

use super::fixtures::*;

fn work() -> AccountId {
    AccountId::new("work").unwrap()
}

/// A reader with two accounts; every third message is one of the second.
fn two_accounts(columns: u16, rows: u16) -> Model {
    let mut model = reader(columns, rows);
    let state = AccountState {
        account: work(),
        email: "sam@work.example".to_owned(),
        host: "pop.work.example".to_owned(),
        messages: 88,
        octets: 9_000_000,
        quota: None,
        ..account()
    };
    event(&mut model, Event::Account(Box::new(state)));
    event(
        &mut model,
        Event::Changed {
            ticket: None,
            messages: mixed(),
        },
    );
    paint(&mut model);
    model
}

fn mixed() -> Vec<MessageSummary> {
    let mut rows = mailbox();
    for row in rows.iter_mut().step_by(3) {
        row.account = work();
    }
    rows
}

fn asked(effects: &[Effect]) -> Option<&ListRequest> {
    commands(effects)
        .into_iter()
        .find_map(|command| match command {
            Command::List { request, .. } => Some(request),
            _ => None,
        })
}

/// Answers the question for rows as the store does.
fn answer_rows(model: &mut Model, effects: &[Effect]) {
    let wanted = asked(effects).expect("rows are asked for").account.clone();
    let mut rows = mixed();
    rows.retain(|row| {
        wanted
            .as_ref()
            .is_none_or(|account| *account == row.account)
    });
    event(
        model,
        Event::Rows {
            ticket: list_ticket(effects),
            offset: 0,
            rows,
            complete: true,
        },
    );
    paint(model);
}

#[test]
fn one_account_is_chosen_and_all_come_back() {
    let mut model = two_accounts(80, 24);
    press(&mut model, "g A");
    insta::assert_snapshot!(draw(&model));
    let effects = press(&mut model, "j j Enter");
    assert_eq!(asked(&effects).unwrap().account, Some(work()));
    answer_rows(&mut model, &effects);
    let screen = draw(&model);
    assert!(screen.contains("Inbox · work"), "{screen}");
    assert!(screen.contains("sam@work.example"), "{screen}");
    assert!(screen.contains("Only mail of work; g A shows the others"));
    assert_eq!(model.list.rows.len(), 7);
    // The cursor stands on what is shown; the first row is the way back.
    let effects = press(&mut model, "g A k k Enter");
    assert_eq!(asked(&effects).unwrap().account, None);
    answer_rows(&mut model, &effects);
    assert_eq!(model.list.rows.len(), 20);
    assert!(draw(&model).contains("Inbox 3 new / 20"));
}

#[test]
fn other_places_and_new_mail_keep_to_the_account_that_is_shown() {
    let mut model = two_accounts(80, 24);
    let effects = press(&mut model, "g A j j Enter");
    answer_rows(&mut model, &effects);
    let mut theirs = message(70);
    theirs.account = work();
    event(
        &mut model,
        Event::Arrived {
            messages: vec![message(71), theirs],
        },
    );
    assert_eq!(model.list.rows.len(), 8, "one of the two");
    let effects = press(&mut model, "g e");
    assert_eq!(asked(&effects).unwrap().account, Some(work()));
    let effects = press(&mut model, "g m");
    assert_eq!(asked(&effects).unwrap().account, Some(work()));
}

#[test]
fn a_search_over_all_mail_keeps_to_the_account_that_is_shown() {
    let mut model = two_accounts(80, 24);
    let effects = press(&mut model, "g A j j Enter");
    answer_rows(&mut model, &effects);
    let effects = press(&mut model, "/ a Tab");
    assert_eq!(asked(&effects).unwrap().account, Some(work()));
    // From within that search, another choice leads back to the place it began in.
    press(&mut model, "Enter");
    let effects = press(&mut model, "g A k k Enter");
    let request = asked(&effects).unwrap();
    assert_eq!(
        (request.account.clone(), request.folder),
        (None, Some(poppet::mail::Folder::Inbox))
    );
}

#[test]
fn the_same_choice_again_reads_nothing_anew() {
    let mut model = two_accounts(80, 24);
    let effects = press(&mut model, "g A Enter");
    assert!(asked(&effects).is_none());
    assert!(draw(&model).contains("Mail of all accounts"));
}

#[test]
fn a_single_account_has_no_row_for_all_and_enter_shows_its_mail() {
    let mut model = reader(80, 24);
    press(&mut model, "g A");
    assert!(!draw(&model).contains("All accounts"));
    let effects = press(&mut model, "Enter");
    assert!(asked(&effects).is_none());
    assert!(draw(&model).contains("Inbox 3 new / 20"));
}

#[test]
fn p89_p90_an_account_in_the_clear_is_marked_as_one() {
    for (cleartext, words) in [
        (
            Cleartext::Exposed,
            "no TLS: others can read password and mail",
        ),
        (
            Cleartext::Needless,
            "no TLS, but offered: tls = \"starttls\"",
        ),
    ] {
        let mut model = reader(120, 24);
        let state = AccountState {
            cleartext: Some(cleartext),
            ..account()
        };
        event(&mut model, Event::Account(Box::new(state)));
        press(&mut model, "g A");
        let text = draw(&model);
        assert!(text.contains(words), "{text}");
    }
}
