//! From a request to a login: the password, and what the server can do.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::account::Account;
use super::errands::Errands;
use super::error::Error;
use super::secrets::{Origin, wanted};
use super::server::Server;
use super::session::{Session, expires_after};
use crate::bridge::Phase;
use crate::config::Password;
use crate::mail::{Kind, Problem, Retry, Secret};
use crate::pop3::Capabilities;

/// What a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To fetch. It answers the syncs that were asked for until it lists.
    Fetch,
    /// To delete.
    Delete,
}

impl Purpose {
    /// Whether somebody still wants it.
    pub(super) fn is_wanted(self, errands: &Errands) -> bool {
        match self {
            Self::Fetch => !errands.is_empty(),
            Self::Delete => errands.wants_deletions(),
        }
    }
}

impl Account {
    /// Logs in. Requests are taken meanwhile, and a session that nobody wants any more is given up. `reached` is called
    /// whenever there is a connection.
    pub(super) async fn open(
        &mut self,
        purpose: Purpose,
        reached: impl FnMut() + Send,
    ) -> Result<Session, Error> {
        self.show(Phase::Connecting).await;
        if let Some(parting) = self.parting.take() {
            // A server has one session at a time for a mailbox.
            let _ = parting.await;
        }
        self.wait_for_login(purpose).await?;
        let (settings, secrets) = (Arc::clone(&self.settings), Arc::clone(&self.secrets));
        let server = Server {
            asks_capa: self.asks_capa(),
            ..settings.server.clone()
        };
        let (asker, doubtful) = (self.asker.clone(), self.doubtful);
        let opened = self
            .meanwhile(
                purpose,
                Box::pin(async move {
                    // The reader has its own way to ask, and time: the session is opened anew once it was given.
                    let on_screen = settings.automatic && asker.is_none();
                    let ask = |_| async { asker?.ask(&settings.id).await };
                    let found = secrets.password(&settings.account, ask).await;
                    let found = found.map_err(|problem| {
                        let nowhere = settings.account.pop3.password == Password::Ask;
                        Error::Told(if on_screen && nowhere {
                            wanted(&settings.id)
                        } else {
                            problem
                        })
                    })?;
                    let doubtful = doubtful || found.origin == Origin::Asked;
                    let session = open(&server, &found.secret, reached).await;
                    session.map_err(|error| {
                        let error = if doubtful { error.doubting() } else { error };
                        if error.is_wrong_password() {
                            secrets.forget(&settings.id);
                        }
                        error
                    })
                }),
            )
            .await;
        if let Err(Error::Login(_)) | Ok(_) = &opened {
            self.doubtful = opened.as_ref().is_err_and(Error::is_unclear_login);
        }
        let session = opened?;
        self.learn_of_capa(&session).await?;
        self.show(Phase::Listing).await;
        self.heed(session.capabilities.as_ref());
        self.last_login = Some(Instant::now());
        if purpose == Purpose::Fetch {
            self.errands.serve();
        }
        self.meanwhile(
            purpose,
            Box::pin(async move {
                let mut session = session;
                session.ask_again().await?;
                Ok(session)
            }),
        )
        .await
    }

    /// Takes in what the server says about how it wants to be used. What it says after the login may be for this user alone.
    pub(super) fn heed(&mut self, capabilities: Option<&Capabilities>) {
        let delay = capabilities.and_then(Capabilities::login_delay);
        self.login_delay = delay.map(|delay| Duration::from_secs(delay.seconds.into()));
        self.state.expires =
            expires_after(capabilities).filter(|days| self.settings.policy.outlasts(*days));
        self.keeps_nothing = capabilities.is_some_and(Capabilities::keeps_nothing);
        let offered = capabilities.is_some_and(Capabilities::stls);
        self.state.cleartext = self.settings.server.openness(offered);
    }

    /// Waits until the server takes another login (RFC 2449 section 6.6), if that is not long.
    async fn wait_for_login(&mut self, purpose: Purpose) -> Result<(), Error> {
        let (Some(delay), Some(last)) = (self.login_delay, self.last_login) else {
            return Ok(());
        };
        let rest = (last + delay).saturating_duration_since(Instant::now());
        if rest > LONGEST_LOGIN_WAIT {
            let why = format!(
                "the server wants {} seconds between two logins",
                delay.as_secs()
            );
            let remedy = match purpose {
                Purpose::Fetch if self.settings.automatic => {
                    "Try again after that; poppet does so by itself."
                }
                Purpose::Fetch => "Try again after that.",
                Purpose::Delete => "Apply again after that; what is staged stays staged.",
            };
            let problem = Problem::new(
                Kind::Network,
                "It is too early to log in again",
                why,
                remedy,
            );
            return Err(Error::Told(problem.with_retry(Retry::After(rest))));
        }
        self.meanwhile(purpose, async move {
            tokio::time::sleep(rest).await;
            Ok(())
        })
        .await
    }

    /// Whether the server wants more time between two logins than one would wait for.
    pub(super) fn pauses_long_between_logins(&self) -> bool {
        self.login_delay
            .is_some_and(|delay| delay > LONGEST_LOGIN_WAIT)
    }

    /// Waits a moment, so that a server whose connection was closed without QUIT has let go of the mailbox.
    pub(super) async fn let_go(&mut self, purpose: Purpose) -> Result<(), Error> {
        let pause = self.settings.server.haste.of(BETWEEN_TRIES);
        self.meanwhile(purpose, async move {
            tokio::time::sleep(pause).await;
            Ok(())
        })
        .await
    }

    /// Does some waiting on the network while requests are still taken, and gives it up when nobody wants it any more. When
    /// nobody can ask any more, what is wanted to be deleted still is.
    pub(super) async fn meanwhile<T>(
        &mut self,
        purpose: Purpose,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let mut work = pin!(work);
        let wanted = purpose.is_wanted(&self.errands);
        loop {
            tokio::select! {
                biased;
                request = self.requests.recv() => {
                    let Some(request) = request else {
                        return match purpose {
                            Purpose::Fetch => Err(Error::Cancelled),
                            Purpose::Delete => work.await,
                        };
                    };
                    self.accept(request).await;
                    if wanted && !purpose.is_wanted(&self.errands) {
                        return Err(Error::Cancelled);
                    }
                }
                done = &mut work => return done,
            }
        }
    }
}

/// Opens a session. A mailbox in use is tried again in a moment: most often by the last session of this very person, whose
/// connection was lost, or whose end the server has not written down yet.
async fn open(
    server: &Server,
    secret: &Secret,
    mut reached: impl FnMut() + Send,
) -> Result<Session, Error> {
    for pause in IN_USE {
        match Session::open(server, secret, &mut reached).await {
            Err(error) if error.is_in_use() => tokio::time::sleep(server.haste.of(pause)).await,
            opened => return opened,
        }
    }
    Session::open(server, secret, reached).await
}

/// Before each further try of a mailbox that is in use.
const IN_USE: [Duration; 2] = [Duration::from_millis(500), Duration::from_millis(1500)];
/// A pause between two logins that is waited for with the session's work in hand.
const LONGEST_LOGIN_WAIT: Duration = Duration::from_mins(1);
/// Between a session that ended early and the one that follows at once.
const BETWEEN_TRIES: Duration = Duration::from_millis(250);
