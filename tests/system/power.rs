//! The power goes (F2): of what was not synced, any part is on the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use poppet::mail::Server as Copy;

use crate::cases::{Tally, each};
use crate::house::{ERRANDS, Errand, House, Letter, Scene};
use crate::kill::{goes_on, recovers};
use crate::oracle::{Verdict, held};
use crate::support::faults::disk::{Chance, Disk, write};
use crate::support::faults::{Entry, Faults, Kind};
use crate::support::score::{score, stride};

/// What the disk and the server may be like after the power went.
pub(crate) struct Case {
    pub(crate) step: u32,
    pub(crate) seed: u64,
    image: BTreeMap<PathBuf, Option<Vec<u8>>>,
    promise: Promise,
    /// Whether a session follows, after the store was looked at.
    again: bool,
}

/// What must be in every image from a step on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Promise {
    /// Messages whose DELE has been sent, or that a server which deletes at RETR may have dropped.
    stored: BTreeSet<usize>,
    /// Messages that the server may not have any more.
    gone: BTreeSet<usize>,
    /// It was said that two deletions are staged.
    staged: bool,
    /// It was said that everything is done.
    done: bool,
}

#[test]
fn f2_i1_whatever_the_disk_had_when_the_power_went_nothing_is_lost() {
    let mut tally = Tally::default();
    for errand in ERRANDS {
        let scene = Scene::new(errand);
        let Some((disk, report)) = recorded(&scene) else {
            return;
        };
        let cases = cases(errand, disk, &report);
        let name =
            |case: &Case| format!("{}, step {}, seed {}", errand.name(), case.step, case.seed);
        tally.join(each(&cases, name, |case| restarted(&scene, case)));
    }
    tally.say("power loss images");
}

#[test]
fn f2_a_disk_that_keeps_nothing_although_it_is_told_to_would_be_noticed() {
    let scene = Scene::new(Errand::Rule);
    let Some((disk, mut report)) = recorded(&scene) else {
        return;
    };
    report.retain(|entry| entry.kind != Kind::Sync);
    let cases = cases(Errand::Rule, disk, &report);
    let tally = each(&cases, |_| String::new(), |case| restarted(&scene, case));
    assert!(tally.passed < tally.total);
}

#[test]
fn f2_every_change_of_the_store_is_seen_by_the_test() {
    let mut seen = 0;
    for errand in ERRANDS {
        let scene = Scene::new(errand);
        let house = scene.house();
        let faults = Faults {
            octets: true,
            ..house.faults()
        };
        let mut disk = Disk::of(&house.data());
        if !faults.put_before(&mut house.command("").0, &house.path.join("report")) {
            return;
        }
        let ran = house.run(&scene.command, Some(&faults));
        assert_eq!(ran.code, Some(0), "{}", ran.error);
        for entry in &ran.report {
            disk.follow(entry);
        }
        let image = disk.image(&mut Chance::new(1));
        let real = Disk::of(&house.data()).image(&mut Chance::new(1));
        assert!(image == real, "{}: a change was not seen", errand.name());
        seen += 1;
    }
    score(
        "changes of the store seen by the test",
        seen,
        ERRANDS.len(),
        "-",
    );
}

/// The data folder before the session, and what the session did.
fn recorded(scene: &Scene) -> Option<(Disk, Vec<Entry>)> {
    let house = scene.house();
    let faults = Faults {
        octets: true,
        ..house.faults()
    };
    let disk = Disk::of(&house.data());
    if !faults.put_before(&mut house.command("").0, &house.path.join("report")) {
        return None;
    }
    let ran = house.run(&scene.command, Some(&faults));
    assert_eq!(ran.code, Some(0), "{}", ran.error);
    Some((disk, ran.report))
}

fn cases(errand: Errand, mut disk: Disk, report: &[Entry]) -> Vec<Case> {
    let mut promise = Promise::default();
    let mut commands = Vec::new();
    let mut cases = Vec::new();
    let mut seed = 2;
    let thin = stride(16);
    for entry in report {
        disk.follow(entry);
        if entry.kind == Kind::Send {
            hear(errand, entry, &mut commands, &mut promise);
        }
        if !matches!(
            entry.kind,
            Kind::Write
                | Kind::Sync
                | Kind::SyncFailed
                | Kind::Truncate
                | Kind::Unlink
                | Kind::MakeFolder
                | Kind::Send
        ) {
            continue;
        }
        let images = if disk.is_settled() { 1 } else { IMAGES };
        for image in 0..images {
            seed += 1;
            if seed % thin as u64 != 0 {
                continue;
            }
            // The two certain cases first, then chance.
            let chosen = if image < 2 { image } else { seed };
            cases.push(Case {
                step: entry.step,
                seed: chosen,
                image: disk.image(&mut Chance::new(chosen)),
                promise: promise.clone(),
                again: seed % (8 * thin as u64) == 0,
            });
        }
    }
    cases
}

/// The images that there may be after an `fsync` failed: at each command that follows, and at the end. `well`: whether the
/// program says at its end that all went well.
pub(crate) fn after_a_failed_sync(
    errand: Errand,
    mut disk: Disk,
    report: &[Entry],
    well: bool,
) -> Vec<Case> {
    let mut promise = Promise::default();
    let mut commands = Vec::new();
    let mut cases = Vec::new();
    let mut failed = false;
    let last = report.len().saturating_sub(1);
    for (place, entry) in report.iter().enumerate() {
        disk.follow(entry);
        failed |= entry.kind == Kind::SyncFailed;
        if entry.kind == Kind::Send {
            hear(errand, entry, &mut commands, &mut promise);
        }
        if failed && (entry.kind == Kind::Send || place == last) {
            promise.staged &= well;
            promise.done &= well;
            for seed in [0, u64::from(entry.step) + 2] {
                cases.push(Case {
                    step: entry.step,
                    seed,
                    image: disk.image(&mut Chance::new(seed)),
                    promise: promise.clone(),
                    again: false,
                });
            }
        }
    }
    cases
}

/// What was said to the server, or to the person, and what follows from it.
pub(crate) fn hear(errand: Errand, entry: &Entry, commands: &mut Vec<u8>, promise: &mut Promise) {
    if entry.fd == 1 {
        promise.staged |= errand == Errand::Stage;
        promise.done |= errand != Errand::Stage;
        return;
    }
    commands.extend_from_slice(&entry.octets);
    let text = String::from_utf8_lossy(commands).into_owned();
    let number = |line: &str| {
        line.split(' ')
            .nth(1)
            .and_then(|number| number.parse::<usize>().ok())
    };
    let of_verb = |verb: &str| -> BTreeSet<usize> {
        let lines = text.lines().filter(|line| line.starts_with(verb));
        lines.filter_map(number).map(|number| number - 1).collect()
    };
    let quits = text.lines().any(|line| line.starts_with("QUIT"));
    promise.stored.extend(of_verb("DELE "));
    if quits {
        promise.gone.extend(of_verb("DELE "));
        if errand == Errand::Expiring {
            promise.stored.extend(of_verb("RETR "));
            promise.gone.extend(of_verb("RETR "));
        }
    }
}

pub(crate) fn restarted(scene: &Scene, case: &Case) -> Verdict {
    // What left us may have arrived, or not.
    let arrived = case.seed % 2 == 1;
    let left: Vec<Letter> = scene
        .mail
        .iter()
        .enumerate()
        .filter(|(place, _)| !(arrived && case.promise.gone.contains(place)))
        .map(|(_, letter)| letter.clone())
        .collect();
    let house = scene.house_with(|data| write(&case.image, data), &left);
    looked_at(&house, case)?;
    if case.again && !arrived && !case.promise.gone.is_empty() {
        // The store may know of an answer to a QUIT that this server never saw. What it has is not deleted twice unasked.
        goes_on(&house)?;
    } else if case.again {
        recovers(&house)?;
    }
    Ok(())
}

pub(crate) fn looked_at(house: &House<'_>, case: &Case) -> Verdict {
    let held = held(house)?;
    if !held.check.is_sound() {
        return Err(format!("not sound: {:?}", held.check));
    }
    let mail = &house.scene.mail;
    let subjects: BTreeSet<&str> = held.rows.iter().map(|row| row.subject.as_str()).collect();
    if subjects.len() != held.rows.len() {
        return Err("a message is listed twice".to_owned());
    }
    let missing: Vec<usize> = case
        .promise
        .stored
        .iter()
        .copied()
        .filter(|place| !held.full.contains(&mail[*place].1))
        .collect();
    if !missing.is_empty() {
        return Err(format!(
            "may be deleted on the server, and not here: {missing:?}"
        ));
    }
    let staged = held
        .rows
        .iter()
        .filter(|row| row.server == Copy::DeleteWanted);
    if case.promise.staged && staged.count() != 2 {
        return Err("said to be staged, and is not".to_owned());
    }
    let errand = house.scene.errand;
    if case.promise.done && errand != Errand::Peek && held.full.len() != mail.len() {
        return Err("said to be done, and is not here".to_owned());
    }
    Ok(())
}

/// So many images of each step at which something was not synced.
const IMAGES: u64 = 24;
