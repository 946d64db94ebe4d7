//! The k-th call fails, for every k: the disk is full, broken, read-only or not ours (F3, F4, F5).

use crate::cases::{Tally, each};
use crate::house::{ERRANDS, Scene};
use crate::kill::recovers;
use crate::oracle::{Verdict, done_is_done, ended_well};
use crate::power::{after_a_failed_sync, restarted};
use crate::support::faults::disk::Disk;
use crate::support::faults::{Calls, Failing, Failure, Faults, Kind, has_come};
use crate::support::score::stride;

const DISK: [Failure; 4] = [
    Failure::NoSpace,
    Failure::Io,
    Failure::ReadOnly,
    Failure::Access,
];

#[test]
fn f3_f5_a_write_that_fails_loses_nothing_whichever_it_is() {
    let ways = [&DISK[..], &[Failure::Short]].concat();
    every_call(Calls::Write, &ways, 151, "k-th write failing");
}

#[test]
fn f5_an_fsync_that_fails_is_no_proof_of_anything() {
    every_call(Calls::Sync, &DISK, 17, "k-th fsync failing");
}

#[test]
fn f4_f5_a_file_that_cannot_be_opened_loses_nothing_whichever_it_is() {
    every_call(Calls::Open, &DISK, 17, "k-th open failing");
}

#[test]
fn f5_what_is_truncated_renamed_unlinked_or_made_may_fail_as_well() {
    let figure = "k-th truncate, unlink, rename or mkdir failing";
    let mut tally = Tally::default();
    for calls in [Calls::Truncate, Calls::Names] {
        tally.join(tried(calls, &DISK, 13));
    }
    tally.say(figure);
}

#[test]
fn f5_f18_what_cannot_be_closed_mapped_or_read_loses_nothing() {
    let mut tally = Tally::default();
    for (calls, share) in [(Calls::Close, 7), (Calls::Map, 3), (Calls::Read, 61)] {
        tally.join(tried(calls, &[Failure::Io], share));
    }
    tally.say("k-th close, mmap or read failing");
}

/// The system forgets what it could not write, so that a later `fsync` that works proves nothing either.
#[test]
fn f5_i1_what_an_fsync_failed_to_write_is_no_reason_to_delete_even_if_the_power_goes_then() {
    let mut tally = Tally::default();
    for errand in ERRANDS {
        let scene = Scene::new(errand);
        let Some(count) = count(&scene, Calls::Sync) else {
            return;
        };
        let cases: Vec<Failing> = (1..=count)
            .flat_map(|at| {
                [false, true].map(|for_good| Failing {
                    calls: Calls::Sync,
                    at,
                    error: Failure::Io,
                    for_good,
                })
            })
            .step_by(stride(5))
            .collect();
        let name = |failing: &Failing| format!("{}, {failing:?}", errand.name());
        tally.join(each(&cases, name, |failing| forgotten(&scene, *failing)));
    }
    tally.say("k-th fsync failing, then the power");
}

fn forgotten(scene: &Scene, failing: Failing) -> Verdict {
    let house = scene.house();
    let faults = Faults {
        failing: Some(failing),
        octets: true,
        ..house.faults()
    };
    let disk = Disk::of(&house.data());
    let ran = house.run(&scene.command, Some(&faults));
    ended_well(&ran)?;
    for case in after_a_failed_sync(scene.errand, disk, &ran.report, ran.code == Some(0)) {
        restarted(scene, &case)
            .map_err(|why| format!("step {}, seed {}: {why}", case.step, case.seed))?;
    }
    Ok(())
}

fn every_call(calls: Calls, ways: &[Failure], share: usize, figure: &str) {
    tried(calls, ways, share).say(figure);
}

/// Every errand, every call of a class, every way to fail: once, and from then on.
fn tried(calls: Calls, ways: &[Failure], share: usize) -> Tally {
    let mut tally = Tally::default();
    for errand in ERRANDS {
        let scene = Scene::new(errand);
        let Some(count) = count(&scene, calls) else {
            break;
        };
        let failing = |at: u32, error: Failure| {
            [false, true].map(|for_good| Failing {
                calls,
                at,
                error,
                for_good,
            })
        };
        let cases: Vec<Failing> = (1..=count)
            .flat_map(|at| ways.iter().flat_map(move |error| failing(at, *error)))
            .step_by(stride(share))
            .collect();
        let name = |failing: &Failing| format!("{}, {failing:?}", errand.name());
        tally.join(each(&cases, name, |failing| failed(&scene, *failing)));
    }
    tally
}

/// So many calls of this class there are in the session.
fn count(scene: &Scene, calls: Calls) -> Option<u32> {
    let house = scene.house();
    let faults = Faults {
        failing: Some(Failing {
            calls,
            at: u32::MAX,
            error: Failure::Io,
            for_good: false,
        }),
        ..house.faults()
    };
    if !faults.put_before(&mut house.command("").0, &house.path.join("report")) {
        return None;
    }
    let ran = house.run(&scene.command, Some(&faults));
    assert_eq!(ran.code, Some(0), "{}", ran.error);
    let end = ran.report.iter().find(|entry| entry.kind == Kind::Ended);
    Some(end.expect("the end of the report").amount as u32)
}

fn failed(scene: &Scene, failing: Failing) -> Verdict {
    let house = scene.house();
    let faults = Faults {
        failing: Some(failing),
        ..house.faults()
    };
    let ran = house.run(&scene.command, Some(&faults));
    ended_well(&ran)?;
    if ran.code == Some(0) {
        done_is_done(&house).map_err(|why| format!("{why}: {}", ran.text))?;
    } else if !has_come(&ran.report) {
        return Err(format!("no fault, and yet: {}", ran.error));
    }
    recovers(&house)
}
