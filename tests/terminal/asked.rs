//! What poppet asks the person for before it can work.

use super::support::demo_server::DemoServer;
use super::support::home::{Account, Home};
use super::support::tmux::Tmux;
use super::{is_list, leave};

#[test]
fn a_password_that_is_kept_nowhere_is_asked_for_and_lets_poppet_in() {
    let home = Home::new();
    let server = DemoServer::start(&home, &["--messages", "3"]);
    let toml = Account {
        user: server.user.clone(),
        ..Account::plain("home", server.port)
    }
    .toml();
    let asked = toml.lines().map(|line| match line {
        line if line.starts_with("password") => "password = \"ask\"\n".to_owned(),
        line => format!("{line}\n"),
    });
    home.write_config(&asked.collect::<String>());
    let Some(terminal) = Tmux::open(&home, 80, 24) else {
        return;
    };
    terminal.line("poppet");
    let screen = terminal.wait_until("the question", |screen| {
        screen.contains("Password for home") && screen.contains("offline")
    });
    assert!(!screen.contains("NOT CHECKING"), "{screen}");
    terminal.keys(&["Escape"]);
    terminal.wait_until("offline", |screen| {
        !screen.contains("Password for home") && screen.contains("offline: no password yet")
    });
    terminal.keys(&["C-r"]);
    terminal.wait_until("the question again", |screen| {
        screen.contains("Password for home")
    });
    terminal.keys(&[server.password.as_str(), "Enter"]);
    terminal.wait_until("mail", |screen| {
        is_list(screen) && screen.contains("3 new") && !screen.contains("offline")
    });
    leave(&terminal);
}
