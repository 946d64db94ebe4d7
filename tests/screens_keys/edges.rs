//! What must hold with many rows, with none, with late answers and on small terminals.

use crate::fixtures::{
    NOON, answer, body, commands, draw, event, fresh, list_ticket, mailbox, message, open_ticket,
    paint, press, reader, reader_with, settings, type_text,
};
use crate::{changes, selected, status};
use poppet::bridge::{Command, Event};
use poppet::mail::{Folder, Kind, MessageId, Problem, Timestamp};
use poppet::ui::{Effect, Msg, Overlay, Timer, update};

#[test]
fn without_an_account_nothing_pretends_to_work() {
    let (mut model, effects) = fresh(80, 24, settings());
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
    assert!(draw(&model).contains("No account is set up yet."));
    assert!(commands(&press(&mut model, "^r")).is_empty());
    assert!(status(&model).contains("no account yet"));
}

#[test]
fn views_are_asked_for_and_come_back() {
    let mut model = reader_with(80, 24, settings());
    let effects = press(&mut model, "Enter");
    answer(&mut model, &effects, 20);
    let effects = press(&mut model, "v s");
    assert!(matches!(
        commands(&effects)[0],
        Command::Open {
            view: poppet::mail::View::Source,
            ..
        }
    ));
    let (ticket, width) = open_ticket(&effects);
    let mut source = body(20, width);
    source.view = poppet::mail::View::Source;
    event(
        &mut model,
        Event::Opened {
            ticket,
            body: std::sync::Arc::new(source),
        },
    );
    let effects = press(&mut model, "H H");
    let views: Vec<_> = commands(&effects)
        .iter()
        .filter_map(|command| match command {
            Command::Open { view, .. } => Some(*view),
            _ => None,
        })
        .collect();
    assert_eq!(
        views,
        [poppet::mail::View::Headers, poppet::mail::View::Text]
    );
}

#[test]
fn a_search_widens_to_all_mail_and_comes_back() {
    let mut model = reader(80, 24);
    press(&mut model, "j j /");
    type_text(&mut model, "dinner");
    let effects = press(&mut model, "Tab");
    let ticket = list_ticket(&effects);
    assert!(
        matches!(commands(&effects)[0], Command::List { request, .. } if request.folder.is_none())
    );
    let mut archived = message(500);
    archived.folder = Folder::Archive;
    archived.subject = "An older dinner".to_owned();
    let mut rows = mailbox();
    rows.push(archived);
    event(
        &mut model,
        Event::Rows {
            ticket,
            offset: 0,
            rows,
            complete: true,
        },
    );
    assert_eq!(model.list.visible().len(), 2);
    press(&mut model, "Enter Esc");
    assert_eq!((model.list.visible().len(), selected(&model)), (20, 18));
    assert_eq!(model.list.place, poppet::ui::list::Place::Inbox);
}

#[test]
fn an_error_opens_in_full_and_matches_are_found_from_a_message_too() {
    let mut model = reader(80, 24);
    press(&mut model, "/");
    type_text(&mut model, "grace");
    press(&mut model, "Enter Esc Home Enter n");
    assert_eq!(selected(&model), 19);
    let problem = Problem::new(Kind::Network, "No answer", "timed out", "try again");
    event(
        &mut model,
        Event::Failed {
            ticket: None,
            account: None,
            problem,
        },
    );
    press(&mut model, "g E Enter");
    assert!(matches!(model.overlay, Overlay::Problem(_)));
}

#[test]
fn a_list_that_cannot_be_read_says_so_and_does_not_wait_for_ever() {
    let (mut model, effects) = fresh(80, 24, settings());
    let ticket = list_ticket(&effects);
    let problem = Problem::new(
        Kind::Store,
        "The store cannot be read",
        "it is locked",
        "end the other poppet",
    );
    event(
        &mut model,
        Event::Failed {
            ticket: Some(ticket),
            account: None,
            problem,
        },
    );
    assert!(!draw(&model).contains("Reading what is on this computer"));
    assert!(status(&model).contains("The store cannot be read"));
}

#[test]
fn a_message_stepped_to_but_not_yet_seen_is_not_deleted() {
    let mut model = reader(80, 24);
    let effects = press(&mut model, "Enter");
    answer(&mut model, &effects, 20);
    let effects = type_text(&mut model, "Jd");
    assert!(changes(&effects).is_empty());
    assert!(model.list.rows.row(MessageId(19)).is_some());
}

#[test]
fn a_refused_mark_of_reading_undoes_no_other_deed() {
    let mut model = reader(80, 24);
    press(&mut model, "s");
    let effects = press(&mut model, "Enter");
    answer(&mut model, &effects, 20);
    let effects = update(&mut model, Msg::Timer(Timer::MarkRead(MessageId(20))));
    let Some(Command::Change { ticket, .. }) = commands(&effects).first().copied() else {
        panic!("nothing was marked")
    };
    let problem = Problem::new(
        Kind::Store,
        "The change was not stored",
        "the disk is full",
        "make room",
    );
    event(
        &mut model,
        Event::Failed {
            ticket: Some(*ticket),
            account: None,
            problem,
        },
    );
    assert!(model.history.can_undo());
}

#[test]
fn a_word_in_the_status_line_goes_after_a_minute_but_an_undo_stays_possible() {
    let mut model = reader(80, 24);
    press(&mut model, "s");
    assert!(status(&model).contains("Starred"));
    let _ = update(&mut model, Msg::Tick(Timestamp(NOON.0 + 61)));
    assert!(
        status(&model).contains("checked 3 min ago"),
        "{}",
        status(&model)
    );
    assert_eq!(press(&mut model, "z").len(), 1);
}

#[test]
fn a_link_that_would_run_something_is_never_opened() {
    let mut model = reader(80, 24);
    let effects = press(&mut model, "Enter");
    let (ticket, width) = open_ticket(&effects);
    let mut body = body(20, width);
    body.links[0].target = "file:///etc/passwd".to_owned();
    let body = std::sync::Arc::new(body);
    event(&mut model, Event::Opened { ticket, body });
    paint(&mut model);
    let effects = press(&mut model, "1 o Tab Enter 1 Enter O Enter Enter Enter");
    assert!(
        !effects
            .iter()
            .any(|effect| matches!(effect, Effect::OpenLink(_)))
    );
}

#[test]
fn a_question_shows_all_its_answers_on_the_smallest_terminal() {
    let mut model = reader(40, 12);
    press(&mut model, "j d");
    let screen = draw(&model);
    for answer in [
        "[ b Back ]",
        "[ + Download first ]",
        "[ d Stage the deletion ]",
    ] {
        assert!(screen.contains(answer), "{screen}");
    }
    assert!(screen.contains("There is NO copy"), "{screen}");
}

#[test]
fn the_header_is_never_glued_whatever_the_width() {
    for columns in 40..200 {
        let mut model = reader(columns, 24);
        for state in &mut model.accounts {
            state.octets = 77_000_000;
            state.quota = Some(30_000_000);
        }
        let head = draw(&model).lines().next().unwrap().to_owned();
        let counts = head.find("Inbox").unwrap();
        let behind = head
            .get(counts..)
            .and_then(|text| text.split_once("/ 20").or_else(|| text.split_once("/20")))
            .map_or("glued", |(_, rest)| rest);
        assert!(
            behind.is_empty() || behind.starts_with(' '),
            "{columns}: {head}"
        );
    }
}

#[test]
fn a_second_wrong_password_asks_again_and_a_password_can_be_pasted() {
    let mut model = reader(80, 24);
    let home = model.accounts[0].account.clone();
    let refused = Problem::new(
        Kind::Login,
        "The login was refused",
        "it said so",
        "Try again.",
    );
    let failed = Event::Failed {
        ticket: None,
        account: Some(home),
        problem: refused,
    };
    let _ = event(&mut model, failed.clone());
    assert!(matches!(model.overlay, Overlay::Problem(_)));
    press(&mut model, "p");
    let _ = update(&mut model, Msg::Paste("secret".to_owned()));
    let effects = press(&mut model, "Enter");
    let sent = commands(&effects);
    assert!(
        matches!(sent.as_slice(), [Command::Password { password, .. }] if password.expose() == "secret"),
        "{sent:?}"
    );
    assert!(matches!(model.overlay, Overlay::None));
    let _ = event(&mut model, failed.clone());
    assert!(matches!(model.overlay, Overlay::Problem(_)));
    // The same failure by itself, later, does not come between.
    press(&mut model, "Esc");
    let _ = event(&mut model, failed);
    assert!(matches!(model.overlay, Overlay::None));
}

#[test]
fn who_types_a_search_is_not_interrupted_by_a_problem() {
    let mut model = reader(80, 24);
    press(&mut model, "/");
    type_text(&mut model, "he");
    let refused = Problem::new(
        Kind::Login,
        "The login was refused",
        "it said so",
        "Try again.",
    );
    let account = Some(model.accounts[0].account.clone());
    let failed = Event::Failed {
        ticket: None,
        account,
        problem: refused,
    };
    let _ = event(&mut model, failed);
    type_text(&mut model, "llo");
    assert_eq!(model.list.find.input.value(), "hello");
    assert!(matches!(model.overlay, Overlay::None));
    press(&mut model, "Esc");
    assert!(
        status(&model).contains("The login was refused"),
        "{}",
        status(&model)
    );
}

#[test]
fn a_wrong_key_of_the_configuration_is_told_at_the_start_with_its_line() {
    let wrong = poppet::ui::keymap::Override {
        action: "archiv".to_owned(),
        keys: vec!["y".to_owned()],
        line: 7,
    };
    let settings = poppet::ui::Settings {
        overrides: vec![wrong],
        ..settings()
    };
    let model = reader_with(100, 24, settings);
    let told = model.log.last().unwrap();
    assert!(
        told.problem.what.contains("Line 7"),
        "{}",
        told.problem.what
    );
    assert!(status(&model).contains("Line 7"), "{}", status(&model));
}
