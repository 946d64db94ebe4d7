//! Messages a second, from a server without latency into a store that has them for good.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use poppet::backend::keyring::Keyring;
use poppet::backend::secrets::Secrets;
use poppet::backend::{Engine, Options};
use poppet::bridge::{Command, Event, SyncMode, SyncReport, SyncStep, Ticket};
use poppet::config::Config;
use poppet::mail::Secret;

use crate::figure::Figure;
use crate::home::{Home, account, mailbox};
use crate::plain::Plain;
use crate::server::Running;

/// What one mailbox size is called.
pub(crate) struct Names {
    pub(crate) sync: &'static str,
    pub(crate) headers: &'static str,
    pub(crate) plain: &'static str,
    pub(crate) disk: &'static str,
}

pub(crate) fn measure(messages: u32, rounds: usize, names: &Names) -> Vec<Figure> {
    let server = Running::plain(mailbox(messages));
    let port = server.address().port();
    let rate = |started: Instant| f64::from(messages) / started.elapsed().as_secs_f64();
    let mut sync_rates = Vec::new();
    let mut header_rates = Vec::new();
    let mut plain = Vec::new();
    let mut disk = Vec::new();
    for _ in 0..rounds {
        let started = Instant::now();
        let report = sync(port, SyncMode::Full);
        sync_rates.push(rate(started));
        assert_eq!(report.bodies, u64::from(messages));

        let started = Instant::now();
        let report = sync(port, SyncMode::Headers);
        header_rates.push(rate(started));
        assert_eq!(report.summaries, u64::from(messages));

        let started = Instant::now();
        let mut session = Plain::connect(port, None);
        let held = session.log_in("demo", "demo");
        session.retrieve(held, AHEAD, &mut std::io::sink());
        plain.push(rate(started));
        session.quit();

        let started = Instant::now();
        let mut session = Plain::connect(port, None);
        let held = session.log_in("demo", "demo");
        let file = tempfile::tempfile().expect("a temporary file");
        let mut file = std::io::BufWriter::with_capacity(1024 * 1024, file);
        session.retrieve(held, AHEAD, &mut file);
        file.flush().expect("write");
        file.get_ref().sync_all().expect("write to the disk");
        disk.push(rate(started));
        session.quit();
    }
    vec![
        Figure::new(
            names.sync,
            "messages stored a second, with summary and index",
            "1/s",
            sync_rates,
        ),
        Figure::new(
            names.headers,
            "summaries stored a second",
            "1/s",
            header_rates,
        ),
        Figure::new(
            names.disk,
            "baseline: plain loop into one file, one fsync",
            "1/s",
            disk,
        ),
        Figure::new(
            names.plain,
            "baseline: plain loop that throws them away",
            "1/s",
            plain,
        ),
    ]
}

/// One sync into an empty store, from opening the store to having closed it.
fn sync(port: u16, mode: SyncMode) -> SyncReport {
    let home = Home::new(port, None);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let store = home.store();
        let secrets = Secrets::new(Keyring::new());
        secrets.remember(&account(), Secret::new("demo".to_owned()));
        let engine = Engine::start(Options {
            config: Config::load(&home.config()).expect("the configuration"),
            config_file: home.config(),
            store: store.clone(),
            locks: home.data().join("locks"),
            secrets: Arc::new(secrets),
            asker: None,
            automatic: false,
            watched: false,
        });
        let report = run(engine, mode).await;
        store.close().expect("close the store");
        report
    })
}

async fn run(mut engine: Engine, mode: SyncMode) -> SyncReport {
    let ticket = Ticket::new();
    let command = Command::Sync {
        ticket,
        accounts: Vec::new(),
        mode,
    };
    engine
        .commands
        .send(command)
        .await
        .expect("the engine runs");
    let mut report = SyncReport::default();
    loop {
        match engine.events.recv().await.expect("the engine runs") {
            Event::Synced {
                step: SyncStep::Done(done),
                ..
            } => report = done,
            Event::Done { ticket: whose } if whose == ticket => return report,
            Event::Failed { problem, .. } => panic!("{problem}"),
            _ => {}
        }
    }
}

const AHEAD: u32 = 64;
