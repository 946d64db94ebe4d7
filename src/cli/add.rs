//! `poppet account add`, with everything given as flags.

use std::net::IpAddr;
use std::path::Path;

use super::account::print;
use super::args::Add;
use super::ask;
use super::context::Context;
use super::exit::Exit;
use super::probe::{bodies_toml, keep_toml, new_one, octets_toml, openness};
use super::stop::Stop;
use crate::bridge::{Cleartext, Command, Draft, KeepPassword, Ticket};
use crate::config::{Config, Tls, is_loopback, presets};
use crate::mail::{AccountId, BodyRule, Keep, Kind, Problem, Secret};

pub(super) async fn add(context: &Context, add: Add) -> Result<Exit, Stop> {
    let config = context.config_or_none()?;
    let email = add.email.clone().unwrap_or_default();
    let account = name(&config, &add, &email)?;
    let (host, port) = place(&add, &email)?;
    if add.allow_cleartext && add.tls != Tls::None {
        return Err(encrypted_anyway(add.tls).into());
    }
    if add.tls == Tls::None && !add.allow_cleartext && !is_loopback(&host) {
        return Err(in_the_clear(&host).into());
    }
    if let Some(file) = &add.ca_file {
        readable(file)?;
    }
    let password = password(&add, &account).await?;
    let draft = Draft {
        account: account.clone(),
        host,
        port,
        tls: add.tls.as_str().to_owned(),
        allow_cleartext: add.allow_cleartext,
        auth: add.auth.as_str().to_owned(),
        user: add.user.clone().unwrap_or_else(|| email.clone()),
        email,
        name: add.name.clone().unwrap_or_default(),
        keep_password: match &add.password_command {
            Some(words) => KeepPassword::Command(words.0.clone()),
            None if add.ask => KeepPassword::Ask,
            None => KeepPassword::Keyring,
        },
        password,
        keep: keep_toml(&add.keep.clone().unwrap_or(Keep::UntilDeleted)),
        bodies: bodies_toml(add.bodies.unwrap_or(BodyRule::All)),
        quota: add.quota.map(octets_toml),
        ca_file: absolute(add.ca_file.clone()),
        pin: None,
        look: crate::bridge::Look::default(),
    };
    if draft.allow_cleartext && add.no_test && !is_loopback(&draft.host) {
        let open = openness(Cleartext::Exposed, &draft.host);
        context.out.remark(&format!("Encryption is {open}."))?;
    }
    let mut desk = context.desk(config, context.store()?);
    if !add.no_test {
        new_one(context, &mut desk, draft.clone()).await?;
    }
    let ticket = Ticket::new();
    desk.one(
        Command::AddAccount {
            ticket,
            draft: Box::new(draft),
        },
        ticket,
    )
    .await?;
    desk.close().await?;
    if context.out.json {
        let config = context.config()?;
        return match config.account(&account) {
            Some(account) => print(context, account, None).map(|()| Exit::Done),
            None => Ok(Exit::Done),
        };
    }
    context.out.remark(&format!(
        "The account {account} is set up in {}. Next: `poppet sync`, or `poppet` to read.",
        context.paths.config.display()
    ))?;
    Ok(Exit::Done)
}

fn encrypted_anyway(tls: Tls) -> Problem {
    Problem::new(
        Kind::Config,
        "--allow-cleartext has nothing to allow",
        format!("with --tls {} the connection is encrypted", tls.as_str()),
        "Leave it out, or say --tls none if the server really knows no encryption.",
    )
}

fn in_the_clear(host: &str) -> Problem {
    Problem::new(
        Kind::Config,
        "The connection would not be encrypted",
        format!(
            "without encryption, anyone on the way to {host} can read your password and your mail"
        ),
        "Say --tls implicit or --tls starttls. If you must, allow it in so many words: --allow-cleartext",
    )
}

/// With --no-test nobody else looks at it before the first check.
fn readable(file: &Path) -> Result<(), Problem> {
    let opened = std::fs::File::open(file).and_then(|file| file.metadata());
    let why = match opened {
        Ok(meta) if meta.is_file() => return Ok(()),
        Ok(_) => "it is no file".to_owned(),
        Err(error) => error.to_string(),
    };
    Err(Problem::new(
        Kind::Config,
        "The file behind --ca-file cannot be read",
        format!("{}: {why}", file.display()),
        "Name a file with certificates in PEM format, or leave --ca-file out.",
    ))
}

/// The name that was given, or one made from the address that is not taken yet.
fn name(config: &Config, add: &Add, email: &str) -> Result<AccountId, Problem> {
    if let Some(name) = &add.account {
        if config.account(name).is_some() {
            return Err(Problem::new(
                Kind::Config,
                format!("There is an account \"{name}\" already"),
                "the configuration names each account once",
                format!("Take another name, or remove it first: `poppet account remove {name}`."),
            ));
        }
        return Ok(name.clone());
    }
    let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
    let label = domain.split('.').next().unwrap_or_default();
    let unfit = || {
        Problem::new(
            Kind::Config,
            format!("\"{email}\" is not an address"),
            "an address is like sam@example.net",
            "Look at what stands behind --email.",
        )
    };
    let first = AccountId::new(label).map_err(|_| unfit())?;
    let numbered = (2..100).filter_map(|number| AccountId::new(&format!("{label}-{number}")).ok());
    std::iter::once(first)
        .chain(numbered)
        .find(|name| config.account(name).is_none())
        .ok_or_else(unfit)
}

/// The server that was given, or the provider's.
fn place(add: &Add, email: &str) -> Result<(String, u16), Problem> {
    let port = add.port.unwrap_or_else(|| add.tls.default_port());
    if let Some(host) = &add.host {
        return Ok((plain_host(host)?, port));
    }
    let provider = presets::provider(email);
    if let Some(host) = provider.and_then(|provider| provider.host.clone()) {
        return Ok((host, port));
    }
    let what = format!("poppet does not know which server has the mail of {email}");
    let known = provider.and_then(|provider| provider.note.clone());
    let guesses: Vec<String> = presets::guess(email)
        .into_iter()
        .map(|candidate| candidate.host)
        .take(3)
        .collect();
    let remedy = match guesses.as_slice() {
        [] => "Give it with --host, if there is one.".to_owned(),
        hosts => format!("Give it with --host. Often it is {}.", hosts.join(" or ")),
    };
    Err(Problem::new(
        Kind::Config,
        what,
        known.unwrap_or_else(|| "its provider is not on the list".to_owned()),
        remedy,
    ))
}

/// The server's name or address. Refuses what is more, and says which flag takes the rest; what else may be wrong with a name,
/// the configuration says.
fn plain_host(host: &str) -> Result<String, Problem> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if bare.parse::<IpAddr>().is_ok() {
        return Ok(bare.to_owned());
    }
    let (scheme, rest) = match host.split_once("://") {
        Some((_, rest)) => (true, rest.split('/').next().unwrap_or_default()),
        None => (false, host),
    };
    // What stands in front of it may be secret.
    let (secret, rest) = match rest.rsplit_once('@') {
        Some((_, rest)) => (true, rest),
        None => (false, rest),
    };
    let (name, port) = match rest.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => (name, Some(port)),
        _ => (rest, None),
    };
    if !scheme && !secret && port.is_none() {
        return Ok(host.to_owned());
    }
    let more = port.map_or_else(String::new, |port| format!(" --port {port}"));
    let what = if secret {
        "What --host was given is more than the name of a server".to_owned()
    } else {
        format!("\"{host}\" is more than the name of a server")
    };
    Err(Problem::new(
        Kind::Config,
        what,
        "--host takes the name only",
        format!("Say --host {name}{more}"),
    ))
}

/// The password to try and to keep; a command is run by whoever needs what it prints.
async fn password(add: &Add, account: &AccountId) -> Result<Option<Secret>, Stop> {
    if add.password_stdin {
        return Ok(Some(ask::line().await?));
    }
    if add.password_command.is_some() || (add.ask && add.no_test) {
        return Ok(None);
    }
    if ask::somebody() {
        return Ok(ask::password(&format!("Password for {account}: ")).await);
    }
    if add.no_test {
        return Ok(None);
    }
    Err(Problem::new(
        Kind::Login,
        "There is no password to try",
        "nobody is at a terminal who could be asked",
        "Give it on standard input with --password-stdin, name a --password-command, or leave the test out with --no-test.",
    )
    .into())
}

/// The configuration counts from its own folder, the command line from where the person is.
fn absolute(file: Option<std::path::PathBuf>) -> Option<std::path::PathBuf> {
    file.map(|file| std::path::absolute(&file).unwrap_or(file))
}
