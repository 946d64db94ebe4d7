//! A server that sends an octet every ten milliseconds, and no faster.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use poppet::bridge::SyncMode;
use poppet::demo::{Maildrop, Message, Quirks};
use poppet::mail::Local;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::house::House;
use crate::server::behaviour::Behaviour;
use crate::support::score::score;

/// What is done with such a server.
#[derive(Clone, Copy, Debug)]
enum What {
    Fetch,
    FetchOneByOne,
    FetchWithoutUidl,
    FetchWithoutCapa,
    Peek,
    Delete,
}

const ALL: [What; 6] = [
    What::Fetch,
    What::FetchOneByOne,
    What::FetchWithoutUidl,
    What::FetchWithoutCapa,
    What::Peek,
    What::Delete,
];

/// What one of them came to.
struct Outcome {
    wrongs: Vec<String>,
    octets: u32,
    took: Duration,
}

/// Stands before a server: what that sends comes an octet at a time. How many have come so far.
async fn slowed(server: SocketAddr) -> (SocketAddr, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let octets = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&octets);
    tokio::spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((client, _)) = listener.accept().await {
            connections.spawn(carry(client, server, Arc::clone(&count)));
        }
    });
    (address, octets)
}

async fn carry(client: TcpStream, server: SocketAddr, count: Arc<AtomicU32>) {
    let server = TcpStream::connect(server).await.unwrap();
    client.set_nodelay(true).unwrap();
    let (mut heard, mut said) = client.into_split();
    let (mut answers, mut commands) = server.into_split();
    let there = async {
        let _ = tokio::io::copy(&mut heard, &mut commands).await;
        let _ = commands.shutdown().await;
    };
    let back = async {
        while let Ok(octet) = answers.read_u8().await {
            tokio::time::sleep(PACE).await;
            if said.write_all(&[octet]).await.is_err() {
                break;
            }
            count.fetch_add(1, Ordering::SeqCst);
        }
        let _ = said.shutdown().await;
    };
    tokio::join!(there, back);
}

async fn done(what: What) -> Outcome {
    let behaviour = Behaviour::quirky(Quirks {
        mechanisms: Vec::new(),
        no_pipelining: matches!(what, What::FetchOneByOne),
        no_uidl: matches!(what, What::FetchWithoutUidl),
        no_capa: matches!(what, What::FetchWithoutCapa),
        ..Quirks::default()
    });
    let letter = Message::new(LETTER.to_owned());
    let maildrop = Maildrop::new(vec![letter]);
    let mut house = House::new(&maildrop, behaviour);
    let mut wrongs = Vec::new();
    let quick = house.server.address;
    if matches!(what, What::Delete) {
        let mut run = house.good_run();
        run.sync(SyncMode::Full).await.unwrap();
        let ids = run.ids(&["slow"]).await;
        run.stage(&ids).await;
        run.end().await;
        house.permit(maildrop.uidls());
    }
    let (address, octets) = slowed(quick).await;
    house.server.address = address;
    let mut run = house.good_run();
    let begun = Instant::now();
    let problem = match what {
        What::Delete => {
            let ids = run.ids(&["slow"]).await;
            match run.apply(&ids).await {
                Ok(applied) if applied.deleted == ids => None,
                other => Some(format!("{other:?}")),
            }
        }
        What::Peek => run
            .sync(SyncMode::Headers)
            .await
            .err()
            .map(|problem| format!("{problem:?}")),
        _ => run
            .sync(SyncMode::Full)
            .await
            .err()
            .map(|problem| format!("{problem:?}")),
    };
    wrongs.extend(problem);
    let took = begun.elapsed();
    let octets = octets.load(Ordering::SeqCst);
    if octets < 100 || took < PACE * octets {
        wrongs.push(format!("{octets} octets in {took:?} are not slow"));
    }
    let wanted = match what {
        What::Peek => Local::Headers,
        _ => Local::Full,
    };
    let rows = run.rows().await;
    if rows.len() != 1 || rows[0].local != wanted {
        wrongs.push(format!("{rows:?}"));
    }
    let left = usize::from(!matches!(what, What::Delete));
    if maildrop.uidls().len() != left {
        wrongs.push(format!("{} on the server", maildrop.uidls().len()));
    }
    // One session, from its greeting to its QUIT.
    let connections = house.server.connections() - u64::from(matches!(what, What::Delete));
    if connections != 1 {
        wrongs.push(format!("{connections} connections"));
    }
    run.end().await;
    maildrop.idle().await;
    house.server.address = quick;
    let run = house.good_run();
    wrongs.extend(house.wrongs(&run).await);
    run.end().await;
    Outcome {
        wrongs,
        octets,
        took,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn q25_a_server_of_an_octet_every_ten_milliseconds_is_waited_for_to_the_end() {
    let mut running = JoinSet::new();
    for what in ALL {
        running.spawn(async move { (what, done(what).await) });
    }
    let (mut passed, mut slowest, mut most) = (0, Duration::ZERO, 0);
    while let Some(ended) = running.join_next().await {
        let (what, outcome) = ended.unwrap();
        slowest = slowest.max(outcome.took);
        most = most.max(outcome.octets);
        if outcome.wrongs.is_empty() {
            passed += 1;
        } else {
            println!("{what:?}: {:?}", outcome.wrongs);
        }
    }
    let worst = format!("{most} octets, {:.1} s", slowest.as_secs_f64());
    let figure = "sessions with a server of 1 octet every 10 ms";
    score(figure, passed, ALL.len(), &worst);
}

const PACE: Duration = Duration::from_millis(10);
const LETTER: &str =
    "From: ann@a.example\r\nSubject: slow\r\nMessage-ID: <slow@a.example>\r\n\r\nat last\r\n.\r\n";
