//! What is said of what was done, and of what is shown, is all of it, and true.

use std::sync::Arc;

use crate::fixtures::{
    account, account_named, all_rows, answer, beginning, commands, draw, event, list_ticket,
    mailbox, open_ticket, press, reader, reader_with, settings, type_text,
};
use crate::{changes, status};
use poppet::bridge::{Command, Event, PendingDeletion};
use poppet::mail::{
    Address, Change, DeleteScope, Flags, Folder, Kind, Local, MessageId, MessageSummary, Problem,
    Reason, Server,
};
use poppet::ui::action::Preset;
use poppet::ui::{Effect, Model, Msg, Screen, Settings, Timer, update};

/// A message of the mailbox, changed.
fn changed(model: &mut Model, id: i64, change: impl Fn(&mut MessageSummary)) -> MessageSummary {
    // From 20 down to 1.
    let mut message = mailbox().swap_remove(20 - id as usize);
    assert_eq!(message.id.0, id);
    change(&mut message);
    let messages = vec![message.clone()];
    let ticket = None;
    event(model, Event::Changed { ticket, messages });
    message
}

/// The mailbox on the server, with what is on it.
fn on_the_server() -> Model {
    let mut model = reader(80, 24);
    let effects = press(&mut model, "s g m");
    let ticket = list_ticket(&effects);
    let mut rows = mailbox();
    rows.retain(|row| row.server == Server::Present);
    rows.truncate(2);
    event(&mut model, all_rows(ticket, rows));
    assert!(matches!(model.screen, Screen::Mailbox(_)));
    model
}

#[test]
fn what_is_done_in_the_mailbox_on_the_server_is_undone_first() {
    for (key, back) in [("L", Change::Pinned(false)), ("d", Change::Unstage)] {
        let mut model = on_the_server();
        let done = changes(&press(&mut model, key));
        let [(ids, _)] = &done[..] else {
            panic!("{key}: {done:?}")
        };
        let effects = press(&mut model, "q z");
        assert_eq!(changes(&effects), [(ids.clone(), back)], "{key}");
        // Then comes what was done before.
        let effects = press(&mut model, "z");
        let star = changes(&effects);
        assert!(
            matches!(star[..], [(_, Change::Starred(false))]),
            "{star:?}"
        );
    }
}

#[test]
fn what_is_taken_off_the_review_can_be_put_back_and_says_where_it_is() {
    let mut model = reader(80, 24);
    press(&mut model, "d");
    let message = changed(&mut model, 20, |row| {
        row.folder = Folder::Trash;
        row.server = Server::DeleteWanted;
        row.reason = Some(Reason::You);
    });
    let effects = press(&mut model, "$");
    let ticket = commands(&effects).iter().find_map(|command| match command {
        Command::Pending { ticket } => Some(*ticket),
        _ => None,
    });
    let deletions = vec![PendingDeletion {
        message,
        reason: Reason::You,
        stored: true,
        failure: None,
    }];
    let ticket = ticket.unwrap();
    event(&mut model, Event::Pending { ticket, deletions });
    let effects = press(&mut model, "u");
    assert_eq!(changes(&effects), [(vec![20], Change::Unstage)]);
    let said = status(&model);
    assert!(
        said.contains("It stays on the server; here it is in the Trash:"),
        "{said}"
    );
    let effects = press(&mut model, "Esc z");
    let staged = Change::Delete(DeleteScope::ServerOnly);
    assert_eq!(changes(&effects), [(vec![20], staged)]);
    assert!(model.staged.contains_key(&MessageId(20)));
}

#[test]
fn the_question_before_a_loss_says_how_many_are_deleted_and_by_which_keys() {
    let mut model = reader(80, 24);
    // One of the two is not here.
    press(&mut model, "x x d");
    let screen = draw(&model);
    assert!(
        screen.contains("2 messages; one of them is not here: \"Quarterly report attached\""),
        "{screen}"
    );
    assert!(
        screen.contains("before the review ($), and u takes"),
        "{screen}"
    );
    let keys = Preset::Gmail;
    let mut model = reader_with(80, 24, Settings { keys, ..settings() });
    press(&mut model, "j #");
    let screen = draw(&model);
    assert!(screen.contains("and - takes"), "{screen}");
}

#[test]
fn the_date_is_shown_however_long_the_sender_is() {
    for (columns, rows) in [(80, 24), (120, 40), (60, 15), (50, 10), (46, 20), (40, 24)] {
        let mut model = reader(columns, rows);
        changed(&mut model, 20, |row| {
            row.from = Address::new("Albrecht ".repeat(9), "bench@clockmender.example");
        });
        let effects = press(&mut model, "Enter");
        answer(&mut model, &effects, 20);
        let screen = draw(&model);
        assert!(screen.contains("23 Nov 2026 11:02"), "{columns}\n{screen}");
    }
}

#[test]
fn with_more_than_one_account_a_failure_says_whose_it_is() {
    let mut model = reader(80, 24);
    let failed = |name: &str| Event::Failed {
        ticket: None,
        account: Some(account_named(name)),
        problem: Problem::new(
            Kind::Network,
            "The mail server cannot be reached",
            "no",
            "wait",
        ),
    };
    event(&mut model, failed("home"));
    assert!(!status(&model).contains("home:"), "{}", status(&model));
    let mut work = account();
    work.account = account_named("work");
    event(&mut model, Event::Account(Box::new(work)));
    event(&mut model, failed("work"));
    let said = status(&model);
    assert!(said.contains("work: The mail server"), "{said}");
}

#[test]
fn the_preview_shows_what_was_peeked_at_and_the_message_in_full_is_fetched() {
    let mut model = reader(120, 40);
    model.list.select(MessageId(11));
    press(&mut model, "j k p");
    changed(&mut model, 11, |row| {
        row.local = Local::Peeked;
        row.octets = 5_000;
    });
    press(&mut model, "Esc");
    let after = Msg::Timer(Timer::Preview(MessageId(11)));
    let effects = update(&mut model, after);
    let asked = commands(&effects);
    let [Command::Preview { ticket, width, .. }] = asked[..] else {
        panic!("{asked:?}")
    };
    let mut body = beginning(11, *width);
    body.attachments = crate::fixtures::body(11, *width).attachments;
    let (body, ticket) = (Arc::new(body), *ticket);
    event(&mut model, Event::Opened { ticket, body });
    let screen = draw(&model);
    assert!(screen.contains("the roses came out after all."), "{screen}");
    assert!(screen.contains("the rest is not downloaded"), "{screen}");
    // What is there of an attachment is not to be saved for one.
    assert!(!screen.contains("Files "), "{screen}");
    press(&mut model, "A");
    let said = status(&model);
    assert!(
        said.contains("A: the message is not here in full"),
        "{said}"
    );
    let effects = press(&mut model, "Enter");
    assert!(matches!(model.screen, Screen::Reader));
    open_ticket(&effects);
    assert!(!draw(&model).contains("the roses"), "{}", draw(&model));
}

#[test]
fn a_search_says_how_many_messages_only_their_headers_are_looked_through() {
    let mut model = reader(80, 24);
    press(&mut model, "/");
    let effects = type_text(&mut model, "r");
    assert!(
        !status(&model).contains("not downloaded"),
        "{}",
        status(&model)
    );
    let ticket = list_ticket(&effects);
    event(&mut model, all_rows(ticket, Vec::new()));
    let said = status(&model);
    assert!(said.contains("not downloaded: headers only"), "{said}");
}

#[test]
fn the_order_by_size_shows_which_way_it_goes() {
    let mut model = reader(80, 24);
    press(&mut model, "S z");
    let heading = |model: &Model| draw(model).lines().nth(1).unwrap_or_default().to_owned();
    assert!(heading(&model).contains("Size↓"), "{}", heading(&model));
}

#[test]
fn marks_that_a_search_hides_are_counted_as_hidden() {
    let mut model = reader(80, 24);
    press(&mut model, "x j x /");
    type_text(&mut model, "zebra");
    press(&mut model, "Enter");
    let said = status(&model);
    assert!(said.contains("2 marked, none of them shown"), "{said}");
}

#[test]
fn in_the_trash_the_way_out_of_it_is_among_the_first_hints() {
    let mut model = reader(80, 24);
    let effects = press(&mut model, "g T");
    let ticket = list_ticket(&effects);
    let mut rows = mailbox();
    rows.truncate(1);
    for row in &mut rows {
        row.folder = Folder::Trash;
        row.flags = Flags::default();
    }
    event(&mut model, all_rows(ticket, rows));
    assert!(draw(&model).contains("u undelete"), "{}", draw(&model));
}

#[test]
fn every_key_of_a_prefix_is_seen_on_a_small_terminal_and_what_is_cut_is_seen_to_be() {
    for (columns, rows) in [(40, 8), (40, 12), (60, 15), (80, 24)] {
        let mut model = reader(columns, rows);
        press(&mut model, "g");
        let screen = draw(&model);
        let scope = model.scope();
        let keys = [poppet::ui::chord::Chord::of(crate::fixtures::key_of("g"))];
        for (key, action) in model.keymap.continuations(scope, &keys) {
            let word: String = action.spec().hint.chars().take(4).collect();
            assert!(
                screen.contains(&format!("{key}  {word}")),
                "{key} {word}\n{screen}"
            );
        }
    }
    let mut model = reader(60, 15);
    press(&mut model, "g m");
    assert!(
        draw(&model)
            .lines()
            .take(5)
            .any(|line| line.trim_end().ends_with('…')),
        "{}",
        draw(&model)
    );
}

/// With the cursor on a message, as it is after a change, and the preview asked for.
fn previewed(change: impl Fn(&mut MessageSummary)) -> (Model, Vec<Effect>) {
    let mut model = reader(120, 40);
    model.list.select(MessageId(11));
    press(&mut model, "j k");
    let mut message = mailbox().swap_remove(9);
    change(&mut message);
    let messages = vec![message];
    let ticket = None;
    let mut effects = event(&mut model, Event::Changed { ticket, messages });
    let timer = Msg::Timer(Timer::Preview(MessageId(11)));
    effects.extend(update(&mut model, timer));
    (model, effects)
}

fn fetches(effects: &[Effect]) -> bool {
    let mut commands = commands(effects).into_iter();
    commands.any(|command| matches!(command, Command::Open { .. } | Command::Fetch { .. }))
}

#[test]
fn a_beginning_that_comes_in_while_the_list_is_shown_has_nothing_fetched() {
    let (model, effects) = previewed(|row| row.local = Local::Peeked);
    assert!(!fetches(&effects), "{effects:?}");
    let asked = commands(&effects);
    let preview = |command: &&Command| matches!(command, Command::Preview { .. });
    assert!(asked.iter().any(preview), "{asked:?}");
    assert!(matches!(model.screen, Screen::List));
}

#[test]
fn what_is_left_of_a_damaged_message_is_fetched_anew_by_opening_it_and_not_taken_for_read() {
    let (mut model, effects) = previewed(|row| {
        row.local = Local::Peeked;
        row.flags = Flags::default();
        row.octets = 5_000;
    });
    let asked = commands(&effects)
        .into_iter()
        .rev()
        .find_map(|command| match command {
            Command::Preview { ticket, .. } => Some(*ticket),
            _ => None,
        });
    let mut left = beginning(11, 76);
    left.partial = false;
    left.notes = vec!["What is here of this message is damaged.".to_owned()];
    let (ticket, body) = (asked.unwrap(), Arc::new(left));
    let effects = event(&mut model, Event::Opened { ticket, body });
    let reads = |effect: &Effect| matches!(effect, Effect::After(_, Timer::MarkRead(_)));
    assert!(!effects.iter().any(reads), "{effects:?}");
    let effects = press(&mut model, "Enter");
    assert!(fetches(&effects), "{effects:?}");
}

#[test]
fn undo_in_an_open_message_opens_no_other_one_that_would_have_to_be_fetched() {
    let mut model = on_the_server();
    press(&mut model, "q");
    model.list.select(MessageId(11));
    press(&mut model, "D d");
    model.list.select(MessageId(20));
    let effects = press(&mut model, "Enter");
    answer(&mut model, &effects, 20);
    let effects = press(&mut model, "z");
    assert!(!changes(&effects).is_empty());
    assert!(!fetches(&effects), "{effects:?}");
    assert_eq!(model.list.selected(), Some(MessageId(20)));
}

#[test]
fn what_a_rule_staged_is_not_staged_again_in_its_place_by_a_person() {
    let mut model = reader(80, 24);
    changed(&mut model, 20, |row| {
        row.server = Server::DeleteWanted;
        row.reason = Some(Reason::Rule);
    });
    press(&mut model, "g g");
    let effects = press(&mut model, "u");
    assert_eq!(changes(&effects), [(vec![20], Change::Undelete)]);
    let effects = press(&mut model, "z");
    let staged = |(_, change): &(Vec<i64>, Change)| matches!(change, Change::Delete(_));
    assert!(!changes(&effects).iter().any(staged), "{effects:?}");
}
