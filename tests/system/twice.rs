//! Two programs on one store and one mailbox (F15).

use std::time::Duration;

use crate::cases::{Tally, each};
use crate::house::{Errand, House, Ran, Scene};
use crate::kill::{recovers, steps_of};
use crate::oracle::{Verdict, ended_well};
use crate::signals::with_pause;
use crate::support::score::stride;

#[test]
fn f15_two_programs_at_once_lose_nothing_and_fetch_nothing_twice() {
    let mut tally = Tally::default();
    for errand in [
        Errand::Fetch,
        Errand::Expiring,
        Errand::Rule,
        Errand::Apply,
        Errand::Stage,
    ] {
        let scene = Scene::new(errand);
        let cases: Vec<u64> = (0..96).step_by(stride(16)).collect();
        let name = |late: &u64| format!("{}, {late} ms later", errand.name());
        tally.join(each(&cases, name, |late| together(&scene, *late)));
    }
    tally.say("two programs at once");
}

#[test]
fn f15_beside_a_program_that_stands_still_the_store_can_be_read_and_nothing_is_lost() {
    let mut tally = Tally::default();
    for errand in [Errand::Fetch, Errand::Rule, Errand::Apply] {
        let scene = Scene::new(errand);
        let Some(steps) = steps_of(&scene) else {
            return;
        };
        // Where the first one holds the store, the second waits for ten seconds before it says so.
        let cases: Vec<u32> = (1..=steps).step_by(9 * stride(13)).collect();
        let name = |step: &u32| format!("{}, step {step}", errand.name());
        tally.join(each(&cases, name, |step| beside(&scene, *step)));
    }
    tally.say("a second program beside one that stands still");
}

fn together(scene: &Scene, late: u64) -> Verdict {
    let house = scene.house();
    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(|| house.run(&scene.command, None));
        let other = scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(late));
            house.run(&scene.command, None)
        });
        (one.join().unwrap(), other.join().unwrap())
    });
    for ran in [&one, &other] {
        ended_well(ran)?;
    }
    if one.code != Some(0) && other.code != Some(0) {
        return Err(format!(
            "none of them was served: {}{}",
            one.error, other.error
        ));
    }
    once_only(&house)?;
    recovers(&house)
}

/// Where nothing failed, each message was sent once.
fn once_only(house: &House<'_>) -> Verdict {
    let commands = house.server.maildrop().commands();
    let retrieved = commands
        .iter()
        .filter(|command| command.starts_with("RETR "))
        .count();
    if house.scene.errand == Errand::Fetch && retrieved > house.scene.mail.len() {
        return Err(format!("{retrieved} times RETR"));
    }
    Ok(())
}

fn beside(scene: &Scene, step: u32) -> Verdict {
    let house = scene.house();
    let mut others: Vec<Ran> = Vec::new();
    let first = with_pause(&house, &scene.command, step, || {
        others.extend(["list --json", "sync"].map(|line| house.run(line, None)));
    });
    for ran in others.iter().chain([&first]) {
        ended_well(ran)?;
    }
    recovers(&house)
}
