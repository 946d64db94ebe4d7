//! One run of the binary: started, waited for with a limit, and what it said.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;

use super::real::until;

/// A run of the binary that has not ended yet.
pub(crate) struct Running {
    child: Child,
    stdout: Option<JoinHandle<Vec<u8>>>,
    stderr: Option<JoinHandle<Vec<u8>>>,
    line: String,
}

/// A run of the binary that has ended.
#[derive(Debug)]
pub(crate) struct Run {
    /// The exit status; none when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    line: String,
}

impl Running {
    /// Starts `command` with `input` on its standard input.
    pub(crate) fn start(mut command: Command, input: &str) -> Self {
        let line = format!("{:?}", command.get_args().collect::<Vec<_>>());
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("start poppet");
        let mut stdin = child.stdin.take().expect("its standard input");
        // A program that does not read may have gone already.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let stdout = Some(collect(child.stdout.take().expect("its standard output")));
        let stderr = Some(collect(child.stderr.take().expect("its standard error")));
        Self {
            child,
            stdout,
            stderr,
            line,
        }
    }

    /// Sends SIGINT, as Ctrl-C does.
    pub(crate) fn interrupt(&self) {
        signal(self.child.id(), rustix::process::Signal::INT);
    }

    /// Waits for the end; a run that does not end within two minutes is killed, and the test fails.
    #[track_caller]
    pub(crate) fn end(mut self) -> Run {
        let Some(status) = until(LIMIT, || self.child.try_wait().expect("ask for its end")) else {
            let _ = self.child.kill();
            panic!("poppet {} did not end within {LIMIT:?}", self.line);
        };
        let text = |handle: &mut Option<JoinHandle<Vec<u8>>>| {
            handle
                .take()
                .and_then(|thread| thread.join().ok())
                .unwrap_or_default()
        };
        Run {
            code: status.code(),
            stdout: text(&mut self.stdout),
            stderr: text(&mut self.stderr),
            line: std::mem::take(&mut self.line),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Run {
    /// Fails unless the exit status is `code`; says everything that the run said.
    #[track_caller]
    pub(crate) fn expect_code(self, code: i32) -> Self {
        assert!(self.code == Some(code), "wanted exit status {code}\n{self}");
        self
    }

    /// The lines of standard output as JSON objects.
    #[track_caller]
    pub(crate) fn json(&self) -> Vec<Value> {
        json_lines(&self.stdout).unwrap_or_else(|bad| panic!("no JSON: {bad}\n{self}"))
    }

    /// The only line of standard output as a JSON object.
    #[track_caller]
    pub(crate) fn one(&self) -> Value {
        let mut lines = self.json();
        assert!(lines.len() == 1, "wanted one line\n{self}");
        lines.remove(0)
    }

    /// The last object of this event in the output of `sync` and `apply`.
    #[track_caller]
    pub(crate) fn event(&self, name: &str) -> Value {
        let found = self.json().into_iter().rfind(|line| line["event"] == name);
        found.unwrap_or_else(|| panic!("no event {name}\n{self}"))
    }

    /// The first error on standard error, as an object of `what`, `why`, `remedy` and `kind`, none of them empty.
    #[track_caller]
    pub(crate) fn problem(&self) -> Value {
        let text = String::from_utf8_lossy(&self.stderr);
        let problem = text
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .find_map(|line| line.get("error").cloned())
            .unwrap_or_else(|| panic!("no error in JSON\n{self}"));
        for field in ["what", "why", "remedy", "kind"] {
            assert!(
                problem[field].as_str().is_some_and(|text| !text.is_empty()),
                "{field} is empty\n{self}"
            );
        }
        problem
    }

    /// Standard output as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard error as text.
    pub(crate) fn errors(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let cut =
            |octets: &[u8]| String::from_utf8_lossy(&octets[..octets.len().min(4000)]).into_owned();
        writeln!(f, "poppet {} ended with {:?}", self.line, self.code)?;
        writeln!(f, "standard output:\n{}", cut(&self.stdout))?;
        writeln!(f, "standard error:\n{}", cut(&self.stderr))
    }
}

/// Sends a signal to a process that this test started.
pub(crate) fn signal(pid: u32, signal: rustix::process::Signal) {
    let pid = i32::try_from(pid)
        .ok()
        .and_then(rustix::process::Pid::from_raw)
        .expect("a process id");
    // It may have ended by itself.
    let _ = rustix::process::kill_process(pid, signal);
}

fn json_lines(octets: &[u8]) -> Result<Vec<Value>, String> {
    let text = String::from_utf8(octets.to_vec()).map_err(|bad| bad.to_string())?;
    text.lines()
        .map(|line| serde_json::from_str(line).map_err(|bad| format!("{bad}: {line}")))
        .collect()
}

fn collect(mut from: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut octets = Vec::new();
        let _ = from.read_to_end(&mut octets);
        octets
    })
}

const LIMIT: Duration = Duration::from_mins(2);

/// Those of these signals that reach a program started here: what is ignored here, such as SIGHUP below `nohup`, its children
/// ignore as well, and are right to.
pub(crate) fn reaching<const N: usize>(
    signals: [rustix::process::Signal; N],
) -> Vec<rustix::process::Signal> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let reaches = |signal: &rustix::process::Signal| {
        let bit = u32::try_from(signal.as_raw() - 1).unwrap_or_default();
        ignored.unwrap_or_default() >> bit & 1 == 0
    };
    signals.into_iter().filter(reaches).collect()
}
