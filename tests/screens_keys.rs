//! What keys do: keys in, effects and screens out. No terminal, no engine, no clock.

#[path = "screens/fixtures.rs"]
#[allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "fixtures fail their test, and each test file uses a part of them"
)]
mod fixtures;

use fixtures::{
    NOON, account, answer, beginning, body, commands, draw, event, fresh, list_ticket, mailbox,
    message, open_ticket, paint, press, reader, reader_with, settings, type_text,
};
use poppet::bridge::{Command, Event, PendingDeletion, Phase, Progress, Sort, Ticket};
use poppet::mail::{
    Change, DeleteScope, Flags, Folder, Kind, Local, MessageId, Problem, Reason, Server, Timestamp,
};
use poppet::ui::{Effect, Model, Msg, Overlay, Screen, Timer, update};

fn selected(model: &Model) -> i64 {
    model.list.selected().map_or(-1, |id| id.0)
}

fn changes(effects: &[Effect]) -> Vec<(Vec<i64>, Change)> {
    commands(effects)
        .into_iter()
        .filter_map(|command| match command {
            Command::Change { changes, .. } => Some(changes),
            _ => None,
        })
        .flatten()
        .map(|(ids, change)| (ids.iter().map(|id| id.0).collect(), *change))
        .collect()
}

fn status(model: &Model) -> String {
    draw(model)
        .lines()
        .nth(usize::from(model.size.1) - 2)
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn the_start_asks_for_the_inbox_and_for_what_is_staged() {
    let (_, effects) = fresh(80, 24, settings());
    let commands = commands(&effects);
    assert!(
        matches!(commands[0], Command::List { request, .. } if request.folder == Some(Folder::Inbox))
    );
    assert!(matches!(commands[1], Command::Pending { .. }));
}

#[test]
fn the_cursor_stays_on_its_message_and_line_when_fifty_arrive_above() {
    let mut model = reader(80, 24);
    press(&mut model, "j j j");
    let line = |model: &Model| model.list.position() - model.list.top();
    let before = (selected(&model), line(&model));
    let mut new: Vec<_> = (100..150).map(message).collect();
    for row in &mut new {
        row.date = Timestamp(NOON.0 + row.id.0);
    }
    event(&mut model, Event::Arrived { messages: new });
    assert_eq!((selected(&model), line(&model)), before);
    assert_eq!(model.list.position(), 53);
}

#[test]
fn delete_takes_the_row_away_at_once_stages_it_and_can_be_undone() {
    let mut model = reader(80, 24);
    let effects = press(&mut model, "d");
    assert_eq!(
        changes(&effects),
        [(vec![20], Change::Delete(DeleteScope::Everywhere))]
    );
    assert_eq!(selected(&model), 19);
    assert!(!draw(&model).contains("retention policy delete…"));
    assert!(
        status(&model).contains("Deleted \"Re: [poppet] retention policy deletes t…\""),
        "{}",
        status(&model)
    );
    assert!(status(&model).ends_with("z undo"));
    assert_eq!(model.staged.len(), 3);

    let effects = press(&mut model, "z");
    assert_eq!(
        changes(&effects),
        [
            (vec![20], Change::Move(Folder::Inbox)),
            (vec![20], Change::Unstage)
        ]
    );
    assert_eq!(selected(&model), 20);
    assert_eq!(model.staged.len(), 2);
    assert!(status(&model).contains("Undone: Deleted"));

    let effects = press(&mut model, "Z");
    assert_eq!(
        changes(&effects),
        [(vec![20], Change::Delete(DeleteScope::Everywhere))]
    );
}

#[test]
fn a_refused_change_is_taken_back() {
    let mut model = reader(80, 24);
    let effects = press(&mut model, "e");
    let Some(Command::Change { ticket, .. }) = commands(&effects).first().copied() else {
        panic!("nothing was changed")
    };
    assert_eq!(selected(&model), 19);
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
    assert!(model.list.rows.row(MessageId(20)).is_some());
    assert!(status(&model).contains("The change was not stored"));
    assert!(press(&mut model, "z").is_empty());
}

#[test]
fn what_has_no_copy_here_is_deleted_only_after_a_question_whose_default_is_back() {
    let mut model = reader(80, 24);
    let effects = press(&mut model, "j d");
    assert!(changes(&effects).is_empty());
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::FlushInput))
    );
    assert!(
        draw(&model).contains("There is NO copy of it here"),
        "{}",
        draw(&model)
    );
    let effects = press(&mut model, "Enter");
    assert!(changes(&effects).is_empty(), "Enter alone does no harm");
    assert!(matches!(model.overlay, Overlay::None));

    let effects = press(&mut model, "d d");
    assert_eq!(
        changes(&effects),
        [(vec![19], Change::Delete(DeleteScope::Everywhere))]
    );
    let effects = press(&mut model, "z D +");
    assert!(
        commands(&effects).iter().any(
            |command| matches!(command, Command::Fetch { ids, .. } if *ids == [MessageId(19)])
        )
    );
}

#[test]
fn mashing_enter_never_deletes() {
    let mut model = reader(80, 24);
    let mut effects = Vec::new();
    for _ in 0..50 {
        effects.extend(press(&mut model, "j d Enter Enter"));
    }
    let lost = |ids: &[i64]| ids.iter().any(|id| [19, 11].contains(id));
    assert!(changes(&effects).iter().all(|(ids, _)| !lost(ids)));
    assert!(
        !commands(&effects)
            .iter()
            .any(|command| matches!(command, Command::Apply { .. }))
    );
}

#[test]
fn a_key_typed_before_the_list_was_painted_deletes_nothing() {
    let (mut model, effects) = fresh(80, 24, settings());
    let ticket = list_ticket(&effects);
    let typed = type_text(&mut model, "ddd");
    assert!(changes(&typed).is_empty());
    event(
        &mut model,
        Event::Rows {
            ticket,
            offset: 0,
            rows: mailbox(),
            total: 20,
            complete: true,
        },
    );
    let typed = type_text(&mut model, "dD#");
    assert!(changes(&typed).is_empty(), "{typed:?}");
    paint(&mut model);
    assert_eq!(changes(&type_text(&mut model, "d")).len(), 1);
}

#[test]
fn pasted_text_does_nothing_outside_a_text_field() {
    let mut model = reader(80, 24);
    let effects = update(&mut model, Msg::Paste("dddq\n$".to_owned()));
    assert!(commands(&effects).is_empty());
    assert_eq!(model.list.visible().len(), 20);
    press(&mut model, "/");
    let _ = update(&mut model, Msg::Paste("dinner".to_owned()));
    assert_eq!(model.list.visible().len(), 1);
}

#[test]
fn marks_are_counted_and_acted_on_but_not_those_that_are_hidden() {
    let mut model = reader(80, 24);
    press(&mut model, "x j x");
    assert_eq!(model.list.marks.len(), 2);
    assert!(
        status(&model).starts_with(" 2 marked"),
        "{}",
        status(&model)
    );
    press(&mut model, "/");
    type_text(&mut model, "résumé");
    press(&mut model, "Enter");
    assert!(
        status(&model).contains("1 marked 48K · 1 more not shown, left alone"),
        "{}",
        status(&model)
    );
    let effects = press(&mut model, "s");
    assert_eq!(changes(&effects), [(vec![18], Change::Starred(false))]);
    press(&mut model, "Esc");
    assert!(model.list.marks.is_empty());
}

#[test]
fn a_range_marks_what_lies_between() {
    let mut model = reader(80, 24);
    press(&mut model, "j V j j V");
    let mut marked: Vec<i64> = model.list.marks.iter().map(|id| id.0).collect();
    marked.sort_unstable();
    assert_eq!(marked, [17, 18, 19]);
    press(&mut model, "* n * u");
    assert_eq!(model.list.marks.len(), 3);
    press(&mut model, "* a");
    assert_eq!(model.list.marks.len(), 20);
}

#[test]
fn find_narrows_while_typing_and_esc_brings_cursor_and_window_back() {
    let mut model = reader(80, 24);
    press(&mut model, "G k");
    let before = (selected(&model), model.list.top());
    press(&mut model, "/");
    let effects = type_text(&mut model, "ada");
    assert_eq!(model.list.visible().len(), 2);
    assert_eq!(selected(&model), 20);
    let Some(Effect::After(_, timer)) = effects.last() else {
        panic!("no pause was asked for")
    };
    let effects = update(&mut model, Msg::Timer(*timer));
    let Command::List { ticket, request } = commands(&effects)[0] else {
        panic!("the index was not asked")
    };
    assert_eq!(request.query.source(), "ada*");
    let rows: Vec<_> = mailbox().into_iter().filter(|row| row.id.0 == 7).collect();
    event(
        &mut model,
        Event::Rows {
            ticket: *ticket,
            offset: 0,
            rows,
            total: 1,
            complete: true,
        },
    );
    assert_eq!(model.list.visible(), [MessageId(7)]);
    press(&mut model, "Esc");
    assert_eq!((selected(&model), model.list.top()), before);
    assert_eq!(model.list.visible().len(), 20);
}

#[test]
fn a_late_answer_to_an_older_search_is_dropped() {
    let mut model = reader(80, 24);
    press(&mut model, "/");
    let effects = type_text(&mut model, "ada");
    let Some(Effect::After(_, timer)) = effects.last() else {
        panic!("no pause")
    };
    let effects = update(&mut model, Msg::Timer(*timer));
    let ticket = list_ticket(&effects);
    type_text(&mut model, " zz");
    event(
        &mut model,
        Event::Rows {
            ticket,
            offset: 0,
            rows: mailbox(),
            total: 20,
            complete: true,
        },
    );
    assert_eq!(model.list.visible().len(), 0);
    let old = update(&mut model, Msg::Timer(*timer));
    assert!(commands(&old).is_empty());
}

#[test]
fn next_match_goes_round() {
    let mut model = reader(80, 24);
    press(&mut model, "/");
    type_text(&mut model, "grace");
    press(&mut model, "Enter Esc Home n");
    assert_eq!(selected(&model), 19);
    press(&mut model, "n");
    assert_eq!(selected(&model), 9);
    press(&mut model, "n");
    assert_eq!(selected(&model), 19);
    press(&mut model, "N");
    assert_eq!(selected(&model), 9);
}

#[test]
fn sorting_keeps_the_cursor_on_its_message() {
    let mut model = reader(80, 24);
    press(&mut model, "j j S z");
    assert_eq!(model.list.sort, Sort::Size);
    assert_eq!(model.list.visible()[0], MessageId(11));
    assert_eq!(selected(&model), 18);
    press(&mut model, "S z");
    assert!(model.list.reverse);
    assert_eq!(model.list.visible()[19], MessageId(11));
}

#[test]
fn opening_asks_for_the_message_at_the_width_there_is_and_reading_marks_it() {
    let mut model = reader(80, 24);
    let effects = press(&mut model, "Enter");
    assert!(matches!(model.screen, Screen::Reader));
    assert_eq!(open_ticket(&effects).1, 76);
    let effects = answer(&mut model, &effects, 20);
    let timer = effects.iter().find_map(|effect| match effect {
        Effect::After(after, timer @ Timer::MarkRead(_)) => Some((*after, *timer)),
        _ => None,
    });
    let (after, timer) = timer.unwrap();
    assert_eq!(after, std::time::Duration::from_secs(2));
    let effects = update(&mut model, Msg::Timer(timer));
    assert_eq!(changes(&effects), [(vec![20], Change::Seen(true))]);
    assert!(!model.history.can_undo(), "reading is no deed");
}

#[test]
fn a_message_left_before_its_time_stays_unread() {
    let mut model = reader(80, 24);
    let effects = press(&mut model, "Enter");
    answer(&mut model, &effects, 20);
    press(&mut model, "q");
    let effects = update(&mut model, Msg::Timer(Timer::MarkRead(MessageId(20))));
    assert!(changes(&effects).is_empty());
}

#[test]
fn a_late_answer_for_another_message_is_dropped() {
    let mut model = reader(80, 24);
    let first = press(&mut model, "Enter");
    let second = press(&mut model, "J J");
    answer(&mut model, &first, 20);
    assert!(model.reader.body().is_none());
    answer(&mut model, &second, 18);
    assert!(model.reader.body().is_some());
    assert!(draw(&model).contains("Fwd: Résumé"));
}

#[test]
fn space_reads_on_and_then_goes_to_the_next_unread() {
    let mut model = reader(80, 16);
    let effects = press(&mut model, "Enter");
    answer(&mut model, &effects, 20);
    press(&mut model, "Space");
    assert!(model.reader.scroll > 0);
    let place = model.reader.scroll;
    let mut effects = Vec::new();
    for _ in 0..9 {
        effects.extend(press(&mut model, "Space"));
        if selected(&model) != 20 {
            break;
        }
    }
    assert_eq!(selected(&model), 19);
    assert!(
        commands(&effects)
            .iter()
            .any(|command| matches!(command, Command::Open { id, .. } if id.0 == 19))
    );
    let effects = press(&mut model, "K");
    assert!(
        model.reader.scroll >= place,
        "the place in a message comes back"
    );
    assert!(commands(&effects).is_empty(), "its text is still here");
}

#[test]
fn quotations_fold_and_unfold() {
    let mut model = reader(80, 24);
    let effects = press(&mut model, "Enter");
    answer(&mut model, &effects, 20);
    assert!(draw(&model).contains("13 more quoted lines · T shows"));
    press(&mut model, "T");
    assert!(!draw(&model).contains("more quoted lines"));
}

#[test]
fn a_link_shows_where_it_leads_before_it_is_opened() {
    let mut model = reader(80, 24);
    let effects = press(&mut model, "Enter");
    answer(&mut model, &effects, 20);
    let effects = press(&mut model, "2");
    assert!(
        !effects
            .iter()
            .any(|effect| matches!(effect, Effect::OpenLink(_)))
    );
    let screen = draw(&model);
    assert!(
        screen.contains("http://192.0.2.7/login") && screen.contains("it names no host"),
        "{screen}"
    );
    let effects = press(&mut model, "Enter");
    assert!(
        !effects
            .iter()
            .any(|effect| matches!(effect, Effect::OpenLink(_))),
        "the default is back"
    );
    let effects = press(&mut model, "2 o");
    assert!(effects.iter().any(
        |effect| matches!(effect, Effect::OpenLink(target) if target == "http://192.0.2.7/login")
    ));
    let effects = press(&mut model, "1 Enter");
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::OpenLink(_))),
        "a harmless link opens"
    );
    press(&mut model, "7");
    assert!(
        status(&model).contains("There is no link 7 here"),
        "{}",
        status(&model)
    );
}

#[test]
fn an_attachment_is_saved_or_opened_by_the_engine() {
    let mut model = reader(80, 24);
    let effects = press(&mut model, "Enter");
    answer(&mut model, &effects, 20);
    let effects = press(&mut model, "A j Enter");
    let Command::Save {
        ticket,
        id,
        parts,
        folder,
    } = commands(&effects)[0]
    else {
        panic!("nothing was saved")
    };
    assert_eq!(
        (id.0, parts.as_slice(), folder),
        (20, [3].as_slice(), &None)
    );
    let files = vec![std::path::PathBuf::from("/private/plan.csv")];
    let effects = event(
        &mut model,
        Event::Saved {
            ticket: *ticket,
            files,
        },
    );
    assert!(matches!(&effects[..], [Effect::OpenFile(path)] if path.ends_with("plan.csv")));
    let effects = press(&mut model, "w");
    assert!(
        matches!(commands(&effects)[0], Command::Save { parts, folder: Some(_), .. } if parts.is_empty())
    );
}

#[test]
fn a_message_over_the_limit_is_peeked_at_and_going_back_changes_nothing() {
    let mut model = reader(80, 24);
    model.list.select(MessageId(11));
    let effects = press(&mut model, "Enter");
    assert!(matches!(model.screen, Screen::Peek(_)));
    let Command::Peek {
        ticket,
        lines,
        width,
        ..
    } = commands(&effects)[0]
    else {
        panic!("nothing was asked for")
    };
    assert_eq!(*lines, 20);
    let body = std::sync::Arc::new(beginning(11, *width));
    event(
        &mut model,
        Event::Opened {
            ticket: *ticket,
            body,
        },
    );
    let screen = draw(&model);
    assert!(screen.contains("the roses came out after all."), "{screen}");
    assert!(screen.contains("There is NO copy here: then it is gone"));
    assert!(matches!(
        commands(&press(&mut model, "m"))[0],
        Command::Peek { lines: 40, .. }
    ));
    assert!(commands(&press(&mut model, "Esc")).is_empty());
    assert!(matches!(model.screen, Screen::List));
}

#[test]
fn a_peek_ends_in_a_download_a_pin_or_a_question() {
    let mut model = reader(80, 24);
    model.list.select(MessageId(11));
    let effects = press(&mut model, "p Enter");
    assert!(matches!(
        commands(&effects).last(),
        Some(Command::Open {
            id: MessageId(11),
            ..
        })
    ));
    press(&mut model, "q");
    let effects = press(&mut model, "p L");
    assert_eq!(changes(&effects), [(vec![11], Change::Pinned(true))]);
    assert!(matches!(model.screen, Screen::List));
    let effects = press(&mut model, "p d");
    assert!(changes(&effects).is_empty());
    assert!(matches!(model.overlay, Overlay::Confirm(_)));
    let effects = press(&mut model, "d");
    assert_eq!(
        changes(&effects),
        [(vec![11], Change::Delete(DeleteScope::Everywhere))]
    );
    assert!(matches!(model.screen, Screen::List));
}

#[test]
fn the_preview_shows_what_is_here_and_downloads_nothing() {
    let mut model = reader(120, 40);
    let effects = update(&mut model, Msg::Timer(Timer::Preview(MessageId(20))));
    assert!(matches!(
        commands(&effects)[0],
        Command::Open {
            id: MessageId(20),
            ..
        }
    ));
    answer(&mut model, &effects, 20);
    assert!(draw(&model).contains("Agreed. Two things make it safe:"));
    press(&mut model, "j");
    let effects = update(&mut model, Msg::Timer(Timer::Preview(MessageId(19))));
    assert!(commands(&effects).is_empty());
    assert!(
        draw(&model).contains("Only the headers are here; the message (2.1M) is on the server.")
    );
}

#[test]
fn deleting_in_the_reader_goes_on_to_the_next_message() {
    let mut model = reader(80, 24);
    let effects = press(&mut model, "Enter");
    answer(&mut model, &effects, 20);
    let effects = press(&mut model, "e");
    assert_eq!(
        changes(&effects),
        [(vec![20], Change::Move(Folder::Archive))]
    );
    assert_eq!(selected(&model), 19);
    assert!(matches!(
        commands(&effects).last(),
        Some(Command::Open {
            id: MessageId(19),
            ..
        })
    ));
}

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
        status(&model).contains("u: nothing staged here · q goes back · z undoes"),
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
    assert!(line.ends_with("^c stop"), "{line}");
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

#[test]
fn a_hundred_thousand_rows_cost_nothing_per_key() {
    let (mut model, effects) = fresh(80, 24, settings());
    let ticket = list_ticket(&effects);
    let rows: Vec<_> = (1..=100_000).rev().map(message).collect();
    event(
        &mut model,
        Event::Rows {
            ticket,
            offset: 0,
            rows,
            total: 100_000,
            complete: true,
        },
    );
    paint(&mut model);
    let started = std::time::Instant::now();
    for _ in 0..1_000 {
        press(&mut model, "j");
    }
    // A frame and a key, unoptimised; a pass over all rows would take far longer.
    assert!(
        started.elapsed() < std::time::Duration::from_secs(10),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(model.list.position(), 1_000);
}

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
            total: 0,
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
            total: 21,
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
