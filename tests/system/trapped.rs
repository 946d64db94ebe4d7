//! Where nothing may connect, each attempt is seen.

use crate::house::{Errand, House, Scene, finish};
use crate::support::faults::{attempts, trap};

#[test]
fn an_attempt_to_connect_is_refused_and_seen_and_reading_makes_none() {
    let scene = Scene::new(Errand::Stage);
    let house = scene.house();
    let Some(tried) = tried(&house, "sync", 3) else {
        return;
    };
    assert!(!tried.is_empty());
    for line in ["list", "list tide", "show 3", "export --maildir out"] {
        assert_eq!(self::tried(&house, line, 0), Some(Vec::new()), "{line}");
    }
}

/// What a command tried to reach; `None` where there is no trap.
fn tried(house: &House<'_>, line: &str, status: i32) -> Option<Vec<String>> {
    let (mut command, report) = house.command(line);
    if !trap(&mut command, &report) {
        return None;
    }
    let output = finish(&mut command);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{line}: {told}");
    Some(attempts(&report))
}
