//! Asking the engine and waiting for the end of each ticket.

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use super::stop::Stop;
use crate::backend::Engine;
use crate::bridge::{Board, Command, Event, Ticket};
use crate::mail::{AccountId, Kind, Problem};
use crate::store::Store;

/// An engine, and the person who may press Ctrl-C meanwhile.
#[derive(Debug)]
pub(super) struct Desk {
    engine: Engine,
    pub(super) store: Store,
    interrupt: Interrupt,
}

/// What became of an account's ticket.
pub(super) type Ended = (AccountId, Result<Event, Problem>);

impl Desk {
    pub(super) fn new(engine: Engine, store: Store) -> Self {
        Self {
            engine,
            store,
            interrupt: Interrupt::listen(),
        }
    }

    /// How often Ctrl-C was pressed, now and later.
    pub(super) fn interrupt(&self) -> Interrupt {
        self.interrupt.clone()
    }

    /// How far the work is.
    pub(super) fn board(&self) -> watch::Receiver<Board> {
        self.engine.board.clone()
    }

    /// Asks one question and gives the event that ends it.
    pub(super) async fn one(&mut self, command: Command, ticket: Ticket) -> Result<Event, Stop> {
        self.one_with(command, ticket, |_| Ok(())).await
    }

    /// The same, and hands on what is told about it on the way.
    pub(super) async fn one_with(
        &mut self,
        command: Command,
        ticket: Ticket,
        mut meanwhile: impl FnMut(Event) -> Result<(), Stop>,
    ) -> Result<Event, Stop> {
        self.send(command).await?;
        loop {
            let event = self.event().await?;
            if end_of(&event) != Some(ticket) {
                meanwhile(event)?;
                continue;
            }
            return match event {
                Event::Failed { problem, .. } => Err(problem.into()),
                event => Ok(event),
            };
        }
    }

    /// One command for each account, all at once. What became of each, in their order.
    ///
    /// Ctrl-C stops what can be stopped; what is done is kept, and the rest is waited for.
    pub(super) async fn each(
        &mut self,
        commands: Vec<(AccountId, Ticket, Command)>,
        mut meanwhile: impl FnMut(&AccountId, &Event) -> Result<(), Stop>,
    ) -> Result<Vec<Ended>, Stop> {
        let mut open: HashMap<Ticket, AccountId> = HashMap::new();
        let mut order = Vec::new();
        let mut results: HashMap<AccountId, Result<Event, Problem>> = HashMap::new();
        for (account, ticket, command) in commands {
            order.push(account.clone());
            open.insert(ticket, account);
            self.send(command).await?;
        }
        while !open.is_empty() {
            let event = self.event().await?;
            if let Event::Synced {
                ticket, account, ..
            } = &event
                && open.contains_key(ticket)
            {
                meanwhile(account, &event)?;
            }
            // A trouble that ends no work: of a message that was left out, say.
            if let Event::Failed {
                ticket: None,
                account: Some(account),
                ..
            } = &event
                && open.values().any(|other| other == account)
            {
                meanwhile(account, &event)?;
            }
            let Some(account) = end_of(&event).and_then(|ticket| open.remove(&ticket)) else {
                continue;
            };
            meanwhile(&account, &event)?;
            let result = match event {
                Event::Failed { problem, .. } => Err(problem),
                event => Ok(event),
            };
            results.insert(account, result);
        }
        Ok(order
            .into_iter()
            .filter_map(|account| results.remove_entry(&account))
            .collect())
    }

    /// Lets the engine end what it does, and closes the store. An interrupted command ends here.
    pub(super) async fn close(self) -> Result<(), Stop> {
        let Self {
            engine,
            store,
            interrupt,
        } = self;
        let Engine {
            commands,
            mut events,
            board: _,
        } = engine;
        drop(commands);
        // The last QUIT gives the mailbox back to other programs; a server that does not answer it is not waited for.
        let _ = timeout(FAREWELL, async { while events.recv().await.is_some() {} }).await;
        let closed = tokio::task::spawn_blocking(move || store.close()).await;
        if interrupt.times() > 0 {
            return Err(Stop::Interrupted);
        }
        match closed {
            Ok(result) => Ok(result?),
            Err(_) => Ok(()),
        }
    }

    async fn send(&self, command: Command) -> Result<(), Stop> {
        self.engine
            .commands
            .send(command)
            .await
            .map_err(|_| gone().into())
    }

    /// The next thing that became true. The first Ctrl-C asks the engine to stop, a second one does not wait for it.
    async fn event(&mut self) -> Result<Event, Stop> {
        loop {
            let times = self.interrupt.times();
            tokio::select! {
                event = self.engine.events.recv() => return event.ok_or_else(|| gone().into()),
                () = self.interrupt.more_than(times) => {
                    if times > 0 {
                        return Err(Stop::Interrupted);
                    }
                    let _ = self.engine.commands.try_send(Command::Cancel { ticket: None });
                }
            }
        }
    }
}

/// How often Ctrl-C was pressed.
#[derive(Clone, Debug)]
pub(super) struct Interrupt(watch::Receiver<u32>);

impl Interrupt {
    /// From now on Ctrl-C no longer ends the program by itself.
    pub(super) fn listen() -> Self {
        let (sender, receiver) = watch::channel(0);
        tokio::spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                sender.send_modify(|times| *times += 1);
            }
        });
        Self(receiver)
    }

    pub(super) fn times(&self) -> u32 {
        *self.0.borrow()
    }

    /// Waits for the next time.
    pub(super) async fn more_than(&mut self, times: u32) {
        if self.0.wait_for(|now| *now > times).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// The ticket that this event ends.
fn end_of(event: &Event) -> Option<Ticket> {
    match event {
        Event::Failed { ticket, .. } | Event::Changed { ticket, .. } => *ticket,
        Event::Opened { ticket, .. }
        | Event::Done { ticket }
        | Event::Pending { ticket, .. }
        | Event::Applied { ticket, .. }
        | Event::Saved { ticket, .. } => Some(*ticket),
        _ => None,
    }
}

fn gone() -> Problem {
    Problem::new(
        Kind::Store,
        "poppet stopped working",
        "a part of it ended unexpectedly",
        "Run the command again; `poppet doctor` checks what is stored.",
    )
}

/// How long a server may take to answer the last QUIT.
const FAREWELL: Duration = Duration::from_secs(3);
