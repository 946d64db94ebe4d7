use std::path::PathBuf;
use std::time::Duration;

use crate::mail::{AccountId, BodyRule, Digest, RetentionPolicy};

/// Everything that the configuration says, with the defaults for what it leaves out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Colours of the reader.
    pub theme: Theme,
    /// Which keys do what.
    pub keys: Keys,
    /// Which characters marks and frames are drawn with.
    pub glyphs: Glyphs,
    /// How long a message is looked at before it counts as read; `None` means never.
    pub mark_read_after: Option<Duration>,
    /// How the arrival of new mail is told.
    pub notify: Notify,
    /// What is looked for again and again.
    pub searches: Vec<String>,
    /// The accounts, in the order of the file.
    pub accounts: Vec<Account>,
    /// Folder of a live copy, one Maildir per account, when one is wanted.
    pub mirror: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            theme: Theme::Auto,
            keys: Keys::default(),
            glyphs: Glyphs::Auto,
            mark_read_after: Some(Duration::from_secs(2)),
            notify: Notify::Auto,
            searches: Vec::new(),
            accounts: Vec::new(),
            mirror: None,
        }
    }
}

impl Config {
    /// The account of this name.
    pub fn account(&self, id: &AccountId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == *id)
    }
}

/// `theme`: the colours of the reader.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Dark or light, as the terminal's background is.
    #[default]
    Auto,
    /// For a dark background.
    Dark,
    /// For a light background.
    Light,
    /// Only the terminal's own sixteen colours.
    Ansi,
    /// This file: `themes/NAME.toml` beside the configuration.
    File(PathBuf),
}

/// `keys`: a set of keys, and the single keys that the person changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// The set that is started from.
    pub set: KeySet,
    /// What `[keys]` changes in it, in the order of the file.
    pub overrides: Vec<KeyOverride>,
}

/// A set of keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeySet {
    /// poppet's own.
    #[default]
    Poppet,
    /// What mutt's users know.
    Mutt,
    /// What Gmail's users know.
    Gmail,
    /// What Alpine's users know.
    Alpine,
}

/// A line of `[keys]`, as it stands there; what it means is the reader's to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyOverride {
    /// What stands before the `=`.
    pub name: String,
    /// What stands behind it: one text, or several from a list. An empty list takes the keys away.
    pub values: Vec<String>,
    /// Its line in the file: 1 for the first.
    pub line: usize,
    /// The character in the line where its name begins: 1 for the first.
    pub column: usize,
}

/// `glyphs`: the characters of marks and frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Glyphs {
    /// As the locale and the terminal allow.
    #[default]
    Auto,
    /// ASCII only.
    Ascii,
    /// Unicode.
    Unicode,
    /// Unicode and the symbols of a Nerd Font.
    Nerd,
}

/// `notify`: how new mail is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notify {
    /// As the terminal can.
    #[default]
    Auto,
    /// Not at all.
    Off,
    /// The terminal's bell.
    Bell,
    /// A notification of the terminal (OSC 9 or 777).
    Terminal,
    /// A notification of the desktop.
    Desktop,
}

/// An account: `[accounts.NAME]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub id: AccountId,
    /// The person's address.
    pub email: String,
    /// The person's name; may be empty.
    pub name: String,
    /// How its server is reached.
    pub pop3: Pop3,
    /// Which bodies are downloaded unasked.
    pub bodies: BodyRule,
    /// How often it is checked while the reader runs; `None` means never. The server's LOGIN-DELAY wins if longer.
    pub check_every: Option<Duration>,
    /// What may stay on the server, and what may go.
    pub retention: RetentionPolicy,
}

/// How a POP3 server is reached: `[accounts.NAME.pop3]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pop3 {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How the connection is encrypted. [`Tls::None`] stands here only for a loopback host or with
    /// `allow_cleartext = true`.
    pub tls: Tls,
    /// User name for the login.
    pub user: String,
    /// How the login is made.
    pub auth: Auth,
    /// Where the password comes from.
    pub password: Password,
    /// Which certificate is trusted.
    pub trust: Trust,
}

/// `tls`: how a connection is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tls {
    /// From the first octet (RFC 8314).
    #[default]
    Implicit,
    /// By STLS, before anything else; without it there is no login (RFC 2595).
    StartTls,
    /// Not at all.
    None,
}

impl Tls {
    /// The port where the configuration names none.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Implicit => 995,
            Self::StartTls | Self::None => 110,
        }
    }

    /// As it is written in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Implicit => "implicit",
            Self::StartTls => "starttls",
            Self::None => "none",
        }
    }
}

impl std::str::FromStr for Tls {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        choose(text, &TLS)
    }
}

/// `auth`: how a login is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Auth {
    /// The strongest that the server offers.
    #[default]
    Auto,
    /// SASL PLAIN.
    Plain,
    /// SASL LOGIN.
    Login,
    /// SASL CRAM-MD5.
    CramMd5,
    /// SASL SCRAM-SHA-256.
    ScramSha256,
    /// APOP.
    Apop,
    /// USER and PASS.
    UserPass,
    /// SASL XOAUTH2: the password is an access token.
    XOAuth2,
    /// SASL OAUTHBEARER: the password is an access token.
    OAuthBearer,
}

impl Auth {
    /// As the configuration has it.
    pub fn as_str(self) -> &'static str {
        AUTH.iter()
            .find(|(_, auth)| *auth == self)
            .map_or("auto", |(name, _)| name)
    }

    /// Whether the "password" is an access token, which is good for a short time only.
    pub fn takes_token(self) -> bool {
        matches!(self, Self::XOAuth2 | Self::OAuthBearer)
    }
}

impl std::str::FromStr for Auth {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        choose(text, &AUTH)
    }
}

/// `password`: where it comes from. Never the configuration itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Password {
    /// The keyring of the operating system.
    #[default]
    Keyring,
    /// The person, each time poppet runs.
    Ask,
    /// The first line that this program prints: its name and its arguments, run without a shell.
    Command(Vec<String>),
}

/// Which certificate is trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// What the operating system trusts.
    #[default]
    System,
    /// What the operating system trusts, and the authority or certificate in this PEM file.
    AlsoFile(PathBuf),
    /// Exactly the certificate with this SHA-256 over its DER form.
    Pin(Digest),
}

/// The value that `text` names, or a sentence that says what it may be.
pub(super) fn choose<T: Copy>(text: &str, choices: &[(&str, T)]) -> Result<T, String> {
    if let Some((_, value)) = choices.iter().find(|(name, _)| *name == text) {
        return Ok(*value);
    }
    let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
    let all = names.join(", ");
    Err(match super::nearest(text, names) {
        Some(near) => format!("did you mean \"{near}\"? It may be one of: {all}"),
        None => format!("it may be one of: {all}"),
    })
}

pub(super) const TLS: [(&str, Tls); 3] = [
    ("implicit", Tls::Implicit),
    ("starttls", Tls::StartTls),
    ("none", Tls::None),
];

pub(super) const AUTH: [(&str, Auth); 9] = [
    ("auto", Auth::Auto),
    ("plain", Auth::Plain),
    ("login", Auth::Login),
    ("cram-md5", Auth::CramMd5),
    ("scram-sha-256", Auth::ScramSha256),
    ("apop", Auth::Apop),
    ("user-pass", Auth::UserPass),
    ("xoauth2", Auth::XOAuth2),
    ("oauthbearer", Auth::OAuthBearer),
];

pub(super) const KEY_SETS: [(&str, KeySet); 4] = [
    ("poppet", KeySet::Poppet),
    ("mutt", KeySet::Mutt),
    ("gmail", KeySet::Gmail),
    ("alpine", KeySet::Alpine),
];

pub(super) const GLYPHS: [(&str, Glyphs); 4] = [
    ("auto", Glyphs::Auto),
    ("ascii", Glyphs::Ascii),
    ("unicode", Glyphs::Unicode),
    ("nerd", Glyphs::Nerd),
];

pub(super) const NOTIFY: [(&str, Notify); 5] = [
    ("auto", Notify::Auto),
    ("off", Notify::Off),
    ("bell", Notify::Bell),
    ("terminal", Notify::Terminal),
    ("desktop", Notify::Desktop),
];
