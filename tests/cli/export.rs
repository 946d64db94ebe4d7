use crate::house::{House, Ran, contents};

#[tokio::test(flavor = "multi_thread")]
async fn every_octet_reaches_a_maildir_and_a_second_run_adds_nothing() {
    let house = House::letters(12);
    house.well("sync").await;
    let ran = house.well("export --maildir out").await;
    assert!(ran.text.starts_with("12 messages written"), "{}", ran.text);
    assert_eq!(contents(&house.path("out/cur")), house.on_server());
    assert_eq!(std::fs::read_dir(house.path("out/tmp")).unwrap().count(), 0);
    let second = house.well("export --maildir out --json").await.objects();
    assert_eq!(
        second,
        [serde_json::json!({"written": 0, "present": 12, "not_downloaded": 0, "damaged": 0})]
    );
    let moved = std::fs::read_dir(house.path("out/cur"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    std::fs::rename(&moved, format!("{}FS", moved.display())).unwrap();
    assert!(
        house
            .well("export --maildir out")
            .await
            .text
            .starts_with("0 messages written")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_octet_reaches_eml_files_and_a_second_run_adds_nothing() {
    let house = House::letters(7);
    house.well("sync").await;
    house.well("export --eml out").await;
    assert_eq!(contents(&house.path("out")), house.on_server());
    assert!(
        house
            .well("export --eml out")
            .await
            .text
            .starts_with("0 messages written, 7")
    );
    assert_eq!(std::fs::read_dir(house.path("out")).unwrap().count(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_mbox_grows_by_what_is_new_only() {
    let house = House::letters(9);
    house.well("sync").await;
    let rows = house.well("list --json --limit 4").await.objects();
    let query: Vec<String> = rows.iter().map(|row| format!("id:{}", row["id"])).collect();
    assert!(
        house
            .well(&format!("export {} --mbox m", query.join(" or ")))
            .await
            .text
            .starts_with("4 messages")
    );
    let before = std::fs::read(house.path("m")).unwrap();
    assert!(
        house
            .well("export --mbox m")
            .await
            .text
            .starts_with("5 messages written, 4")
    );
    let after = std::fs::read(house.path("m")).unwrap();
    assert!(after.starts_with(&before));
    assert!(
        house
            .well("export --mbox m")
            .await
            .text
            .starts_with("0 messages")
    );
    assert_eq!(std::fs::read(house.path("m")).unwrap(), after);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_here_is_left_out_and_said() {
    let house = House::letters(3);
    house.well("sync --headers").await;
    let ran = house.run("export --eml out").await;
    assert_eq!(ran.code, 1);
    assert!(ran.error.contains("3 messages left out"), "{}", ran.error);
    std::fs::write(house.path("file"), "x").unwrap();
    house.well("sync").await;
    for line in [
        "export --eml file",
        "export --maildir file",
        "export --mbox file",
    ] {
        let ran = house.run(line).await;
        assert_eq!(ran.code, 2, "{line}: {}", ran.text);
        ran.assert_told("Nothing can be exported to this place");
        assert_eq!(std::fs::read(house.path("file")).unwrap(), b"x");
    }
    for line in ["export --mbox none/m", "export --maildir file/out"] {
        let ran = house.run(line).await;
        assert_eq!(ran.code, 2, "{line}: {}", ran.text);
        let place = line.rsplit(' ').next().unwrap_or_default();
        assert!(ran.error.contains(place), "{}", ran.error);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_finds_nothing_leaves_no_mbox_behind() {
    let house = House::letters(2);
    house.well("sync").await;
    let ran = house.run("export nosuchword --mbox m").await;
    assert_eq!(ran.code, 1, "{}", ran.error);
    assert!(!house.path("m").exists());
    std::fs::write(house.path("m"), "").unwrap();
    assert_eq!(house.run("export nosuchword --mbox m").await.code, 1);
    assert!(house.path("m").exists(), "it was there before");
}

/// With so much memory that reading a large file whole fails.
#[cfg(target_os = "linux")]
fn limited(house: &House, line: &str) -> std::process::Command {
    let mut command = std::process::Command::new("sh");
    command
        .args(["-c", "ulimit -v 1500000; exec timeout 20 \"$@\"", "sh"])
        .arg(env!("CARGO_BIN_EXE_poppet"))
        .args(line.split_whitespace())
        .envs([("HOME", house.path("")), ("TZ", "UTC".into())])
        .env("XDG_CONFIG_HOME", house.path("config"))
        .env("XDG_DATA_HOME", house.path("data"))
        .env("XDG_STATE_HOME", house.path("state"))
        .current_dir(house.folder.path());
    command
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_mbox_is_refused_however_large_it_is_and_whatever_it_is() {
    let house = House::letters(1);
    house.well("sync").await;
    let sparse = std::fs::File::create(house.path("sparse")).unwrap();
    sparse.set_len(3_000_000_000).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(house.path("fifo"))
        .status()
        .unwrap();
    assert!(made.success());
    for place in ["sparse", "fifo", "/dev/zero", "/dev/full"] {
        let line = format!("export --mbox {place}");
        let ran = Ran::from(limited(&house, &line).output().unwrap());
        assert_eq!(ran.code, 2, "{line}: {}", ran.error);
        ran.assert_told("Nothing can be exported to this place");
    }
    for place in ["fifo", "/dev/zero"] {
        let line = format!("import {place} --account home");
        let ran = Ran::from(limited(&house, &line).output().unwrap());
        assert_eq!(ran.code, 2, "{line}: {}", ran.error);
        ran.assert_told("Nothing is imported");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_already_is_counted_in_good_grammar() {
    for (count, words) in [(1, "1 was"), (2, "2 were")] {
        let house = House::letters(count);
        house.well("sync").await;
        house.well("export --eml out").await;
        let second = house.well("export --eml out").await;
        assert_eq!(
            second.text,
            format!("0 messages written, {words} there already\n")
        );
    }
}
