use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use poppet::demo::{Message, Quirks};

use crate::house::{House, account, contents, letters};

fn house(count: u32) -> House {
    House::with(
        letters(count),
        Quirks::default(),
        "[mirror]\nmaildir = \"live\"\n",
    )
}

/// The files of a Maildir's part; none when there is no such folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_message_is_delivered_once_when_all_of_it_is_here() {
    let house = house(9);
    let live = house.path("config/poppet/live/home");
    house.well("sync --dry-run").await;
    house.well("sync --headers").await;
    assert!(!live.exists());
    house.well("show 1").await;
    house.well("sync").await;
    assert_eq!(contents(&live.join("new")), house.on_server());
    assert!(files(&live.join("tmp")).is_empty() && files(&live.join("cur")).is_empty());
    let mut there = files(&live.join("new"));
    there.sort();
    // Another program reads one and deletes one.
    let (read, gone) = (there[0].clone(), there[1].clone());
    let name = read.file_name().unwrap().to_string_lossy().into_owned();
    std::fs::rename(&read, live.join("cur").join(format!("{name}:2,S"))).unwrap();
    std::fs::remove_file(&gone).unwrap();
    house.well("sync").await;
    assert_eq!(files(&live.join("new")).len(), 7);
    assert_eq!(files(&live.join("cur")).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_messages_than_are_read_at_once_are_all_delivered() {
    let house = house(300);
    house.well("sync").await;
    let maildrop = house.server.maildrop();
    let sent: BTreeSet<Vec<u8>> = maildrop.messages().iter().map(Message::to_vec).collect();
    let new = house.path("config/poppet/live/home/new");
    assert_eq!((sent.len(), contents(&new)), (300, sent));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_trash_is_not_delivered_and_flags_come_along() {
    let house = house(4);
    let text = std::fs::read_to_string(house.config()).unwrap();
    house.configure(text.split("[mirror]").next().unwrap());
    house.well("sync").await;
    house.well("export --maildir out").await;
    house.well("delete --local 1").await;
    house.configure(&text);
    house.well("sync -q").await;
    let live = house.path("config/poppet/live/home");
    assert_eq!(files(&live.join("new")).len(), 3);
    house.well("undelete 1").await;
    house.well("sync").await;
    assert_eq!(
        contents(&live.join("new")),
        contents(&house.path("out/cur"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_cannot_be_written_is_told_and_the_mail_is_safe() {
    let house = house(2);
    let live = house.path("config/poppet/live");
    std::fs::write(&live, "a file").unwrap();
    let ran = house.run("sync").await;
    assert_eq!(ran.code, 5, "{}", ran.error);
    ran.assert_told("The live copy of the mail is not complete");
    assert_eq!(house.well("list --json").await.objects().len(), 2);
    assert_eq!(
        house.run("list no:copy").await.code,
        1,
        "every body was stored"
    );
    std::fs::remove_file(&live).unwrap();
    house.well("sync").await;
    assert_eq!(files(&live.join("home/new")).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_went_wrong_at_a_server_is_the_status_also_when_the_copy_fails() {
    let house = house(2);
    let text = std::fs::read_to_string(house.config()).unwrap();
    let other = account("away", house.port(), "wrong").replace("user = \"demo\"", "user = \"ann\"");
    house.configure(&(other.clone() + &text));
    std::fs::write(house.path("config/poppet/live"), "a file").unwrap();
    let ran = house.run("sync").await;
    assert_eq!(ran.code, 6, "{}", ran.error);
    ran.assert_told("The live copy of the mail is not complete");
    house.configure(&(other + "[mirror]\nmaildir = \"live\"\n"));
    assert_eq!(house.run("sync").await.code, 4);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn interrupted_while_it_copies_a_sync_ends_with_130_and_the_next_one_copies_the_rest() {
    let house = house(1);
    house.well("sync").await;
    for message in letters(20).messages() {
        house.server.maildrop().deliver(message.to_vec());
    }
    // As another poppet does that copies.
    let journal = house.path("data/poppet/mirror/home.delivered");
    let journal = std::fs::File::open(journal).unwrap();
    journal.lock().unwrap();
    let mut child = crate::house::program(house.folder.path(), "sync --json")
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let ended = tokio::task::spawn_blocking(move || {
        let lines = std::io::BufReader::new(child.stdout.take().unwrap());
        let mut lines = std::io::BufRead::lines(lines).map(Result::unwrap);
        assert!(lines.any(|line| line.contains("\"done\"")));
        let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        // The other one does not let go of it.
        let code = child.wait().unwrap().code();
        journal.unlock().unwrap();
        code
    });
    assert_eq!(ended.await.unwrap(), Some(130));
    house.well("sync").await;
    assert_eq!(files(&house.path("config/poppet/live/home/new")).len(), 21);
}
