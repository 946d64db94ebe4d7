//! Killed at every step, and in the middle of every write (F1).

use rustix::process::Signal;

use crate::cases::{Tally, each};
use crate::house::{ERRANDS, Errand, House, Scene};
use crate::oracle::{Verdict, nothing_lost};
use crate::support::faults::{Faults, has_come, steps};
use crate::support::score::stride;

#[test]
fn f1_kill_9_at_any_step_loses_nothing() {
    let mut tally = Tally::default();
    for errand in ERRANDS {
        let scene = Scene::new(errand);
        let Some(steps) = steps_of(&scene) else {
            return;
        };
        let cases: Vec<(u32, bool)> = (1..=steps)
            .flat_map(|step| [(step, false), (step, true)])
            .step_by(stride(23))
            .collect();
        let name =
            |(step, torn): &(u32, bool)| format!("{}, step {step}, torn {torn}", errand.name());
        tally.join(each(&cases, name, |(step, torn)| {
            killed(&scene, *step, *torn)
        }));
    }
    tally.say("kill -9 at every step");
}

/// How many steps the session takes, and it must end well; `None` where no step can be seen.
pub(crate) fn steps_of(scene: &Scene) -> Option<u32> {
    let house = scene.house();
    if !house
        .faults()
        .put_before(&mut house.command("").0, &house.path)
    {
        return None;
    }
    let ran = house.run(&scene.command, Some(&house.faults()));
    assert_eq!(ran.code, Some(0), "{}", ran.error);
    Some(steps(&ran.report))
}

fn killed(scene: &Scene, step: u32, torn: bool) -> Verdict {
    let house = scene.house();
    let faults = Faults {
        signal: Some((step, Signal::KILL.as_raw())),
        torn,
        ..house.faults()
    };
    let ran = house.run(&scene.command, Some(&faults));
    match (has_come(&ran.report), ran.code) {
        (true, None) | (false, Some(0)) => {}
        (fired, status) => {
            return Err(format!("the fault came: {fired}, status {status:?}"));
        }
    }
    recovers(&house)
}

/// A restart and a session without faults, after which nothing may be missing, and what was to be deleted on the server is.
pub(crate) fn recovers(house: &House<'_>) -> Verdict {
    if goes_on(house)? && house.scene.errand == Errand::Apply {
        only_what_was_staged_is_gone(house)?;
    }
    Ok(())
}

/// The same, and whether deletions may go out: no brake is on.
pub(crate) fn goes_on(house: &House<'_>) -> Result<bool, String> {
    // A store that was about to be made may not be there yet, and a server lets go of the mailbox once it knows.
    house.settle();
    let again = house.run("sync", None);
    if again.code != Some(0) {
        return Err(format!("the next session: {}", again.error));
    }
    let mut braked = false;
    if house.scene.errand == Errand::Apply {
        let applied = house.run("apply --yes", None);
        braked = applied.error.contains("clock stands before the last check");
        if !matches!(applied.code, Some(0 | 1)) && !braked {
            return Err(format!("applying again: {}", applied.error));
        }
    }
    nothing_lost(house)?;
    Ok(!braked)
}

/// A wish that was written down is carried out in the end, whatever came between.
fn only_what_was_staged_is_gone(house: &House<'_>) -> Verdict {
    house.settle();
    let scene = house.scene;
    let stays = |uidl: &&Vec<u8>| !scene.may_go.contains(uidl);
    let mut expected: Vec<&Vec<u8>> = scene
        .mail
        .iter()
        .map(|(uidl, _)| uidl)
        .filter(stays)
        .collect();
    let left = house.server.maildrop().uidls();
    let mut left: Vec<&Vec<u8>> = left.iter().collect();
    expected.sort_unstable();
    left.sort_unstable();
    if left == expected {
        return Ok(());
    }
    let names = |uidls: &[&Vec<u8>]| -> Vec<String> {
        uidls
            .iter()
            .map(|uidl| String::from_utf8_lossy(uidl).into_owned())
            .collect()
    };
    Err(format!(
        "what was staged is to be gone, and nothing else: left are {:?}, not {:?}",
        names(&left),
        names(&expected)
    ))
}
