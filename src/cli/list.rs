//! `poppet list`: messages of the store.

use std::collections::HashSet;

use jiff::tz::TimeZone;

use super::args::{List, SortBy};
use super::complaint::mention;
use super::context::{Context, no_such};
use super::exit::Exit;
use super::json::Message;
use super::output::{as_line, is_unicode};
use super::reindex;
use super::stop::Stop;
use super::table::Table;
use super::words::utc_offset;
use super::zone;
use crate::backend::now;
use crate::config::{Config, Glyphs};
use crate::mail::{AccountId, Folder, Kind, MessageSummary, Problem, Query, safe, text};
use crate::store::{Listing, Order, Store};

pub(super) async fn list(context: &Context, wanted: &List) -> Result<Exit, Stop> {
    let zone = zone::system();
    let query = query(&wanted.query, &zone)?;
    let (config, store) = context.stored()?;
    let named = wanted.account.as_ref().map(AccountId::as_str);
    known_accounts(&config, &store, named, &query).await?;
    let listing = Listing {
        // A search goes through everything but the Trash, as in the reader; without one it is the inbox.
        folder: query.is_everything().then_some(Folder::Inbox),
        query,
        account: wanted.account.clone(),
        order: match wanted.sort {
            SortBy::Date => Order::Date,
            SortBy::Size => Order::Size,
            SortBy::From => Order::From,
        },
        ..Listing::default()
    };
    let everything = listing.query.is_everything();
    let partial = reindex::partial(&store, &listing.query).await;
    let rows = all(&store, listing, wanted.limit).await?;
    let found = !rows.is_empty();
    if !found && context.out.terminal {
        let remark = if everything {
            "The inbox is empty. `poppet sync` fetches what is new."
        } else {
            "Nothing is found."
        };
        mention(&context.global, remark);
    }
    let printed = print(context, &config, &zone, &rows);
    store.close()?;
    printed?;
    if let Some(remark) = partial {
        mention(&context.global, &remark);
    }
    Ok(if found { Exit::Done } else { Exit::No })
}

/// Refuses the name of an account that is neither in the configuration nor in the store: nothing of it could ever be found.
pub(super) async fn known_accounts(
    config: &Config,
    store: &Store,
    account: Option<&str>,
    query: &Query,
) -> Result<(), Stop> {
    let wanted: Vec<&str> = account.into_iter().chain(query.accounts()).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let records = store.accounts().await?;
    let names = names(config, &records);
    let unknown = |name: &&str| !names.contains(name);
    match wanted.into_iter().find(unknown) {
        Some(name) => Err(no_such(name, names.into_iter()).into()),
        None => Ok(()),
    }
}

/// All rows of a list, up to a limit.
pub(super) async fn all(
    store: &Store,
    listing: Listing,
    limit: Option<usize>,
) -> Result<Vec<MessageSummary>, Stop> {
    Ok(store.rows(Listing { limit, ..listing }).await?)
}

/// Reads the words of a query as one text.
pub(super) fn query(words: &[String], zone: &TimeZone) -> Result<Query, Problem> {
    let source = words.join(" ");
    let now = now();
    Query::parse(&source, now, utc_offset(now, zone)).map_err(|error| {
        let before = source.get(..error.at).unwrap_or(&source);
        let wrong = source
            .get(error.at..error.at.saturating_add(error.length))
            .unwrap_or_default();
        let column = text::width(&safe::line(before));
        let carets = "^".repeat(text::width(&safe::line(wrong)).max(1));
        Problem::new(
            Kind::Config,
            "The query cannot be understood",
            format!(
                "{}\n  {}\n  {}{carets}",
                error.what,
                safe::line(&source),
                " ".repeat(column)
            ),
            sentence(&error.hint),
        )
    })
}

fn print(
    context: &Context,
    config: &Config,
    zone: &TimeZone,
    rows: &[MessageSummary],
) -> Result<(), Stop> {
    if context.out.json {
        let lines: Result<Vec<String>, Stop> = rows
            .iter()
            .map(|row| as_line(&Message::from(row)))
            .collect();
        return context.out.text(&lines?.concat());
    }
    if rows.is_empty() {
        return Ok(());
    }
    let accounts: HashSet<&str> = rows.iter().map(|row| row.account.as_str()).collect();
    let table = Table {
        out: context.out,
        now: now(),
        zone,
        accounts: accounts.len() > 1,
        unicode: match config.glyphs {
            Glyphs::Ascii => false,
            Glyphs::Unicode | Glyphs::Nerd => true,
            Glyphs::Auto => is_unicode(),
        },
    };
    context.out.text(&table.render(rows))
}

fn names<'a>(config: &'a Config, records: &'a [crate::store::AccountRecord]) -> Vec<&'a str> {
    let mut names: Vec<&str> = config
        .accounts
        .iter()
        .map(|account| account.id.as_str())
        .collect();
    for record in records {
        if !names.contains(&record.account.as_str()) {
            names.push(record.account.as_str());
        }
    }
    names
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let mut sentence: String = chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default();
    if !sentence.ends_with(['.', '?', '!']) {
        sentence.push('.');
    }
    sentence
}
