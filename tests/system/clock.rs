//! The wall clock is wrong, or jumps while a session is under way (F17, I11).

use crate::cases::{Tally, each};
use crate::house::{ERRANDS, Errand, Scene};
use crate::kill::{recovers, steps_of};
use crate::oracle::{Verdict, done_is_done, ended_well};
use crate::support::faults::Faults;
use crate::support::score::stride;

const DAY: i64 = 86_400;
const DECADE: i64 = 10 * 365 * DAY;
/// Ten years, a pause that may have been, an hour of summer time, and what a time server corrects, both ways.
const JUMPS: [i64; 8] = [DECADE, -DECADE, 45 * DAY, -45 * DAY, 3_600, -3_600, 40, -40];

#[test]
fn f17_a_clock_that_jumps_at_any_step_changes_nothing_but_dates() {
    let mut tally = Tally::default();
    for errand in ERRANDS {
        let scene = Scene::new(errand);
        let Some(steps) = steps_of(&scene) else {
            return;
        };
        let cases: Vec<(i64, u32)> = (0..=steps)
            .flat_map(|step| JUMPS.map(|jump| (jump, step)))
            .step_by(stride(151))
            .collect();
        let name =
            |(jump, step): &(i64, u32)| format!("{}, {jump} s at step {step}", errand.name());
        tally.join(each(&cases, name, |(jump, step)| {
            jumped(&scene, *jump, *step)
        }));
    }
    tally.say("clock jumps at every step");
}

#[test]
fn f17_i11_no_age_is_reached_by_a_jump_of_the_clock() {
    let scene = Scene::new(Errand::Aged);
    let Some(steps) = steps_of(&scene) else {
        return;
    };
    let cases: Vec<(i64, u32)> = (0..=steps)
        .flat_map(|step| [DECADE, -DECADE].map(|jump| (jump, step)))
        .step_by(stride(17))
        .collect();
    let name = |(jump, step): &(i64, u32)| format!("{jump} s at step {step}");
    let kept = |(jump, step): &(i64, u32)| jumped(&scene, *jump, *step);
    each(&cases, name, kept).say("rules by age under clock jumps");
}

#[test]
fn f17_i11_what_lies_in_the_trash_stays_under_a_clock_that_jumps_and_one_that_stays_wrong() {
    let scene = Scene::new(Errand::Trash);
    let Some(steps) = steps_of(&scene) else {
        return;
    };
    let jumps = [31 * DAY, 45 * DAY, 59 * DAY, 61 * DAY, DECADE, -45 * DAY];
    let cases: Vec<(i64, u32)> = (0..=steps)
        .flat_map(|step| jumps.map(|jump| (jump, step)))
        .step_by(stride(31))
        .collect();
    let name = |(jump, step): &(i64, u32)| format!("{jump} s from step {step} on");
    let kept = |(jump, step): &(i64, u32)| stays_wrong(&scene, *jump, *step);
    each(&cases, name, kept).say("the Trash under clock jumps");
}

/// From a step of one session on, and in two more.
fn stays_wrong(scene: &Scene, jump: i64, step: u32) -> Verdict {
    let house = scene.house();
    for from in [step, 0, 0] {
        let faults = Faults {
            clock: Some((jump, from)),
            ..house.faults()
        };
        let ran = house.run(&scene.command, Some(&faults));
        if ran.code != Some(0) {
            return Err(format!("status {:?}: {}", ran.code, ran.error));
        }
        done_is_done(&house)?;
    }
    // And right again.
    recovers(&house)
}

fn jumped(scene: &Scene, jump: i64, step: u32) -> Verdict {
    let house = scene.house();
    let faults = Faults {
        clock: Some((jump, step)),
        ..house.faults()
    };
    let ran = house.run(&scene.command, Some(&faults));
    // A clock that stands before the last check puts the brake on: then nothing is deleted before somebody has looked.
    let braked =
        jump < 0 && ran.code == Some(3) && ran.error.contains("clock stands before the last check");
    if braked {
        ended_well(&ran)?;
        return match house.server.maildrop().removed().len() {
            0 => recovers(&house),
            gone => Err(format!("{gone} deleted although the brake is on")),
        };
    }
    if ran.code != Some(0) {
        return Err(format!("status {:?}: {}", ran.code, ran.error));
    }
    // What a rule was to delete may stay, since the ages are in doubt.
    done_is_done(&house)?;
    recovers(&house)
}
