use poppet::bridge::{Command, Event, PendingDeletion, Ticket};
use poppet::mail::{
    Brake, Change, Keep, Kind, MessageId, MessageSummary, Problem, Reason, RulesDelete, Server,
};
use poppet::ui::{Effect, Model, Msg, Screen, update};

use super::fixtures::*;

fn staged(id: i64, from: &str, subject: &str, stored: bool, reason: Reason) -> PendingDeletion {
    let mut message = message(id);
    from.clone_into(&mut message.from.name);
    subject.clone_into(&mut message.subject);
    message.server = Server::DeleteWanted;
    message.reason = Some(reason);
    PendingDeletion {
        message,
        reason,
        stored,
        failure: None,
    }
}

fn five() -> Vec<PendingDeletion> {
    vec![
        staged(
            16,
            "Newsletter Weekly",
            "Weekly digest #341",
            true,
            Reason::You,
        ),
        staged(
            15,
            "Shop of Things",
            "Last chance: everything must go",
            true,
            Reason::You,
        ),
        staged(
            9,
            "Grace Hopper",
            "来週の会議について、スライドと議事録を送ります",
            true,
            Reason::Rule,
        ),
        staged(13, "Ken Thompson", "Dinner on Sunday?", true, Reason::You),
        staged(
            10,
            "GitHub",
            "[poppet/poppet] nightly failed",
            false,
            Reason::You,
        ),
    ]
}

fn pending(effects: &[Effect]) -> Option<Ticket> {
    commands(effects)
        .into_iter()
        .rev()
        .find_map(|command| match command {
            Command::Pending { ticket } => Some(*ticket),
            _ => None,
        })
}

fn review(columns: u16, rows: u16, deletions: Vec<PendingDeletion>) -> Model {
    let mut model = reader(columns, rows);
    let effects = press(&mut model, "$");
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::FlushInput))
    );
    let ticket = pending(&effects);
    assert!(ticket.is_some(), "what is staged was asked for");
    let ticket = ticket.unwrap_or_default();
    let effects = event(&mut model, Event::Pending { ticket, deletions });
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::FlushInput))
    );
    paint(&mut model);
    model
}

type Applied = (Ticket, Vec<i64>, Vec<i64>);

fn applied(effects: &[Effect]) -> Option<Applied> {
    let numbers = |ids: &[MessageId]| ids.iter().map(|id| id.0).collect::<Vec<_>>();
    commands(effects)
        .into_iter()
        .find_map(|command| match command {
            Command::Apply {
                ticket,
                ids,
                without_copy,
            } => Some((*ticket, numbers(ids), numbers(without_copy))),
            _ => None,
        })
}

#[test]
fn nothing_offers_to_delete_the_safe_ones_where_none_is_safe() {
    let lost = vec![five().remove(4)];
    let text = draw(&review(80, 24, lost));
    assert!(text.contains("[ Back ]  [ Delete it ]"), "{text}");
    assert!(text.contains("[ Delete it ] is off: "), "{text}");
    let two = vec![five().remove(3), five().remove(4)];
    let text = draw(&review(80, 24, two));
    assert!(text.contains("[ Do the safe one ]  [ Do all 2 ]"), "{text}");
}

#[test]
fn every_deletion_is_listed_with_its_reason_and_its_copy() {
    let text = draw(&review(80, 24, five()));
    assert!(
        text.contains("Review: 5 deletions wait for your word"),
        "{text}"
    );
    assert!(text.contains("nothing has happened yet"), "{text}");
    assert_eq!(text.matches("copy here, checked").count(), 4, "{text}");
    assert_eq!(text.matches("NO COPY HERE").count(), 1, "{text}");
    assert!(text.contains("rule  copy here"), "{text}");
    assert!(
        text.contains("[ Back ]  [ Do the 4 safe ones ]  [ Do all 5 ]"),
        "{text}"
    );
    assert!(
        text.contains("[ Do all 5 ] is off: 1 without a copy") || text.contains("allow it anyway"),
        "{text}"
    );
}

#[test]
fn what_the_server_holds_afterwards_is_told_where_it_makes_a_difference() {
    let mut model = review(120, 40, five());
    model.accounts[0].octets = 100_000;
    assert!(draw(&model).contains("After all of this the server holds: "));
    model.accounts[0].octets = 60_000_000_000;
    assert!(!draw(&model).contains("After all of this"));
}

#[test]
fn a_message_without_a_subject_says_so() {
    let nameless = staged(16, "Dad", " ", true, Reason::You);
    let text = draw(&review(80, 24, vec![nameless]));
    assert!(text.contains("Dad                (no subject)"), "{text}");
}

#[test]
fn mashing_enter_deletes_nothing() {
    let mut model = reader(80, 24);
    let mut effects = press(&mut model, "$");
    let ticket = pending(&effects).unwrap();
    for _ in 0..10 {
        effects.extend(press(&mut model, "Enter"));
    }
    effects.extend(event(
        &mut model,
        Event::Pending {
            ticket,
            deletions: five(),
        },
    ));
    for _ in 0..50 {
        effects.extend(press(&mut model, "Enter"));
    }
    assert_eq!(applied(&effects), None);
    let mut model = review(80, 24, five());
    let effects = press(&mut model, "Enter Enter Enter");
    assert_eq!(applied(&effects), None);
    assert!(!matches!(model.screen, Screen::Review(_)));
}

#[test]
fn the_safe_ones_are_exactly_those_with_a_copy() {
    let mut model = review(80, 24, five());
    let effects = press(&mut model, "Tab Enter");
    let (_, ids, lost) = applied(&effects).expect("applied");
    assert_eq!((ids, lost), (vec![16, 15, 9, 13], vec![]));
    // While it is being done nothing can be asked twice.
    assert_eq!(applied(&press(&mut model, "Tab Enter Tab Enter")), None);
}

#[test]
fn all_of_them_takes_typing_how_many_are_lost() {
    let mut model = review(80, 24, five());
    assert_eq!(applied(&press(&mut model, "Tab Tab Enter")), None);
    assert!(
        draw(&model).contains("That is off: 1 without a copy"),
        "{}",
        draw(&model)
    );
    assert_eq!(applied(&press(&mut model, "2 Enter")), None);
    let effects = press(&mut model, "Backspace 1 Enter");
    let (_, ids, lost) = applied(&effects).expect("applied");
    assert_eq!((ids, lost), (vec![16, 15, 9, 13, 10], vec![10]));
}

#[test]
fn a_list_that_changed_takes_back_what_was_typed_and_chosen() {
    let mut model = review(80, 24, five());
    press(&mut model, "Tab Tab 1");
    let mut rows = five();
    let changed: Vec<MessageSummary> = rows.iter().map(|row| row.message.clone()).collect();
    let effects = event(
        &mut model,
        Event::Changed {
            ticket: None,
            messages: changed,
        },
    );
    let ticket = pending(&effects).expect("asked again");
    rows.push(staged(3, "Mum", "recipe", false, Reason::You));
    drop(event(
        &mut model,
        Event::Pending {
            ticket,
            deletions: rows,
        },
    ));
    assert_eq!(applied(&press(&mut model, "Enter")), None);
    assert!(!matches!(model.screen, Screen::Review(_)), "Enter was Back");
}

#[test]
fn downloading_first_makes_all_of_them_safe() {
    let mut model = review(80, 24, five());
    let effects = press(&mut model, "+");
    let fetched = commands(&effects)
        .into_iter()
        .find_map(|command| match command {
            Command::Fetch { ticket, ids } => Some((*ticket, ids.clone())),
            _ => None,
        });
    let (ticket, ids) = fetched.expect("fetched");
    assert_eq!(ids, [MessageId(10)]);
    let effects = event(&mut model, Event::Done { ticket });
    let mut rows = five();
    for row in &mut rows {
        row.stored = true;
    }
    let ticket = pending(&effects).expect("asked again");
    drop(event(
        &mut model,
        Event::Pending {
            ticket,
            deletions: rows,
        },
    ));
    assert!(
        draw(&model).contains("[ Back ]  [ Do all 5 ]"),
        "{}",
        draw(&model)
    );
    let (_, ids, lost) = applied(&press(&mut model, "Tab Enter")).expect("applied");
    assert_eq!((ids.len(), lost.len()), (5, 0));
}

#[test]
fn one_taken_off_the_list_is_unstaged_and_not_applied() {
    let mut model = review(80, 24, five());
    let effects = press(&mut model, "G u");
    let changes = commands(&effects)
        .into_iter()
        .find_map(|command| match command {
            Command::Change { changes, .. } => Some(changes.clone()),
            _ => None,
        });
    assert_eq!(changes, Some(vec![(vec![MessageId(10)], Change::Unstage)]));
    let (_, ids, _) = applied(&press(&mut model, "Tab Enter")).expect("applied");
    assert_eq!(ids, [16, 15, 9, 13]);
}

#[test]
fn the_result_names_what_was_refused_and_what_is_unconfirmed() {
    let mut model = review(80, 24, five());
    let (ticket, ..) = applied(&press(&mut model, "Tab Enter")).expect("applied");
    event(
        &mut model,
        Event::Applied {
            ticket,
            deleted: vec![MessageId(16), MessageId(15)],
            unconfirmed: vec![MessageId(9)],
            refused: vec![(MessageId(13), "another message has its UIDL".to_owned())],
        },
    );
    let text = draw(&model);
    assert!(
        text.contains("✓ 2 messages deleted on the server, 14K freed."),
        "{text}"
    );
    assert!(text.contains("! 1 message unconfirmed"), "{text}");
    assert!(
        text.contains("Dinner on Sunday? · another message has its UIDL"),
        "{text}"
    );
    press(&mut model, "Enter");
    assert!(matches!(model.screen, Screen::List));
}

/// A review of five, one of them staged by the account's rule, after all with a copy were deleted.
fn reviewed(columns: u16, rows: u16) -> Model {
    let mut model = review(columns, rows, five());
    event(
        &mut model,
        Event::Account(Box::new(super::rules::ruled(Keep::Days(30)))),
    );
    let asked = applied(&press(&mut model, "Tab Enter"));
    assert!(asked.is_some(), "nothing is applied");
    let (ticket, deleted, _) = asked.unwrap_or_default();
    event(
        &mut model,
        Event::Applied {
            ticket,
            deleted: deleted.into_iter().map(MessageId).collect(),
            unconfirmed: Vec::new(),
            refused: Vec::new(),
        },
    );
    paint(&mut model);
    model
}

#[test]
fn a_review_of_what_a_rule_staged_offers_to_let_it_run() {
    let mut model = reviewed(80, 24);
    insta::assert_snapshot!(draw(&model));
    let effects = press(&mut model, "Tab Enter");
    let ticket = commands(&effects)
        .into_iter()
        .find_map(|command| match command {
            Command::LetRulesRun { ticket, account } if *account == home() => Some(*ticket),
            _ => None,
        });
    let ticket = ticket.expect("it is let run");
    let mut state = super::rules::ruled(Keep::Days(30));
    state.retention.rules_delete = RulesDelete::Auto;
    event(&mut model, Event::Account(Box::new(state)));
    event(&mut model, Event::Done { ticket });
    let screen = draw(&model);
    assert!(
        screen.contains("The rule of home deletes by itself from now on."),
        "{screen}"
    );
    assert!(!screen.contains("without asking"), "{screen}");
}

#[test]
fn a_rule_is_never_let_run_by_enter_alone_nor_where_no_rule_was_reviewed() {
    let mut model = reviewed(80, 24);
    let effects = press(&mut model, "Enter Enter Enter");
    assert!(
        !commands(&effects)
            .iter()
            .any(|command| matches!(command, Command::LetRulesRun { .. } | Command::Apply { .. }))
    );
    let mut own = five();
    own.retain(|entry| entry.reason == Reason::You && entry.stored);
    let mut model = review(80, 24, own);
    let (ticket, deleted, _) = applied(&press(&mut model, "Tab Enter")).unwrap();
    event(
        &mut model,
        Event::Applied {
            ticket,
            deleted: deleted.into_iter().map(MessageId).collect(),
            unconfirmed: Vec::new(),
            refused: Vec::new(),
        },
    );
    assert!(!draw(&model).contains("without asking"));
}

#[test]
fn a_rule_that_could_not_be_let_run_says_why_and_can_be_again() {
    let mut model = reviewed(80, 24);
    let effects = press(&mut model, "Tab Enter");
    let ticket = commands(&effects)
        .into_iter()
        .find_map(|command| match command {
            Command::LetRulesRun { ticket, .. } => Some(*ticket),
            _ => None,
        });
    let problem = Problem::new(
        Kind::Config,
        "config.toml cannot be written",
        "the disk is full",
        "Make room.",
    );
    event(
        &mut model,
        Event::Failed {
            ticket,
            account: None,
            problem,
        },
    );
    let screen = draw(&model);
    assert!(screen.contains("the disk is full"), "{screen}");
    assert!(
        screen.contains("[ From now on without asking ]"),
        "{screen}"
    );
}

#[test]
fn a_failure_is_shown_and_what_is_staged_is_read_again() {
    let mut model = review(80, 24, five());
    let (ticket, ..) = applied(&press(&mut model, "Tab Enter")).expect("applied");
    let problem = Problem::new(
        Kind::Network,
        "Cannot delete",
        "the connection was lost",
        "Try again.",
    );
    let effects = event(
        &mut model,
        Event::Failed {
            ticket: Some(ticket),
            account: Some(home()),
            problem,
        },
    );
    assert!(pending(&effects).is_some());
    assert!(
        draw(&model).contains("Cannot delete: the connection was lost"),
        "{}",
        draw(&model)
    );
}

#[test]
fn the_brake_stops_everything_until_its_number_is_typed() {
    let mut model = review(80, 24, five());
    let mut state = account();
    state.brake = Some(Brake::Vanished { gone: 61, of: 412 });
    event(&mut model, Event::Account(Box::new(state)));
    let text = draw(&model);
    assert!(text.contains("61 of 412 known messages are gone"), "{text}");
    assert!(
        text.contains("[ Back ]  [ Release the brake ]") && !text.contains("Do all"),
        "{text}"
    );
    let effects = press(&mut model, "Tab Enter");
    assert!(commands(&effects).is_empty(), "{effects:?}");
    let effects = press(&mut model, "6 1 Enter");
    assert!(
        matches!(commands(&effects)[..], [Command::ReleaseBrake { .. }]),
        "{effects:?}"
    );
}

#[test]
fn nothing_staged_says_so() {
    let text = draw(&review(80, 24, Vec::new()));
    assert!(
        text.contains("Review: nothing is staged") && text.contains("[ Back ]"),
        "{text}"
    );
}

#[test]
fn the_review_fits_the_smallest_terminal_and_any_other() {
    let text = draw(&review(40, 12, five()));
    assert!(
        text.contains("[ Back ]  [ Do 4 safe ]  [ All 5 ]"),
        "{text}"
    );
    assert!(
        text.contains("1 without a copy: gone for good") && text.contains("typing 1: [____]"),
        "{text}"
    );
    let mut model = review(80, 24, five());
    for columns in [1, 39, 40, 60, 79, 120, 300] {
        for rows in [1, 7, 8, 12, 40, 100] {
            drop(update(&mut model, Msg::Resize(columns, rows)));
            assert!(
                draw(&model)
                    .lines()
                    .all(|line| poppet::mail::text::width(line) <= columns.into())
            );
        }
    }
}
