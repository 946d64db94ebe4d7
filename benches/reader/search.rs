//! Searching a store while a person types, and what a process takes for one answer: poppet, notmuch, mu.
//!
//! The baseline is the decoded text of all messages in one file, read whole and looked through: an index that is not far
//! below that is not worth having.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use poppet::demo::{COMMON_WORD, PHRASE, RARE_WORD};
use poppet::mail::{Local, Query, Timestamp};
use poppet::mime;
use poppet::store::{Listing, Store};
use tempfile::TempDir;

use crate::figure::{Figure, Of};
use crate::home;
use crate::rivals;

/// Measures; `kept` is a folder in which store, text and the rivals' indexes stay for the next time.
pub(crate) fn measure(
    messages: u32,
    rounds: usize,
    kept: Option<&Path>,
    with_rivals: bool,
) -> Vec<Figure> {
    let (folder, _temporary): (PathBuf, Option<TempDir>) = if let Some(folder) = kept {
        (folder.to_owned(), None)
    } else {
        let folder = tempfile::tempdir().expect("a temporary folder");
        (folder.path().to_owned(), Some(folder))
    };
    let data = folder.join("data");
    if !data.join("mail.db").exists() {
        eprintln!("  filling a store ...");
        home::fill_in_a_process(messages, &data);
    }
    let store = Store::open(&data.join("mail.db")).expect("open the store");
    let mut figures = typing(&store, rounds);
    figures.push(whole_text(&store, &folder.join("text"), rounds));
    store.close().expect("close the store");
    if with_rivals {
        figures.extend(rivals::measure(&folder, rounds * 3));
    }
    figures
}

/// From asking until the first page is here, and until all that was found is known.
fn typing(store: &Store, rounds: usize) -> Vec<Figure> {
    let rare = [RARE_WORD.to_owned(), format!("subject:x or {RARE_WORD}")];
    let common = [
        COMMON_WORD.to_owned(),
        format!("{COMMON_WORD} -{RARE_WORD}"),
    ];
    let phrase = [format!("\"{PHRASE}\"")];
    let prefix: Vec<String> = [COMMON_WORD, RARE_WORD, "the", "station", "reference"]
        .iter()
        .flat_map(|word| (2..word.len()).filter_map(|end| word.get(..end)))
        .map(|start| format!("{start}*"))
        .collect();
    let mut figures = Vec::new();
    for (names, queries, must) in [
        (["search/rare", "search/rare/all"], &rare[..], 20.0),
        (["search/common", "search/common/all"], &common[..], 50.0),
        (["search/phrase", "search/phrase/all"], &phrase[..], 50.0),
        (["search/prefix", "search/prefix/all"], &prefix[..], 50.0),
    ] {
        let (mut page, mut all) = (Vec::new(), Vec::new());
        for _ in 0..rounds.max(100 / queries.len()) {
            for query in queries {
                let (first, rest) = timed(store, query);
                page.push(first);
                all.push(rest);
            }
        }
        figures.push(Figure::new(names[0], "to the first page", "ms", page).at_most(Of::P95, must));
        figures.push(Figure::new(names[1], "to all that was found", "ms", all));
    }
    figures
}

fn timed(store: &Store, query: &str) -> (f64, f64) {
    let listing = Listing {
        query: Query::parse(query, Timestamp(0), 0).expect("a query"),
        limit: Some(PAGE),
        ..Listing::default()
    };
    let begun = Instant::now();
    let search = store.search(listing);
    let rows = search.page.wait().expect("a page");
    let first = begun.elapsed();
    let ids = search.all.wait().expect("the ids");
    let all = begun.elapsed();
    assert_eq!(rows.len(), ids.len().min(PAGE), "{query}");
    if std::env::var_os("SEARCH_TELL").is_some() {
        eprintln!("  {query:30} {:>6} found, {first:?}, {all:?}", ids.len());
    }
    (first.as_secs_f64() * 1e3, all.as_secs_f64() * 1e3)
}

fn whole_text(store: &Store, file: &Path, rounds: usize) -> Figure {
    if !file.exists() {
        eprintln!("  writing the decoded text into one file ...");
        write_text(store, file);
    }
    let finder = memchr::memmem::Finder::new(PHRASE);
    let samples = (0..rounds)
        .map(|_| {
            let begun = Instant::now();
            let text = fs::read(file).expect("read the text");
            let found = finder.find_iter(&text).count();
            assert!(found > 0, "the phrase is in the text");
            begun.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    Figure::new(
        "search/text",
        "baseline: the decoded text read whole",
        "ms",
        samples,
    )
}

fn write_text(store: &Store, file: &Path) {
    let mut out = BufWriter::new(fs::File::create(file).expect("a file"));
    let rows = store.list(Listing::default()).wait().expect("a list").rows;
    for row in rows {
        let octets = store.octets(row.id).wait().expect("octets");
        let (_, octets) = octets.expect("a whole message");
        let extract = mime::extract(&octets, Local::Full);
        writeln!(out, "{}\n{}", extract.subject, extract.text).expect("write");
    }
    out.flush().expect("write");
}

/// A screenful.
pub(crate) const PAGE: usize = 40;
