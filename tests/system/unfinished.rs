//! What was not finished, by a death or by a disk: nothing is done on the server that is not noted here before, and what was
//! noted is settled by the next listing (F1, F3, F5, F13); and the order of the list under a wrong clock (F17).

use poppet::demo::Removal;
use poppet::mail::Server as Copy;
use rustix::process::Signal;

use crate::cases::{Tally, each};
use crate::house::{Errand, House, Scene};
use crate::kill::steps_of;
use crate::oracle::{Verdict, ended_well, held, nothing_lost};
use crate::support::faults::{Calls, Failing, Failure, Faults, Kind};
use crate::support::score::stride;

#[test]
fn f1_f13_a_deletion_that_ends_at_any_step_is_noted_before_quit_and_settled_by_the_next_listing() {
    let scene = Scene::new(Errand::Apply);
    let Some(steps) = steps_of(&scene) else {
        return;
    };
    let cases: Vec<(u32, Signal)> = (1..=steps)
        .flat_map(|step| [Signal::KILL, Signal::TERM].map(|signal| (step, signal)))
        .step_by(stride(11))
        .collect();
    let name = |(step, signal): &(u32, Signal)| format!("step {step}, {signal:?}");
    let tally = each(&cases, name, |(step, signal)| {
        let house = scene.house();
        let faults = Faults {
            signal: Some((*step, signal.as_raw())),
            ..house.faults()
        };
        house.run(&scene.command, Some(&faults));
        noted(&house)?;
        settled(&house)
    });
    tally.say("deletions ended at every step, noted before QUIT and settled");
}

#[test]
fn f3_f5_what_cannot_be_written_down_is_not_done_on_the_server() {
    let mut tally = Tally::default();
    for errand in [Errand::Apply, Errand::Fetch] {
        let scene = Scene::new(errand);
        for (calls, error) in [(Calls::Write, Failure::NoSpace), (Calls::Sync, Failure::Io)] {
            let Some(count) = count(&scene, calls) else {
                return;
            };
            let share = if calls == Calls::Write { 11 } else { 3 };
            let cases: Vec<u32> = (1..=count).step_by(stride(share)).collect();
            let name = |at: &u32| format!("{}, {calls:?} {at}, {error:?}", errand.name());
            tally.join(each(&cases, name, |at| failed(&scene, calls, error, *at)));
        }
    }
    tally.say("what cannot be written down is not done on the server");
}

/// From this call on nothing can be written, or nothing reaches the disk.
fn failed(scene: &Scene, calls: Calls, error: Failure, at: u32) -> Verdict {
    let house = scene.house();
    let ran = house.run(&scene.command, Some(&failing(&house, calls, error, at)));
    ended_well(&ran)?;
    if scene.errand == Errand::Apply {
        noted(&house)?;
        return settled(&house);
    }
    house.settle();
    let commands = house.server.maildrop().commands();
    let retrieved = commands.iter().filter(|line| line.starts_with("RETR "));
    let quits = commands.iter().any(|line| line == "QUIT");
    let stored = held(&house).map_or(0, |held| held.full.len());
    if quits && retrieved.count() > stored {
        return Err("QUIT, and what was retrieved is not stored".to_owned());
    }
    let again = house.run("sync", None);
    if again.code != Some(0) {
        return Err(format!("the next session: {}", again.error));
    }
    nothing_lost(&house)
}

#[test]
fn f3_f5_a_wish_that_cannot_be_written_down_deletes_nothing() {
    let scene = Scene::new(Errand::Stage);
    for (calls, error) in [
        (Calls::Write, Failure::NoSpace),
        (Calls::Write, Failure::Io),
        (Calls::Sync, Failure::Io),
    ] {
        if count(&scene, calls).is_none() {
            return;
        }
        let house = scene.house();
        let ran = house.run(&scene.command, Some(&failing(&house, calls, error, 1)));
        ended_well(&ran).unwrap();
        assert_eq!(ran.code, Some(5), "{error:?}: {}", ran.text);
        let rows = held(&house).unwrap().rows;
        let staged = rows.iter().filter(|row| row.server == Copy::DeleteWanted);
        let staged = staged.count();
        // Where only the disk did not say that it has it, it may be there all the same.
        assert!(staged == 0 || calls == Calls::Sync, "{error:?}: {staged}");
        house.run("apply --yes", None);
        house.settle();
        let deles = house.server.maildrop().commands();
        let deles = deles.iter().filter(|line| line.starts_with("DELE "));
        assert_eq!(deles.count(), staged, "{error:?}");
    }
}

fn failing(house: &House<'_>, calls: Calls, error: Failure, at: u32) -> Faults {
    let failing = Failing {
        calls,
        at,
        error,
        for_good: true,
    };
    Faults {
        failing: Some(failing),
        ..house.faults()
    }
}

/// So many calls of this class there are in the session; `None` where no call can be made to fail.
fn count(scene: &Scene, calls: Calls) -> Option<u32> {
    let house = scene.house();
    let faults = failing(&house, calls, Failure::Io, u32::MAX);
    if !faults.put_before(&mut house.command("").0, &house.path.join("report")) {
        return None;
    }
    let ran = house.run(&scene.command, Some(&faults));
    assert_eq!(ran.code, Some(0), "{}", ran.error);
    let end = ran.report.iter().find(|entry| entry.kind == Kind::Ended);
    Some(end.expect("the end of the report").amount as u32)
}

/// What has gone on the server was noted to go before QUIT, and without QUIT nothing has gone.
fn noted(house: &House<'_>) -> Verdict {
    house.settle();
    let maildrop = house.server.maildrop();
    let gone = gone(house);
    let quits = maildrop.commands().iter().any(|line| line == "QUIT");
    if !quits && !gone.is_empty() {
        return Err(format!("{} gone without QUIT", gone.len()));
    }
    for row in held(house)?.rows {
        let uidl = row.remote.as_bytes();
        if !house.scene.may_go.iter().any(|may_go| may_go == uidl) {
            continue;
        }
        let fits = if gone.iter().any(|gone| gone == uidl) {
            matches!(row.server, Copy::Unconfirmed | Copy::Deleted)
        } else {
            matches!(row.server, Copy::DeleteWanted | Copy::Unconfirmed)
        };
        if !fits {
            return Err(format!("{:?} is {:?}", row.subject, row.server));
        }
        if quits && row.server == Copy::DeleteWanted {
            return Err(format!("QUIT, and {:?} was not noted", row.subject));
        }
    }
    Ok(())
}

/// The next listing decides, retrieves nothing again, and what is still wanted is deleted then: that, and nothing else.
fn settled(house: &House<'_>) -> Verdict {
    let maildrop = house.server.maildrop();
    let before = maildrop.commands().len();
    let synced = house.run("sync", None);
    if synced.code != Some(0) {
        return Err(format!("the next session: {}", synced.error));
    }
    house.settle();
    let commands = maildrop.commands();
    if commands[before..]
        .iter()
        .any(|line| line.starts_with("RETR "))
    {
        return Err("retrieved again".to_owned());
    }
    let after = gone(house);
    for row in held(house)?.rows {
        let uidl = row.remote.as_bytes();
        let wanted = house.scene.may_go.iter().any(|may_go| may_go == uidl);
        let there = !after.iter().any(|gone| gone == uidl);
        let expected = match (wanted, there) {
            (false, _) => Copy::Present,
            (true, true) => Copy::DeleteWanted,
            (true, false) => Copy::Deleted,
        };
        if row.server != expected {
            return Err(format!("{:?} is {:?}", row.subject, row.server));
        }
    }
    let applied = house.run("apply --yes", None);
    if !matches!(applied.code, Some(0 | 1)) {
        return Err(format!("applying again: {}", applied.error));
    }
    house.settle();
    let mut gone = gone(house);
    gone.sort();
    let mut may_go = house.scene.may_go.clone();
    may_go.sort();
    if gone != may_go {
        return Err(format!("{} gone of {}", gone.len(), may_go.len()));
    }
    nothing_lost(house)
}

/// Unique-ids of what was deleted.
fn gone(house: &House<'_>) -> Vec<Vec<u8>> {
    let removed = house.server.maildrop().removed();
    let deleted = removed
        .into_iter()
        .filter(|removed| matches!(removed.by, Removal::Deleted(_)));
    deleted.map(|removed| removed.uidl).collect()
}

#[test]
fn f17_the_list_has_the_same_order_whatever_the_clock_says() {
    const DECADE: i64 = 10 * 365 * 86_400;
    let scene = Scene::new(Errand::Fetch);
    if steps_of(&scene).is_none() {
        return;
    }
    let order = |house: &House<'_>, clock: Option<i64>| -> Vec<String> {
        let faults = clock.map(|seconds| Faults {
            clock: Some((seconds, 0)),
            ..house.faults()
        });
        let ran = house.run("list --json", faults.as_ref());
        assert_eq!(ran.code, Some(0), "{}", ran.error);
        let subject = |line: &str| {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            row["subject"].as_str().unwrap().to_owned()
        };
        ran.text.lines().map(subject).collect()
    };
    let right = scene.house();
    assert_eq!(right.run("sync", None).code, Some(0));
    let expected = order(&right, None);
    assert_eq!(expected.len(), 6);
    for seconds in [DECADE, -DECADE, 3_600, -3_600, 40, -40] {
        assert_eq!(order(&right, Some(seconds)), expected, "{seconds}");
        // Fetched by a wrong clock, and looked at by a right one.
        let house = scene.house();
        let faults = Faults {
            clock: Some((seconds, 0)),
            ..house.faults()
        };
        assert_eq!(house.run("sync", Some(&faults)).code, Some(0));
        assert_eq!(order(&house, Some(seconds)), expected, "{seconds}");
        assert_eq!(order(&house, None), expected, "{seconds}");
    }
}
