//! What `doctor` says of keys that are not used as they stand.

use poppet::demo::Quirks;
use serde_json::Value;

use crate::house::{House, letters};

#[tokio::test(flavor = "multi_thread")]
async fn doctor_says_which_keys_are_not_used_and_why() {
    let keys =
        "\n[keys]\nset = \"mutt\"\narchve = \"e\"\nfoo = \"x\"\narchive = \"d\"\n  star = \"d\"\n";
    let house = House::with(letters(1), Quirks::default(), keys);
    let text = std::fs::read_to_string(house.config()).unwrap();
    let line = |start: &str| {
        1 + text
            .lines()
            .position(|line| line.starts_with(start))
            .unwrap()
    };
    let doctor = house.run("doctor --offline --json").await;
    assert_eq!(doctor.code, 2, "{}", doctor.text);
    let told: Vec<String> = doctor
        .objects()
        .iter()
        .filter(|step| step["check"] == "keys")
        .map(|step| step["detail"].as_str().unwrap().to_owned())
        .collect();
    let [slip, unknown, clash] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert!(slip.contains("\"archve\""), "{slip}");
    let keys = |step: &Value| step["check"] == "keys";
    let first = doctor.objects().into_iter().find(keys).unwrap();
    let remedy = first["remedy"].to_string();
    assert!(remedy.contains("Did you mean archive?"), "{remedy}");
    assert!(
        unknown.contains(&format!("line {}, column 1:", line("foo")))
            && unknown.contains("\"foo\""),
        "{unknown}"
    );
    assert!(
        clash.contains(&format!("line {}, column 3:", line("  star")))
            && clash.contains("archive and star"),
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
