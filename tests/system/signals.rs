//! Told to end, hung up on, interrupted, suspended and resumed, at every step (F13).

use std::path::Path;
use std::time::Duration;

use rustix::process::Signal;

use crate::cases::{Tally, each};
use crate::house::{ERRANDS, House, Ran, Scene};
use crate::kill::{recovers, steps_of};
use crate::oracle::{Verdict, done_is_done, ended_well};
use crate::support::faults::{Faults, has_come, report};
use crate::support::real::until;
use crate::support::run::{reaching, signal};
use crate::support::score::stride;

#[test]
fn f13_told_to_end_hung_up_on_or_interrupted_at_any_step_nothing_is_lost() {
    let told = reaching([Signal::TERM, Signal::HUP, Signal::INT]);
    let mut tally = Tally::default();
    for errand in ERRANDS {
        let scene = Scene::new(errand);
        let Some(steps) = steps_of(&scene) else {
            return;
        };
        let cases: Vec<(u32, Signal)> = (1..=steps)
            .flat_map(|step| told.iter().map(move |signal| (step, *signal)))
            .step_by(stride(61))
            .collect();
        let name =
            |(step, signal): &(u32, Signal)| format!("{}, step {step}, {signal:?}", errand.name());
        tally.join(each(&cases, name, |(step, signal)| {
            ended(&scene, *step, *signal)
        }));
    }
    tally.say("SIGTERM, SIGHUP, SIGINT at every step");
}

#[test]
fn f13_suspended_and_resumed_at_any_step_it_goes_on_to_its_end() {
    let mut tally = Tally::default();
    for errand in ERRANDS {
        let scene = Scene::new(errand);
        let Some(steps) = steps_of(&scene) else {
            return;
        };
        let cases: Vec<u32> = (1..=steps).step_by(stride(31)).collect();
        let name = |step: &u32| format!("{}, step {step}", errand.name());
        tally.join(each(&cases, name, |step| suspended(&scene, *step)));
    }
    tally.say("SIGSTOP and SIGCONT at every step");
}

fn ended(scene: &Scene, step: u32, signal: Signal) -> Verdict {
    let house = scene.house();
    let faults = Faults {
        signal: Some((step, signal.as_raw())),
        ..house.faults()
    };
    let ran = house.run(&scene.command, Some(&faults));
    match ran.code {
        // The signal ended it, or it ended itself as a shell would say it.
        None | Some(130) => {}
        Some(_) => ended_well(&ran)?,
    }
    recovers(&house)
}

fn suspended(scene: &Scene, step: u32) -> Verdict {
    let house = scene.house();
    let ran = with_pause(&house, &scene.command, step, || {});
    if ran.code != Some(0) {
        return Err(format!("status {:?}: {}", ran.code, ran.error));
    }
    done_is_done(&house)?;
    recovers(&house)
}

/// Runs a command, suspends it at this step, does something meanwhile, and lets it go on.
pub(crate) fn with_pause(
    house: &House<'_>,
    line: &str,
    step: u32,
    meanwhile: impl FnOnce(),
) -> Ran {
    let (mut command, file) = house.command(line);
    let faults = Faults {
        signal: Some((step, Signal::STOP.as_raw())),
        ..house.faults()
    };
    assert!(faults.put_before(&mut command, &file), "there is a shim");
    let child = command.spawn().unwrap();
    let pid = child.id();
    let running = std::thread::spawn(move || child.wait_with_output().unwrap());
    let stopped = until(Duration::from_mins(1), || {
        (is_stopped(pid) || running.is_finished()).then_some(())
    });
    stopped.expect("it stops, or ends before that step");
    if !running.is_finished() {
        meanwhile();
        signal(pid, Signal::CONT);
    }
    if until(Duration::from_mins(1), || {
        running.is_finished().then_some(())
    })
    .is_none()
    {
        signal(pid, Signal::KILL);
        panic!("{line} did not end after it was resumed");
    }
    let ran = Ran::new(&running.join().unwrap(), report(&file));
    assert!(has_come(&ran.report) || ran.code.is_some());
    ran
}

fn is_stopped(pid: u32) -> bool {
    let status = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat"));
    status.is_ok_and(|status| {
        status
            .rsplit_once(") ")
            .is_some_and(|(_, rest)| rest.starts_with('T'))
    })
}
