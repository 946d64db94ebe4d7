//! The search language, and that the store finds what a query says.

use poppet::mail::{Folder, MessageId, MessageSummary, Query, SearchField};
use poppet::store::{Listing, Store};
use tempfile::TempDir;

use super::letters::assert_harmless;
use super::{Octets, shelf};

/// The first octet says how far east we are, the rest is what somebody types.
pub(super) fn run(octets: &[u8]) {
    let mut octets = Octets(octets);
    let east = i32::from(octets.octet().cast_signed()) * 600;
    let text = String::from_utf8_lossy(octets.take(400));
    let (query, error) = Query::parse_lenient(&text, shelf::NOW, east);
    let strict = Query::parse(&text, shelf::NOW, east);
    match &error {
        None => assert_eq!(strict.as_ref(), Ok(&query)),
        Some(error) => {
            assert_eq!(strict.as_ref(), Err(error));
            let end = error.at + error.length;
            assert!(
                text.is_char_boundary(error.at) && text.is_char_boundary(end),
                "{error:?}"
            );
            assert!(error.column(&text) <= text.chars().count());
            assert!(!error.what.is_empty() && !error.hint.is_empty());
            assert_harmless(&error.what);
            assert_harmless(&error.hint);
        }
    }
    assert_eq!(query.source(), text);
    assert_eq!(
        Query::parse_lenient(query.source(), shelf::NOW, east).0,
        query
    );
    SHELF.with(|shelf| shelf.finds(&query));
}

/// The queries of the guide, and unfinished ones.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    QUERIES
        .iter()
        .map(|query| [b"\x06", query.as_bytes()].concat())
        .collect()
}

thread_local! {
    static SHELF: Shelf = Shelf::new();
}

struct Shelf {
    store: Store,
    rows: Vec<MessageSummary>,
    _folder: TempDir,
}

impl Shelf {
    fn new() -> Self {
        let folder = shelf::folder();
        let store = Store::open(&shelf::file(&folder)).expect("a store");
        let ids = shelf::fill(&store, &super::files("mail"));
        let rows = store.summaries(ids).wait().expect("the rows");
        assert!(rows.len() > 10);
        Self {
            store,
            rows,
            _folder: folder,
        }
    }

    fn finds(&self, query: &Query) {
        let needles = query.needles();
        for row in &self.rows {
            for text in [&row.subject, &row.snippet, &row.from.name] {
                let mut end = 0;
                for span in needles.spans(SearchField::Subject, text) {
                    assert!(
                        span.start >= end
                            && span.end > span.start
                            && text.get(span.clone()).is_some()
                    );
                    end = span.end;
                }
            }
        }
        let listing = Listing {
            query: query.clone(),
            ..Listing::default()
        };
        let page = self.store.list(listing.clone()).wait();
        let page = page.unwrap_or_else(|error| panic!("{error} for {query:?}"));
        let found: Vec<MessageId> = page.rows.iter().map(|row| row.id).collect();
        assert_eq!(page.total, found.len(), "{query:?}");
        for row in &self.rows {
            let here = query.names_folder() || row.folder != Folder::Trash;
            let matches = if here {
                query.matches(row)
            } else {
                Some(false)
            };
            let is_found = found.contains(&row.id);
            assert!(
                matches.is_none_or(|matches| matches == is_found),
                "{:?}: {query:?}",
                row.subject
            );
        }
        let search = self.store.search(Listing {
            limit: Some(3),
            ..listing
        });
        let first = search.page.wait();
        let first = first.unwrap_or_else(|error| panic!("{error} for {query:?}"));
        let first: Vec<MessageId> = first.iter().map(|row| row.id).collect();
        assert_eq!(first, found[..found.len().min(3)], "{query:?}");
        let all = search.all.wait();
        let mut all = all.unwrap_or_else(|error| panic!("{error} for {query:?}"));
        let mut found = found;
        all.sort_unstable();
        found.sort_unstable();
        assert_eq!(all, found, "{query:?}");
    }
}

const QUERIES: [&str; 34] = [
    "quarterly report",
    "\"quarterly report\"",
    "repor*",
    "-draft",
    "ada or grace",
    "from:ada to:sam cc:x subject:engine body:plans file:pdf",
    "is:unread is:read is:starred is:answered is:pinned",
    "has:file on:server no:copy",
    "larger:5M smaller:10k larger:1.5kb",
    "older:30d newer:1w older:6m newer:2y older:12h",
    "before:2026-01-01 after:2025-12-24 date:2026-11 date:2026",
    "date:today before:yesterday",
    "folder:archive account:home id:17",
    "folder:trash or id:<1@analytical.example>",
    "-(is:starred or no:copy)",
    "(folder:archive is:starred) or -(a b)",
    "subject:\"the engine\" -from:\"ada lovelace\"",
    "gru\u{df}e Gr\u{fc}\u{df}e cafe\u{301} \u{6771}\u{4eac}*",
    "Re: https://a.example/x",
    "()",
    "(",
    "ada -",
    "ada or",
    "or ada",
    "\"",
    "from:",
    "form:ada",
    ")",
    "- -x --y",
    "a* *b **",
    "from:(a)",
    "id:9999999999999999999",
    "older:4294967295y",
    "0:\"a or b\" AND NEAR(x)",
];
