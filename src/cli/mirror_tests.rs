use super::*;

fn open(root: &Path, journals: &Path, account: &AccountId) -> Mailbox {
    let mut wait = Wait {
        go_on: &mut || true,
        patience: PATIENCE,
    };
    Mailbox::open(root, journals, account, &mut wait).unwrap()
}

fn put(mailbox: &mut Mailbox, octets: &[u8]) -> Result<bool, Cut> {
    put_within(mailbox, octets, PATIENCE, || true)
}

fn put_within(
    mailbox: &mut Mailbox,
    octets: &[u8],
    patience: Duration,
    mut go_on: impl FnMut() -> bool,
) -> Result<bool, Cut> {
    let row = row(octets);
    let digest = row.sha256.unwrap().to_string();
    let mut wait = Wait {
        go_on: &mut go_on,
        patience,
    };
    mailbox.take(&row, octets, digest, &mut wait)
}

fn row(octets: &[u8]) -> MessageSummary {
    let mut row = crate::cli::export::testing::row();
    row.sha256 = Some(crate::mail::Digest::of(octets));
    row
}

fn files(folder: &Path) -> usize {
    ["new", "cur"]
        .map(|part| {
            std::fs::read_dir(folder.join("home").join(part))
                .unwrap()
                .count()
        })
        .iter()
        .sum()
}

fn take(root: &Path, journals: &Path, octets: &[u8]) -> bool {
    let row = row(octets);
    let mut mailbox = open(root, journals, &row.account);
    let digest = row.sha256.unwrap().to_string();
    !mailbox.delivered.contains(&digest) && put(&mut mailbox, octets).unwrap()
}

#[test]
fn a_message_is_delivered_once_also_when_it_was_deleted_there() {
    let folder = tempfile::tempdir().unwrap();
    let (root, journals) = (folder.path().join("mail"), folder.path().join("journals"));
    assert!(take(&root, &journals, b"one"));
    assert!(!take(&root, &journals, b"one"));
    assert!(take(&root, &journals, b"two"));
    assert_eq!(files(&root), 2);
    std::fs::remove_dir_all(root.join("home/new")).unwrap();
    assert!(!take(&root, &journals, b"one"));
    assert_eq!(files(&root), 0);
}

#[test]
fn a_cut_between_the_message_and_the_journal_delivers_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (root, journals) = (folder.path().join("mail"), folder.path().join("journals"));
    assert!(take(&root, &journals, b"one"));
    std::fs::remove_dir_all(&journals).unwrap();
    assert!(!take(&root, &journals, b"one"));
    assert_eq!(files(&root), 1);
}

#[test]
fn what_another_process_delivered_meanwhile_is_not_delivered_again() {
    let folder = tempfile::tempdir().unwrap();
    let (root, journals) = (folder.path().join("mail"), folder.path().join("journals"));
    let account = row(b"one").account;
    let open = || open(&root, &journals, &account);
    let (mut reader, mut sync) = (open(), open());
    let take = |mailbox: &mut Mailbox, octets: &[u8]| put(mailbox, octets).unwrap();
    assert!(take(&mut sync, b"one"));
    assert!(take(&mut reader, b"two"));
    std::fs::remove_dir_all(root.join("home/new")).unwrap();
    std::fs::create_dir(root.join("home/new")).unwrap();
    assert!(!take(&mut reader, b"one"));
    assert!(!take(&mut sync, b"two"));
    assert_eq!(files(&root), 0);
}

#[test]
fn a_process_that_holds_the_place_and_does_nothing_is_not_waited_for_long() {
    let folder = tempfile::tempdir().unwrap();
    let (root, journals) = (folder.path().join("mail"), folder.path().join("journals"));
    let account = row(b"one").account;
    let mut mailbox = open(&root, &journals, &account);
    let other = open(&root, &journals, &account);
    other.journal.lock().unwrap();
    let soon = Duration::from_millis(50);
    let cut = put_within(&mut mailbox, b"one", soon, || true).unwrap_err();
    assert!(matches!(cut, Cut::Held), "{cut:?}");
    let problem = cut.told(&root).unwrap_err();
    assert_eq!(problem.what, "Another poppet is delivering to this Maildir");
    // Whoever writes into the journal is at work.
    let mut asked = 0;
    let at_work = || {
        asked += 1;
        (&other.journal).write_all(b"\n").unwrap();
        if asked == 10 {
            other.journal.unlock().unwrap();
        }
        true
    };
    assert!(put_within(&mut mailbox, b"one", PAUSE / 2, at_work).unwrap());
    assert_eq!(asked, 10);
}

#[test]
fn who_waits_for_another_process_can_stop() {
    let folder = tempfile::tempdir().unwrap();
    let (root, journals) = (folder.path().join("mail"), folder.path().join("journals"));
    let account = row(b"one").account;
    let mut mailbox = open(&root, &journals, &account);
    let other = open(&root, &journals, &account);
    other.journal.lock().unwrap();
    let mut times = 0;
    let cut = put_within(&mut mailbox, b"one", PATIENCE, || {
        times += 1;
        times < 3
    });
    assert!(matches!(cut, Err(Cut::Stopped)), "{cut:?}");
    assert_eq!((times, files(&root)), (3, 0));
}

#[test]
fn a_torn_line_of_the_journal_spoils_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let (root, journals) = (folder.path().join("mail"), folder.path().join("journals"));
    assert!(take(&root, &journals, b"one"));
    let journal = journals.join("home.delivered");
    let mut text = std::fs::read_to_string(&journal).unwrap();
    text.truncate(text.len() - 9);
    std::fs::write(&journal, text).unwrap();
    assert!(take(&root, &journals, b"two"));
    std::fs::remove_dir_all(root.join("home/new")).unwrap();
    assert!(!take(&root, &journals, b"two"));
}

#[test]
fn another_folder_gets_everything() {
    let folder = tempfile::tempdir().unwrap();
    let journals = folder.path().join("journals");
    for root in ["a", "b"] {
        assert!(take(&folder.path().join(root), &journals, b"one"));
        assert_eq!(files(&folder.path().join(root)), 1);
    }
}
