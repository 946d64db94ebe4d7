//! `poppet completions` and `poppet man`: both come from the definition of the command line.

use std::io::{self, Write};
use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;

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
    let failed = |error: io::Error| {
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
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    match folder {
        None => output::octets(&page(&root).map_err(failed)?)?,
        Some(folder) => {
            std::fs::create_dir_all(folder).map_err(failed)?;
            let mut commands = vec![&root];
            while let Some(command) = commands.pop() {
                let page = page(command).map_err(failed)?;
                std::fs::write(folder.join(format!("{}.1", name(command))), page)
                    .map_err(failed)?;
                commands.extend(command.get_subcommands());
            }
        }
    }
    Ok(Exit::Done)
}

/// A manual page.
fn page(command: &clap::Command) -> io::Result<Vec<u8>> {
    let man = Man::new(command.clone())
        .title(name(command))
        .manual("poppet");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    writeln!(page, ".SH SYNOPSIS\n.nf")?;
    for line in usage.lines() {
        writeln!(page, "{}", escaped(line.trim()))?;
    }
    writeln!(page, ".fi")?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.get_subcommands().next().is_some() {
        man.render_subcommands_section(&mut page)?;
    }
    let after = command
        .get_after_long_help()
        .or_else(|| command.get_after_help())
        .map(ToString::to_string)
        .unwrap_or_default();
    more(&mut page, &after)?;
    Ok(page)
}

/// What stands at the end of the help, in sections of its own: a line that ends with a colon is the heading of the lines
/// below it, which keep their columns; everything else is text.
fn more(page: &mut Vec<u8>, text: &str) -> io::Result<()> {
    let (mut lists, mut notes) = (Vec::new(), Vec::new());
    for paragraph in text.split("\n\n") {
        match paragraph.split_once(":\n") {
            Some((heading, lines)) => lists.push((heading, lines)),
            None => notes.push(paragraph),
        }
    }
    if !notes.is_empty() && !text.is_empty() {
        writeln!(page, ".SH NOTES")?;
        for note in notes {
            writeln!(page, ".PP\n{}", escaped(note))?;
        }
    }
    for (heading, lines) in lists {
        writeln!(page, ".SH \"{}\"\n.nf", escaped(&heading.to_uppercase()))?;
        for line in lines.lines() {
            writeln!(page, "{}", escaped(line.strip_prefix("  ").unwrap_or(line)))?;
        }
        writeln!(page, ".fi")?;
    }
    Ok(())
}

/// `poppet-account-add` for `poppet account add`.
fn name(command: &clap::Command) -> String {
    command
        .get_display_name()
        .unwrap_or_else(|| command.get_name())
        .to_owned()
}

/// Text that means nothing to roff: no escapes, no requests, and ASCII quotes and hyphens as they are typed.
fn escaped(text: &str) -> String {
    let text = text
        .replace('\\', "\\e")
        .replace('-', "\\-")
        .replace('\'', "\\(aq")
        .replace('`', "\\(ga")
        .replace('~', "\\(ti")
        .replace('^', "\\(ha");
    if text.starts_with('.') {
        return format!("\\&{text}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_keep_their_lines_and_sentences_become_notes() {
        let mut page = Vec::new();
        more(
            &mut page,
            "Some are left out.\n\nExamples:\n  poppet -q 'a'\n  .x  y",
        )
        .unwrap();
        assert_eq!(
            String::from_utf8(page).unwrap(),
            ".SH NOTES\n.PP\nSome are left out.\n.SH \"EXAMPLES\"\n.nf\npoppet \\-q \\(aqa\\(aq\n\\&.x  y\n.fi\n"
        );
    }
}
