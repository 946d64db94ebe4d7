//! What the status line and the lists of help and errors say: the key that was pressed, the work that goes on, all of a text.

use crate::fixtures::{
    account, answer, body, commands, draw, event, fresh, key_of, mailbox, open_ticket, press,
    reader, reader_with, settings, type_text,
};
use crate::status;
use poppet::bridge::{AccountState, Command, Event, Phase, Ticket};
use poppet::mail::{Kind, Local, Problem};
use poppet::ui::action::Preset;
use poppet::ui::keymap::Override;
use poppet::ui::{Effect, Msg, Settings, update};

#[test]
fn the_first_check_says_what_it_does_and_how_to_stop_it() {
    let (mut model, _) = fresh(80, 24, settings());
    for (phase, words) in [
        (
            Phase::Connecting,
            "Checking pop.example.net: connecting and logging in",
        ),
        (
            Phase::Listing,
            "Checking pop.example.net: listing what is there",
        ),
    ] {
        let state = AccountState {
            phase,
            checked: None,
            ..account()
        };
        event(&mut model, Event::Account(Box::new(state)));
        let said = status(&model);
        assert!(said.contains(words) && said.ends_with("^c stop"), "{said}");
        let screen = draw(&model);
        assert!(screen.contains("checking the server"), "{screen}");
        assert!(!screen.contains("not checked"), "{screen}");
        // What goes on can be stopped.
        let effects = press(&mut model, "^c");
        let stops =
            |effect: &Effect| matches!(effect, Effect::Send(Command::Cancel { ticket: None }));
        assert!(effects.iter().any(stops));
        assert!(status(&model).contains("Stopping"), "{}", status(&model));
        let idle = AccountState {
            checked: None,
            ..account()
        };
        event(&mut model, Event::Account(Box::new(idle)));
        assert!(status(&model).contains("Stopped; what was done is kept"));
        model.note = None;
    }
}

#[test]
fn what_came_while_a_question_was_open_is_not_downloaded_again() {
    let mut model = reader(80, 24);
    press(&mut model, "j d");
    assert!(draw(&model).contains("[ + Download first ]"));
    let mut came = mailbox();
    came.retain(|row| row.id.0 == 19);
    came[0].local = Local::Full;
    let changed = Event::Changed {
        ticket: None,
        messages: came,
    };
    event(&mut model, changed);
    let effects = press(&mut model, "+");
    let asks = |command: &&Command| matches!(command, Command::Fetch { .. });
    assert!(!commands(&effects).iter().any(asks), "{effects:?}");
    let said = status(&model);
    assert!(said.contains("it is here already"), "{said}");
}

#[test]
fn what_a_person_stopped_is_no_error() {
    let mut model = reader(80, 24);
    press(&mut model, "j +");
    let ticket = *model.under_way.keys().next().unwrap();
    press(&mut model, "^c");
    let stopped = Event::Failed {
        ticket: Some(ticket),
        account: None,
        problem: Problem::stopped(),
    };
    event(&mut model, stopped);
    let said = status(&model);
    assert!(said.contains("Stopped; what was done is kept"), "{said}");
    assert!(!said.contains('✗'), "{said}");
    assert_eq!(model.log.entries().len(), 0);
    assert!(model.under_way.is_empty());
}

#[test]
fn that_one_more_stop_leaves_is_said_only_as_long_as_it_does() {
    let mut model = reader(80, 24);
    model.staged.clear();
    press(&mut model, "^c");
    assert!(status(&model).contains("^c once more leaves poppet"));
    press(&mut model, "j");
    assert!(!status(&model).contains("once more"), "{}", status(&model));
    let quits = |effects: &[Effect]| effects.iter().any(|one| matches!(one, Effect::Quit));
    assert!(!quits(&press(&mut model, "^c")));
    assert!(quits(&press(&mut model, "^c")));
}

#[test]
fn a_persons_own_key_is_no_mistake_and_two_that_clash_are_told_once() {
    let own = |action: &str, line| Override {
        action: action.to_owned(),
        keys: vec!["d".to_owned()],
        line,
    };
    let with = |overrides| Settings {
        keys: Preset::Mutt,
        overrides,
        ..settings()
    };
    let (model, _) = fresh(80, 24, with(vec![own("archive", 3)]));
    assert_eq!(model.log.entries().len(), 0);
    let (model, _) = fresh(80, 24, with(vec![own("archive", 3), own("star", 4)]));
    let [clash] = model.log.entries() else {
        panic!("{:?}", model.log)
    };
    assert!(clash.problem.what.starts_with("Line 4"), "{clash:?}");
    assert!(
        clash.problem.why.contains("both archive and star"),
        "{clash:?}"
    );
}

#[test]
fn the_key_that_was_pressed_is_the_one_that_is_named() {
    let mut model = reader(80, 24);
    press(&mut model, "6");
    let said = status(&model);
    assert!(said.contains("6: open the message first"), "{said}");
}

#[test]
fn the_list_of_accounts_has_a_top_and_an_end() {
    let mut model = reader(80, 24);
    let other = AccountState {
        account: poppet::mail::AccountId::new("work").unwrap(),
        ..account()
    };
    event(&mut model, Event::Account(Box::new(other)));
    press(&mut model, "g A G");
    let at = |model: &poppet::ui::Model, name: &str| {
        let screen = draw(model);
        screen
            .lines()
            .any(|line| line.starts_with('▌') && line.contains(name))
    };
    assert!(at(&model, "work"), "{}", draw(&model));
    press(&mut model, "g g");
    assert!(!at(&model, "work"), "{}", draw(&model));
}

#[test]
fn help_finds_names_before_what_is_only_mentioned() {
    let mut model = reader(80, 24);
    drop(update(&mut model, Msg::Key(key_of("?"))));
    type_text(&mut model, "view");
    let screen = draw(&model);
    let line = |text: &str| screen.lines().position(|line| line.contains(text));
    let name = line("View as text").unwrap();
    assert!(
        line("Download").is_none_or(|other| other > name),
        "{screen}"
    );
    assert!(screen.contains("In what they do"), "{screen}");
}

#[test]
fn help_shows_the_keys_that_work_here() {
    let alpine = Settings {
        keys: Preset::Alpine,
        ..settings()
    };
    let mut model = reader_with(80, 24, alpine);
    drop(update(&mut model, Msg::Key(key_of("?"))));
    type_text(&mut model, "command-line");
    let screen = draw(&model);
    let line = screen.lines().find(|line| line.contains("Command line"));
    let line = line.unwrap();
    assert!(line.contains("A-x") && !line.contains(':'), "{line}");
}

#[test]
fn what_can_be_done_about_an_error_is_shown_whole() {
    let mut model = reader(80, 24);
    let remedy = "It does not say why, so the password is kept: it may be the mailbox that cannot be opened. If it happens again, \
                  check user name and password: the last word of this sentence is marmalade";
    for n in 0..9 {
        let problem = Problem::new(Kind::Network, format!("Trouble {n}"), "so it is", remedy);
        let failed = Event::Failed {
            ticket: Some(Ticket::new()),
            account: None,
            problem,
        };
        event(&mut model, failed);
    }
    press(&mut model, "g E");
    let screen = draw(&model);
    assert!(
        screen.contains("marmalade") && screen.contains("Trouble 8"),
        "{screen}"
    );
    // The chosen one is whole on the screen, wherever it is.
    for n in (0..9).rev() {
        let screen = draw(&model);
        let chosen: Vec<&str> = screen
            .lines()
            .filter(|line| line.starts_with('▌'))
            .collect();
        let (first, last) = (chosen.first().unwrap(), chosen.last().unwrap());
        assert!(first.contains(&format!("Trouble {n}")), "{screen}");
        assert!(last.contains("marmalade"), "{screen}");
        press(&mut model, "j");
    }
}

#[test]
fn a_mistake_in_a_search_says_what_to_write_at_eighty_columns() {
    for (query, hint) in [
        ("larger:lots", "write a size: 10k, 5M or 1G"),
        ("older:soon", "write 12h, 30d, 1w, 6m or 2y"),
        ("before:spring", "write 2026-01-31, 2026-01, 2026 or today"),
        (
            "is:urgent",
            "write unread, read, starred, answered or pinned",
        ),
    ] {
        let mut model = reader(80, 24);
        press(&mut model, "/");
        type_text(&mut model, &format!("{query} x"));
        let said = status(&model);
        assert!(said.contains(hint), "{said}");
    }
}

#[test]
fn in_the_source_the_key_for_links_says_where_they_are() {
    let mut model = reader(80, 24);
    let effects = press(&mut model, "Enter");
    answer(&mut model, &effects, 20);
    let effects = press(&mut model, "v s");
    let (ticket, width) = open_ticket(&effects);
    let mut source = body(20, width);
    source.view = poppet::mail::View::Source;
    source.links.clear();
    let opened = Event::Opened {
        ticket,
        body: std::sync::Arc::new(source),
    };
    event(&mut model, opened);
    press(&mut model, "O");
    let said = status(&model);
    assert!(
        said.contains("O: the links stand in the text: v t"),
        "{said}"
    );
}
