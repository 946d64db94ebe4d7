use std::process::ExitCode;

use super::exit::Exit;
use crate::backend;
use crate::config::ConfigError;
use crate::mail::Problem;
use crate::store;

/// Why a command ended before its time.
#[derive(Debug)]
pub enum Stop {
    /// Something went wrong that is still to be told.
    Problem(Problem),
    /// Something went wrong that has been told.
    Told(Exit),
    /// Whoever read the output no longer does.
    Pipe,
    /// The person pressed Ctrl-C.
    Interrupted,
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<store::Error> for Stop {
    fn from(error: store::Error) -> Self {
        Self::Problem(error.into())
    }
}

impl From<ConfigError> for Stop {
    fn from(error: ConfigError) -> Self {
        Self::Problem(error.into())
    }
}

impl From<backend::keyring::KeyringError> for Stop {
    fn from(error: backend::keyring::KeyringError) -> Self {
        Self::Problem(error.into())
    }
}

/// How poppet ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With the status of a command.
    Exit(Exit),
    /// By Ctrl-C: 128 and the number of SIGINT, as shells have it.
    Interrupted,
}

impl From<Stop> for End {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Problem(problem) => Self::Exit(problem.kind.into()),
            Stop::Told(exit) => Self::Exit(exit),
            // `poppet list | head` has done what was wanted of it.
            Stop::Pipe => Self::Exit(Exit::Done),
            Stop::Interrupted => Self::Interrupted,
        }
    }
}

impl From<End> for ExitCode {
    fn from(end: End) -> Self {
        match end {
            End::Exit(exit) => exit.into(),
            End::Interrupted => Self::from(130),
        }
    }
}
