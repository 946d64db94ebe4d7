use std::net::IpAddr;
use std::path::Path;

use super::error::ConfigError;
use super::load::file;
use super::reader::{Entry, Section};
use super::rules;
use super::types::{AUTH, Account, Auth, Password, Pop3, TLS, Tls, Trust};
use crate::mail::{AccountId, BodyRule, Digest, RetentionPolicy};

/// An account: the value of `accounts.NAME`.
pub(super) fn read(entry: &Entry<'_>, folder: &Path) -> Result<Account, ConfigError> {
    let id = AccountId::new(entry.key).map_err(|_| {
        entry.wrong_key(
            "this cannot name an account",
            "A name is 1 to 64 letters, digits, '-', '_' or '.', and starts with a letter or digit.",
        )
    })?;
    let section = entry
        .section()?
        .only(&["email", "name", "pop3", "download", "server"])?;
    let Some(email_entry) = section.entry("email") else {
        return Err(section.missing("email", "Add your address: email = \"sam@example.net\""));
    };
    let email = email_entry.text("sam@example.net")?;
    if !is_address(email) {
        return Err(email_entry.wrong(
            "this is not an address",
            "Write it like this: email = \"sam@example.net\"",
        ));
    }
    let name = match section.entry("name") {
        Some(name) => name.text("Sam")?.to_owned(),
        None => String::new(),
    };
    let Some(pop3) = section.section("pop3")? else {
        let remedy = format!("Add a section [accounts.{id}.pop3] with host and user.");
        return Err(section.missing("pop3", &remedy));
    };
    let pop3 = read_pop3(&pop3.only(&POP3)?, email, folder)?;
    let (bodies, check_every) = match section.section("download")? {
        Some(download) => rules::read_download(download)?,
        None => (BodyRule::All, Some(rules::CHECK_EVERY)),
    };
    let retention = match section.section("server")? {
        Some(server) => rules::read_server(server, bodies)?,
        None => RetentionPolicy::default(),
    };
    Ok(Account {
        id,
        email: email.to_owned(),
        name,
        pop3,
        bodies,
        check_every,
        retention,
    })
}

/// Refuses a second account on the same mailbox: each would delete what the other still has to fetch.
pub(super) fn refuse_twin(
    entry: &Entry<'_>,
    account: &Account,
    others: &[Account],
) -> Result<(), ConfigError> {
    let place = |account: &Account| {
        let pop3 = &account.pop3;
        // The two usual ports are two doors to one mailbox; any other may be that of a tunnel to another host.
        let port = if pop3.port == 995 { 110 } else { pop3.port };
        (pop3.host.to_ascii_lowercase(), port, pop3.user.clone())
    };
    match others.iter().find(|other| place(other) == place(account)) {
        Some(twin) => Err(entry.wrong_key(
            &format!(
                "this is the mailbox of the account \"{}\" once more",
                twin.id
            ),
            "Remove one of the two: two accounts on one mailbox would delete each other's mail.",
        )),
        None => Ok(()),
    }
}

fn read_pop3(section: &Section<'_>, email: &str, folder: &Path) -> Result<Pop3, ConfigError> {
    let Some(host_entry) = section.entry("host") else {
        return Err(section.missing("host", "Add the server's name: host = \"pop.example.net\""));
    };
    let host = read_host(&host_entry)?;
    let tls = match section.entry("tls") {
        Some(entry) => match entry.text("implicit")? {
            old @ ("ssl" | "tls" | "ssl/tls") => {
                return Err(entry.wrong(
                    &format!("`tls` cannot be \"{old}\""),
                    "Write \"implicit\" for a connection that is encrypted from the start, as on port 995.",
                ));
            }
            _ => entry.choice(&TLS)?,
        },
        None => Tls::default(),
    };
    let allow_cleartext = match section.entry("allow_cleartext") {
        Some(entry) => entry.flag()?,
        None => false,
    };
    if let Some(entry) = section.entry("tls")
        && tls == Tls::None
        && !allow_cleartext
        && !is_loopback(&host)
    {
        return Err(entry.wrong(
            &format!("without encryption, anyone on the way to {host} can read your password and your mail"),
            "Write tls = \"implicit\" or \"starttls\". If you must, allow it in so many words: allow_cleartext = true",
        ));
    }
    let port = match section.entry("port") {
        // The range makes the conversion exact.
        Some(entry) => u16::try_from(entry.number(1, 65_535, 995)?).unwrap_or(tls.default_port()),
        None => tls.default_port(),
    };
    let user = match section.entry("user") {
        Some(entry) => {
            let user = entry.text("sam@example.net")?;
            if user.is_empty() || user.contains(char::is_control) {
                return Err(entry.wrong(
                    "this cannot be a user name",
                    "Write the name as your provider gave it to you, often the whole address.",
                ));
            }
            user.to_owned()
        }
        None => email.to_owned(),
    };
    Ok(Pop3 {
        host,
        port,
        tls,
        user,
        auth: match section.entry("auth") {
            Some(entry) => match entry.text("auto")? {
                "external" => {
                    return Err(entry.wrong(
                        "`auth` cannot be \"external\": poppet has no client certificates",
                        "Leave the line out, or name a way to log in with a password or a token.",
                    ));
                }
                _ => entry.choice(&AUTH)?,
            },
            None => Auth::default(),
        },
        password: match section.entry("password") {
            Some(entry) => read_password(&entry)?,
            None => Password::default(),
        },
        trust: read_trust(section, tls, folder)?,
    })
}

fn read_host(entry: &Entry<'_>) -> Result<String, ConfigError> {
    let text = entry.text("pop.example.net")?;
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text);
    if bare.parse::<IpAddr>().is_ok() {
        return Ok(bare.to_owned());
    }
    if let Some((_, rest)) = text.split_once("://") {
        return Err(entry.wrong(
            "a host is only a name, not an address with \"://\"",
            &format!(
                "Write host = \"{}\"",
                rest.split([':', '/']).next().unwrap_or_default()
            ),
        ));
    }
    if let Some((name, port)) = text.rsplit_once(':') {
        return Err(entry.wrong(
            "the port has a line of its own",
            &format!("Write host = \"{name}\" and port = {port}"),
        ));
    }
    if !text.is_ascii() {
        return Err(entry.wrong(
            "a host is written in ASCII",
            "Write the name in the form that starts with \"xn--\".",
        ));
    }
    let fits = (1..=253).contains(&text.len())
        && text
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_'));
    if fits {
        return Ok(text.to_owned());
    }
    Err(entry.wrong(
        "this is not the name of a host",
        "Write it like this: host = \"pop.example.net\"",
    ))
}

fn read_password(entry: &Entry<'_>) -> Result<Password, ConfigError> {
    if let Some(text) = entry.item().as_str() {
        return match text {
            "keyring" => Ok(Password::Keyring),
            "ask" => Ok(Password::Ask),
            _ => Err(entry.wrong(
                "a password does not belong in this file",
                "Write password = \"keyring\" and run `poppet password set NAME`, or \"ask\", or { command = [\"pass\", \"show\", \"mail/home\"] }.",
            )),
        };
    }
    if !entry.item().is_table_like() {
        return Err(entry.wrong_kind(
            "\"keyring\", \"ask\" or a command",
            "{ command = [\"pass\", \"show\", \"mail/home\"] }",
        ));
    }
    let section = entry.section()?.only(&["command"])?;
    let Some(command) = section.entry("command") else {
        return Err(section.missing("command", COMMAND_REMEDY));
    };
    let words: Vec<String> = command
        .texts("[\"pass\", \"show\", \"mail/home\"]")?
        .into_iter()
        .map(|(word, _)| word.to_owned())
        .collect();
    let runs = words.first().is_some_and(|program| !program.is_empty());
    if !runs || words.iter().any(|word| word.contains('\0')) {
        return Err(command.wrong("this command names no program", COMMAND_REMEDY));
    }
    Ok(Password::Command(words))
}

fn read_trust(section: &Section<'_>, tls: Tls, folder: &Path) -> Result<Trust, ConfigError> {
    let (ca_file, pin) = (section.entry("ca_file"), section.entry("pin"));
    if let Some(entry) = ca_file.as_ref().or(pin.as_ref())
        && tls == Tls::None
    {
        return Err(entry.wrong_key(
            &format!("`{}` has nothing to check: tls is \"none\"", entry.key),
            "Write tls = \"implicit\" or \"starttls\", or take this line out.",
        ));
    }
    match (ca_file, pin) {
        (Some(_), Some(pin)) => Err(pin.wrong_key(
            "`pin` and `ca_file` contradict each other",
            "`pin` trusts exactly one certificate, `ca_file` an authority as well as the usual ones: keep one of the two.",
        )),
        (Some(entry), None) => Ok(Trust::AlsoFile(file(&entry, folder, "ca.pem")?)),
        (None, Some(entry)) => {
            let text = entry.text("sha256:...")?;
            read_pin(text).map(Trust::Pin).ok_or_else(|| {
                entry.wrong(
                    "this is not the fingerprint of a certificate",
                    "It is \"sha256:\" and 64 hexadecimal digits: ask whoever runs the server for it.",
                )
            })
        }
        (None, None) => Ok(Trust::System),
    }
}

/// `sha256:` and 64 hexadecimal digits, with or without colons between the octets.
fn read_pin(text: &str) -> Option<Digest> {
    let digits: Vec<u8> = text
        .strip_prefix("sha256:")?
        .bytes()
        .filter(|octet| *octet != b':')
        .map(|octet| {
            char::from(octet)
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect::<Option<_>>()?;
    if digits.len() != 64 {
        return None;
    }
    let octets: Vec<u8> = digits
        .chunks_exact(2)
        .map(|pair| pair.iter().fold(0, |octet, digit| octet << 4 | digit))
        .collect();
    Digest::from_slice(&octets)
}

fn is_address(text: &str) -> bool {
    text.rsplit_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// Whether nothing sent to this host leaves the computer.
pub fn is_loopback(host: &str) -> bool {
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

const COMMAND_REMEDY: &str = "Write password = { command = [\"pass\", \"show\", \"mail/home\"] }: the program, then its arguments.";
const POP3: [&str; 9] = [
    "host",
    "port",
    "tls",
    "allow_cleartext",
    "user",
    "auth",
    "password",
    "ca_file",
    "pin",
];
