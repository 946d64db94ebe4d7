//! `poppet account list`, `test` and `remove`.

use super::complaint::complain;
use super::context::{Context, chosen, known};
use super::exit::Exit;
use super::fitted;
use super::json;
use super::output::Paint;
use super::probe;
use super::stop::Stop;
use super::table::cell;
use super::words::{amount, count, iso};
use crate::config::{Account, Password, edit};
use crate::mail::{AccountId, Problem};
use crate::store::AccountRecord;

pub(super) fn list(context: &Context) -> Result<Exit, Stop> {
    let config = context.config()?;
    // A store that does not exist yet is not made only to find nothing in it.
    let records = if context.paths.store().exists() {
        let store = context.store_or_view()?;
        let records = store.accounts().wait()?;
        store.close()?;
        records
    } else {
        Vec::new()
    };
    if config.accounts.is_empty() {
        context
            .out
            .remark("No account is set up yet. Set one up: `poppet account add`.")?;
        return Ok(Exit::No);
    }
    for account in &config.accounts {
        let record = records.iter().find(|record| record.account == account.id);
        print(context, account, record)?;
    }
    Ok(Exit::Done)
}

/// An account on a line, or as an object.
pub(super) fn print(
    context: &Context,
    account: &Account,
    record: Option<&AccountRecord>,
) -> Result<(), Stop> {
    let out = context.out;
    let pop3 = &account.pop3;
    let password = match &pop3.password {
        Password::Keyring => "keyring",
        Password::Ask => "ask",
        Password::Command(_) => "command",
    };
    let listed = record.filter(|record| record.last_sync.is_some());
    if out.json {
        return out.object(&json::Account {
            account: account.id.as_str(),
            email: &account.email,
            host: &pop3.host,
            port: pop3.port,
            tls: pop3.tls.as_str(),
            user: &pop3.user,
            password,
            messages: listed.map(|record| record.messages),
            octets: listed.map(|record| record.octets),
            checked: listed.and_then(|record| record.last_sync).map(iso),
        });
    }
    let place = format!("{}:{}", pop3.host, pop3.port);
    let there = match listed {
        Some(record) => format!(
            "{}, {}",
            count(record.messages, "message"),
            amount(record.octets)
        ),
        None => "never checked".to_owned(),
    };
    if out.terminal {
        let name = cell(account.id.as_str(), 12);
        let room = out.columns().saturating_sub(13);
        let rest = fitted::account(&account.email, &place, &there, room);
        return out.line(&format!("{} {rest}", out.paint(Paint::Bold, &name)));
    }
    let tls = pop3.tls.as_str();
    out.line(&format!(
        "{}\t{}\t{place}\t{tls}\t{password}\t{there}",
        account.id, account.email
    ))
}

pub(super) async fn test(context: &Context, name: Option<AccountId>) -> Result<Exit, Stop> {
    let config = context.accounts()?;
    let names: Vec<AccountId> = name.into_iter().collect();
    let accounts = chosen(&config, &names)?;
    let mut desk = context.desk(config, context.store()?);
    let several = accounts.len() > 1;
    let mut results: Vec<Result<bool, Problem>> = Vec::new();
    for account in &accounts {
        if several {
            context
                .out
                .remark(&context.out.paint(Paint::Bold, account.id.as_str()))?;
        }
        match probe::configured(context, &mut desk, account).await {
            Ok(()) => results.push(Ok(true)),
            Err(Stop::Problem(problem)) => {
                probe::failed(context, &account.id, &problem)?;
                complain(&context.global, Some(&account.id), &problem);
                results.push(Err(problem));
            }
            Err(stop) => return Err(stop),
        }
    }
    desk.close().await?;
    Ok(Exit::of_accounts(
        results.iter().map(|result| result.as_ref().map(|yes| *yes)),
    ))
}

pub(super) async fn remove(context: &Context, name: &AccountId) -> Result<Exit, Stop> {
    let config = context.config()?;
    known(&config, name)?;
    edit::remove_account(&context.paths.config, name)?;
    context.out.remark(&format!(
        "The account {name} is out of the configuration. Its mail here and on the server stays as it is."
    ))?;
    // The password is no use any more. Where the keyring cannot be reached, there is none of it either.
    if context.secrets.clear(name).await.is_ok_and(|had| had) {
        context.out.remark("Its password is out of the keyring.")?;
    }
    Ok(Exit::Done)
}
