//! The loop that owns the terminal. The only part of this room that knows tokio, the clock and the outside world.
//!
//! All that is ready is taken in, then one frame is drawn. Nothing is drawn while nothing happens, but for the clock's
//! minute.

mod clock;
mod desktop;
mod detect;
mod hangup;
mod keyboard;
pub mod memory;
mod terminal;

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, SystemTime};

use crossterm::event::{Event as Input, KeyEventKind, MouseButton, MouseEventKind};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};

use super::model::Model;
use super::msg::{Msg, Timer};
use super::{Effect, Settings, start, update, view};
use crate::bridge::{Board, Command, Event};
use crate::mail::Timestamp;

use clock::{now, until_another_minute};
use detect::Stray;
use terminal::Tty;

/// Why the reader was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The person wanted it.
    Wanted,
    /// A signal asked for it.
    Signal,
}

/// What the terminal did not do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The terminal cannot be read or written.
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[from] std::io::Error),
    /// The terminal is gone.
    #[error("the terminal is gone")]
    Gone,
}

/// Runs the reader until it is left.
///
/// `commands` takes what the person wants; when it is full, what follows waits here and the screen goes on. `events` tells
/// what has become true; when its other end is dropped, the reader goes on with what it has. `progress` has an entry for each
/// account that is at work now.
pub async fn run(
    settings: Settings,
    commands: mpsc::Sender<Command>,
    events: mpsc::Receiver<Event>,
    progress: watch::Receiver<Board>,
) -> Result<Exit, Error> {
    let mut tty = Tty::enter(settings.mouse)?;
    let (settings, stray) = detect::complete(settings);
    let mut model = Model::new(settings, tty.size()?, now());
    tty.draw(|frame| view(&model, frame))?;
    let notify = model.settings.notify;
    let mut stage = Stage::new(commands, events, progress, notify, stray)?;
    let first = start(&mut model);
    stage.carry_out(&mut tty, first)?;
    stage.flush(&mut model, &mut tty).await?;
    let done = stage.play(&mut model, &mut tty).await;
    tty.leave();
    done
}

/// What the loop keeps beside the model.
struct Stage {
    input: mpsc::Receiver<std::io::Result<Input>>,
    signals: terminal::Signals,
    hangup: hangup::Hangup,
    events: mpsc::Receiver<Event>,
    engine: bool,
    progress: watch::Receiver<Board>,
    working: bool,
    commands: mpsc::Sender<Command>,
    waiting: VecDeque<Command>,
    timers: HashMap<Timer, Instant>,
    outcomes: mpsc::Sender<Result<String, String>>,
    outcome: mpsc::Receiver<Result<String, String>>,
    stray: Stray,
    notify: super::Notify,
    wanted: Wanted,
}

/// What effects ask of the loop itself.
#[derive(Clone, Copy, Debug, Default)]
struct Wanted {
    quit: bool,
    suspend: bool,
    redraw: bool,
    flush: bool,
}

/// What woke the loop.
enum Woken {
    Input(Option<std::io::Result<Input>>),
    Told(Msg),
    Timer,
    Room,
    Minute,
    Gone,
    Signal(terminal::Signal),
}

impl Stage {
    fn new(
        commands: mpsc::Sender<Command>,
        events: mpsc::Receiver<Event>,
        progress: watch::Receiver<Board>,
        notify: super::Notify,
        stray: Stray,
    ) -> Result<Self, Error> {
        let (outcomes, outcome) = mpsc::channel(16);
        Ok(Self {
            input: keyboard::listen()?,
            signals: terminal::Signals::new()?,
            hangup: hangup::Hangup::listen(),
            events,
            engine: true,
            progress,
            working: true,
            commands,
            waiting: VecDeque::new(),
            timers: HashMap::new(),
            outcomes,
            outcome,
            stray,
            notify,
            wanted: Wanted::default(),
        })
    }

    async fn play(&mut self, model: &mut Model, tty: &mut Tty) -> Result<Exit, Error> {
        let mut dirty = true;
        loop {
            if dirty {
                tty.draw(|frame| view(model, frame))?;
                drop(update(model, Msg::Painted));
            }
            let woken = self.woken(model.now).await;
            let time = now();
            dirty = !matches!(woken, Woken::Room);
            let answers_a_key = matches!(woken, Woken::Input(_));
            let shows = matches!(&woken, Woken::Told(Msg::Event(event)) if is_a_screenful(event));
            // The minute that nobody has drawn yet is still to come for the clock.
            if dirty {
                drop(update(model, Msg::Tick(time)));
            }
            match woken {
                Woken::Signal(terminal::Signal::Leave) => return Ok(Exit::Signal),
                Woken::Signal(terminal::Signal::Stop) => self.wanted.suspend = true,
                Woken::Signal(terminal::Signal::Continue) => self.wanted.redraw = true,
                Woken::Input(None) | Woken::Gone => return Err(Error::Gone),
                Woken::Input(Some(input)) => self.input(model, tty, input?).await?,
                Woken::Told(msg) => self.tell(model, tty, msg)?,
                Woken::Timer => self.ring(model, tty)?,
                Woken::Room => {}
                // What the screen says of the time is old, and nobody else may have noticed that the terminal is gone.
                Woken::Minute => {
                    if !terminal::is_alive() {
                        return Err(Error::Gone);
                    }
                }
            }
            self.flush(model, tty).await?;
            if !shows {
                self.take_what_is_ready(model, tty, answers_a_key).await?;
            }
            self.fulfil(model, tty)?;
            if self.wanted.quit {
                self.send_the_rest().await;
                return Ok(Exit::Wanted);
            }
        }
    }

    /// Waits for whatever comes first; a person's keys before anything else.
    async fn woken(&mut self, shown: Timestamp) -> Woken {
        let minute = Instant::now() + until_another_minute(shown, SystemTime::now());
        loop {
            let next = self.timers.values().min().copied();
            tokio::select! {
                biased;
                signal = self.signals.next() => return Woken::Signal(signal),
                input = self.input.recv() => return Woken::Input(input),
                () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => return Woken::Timer,
                Some(outcome) = self.outcome.recv() => return Woken::Told(Msg::Outcome(outcome)),
                changed = self.progress.changed(), if self.working => {
                    self.working = changed.is_ok();
                    let latest = self.progress.borrow_and_update().iter().cloned().collect();
                    return Woken::Told(Msg::Progress(latest));
                }
                event = self.events.recv(), if self.engine => match event {
                    Some(event) => return Woken::Told(Msg::Event(Box::new(event))),
                    None => self.engine = false,
                },
                permit = self.commands.reserve(), if !self.waiting.is_empty() => {
                    match permit {
                        Ok(permit) => {
                            if let Some(command) = self.waiting.pop_front() {
                                permit.send(command);
                            }
                        }
                        Err(_) => self.waiting.clear(),
                    }
                    return Woken::Room;
                }
                () = self.hangup.heard() => return Woken::Gone,
                () = sleep_until(minute) => return Woken::Minute,
            }
        }
    }

    /// Takes in what has come meanwhile, for a few milliseconds at most, so that one frame serves it all. A frame that answers
    /// a key waits for nothing but more keys: what the engine has to tell comes behind it.
    async fn take_what_is_ready(
        &mut self,
        model: &mut Model,
        tty: &mut Tty,
        mut answers_a_key: bool,
    ) -> Result<(), Error> {
        let end = Instant::now() + BATCH;
        while Instant::now() < end && !self.wanted.quit && !self.wanted.suspend {
            if let Ok(input) = self.input.try_recv() {
                answers_a_key = true;
                self.input(model, tty, input?).await?;
            } else if !answers_a_key && let Ok(event) = self.events.try_recv() {
                let shows = is_a_screenful(&event);
                self.tell(model, tty, Msg::Event(Box::new(event)))?;
                self.flush(model, tty).await?;
                if shows {
                    break;
                }
            } else {
                break;
            }
        }
        Ok(())
    }

    async fn input(&mut self, model: &mut Model, tty: &mut Tty, input: Input) -> Result<(), Error> {
        if let Some(msg) = message(input, &mut self.stray) {
            self.tell(model, tty, msg)?;
        }
        self.flush(model, tty).await
    }

    /// Throws away what was typed before what is now on its way to the screen could be seen. At once, whoever asked for it:
    /// left for later it would swallow what is typed then.
    async fn flush(&mut self, model: &mut Model, tty: &mut Tty) -> Result<(), Error> {
        if std::mem::take(&mut self.wanted.flush) {
            // What was typed already may still be on its way from the terminal.
            while let Ok(Some(Ok(input))) = timeout(STILL_COMING, self.input.recv()).await {
                if let Input::Resize(..) | Input::FocusGained | Input::FocusLost = input
                    && let Some(msg) = message(input, &mut self.stray)
                {
                    self.tell(model, tty, msg)?;
                }
            }
        }
        Ok(())
    }

    fn ring(&mut self, model: &mut Model, tty: &mut Tty) -> Result<(), Error> {
        let time = Instant::now();
        let due: Vec<Timer> = self
            .timers
            .iter()
            .filter(|(_, at)| **at <= time)
            .map(|(timer, _)| *timer)
            .collect();
        for timer in due {
            self.timers.remove(&timer);
            self.tell(model, tty, Msg::Timer(timer))?;
        }
        Ok(())
    }

    fn tell(&mut self, model: &mut Model, tty: &mut Tty, msg: Msg) -> Result<(), Error> {
        let effects = update(model, msg);
        self.carry_out(tty, effects)
    }

    fn carry_out(&mut self, tty: &mut Tty, effects: Vec<Effect>) -> Result<(), Error> {
        for effect in effects {
            match effect {
                Effect::Send(command) => self.send(command),
                Effect::After(after, timer) => {
                    self.timers.insert(timer, Instant::now() + after);
                }
                Effect::OpenLink(target) => desktop::open(target.into(), self.outcomes.clone()),
                Effect::OpenFile(path) => {
                    desktop::open(path.into_os_string(), self.outcomes.clone());
                }
                Effect::Copy(text) => {
                    if let Some(sequence) = desktop::copy(&text, &self.outcomes) {
                        tty.write(&sequence)?;
                    }
                }
                Effect::SetTitle(title) => tty.set_title(&title)?,
                Effect::Notify(n) => tty.write(&desktop::notification(self.notify, n))?,
                Effect::Remember(file, text) => memory::write(&file, &text),
                Effect::FlushInput => self.wanted.flush = true,
                Effect::Redraw => self.wanted.redraw = true,
                Effect::Suspend => self.wanted.suspend = true,
                Effect::Quit => self.wanted.quit = true,
            }
        }
        Ok(())
    }

    fn fulfil(&mut self, model: &mut Model, tty: &mut Tty) -> Result<(), Error> {
        if std::mem::take(&mut self.wanted.suspend) {
            tty.suspend()?;
            let (columns, rows) = tty.size()?;
            self.tell(model, tty, Msg::Resize(columns, rows))?;
            self.wanted.redraw = true;
        }
        if std::mem::take(&mut self.wanted.redraw) {
            tty.clear()?;
        }
        Ok(())
    }

    /// What the engine has no room for waits here, in order.
    fn send(&mut self, command: Command) {
        if self.waiting.is_empty() {
            match self.commands.try_send(command) {
                Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => {}
                Err(mpsc::error::TrySendError::Full(command)) => self.waiting.push_back(command),
            }
        } else {
            self.waiting.push_back(command);
        }
    }

    /// What was wanted just before leaving still reaches the engine.
    async fn send_the_rest(&mut self) {
        let commands = self.commands.clone();
        let waiting = std::mem::take(&mut self.waiting);
        let send = async move {
            for command in waiting {
                if commands.send(command).await.is_err() {
                    break;
                }
            }
        };
        // An engine that takes nothing for so long will not take it at all.
        let _ = tokio::time::timeout(LAST_WORDS, send).await;
    }
}

/// Whether it is what a person waits to see: the first rows of a list or of a search. It is drawn before the many rows that
/// follow are taken in.
fn is_a_screenful(event: &Event) -> bool {
    matches!(event, Event::Rows { offset: 0, .. })
}

fn message(input: Input, stray: &mut Stray) -> Option<Msg> {
    match input {
        Input::Key(key) if key.kind == KeyEventKind::Release => None,
        Input::Key(key) => (!stray.swallows(key)).then_some(Msg::Key(key)),
        Input::Paste(text) => Some(Msg::Paste(text)),
        Input::Resize(columns, rows) => Some(Msg::Resize(columns, rows)),
        Input::FocusGained => Some(Msg::Focus(true)),
        Input::FocusLost => Some(Msg::Focus(false)),
        Input::Mouse(mouse) => match mouse.kind {
            MouseEventKind::ScrollDown => Some(Msg::Scroll(3)),
            MouseEventKind::ScrollUp => Some(Msg::Scroll(-3)),
            MouseEventKind::Down(MouseButton::Left) => Some(Msg::Click(mouse.column, mouse.row)),
            _ => None,
        },
    }
}

/// How long a key that was typed before takes to get here.
const STILL_COMING: Duration = Duration::from_millis(2);
/// How long what is ready is taken in before a frame is drawn.
const BATCH: Duration = Duration::from_millis(4);
/// How long the engine may take for what was wanted last.
const LAST_WORDS: Duration = Duration::from_secs(2);
