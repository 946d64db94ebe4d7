//! The reader: the screen, the engine and the store put together.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use poppet::backend::keyring::Keyring;
use poppet::backend::secrets::Secrets;
use poppet::backend::{Engine, Options};
use poppet::bridge::{Command, Event, Ticket};
use poppet::cli::UnusedKey;
use poppet::cli::args::{Color, Demo, Global};
use poppet::cli::demo::server;
use poppet::cli::mirror::Mirror;
use poppet::cli::zone;
use poppet::config::{self, Config, Paths, ThemeFile};
use poppet::demo::Server;
use poppet::mail::{Kind, Local, MessageId, Problem, Secret, StagedDelete, applies_unasked};
use poppet::store::Store;
use poppet::ui::action::{ACTIONS, Preset};
use poppet::ui::glyphs::GlyphSet;
use poppet::ui::keymap::{Keymap, KeymapError, Override};
use poppet::ui::list::resume::Whereabouts;
use poppet::ui::theme::ThemeKind;
use poppet::ui::{self, Settings, runtime};

use super::copies::{Arrivals, Copies};

/// Opens the reader on the accounts of the configuration.
pub(crate) async fn read(
    config: Config,
    paths: &Paths,
    secrets: Arc<Secrets>,
    wizard: bool,
    global: &Global,
) -> Result<(), Problem> {
    let store = Store::open_or_view(&paths.store())?;
    let mut settings = settings(&config, global.color)?;
    settings.first_run |= wizard;
    settings.config_missing = global.config.is_some() && !paths.config.exists();
    settings.config_file = Some(paths.config.clone());
    let file = paths.data_dir.join("cursor.json");
    let left = runtime::memory::read(&file).and_then(|text| serde_json::from_str(&text).ok());
    // An account that is no more has no list.
    settings.whereabouts = left.filter(|left: &Whereabouts| {
        left.account()
            .is_none_or(|id| config.account(&id).is_some())
    });
    settings.whereabouts_file = Some(file);
    let options = Options {
        config: config.clone(),
        config_file: paths.config.clone(),
        store: store.clone(),
        locks: paths.data_dir.join("locks"),
        secrets,
        asker: None,
        automatic: true,
        watched: true,
    };
    let mirror = Mirror::new(&config, paths, &options.store);
    show(settings, options, &config, mirror).await
}

/// Opens the reader on an embedded server with a sample mailbox, and leaves nothing behind.
pub(crate) async fn show_demo(demo: &Demo, color: Color) -> Result<(), Problem> {
    let server = server(demo)?;
    let mut folder = tempfile::Builder::new();
    folder.prefix("poppet-demo-");
    // What is written during the demo is for its owner alone as well, whatever the umask is.
    #[cfg(unix)]
    folder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let folder = folder.tempdir().map_err(|error| {
        Problem::new(
            Kind::Store,
            "There is no room for the demo's store",
            error.to_string(),
            "Set TMPDIR to a folder that can be written.",
        )
    })?;
    let config_file = folder.path().join("config.toml");
    let config = demo_config(&server, &config_file)?;
    let secrets = Secrets::new(Keyring::new());
    for account in &config.accounts {
        secrets.remember(&account.id, Secret::new("demo".to_owned()));
    }
    let store = Store::open(&folder.path().join("mail.db"))?;
    let options = Options {
        config: config.clone(),
        config_file,
        store,
        locks: folder.path().join("locks"),
        secrets: Arc::new(secrets),
        asker: None,
        automatic: true,
        watched: true,
    };
    let settings = Settings {
        demo: true,
        ..settings(&config, color)?
    };
    let shown = show(settings, options, &config, None).await;
    server.stop().await;
    shown
}

fn demo_config(server: &Server, file: &Path) -> Result<Config, Problem> {
    let text = format!(
        "[accounts.demo]\nemail = \"sam@demo.example\"\nname = \"Sam\"\n\n\
         [accounts.demo.pop3]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nuser = \"demo\"\n\n\
         [accounts.demo.download]\nbodies = {{ up_to = \"5 MB\" }}\ncheck_every = \"1 min\"\n\n\
         [accounts.demo.server]\nquota = \"30 MB\"\n",
        server.address().port()
    );
    // Written as well: what is chosen in the reader goes there.
    std::fs::write(file, &text).map_err(|error| {
        Problem::new(
            Kind::Store,
            "There is no room for the demo's configuration",
            error.to_string(),
            "Set TMPDIR to a folder that can be written.",
        )
    })?;
    Ok(Config::parse(&text, file)?)
}

/// Runs the screen until it is left, then does what is to be done on leaving.
async fn show(
    settings: Settings,
    options: Options,
    config: &Config,
    mirror: Option<Mirror>,
) -> Result<(), Problem> {
    let store = options.store.clone();
    let Engine {
        commands,
        events,
        board,
    } = Engine::start(options);
    let leaving = commands.clone();
    let (tap, seen) = tokio::sync::mpsc::channel(EVENTS);
    // The screen's end of the events is handed back when it is left: what is applied then is told to this room.
    let accounts = config.accounts.iter().map(|account| account.id.clone());
    let copies = mirror.map(|mirror| Copies::start(mirror, accounts.collect(), tap.clone()));
    let arrivals = copies.as_ref().map(Copies::arrivals);
    let forward = tokio::spawn(forward(events, tap, arrivals));
    let left = runtime::run(settings, commands, seen, board).await;
    let mut events = forward
        .await
        .map_err(|error| unusable(&error.to_string()))?;
    if let Some(copies) = copies {
        copies.stop().await;
    }
    apply_on_leaving(config, &store, &leaving, &mut events).await?;
    drop(leaving);
    // The last QUIT gives the mailbox back, and nothing of the engine makes a file once this is over. A server that does
    // not answer is not waited for.
    let _ = tokio::time::timeout(FAREWELL, async { while events.recv().await.is_some() {} }).await;
    // Closing waits for the disk, which is no work for a task.
    let closed = tokio::task::spawn_blocking(move || store.close()).await;
    closed.map_err(|error| unusable(&error.to_string()))??;
    left.map(|_| ())
        .map_err(|error| unusable(&error.to_string()))
}

/// Hands events on until the screen no longer takes them.
async fn forward(
    mut events: tokio::sync::mpsc::Receiver<Event>,
    tap: tokio::sync::mpsc::Sender<Event>,
    arrivals: Option<Arrivals>,
) -> tokio::sync::mpsc::Receiver<Event> {
    loop {
        let event = tokio::select! {
            () = tap.closed() => return events,
            event = events.recv() => event,
        };
        let Some(event) = event else { return events };
        if let (Some(arrivals), Event::Arrived { messages } | Event::Changed { messages, .. }) =
            (&arrivals, &event)
        {
            arrivals.tell(messages);
        }
        if tap.send(event).await.is_err() {
            return events;
        }
    }
}

/// `delete = "quit"`: what the person staged goes out when the reader is left, as far as a copy of it is here.
async fn apply_on_leaving(
    config: &Config,
    store: &Store,
    commands: &tokio::sync::mpsc::Sender<Command>,
    events: &mut tokio::sync::mpsc::Receiver<Event>,
) -> Result<(), Problem> {
    for account in config
        .accounts
        .iter()
        .filter(|account| account.retention.delete == StagedDelete::Quit)
    {
        let unasked = |reason| applies_unasked(reason, &account.retention, true);
        let rows = store.pending(std::slice::from_ref(&account.id)).await?;
        let ids: Vec<MessageId> = rows
            .iter()
            .filter(|row| row.message.local == Local::Full && unasked(row.reason))
            .map(|row| row.message.id)
            .collect();
        if ids.is_empty() {
            continue;
        }
        // What is still being fetched would come first, however much it is.
        let _ = commands.send(Command::Cancel { ticket: None }).await;
        let ticket = Ticket::new();
        eprintln!("Deleting {} on {} ...", ids.len(), account.pop3.host);
        let sent = commands
            .send(Command::Apply {
                ticket,
                ids,
                without_copy: Vec::new(),
            })
            .await;
        if sent.is_ok() {
            report(ticket, events).await?;
        }
    }
    Ok(())
}

async fn report(
    ticket: Ticket,
    events: &mut tokio::sync::mpsc::Receiver<Event>,
) -> Result<(), Problem> {
    while let Some(event) = events.recv().await {
        match event {
            Event::Applied {
                ticket: whose,
                deleted,
                unconfirmed,
                refused,
            } if whose == ticket => {
                eprintln!("{} deleted", deleted.len());
                if !unconfirmed.is_empty() {
                    eprintln!("{} unconfirmed: the next check tells", unconfirmed.len());
                }
                for (id, why) in refused {
                    eprintln!("{id} not deleted: {why}");
                }
                return Ok(());
            }
            Event::Failed {
                ticket: Some(whose),
                problem,
                ..
            } if whose == ticket => return Err(problem),
            _ => {}
        }
    }
    Ok(())
}

/// What of `[keys]` is not used as it stands, where it stands, and why.
pub(crate) fn unused_keys(keys: &config::Keys) -> Vec<UnusedKey> {
    let own: Vec<Override> = overrides(keys).collect();
    let (_, mistakes) = Keymap::new(preset(keys), &own);
    let told = mistakes.iter().map(|mistake| {
        let (named, meant) = match mistake {
            KeymapError::UnknownAction(name) => {
                let names = ACTIONS.iter().map(|spec| spec.id);
                (name.as_str(), config::nearest(name, names))
            }
            KeymapError::UnknownKey { action, .. } => (action.as_str(), None),
            KeymapError::Conflict { second, .. } => (*second, None),
            KeymapError::Shadowed { action, .. } => (*action, None),
        };
        let place = keys.overrides.iter().find(|key| key.name == named);
        UnusedKey {
            place: place.map(|key| (key.line, key.column)),
            why: mistake.to_string(),
            meant,
        }
    });
    told.collect()
}

fn overrides(keys: &config::Keys) -> impl Iterator<Item = Override> + '_ {
    keys.overrides.iter().map(|key| Override {
        action: key.name.clone(),
        keys: key.values.clone(),
        line: key.line,
    })
}

fn preset(keys: &config::Keys) -> Preset {
    match keys.set {
        config::KeySet::Poppet => Preset::Poppet,
        config::KeySet::Mutt => Preset::Mutt,
        config::KeySet::Gmail => Preset::Gmail,
        config::KeySet::Alpine => Preset::Alpine,
    }
}

/// The screen's settings, as options and configuration have them.
fn settings(config: &Config, color: Color) -> Result<Settings, Problem> {
    Ok(Settings {
        theme: match &config.theme {
            _ if color == Color::Never => Some(ThemeKind::None),
            config::Theme::Auto | config::Theme::File(_) => None,
            config::Theme::Dark => Some(ThemeKind::Dark),
            config::Theme::Light => Some(ThemeKind::Light),
            config::Theme::Ansi => Some(ThemeKind::Ansi),
        },
        theme_file: match &config.theme {
            config::Theme::File(path) if color != Color::Never => Some(ThemeFile::load(path)?),
            _ => None,
        },
        glyphs: match config.glyphs {
            config::Glyphs::Auto => None,
            config::Glyphs::Ascii => Some(GlyphSet::Ascii),
            config::Glyphs::Unicode => Some(GlyphSet::Unicode),
            config::Glyphs::Nerd => Some(GlyphSet::Nerd),
        },
        keys: preset(&config.keys),
        overrides: overrides(&config.keys).collect(),
        searches: config.searches.clone(),
        mark_read_after: config.mark_read_after,
        notify: match config.notify {
            config::Notify::Off => ui::settings::Notify::Off,
            config::Notify::Auto | config::Notify::Bell => ui::settings::Notify::Bell,
            config::Notify::Terminal | config::Notify::Desktop => ui::settings::Notify::Terminal,
        },
        zone: zone::system(),
        downloads: downloads(),
        without_keyring: config
            .accounts
            .iter()
            .filter(|account| account.pop3.password != config::Password::Keyring)
            .map(|account| account.id.clone())
            .collect(),
        first_run: config.accounts.is_empty(),
        ..Settings::default()
    })
}

/// Where attachments are saved: the desktop's download folder, else the usual one if it is there, else the current folder.
fn downloads() -> Option<PathBuf> {
    let home = etcetera::home_dir().ok();
    let named = std::env::var_os("XDG_DOWNLOAD_DIR").map(PathBuf::from);
    let desktop = home.as_deref().and_then(desktop_downloads);
    let usual = home.map(|home| home.join("Downloads"));
    [named, desktop, usual]
        .into_iter()
        .flatten()
        .find(|folder| folder.is_absolute() && folder.is_dir())
        .or_else(|| std::env::current_dir().ok())
}

/// `XDG_DOWNLOAD_DIR` of `user-dirs.dirs`: an absolute path, or one that begins with `$HOME/`.
fn desktop_downloads(home: &Path) -> Option<PathBuf> {
    let config = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
    let config = config.unwrap_or_else(|| home.join(".config"));
    let text = std::fs::read_to_string(config.join("user-dirs.dirs")).ok()?;
    let value = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("XDG_DOWNLOAD_DIR="))?;
    let value = value.trim_matches('"');
    Some(match value.strip_prefix("$HOME/") {
        Some(rest) => home.join(rest),
        None => PathBuf::from(value),
    })
}

fn unusable(why: &str) -> Problem {
    Problem::new(
        Kind::Config,
        "The reader cannot use this terminal",
        why,
        "Run it in a terminal of at least 40 columns and 8 rows; every command also works without a screen: `poppet help`.",
    )
}

const EVENTS: usize = 16;
const FAREWELL: Duration = Duration::from_secs(2);
