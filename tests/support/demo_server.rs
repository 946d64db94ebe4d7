//! The embedded server alone, as `poppet demo --serve` runs it: a POP3 server that is on every machine.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::home::{Account, Home};
use super::real::until;

/// A running `poppet demo --serve`, ended with the test.
pub(crate) struct DemoServer {
    pub(crate) port: u16,
    pub(crate) user: String,
    pub(crate) password: String,
    child: Child,
}

impl DemoServer {
    /// Starts it with more arguments, such as `--messages 100`.
    pub(crate) fn start(home: &Home, more: &[&str]) -> Self {
        let mut command = home.command(["demo", "--serve"]);
        command.args(more);
        Self::of(command)
    }

    /// Starts it as a shell without job control starts what stands in the background: with Ctrl-C ignored.
    pub(crate) fn start_in_background(home: &Home) -> Self {
        let plain = home.command(["demo", "--serve", "--messages", "3"]);
        let mut command = Command::new("sh");
        command
            .args(["-c", "trap '' INT; exec \"$@\"", "sh"])
            .arg(plain.get_program())
            .args(plain.get_args())
            .env_clear();
        for (name, value) in plain.get_envs() {
            command.envs(value.map(|value| (name, value)));
        }
        Self::of(command)
    }

    fn of(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("start poppet demo --serve");
        let mut line = String::new();
        let stdout = child.stdout.as_mut().expect("its standard output");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("the line with its address");
        let Some((user, password, port)) = parse(line.trim_end()) else {
            let _ = child.kill();
            panic!("not an address: {line:?}");
        };
        Self {
            port,
            user,
            password,
            child,
        }
    }

    /// An account on it.
    pub(crate) fn account(&self, name: &str) -> Account {
        Account {
            user: self.user.clone(),
            password: self.password.clone(),
            ..Account::plain(name, self.port)
        }
    }

    /// The process, to be ended by a signal.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Option<i32> {
        let ended = || self.child.try_wait().expect("ask for its end");
        until(Duration::from_secs(30), ended)
            .expect("the embedded server ends when it is told to")
            .code()
    }
}

impl Drop for DemoServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Takes `pop3://USER:PASSWORD@127.0.0.1:PORT` apart.
fn parse(url: &str) -> Option<(String, String, u16)> {
    let (login, port) = url.strip_prefix("pop3://")?.split_once("@127.0.0.1:")?;
    let (user, password) = login.split_once(':')?;
    Some((user.to_owned(), password.to_owned(), port.parse().ok()?))
}
