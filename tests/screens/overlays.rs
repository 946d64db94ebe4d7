use poppet::bridge::{Command, Event};
use poppet::mail::{AccountId, Kind, Problem, Retry};
use poppet::ui::action::ACTIONS;
use poppet::ui::glyphs::GlyphSet;
use poppet::ui::{Effect, Model, Msg, Overlay, Screen, Settings, update};

use super::fixtures::*;

fn refused(columns: u16, rows: u16) -> Model {
    let mut model = reader(columns, rows);
    let problem = Problem::new(
        Kind::Login,
        "Cannot check mail: wrong password",
        "pop.example.net refused the login of sam@example.net: -ERR [AUTH] invalid password for sam",
        "Enter the password again, or look at the account's settings.",
    );
    let mut state = account();
    state.problem = Some(problem.clone());
    event(&mut model, Event::Account(Box::new(state)));
    event(
        &mut model,
        Event::Failed {
            ticket: None,
            account: Some(home()),
            problem,
        },
    );
    paint(&mut model);
    assert!(matches!(model.overlay, Overlay::Problem(_)));
    model
}

fn shows(model: &Model, texts: &[&str]) {
    let screen = draw(model);
    for text in texts {
        assert!(screen.contains(text), "{text:?} in\n{screen}");
    }
}

#[test]
fn help_shows_what_works_here_first() {
    let mut model = reader(80, 24);
    press(&mut model, "?");
    shows(
        &model,
        &[
            "Keys: List",
            "List (here)",
            "type to filter:",
            "Command: down",
        ],
    );
}

#[test]
fn nothing_of_what_lies_behind_shines_through() {
    let modifiers = |model: &Model| {
        let terminal = terminal(model);
        let buffer = terminal.backend().buffer();
        let inside = (2..22).flat_map(|y| (2..78).map(move |x| (x, y)));
        inside.map(|at| buffer[at].modifier).collect::<Vec<_>>()
    };
    // Without a search nothing is underlined behind the box; with one, what was found is.
    let mut plain = reader(80, 24);
    press(&mut plain, "G ?");
    let mut found = reader(80, 24);
    press(&mut found, "/");
    type_text(&mut found, "a");
    press(&mut found, "Enter ?");
    assert_eq!(modifiers(&plain), modifiers(&found));
}

#[test]
fn help_in_the_search_shows_what_can_be_looked_for() {
    let mut model = reader(80, 24);
    press(&mut model, "/");
    shows(&model, &["/ _", "has:file"]);
    press(&mut model, "F1");
    shows(&model, &["What can be looked for", "larger:5M", "id:17"]);
    press(&mut model, "Tab");
    shows(&model, &["Keys: List"]);
    press(&mut model, "Esc");
    type_text(&mut model, "ada");
    shows(&model, &["/ ada_"]);
}

#[test]
fn the_search_says_where_help_is_at_every_width() {
    for columns in 40..=130 {
        let mut model = reader(columns, 24);
        press(&mut model, "/");
        for _ in 0..2 {
            let screen = draw(&model);
            let hints = screen.lines().last().unwrap_or_default();
            assert!(
                hints.trim_end().ends_with("F1 help"),
                "{columns}: {hints:?}"
            );
            press(&mut model, "Tab");
        }
    }
}

#[test]
fn help_filters_while_one_types_and_does_what_is_chosen() {
    let mut model = reader(80, 24);
    press(&mut model, "?");
    type_text(&mut model, "server only");
    shows(&model, &["Delete on server only (keep my copy)", "1 of "]);
    let effects = press(&mut model, "Enter");
    assert!(
        commands(&effects)
            .iter()
            .any(|command| matches!(command, Command::Change { .. })),
        "{effects:?}"
    );
    assert!(matches!(model.overlay, Overlay::None));
}

#[test]
fn help_says_why_a_key_is_off_and_does_not_do_it() {
    let mut model = reader(80, 24);
    press(&mut model, "?");
    type_text(&mut model, "peek-more");
    shows(&model, &["Off now: only in: peek"]);
    let effects = press(&mut model, "Enter");
    assert!(effects.is_empty(), "{effects:?}");
    assert!(matches!(model.overlay, Overlay::Help(_)));
    press(&mut model, "Esc");
    assert!(matches!(model.overlay, Overlay::None));
}

#[test]
fn help_closes_with_the_key_that_opened_it() {
    let mut model = reader(80, 24);
    press(&mut model, "? ?");
    assert!(matches!(model.overlay, Overlay::None));
}

#[test]
fn help_shows_the_keys_of_all_screens_after_tab() {
    let mut model = reader(120, 40);
    press(&mut model, "?");
    let here = draw(&model);
    press(&mut model, "Tab");
    let all = format!("{n} of {n}", n = ACTIONS.len());
    assert!(!here.contains(&all));
    shows(&model, &[&all]);
}

#[test]
fn the_palette_finds_by_a_few_letters_and_teaches_the_key() {
    let mut model = reader(80, 24);
    press(&mut model, "^p");
    type_text(&mut model, "del ser");
    shows(
        &model,
        &[
            "▸ Delete on server only (keep my copy)",
            "Next time just press D.",
        ],
    );
    let effects = press(&mut model, "Enter");
    assert!(
        commands(&effects)
            .iter()
            .any(|command| matches!(command, Command::Change { .. })),
        "{effects:?}"
    );
}

#[test]
fn the_palette_says_why_a_command_is_off() {
    let mut model = reader(80, 24);
    press(&mut model, "^p");
    type_text(&mut model, "redo");
    shows(&model, &["Off now: nothing was undone"]);
    let effects = press(&mut model, "Enter");
    assert!(effects.is_empty());
    shows(&model, &["redo: nothing was undone"]);
}

#[test]
fn the_command_line_takes_a_name_and_names_the_nearest_when_it_is_none() {
    let mut model = reader(80, 24);
    press(&mut model, ":");
    type_text(&mut model, "archve");
    press(&mut model, "Enter");
    shows(&model, &["No command is called archve; archive?"]);
    press(&mut model, "Esc :");
    type_text(&mut model, "go-errors");
    press(&mut model, "Enter");
    assert!(matches!(model.screen, Screen::Errors(_)));
}

#[test]
fn an_empty_command_line_runs_nothing() {
    let mut model = reader(80, 24);
    let effects = press(&mut model, ": Enter");
    assert!(commands(&effects).is_empty());
    assert!(matches!(model.overlay, Overlay::Palette(_)));
}

#[test]
fn a_prefix_shows_at_once_what_can_follow_and_waits() {
    let mut model = reader(80, 24);
    press(&mut model, "g");
    shows(&model, &["┌ g… ", "m  mailbox on the server", "i  inbox"]);
    drop(update(
        &mut model,
        Msg::Tick(poppet::mail::Timestamp(NOON.0 + 60)),
    ));
    shows(&model, &["m  mailbox on the server"]);
    press(&mut model, "Esc");
    assert!(matches!(model.overlay, Overlay::None));
}

#[test]
fn a_problem_says_what_happened_what_works_and_what_to_do() {
    let model = refused(80, 24);
    shows(
        &model,
        &[
            "Cannot check mail: wrong password",
            "What happened",
            "What still works",
            "What you can do",
            "p  enter the password",
            "o  work offline",
            "y  copy this report",
        ],
    );
}

#[test]
fn a_new_password_goes_to_the_engine_and_nowhere_else() {
    let mut model = refused(80, 24);
    press(&mut model, "p");
    type_text(&mut model, "tr0ub4dor");
    shows(&model, &["•••••••••", "keep it in the keyring: yes"]);
    assert!(!draw(&model).contains("tr0ub4dor") && !format!("{model:?}").contains("tr0ub4dor"));
    press(&mut model, "Tab");
    shows(&model, &["keep it in the keyring: no"]);
    let effects = press(&mut model, "Enter");
    assert!(!format!("{effects:?}").contains("tr0ub4dor"));
    let sent = commands(&effects)
        .into_iter()
        .find_map(|command| match command {
            Command::Password {
                account,
                password,
                keep,
                ..
            } => Some((account.clone(), password.expose().to_owned(), *keep)),
            _ => None,
        });
    assert_eq!(sent, Some((home(), "tr0ub4dor".to_owned(), false)));
    assert!(matches!(model.overlay, Overlay::None));
}

#[test]
fn a_password_that_could_not_be_kept_is_said_to_be_used_all_the_same() {
    let mut model = refused(80, 24);
    press(&mut model, "p");
    type_text(&mut model, "tr0ub4dor");
    let effects = press(&mut model, "Enter");
    let ticket = commands(&effects)
        .into_iter()
        .find_map(|command| match command {
            Command::Password { ticket, .. } => Some(*ticket),
            _ => None,
        });
    let problem = Problem::new(
        Kind::Login,
        "The password of home was not saved",
        "there is no session bus",
        "Log in to a desktop session.",
    );
    let unkept = Event::Failed {
        ticket,
        account: Some(home()),
        problem,
    };
    event(&mut model, unkept);
    shows(
        &model,
        &["was not saved", "what you typed is used until poppet ends"],
    );
}

#[test]
fn an_empty_password_is_not_sent() {
    let mut model = refused(80, 24);
    let effects = press(&mut model, "p Enter");
    assert!(commands(&effects).is_empty());
}

#[test]
fn the_report_names_nobody() {
    let mut model = refused(80, 24);
    let effects = press(&mut model, "y");
    let copied = effects.iter().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text.clone()),
        _ => None,
    });
    let text = copied.expect("copied");
    assert!(text.contains("[AUTH] invalid password"), "{text}");
    assert!(!text.contains("sam"), "{text}");
    shows(&model, &["Copied"]);
}

#[test]
fn offline_stops_the_work_on_the_network() {
    let mut model = refused(80, 24);
    let effects = press(&mut model, "o");
    assert!(matches!(
        commands(&effects)[..],
        [Command::Cancel { ticket: None }]
    ));
}

#[test]
fn nothing_that_lies_over_the_screen_fails_at_any_size_or_leaves_ascii() {
    let ascii = Settings {
        glyphs: Some(GlyphSet::Ascii),
        ..settings()
    };
    for keys in ["?", "? Tab", "^p", ":", "g", "v", "*"] {
        for columns in [40, 41, 59, 60, 80, 120, 300] {
            for rows in [8, 9, 12, 24, 100] {
                let (mut model, _) = fresh(columns, rows, ascii.clone());
                press(&mut model, keys);
                let text = draw(&model);
                assert!(
                    text.lines()
                        .all(|line| poppet::mail::text::width(line) <= columns.into()),
                    "{text}"
                );
                let over = text
                    .lines()
                    .filter(|line| !line.contains("Reading what is"));
                assert!(over.clone().all(str::is_ascii), "{keys}\n{text}");
            }
        }
    }
    let mut model = refused(80, 24);
    for columns in [1, 40, 57, 60, 200] {
        for rows in [1, 8, 9, 12, 60] {
            drop(update(&mut model, Msg::Resize(columns, rows)));
            draw(&model);
        }
    }
}

fn asked_at_start(account: &str) -> (AccountId, Problem) {
    let account = account_named(account);
    let problem = Problem::new(
        Kind::Login,
        format!("The password for {account} is asked for at each start"),
        "poppet keeps it nowhere, as the configuration says",
        "^r asks for it again.",
    );
    (account, problem.with_retry(Retry::WithPassword))
}

fn wants_password(model: &mut Model, name: &str) {
    let (id, problem) = asked_at_start(name);
    let mut state = account();
    state.account = id.clone();
    state.problem = Some(problem.clone());
    event(model, Event::Account(Box::new(state)));
    let failed = Event::Failed {
        ticket: None,
        account: Some(id),
        problem,
    };
    event(model, failed);
    paint(model);
}

#[test]
fn a_password_that_is_kept_nowhere_is_asked_for_and_is_no_error() {
    for (columns, rows) in [(40, 12), (80, 24), (120, 40)] {
        let mut model = reader(columns, rows);
        wants_password(&mut model, "home");
        shows(&model, &["Password for home", "is asked for"]);
        let screen = draw(&model);
        assert!(!screen.contains("NOT CHECKING"), "{screen}");
        assert!(!screen.contains("What happened"), "{screen}");
        assert!(!screen.contains("keyring"), "{screen}");
        assert_eq!(model.log.entries().len(), 0);
        type_text(&mut model, "tr0ub4dor");
        press(&mut model, "Tab");
        assert!(!draw(&model).contains("tr0ub4dor"));
        let effects = press(&mut model, "Enter");
        assert!(matches!(
            commands(&effects)[..],
            [Command::Password { keep: false, .. }]
        ));
        assert!(matches!(model.overlay, Overlay::None));
    }
}

#[test]
fn esc_stays_offline_until_a_check_is_asked_for() {
    let mut model = reader(80, 24);
    wants_password(&mut model, "home");
    let effects = press(&mut model, "Esc");
    assert!(commands(&effects).is_empty());
    shows(
        &model,
        &["offline: no password yet", "^r asks for the password again"],
    );
    press(&mut model, "j k");
    assert!(matches!(model.overlay, Overlay::None));
    press(&mut model, "^r");
    wants_password(&mut model, "home");
    shows(&model, &["Password for home"]);
}

#[test]
fn passwords_of_several_accounts_are_asked_for_one_after_the_other_and_never_into_a_search() {
    let mut model = reader(80, 24);
    press(&mut model, "/");
    wants_password(&mut model, "home");
    wants_password(&mut model, "work");
    wants_password(&mut model, "home");
    assert!(matches!(model.overlay, Overlay::None));
    press(&mut model, "Esc");
    shows(&model, &["Password for home"]);
    press(&mut model, "Esc");
    shows(&model, &["Password for work"]);
    press(&mut model, "Esc");
    assert!(matches!(model.overlay, Overlay::None));
}
