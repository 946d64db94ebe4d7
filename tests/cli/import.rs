use poppet::demo::Maildrop;

use crate::house::{House, account, contents, letter, letters};

/// Messages that are hard on every format.
fn hard() -> Maildrop {
    let mut messages = vec![
        letter(
            "From: a@x.example\nSubject: quoted\nDate: Mon, 02 Nov 2026 10:00:00 +0000\n\n\nFrom me\n>From you\n\n\n",
        ),
        letter(
            "From: b@x.example\nStatus: RO\nSubject: status\n\nFrom x Mon Nov 23 11:02:00 2026\n",
        ),
        letter("From: c@x.example\nSubject: empty\n\n"),
    ];
    messages.extend(letters(20).messages().iter().cloned());
    Maildrop::new(messages)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_exported_comes_back_to_the_octet_from_every_format() {
    let first = House::new(hard());
    first.well("sync").await;
    for (export, what) in [
        ("--maildir", "dir"),
        ("--mbox", "file"),
        ("--eml", "folder"),
    ] {
        first.well(&format!("export {export} {what}")).await;
        let again = House::letters(0);
        let path = first.path(what);
        let line = format!("import {} --account home", path.display());
        let ran = again.well(&line).await;
        assert!(
            ran.text.starts_with("23 messages imported, 0"),
            "{}",
            ran.text
        );
        again.well("export --eml out").await;
        assert_eq!(contents(&again.path("out")), first.on_server(), "{export}");
        let second = again.well(&format!("{line} --json")).await.objects();
        assert_eq!(
            second,
            [serde_json::json!({"account": "home", "imported": 0, "present": 23, "left_out": 0})]
        );
        let own = first.well(&line).await;
        assert!(
            own.text.starts_with("0 messages imported, 23"),
            "{}",
            own.text
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn flags_and_dates_come_along_and_the_source_stays_as_it_is() {
    let house = House::letters(0);
    let maildir = house.path("old");
    for part in ["tmp", "new", "cur"] {
        std::fs::create_dir_all(maildir.join(part)).unwrap();
    }
    let text = |n: u32| format!("From: n{n}@x.example\nSubject: s{n}\n\nx\n");
    for (n, name) in [
        (1, "cur/1.a.h:2,FS"),
        (2, "cur/2.a.h:2,T"),
        (3, "new/3.a.h"),
        (4, "tmp/4.a.h"),
    ] {
        std::fs::write(maildir.join(name), text(n)).unwrap();
    }
    std::fs::File::options()
        .write(true)
        .open(maildir.join("new/3.a.h"))
        .unwrap()
        .set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000))
        .unwrap();
    let before = contents(&maildir.join("cur"));
    let ran = house.well("import old --account home").await;
    assert!(
        ran.text.starts_with("3 messages imported, 0"),
        "{}",
        ran.text
    );
    let list = house.well("list --json").await.objects();
    assert_eq!(list.len(), 2, "{list:?}");
    let by = |subject: &str| list.iter().find(|row| row["subject"] == subject).unwrap();
    assert_eq!(by("s1")["flags"], serde_json::json!(["seen", "starred"]));
    assert_eq!(by("s3")["flags"], serde_json::json!([]));
    assert_eq!(by("s3")["date"], "2001-09-09T01:46:40+00:00");
    let trash = house.well("list --json folder:trash").await.objects();
    assert_eq!(trash.len(), 1);
    assert_eq!(trash[0]["subject"], "s2");
    assert_eq!(house.run("pending").await.code, 1);
    assert_eq!(contents(&maildir.join("cur")), before);
    std::fs::write(
        house.path("old.mbox"),
        "From x Sun Sep  9 01:46:40 2001\nFrom: m@x.example\nStatus: RO\nX-Status: A\nSubject: box\n\nhello\n",
    )
    .unwrap();
    house.well("import old.mbox --account home").await;
    let found = house.well("list --json subject:box").await.objects();
    assert_eq!(found[0]["flags"], serde_json::json!(["seen", "answered"]));
    assert_eq!(found[0]["date"], "2001-09-09T01:46:40+00:00");
    assert_eq!(found[0]["server"], "vanished");
    house.well("show 1").await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn links_are_left_out_and_counted() {
    let house = House::letters(0);
    let real = house.path("real.txt");
    std::fs::write(&real, "From: a@x.example\nSubject: linked\n\nx\n").unwrap();
    for folder in ["maildir/new", "maildir/cur", "letters"] {
        std::fs::create_dir_all(house.path(folder)).unwrap();
    }
    for (source, file, link) in [
        ("maildir", "maildir/new/1.a.h", "maildir/cur/2.a.h:2,S"),
        ("letters", "letters/1.eml", "letters/2.eml"),
    ] {
        let text = format!("From: a@x.example\nSubject: {source}\n\nx\n");
        std::fs::write(house.path(file), text).unwrap();
        std::os::unix::fs::symlink(&real, house.path(link)).unwrap();
        let line = format!("import {source} --account home");
        let ran = house.well(&line).await;
        assert!(
            ran.error.contains("1 file left out: empty, a link,"),
            "{source}: {}",
            ran.error
        );
        let again = house.well(&format!("{line} --json")).await.objects();
        assert_eq!(
            again,
            [serde_json::json!({"account": "home", "imported": 0, "present": 1, "left_out": 1})],
            "{source}"
        );
    }
    assert_eq!(house.run("list subject:linked").await.code, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_mail_is_refused_and_nothing_is_made() {
    let house = House::letters(0);
    std::fs::write(house.path("letter.txt"), "Dear Ada,\n").unwrap();
    std::fs::create_dir(house.path("empty")).unwrap();
    for path in ["letter.txt", "empty", "nowhere"] {
        let ran = house.run(&format!("import {path} --account home")).await;
        assert_eq!(ran.code, 2, "{path}: {}", ran.error);
        ran.assert_told("Nothing is imported");
        assert!(!house.path("data").exists(), "{path}");
    }
    let ran = house.run("import letter.txt --account hmoe").await;
    assert_eq!(ran.code, 2);
    ran.assert_told("There is no account \"hmoe\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetched_message_and_the_one_of_a_unix_file_are_the_same() {
    let house = House::letters(1);
    house.well("sync").await;
    let message = house.well("show 1 --raw").await.octets;
    let unix = String::from_utf8_lossy(&message).replace("\r\n", "\n");
    std::fs::write(house.path("unix.eml"), unix).unwrap();
    let ran = house.well("import unix.eml --account home").await;
    assert!(
        ran.text.starts_with("0 messages imported, 1 here"),
        "{}",
        ran.text
    );
    house.configure(
        &(account("home", house.port(), "demo")
            + &account("work", house.port(), "demo").replace("demo\"\npass", "demo2\"\npass")),
    );
    let ran = house.well("import unix.eml --account work").await;
    assert!(
        ran.text.starts_with("1 message imported, 0"),
        "{}",
        ran.text
    );
}
