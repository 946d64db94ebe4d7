//! `poppet completions` and `poppet man`: both come from the definition of the command line.

use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::args::Cli;
use super::exit::Exit;
use super::output;
use super::stop::Stop;
use crate::mail::{Kind, Problem};

pub(super) fn completions(shell: Shell) -> Result<Exit, Stop> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "poppet", &mut script);
    output::octets(&script)?;
    Ok(Exit::Done)
}

pub(super) fn man(folder: Option<&Path>) -> Result<Exit, Stop> {
    let failed = |error: std::io::Error| {
        let place = folder.map_or_else(
            || "the manual page".to_owned(),
            |folder| folder.display().to_string(),
        );
        Problem::new(
            Kind::Store,
            "The manual pages were not written",
            format!("{place}: {error}"),
            "Choose a folder that you may write to, with room on its disk.",
        )
    };
    match folder {
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command())
                .render(&mut page)
                .map_err(failed)?;
            output::octets(&page)?;
        }
        Some(folder) => {
            std::fs::create_dir_all(folder).map_err(failed)?;
            clap_mangen::generate_to(Cli::command(), folder).map_err(failed)?;
        }
    }
    Ok(Exit::Done)
}
