use super::*;
use crate::mail::{Digest, Flags, Folder, MessageId};

fn entry(id: i64, remote: &str, server: Server) -> LedgerEntry {
    LedgerEntry {
        id: LedgerId(id),
        message: MessageId(id),
        remote: RemoteId::new(remote.as_bytes()),
        octets: 100,
        header: Some(Digest::of(remote.as_bytes())),
        server,
        reason: None,
        without_copy: false,
        local: Local::Full,
        folder: Folder::Inbox,
        flags: Flags::default(),
        first_seen: Timestamp(0),
        stored: Some(Timestamp(0)),
        sessions_since_stored: 2,
        failure: None,
        confirmed: 0,
    }
}

fn listed(remote: &str) -> Listed {
    Listed {
        remote: RemoteId::new(remote.as_bytes()),
        octets: 100,
    }
}

fn run(listing: &[Listed], ledger: &[LedgerEntry], policy: &RetentionPolicy) -> SyncPlan {
    plan(&PlanInput {
        listing,
        ledger,
        policy,
        bodies: BodyRule::All,
        keeps_nothing: false,
        now: Timestamp(100 * DAY),
        last_sync: Some(Timestamp(99 * DAY)),
        set_up: Timestamp(0),
    })
}

#[test]
fn i10_f25_what_a_server_is_known_to_remove_is_no_reason_to_stop() {
    let ledger: Vec<LedgerEntry> = (0..30)
        .map(|id| LedgerEntry {
            local: if id < 21 { Local::Full } else { Local::Headers },
            ..entry(id, &id.to_string(), Server::Present)
        })
        .collect();
    let brake = |ledger: &[LedgerEntry], keeps_nothing| {
        let policy = RetentionPolicy::default();
        plan(&PlanInput {
            listing: &[],
            ledger,
            policy: &policy,
            bodies: BodyRule::All,
            keeps_nothing,
            now: Timestamp(100 * DAY),
            last_sync: Some(Timestamp(99 * DAY)),
            set_up: Timestamp(0),
        })
        .brake
    };
    assert_eq!(brake(&ledger, true), None);
    assert!(brake(&ledger, false).is_some());
    // What was never here in full has gone for another reason.
    let unread: Vec<LedgerEntry> = ledger
        .into_iter()
        .map(|entry| LedgerEntry {
            local: Local::Headers,
            ..entry
        })
        .collect();
    assert!(brake(&unread, true).is_some());
}

fn policy(keep: Keep) -> RetentionPolicy {
    RetentionPolicy {
        keep,
        ..RetentionPolicy::default()
    }
}

#[test]
fn what_was_never_listed_gets_its_summary_fetched_newest_first() {
    let plan = run(
        &[listed("a"), listed("b"), listed("c")],
        &[entry(1, "b", Server::Present)],
        &RetentionPolicy::default(),
    );
    assert_eq!(plan.summaries, [2, 0]);
    assert_eq!(plan.known, [(LedgerId(1), 1)]);
    assert!(plan.vanished.is_empty() && plan.stage.is_empty());
}

#[test]
fn f20_a_uidl_listed_twice_is_never_taken_for_a_known_message() {
    let plan = run(
        &[listed("a"), listed("a")],
        &[entry(1, "a", Server::Present)],
        &RetentionPolicy::default(),
    );
    assert_eq!(plan.summaries, [1, 0]);
    assert!(plan.known.is_empty());
}

#[test]
fn q5_v2_a_missing_uidl_is_never_taken_for_a_known_message() {
    let plan = run(
        &[listed("")],
        &[entry(1, "", Server::Present)],
        &RetentionPolicy::default(),
    );
    assert_eq!(plan.summaries, [0]);
}

#[test]
fn i8_the_next_listing_decides_what_an_unanswered_quit_did() {
    let ledger = [
        entry(1, "a", Server::Unconfirmed),
        entry(2, "b", Server::Unconfirmed),
    ];
    let plan = run(&[listed("a")], &ledger, &RetentionPolicy::default());
    assert_eq!(plan.wanted_again, [LedgerId(1)]);
    assert_eq!(plan.deleted, [LedgerId(2)]);
    assert!(plan.vanished.is_empty());
}

#[test]
fn f22_i12_a_tombstone_that_is_listed_again_is_compared_before_it_is_believed() {
    let plan = run(
        &[listed("a")],
        &[entry(1, "a", Server::Deleted)],
        &RetentionPolicy::default(),
    );
    assert_eq!(plan.recheck, [(LedgerId(1), 0)]);
    assert!(plan.summaries.is_empty() && plan.bodies.is_empty());
}

#[test]
fn f27_f22_a_confirmed_deletion_is_carried_out_when_it_is_not_listed_or_the_server_is_at_an_earlier_state()
 {
    let confirmed = |id, remote| LedgerEntry {
        confirmed: 1,
        ..entry(id, remote, Server::Deleted)
    };
    let ledger = [
        confirmed(1, "a"),
        confirmed(2, "b"),
        entry(3, "c", Server::Deleted),
    ];
    let carried_out = |listing: &[Listed]| {
        let mut carried_out = run(listing, &ledger, &RetentionPolicy::default()).carried_out;
        carried_out.sort_unstable();
        carried_out
    };
    assert_eq!(carried_out(&[listed("x")]), [LedgerId(1), LedgerId(2)]);
    assert_eq!(carried_out(&[listed("a")]), [LedgerId(2)]);
    assert_eq!(carried_out(&[listed("a"), listed("a")]), [LedgerId(2)]);
    assert_eq!(
        carried_out(&[listed("a"), listed("c")]),
        [LedgerId(1), LedgerId(2)]
    );
}

#[test]
fn f22_a_deletion_that_was_asked_for_again_and_is_not_listed_was_carried_out() {
    let again = |id, remote| LedgerEntry {
        confirmed: 1,
        reason: Some(Reason::You),
        ..entry(id, remote, Server::DeleteWanted)
    };
    let plan = run(&[], &[again(1, "a")], &RetentionPolicy::default());
    assert_eq!(plan.deleted, [LedgerId(1)]);
    assert!(plan.vanished.is_empty());
}

#[test]
fn f22_f20_of_two_under_one_uidl_the_deleted_one_is_gone_when_the_other_is_all_there_is() {
    let gone = LedgerEntry {
        confirmed: 1,
        ..entry(1, "a", Server::Deleted)
    };
    let ledger = [gone, entry(2, "a", Server::Present)];
    let plan = run(&[listed("a")], &ledger, &RetentionPolicy::default());
    assert_eq!(plan.carried_out, [LedgerId(1)]);
    let both = [listed("a"), listed("a")];
    let plan = run(&both, &ledger, &RetentionPolicy::default());
    assert!(plan.carried_out.is_empty());
}

#[test]
fn i10_the_brake_is_on_when_much_vanishes_at_once() {
    let ledger: Vec<_> = (0..100)
        .map(|n| entry(n, &format!("u{n}"), Server::Present))
        .collect();
    let listing: Vec<_> = (0..79).map(|n| listed(&format!("u{n}"))).collect();
    let mut strict = policy(Keep::UntilDownloaded);
    strict.rules_delete = super::super::RulesDelete::Auto;
    let plan = run(&listing, &ledger, &strict);
    assert_eq!(plan.brake, Some(Brake::Vanished { gone: 21, of: 100 }));
    assert!(plan.stage.is_empty());
}

#[test]
fn i10_i11_the_brake_is_on_when_the_clock_runs_backwards() {
    let ledger = [entry(1, "a", Server::Present)];
    let plan = plan(&PlanInput {
        listing: &[listed("a")],
        ledger: &ledger,
        policy: &policy(Keep::Days(1)),
        bodies: BodyRule::All,
        keeps_nothing: false,
        now: Timestamp(50 * DAY),
        last_sync: Some(Timestamp(60 * DAY)),
        set_up: Timestamp(0),
    });
    assert!(plan.ages_doubtful);
    assert_eq!(plan.brake, Some(Brake::Clock));
    assert!(plan.stage.is_empty());
}

#[test]
fn i11_days_count_from_the_stored_copy_and_not_before_it_was_listed_twice() {
    let mut fresh = entry(1, "a", Server::Present);
    fresh.stored = Some(Timestamp(80 * DAY));
    let old = entry(2, "b", Server::Present);
    let mut once = entry(3, "c", Server::Present);
    once.sessions_since_stored = 1;
    let plan = run(
        &[listed("a"), listed("b"), listed("c")],
        &[fresh, old, once],
        &policy(Keep::Days(30)),
    );
    assert_eq!(plan.stage, [LedgerId(2)]);
}

#[test]
fn no_rule_touches_what_is_pinned_excepted_staged_or_not_here() {
    let mut pinned = entry(1, "a", Server::Present);
    pinned.flags = Flags::PINNED;
    let mut starred = entry(2, "b", Server::Present);
    starred.flags = Flags::STARRED;
    let staged = entry(3, "c", Server::DeleteWanted);
    let mut headers = entry(4, "d", Server::Present);
    headers.local = Local::Headers;
    let listing = [listed("a"), listed("b"), listed("c"), listed("d")];
    let plan = run(
        &listing,
        &[pinned, starred, staged, headers],
        &policy(Keep::UntilDownloaded),
    );
    assert!(plan.stage.is_empty());
    assert_eq!(plan.bodies, [(LedgerId(4), 3)]);
}

#[test]
fn the_newest_so_many_stay() {
    let ledger: Vec<_> = (0..5)
        .map(|n| entry(n, &format!("u{n}"), Server::Present))
        .collect();
    let listing: Vec<_> = (0..5).map(|n| listed(&format!("u{n}"))).collect();
    let plan = run(&listing, &ledger, &policy(Keep::Newest(3)));
    assert_eq!(plan.stage, [LedgerId(1), LedgerId(0)]);
    let plan = run(&listing, &ledger, &policy(Keep::Size(250)));
    assert_eq!(plan.stage, [LedgerId(2), LedgerId(1), LedgerId(0)]);
}

#[test]
fn nothing_is_staged_during_the_grace_period() {
    let plan = plan(&PlanInput {
        listing: &[listed("a")],
        ledger: &[entry(1, "a", Server::Present)],
        policy: &policy(Keep::UntilDownloaded),
        bodies: BodyRule::All,
        keeps_nothing: false,
        now: Timestamp(6 * DAY),
        last_sync: None,
        set_up: Timestamp(0),
    });
    assert!(plan.stage.is_empty());
}

#[test]
fn a_message_given_up_without_a_copy_is_not_downloaded() {
    let mut given_up = entry(1, "a", Server::DeleteWanted);
    given_up.local = Local::Headers;
    given_up.without_copy = true;
    let plan = run(&[listed("a")], &[given_up], &RetentionPolicy::default());
    assert!(plan.bodies.is_empty());
}

#[test]
fn i8_f19_what_is_listed_with_another_size_after_an_unanswered_quit_is_compared() {
    let ledger = [entry(1, "a", Server::Unconfirmed)];
    let mut listing = [listed("a")];
    assert!(
        run(&listing, &ledger, &RetentionPolicy::default())
            .recheck
            .is_empty()
    );
    listing[0].octets += 1;
    let plan = run(&listing, &ledger, &RetentionPolicy::default());
    assert_eq!(plan.wanted_again, [LedgerId(1)]);
    assert_eq!(plan.recheck, [(LedgerId(1), 0)]);
}

#[test]
fn q10_f19_a_known_uidl_of_another_size_is_compared_before_it_is_believed() {
    let mut other = listed("a");
    other.octets = 101;
    let plan = run(
        &[other],
        &[entry(1, "a", Server::Present)],
        &RetentionPolicy::default(),
    );
    assert_eq!(plan.recheck, [(LedgerId(1), 0)]);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn every_listed_place_is_known_or_fetched_and_every_known_copy_is_accounted_for(
        listing in proptest::collection::vec(0_u8..12, 0..30),
        ledger in proptest::collection::vec((0_u8..12, 0_u8..5), 0..30),
    ) {
        let listing: Vec<_> = listing.iter().map(|n| listed(&format!("u{n}"))).collect();
        let states = [Server::Present, Server::DeleteWanted, Server::Unconfirmed, Server::Deleted, Server::Vanished];
        let ledger: Vec<_> = ledger.iter().enumerate()
            .map(|(id, (remote, state))| entry(id as i64, &format!("u{remote}"), states[usize::from(*state)]))
            .collect();
        let plan = run(&listing, &ledger, &policy(Keep::UntilDownloaded));
        let mut places: Vec<_> = plan.summaries.iter().copied().chain(plan.known.iter().map(|(_, place)| *place)).chain(plan.settled.iter().copied()).collect();
        places.sort_unstable();
        proptest::prop_assert_eq!(places, (0..listing.len()).collect::<Vec<_>>());
        let known: HashSet<_> = plan.known.iter().map(|(id, _)| *id).collect();
        for gone in plan.vanished.iter().chain(&plan.deleted) {
            proptest::prop_assert!(!known.contains(gone));
        }
        for staged in &plan.stage {
            proptest::prop_assert!(known.contains(staged));
        }
    }
}

#[test]
fn f20_copies_that_share_a_uidl_are_left_as_they_are_while_nothing_changes_under_it() {
    let twice = [listed("a"), listed("a"), listed("b")];
    let two = |server| [entry(1, "a", Server::Present), entry(2, "a", server)];
    let keep = policy(Keep::UntilDeleted);
    for server in [Server::Present, Server::DeleteWanted] {
        let plan = run(&twice, &two(server), &keep);
        assert_eq!(plan.summaries, [2]);
        assert!(plan.ambiguous.is_empty() && plan.vanished.is_empty() && plan.shared.is_empty());
    }
    // Another count, another size, an open question, or one that is not here: all of them are looked at in full.
    let resized = [
        listed("a"),
        Listed {
            octets: 7,
            ..listed("a")
        },
    ];
    let mut headers = two(Server::Present);
    headers[0].local = Local::Headers;
    for (listing, ledger) in [
        (&twice[..1], two(Server::Present)),
        (&resized[..], two(Server::Present)),
        (&twice[..2], two(Server::Unconfirmed)),
        (&twice[..2], two(Server::Deleted)),
        (&twice[..2], headers),
    ] {
        let plan = run(listing, &ledger, &keep);
        assert_eq!(plan.shared.len(), listing.len(), "{ledger:?}");
        assert_eq!(plan.summaries.len(), listing.len());
    }
    // One of two was deleted, and the other is there.
    let plan = run(&twice[..1], &two(Server::Deleted), &keep);
    assert!(plan.summaries.is_empty() && plan.vanished.is_empty() && plan.ambiguous.is_empty());
}
