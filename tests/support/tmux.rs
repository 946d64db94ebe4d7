//! A terminal with a person in it: the binary in tmux, driven by keys, read from the screen.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::home::Home;
use super::real::{program, skip, until};

/// A tmux server of its own with one window, in which an interactive shell runs in the person's home.
pub(crate) struct Tmux {
    socket: String,
    folder: PathBuf,
    size: (u16, u16),
}

/// Where the modes of a terminal are after a program has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Modes {
    /// What `stty -a` says.
    pub(crate) line: String,
    /// Alternate screen, cursor shown, mouse, keypad, origin, insert and wrap flags.
    pub(crate) flags: String,
}

impl Tmux {
    /// Opens a terminal of `columns` by `rows`; none, said aloud, where tmux or bash is not installed.
    pub(crate) fn open(home: &Home, columns: u16, rows: u16) -> Option<Self> {
        for part in ["tmux", "bash"] {
            if program(part).is_none() {
                skip(part, "the program is not installed");
                return None;
            }
        }
        let socket = format!(
            "poppet-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let terminal = Self {
            socket,
            folder: home.path().to_path_buf(),
            size: (columns, rows),
        };
        let settings = home.path().join("tmux.conf");
        std::fs::write(&settings, SETTINGS).expect("write tmux.conf");
        std::fs::write(home.path().join("bashrc"), format!("PS1='{PROMPT}'\n"))
            .expect("write bashrc");
        let mut command = Command::new("tmux");
        command
            .env_clear()
            .envs(home.variables())
            .env("COLORTERM", "truecolor");
        command
            .env("TMUX_TMPDIR", &terminal.folder)
            .current_dir(home.path());
        command.args(["-L", &terminal.socket, "-f"]).arg(&settings);
        command.args([
            "new-session",
            "-d",
            "-s",
            "it",
            "-x",
            &columns.to_string(),
            "-y",
            &rows.to_string(),
        ]);
        command.arg("bash --noprofile --rcfile bashrc -i");
        let output = command.output().expect("start tmux");
        assert!(
            output.status.success(),
            "tmux: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        terminal.wait_for(PROMPT.trim_end());
        Some(terminal)
    }

    /// Types a line at the shell's prompt.
    pub(crate) fn line(&self, text: &str) {
        self.tmux(&["send-keys", "-t", "it", "-l", "--", text]);
        self.keys(&["Enter"]);
    }

    /// Presses keys by tmux's names for them: `j`, `Enter`, `Escape`, `C-z`.
    pub(crate) fn keys(&self, keys: &[&str]) {
        let mut args = vec!["send-keys", "-t", "it", "--"];
        args.extend_from_slice(keys);
        self.tmux(&args);
    }

    /// Types text as it is.
    pub(crate) fn text(&self, text: &str) {
        self.tmux(&["send-keys", "-t", "it", "-l", "--", text]);
    }

    /// Pastes text as a terminal does: bracketed, if the program in it asked for that.
    pub(crate) fn paste(&self, text: &str) {
        self.tmux(&["set-buffer", "-b", "pasted", "--", text]);
        self.tmux(&["paste-buffer", "-p", "-b", "pasted", "-t", "it"]);
    }

    /// Changes the size of the window.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.size = (columns, rows);
        self.tmux(&[
            "resize-window",
            "-t",
            "it",
            "-x",
            &columns.to_string(),
            "-y",
            &rows.to_string(),
        ]);
    }

    /// The screen as text, a line a row.
    pub(crate) fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p", "-t", "it"])
    }

    /// The screen with its colours as escape sequences.
    pub(crate) fn colours(&self) -> String {
        self.tmux(&["capture-pane", "-p", "-e", "-t", "it"])
    }

    /// Waits until the screen has `text`, and gives the screen.
    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) -> String {
        self.wait_until(&format!("{text:?}"), |screen| screen.contains(text))
    }

    /// Waits until the screen has `text` no more, and gives the screen.
    #[track_caller]
    pub(crate) fn wait_without(&self, text: &str) -> String {
        self.wait_until(&format!("no {text:?}"), |screen| !screen.contains(text))
    }

    /// Waits until the screen is as wanted; `what` names it if it never is.
    #[track_caller]
    pub(crate) fn wait_until(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let seen = || Some(self.screen()).filter(|screen| wanted(screen));
        until(LIMIT, seen)
            .unwrap_or_else(|| panic!("waited for {what}; the screen is\n{}", self.framed()))
    }

    /// Waits until the shell prompts on the main screen again.
    #[track_caller]
    pub(crate) fn wait_for_prompt(&self) {
        let back = || self.at_the_prompt().then_some(());
        assert!(
            until(LIMIT, back).is_some(),
            "waited for the shell; the screen is\n{}",
            self.framed()
        );
    }

    /// Whether the shell prompts on the main screen.
    pub(crate) fn at_the_prompt(&self) -> bool {
        let screen = self.screen();
        let last = screen.trim_end().lines().last().unwrap_or_default();
        last.trim_end() == PROMPT.trim_end() && self.flag("#{alternate_on}") == "0"
    }

    /// The modes of the terminal as the shell finds them.
    #[track_caller]
    pub(crate) fn modes(&self) -> Modes {
        let file = self.folder.join("stty");
        let _ = std::fs::remove_file(&file);
        self.line("stty -a > stty.new && mv stty.new stty; clear");
        let line =
            until(LIMIT, || std::fs::read_to_string(&file).ok()).expect("stty did not answer");
        self.wait_for_prompt();
        Modes {
            line,
            flags: self.flag(FLAGS),
        }
    }

    /// Waits for the exit status that a line ending in `; echo $? > status` left behind.
    #[track_caller]
    pub(crate) fn status(&self) -> String {
        let file = self.folder.join("status");
        let status = || {
            std::fs::read_to_string(&file)
                .ok()
                .filter(|text| text.ends_with('\n'))
        };
        let status =
            until(LIMIT, status).unwrap_or_else(|| panic!("it has not ended\n{}", self.framed()));
        std::fs::remove_file(&file).expect("take the status away");
        status.trim_end().to_owned()
    }

    /// The process that runs in the window's foreground and was started from the shell.
    pub(crate) fn foreground(&self) -> Option<u32> {
        let shell = self.flag("#{pane_pid}");
        let children =
            std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).ok()?;
        children.split_whitespace().last()?.parse().ok()
    }

    /// A value that tmux knows about the window.
    pub(crate) fn flag(&self, format: &str) -> String {
        self.tmux(&["display-message", "-p", "-t", "it", format])
            .trim_end()
            .to_owned()
    }

    /// Keeps the screen, as text and with colours, in the folder that `POPPET_SCREENS` names.
    pub(crate) fn keep(&self, name: &str) {
        let Some(folder) = std::env::var_os("POPPET_SCREENS").map(PathBuf::from) else {
            return;
        };
        let (columns, rows) = self.size;
        let file = folder.join(format!("{name}-{columns}x{rows}"));
        std::fs::create_dir_all(&folder).expect("the folder for screens");
        std::fs::write(file.with_extension("txt"), self.screen()).expect("keep a screen");
        std::fs::write(file.with_extension("ansi"), self.colours()).expect("keep a screen");
    }

    fn framed(&self) -> String {
        self.screen()
            .lines()
            .map(|row| format!("|{row}\n"))
            .collect::<Vec<_>>()
            .concat()
    }

    #[track_caller]
    fn tmux(&self, args: &[&str]) -> String {
        let output = self.call(args);
        let problem = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "tmux {args:?}: {problem}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn call(&self, args: &[&str]) -> Output {
        let mut command = Command::new("tmux");
        command
            .env("TMUX_TMPDIR", &self.folder)
            .env_remove("TMUX")
            .args(["-L", &self.socket])
            .args(args);
        command.output().expect("run tmux")
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.keep("failed");
        }
        let _ = self.call(&["kill-server"]);
    }
}

static NEXT: AtomicU32 = AtomicU32::new(0);
/// A status line would cost a row; without the pause after Escape, keys arrive as they were pressed.
const SETTINGS: &str = "set -g status off\nset -g default-terminal tmux-256color\nset -sg escape-time 0\n\
                        set -g history-limit 2000\nset -g focus-events on\n";
const FLAGS: &str = "#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{mouse_sgr_flag} #{keypad_cursor_flag} \
                     #{keypad_flag} #{origin_flag} #{insert_flag} #{wrap_flag}";
const PROMPT: &str = "shell> ";
const LIMIT: Duration = Duration::from_secs(20);
