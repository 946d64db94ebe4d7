//! What `doctor` says of keys that are not used as they stand.

use poppet::demo::Quirks;

use crate::house::{House, letters};

#[tokio::test(flavor = "multi_thread")]
async fn doctor_says_which_keys_are_not_used_and_why() {
    let keys = "\n[keys]\nset = \"mutt\"\nfoo = \"x\"\narchive = \"d\"\nstar = \"d\"\n";
    let house = House::with(letters(1), Quirks::default(), keys);
    let text = std::fs::read_to_string(house.config()).unwrap();
    let line = |start: &str| {
        1 + text
            .lines()
            .position(|line| line.starts_with(start))
            .unwrap()
    };
    let doctor = house.well("doctor --offline --json").await;
    let told: Vec<String> = doctor
        .objects()
        .iter()
        .filter(|step| step["check"] == "keys")
        .map(|step| step["detail"].as_str().unwrap().to_owned())
        .collect();
    let [unknown, clash] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert!(
        unknown.contains(&format!("line {} ", line("foo"))) && unknown.contains("\"foo\""),
        "{unknown}"
    );
    assert!(
        clash.contains(&format!("line {} ", line("star"))) && clash.contains("archive and star"),
        "{clash}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_has_no_word_about_keys_that_are_used() {
    let keys = "\n[keys]\nset = \"mutt\"\narchive = \"d\"\n";
    let house = House::with(letters(1), Quirks::default(), keys);
    let steps = house.well("doctor --offline --json").await.objects();
    assert!(
        steps.iter().all(|step| step["check"] != "keys"),
        "{steps:?}"
    );
}
