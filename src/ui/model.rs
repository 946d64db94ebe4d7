use std::collections::{HashMap, HashSet};

use jiff::tz::TimeZone;

use super::accounts::Accounts;
use super::action::{Action, Scope};
use super::chord::Chord;
use super::confirm::Confirm;
use super::errors::{Errors, Log};
use super::files::Files;
use super::glyphs::{GlyphSet, Glyphs};
use super::help::Help;
use super::history::History;
use super::keymap::Keymap;
use super::layout::{self, Panes};
use super::links::Links;
use super::list::List;
use super::list::resume::Whereabouts;
use super::mailbox::Mailbox;
use super::palette::Palette;
use super::panel::Panel;
use super::peek::Peek;
use super::reader::Reader;
use super::review::Review;
use super::searches::{LookedFor, Searches};
use super::settings::Settings;
use super::theme::Theme;
use super::wizard::Wizard;
use crate::bridge::{AccountState, Phase, Progress, Ticket};
use crate::mail::{AccountId, Brief, Fate, MessageId, MessageSummary, Problem, Timestamp, fate};

/// All that the screen knows.
#[derive(Debug)]
pub struct Model {
    /// What the configuration says.
    pub settings: Settings,
    /// The colours.
    pub theme: Theme,
    /// The shapes.
    pub glyphs: Glyphs,
    /// The keys.
    pub keymap: Keymap,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// What time it is.
    pub now: Timestamp,
    /// Whether the terminal has the focus.
    pub focused: bool,
    /// What is on the screen.
    pub screen: Screen,
    /// What lies behind it, to come back to; the last is the nearest.
    pub behind: Vec<Screen>,
    /// What lies over it.
    pub overlay: Overlay,
    /// The list of messages, which keeps its place while something else is on the screen.
    pub list: List,
    /// The list from which a search was widened to all mail, to come back to.
    pub aside: Option<Box<List>>,
    /// The message in the preview or in full.
    pub reader: Reader,
    /// What was looked for, and what is to be kept of it.
    pub looked_for: LookedFor,
    /// Where the cursor was when that was written down last.
    pub remembered: Option<Whereabouts>,
    /// Whether it is about to be written down.
    pub remembers: bool,
    /// How each account stands, in the order in which they were told.
    pub accounts: Vec<AccountState>,
    /// How far each account's work is.
    pub progress: Vec<Progress>,
    /// Octets of every message whose deletion is staged.
    pub staged: HashMap<MessageId, u64>,
    /// What was done and undone.
    pub history: History,
    /// What went wrong.
    pub log: Log,
    /// The last word in the status line.
    pub note: Option<Note>,
    /// Whether the search index is being built anew, so that searches find less.
    pub reindexing: bool,
    /// The key that is being answered.
    pub pressed: Option<Chord>,
    /// Changes that the engine has not confirmed: the rows as they were, and the account of all of them, if it is one.
    pub unconfirmed: HashMap<Ticket, (Vec<Brief>, Option<AccountId>)>,
    /// Work that was asked for and has not ended: what it is, for a person.
    pub under_way: HashMap<Ticket, Work>,
    /// Messages that came since the person last looked.
    pub new: usize,
    /// The account whose password was typed a moment ago, until its server has answered.
    pub trying: Option<(Ticket, AccountId)>,
    /// The accounts whose password, kept nowhere, is to be asked for.
    pub wanted: Vec<(AccountId, Problem)>,
    /// Whether ^c was pressed a moment ago with nothing to stop.
    pub leaving: bool,
    /// Messages whose read mark the person took away while they were open: not marked again by themselves.
    pub kept_unread: HashSet<MessageId>,
}

/// What is on the screen; one of these, never two.
#[derive(Debug, Default)]
pub enum Screen {
    /// The list, with a preview where there is room.
    #[default]
    List,
    /// A message in full; its state is [`Model::reader`].
    Reader,
    /// The beginning of a message on the server.
    Peek(Peek),
    /// What is staged, before it is done.
    Review(Review),
    /// What lies on a server.
    Mailbox(Mailbox),
    /// What went wrong.
    Errors(Errors),
    /// How the accounts stand.
    Accounts(Accounts),
    /// Setting up an account.
    Wizard(Box<Wizard>),
}

/// What lies over the screen and takes all keys; one of these, never two.
#[derive(Debug, Default)]
pub enum Overlay {
    /// Nothing.
    #[default]
    None,
    /// Keys that wait for more, with what can follow.
    Prefix(Vec<Chord>),
    /// What each key does.
    Help(Help),
    /// Any command by its name.
    Palette(Palette),
    /// A question.
    Confirm(Confirm),
    /// The links of a message.
    Links(Links),
    /// The attachments of a message.
    Files(Files),
    /// What was looked for, to be looked for again.
    Searches(Searches),
    /// A problem, in full.
    Problem(Panel),
}

/// Work that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// A check for mail.
    Sync,
    /// Bodies, how many.
    Fetch(usize),
    /// Attachments, to be kept.
    Save,
    /// An attachment, to be opened.
    OpenFile,
    /// Deletions on the server.
    Apply,
}

/// A word in the status line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What kind of word.
    pub kind: NoteKind,
    /// The text.
    pub text: String,
    /// What one can do about it, at the right: `z undo`.
    pub hint: &'static str,
    /// When it was said.
    pub at: Timestamp,
}

/// What kind of word it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteKind {
    /// It is done.
    Done,
    /// It cannot be done, and why.
    Refused,
    /// It is merely so.
    Plain,
    /// It went wrong; kept in the list of errors too.
    Failed,
}

impl Model {
    /// A screen without any mail yet.
    pub fn new(settings: Settings, size: (u16, u16), now: Timestamp) -> Self {
        let (keymap, mistakes) = Keymap::new(settings.keys, &settings.overrides);
        let mut model = Self {
            theme: settings.colours(),
            glyphs: Glyphs::new(settings.glyphs.unwrap_or(GlyphSet::Unicode)),
            keymap,
            size,
            now,
            focused: true,
            screen: Screen::List,
            behind: Vec::new(),
            overlay: Overlay::None,
            list: List::default(),
            aside: None,
            reader: Reader::default(),
            remembered: settings.whereabouts.clone(),
            remembers: false,
            looked_for: LookedFor::new(&settings.searches),
            accounts: Vec::new(),
            progress: Vec::new(),
            staged: HashMap::new(),
            history: History::default(),
            log: Log::default(),
            note: None,
            reindexing: false,
            pressed: None,
            unconfirmed: HashMap::new(),
            under_way: HashMap::new(),
            new: 0,
            trying: None,
            wanted: Vec::new(),
            leaving: false,
            kept_unread: HashSet::new(),
            settings,
        };
        for mistake in mistakes {
            let line = mistake.line(&model.settings.overrides);
            model.log.keys(&mistake, line, now);
        }
        if let Some(entry) = model.log.last() {
            let text = format!("{}: {}", entry.problem.what, entry.problem.why);
            model.say(NoteKind::Failed, text);
        }
        model
    }

    /// Where a key pressed now means something.
    pub fn scope(&self) -> Scope {
        match self.screen {
            Screen::List => Scope::List,
            Screen::Reader => Scope::Reader,
            Screen::Peek(_) => Scope::Peek,
            Screen::Review(_) => Scope::Review,
            Screen::Mailbox(_) => Scope::Mailbox,
            Screen::Errors(_) => Scope::Errors,
            Screen::Accounts(_) => Scope::Accounts,
            Screen::Wizard(_) => Scope::Wizard,
        }
    }

    /// The key that does an action here; empty where none does.
    pub fn key(&self, action: Action) -> String {
        self.keymap
            .key_for(self.scope(), action)
            .unwrap_or_default()
    }

    /// Shows a screen, to come back from it to this one.
    pub fn go(&mut self, screen: Screen) {
        // What was said there is about what was seen there; what went wrong stays.
        self.note.take_if(|note| note.kind != NoteKind::Failed);
        let before = std::mem::replace(&mut self.screen, screen);
        self.behind.push(before);
    }

    /// Back to what was there before; the list when nothing was.
    pub fn back(&mut self) {
        self.screen = self.behind.pop().unwrap_or_default();
    }

    /// Back to the list, whatever lies between.
    pub fn home(&mut self) {
        self.behind.clear();
        self.screen = Screen::List;
    }

    /// A word for the status line.
    pub fn say(&mut self, kind: NoteKind, text: impl Into<String>) {
        self.note = Some(Note {
            kind,
            text: text.into(),
            hint: "",
            at: self.now,
        });
    }

    /// It is done, and can be undone.
    pub fn say_done(&mut self, text: impl Into<String>) {
        self.note = Some(Note {
            kind: NoteKind::Done,
            text: text.into(),
            hint: "z undo",
            at: self.now,
        });
    }

    /// It cannot be done, and why.
    pub fn refuse(&mut self, text: impl Into<String>) {
        self.say(NoteKind::Refused, text);
    }

    /// The time zone for dates.
    pub fn zone(&self) -> &TimeZone {
        &self.settings.zone
    }

    /// Where the parts of the list's screen are.
    pub fn panes(&self) -> Panes {
        layout::panes(self.size.0, self.size.1)
    }

    /// Whether list and message are on the screen together.
    pub fn has_preview(&self) -> bool {
        matches!(self.screen, Screen::List) && self.panes().reader.is_some()
    }

    /// The message that actions are about when none is marked: the one under the cursor, which is the one that is open.
    pub fn current(&self) -> Option<&MessageSummary> {
        self.list.current()
    }

    /// How an account stands.
    pub fn account(&self, id: &AccountId) -> Option<&AccountState> {
        self.accounts.iter().find(|state| state.account == *id)
    }

    /// The account that the header speaks of: the one whose mail is shown, else that of the current message, else the first.
    pub fn account_in_view(&self) -> Option<&AccountState> {
        let shown = self.list.account.as_ref();
        if let Some(state) = shown.and_then(|account| self.account(account)) {
            return Some(state);
        }
        self.current()
            .and_then(|message| self.account(&message.account))
            .or_else(|| self.accounts.first())
    }

    /// When the rule of its account deletes the server's copy of a message, if it does: from then on the next check does.
    pub fn leaves_server(&self, message: &MessageSummary) -> Option<Timestamp> {
        let state = self.account(&message.account)?;
        match fate(message.into(), false, &state.retention, state.set_up) {
            Fate::Goes(at) => Some(at),
            _ => None,
        }
    }

    /// Whether the network is at work.
    pub fn is_busy(&self) -> bool {
        let resting = |phase| matches!(phase, Phase::Idle | Phase::Lingering);
        self.progress
            .iter()
            .any(|progress| !resting(progress.phase))
    }

    /// Whether there is something to stop: work that is counted, asked for, or still reaching the server.
    pub fn can_stop(&self) -> bool {
        let reaching =
            |state: &AccountState| matches!(state.phase, Phase::Connecting | Phase::Listing);
        self.is_busy() || !self.under_way.is_empty() || self.accounts.iter().any(reaching)
    }

    /// Whether deletions are on their way to a server.
    pub fn is_deleting(&self) -> bool {
        let deletes = |progress: &Progress| progress.phase == Phase::Deleting;
        self.under_way.values().any(|work| *work == Work::Apply)
            || self.progress.iter().any(deletes)
    }

    /// Octets that the staged deletions would free.
    pub fn staged_octets(&self) -> u64 {
        self.staged
            .values()
            .fold(0, |sum, octets| sum.saturating_add(*octets))
    }
}
