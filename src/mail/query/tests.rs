use proptest::prelude::*;

use super::super::{Address, Local, MessageSummary, Server, StoredAt};
use super::*;

/// 2026-11-23T12:00:00Z.
const NOW: Timestamp = Timestamp(20_780 * 86_400 + 43_200);

fn term(text: &str) -> Term {
    Query::parse(text, NOW, 0).unwrap().term().clone()
}

fn mistake(text: &str) -> (usize, usize, String) {
    let error = Query::parse(text, NOW, 0).unwrap_err();
    (error.at, error.length, error.what)
}

fn word(text: &str) -> Term {
    Term::Text {
        field: SearchField::Anywhere,
        text: text.to_owned(),
        prefix: false,
    }
}

fn message() -> MessageSummary {
    MessageSummary {
        id: MessageId(7),
        account: super::super::AccountId::new("home").unwrap(),
        remote: super::super::RemoteId::default(),
        message_id: "a@b".to_owned(),
        from: Address::new("Zoë Müller", "zoe@example.org"),
        to: vec![Address::new("", "sam@example.net")],
        cc: Vec::new(),
        subject: "The engine report".to_owned(),
        date: Timestamp(NOW.0 - 86_400),
        octets: 5_000,
        flags: Flags::SEEN,
        attachments: 0,
        snippet: String::new(),
        thread: MessageId(7),
        folder: Folder::Inbox,
        local: Local::Headers,
        server: Server::Present,
        reason: None,
        sha256: None,
        stored: StoredAt::default(),
    }
}

#[test]
fn an_empty_query_matches_everything() {
    assert!(Query::parse("", NOW, 0).unwrap().is_everything());
    assert!(Query::parse(" \t ", NOW, 0).unwrap().is_everything());
}

#[test]
fn words_are_and_and_or_binds_less() {
    assert_eq!(
        term("a b or c"),
        Term::Any(vec![Term::All(vec![word("a"), word("b")]), word("c")])
    );
    assert_eq!(
        term("a (b OR c)"),
        Term::All(vec![word("a"), Term::Any(vec![word("b"), word("c")])])
    );
}

#[test]
fn a_minus_turns_a_term_round_and_a_dash_inside_a_word_does_not() {
    assert_eq!(
        term("-from:ada x-y"),
        Term::All(vec![
            Term::Not(Box::new(Term::Text {
                field: SearchField::From,
                text: "ada".to_owned(),
                prefix: false
            })),
            word("x-y")
        ])
    );
}

#[test]
fn a_star_makes_a_prefix_except_in_quotation_marks() {
    assert_eq!(
        term("repor*"),
        Term::Text {
            field: SearchField::Anywhere,
            text: "repor".to_owned(),
            prefix: true
        }
    );
    assert_eq!(term("\"repor*\""), word("repor*"));
}

#[test]
fn sizes_are_powers_of_a_thousand() {
    assert_eq!(term("larger:5M"), Term::Larger(5_000_000));
    assert_eq!(term("larger:1.5MB"), Term::Larger(1_500_000));
    assert_eq!(term("smaller:10k"), Term::Smaller(10_000));
    assert_eq!(term("smaller:800"), Term::Smaller(800));
    for bad in [
        "larger:",
        "larger:5X",
        "larger:M",
        "larger:-5",
        "larger:99999999999G",
    ] {
        assert_eq!(mistake(bad).0, 7, "{bad}");
    }
}

#[test]
fn days_begin_where_the_person_is() {
    let east = Query::parse("before:2026-01-01", NOW, 3_600).unwrap();
    assert_eq!(east.term(), &Term::Before(Timestamp(1_767_225_600 - 3_600)));
    assert_eq!(
        term("after:2025-12-24"),
        Term::Since(Timestamp(1_766_534_400))
    );
    assert_eq!(
        term("date:2026-11"),
        Term::All(vec![
            Term::Since(Timestamp(1_793_491_200)),
            Term::Before(Timestamp(1_796_083_200))
        ])
    );
    assert_eq!(
        term("date:today"),
        Term::All(vec![
            Term::Since(Timestamp(20_780 * 86_400)),
            Term::Before(Timestamp(20_781 * 86_400))
        ])
    );
    for bad in [
        "date:2026-13",
        "date:2026-02-30",
        "date:26",
        "date:2026-1-1-1",
    ] {
        assert_eq!(mistake(bad).0, 5, "{bad}");
    }
}

#[test]
fn ages_count_back_from_now() {
    assert_eq!(
        term("older:30d"),
        Term::Before(Timestamp(NOW.0 - 30 * 86_400))
    );
    assert_eq!(term("newer:1w"), Term::Since(Timestamp(NOW.0 - 7 * 86_400)));
    assert_eq!(
        term("newer:1y"),
        Term::Since(Timestamp(NOW.0 - 365 * 86_400))
    );
}

#[test]
fn a_mistake_is_told_where_it_is() {
    assert_eq!(
        mistake("ada form:bob"),
        (4, 5, "there is no \"form:\"".to_owned())
    );
    assert_eq!(
        mistake("is:blue"),
        (3, 4, "\"is:\" cannot be \"blue\"".to_owned())
    );
    assert_eq!(
        mistake("ö \"open"),
        (3, 5, "this quotation mark is not closed".to_owned())
    );
    assert_eq!(
        mistake("a (b"),
        (2, 1, "this bracket is not closed".to_owned())
    );
    assert_eq!(mistake("a or"), (4, 0, "nothing behind \"or\"".to_owned()));
    assert_eq!(
        mistake("or a"),
        (0, 2, "nothing in front of \"or\"".to_owned())
    );
    let error = Query::parse("form:x", NOW, 0).unwrap_err();
    assert_eq!(error.hint, "did you mean \"from:\"?");
    assert_eq!(
        Query::parse("ö is:x", NOW, 0).unwrap_err().column("ö is:x"),
        5
    );
}

#[test]
fn a_star_within_a_word_is_a_mistake_and_the_rest_is_still_looked_for() {
    for (text, at, length) in [
        ("m*n", 0, 3),
        ("ada subject:re*rt", 12, 5),
        ("ada a*b*", 4, 4),
    ] {
        let error = Query::parse(text, NOW, 0).unwrap_err();
        assert_eq!((error.at, error.length), (at, length), "{text}");
        assert!(!error.unfinished, "{text}");
    }
    let (query, _) = Query::parse_lenient("ada m*n", NOW, 0);
    assert_eq!(*query.term(), word("ada"));
    for text in [
        "repor*",
        "repor**",
        "*bold*",
        "\"m*n\"",
        "subject:\"m*n\"",
        "m *n",
        "a * b",
    ] {
        assert!(Query::parse(text, NOW, 0).is_ok(), "{text}");
    }
}

#[test]
fn what_waits_for_something_that_does_not_come_is_a_mistake() {
    for (text, at, length, what) in [
        (
            "subject:(",
            8,
            1,
            "no bracket can stand behind \"subject:\"",
        ),
        (
            "from:(ada bob)",
            5,
            4,
            "no bracket can stand behind \"from:\"",
        ),
        ("body:*", 5, 1, "there is no word behind \"body:\""),
        (
            "subject:\"?!\"",
            8,
            4,
            "there is no word behind \"subject:\"",
        ),
        ("()", 0, 2, "nothing is in this bracket"),
        ("ada -( - )", 7, 1, "nothing behind \"-\""),
        ("ada ( !! )", 4, 6, "nothing is in this bracket"),
        ("(ada", 0, 1, "this bracket is not closed"),
        ("(", 0, 1, "this bracket is not closed"),
        ("ada )", 4, 1, "no bracket was opened that this closes"),
        (
            "(a) b) or )c",
            10,
            2,
            "no bracket was opened that this closes",
        ),
        ("(ada or) bob", 7, 0, "nothing behind \"or\""),
        ("ada or or bob", 7, 2, "nothing in front of \"or\""),
        ("ada -", 4, 1, "nothing behind \"-\""),
        ("-or ada", 0, 1, "nothing behind \"-\""),
        ("(ada -) bob", 5, 1, "nothing behind \"-\""),
        ("- !!", 0, 4, "there is no word in this"),
        (" ) ", 1, 1, "no bracket was opened that this closes"),
        (
            "date:2026-02-30",
            5,
            10,
            "\"date:\" cannot be \"2026-02-30\"",
        ),
        (
            "before:2026-13-01 ada",
            7,
            10,
            "\"before:\" cannot be \"2026-13-01\"",
        ),
        ("subjct:tea ada", 0, 7, "there is no \"subjct:\""),
    ] {
        assert_eq!(mistake(text), (at, length, what.to_owned()), "{text}");
    }
    // What may stand between words, and what is typed as a smile.
    assert_eq!(term("ada - bob"), term("ada bob"));
    assert_eq!(term("ada :) ... bob"), term("ada bob"));
    assert_eq!(
        term("subject:\"(no subject)\"").clone(),
        Term::Text {
            field: SearchField::Subject,
            text: "(no subject)".to_owned(),
            prefix: false,
        }
    );
}

#[test]
fn a_mistake_says_whether_more_that_is_typed_may_mend_it() {
    let unfinished = |text: &str| Query::parse(text, NOW, 0).unwrap_err().unfinished;
    for text in [
        "-",
        "(",
        "ada (b",
        "\"open",
        "from:",
        "is:unr",
        "date:2026-1-",
        "ada or",
        "or",
        "ada or ",
        "subject:\"tea",
        "larger:",
        "ada -",
        "-(is:unr",
    ] {
        assert!(unfinished(text), "{text}");
    }
    for text in [
        "is:blu ada",
        "is:blu ",
        "form:",
        "form:x (",
        "(form:x",
        "from: ada",
        "() ada",
        "or ada",
        "ada )b c",
    ] {
        let text = if text == "form:" { "form:a" } else { text };
        assert!(!unfinished(text), "{text}");
    }
}

#[test]
fn a_subject_prefix_and_an_address_of_the_web_are_words() {
    assert_eq!(term("re: x"), Term::All(vec![word("re"), word("x")]));
    assert_eq!(term("https://example.org"), word("https //example.org"));
}

#[test]
fn a_mistake_leaves_the_rest_of_the_query_standing() {
    let (query, error) = Query::parse_lenient("ada is:blue from:", NOW, 0);
    assert_eq!(query.term(), &word("ada"));
    assert_eq!(error.map(|error| error.at), Some(7));
    assert_eq!(query.source(), "ada is:blue from:");
}

#[test]
fn a_summary_decides_what_it_can() {
    let matches = |text: &str| Query::parse(text, NOW, 0).unwrap().matches(&message());
    assert_eq!(matches(""), Some(true));
    assert_eq!(matches("engine"), Some(true));
    assert_eq!(matches("\"engine report\" muller"), Some(true));
    assert_eq!(matches("\"report engine\""), None);
    assert_eq!(matches("nowhere"), None);
    assert_eq!(matches("nowhere is:unread"), Some(false));
    assert_eq!(matches("nowhere or is:read"), Some(true));
    assert_eq!(matches("from:zoe -subject:repor*"), Some(false));
    assert_eq!(matches("from:bob"), Some(false));
    assert_eq!(
        matches("no:copy on:server id:7 account:home folder:inbox"),
        Some(true)
    );
    assert_eq!(
        matches("id:<a@b> older:2h newer:2d larger:4k smaller:6k"),
        Some(true)
    );
}

#[test]
fn only_a_query_with_folder_names_one() {
    assert!(
        Query::parse("a or -folder:trash", NOW, 0)
            .unwrap()
            .names_folder()
    );
    assert!(!Query::parse("a or b", NOW, 0).unwrap().names_folder());
}

#[test]
fn a_query_has_words_wherever_they_stand_in_it() {
    for (text, has) in [
        ("ada", true),
        ("is:unread (larger:1M or -subject:plan)", true),
        ("file:pdf", true),
        ("", false),
        ("is:unread -has:file (larger:1M or older:1w)", false),
        ("folder:inbox on:server id:7", false),
    ] {
        let query = Query::parse(text, NOW, 0).unwrap();
        assert_eq!(query.has_words(), has, "{text}");
    }
}

#[test]
fn brackets_in_brackets_have_a_limit() {
    let deep = "(".repeat(100_000);
    assert_eq!(mistake(&deep).2, "too many brackets in brackets");
    assert_eq!(mistake(&"x ".repeat(500)).2, "too many words");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reading_a_query_never_fails_badly(text in ".{0,80}", now in any::<i64>(), offset in -86_400..86_400_i32) {
        let (query, error) = Query::parse_lenient(&text, Timestamp(now), offset);
        let _ = query.matches(&message());
        if let Some(error) = error {
            prop_assert!(text.is_char_boundary(error.at));
            prop_assert!(error.at + error.length <= text.len());
        }
    }

    #[test]
    fn reading_what_looks_like_a_query_never_fails_badly(
        parts in proptest::collection::vec("(-|\\(|\\)|or|\"|(from|date|older|larger|is|id|xyz):|[0-9]{1,12}[dwmykMG.]?|2026-0?[0-9]|ü*|\\*| )", 0..12),
    ) {
        let text = parts.concat();
        let (query, error) = Query::parse_lenient(&text, NOW, 0);
        prop_assert_eq!(error.is_none(), Query::parse(&text, NOW, 0).is_ok());
        let _ = query.matches(&message());
    }
}
