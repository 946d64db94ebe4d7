//! A store that is not what it was (F18): a bit has flipped, the end is missing, a file or the index is gone.

use std::fs;

use rustix::process::Signal;

use crate::cases::{Tally, each};
use crate::house::{Errand, House, Scene};
use crate::kill::{recovers, steps_of};
use crate::oracle::{Verdict, all_somewhere, ended_well};
use crate::support::faults::Faults;
use crate::support::score::stride;

#[test]
fn f18_i1_whatever_bit_has_flipped_nothing_is_deleted_that_is_not_whole_here() {
    let mut tally = Tally::default();
    for errand in [Errand::Apply, Errand::Rule] {
        let scene = Scene::new(errand);
        let length = fs::metadata(scene.house().store_file()).unwrap().len();
        let cases: Vec<u64> = (0..length).step_by(149 * stride(29)).collect();
        let name = |at: &u64| format!("{}, octet {at}", errand.name());
        tally.join(each(&cases, name, |at| {
            let house = scene.house();
            damage(&house, |file| file[*at as usize] ^= 1 << (at % 8));
            disturbed(&house)
        }));
    }
    tally.say("flipped bits");
}

/// What says which copies are to be deleted takes little room, so that bits chosen all over the file hardly meet it.
#[test]
fn f18_i3_whatever_bit_of_the_ledger_has_flipped_only_what_was_staged_is_deleted() {
    let scene = Scene::new(Errand::Apply);
    let cases: Vec<(usize, u32)> = ledger_octets(&scene.house())
        .into_iter()
        .flat_map(|at| (0..8).map(move |bit| (at, bit)))
        .step_by(stride(83))
        .collect();
    assert!(cases.len() > 20, "{}", cases.len());
    let name = |(at, bit): &(usize, u32)| format!("octet {at}, bit {bit}");
    let flipped = |(at, bit): &(usize, u32)| {
        let house = scene.house();
        damage(&house, |file| file[*at] ^= 1 << bit);
        let applied = house.run("apply --yes", None);
        ended_well(&applied)?;
        all_somewhere(&house)
    };
    each(&cases, name, flipped).say("flipped bits of the ledger");
}

/// Where the file has the rows of the ledger and of its indexes.
fn ledger_octets(house: &House<'_>) -> Vec<usize> {
    let connection = rusqlite::Connection::open(house.store_file()).unwrap();
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    let size: u32 = connection
        .pragma_query_value(None, "page_size", |row| row.get(0))
        .unwrap();
    let size = size as usize;
    let mut statement = connection
        .prepare("SELECT rootpage FROM sqlite_schema WHERE tbl_name = 'ledger'")
        .unwrap();
    let pages: Vec<u32> = statement
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(pages.len(), 4);
    let file = fs::read(house.store_file()).unwrap();
    let mut octets = Vec::new();
    for page in pages {
        let page = (page as usize - 1) * size;
        // A leaf, and where its first row begins.
        assert!(matches!(file[page], 10 | 13), "{}", file[page]);
        let content = usize::from(file[page + 5]) * 256 + usize::from(file[page + 6]);
        octets.extend(page + content..page + size);
    }
    octets
}

#[test]
fn f18_i1_wherever_the_store_ends_nothing_is_deleted_that_is_not_whole_here() {
    let mut tally = Tally::default();
    for errand in [Errand::Apply, Errand::Rule] {
        let scene = Scene::new(errand);
        let length = fs::metadata(scene.house().store_file()).unwrap().len();
        let cases: Vec<u64> = (0..length).step_by(1_021 * stride(13)).collect();
        let name = |end: &u64| format!("{}, {end} octets left", errand.name());
        tally.join(each(&cases, name, |end| {
            let house = scene.house();
            damage(&house, |file| file.truncate(*end as usize));
            disturbed(&house)
        }));
    }
    tally.say("truncated stores");
}

fn damage(house: &House<'_>, how: impl FnOnce(&mut Vec<u8>)) {
    let mut file = fs::read(house.store_file()).unwrap();
    how(&mut file);
    fs::write(house.store_file(), file).unwrap();
}

/// Every command ends with a word about it, and what it deletes is whole in the store.
fn disturbed(house: &House<'_>) -> Verdict {
    let before = fs::metadata(house.store_file()).unwrap().len();
    for line in [
        "list --json",
        house.scene.command.as_str(),
        "doctor --offline",
        "show 3",
    ] {
        let ran = house.run(line, None);
        ended_well(&ran).map_err(|why| format!("{line}: {why}"))?;
    }
    // A store that cannot be read is not made anew in silence.
    let after = fs::metadata(house.store_file()).map_or(0, |file| file.len());
    if after < before {
        return Err(format!("{after} octets of {before} are left"));
    }
    all_somewhere(house)
}

#[test]
fn f18_a_damaged_message_is_told_fetched_again_and_never_deleted_before() {
    let scene = Scene::new(Errand::Apply);
    let house = scene.house();
    // Messages 2 and 4 are staged for deletion.
    for id in [2, 3, 4] {
        spoil(&house, id);
    }
    let doctor = house.run("doctor --offline", None);
    assert_eq!(doctor.code, Some(5), "{}", doctor.text);
    assert!(
        doctor.error.contains("Some messages are damaged"),
        "{}",
        doctor.error
    );
    assert!(doctor.error.contains("2, 3, 4"), "{}", doctor.error);
    let exported = house.run("export --maildir out", None);
    assert!(
        exported.text.starts_with("3 messages written"),
        "{}",
        exported.text
    );
    assert!(exported.error.contains("damaged"), "{}", exported.error);
    let applied = house.run("apply --yes", None);
    ended_well(&applied).unwrap();
    assert_ne!(applied.code, Some(0), "{}", applied.text);
    assert_eq!(house.server.maildrop().uidls().len(), 6);
    // Reading is enough to have it whole again.
    let shown = house.run("show 3", None);
    assert_eq!(shown.code, Some(0), "{}", shown.error);
    assert!(shown.text.contains("Tide table"), "{}", shown.text);
    for id in [2, 4] {
        assert_eq!(house.run(&format!("show {id}"), None).code, Some(0));
    }
    assert_eq!(house.run("doctor --offline", None).code, Some(0));
    assert_eq!(house.run("apply --yes", None).code, Some(0));
    assert_eq!(house.server.maildrop().uidls().len(), 4);
    recovers(&house).unwrap();
}

#[test]
fn f18_what_is_damaged_and_on_no_server_is_told_and_its_octets_can_still_be_had() {
    let scene = Scene::new(Errand::Fetch);
    let house = scene.house();
    assert_eq!(house.run("sync", None).code, Some(0));
    for uidl in house.server.maildrop().uidls() {
        house.server.maildrop().remove(&uidl);
    }
    assert_eq!(house.run("sync", None).code, Some(0));
    spoil(&house, 3);
    let shown = house.run("show 3", None);
    assert_eq!(shown.code, Some(5), "{}", shown.text);
    assert!(
        shown.error.contains("Message 3 is damaged"),
        "{}",
        shown.error
    );
    let raw = house.run("show 3 --raw", None);
    assert_eq!(
        (raw.code, raw.text.as_str()),
        (Some(5), "spoilt"),
        "{}",
        raw.error
    );
    assert!(raw.error.contains("damaged"), "{}", raw.error);
    // Others are read as ever.
    assert_eq!(house.run("show 2", None).code, Some(0));
}

fn spoil(house: &House<'_>, message: i64) {
    let connection = rusqlite::Connection::open(house.store_file()).unwrap();
    let sql = "UPDATE octets SET octets = CAST('spoilt' AS BLOB) WHERE message = ?1";
    assert_eq!(connection.execute(sql, [message]).unwrap(), 1);
}

#[test]
fn f18_a_log_without_its_store_is_left_alone() {
    let scene = Scene::new(Errand::Fetch);
    let Some(steps) = steps_of(&scene) else {
        return;
    };
    let house = scene.house();
    // Killed before the log was folded into the file.
    let faults = Faults {
        signal: Some((steps * 2 / 3, Signal::KILL.as_raw())),
        ..house.faults()
    };
    house.run("sync", Some(&faults));
    let log = house.store_file().with_extension("db-wal");
    let before = fs::read(&log).unwrap();
    assert!(before.len() > 100_000, "{}", before.len());
    for gone in [false, true] {
        if gone {
            fs::remove_file(house.store_file()).unwrap();
        } else {
            fs::copy(house.store_file(), house.path.join("kept")).unwrap();
            fs::write(house.store_file(), "").unwrap();
        }
        for line in ["list", "sync", "doctor --offline"] {
            let ran = house.run(line, None);
            assert_eq!(ran.code, Some(5), "{line}: {}{}", ran.text, ran.error);
            assert!(ran.error.contains("is not complete"), "{}", ran.error);
        }
        assert!(fs::read(&log).unwrap() == before);
        assert_eq!(house.store_file().exists(), !gone);
    }
    assert!(house.server.maildrop().sessions().len() <= 1);
    // Put back, it is as good as before.
    fs::copy(house.path.join("kept"), house.store_file()).unwrap();
    recovers(&house).unwrap();
}

#[test]
fn f18_without_its_log_the_store_is_older_and_the_rest_is_fetched_again() {
    let scene = Scene::new(Errand::Fetch);
    let Some(steps) = steps_of(&scene) else {
        return;
    };
    let cases: Vec<u32> = (1..=steps).step_by(stride(29)).collect();
    let without_log = |step: &u32| {
        let house = scene.house();
        let faults = Faults {
            signal: Some((*step, Signal::KILL.as_raw())),
            ..house.faults()
        };
        house.run("sync", Some(&faults));
        for beside in ["db-wal", "db-shm"] {
            let _ = fs::remove_file(house.store_file().with_extension(beside));
        }
        // Where the log was being folded into the file, the file alone is half of the one and half of the other.
        let again = house.run("sync", None);
        if again.code == Some(5) {
            ended_well(&again)?;
            return all_somewhere(&house);
        }
        recovers(&house)
    };
    each(&cases, |step| format!("step {step}"), without_log).say("stores without their log");
}

#[test]
fn f18_without_its_index_mail_is_read_fetched_and_deleted_and_the_index_is_made_again() {
    let scene = Scene::new(Errand::Apply);
    for sql in [
        "DROP TABLE search",
        "DELETE FROM search_data WHERE id > 10",
        "UPDATE search_data SET block = x'00ff'",
    ] {
        let house = scene.house();
        let connection = rusqlite::Connection::open(house.store_file()).unwrap();
        connection.execute_batch(sql).unwrap();
        drop(connection);
        assert_eq!(house.run("list", None).code, Some(0), "{sql}");
        assert_eq!(house.run("show 3", None).code, Some(0), "{sql}");
        let searched = house.run("list tide", None);
        ended_well(&searched).unwrap();
        let reindexed = house.run("doctor --reindex", None);
        assert_eq!(reindexed.code, Some(0), "{sql}: {}", reindexed.error);
        let found = house.run("list --json tide", None);
        assert_eq!(found.text.lines().count(), 5, "{sql}: {}", found.error);
        assert_eq!(house.run("apply --yes", None).code, Some(0), "{sql}");
        recovers(&house).unwrap();
    }
}
