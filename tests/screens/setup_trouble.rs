use poppet::bridge::{Command, Event};
use poppet::mail::{Kind, Problem, UNKNOWN_NAME};
use poppet::ui::{Model, Msg, Screen, Settings, start, update};

use super::fixtures::*;
use super::setup::{at_keeping, at_server, tests, tried};

/// In the last step, at the field of a password command.
fn at_command(columns: u16, rows: u16) -> Model {
    let mut model = at_keeping(columns, rows, true);
    press(&mut model, "Tab Tab Enter");
    press(&mut model, "Tab Tab Space Space Tab");
    model
}

#[test]
fn a_password_command_that_fails_is_told_and_nothing_is_saved() {
    let mut model = at_command(80, 24);
    type_text(&mut model, "false");
    let effects = press(&mut model, "Enter");
    let (ticket, words) = tried(&effects).expect("it is run");
    assert_eq!(words, ["false"]);
    assert_eq!(commands(&effects).len(), 1, "{effects:?}");
    assert!(draw(&model).contains("Esc stops"), "{}", draw(&model));
    // Nothing is typed into it while it runs.
    type_text(&mut model, "x");
    let problem = Problem::new(
        Kind::Login,
        "The password command of example failed",
        "false: it ended with exit status: 1, and said: no such entry",
        "Or use the keyring (password = \"keyring\").",
    );
    let refused = Event::Failed {
        ticket: Some(ticket),
        account: None,
        problem,
    };
    assert!(commands(&event(&mut model, refused)).is_empty());
    let text = draw(&model);
    assert!(
        text.contains("step 4 of 4") && text.contains("no such entry"),
        "{text}"
    );
    assert!(!text.contains("password ="), "{text}");
    // Corrected, it is run again.
    press(&mut model, "Backspace");
    let effects = press(&mut model, "Enter");
    assert_eq!(
        tried(&effects).map(|(_, words)| words),
        Some(vec!["fals".to_owned()])
    );
    let effects = press(&mut model, "Esc");
    assert!(
        matches!(
            commands(&effects)[..],
            [Command::Cancel { ticket: Some(_) }]
        ),
        "{effects:?}"
    );
    assert!(draw(&model).contains("step 4 of 4"), "{}", draw(&model));
}

#[test]
fn quotes_keep_the_blanks_of_a_password_command() {
    let mut model = at_command(80, 24);
    type_text(&mut model, "'/opt/my tools/secret' \"mail home");
    let effects = press(&mut model, "Enter");
    assert!(commands(&effects).is_empty());
    let text = draw(&model);
    assert!(text.contains("a closing \" is missing"), "{text}");
    type_text(&mut model, "\"");
    let effects = press(&mut model, "Enter");
    assert_eq!(
        tried(&effects).map(|(_, words)| words),
        Some(vec![
            "/opt/my tools/secret".to_owned(),
            "mail home".to_owned()
        ])
    );
}

/// Goes back to the first step and writes another address.
fn readdress(model: &mut Model, email: &str) {
    press(model, "Esc Tab");
    press(model, &"Backspace ".repeat(30));
    type_text(model, email);
    press(model, "Enter");
}

#[test]
fn a_guessed_user_follows_the_address_and_a_typed_one_stays() {
    let mut model = at_server(80, 24);
    readdress(&mut model, "sam@outlook.com");
    let text = draw(&model);
    assert!(text.contains("User       sam@outlook.com"), "{text}");
    assert!(!text.contains("sam@example.net"), "{text}");
    press(&mut model, "S-Tab S-Tab S-Tab");
    press(&mut model, &"Backspace ".repeat(30));
    type_text(&mut model, "sammy");
    readdress(&mut model, "sam@example.org");
    let text = draw(&model);
    assert!(
        text.contains("User       sammy") && text.contains("pop.example.org"),
        "{text}"
    );
}

#[test]
fn another_user_of_the_same_server_is_tried_anew() {
    let mut model = at_keeping(80, 24, true);
    press(&mut model, "Esc");
    readdress(&mut model, "pat@example.net");
    let text = draw(&model);
    assert!(text.contains("User       pat@example.net"), "{text}");
    assert!(text.contains("[ Test"), "{text}");
}

/// No place that the address suggests answers; the first and third names are not known.
fn nowhere(model: &mut Model) {
    let effects = press(model, "Enter");
    let mut trial = tests(&effects);
    while let Some((ticket, draft)) = trial.pop() {
        let problem = if draft.host == "pop3.example.net" {
            Problem::new(
                Kind::Network,
                "The mail server cannot be reached",
                "refused",
                "Check host and port; an open reader tries again by itself.",
            )
        } else {
            Problem::new(
                Kind::Network,
                UNKNOWN_NAME,
                "the name could not be looked up",
                "Check the host name in the configuration, and whether this computer is online.",
            )
        };
        let failed = Event::Failed {
            ticket: Some(ticket),
            account: None,
            problem,
        };
        trial = tests(&event(model, failed));
    }
}

#[test]
fn where_no_guess_answers_the_best_secured_one_stays() {
    let mut model = at_server(80, 30);
    nowhere(&mut model);
    let text = draw(&model);
    assert!(
        text.contains("Server     pop.example.net") && text.contains("TLS from the start"),
        "{text}"
    );
    assert!(text.contains("995"), "{text}");
    assert!(
        text.contains("the name pop.example.net is not known"),
        "{text}"
    );
    assert!(
        text.contains("pop3.example.net:995 does not answer"),
        "{text}"
    );
    assert!(text.contains("No server was found"), "{text}");
    assert!(
        !text.contains("configuration") && !text.contains("open reader"),
        "{text}"
    );
}

#[test]
fn what_was_found_of_other_servers_goes_with_them() {
    let mut model = at_server(80, 30);
    nowhere(&mut model);
    // The focus is on the server's name.
    press(&mut model, &"Backspace ".repeat(20));
    type_text(&mut model, "mail.example.org");
    let text = draw(&model);
    assert!(!text.contains("does not answer"), "{text}");
    assert!(!text.contains("is not known"), "{text}");
    let effects = press(&mut model, "Tab Tab Tab Tab Enter");
    let (ticket, _) = tests(&effects).remove(0);
    let problem = Problem::new(
        Kind::Network,
        UNKNOWN_NAME,
        "the name mail.example.org could not be looked up",
        "Check the host name in the configuration, and whether this computer is online.",
    );
    let failed = Event::Failed {
        ticket: Some(ticket),
        account: None,
        problem,
    };
    event(&mut model, failed);
    let text = draw(&model);
    assert!(
        text.contains(UNKNOWN_NAME) && text.contains("Check the server's name above"),
        "{text}"
    );
    assert!(!text.contains("configuration"), "{text}");
}

#[test]
fn starttls_is_called_so_that_nobody_takes_it_for_optional() {
    let mut model = at_server(80, 24);
    press(&mut model, "S-Tab S-Tab Right");
    let text = draw(&model);
    assert!(text.contains("STARTTLS, never without it"), "{text}");
}

#[test]
fn a_port_is_five_digits_and_nothing_else() {
    let mut model = at_server(80, 24);
    press(&mut model, "S-Tab S-Tab S-Tab");
    press(&mut model, &"Backspace ".repeat(6));
    type_text(&mut model, "3 x71158");
    drop(update(&mut model, Msg::Paste("99".to_owned())));
    let text = draw(&model);
    assert!(text.contains("Port       37115\n"), "{text}");
    let effects = press(&mut model, "Tab Tab Tab Enter");
    assert_eq!(tests(&effects)[0].1.port, 37115);
}

#[test]
fn the_way_by_hand_is_hinted_at_and_names_the_file() {
    let settings = Settings {
        first_run: true,
        config_file: Some("/home/sam/.config/poppet/config.toml".into()),
        ..settings()
    };
    let mut model = Model::new(settings, (80, 24), NOON);
    drop(start(&mut model));
    let text = draw(&model);
    assert!(text.contains("F2 by hand"), "{text}");
    assert!(!text.contains("There is no file"), "{text}");
    press(&mut model, "F2");
    let text = draw(&model);
    assert!(
        text.contains("/home/sam/.config/poppet/config.toml"),
        "{text}"
    );
}

#[test]
fn a_configuration_that_was_named_and_is_not_there_is_told_first() {
    let settings = Settings {
        first_run: true,
        config_file: Some("/typo.toml".into()),
        config_missing: true,
        ..settings()
    };
    let mut model = Model::new(settings, (80, 24), NOON);
    drop(start(&mut model));
    let text = draw(&model);
    assert!(text.contains("There is no file /typo.toml"), "{text}");
}

#[test]
fn the_demo_sets_up_nothing_and_says_why() {
    let settings = Settings {
        demo: true,
        ..settings()
    };
    let mut model = reader_with(80, 24, settings);
    press(&mut model, "g A a");
    assert!(matches!(model.screen, Screen::Accounts(_)));
    let text = draw(&model);
    assert!(text.contains("The demo keeps nothing"), "{text}");
    press(&mut model, "Esc q");
    let text = draw(&model);
    assert!(
        text.contains("Leaving ends the demo") && !text.contains("keeps it staged"),
        "{text}"
    );
}
