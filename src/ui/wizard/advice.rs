//! What is said of an account that is set up, said of one that is not there yet: no configuration has it, and no check comes.

use crate::mail::{Kind, Problem};

/// The problem with advice that can be followed in the form.
pub(super) fn for_the_form(mut problem: Problem) -> Problem {
    for (said, instead) in INSTEAD {
        if problem.remedy.contains(said) {
            problem.remedy = problem.remedy.replace(said, instead);
        }
    }
    problem
}

/// None of the places that an address suggests is a mail server.
pub(super) fn nowhere() -> Problem {
    Problem::new(
        Kind::Network,
        "No server was found",
        "none of the places that the address suggests answers",
        "Write the name of the POP3 server above: the provider calls it the incoming server. Or is this computer offline?",
    )
}

/// What a password command that failed means here.
pub(super) fn of_command(mut problem: Problem) -> Problem {
    "Correct the command, or choose another place for the password above. In a terminal it shows what it does."
        .clone_into(&mut problem.remedy);
    problem
}

/// Words about the configuration and about later checks, and what takes their place.
const INSTEAD: [(&str, &str); 18] = [
    (
        "the host name in the configuration",
        "the server's name above",
    ),
    (
        "Check host, port and `tls` in the configuration.",
        "Check server, port and security above.",
    ),
    ("Check port and `tls`:", "Check port and security:"),
    (
        "Set `tls = \"starttls\"`, or use port 995 for `tls = \"implicit\"`.",
        "Choose STARTTLS, or use port 995 for TLS.",
    ),
    (
        "Use `tls = \"implicit\"` with port 995",
        "Choose TLS with port 995",
    ),
    (
        "Set `auth` to what the server offers, or use a connection with TLS.",
        "Choose TLS or STARTTLS.",
    ),
    ("Set `host` to the name", "Write the name"),
    (
        "gives for its mail server.",
        "gives for its mail server above.",
    ),
    ("Check `host`,", "Check the server's name,"),
    ("Set `ca_file` to a readable file", "Name a readable file"),
    (": `poppet password set NAME` keeps a new one", ""),
    ("; an open reader tries again by itself", ""),
    (" An open reader tries again by itself.", ""),
    (
        "Wait until it is done; an open reader tries again in a minute.",
        "Try again when it is done.",
    ),
    (" An open reader waits for it.", " Try again after that."),
    ("What had arrived is kept.", "Try again."),
    ("The next check asks again. If", "If"),
    ("change `pin`", "set it up with that one"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_speaks_of_the_form_and_of_no_configuration() {
        for (said, instead) in INSTEAD {
            let problem = Problem::new(Kind::Network, "a", "b", format!("Or so.{said}"));
            let told = for_the_form(problem).remedy;
            assert_eq!(told, format!("Or so.{instead}"));
            for word in ["configuration", "`", "reader"] {
                assert!(!told.contains(word), "{told}");
            }
        }
    }
}
