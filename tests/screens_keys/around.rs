//! Places, prefixes, errors, work under way, and the way out.

use crate::fixtures::{account, commands, draw, event, fresh, message, press, reader, settings};
use crate::{changes, selected, status};
use poppet::bridge::{Command, Event, PendingDeletion, Phase, Progress, Ticket};
use poppet::mail::{Flags, Folder, Kind, Local, MessageId, Problem, Reason, Server, StagedDelete};
use poppet::ui::{Effect, Msg, Overlay, Screen, update};

#[test]
fn places_are_one_prefix_away_and_a_prefix_waits() {
    let mut model = reader(80, 24);
    press(&mut model, "g");
    assert!(matches!(model.overlay, Overlay::Prefix(_)));
    assert!(draw(&model).contains("T  trash here"));
    let effects = press(&mut model, "T");
    assert!(
        matches!(commands(&effects)[0], Command::List { request, .. } if request.folder == Some(Folder::Trash))
    );
    assert!(draw(&model).contains("Reading what is on this computer"));
    press(&mut model, "g Esc");
    assert!(matches!(model.overlay, Overlay::None));
    press(&mut model, "g E");
    assert!(matches!(model.screen, Screen::Errors(_)));
}

#[test]
fn a_dead_key_says_why() {
    let mut model = reader(80, 24);
    press(&mut model, "u");
    assert!(
        status(&model).contains("u: nothing is staged here; z undoes what was done"),
        "{}",
        status(&model)
    );
    press(&mut model, "z");
    assert!(status(&model).contains("z: nothing to undo"));
    press(&mut model, "X");
    assert!(status(&model).contains("X: no action here"));
}

#[test]
fn every_action_has_an_effect_or_a_reason_everywhere() {
    use poppet::ui::action::{ACTIONS, availability};
    for build in [
        || fresh(80, 24, settings()).0,
        || reader(80, 24),
        || reader(120, 40),
    ] {
        let model = build();
        for spec in ACTIONS {
            if let Err(reason) = availability(&model, spec.action) {
                assert!(!reason.is_empty(), "{}", spec.id);
            }
        }
    }
}

#[test]
fn errors_stay_until_they_are_looked_at() {
    let mut model = reader(80, 24);
    let problem = Problem::new(
        Kind::Network,
        "pop.example.net did not answer",
        "timed out after 30 s",
        "try ^r later",
    );
    event(
        &mut model,
        Event::Failed {
            ticket: None,
            account: None,
            problem,
        },
    );
    assert!(
        status(&model).contains("✗ 12:00 pop.example.net did not answer"),
        "{}",
        status(&model)
    );
    for n in 0..20 {
        press(&mut model, if n % 2 == 0 { "j" } else { "s" });
    }
    assert_eq!(model.log.unread(), 1);
    press(&mut model, "g E");
    assert!(draw(&model).contains("timed out after 30 s"));
    assert_eq!(model.log.unread(), 0);
    press(&mut model, "Esc g E");
    assert!(draw(&model).contains("timed out after 30 s"), "it stays");
}

#[test]
fn work_shows_how_far_it_is_and_can_be_stopped() {
    let mut model = reader(80, 24);
    let progress = Progress {
        account: account().account,
        phase: Phase::Summaries,
        done: 1_204,
        total: 4_182,
        octets: 0,
        octets_total: 0,
        elapsed: std::time::Duration::from_secs(29),
    };
    let _ = update(&mut model, Msg::Progress(vec![progress]));
    let line = status(&model);
    assert!(
        line.contains("Headers 1,204/4,182 ███░░░░░░░ 29% 42/s 71 s left"),
        "{line}"
    );
    assert!(line.ends_with("^c stop · 2 staged, $"), "{line}");
    let effects = press(&mut model, "^c");
    assert!(matches!(
        commands(&effects)[0],
        Command::Cancel { ticket: None }
    ));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Quit)));
}

#[test]
fn leaving_asks_only_when_something_waits() {
    let mut model = reader(80, 24);
    assert!(
        !press(&mut model, "q")
            .iter()
            .any(|effect| matches!(effect, Effect::Quit))
    );
    assert!(draw(&model).contains("2 staged deletions wait for the server"));
    assert!(
        press(&mut model, "q")
            .iter()
            .any(|effect| matches!(effect, Effect::Quit))
    );
    model.staged.clear();
    assert!(
        press(&mut model, "q")
            .iter()
            .any(|effect| matches!(effect, Effect::Quit))
    );
}

#[test]
fn fetching_alone_is_no_reason_to_ask_and_deleting_is() {
    let mut model = reader(80, 24);
    model.staged.clear();
    let at = |phase| {
        Msg::Progress(vec![Progress {
            account: account().account,
            phase,
            done: 1,
            total: 4_182,
            octets: 0,
            octets_total: 0,
            elapsed: std::time::Duration::from_secs(1),
        }])
    };
    let _ = update(&mut model, at(Phase::Bodies));
    let effects = press(&mut model, "q");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Quit)));
    let _ = update(&mut model, at(Phase::Deleting));
    let effects = press(&mut model, "q");
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Quit)));
    assert!(draw(&model).contains("Deletions are on their way to the server."));
}

#[test]
fn where_leaving_deletes_the_question_says_so() {
    let mut model = reader(80, 24);
    let mut state = account();
    state.retention.delete = StagedDelete::Quit;
    event(&mut model, Event::Account(Box::new(state)));
    press(&mut model, "q");
    let screen = draw(&model);
    assert!(
        screen.contains("Leaving deletes there") && screen.contains("what you staged in home"),
        "{screen}"
    );
    assert!(
        !screen.contains("nothing is deleted by leaving"),
        "{screen}"
    );
}

#[test]
fn what_is_staged_is_said_beside_anything_else_at_every_width() {
    for columns in 40..=130 {
        let mut model = reader(columns, 24);
        let mut seen = vec![status(&model)];
        model.say_done("Archived \"Re: compiler notes\" and very many others (2 messages)");
        seen.push(status(&model));
        model.refuse("d: nothing here to delete, because the cursor is on a date line today");
        seen.push(status(&model));
        press(&mut model, "x");
        seen.push(status(&model));
        press(&mut model, "Esc Enter");
        seen.push(status(&model));
        press(&mut model, "q g m");
        seen.push(status(&model));
        for line in seen {
            assert!(line.contains("2 staged"), "{columns}: {line}");
            assert!(line.contains('$'), "{columns}: {line}");
        }
    }
}

#[test]
fn esc_and_a_single_interrupt_never_leave() {
    let mut model = reader(80, 24);
    model.staged.clear();
    let effects = press(&mut model, "Esc Esc Esc ^c");
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Quit)));
    assert!(
        press(&mut model, "^c")
            .iter()
            .any(|effect| matches!(effect, Effect::Quit))
    );
}

#[test]
fn a_small_terminal_says_what_it_needs_and_can_be_left() {
    let mut model = reader(80, 24);
    model.staged.clear();
    let _ = update(&mut model, Msg::Resize(30, 6));
    assert!(draw(&model).contains("need 40x8, have 30x6"));
    assert!(changes(&press(&mut model, "d")).is_empty());
    assert!(
        press(&mut model, "q")
            .iter()
            .any(|effect| matches!(effect, Effect::Quit))
    );
    let _ = update(&mut model, Msg::Resize(80, 24));
    assert_eq!(selected(&model), 20);
}

#[test]
fn rows_that_were_merged_into_others_leave() {
    let mut model = reader(80, 24);
    event(
        &mut model,
        Event::Merged {
            ids: vec![MessageId(20), MessageId(16)],
        },
    );
    assert_eq!(model.list.visible().len(), 18);
    assert_eq!(selected(&model), 19);
    assert_eq!(model.staged.len(), 1);
}

#[test]
fn new_mail_tells_only_when_nobody_looks() {
    let mut model = reader(80, 24);
    let arrive = |id| Event::Arrived {
        messages: vec![message(id)],
    };
    assert!(
        !event(&mut model, arrive(50))
            .iter()
            .any(|effect| matches!(effect, Effect::Notify(_)))
    );
    let _ = update(&mut model, Msg::Focus(false));
    model.new = 0;
    let effects = event(&mut model, arrive(51));
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Notify(1)))
    );
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::SetTitle(title) if title == "poppet 5 new"))
    );
}

#[test]
fn the_staged_count_follows_the_engine() {
    let mut model = reader(80, 24);
    let deletions = vec![PendingDeletion {
        message: message(900),
        reason: Reason::Rule,
        stored: true,
        failure: None,
    }];
    event(
        &mut model,
        Event::Pending {
            ticket: Ticket::new(),
            deletions,
        },
    );
    assert_eq!(model.staged.len(), 1);
    let mut row = message(20);
    row.server = Server::DeleteWanted;
    row.flags = row.flags.with(Flags::SEEN, true);
    row.local = Local::Full;
    event(
        &mut model,
        Event::Changed {
            ticket: None,
            messages: vec![row],
        },
    );
    assert_eq!(model.staged.len(), 2);
}
