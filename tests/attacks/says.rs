//! A server that says whatever a test wants it to.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::real::until;

/// A listening server, and what was said to it.
pub(crate) struct Says {
    pub(crate) port: u16,
    heard: Arc<Mutex<Heard>>,
}

#[derive(Default)]
struct Heard {
    lines: Vec<String>,
    connections: usize,
    /// Those that are over: nothing more is said in them.
    ended: usize,
}

impl Says {
    /// Opens it on a free port. `answer` gives the octets that answer a line; `None` closes the connection.
    pub(crate) fn open(
        greeting: Vec<u8>,
        answer: impl Fn(&str) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let heard = Arc::new(Mutex::new(Heard::default()));
        let record = Arc::clone(&heard);
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (record, answer) = (Arc::clone(&record), Arc::clone(&answer));
                let greeting = greeting.clone();
                record.lock().expect("the record").connections += 1;
                std::thread::spawn(move || {
                    attend(stream, &greeting, &*answer, &record);
                    record.lock().expect("the record").ended += 1;
                });
            }
        });
        Self { port, heard }
    }

    /// Every line that was said, once all who came have gone.
    pub(crate) fn lines(&self) -> Vec<String> {
        let lines = until(Duration::from_mins(1), || {
            let heard = self.heard.lock().expect("the record");
            (heard.ended == heard.connections).then(|| heard.lines.clone())
        });
        lines.expect("every client goes")
    }
}

fn attend(
    mut stream: TcpStream,
    greeting: &[u8],
    answer: &dyn Fn(&str) -> Option<Vec<u8>>,
    record: &Mutex<Heard>,
) -> Option<()> {
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .ok()?;
    stream.set_nodelay(true).ok()?;
    stream.write_all(greeting).ok()?;
    let mut lines = BufReader::new(stream.try_clone().ok()?);
    loop {
        let mut line = Vec::new();
        if lines.read_until(b'\n', &mut line).ok()? == 0 {
            return None;
        }
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        record.lock().ok()?.lines.push(line.clone());
        stream.write_all(&answer(&line)?).ok()?;
        if line == "QUIT" {
            return None;
        }
    }
}
