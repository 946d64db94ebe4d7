//! The same mail in notmuch and mu, where they are installed: a process for each answer, as poppet's own `list`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use poppet::demo::{COMMON_WORD, PHRASE, RARE_WORD};

use crate::figure::{Figure, Of, rounded};
use crate::search::PAGE;

/// How long a process takes from its start to its end, for the first page of each kind of search. All programs are asked in
/// turn, so that what else the machine does meets them alike.
pub(crate) fn measure(folder: &Path, rounds: usize) -> Vec<Figure> {
    let place = Place { folder };
    place.install();
    let poppet = |query: &str| place.poppet(&["list", query, "--limit", &PAGE.to_string()]);
    let mut programs = vec![Program::new(POPPET, poppet)];
    if is_there("notmuch") || is_there("mu") {
        place.export();
    }
    if is_there("notmuch") {
        place.index_by_notmuch();
        programs.push(Program::new(NOTMUCH, |query| place.notmuch(query)));
    } else {
        eprintln!("  notmuch is not installed: skipped");
    }
    if is_there("mu") {
        place.index_by_mu();
        programs.push(Program::new(MU, |query| place.mu(query)));
    } else {
        eprintln!("  mu is not installed: skipped");
    }
    let phrase = format!("\"{PHRASE}\"");
    // The first time, programs and indexes come from the disk.
    for round in 0..=rounds {
        for (kind, query) in [RARE_WORD, COMMON_WORD, &phrase].into_iter().enumerate() {
            for program in &mut programs {
                let time = program.time(query);
                if round > 0 {
                    program.times[kind].push(time);
                }
            }
        }
    }
    let mut figures = programs.into_iter().map(Program::figures);
    let ours: Vec<Figure> = figures.next().into_iter().flatten().collect();
    let rivals: Vec<Vec<Figure>> = figures.map(Iterator::collect).collect();
    let beside_the_best = |(kind, figure): (usize, Figure)| {
        let medians = rivals.iter().map(|rival| rival[kind].number(Of::Median));
        match medians.reduce(f64::min) {
            Some(best) => figure.at_most(Of::Median, rounded(best)),
            None => figure,
        }
    };
    let ours: Vec<Figure> = ours.into_iter().enumerate().map(beside_the_best).collect();
    ours.into_iter()
        .chain(rivals.into_iter().flatten())
        .collect()
}

struct Program<'a> {
    names: [&'static str; 3],
    ask: Box<dyn Fn(&str) -> Command + 'a>,
    /// Milliseconds, for each kind of search.
    times: [Vec<f64>; 3],
}

impl<'a> Program<'a> {
    fn new(names: [&'static str; 3], ask: impl Fn(&str) -> Command + 'a) -> Self {
        Self {
            names,
            ask: Box::new(ask),
            times: Default::default(),
        }
    }

    fn time(&self, query: &str) -> f64 {
        let begun = Instant::now();
        let output = (self.ask)(query).output().expect("start the program");
        let time = begun.elapsed().as_secs_f64() * 1e3;
        assert!(output.status.success(), "{query}: {output:?}");
        assert!(!output.stdout.is_empty(), "{query} was not found");
        time
    }

    fn figures(self) -> impl Iterator<Item = Figure> {
        let named = self.names.into_iter().zip(self.times);
        named.map(|(name, times)| Figure::new(name, "a process, to its end", "ms", times))
    }
}

struct Place<'a> {
    folder: &'a Path,
}

impl Place<'_> {
    /// Copies the program, as installing it does, and as the others were. What a linker has written in pieces lies in pieces in the
    /// system's cache, and takes a millisecond more to be loaded.
    fn install(&self) {
        fs::copy(env!("CARGO_BIN_EXE_poppet"), self.program()).expect("copy the program");
    }

    fn program(&self) -> PathBuf {
        self.folder.join("poppet")
    }

    fn poppet(&self, arguments: &[&str]) -> Command {
        let program = self.program();
        let mut command = self.command(program.to_str().expect("a name"));
        let config = self.folder.join("config.toml");
        if !config.exists() {
            fs::write(&config, "").expect("write the configuration");
        }
        command.arg("--config").arg(config);
        command.arg("--data-dir").arg(self.folder.join("data"));
        command.args(arguments);
        command
    }

    fn maildir(&self) -> PathBuf {
        self.folder.join("Mail")
    }

    fn export(&self) {
        if self.maildir().exists() {
            return;
        }
        eprintln!("  exporting to a Maildir ...");
        let maildir = self.maildir().display().to_string();
        run(self.poppet(&["export", "--maildir", &maildir]));
    }

    fn index_by_notmuch(&self) {
        let file = self.folder.join("notmuch.conf");
        let Some(done) = self.begin_anew("notmuch") else {
            return;
        };
        let text = format!(
            "[database]\npath={}\nmail_root={}\n[user]\nname=Sam\nprimary_email=sam@demo.example\n[new]\ntags=inbox\n\
             [maildir]\nsynchronize_flags=false\n",
            self.folder.join("notmuch").display(),
            self.maildir().display()
        );
        fs::create_dir_all(self.folder.join("notmuch")).expect("a folder");
        fs::write(file, text).expect("write the configuration");
        let begun = Instant::now();
        let mut command = self.command("notmuch");
        command.args(["new", "--quiet"]);
        run(command);
        eprintln!("  notmuch new: {:.1} s", begun.elapsed().as_secs_f64());
        fs::write(done, "").expect("note that the index is whole");
    }

    fn notmuch(&self, query: &str) -> Command {
        let mut command = self.command("notmuch");
        command.arg("search");
        command.arg(format!("--limit={PAGE}"));
        command.arg(query);
        command
    }

    fn index_by_mu(&self) {
        let Some(done) = self.begin_anew("mu") else {
            return;
        };
        let mut command = self.command("mu");
        let maildir = self.maildir().display().to_string();
        command.args(["init", "--maildir", &maildir]);
        run(command);
        let begun = Instant::now();
        let mut command = self.command("mu");
        command.args(["index", "--quiet"]);
        run(command);
        eprintln!("  mu index: {:.1} s", begun.elapsed().as_secs_f64());
        fs::write(done, "").expect("note that the index is whole");
    }

    /// Takes away an index that was left half built; `None` when it is whole. Else the file that is to say so.
    fn begin_anew(&self, program: &str) -> Option<PathBuf> {
        let done = self.folder.join(format!("{program}.whole"));
        if done.exists() {
            return None;
        }
        let index = self.folder.join(program);
        if index.exists() {
            fs::remove_dir_all(index).expect("remove what was left half built");
        }
        Some(done)
    }

    fn mu(&self, query: &str) -> Command {
        let mut command = self.command("mu");
        command.args(["find", "--fields=d f s", "--sortfield=date", "--reverse"]);
        command.arg(format!("--maxnum={PAGE}"));
        command.arg(query);
        command
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env("HOME", self.folder)
            .env("XDG_STATE_HOME", self.folder)
            .env("NOTMUCH_CONFIG", self.folder.join("notmuch.conf"))
            .env("MUHOME", self.folder.join("mu"))
            .env("LANG", "C.UTF-8")
            .stdin(Stdio::null());
        command
    }
}

fn run(mut command: Command) {
    let output = command.output().expect("start the program");
    assert!(output.status.success(), "{command:?}: {output:?}");
}

fn is_there(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

const POPPET: [&str; 3] = [
    "process/rare/poppet",
    "process/common/poppet",
    "process/phrase/poppet",
];
const NOTMUCH: [&str; 3] = [
    "process/rare/notmuch",
    "process/common/notmuch",
    "process/phrase/notmuch",
];
const MU: [&str; 3] = ["process/rare/mu", "process/common/mu", "process/phrase/mu"];
