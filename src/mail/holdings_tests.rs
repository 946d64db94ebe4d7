use super::super::*;

fn row(id: i64, from: &str, octets: u64, day: i64) -> MessageSummary {
    MessageSummary {
        id: MessageId(id),
        account: AccountId::new("home").unwrap(),
        remote: RemoteId::default(),
        message_id: String::new(),
        from: Address::new("", from),
        to: Vec::new(),
        cc: Vec::new(),
        subject: String::new(),
        date: Timestamp(day * 86_400),
        octets,
        flags: Flags::default(),
        attachments: 0,
        snippet: String::new(),
        thread: MessageId(id),
        folder: Folder::Inbox,
        local: Local::Full,
        server: Server::Present,
        reason: None,
        sha256: None,
        stored: StoredAt::default(),
    }
}

const NOW: Timestamp = Timestamp(100 * 86_400);

fn amount(messages: u64, octets: u64) -> Amount {
    Amount { messages, octets }
}

#[test]
fn the_sums_are_those_of_the_rows() {
    let mut rows = vec![
        row(1, "ada@example.net", 3_000, 99),
        row(2, "ada@example.net", 1_000, 60),
        row(3, "grace@example.net", 6_000, 71),
        row(4, "grace@example.net", 10, 69),
    ];
    rows[1].local = Local::Headers;
    rows[2].server = Server::DeleteWanted;
    let holdings = Holdings::of(&rows, NOW);
    assert_eq!(holdings.all, amount(4, 10_010));
    assert_eq!(holdings.fresh, amount(2, 9_000));
    assert_eq!(holdings.missing, amount(1, 1_000));
    assert_eq!(holdings.staged, amount(1, 6_000));
    let senders: Vec<(&str, Amount)> = senders(&rows)
        .into_iter()
        .map(|(from, amount)| (from.address.as_str(), amount))
        .collect();
    assert_eq!(
        senders,
        [
            ("grace@example.net", amount(2, 6_010)),
            ("ada@example.net", amount(2, 4_000))
        ]
    );
}

#[test]
fn the_pace_of_the_last_month_says_when_it_is_full() {
    let holdings = Holdings::of(&[row(1, "a@example.net", 30_000, 80)], NOW);
    assert_eq!(holdings.daily(), 1_000);
    assert_eq!(holdings.full_in(60_000, 100_000), Some(40));
    assert_eq!(holdings.full_in(120_000, 100_000), Some(0));
    assert_eq!(holdings.full_in(0, 3_650_000), None);
    let still = Holdings::of(&[row(1, "a@example.net", 30_000, 1)], NOW);
    assert_eq!(still.full_in(60_000, 100_000), None);
}

#[test]
fn a_schedule_has_every_copy_once() {
    let copy = |id, octets, fate| Forecast {
        line: LedgerId(id),
        message: MessageId(id),
        octets,
        fate,
    };
    let at = |day: i64| Fate::Goes(Timestamp(day * 86_400 + 5));
    let copies = [
        copy(1, 1, Fate::Gone),
        copy(2, 2, Fate::Staged),
        copy(3, 4, at(99)),
        copy(4, 8, Fate::Goes(NOW)),
        copy(5, 16, at(100)),
        copy(6, 32, at(107)),
        copy(7, 64, at(108)),
        copy(8, 128, at(200)),
        copy(9, 256, Fate::Stays(Stays::Pinned)),
        copy(10, 512, Fate::Stays(Stays::Pinned)),
        copy(11, 1024, Fate::Stays(Stays::NoCopy)),
    ];
    let schedule = Schedule::of(&copies, NOW);
    assert_eq!(schedule.staged, amount(1, 2));
    assert_eq!(schedule.next, amount(2, 12));
    assert_eq!(schedule.within(7, NOW), amount(2, 48));
    assert_eq!(schedule.within(30, NOW), amount(3, 112));
    assert_eq!(schedule.after(30, NOW), amount(1, 128));
    assert_eq!(schedule.stays[&Stays::Pinned], amount(2, 768));
    assert_eq!(schedule.stays[&Stays::NoCopy], amount(1, 1024));
}
