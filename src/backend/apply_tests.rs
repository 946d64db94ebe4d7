use super::*;
use crate::mail::{Flags, Folder, Reason, RemoteId, Timestamp, header_digest};

const MAIL: &[u8] = b"Subject: one\r\n\r\nbody\r\n";
const OTHER: &[u8] = b"Subject: one\r\n\r\nanother body\r\n";

fn entry() -> LedgerEntry {
    LedgerEntry {
        id: LedgerId(1),
        message: MessageId(1),
        remote: RemoteId::new(b"a"),
        octets: MAIL.len() as u64,
        header: Some(header_digest(MAIL)),
        server: Server::DeleteWanted,
        reason: Some(Reason::You),
        without_copy: false,
        local: Local::Full,
        folder: Folder::Trash,
        flags: Flags::default(),
        first_seen: Timestamp(0),
        stored: Some(Timestamp(0)),
        sessions_since_stored: 1,
        failure: None,
        confirmed: 0,
    }
}

fn listed() -> (MessageNumber, u64) {
    (MessageNumber::new(1).unwrap(), MAIL.len() as u64)
}

fn copy() -> Option<StoredCopy> {
    StoredCopy::verify(MessageId(1), MAIL, Digest::of(MAIL)).unwrap()
}

fn header() -> Seen {
    Seen::Header(header_digest(MAIL))
}

#[test]
fn a_staged_message_with_a_whole_copy_and_the_same_header_is_deleted() {
    assert!(approve(&entry(), copy().as_ref(), false, listed(), header()).is_ok());
}

#[test]
fn nothing_is_deleted_that_is_not_staged() {
    for server in [
        Server::Present,
        Server::Unconfirmed,
        Server::Deleted,
        Server::Vanished,
    ] {
        let entry = LedgerEntry { server, ..entry() };
        assert_eq!(
            approve(&entry, copy().as_ref(), true, listed(), header()).unwrap_err(),
            Why::NotStaged
        );
    }
}

#[test]
fn i2_another_header_block_under_the_same_uidl_cancels_the_deletion() {
    let seen = Seen::Header(Digest::of(b"else"));
    assert_eq!(
        approve(&entry(), copy().as_ref(), true, listed(), seen).unwrap_err(),
        Why::AnotherMessage
    );
}

#[test]
fn i1_i6_a_copy_that_is_shorter_than_what_the_server_lists_is_compared_to_the_last_octet() {
    let copy = copy().unwrap();
    let long = MAIL.len() as u64;
    // LF for CRLF, as some servers count, or a few octets too few, as others do.
    assert!(is_as_long(&copy, long - 3) && is_as_long(&copy, long));
    assert!(!is_as_long(&copy, long + 1));
    let entry = LedgerEntry {
        octets: long + 100,
        ..entry()
    };
    let listed = (listed().0, long + 100);
    assert!(approve(&entry, Some(&copy), false, listed, header()).is_err());
    let whole = Seen::Whole {
        header: header_digest(MAIL),
        all: Digest::of(MAIL),
    };
    assert!(approve(&entry, Some(&copy), false, listed, whole).is_ok());
}

#[test]
fn f20_another_body_under_the_same_header_cancels_the_deletion_where_it_was_seen() {
    let seen = Seen::Whole {
        header: header_digest(OTHER),
        all: Digest::of(OTHER),
    };
    assert_eq!(
        approve(&entry(), copy().as_ref(), true, listed(), seen).unwrap_err(),
        Why::AnotherMessage
    );
}

#[test]
fn f18_a_damaged_copy_is_no_copy_whatever_was_agreed() {
    let entry = LedgerEntry {
        without_copy: true,
        ..entry()
    };
    assert_eq!(
        approve(&entry, None, true, listed(), header()).unwrap_err(),
        Why::Damaged
    );
}

#[test]
fn i1_without_a_copy_it_takes_the_persons_word_twice() {
    let bare = LedgerEntry {
        local: Local::Headers,
        ..entry()
    };
    assert_eq!(
        approve(&bare, None, true, listed(), header()).unwrap_err(),
        Why::NoCopy
    );
    let waived = LedgerEntry {
        without_copy: true,
        ..bare
    };
    assert_eq!(
        approve(&waived, None, false, listed(), header()).unwrap_err(),
        Why::NoCopy
    );
    assert!(approve(&waived, None, true, listed(), header()).is_ok());
}

#[test]
fn a_line_without_a_header_digest_is_never_deleted() {
    let unknown = LedgerEntry {
        header: None,
        ..entry()
    };
    assert_eq!(
        approve(&unknown, copy().as_ref(), true, listed(), header()).unwrap_err(),
        Why::AnotherMessage
    );
}

#[test]
fn i2_another_size_under_the_same_header_is_deleted_only_after_all_octets_were_compared() {
    let number = MessageNumber::new(1).unwrap();
    let larger = (number, MAIL.len() as u64 + 7);
    assert_eq!(
        approve(&entry(), copy().as_ref(), false, larger, header()).unwrap_err(),
        Why::AnotherMessage
    );
    let whole = Seen::Whole {
        header: header_digest(MAIL),
        all: Digest::of(MAIL),
    };
    assert!(approve(&entry(), copy().as_ref(), false, larger, whole).is_ok());
}
