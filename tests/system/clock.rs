//! The wall clock is wrong, or jumps while a session is under way (F17, I11).

use crate::cases::{Tally, each};
use crate::house::{ERRANDS, Errand, Scene};
use crate::kill::{recovers, steps_of};
use crate::oracle::{Verdict, done_is_done, ended_well};
use crate::support::faults::Faults;
use crate::support::score::stride;

const DECADE: i64 = 10 * 365 * 86_400;
/// Ten years, an hour of summer time, and what a time server corrects, both ways.
const JUMPS: [i64; 6] = [DECADE, -DECADE, 3_600, -3_600, 40, -40];

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
