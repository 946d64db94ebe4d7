use proptest::prelude::*;

use super::*;
use crate::mail::{BodyRule, Digest, Folder, Listed, PlanInput, RemoteId, plan};

/// Well past every grace period below.
const NOW: Timestamp = Timestamp(1_000 * DAY);

fn held() -> Held {
    Held {
        server: Server::Present,
        local: Local::Full,
        flags: Flags::SEEN,
        stored: Some(Timestamp(990 * DAY)),
    }
}

fn policy(keep: Keep) -> RetentionPolicy {
    RetentionPolicy {
        keep,
        ..RetentionPolicy::default()
    }
}

fn of(held: Held, keep: Keep) -> Fate {
    fate(held, false, &policy(keep), Timestamp(0))
}

#[test]
fn days_count_from_when_the_body_was_stored() {
    let at = Timestamp(1_020 * DAY);
    assert_eq!(of(held(), Keep::Days(30)), Fate::Goes(at));
}

#[test]
fn nothing_goes_before_the_grace_is_over() {
    let set_up = Timestamp(999 * DAY);
    let fate = fate(held(), false, &policy(Keep::Days(1)), set_up);
    assert_eq!(fate, Fate::Goes(Timestamp(1_006 * DAY)));
}

#[test]
fn what_is_excepted_or_has_no_copy_stays_and_says_why() {
    let with = |flag| Held {
        flags: held().flags.with(flag, true),
        ..held()
    };
    let stays = Fate::Stays;
    assert_eq!(of(with(Flags::PINNED), Keep::Days(1)), stays(Stays::Pinned));
    assert_eq!(
        of(with(Flags::CAME_BACK), Keep::Days(1)),
        stays(Stays::CameBack)
    );
    assert_eq!(
        of(with(Flags::STARRED), Keep::Days(1)),
        stays(Stays::Starred)
    );
    let peeked = Held {
        local: Local::Peeked,
        ..held()
    };
    assert_eq!(of(peeked, Keep::Days(1)), stays(Stays::NoCopy));
    assert_eq!(of(held(), Keep::UntilDeleted), stays(Stays::Kept));
    assert_eq!(of(held(), Keep::Newest(5)), stays(Stays::Kept));
    let mut unread = policy(Keep::Days(1));
    unread.except = vec![Exception::Unread];
    let fresh = Held {
        flags: Flags::default(),
        ..held()
    };
    assert_eq!(
        fate(fresh, false, &unread, Timestamp(0)),
        stays(Stays::Unread)
    );
}

#[test]
fn a_copy_that_left_is_not_foretold() {
    let ledger = [entry(1, 10, Server::Deleted), entry(2, 10, Server::Present)];
    let all = forecast(&ledger, None, &policy(Keep::Days(1)), Timestamp(0)).unwrap();
    let lines: Vec<LedgerId> = all.iter().map(|one| one.line).collect();
    assert_eq!(lines, [LedgerId(2)]);
}

#[test]
fn a_rule_that_counts_from_the_newest_needs_the_last_listing() {
    let ledger = [entry(1, 10, Server::Present), entry(2, 10, Server::Present)];
    let newest = policy(Keep::Newest(1));
    assert_eq!(forecast(&ledger, None, &newest, Timestamp(0)), None);
    let listing = [listed(&ledger[0]), listed(&ledger[1])];
    let all = forecast(&ledger, Some(&listing), &newest, Timestamp(0)).unwrap();
    let fates: Vec<Fate> = all.iter().map(|one| one.fate).collect();
    let grace = Timestamp(newest.grace_seconds);
    assert_eq!(fates, [Fate::Goes(grace), Fate::Stays(Stays::Kept)]);
    // What was deleted since makes room.
    let ledger = [entry(1, 10, Server::Present), entry(2, 10, Server::Deleted)];
    let all = forecast(&ledger, Some(&listing), &newest, Timestamp(0)).unwrap();
    assert_eq!(all[0].fate, Fate::Stays(Stays::Kept));
}

fn listed(entry: &LedgerEntry) -> Listed {
    Listed {
        remote: entry.remote.clone(),
        octets: entry.octets,
    }
}

fn entry(id: i64, octets: u64, server: Server) -> LedgerEntry {
    let remote = RemoteId::new(format!("u{id}").as_bytes());
    LedgerEntry {
        id: LedgerId(id),
        message: MessageId(id),
        header: Some(Digest::of(remote.as_bytes())),
        remote,
        octets,
        server,
        reason: None,
        without_copy: false,
        local: Local::Full,
        folder: Folder::Inbox,
        flags: Flags::SEEN,
        first_seen: Timestamp(0),
        stored: Some(Timestamp(0)),
        sessions_since_stored: 2,
        failure: None,
        confirmed: 0,
    }
}

fn any_entry() -> impl Strategy<Value = LedgerEntry> {
    let server = prop_oneof![
        4 => Just(Server::Present),
        1 => Just(Server::DeleteWanted),
    ];
    let local = prop_oneof![4 => Just(Local::Full), 1 => Just(Local::Headers)];
    (server, local, 0_u32..16, 0_i64..100, 1_u64..50, 0_u32..4).prop_map(
        |(server, local, flags, age, octets, sessions)| LedgerEntry {
            local,
            flags: Flags::from_bits(flags),
            stored: (local == Local::Full).then(|| Timestamp(NOW.0 - age * DAY)),
            sessions_since_stored: sessions,
            ..entry(0, octets, server)
        },
    )
}

fn any_keep() -> impl Strategy<Value = Keep> {
    prop_oneof![
        Just(Keep::UntilDeleted),
        Just(Keep::UntilDownloaded),
        (0_u32..120).prop_map(Keep::Days),
        (0_u32..20).prop_map(Keep::Newest),
        (0_u64..400).prop_map(Keep::Size),
    ]
}

proptest! {
    #[test]
    fn what_is_foretold_for_now_is_what_a_sync_stages(
        entries in prop::collection::vec(any_entry(), 0..20),
        keep in any_keep(),
        set_up in 900_i64..1_010,
    ) {
        let ledger: Vec<LedgerEntry> = entries
            .into_iter()
            .zip(1..)
            .map(|(like, id)| LedgerEntry {
                server: like.server,
                local: like.local,
                flags: like.flags,
                stored: like.stored,
                sessions_since_stored: like.sessions_since_stored,
                ..entry(id, like.octets, like.server)
            })
            .collect();
        let listing: Vec<Listed> = ledger.iter().map(listed).collect();
        let policy = policy(keep);
        let set_up = Timestamp(set_up * DAY);
        let plan = plan(&PlanInput {
            listing: &listing,
            ledger: &ledger,
            policy: &policy,
            bodies: BodyRule::All,
            keeps_nothing: false,
            now: NOW,
            last_sync: Some(Timestamp(NOW.0 - DAY)),
            set_up,
        });
        let all = forecast(&ledger, Some(&listing), &policy, set_up).unwrap();
        let settled = |line: LedgerId| {
            ledger.iter().any(|entry| entry.id == line && entry.sessions_since_stored >= 2)
        };
        let mut due: Vec<LedgerId> = all
            .iter()
            .filter(|one| matches!(one.fate, Fate::Goes(at) if at <= NOW) && settled(one.line))
            .map(|one| one.line)
            .collect();
        let mut staged = plan.stage.clone();
        due.sort_unstable();
        staged.sort_unstable();
        prop_assert_eq!(&due, &staged);
        prop_assert_eq!(all.len(), ledger.len());
        // What it staged it still would, for as long as nothing changes; and nothing else.
        let by_rule: Vec<LedgerEntry> = ledger
            .iter()
            .map(|entry| match entry.server {
                Server::Present => LedgerEntry {
                    server: Server::DeleteWanted,
                    reason: Some(Reason::Rule),
                    ..entry.clone()
                },
                _ => entry.clone(),
            })
            .collect();
        let not_due = not_due(&by_rule, Some(&listing), &policy, set_up, NOW);
        for entry in &ledger {
            let may_go = entry.server == Server::DeleteWanted || due.contains(&entry.id);
            prop_assert_eq!(may_go, !not_due.contains(&entry.id));
        }
    }
}

#[test]
fn i10_what_a_rule_staged_and_no_longer_would_is_not_due() {
    let staged = LedgerEntry {
        server: Server::DeleteWanted,
        reason: Some(Reason::Rule),
        ..entry(1, 10, Server::Present)
    };
    let not_due = |entry: &LedgerEntry, keep| {
        let ledger = [entry.clone()];
        let listing = [listed(entry)];
        not_due(&ledger, Some(&listing), &policy(keep), Timestamp(0), NOW)
    };
    let stays = vec![LedgerId(1)];
    assert_eq!(not_due(&staged, Keep::UntilDownloaded), []);
    assert_eq!(not_due(&staged, Keep::UntilDeleted), stays);
    assert_eq!(not_due(&staged, Keep::Days(2_000)), stays);
    assert_eq!(not_due(&staged, Keep::Newest(1)), stays);
    assert_eq!(not_due(&staged, Keep::Newest(0)), []);
    for flag in [Flags::STARRED, Flags::PINNED, Flags::CAME_BACK] {
        let marked = LedgerEntry {
            flags: staged.flags.with(flag, true),
            ..staged.clone()
        };
        assert_eq!(not_due(&marked, Keep::UntilDownloaded), stays);
    }
    let unsettled = LedgerEntry {
        sessions_since_stored: 1,
        ..staged.clone()
    };
    assert_eq!(not_due(&unsettled, Keep::UntilDownloaded), stays);
    let wish = LedgerEntry {
        reason: Some(Reason::You),
        ..staged.clone()
    };
    assert_eq!(not_due(&wish, Keep::UntilDeleted), []);
    // Without a listing nobody knows which are the newest.
    let ledger = [staged];
    let policy = policy(Keep::Newest(0));
    assert_eq!(
        super::not_due(&ledger, None, &policy, Timestamp(0), NOW),
        stays
    );
}
