use std::time::Duration;

use poppet::bridge::{Cleartext, Command, Draft, Event, KeepPassword, TestStep, Ticket};
use poppet::mail::{Kind, Problem};
use poppet::ui::{Effect, Model, Msg, Screen, Settings, start, update};

use super::fixtures::*;

/// A reader without any account, as it is on the first day.
pub(crate) fn first_day(columns: u16, rows: u16) -> Model {
    let settings = Settings {
        first_run: true,
        ..settings()
    };
    let mut model = Model::new(settings, (columns, rows), NOON);
    drop(start(&mut model));
    paint(&mut model);
    model
}

/// As far as the second step, everything filled in but the test.
pub(crate) fn at_server(columns: u16, rows: u16) -> Model {
    let mut model = first_day(columns, rows);
    type_text(&mut model, "Sam");
    press(&mut model, "Tab");
    type_text(&mut model, "sam@example.net");
    press(&mut model, "Enter");
    type_text(&mut model, "tr0ub4dor");
    model
}

pub(crate) fn tests(effects: &[Effect]) -> Vec<(Ticket, Draft)> {
    commands(effects)
        .into_iter()
        .filter_map(|command| match command {
            Command::Test { ticket, draft } => Some((*ticket, (**draft).clone())),
            _ => None,
        })
        .collect()
}

pub(crate) fn steps(model: &mut Model, ticket: Ticket, uidl: bool) {
    for step in [
        TestStep::Connected(Duration::from_millis(84)),
        TestStep::Encrypted,
        TestStep::LoggedIn,
        TestStep::Commands {
            uidl,
            top: true,
            pipelining: true,
        },
        TestStep::Mailbox {
            messages: 412,
            octets: 1_460_288_880,
            newest: Some(("Ada Lovelace".to_owned(), "来週の会議".to_owned())),
        },
    ] {
        event(model, Event::Tested { ticket, step });
    }
    event(model, Event::Done { ticket });
}

/// As far as the third step, the test passed.
pub(crate) fn at_keeping(columns: u16, rows: u16, uidl: bool) -> Model {
    let mut model = at_server(columns, rows);
    let effects = press(&mut model, "Enter");
    let (ticket, _) = tests(&effects).remove(0);
    steps(&mut model, ticket, uidl);
    press(&mut model, "Enter");
    model
}

pub(crate) fn failed(model: &mut Model, ticket: Ticket, kind: Kind, why: &str) -> Vec<Effect> {
    let problem = Problem::new(
        kind,
        "Cannot log in to pop.example.net",
        why,
        "Look at the user name and the password.",
    );
    event(
        model,
        Event::Failed {
            ticket: Some(ticket),
            account: None,
            problem,
        },
    )
}

#[test]
fn the_first_day_begins_with_who_one_is() {
    let text = draw(&first_day(80, 24));
    assert!(text.contains("Welcome to poppet"), "{text}");
    assert!(
        text.contains("step 1 of 4   ^C leave, nothing is saved"),
        "{text}"
    );
    assert!(text.contains("▸ 1 Who you are"), "{text}");
}

#[test]
fn an_address_that_is_none_is_not_left() {
    let mut model = first_day(80, 24);
    press(&mut model, "Tab");
    type_text(&mut model, "sam");
    press(&mut model, "Enter");
    let text = draw(&model);
    assert!(
        text.contains("step 1 of 4") && text.contains("sam@example.net"),
        "{text}"
    );
}

#[test]
fn the_server_is_guessed_and_the_password_never_shown_unasked() {
    let mut model = at_server(80, 24);
    let text = draw(&model);
    assert!(
        text.contains("pop.example.net") && text.contains("•••••••••"),
        "{text}"
    );
    assert!(!text.contains("tr0ub4dor") && !format!("{model:?}").contains("tr0ub4dor"));
    press(&mut model, "^t");
    assert!(draw(&model).contains("tr0ub4dor"));
    press(&mut model, "^t");
    assert!(!draw(&model).contains("tr0ub4dor"));
}

#[test]
fn a_test_shows_each_step_as_it_comes_and_leads_on() {
    let mut model = at_server(80, 24);
    let effects = press(&mut model, "Enter");
    let (ticket, draft) = tests(&effects).remove(0);
    assert_eq!(
        (draft.host.as_str(), draft.port, draft.tls.as_str()),
        ("pop.example.net", 995, "implicit")
    );
    assert_eq!(
        draft.password.as_ref().map(poppet::mail::Secret::expose),
        Some("tr0ub4dor")
    );
    assert!(!draft.allow_cleartext);
    assert!(
        draw(&model).contains("connecting to pop.example.net"),
        "{}",
        draw(&model)
    );
    event(
        &mut model,
        Event::Tested {
            ticket,
            step: TestStep::Connected(Duration::from_millis(84)),
        },
    );
    assert!(
        draw(&model).contains("✓ connected 84 ms   · encrypting"),
        "{}",
        draw(&model)
    );
    // Enter while the test runs does nothing.
    assert!(commands(&press(&mut model, "Enter Enter")).is_empty());
    steps(&mut model, ticket, true);
    let text = draw(&model);
    assert!(
        text.contains("✓ 412 messages, 1.46G. The newest is from Ada Lovelace: 来週の会議"),
        "{text}"
    );
    press(&mut model, "Enter");
    assert!(draw(&model).contains("step 3 of 4"));
}

#[test]
fn the_next_place_is_tried_only_when_the_first_does_not_answer() {
    let mut model = at_server(80, 24);
    let effects = press(&mut model, "Enter");
    let (ticket, _) = tests(&effects).remove(0);
    let effects = failed(&mut model, ticket, Kind::Network, "it does not answer");
    let (second, draft) = tests(&effects).remove(0);
    assert_eq!(draft.host, "pop3.example.net");
    assert!(
        draw(&model).contains("pop.example.net:995 does not answer"),
        "{}",
        draw(&model)
    );
    let effects = failed(&mut model, second, Kind::Login, "-ERR [AUTH] no");
    assert!(tests(&effects).is_empty());
    assert!(draw(&model).contains("-ERR [AUTH] no"), "{}", draw(&model));
    assert!(
        draw(&model).contains("Look at the user name"),
        "{}",
        draw(&model)
    );
}

#[test]
fn p64_p65_a_certificate_that_is_not_good_ends_the_search_and_cannot_be_skipped() {
    let mut model = at_server(80, 24);
    let effects = press(&mut model, "Enter");
    let (ticket, _) = tests(&effects).remove(0);
    let effects = failed(
        &mut model,
        ticket,
        Kind::Tls,
        "the certificate is for another name",
    );
    assert!(tests(&effects).is_empty());
    assert!(!draw(&model).contains("Go on anyway"), "{}", draw(&model));
}

#[test]
fn the_certificate_of_ones_own_server_can_be_named_where_it_was_refused() {
    let mut model = at_server(80, 24);
    assert!(!draw(&model).contains("Trust also"));
    let effects = press(&mut model, "Enter");
    let (ticket, _) = tests(&effects).remove(0);
    let problem = Problem::new(
        Kind::Tls,
        "The connection cannot be trusted, so nothing was sent",
        "self-signed certificate",
        "If this server is your own, set `ca_file` to its certificate; otherwise do not go on.",
    );
    let refused = Event::Failed {
        ticket: Some(ticket),
        account: None,
        problem,
    };
    event(&mut model, refused);
    let text = draw(&model);
    assert!(text.contains("Trust also"), "{text}");
    assert!(
        !text.contains("ca_file"),
        "there is no configuration yet: {text}"
    );

    // The field has the focus, and what is named is tried.
    type_text(&mut model, "/etc/mail/ca.pem");
    assert!(
        draw(&model).contains("/etc/mail/ca.pem"),
        "{}",
        draw(&model)
    );
    let effects = press(&mut model, "Enter");
    let drafts = tests(&effects);
    assert_eq!(
        drafts[0].1.ca_file.as_deref(),
        Some("/etc/mail/ca.pem".as_ref())
    );
}

#[test]
fn a_refused_login_names_no_command_for_an_account_that_is_not_there_yet() {
    let mut model = at_server(80, 24);
    let effects = press(&mut model, "Enter");
    let (ticket, _) = tests(&effects).remove(0);
    let problem = Problem::new(
        Kind::Login,
        "The server refused the login",
        "no",
        "Check user name and password: `poppet password set NAME` keeps a new one. Some providers want POP3 switched on.",
    );
    let refused = Event::Failed {
        ticket: Some(ticket),
        account: None,
        problem,
    };
    event(&mut model, refused);
    let text = draw(&model);
    assert!(
        text.contains("Check user name and password. Some"),
        "{text}"
    );
    assert!(!text.contains("poppet password set"), "{text}");
}

#[test]
fn help_in_the_set_up_is_about_its_own_keys() {
    let mut model = at_server(80, 24);
    press(&mut model, "F1");
    let text = draw(&model);
    assert!(
        text.contains("leaves the set-up, nothing is saved"),
        "{text}"
    );
    assert!(!text.contains("Review what is staged"), "{text}");
    press(&mut model, "F1");
    assert!(draw(&model).contains("Password"), "{}", draw(&model));
}

#[test]
fn a_mailbox_that_is_in_use_can_be_set_up_all_the_same() {
    let mut model = at_server(80, 24);
    let effects = press(&mut model, "Enter");
    let (ticket, _) = tests(&effects).remove(0);
    event(
        &mut model,
        Event::Tested {
            ticket,
            step: TestStep::Connected(Duration::from_millis(84)),
        },
    );
    failed(&mut model, ticket, Kind::Protocol, "-ERR [IN-USE] locked");
    assert!(
        draw(&model).contains("[ Go on anyway ]"),
        "{}",
        draw(&model)
    );
    press(&mut model, "S-Tab Enter");
    assert!(draw(&model).contains("step 3 of 4"), "{}", draw(&model));
}

#[test]
fn p66_p88_no_password_goes_to_another_computer_without_tls() {
    let mut model = at_server(80, 24);
    press(&mut model, "S-Tab S-Tab Right Right");
    assert!(
        draw(&model).contains("none: unencrypted"),
        "{}",
        draw(&model)
    );
    let effects = press(&mut model, "Tab Tab Enter");
    assert!(tests(&effects).is_empty());
    assert!(
        draw(&model).contains("Without TLS everybody"),
        "{}",
        draw(&model)
    );
}

#[test]
fn another_password_after_the_test_is_tested_again() {
    let mut model = at_server(80, 24);
    let effects = press(&mut model, "Enter");
    let (ticket, _) = tests(&effects).remove(0);
    steps(&mut model, ticket, true);
    press(&mut model, "S-Tab S-Tab");
    type_text(&mut model, "x");
    assert!(draw(&model).contains("[ Test"), "{}", draw(&model));
    assert_eq!(tests(&press(&mut model, "Enter")).len(), 1);
}

#[test]
fn a_server_without_names_for_its_messages_has_no_rules() {
    let mut model = at_keeping(80, 24, false);
    let text = draw(&model);
    assert!(
        text.contains("needs UIDL") && text.contains("(*) leave everything"),
        "{text}"
    );
    press(&mut model, "Space Space");
    assert!(
        draw(&model).contains("(*) leave everything"),
        "{}",
        draw(&model)
    );
}

#[test]
fn the_account_is_saved_as_chosen_and_its_inbox_appears() {
    let mut model = at_keeping(80, 24, true);
    press(&mut model, "Space Tab Tab");
    type_text(&mut model, "2.0");
    press(&mut model, "Tab Enter");
    assert!(draw(&model).contains("step 4 of 4"), "{}", draw(&model));
    let effects = press(&mut model, "Tab Tab Enter");
    let saved = commands(&effects)
        .into_iter()
        .find_map(|command| match command {
            Command::AddAccount { ticket, draft } => Some((*ticket, (**draft).clone())),
            _ => None,
        });
    let (ticket, draft) = saved.expect("the account is saved");
    assert_eq!(draft.account.as_str(), "example");
    assert_eq!(
        (
            draft.name.as_str(),
            draft.email.as_str(),
            draft.user.as_str()
        ),
        ("Sam", "sam@example.net", "sam@example.net")
    );
    assert_eq!(draft.keep, "{ days = 30 }");
    assert_eq!(draft.bodies, "{ up_to = \"5 MB\" }");
    assert_eq!(draft.quota.as_deref(), Some("2.0 GB"));
    assert_eq!(draft.keep_password, KeepPassword::Keyring);
    // A second Enter saves nothing twice.
    assert!(commands(&press(&mut model, "Enter")).is_empty());
    let effects = event(&mut model, Event::Done { ticket });
    assert!(matches!(model.screen, Screen::List));
    let synced = commands(&effects).into_iter().any(|command| {
        matches!(command, Command::Sync { accounts, .. } if accounts.iter().any(|one| one.as_str() == "example"))
    });
    assert!(synced, "{effects:?}");
}

#[test]
fn a_keyring_that_fails_is_told_and_a_command_does_instead() {
    let mut model = at_keeping(80, 24, true);
    press(&mut model, "Tab Tab Enter");
    let effects = press(&mut model, "Tab Tab Enter");
    let ticket = commands(&effects)
        .into_iter()
        .find_map(|command| match command {
            Command::AddAccount { ticket, .. } => Some(*ticket),
            _ => None,
        });
    let problem = Problem::new(
        Kind::Login,
        "The password was not kept",
        "no keyring is running",
        "Start one.",
    );
    event(
        &mut model,
        Event::Failed {
            ticket,
            account: None,
            problem,
        },
    );
    let text = draw(&model);
    assert!(
        text.contains("no keyring is running") && text.contains("can be kept elsewhere"),
        "{text}"
    );
    press(&mut model, "Space Space Tab");
    type_text(&mut model, "pass show mail/home");
    let effects = press(&mut model, "Enter");
    let (ticket, _) = tried(&effects).expect("the command is run before anything is saved");
    let effects = event(&mut model, Event::Done { ticket });
    let kept = commands(&effects)
        .into_iter()
        .find_map(|command| match command {
            Command::AddAccount { draft, .. } => Some(draft.keep_password.clone()),
            _ => None,
        });
    let words = ["pass", "show", "mail/home"].map(str::to_owned).to_vec();
    assert_eq!(kept, Some(KeepPassword::Command(words)));
}

#[test]
fn leaving_saves_nothing_stops_the_test_and_brings_the_colours_back() {
    let mut model = at_keeping(80, 24, true);
    let theme = model.theme;
    press(&mut model, "Tab Tab Enter Space Space");
    assert_ne!(model.theme, theme);
    let effects = press(&mut model, "^c");
    assert_eq!(model.theme, theme);
    assert!(matches!(model.screen, Screen::List));
    assert!(commands(&effects).is_empty(), "{effects:?}");
    let mut model = at_server(80, 24);
    press(&mut model, "Enter");
    let effects = press(&mut model, "^c");
    assert!(
        matches!(
            commands(&effects)[..],
            [Command::Cancel { ticket: Some(_) }]
        ),
        "{effects:?}"
    );
}

#[test]
fn pasted_text_goes_into_the_field_and_runs_nothing() {
    let mut model = first_day(80, 24);
    press(&mut model, "Tab");
    drop(update(
        &mut model,
        Msg::Paste("sam@example.net\nq\n".to_owned()),
    ));
    assert!(draw(&model).contains("sam@example.net"), "{}", draw(&model));
    assert!(draw(&model).contains("step 1 of 4"));
}

#[test]
fn every_field_can_be_seen_on_the_smallest_terminal() {
    let mut model = at_server(40, 12);
    for _ in 0..8 {
        press(&mut model, "Tab");
        let text = draw(&model);
        let on_field = text.contains('▌');
        assert!(on_field || model_has_button_focus(&model), "{text}");
    }
    let text = draw(&model);
    assert!(
        text.lines()
            .all(|line| poppet::mail::text::width(line) <= 40),
        "{text}"
    );
}

/// The focus is on a button: it is drawn reversed, and no field has the cursor.
fn model_has_button_focus(model: &Model) -> bool {
    format!("{:?}", model.screen).contains("focus: Next")
        || format!("{:?}", model.screen).contains("focus: Back")
}

#[test]
fn no_size_makes_it_fail() {
    for step in 0..3 {
        for columns in [1, 5, 39, 40, 41, 60, 80, 120, 300] {
            for rows in [1, 2, 7, 8, 12, 13, 24, 100] {
                let mut model = match step {
                    0 => first_day(80, 24),
                    1 => at_server(80, 24),
                    _ => at_keeping(80, 24, true),
                };
                drop(update(&mut model, Msg::Resize(columns, rows)));
                assert!(
                    draw(&model)
                        .lines()
                        .all(|line| poppet::mail::text::width(line) <= columns.into())
                );
            }
        }
    }
}

#[test]
fn p90_a_server_of_this_computer_that_has_tls_is_said_to_have_it() {
    let mut model = at_server(120, 24);
    let effects = press(&mut model, "Enter");
    let (ticket, _) = tests(&effects).remove(0);
    for step in [
        TestStep::Connected(Duration::from_millis(1)),
        TestStep::Cleartext(Cleartext::Needless),
    ] {
        event(&mut model, Event::Tested { ticket, step });
    }
    let text = draw(&model);
    assert!(
        text.contains("no TLS, although the server has it") && text.contains("logging in"),
        "{text}"
    );
}

/// The password command that is run once.
pub(crate) fn tried(effects: &[Effect]) -> Option<(Ticket, Vec<String>)> {
    commands(effects)
        .into_iter()
        .find_map(|command| match command {
            Command::TryPasswordCommand { ticket, words, .. } => Some((*ticket, words.clone())),
            _ => None,
        })
}
