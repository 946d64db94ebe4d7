use crate::mail::{Kind, Problem};

/// How poppet ends: its exit status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done. For `check`: there is new mail. For `list`: messages were found.
    #[default]
    Done = 0,
    /// The answer is no: no new mail, nothing found.
    No = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    /// The network or the server failed.
    Network = 3,
    /// The login was refused, or no password could be had.
    Login = 4,
    /// The store cannot be used.
    Store = 5,
    /// Some accounts failed, others did not.
    Some = 6,
}

impl Exit {
    /// The status as a number.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// For a command that worked on several accounts: `found` says, for each that did not fail, whether the answer was
    /// yes (for `check`, new mail; otherwise simply `true`).
    ///
    /// If all failed, it is the failure of the first.
    pub fn of_accounts<'a>(results: impl IntoIterator<Item = Result<bool, &'a Problem>>) -> Self {
        let (mut failure, mut well, mut yes) = (None, false, false);
        for result in results {
            match result {
                Ok(found) => {
                    well = true;
                    yes |= found;
                }
                Err(problem) => failure = failure.or(Some(Self::from(problem.kind))),
            }
        }
        match (failure, well, yes) {
            (Some(_), true, _) => Self::Some,
            (Some(failure), false, _) => failure,
            (None, true, false) => Self::No,
            (None, false, _) | (None, true, true) => Self::Done,
        }
    }
}

impl From<Kind> for Exit {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Network | Kind::Tls | Kind::Protocol => Self::Network,
            Kind::Login => Self::Login,
            Kind::Store => Self::Store,
            Kind::Config => Self::Usage,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(kind: Kind) -> Problem {
        Problem::new(kind, "what", "why", "remedy")
    }

    #[test]
    fn the_statuses_are_the_promised_numbers() {
        let all = [
            Exit::Done,
            Exit::No,
            Exit::Usage,
            Exit::Network,
            Exit::Login,
            Exit::Store,
            Exit::Some,
        ];
        assert_eq!(all.map(Exit::code), [0, 1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn each_kind_of_problem_has_its_status() {
        for (kind, code) in [
            (Kind::Network, 3),
            (Kind::Tls, 3),
            (Kind::Protocol, 3),
            (Kind::Login, 4),
            (Kind::Store, 5),
            (Kind::Config, 2),
        ] {
            assert_eq!(Exit::from(kind).code(), code, "{kind:?}");
        }
    }

    #[test]
    fn several_accounts_make_one_status() {
        let (network, login) = (problem(Kind::Network), problem(Kind::Login));
        assert_eq!(Exit::of_accounts([Ok(true), Ok(false)]), Exit::Done);
        assert_eq!(Exit::of_accounts([Ok(false), Ok(false)]), Exit::No);
        assert_eq!(Exit::of_accounts([Ok(true), Err(&network)]), Exit::Some);
        assert_eq!(Exit::of_accounts([Ok(false), Err(&login)]), Exit::Some);
        assert_eq!(Exit::of_accounts([Err(&login), Err(&network)]), Exit::Login);
        assert_eq!(Exit::of_accounts([]), Exit::Done);
    }
}
