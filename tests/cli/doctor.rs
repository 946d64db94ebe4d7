//! What the doctor says of places that cannot be used.

use std::path::Path;

use poppet::demo::Quirks;
use serde_json::Value;

use crate::house::{House, Ran, letters};

fn check(ran: &Ran, name: &str) -> Value {
    let mut checks = ran.objects().into_iter();
    checks.find(|check| check["check"] == name).unwrap()
}

/// A file where a folder is wanted: nobody can make anything in it, root included.
fn blocked(house: &House) -> String {
    let file = house.path("blocked");
    std::fs::write(&file, "").unwrap();
    file.display().to_string()
}

/// Everything below a folder.
fn all(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(all(&path));
        }
        found.push(path);
    }
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_that_takes_no_mail_has_failed_before_a_sync_has() {
    let house = House::letters(1);
    let (text, file) = (
        std::fs::read_to_string(house.config()).unwrap(),
        blocked(&house),
    );
    house.configure(&format!("{text}[mirror]\nmaildir = \"{file}/mail\"\n"));
    assert_eq!(house.run("sync").await.code, 5);
    let ran = house.run("doctor --offline").await;
    assert_eq!(ran.code, 5, "{}", ran.text);
    ran.assert_told("The live copy of the mail is not complete");
    let ran = house.run("doctor --offline --json").await;
    assert_eq!(check(&ran, "mirror")["status"], "failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_that_takes_mail_is_left_as_it_is() {
    let house = House::with(
        letters(1),
        Quirks::default(),
        "[mirror]\nmaildir = \"live\"\n",
    );
    house.well("doctor --offline").await;
    assert!(!house.path("config/poppet/live").exists());
    house.well("sync").await;
    let before = all(house.folder.path());
    let ran = house.well("doctor --offline --json").await;
    assert_eq!(check(&ran, "mirror")["status"], "ok");
    assert_eq!(all(house.folder.path()), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_could_never_be_made_is_a_failure() {
    let house = House::letters(1);
    let folder = format!("{}/data", blocked(&house));
    for text in [
        std::fs::read_to_string(house.config()).unwrap(),
        String::new(),
    ] {
        house.configure(&text);
        let line = format!("--data-dir {folder} doctor --offline");
        let ran = house.run(&line).await;
        assert_eq!(ran.code, 5, "{}", ran.text);
        ran.assert_told("The mail store cannot be made");
        assert_eq!(ran.error.matches("error: ").count(), 1, "{}", ran.error);
        let ran = house.run(&format!("{line} --json")).await;
        assert_eq!(check(&ran, "mail")["status"], "failed");
    }
    let ran = house.well("doctor --offline --json").await;
    assert!(
        check(&ran, "mail")["detail"]
            .as_str()
            .unwrap()
            .ends_with("is not there yet")
    );
}
