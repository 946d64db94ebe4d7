use std::fs;
use std::io::{self, Read as _};
use std::sync::Arc;

use super::*;
use crate::mail::{Digests, Elsewhere, Octets, Passing};

#[test]
fn what_was_answered_is_there_after_a_restart_without_closing() {
    let mut shelf = Shelf::new();
    let stored = shelf.arrive_one(letter("a").full("u1"));
    std::mem::forget(shelf.store.clone());
    shelf.reopen();
    assert_eq!(shelf.everything(), [stored.message.0]);
    let verified = proofs(&shelf.store, vec![stored.message]);
    assert!(verified[0].1.is_some());
}

#[test]
fn closing_folds_the_log_into_the_file_and_turns_later_work_away() {
    let mut shelf = Shelf::new();
    shelf.arrive_one(letter("a").full("u1"));
    let queued = shelf
        .store
        .store_arrivals(&shelf.account, vec![letter("b").full("u2")], NOW);
    shelf.store.close().unwrap();
    assert_eq!(queued.wait().unwrap().stored.len(), 1);
    let late = shelf.store.account(&shelf.account, NOW).wait();
    assert!(matches!(late, Err(Error::Closed)));
    assert!(matches!(
        shelf.store.list(Listing::default()).wait(),
        Err(Error::Closed)
    ));
    let log = shelf.path().with_extension("db-wal");
    assert_eq!(fs::metadata(log).map_or(0, |log| log.len()), 0);
    shelf.reopen();
    assert_eq!(shelf.everything().len(), 2);
}

#[cfg(unix)]
#[test]
fn folder_and_file_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/data/mail.db");
    let store = Store::open(&path).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&path.with_extension("db-wal")), 0o600);
    store.close().unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let _store = Store::open(&path).unwrap();
    assert_eq!(mode(&path), 0o600);
}

#[cfg(unix)]
#[test]
fn v30_a_link_may_lead_to_a_store_but_none_is_made_where_it_leads_to() {
    use std::os::unix::fs::symlink;
    let shelf = Shelf::new();
    shelf.arrive_one(letter("a").full("u1"));
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("mail.db");
    let missing = folder.path().join("other disk/mail.db");
    symlink(&missing, &link).unwrap();
    for _ in 0..2 {
        let refused = Store::open_or_view(&link);
        assert!(matches!(refused, Err(Error::Dangling(path)) if path == link));
        assert!(!missing.exists());
        // The disk is there, and the store is not.
        fs::create_dir_all(missing.parent().unwrap()).unwrap();
    }
    fs::remove_file(&link).unwrap();
    symlink(shelf.path(), &link).unwrap();
    let store = Store::open(&link).unwrap();
    assert_eq!(store.list(Listing::default()).wait().unwrap().rows.len(), 1);
    store.close().unwrap();
    // A log that holds everything is known as such beside the file and not beside the link.
    let alone = folder.path().join("alone.db");
    fs::write(&alone, "").unwrap();
    fs::write(folder.path().join("alone.db-wal"), "what was written last").unwrap();
    fs::remove_file(&link).unwrap();
    symlink(&alone, &link).unwrap();
    assert!(matches!(Store::open(&link), Err(Error::OnlyLog(_))));
    let log = fs::read(folder.path().join("alone.db-wal")).unwrap();
    assert_eq!(log, b"what was written last");
}

#[test]
fn a_newer_store_and_a_foreign_file_are_refused_untouched() {
    let shelf = Shelf::new();
    shelf.store.close().unwrap();
    let ours = rusqlite::Connection::open(shelf.path()).unwrap();
    ours.execute_batch("PRAGMA user_version = 4711; PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    drop(ours);
    let before = fs::read(shelf.path()).unwrap();
    assert!(matches!(
        Store::open(&shelf.path()),
        Err(Error::Newer { found: 4711, .. })
    ));
    assert_eq!(fs::read(shelf.path()).unwrap(), before);

    let foreign = shelf.path().with_file_name("foreign.db");
    let other = rusqlite::Connection::open(&foreign).unwrap();
    other.execute_batch("CREATE TABLE messages (x)").unwrap();
    drop(other);
    let text = shelf.path().with_file_name("text.db");
    fs::write(&text, "dear diary").unwrap();
    for path in [foreign, text] {
        let before = fs::read(&path).unwrap();
        assert!(matches!(Store::open(&path), Err(Error::Foreign(_))));
        assert_eq!(fs::read(&path).unwrap(), before);
    }
}

#[test]
fn a_newer_version_in_the_log_alone_is_refused_too() {
    let shelf = Shelf::new();
    let other = rusqlite::Connection::open(shelf.path()).unwrap();
    other.execute_batch("PRAGMA user_version = 4711").unwrap();
    assert!(matches!(
        Store::open(&shelf.path()),
        Err(Error::Newer { found: 4711, .. })
    ));
}

#[test]
fn a_store_in_order_gets_its_writer_with_the_first_thing_to_write() {
    let mut shelf = Shelf::new();
    let first = shelf.arrive_one(letter("a").full("u1")).message;
    let begun = |store: &Store| !store.inner.writer.is_asleep();
    assert!(begun(&shelf.store), "one that was made is written");
    shelf.store.close().unwrap();
    shelf.reopen();
    assert_eq!(shelf.everything(), [first.0]);
    assert_eq!(shelf.row(first).id, first);
    assert!(!begun(&shelf.store));
    // Whoever only read leaves nothing beside the file.
    shelf.store.close().unwrap();
    assert!(!shelf.path().with_extension("db-wal").exists());
    assert!(!shelf.path().with_extension("db-shm").exists());

    shelf.reopen();
    let second = shelf.arrive_one(letter("b").full("u2")).message;
    assert!(begun(&shelf.store));
    std::mem::forget(shelf.store.clone());
    shelf.reopen();
    let log = fs::metadata(shelf.path().with_extension("db-wal")).unwrap();
    assert!(log.len() > 0);
    assert!(!begun(&shelf.store), "what somebody left in a log is read");
    assert_eq!(shelf.everything(), [second.0, first.0]);

    shelf.store.close().unwrap();
    shelf.reopen();
    shelf.store.close().unwrap();
    assert!(!shelf.store.inner.writer.is_asleep(), "it begins no more");
    let late = shelf.store.account(&shelf.account, NOW).wait();
    assert!(matches!(late, Err(Error::Closed)), "{late:?}");
}

#[test]
fn the_log_is_folded_into_the_file_when_it_is_long() {
    let shelf = Shelf::new();
    let log = shelf.path().with_extension("db-wal");
    let length = || fs::metadata(&log).unwrap().len();
    let mut arrive = |number: usize| {
        let mut arrival = letter("a").full("u");
        arrival.remote = RemoteId::new(number.to_string().as_bytes());
        let mut octets = arrival.octets.into_beginning();
        octets.extend(number.to_string().bytes().cycle().take(3 << 20));
        arrival.octets = octets.into();
        shelf.arrive_one(arrival);
        // The next job comes after the folding.
        shelf
            .store
            .record_failure(LedgerId(1), None)
            .wait()
            .unwrap();
        length()
    };
    let lengths: Vec<u64> = (0..20).map(&mut arrive).collect();
    let most = 20 << 20;
    assert!(lengths[3] > 9 << 20, "{lengths:?}");
    assert!(lengths.iter().all(|length| *length < most), "{lengths:?}");
    assert!(fs::metadata(shelf.path()).unwrap().len() > 40 << 20);
}

#[test]
fn a_copy_without_a_log_gets_one_when_it_is_opened() {
    let shelf = Shelf::new();
    shelf.arrive_one(letter("a").full("u1"));
    let copy = shelf.path().with_file_name("copy.db");
    rusqlite::Connection::open(shelf.path())
        .unwrap()
        .execute("VACUUM INTO ?1", [copy.to_str().unwrap()])
        .unwrap();
    let modes = || fs::read(&copy).unwrap()[18..20].to_vec();
    assert_eq!(modes(), [1, 1]);
    let store = Store::open(&copy).unwrap();
    assert!(!store.inner.writer.is_asleep());
    assert_eq!(store.list(Listing::default()).wait().unwrap().total, 1);
    store.close().unwrap();
    assert_eq!(modes(), [2, 2]);
}

#[test]
fn a_writer_that_begins_late_writes_only_what_it_knows() {
    let mut shelf = Shelf::new();
    shelf.arrive_one(letter("a").full("u1"));
    shelf.store.close().unwrap();
    let aside = shelf.path().with_file_name("aside");
    let other = shelf.path().with_file_name("other");
    let foreign = rusqlite::Connection::open(&other).unwrap();
    foreign
        .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE messages (x)")
        .unwrap();
    drop(foreign);
    let foreign = fs::read(&other).unwrap();
    let mut older = fs::read(shelf.path()).unwrap();
    older[60..64].copy_from_slice(&6_u32.to_be_bytes());

    for instead in [None, Some(Vec::new()), Some(foreign), Some(older)] {
        shelf.reopen();
        fs::rename(shelf.path(), &aside).unwrap();
        if let Some(octets) = &instead {
            fs::write(shelf.path(), octets).unwrap();
        }
        for _ in 0..2 {
            let told = shelf.store.account(&shelf.account, NOW).wait().unwrap_err();
            let fits = match (&told, &instead) {
                (Error::Database(error), None) => {
                    error.sqlite_error_code() == Some(rusqlite::ErrorCode::CannotOpen)
                }
                (Error::Foreign(_), Some(_)) => true,
                _ => false,
            };
            assert!(fits, "{told:?}");
        }
        assert_eq!(fs::read(shelf.path()).ok(), instead);
        fs::rename(&aside, shelf.path()).unwrap();
        // What was in the way is gone, and it is tried again.
        shelf.store.account(&shelf.account, NOW).wait().unwrap();
        shelf.store.close().unwrap();
    }

    shelf.reopen();
    let newer = rusqlite::Connection::open(shelf.path()).unwrap();
    newer.execute_batch("PRAGMA user_version = 4711").unwrap();
    let told = shelf.store.account(&shelf.account, NOW).wait();
    let newer = matches!(told, Err(Error::Newer { found: 4711, .. }));
    assert!(newer, "{told:?}");
    assert_eq!(shelf.everything().len(), 1);
}

#[test]
fn two_openers_at_once_share_one_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail.db");
    let account = AccountId::new("home").unwrap();
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let (path, account) = (path.clone(), account.clone());
            std::thread::spawn(move || {
                let store = Store::open(&path).unwrap();
                for _ in 0..5 {
                    store
                        .store_arrivals(&account, vec![letter("a").headers("u")], NOW)
                        .wait()
                        .unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
    let store = Store::open(&path).unwrap();
    assert_eq!(store.list(Listing::default()).wait().unwrap().total, 20);
}

#[test]
fn a_message_of_eighteen_megabytes_comes_back_to_the_bit() {
    let shelf = Shelf::new();
    let mut octets = letter("a").full("u1").octets.into_beginning();
    octets.extend((0..18_000_000_u32).map(|n| (n % 251) as u8));
    let mut passing = Passing::default();
    passing.take(&octets);
    let (beginning, len) = (octets[..100].to_vec(), passing.len());
    let large = |octets: Vec<u8>| {
        let kept = Arc::new(Kept(octets));
        Octets::large(beginning.clone(), kept, len, passing.clone().digests())
    };
    // Once in memory, and once piece by piece, over what a failing disk has left of the first.
    for arrived in [Octets::from(octets.clone()), large(octets.clone())] {
        let stored = shelf.arrive_one(Arrival {
            octets: arrived,
            ..letter("a").full("u1")
        });
        let (local, read) = shelf.store.octets(stored.message).wait().unwrap().unwrap();
        assert_eq!(local, Local::Full);
        assert!(read == octets);
        assert!(proofs(&shelf.store, vec![stored.message])[0].1.is_some());
        assert!(shelf.store.check(|_, _| {}).wait().unwrap().is_sound());
        let other = rusqlite::Connection::open(shelf.path()).unwrap();
        let sql = "UPDATE octets SET octets = zeroblob(5000000) WHERE message = ?1";
        assert_eq!(other.execute(sql, [stored.message.0]).unwrap(), 1);
        assert!(proofs(&shelf.store, vec![stored.message])[0].1.is_none());
        let report = shelf.store.check(|_, _| {}).wait().unwrap();
        assert_eq!(report.damaged, [stored.message]);
    }
}

#[test]
fn of_a_large_message_that_cannot_be_read_to_its_end_nothing_is_stored() {
    let shelf = Shelf::new();
    let octets = letter("a").full("u1").octets;
    let digests = Digests {
        header: octets.header_digest(),
        all: octets.digest(),
    };
    let kept = Arc::new(Kept(octets.beginning()[..10].to_vec()));
    let short = Octets::large(Vec::new(), kept, octets.len(), digests);
    let arrival = Arrival {
        octets: short,
        ..letter("a").full("u1")
    };
    let account = AccountId::new("home").unwrap();
    let stored = shelf.store.store_arrivals(&account, vec![arrival], NOW);
    assert!(matches!(stored.wait(), Err(Error::Copy(_))));
    assert_eq!(
        shelf.store.list(Listing::default()).wait().unwrap().total,
        0
    );
}

/// What stands elsewhere than in memory, in memory.
#[derive(Debug)]
struct Kept(Vec<u8>);

impl Elsewhere for Kept {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut rest = self.0.get(offset as usize..).unwrap_or_default();
        rest.read(buffer)
    }
}

#[test]
fn f18_the_octets_of_a_damaged_message_are_put_right_when_they_come_again() {
    let shelf = Shelf::new();
    let first = shelf.arrive_one(letter("a").full("u1"));
    let damage = || {
        let other = rusqlite::Connection::open(shelf.path()).unwrap();
        let sql = "UPDATE octets SET octets = x'00' WHERE message = ?1";
        assert_eq!(other.execute(sql, [first.message.0]).unwrap(), 1);
        let found = proofs(&shelf.store, vec![first.message]);
        assert!(found[0].1.is_none());
        let octets = shelf.store.octets(first.message).wait();
        assert!(matches!(octets, Err(Error::Spoilt(message)) if message == first.message));
        let as_they_are = shelf.store.octets_as_they_are(first.message).wait();
        assert_eq!(as_they_are.unwrap(), Some((Local::Full, vec![0])));
    };
    // The same copy again, another copy of it, and one that only turns out to be it.
    let bare = Arrival {
        extract: Extract::default(),
        ..letter("a").headers("u3")
    };
    let peer = shelf.arrive_one(bare);
    for arrival in [
        of(first.ledger, letter("a").full("u1")),
        letter("a").full("u2"),
        of(peer.ledger, letter("a").full("u3")),
    ] {
        damage();
        let stored = shelf.arrive_one(arrival);
        assert_eq!(stored.message, first.message);
        let found = proofs(&shelf.store, vec![first.message]);
        assert!(found[0].1.is_some());
        let octets = shelf.store.octets(first.message).wait().unwrap().unwrap();
        let whole = letter("a").full("u1").octets.into_beginning();
        assert_eq!(octets, (Local::Full, whole));
    }
}

#[test]
fn f18_a_log_without_its_file_is_not_thrown_away() {
    let shelf = Shelf::new();
    shelf.arrive_one(letter("a").full("u1"));
    let log = shelf.path().with_extension("db-wal");
    let folder = tempfile::tempdir().unwrap();
    let left = folder.path().join("mail.db-wal");
    fs::copy(log, &left).unwrap();
    let before = fs::read(&left).unwrap();
    let alone = folder.path().join("mail.db");
    for store in [Store::open(&alone), Store::open_or_view(&alone)] {
        assert!(matches!(store, Err(Error::OnlyLog(path)) if path == alone));
    }
    assert!(!alone.exists());
    assert_eq!(fs::read(&left).unwrap(), before);
}

#[test]
fn f2_a_store_whose_first_page_never_reached_the_disk_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail.db");
    // What SQLite leaves when the power goes while it writes the first page: a journal that says the file was empty.
    let mut journal = vec![0; 512];
    journal[..8].copy_from_slice(&[0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7]);
    journal[22..24].copy_from_slice(&[2, 0]);
    journal[26..28].copy_from_slice(&[0x10, 0]);
    let complete = {
        let shelf = Shelf::new();
        shelf.store.close().unwrap();
        fs::read(shelf.path()).unwrap()[..4096].to_vec()
    };
    let torn = [vec![0; 2048], complete[2048..].to_vec()].concat();
    for page in [torn, complete] {
        fs::write(&path, page).unwrap();
        fs::write(path.with_extension("db-journal"), &journal).unwrap();
        for _ in 0..2 {
            let store = Store::open(&path).unwrap();
            assert!(store.check(|_, _| {}).wait().unwrap().is_sound());
            store.close().unwrap();
        }
    }
}

#[test]
fn a_batch_that_fails_leaves_no_trace_and_harms_no_other() {
    let shelf = Shelf::new();
    let good = shelf
        .store
        .store_arrivals(&shelf.account, vec![letter("a").full("u1")], NOW);
    let bad = shelf.store.store_arrivals(
        &shelf.account,
        vec![
            letter("b").full("u2"),
            of(LedgerId(99), letter("c").full("u3")),
        ],
        NOW,
    );
    assert!(matches!(bad.wait(), Err(Error::Unknown(_))));
    assert_eq!(good.wait().unwrap().stored.len(), 1);
    assert_eq!(shelf.everything().len(), 1);
    assert!(shelf.store.check(|_, _| {}).wait().unwrap().is_sound());
}

#[test]
fn an_answer_can_be_awaited() {
    let shelf = Shelf::new();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let page = runtime
        .block_on(shelf.store.list(Listing::default()))
        .unwrap();
    assert_eq!(page, Page::default());
}

/// Reading goes from number to number; rows out of their order would send it back and forth for ever.
#[test]
fn f18_a_ledger_whose_lines_are_out_of_order_is_told_as_damage() {
    let mut shelf = Shelf::new();
    for (letter, remote) in
        [("a", "u1"), ("b", "u2"), ("c", "u3")].map(|(id, remote)| (letter(id), remote))
    {
        shelf.arrive_one(letter.headers(remote));
    }
    let (page, size) = {
        let connection = rusqlite::Connection::open(shelf.path()).unwrap();
        let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
        connection.query_row(sql, [], |_| Ok(())).unwrap();
        let sql = "SELECT rootpage FROM sqlite_schema WHERE name = 'ledger'";
        let page: u32 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
        let size: u32 = connection
            .pragma_query_value(None, "page_size", |row| row.get(0))
            .unwrap();
        ((page - 1) as usize * size as usize, size as usize)
    };
    let mut file = fs::read(shelf.path()).unwrap();
    assert_eq!(file[page], 13, "a leaf of a table");
    // The pointer to the second row; there, behind the length of the row, stands its number.
    let row = usize::from(file[page + 10]) * 256 + usize::from(file[page + 11]);
    assert!(row < size);
    let number = page + row + if file[page + row] < 128 { 1 } else { 2 };
    assert_eq!(file[number], 2);
    file[number] = 100;
    fs::write(shelf.path(), file).unwrap();
    shelf.reopen();
    let (tell, told) = std::sync::mpsc::channel();
    let (store, account) = (shelf.store.clone(), shelf.account.clone());
    std::thread::spawn(move || tell.send(store.ledger(&account).wait()));
    let read = told
        .recv_timeout(std::time::Duration::from_mins(1))
        .unwrap();
    assert!(matches!(read, Err(Error::Damaged(_))), "{read:?}");
}
