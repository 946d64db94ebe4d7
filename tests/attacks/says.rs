//! A server that says whatever a test wants it to.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A listening server, and what was said to it.
pub(crate) struct Says {
    pub(crate) port: u16,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Says {
    /// Opens it on a free port. `answer` gives the octets that answer a line; `None` closes the connection.
    pub(crate) fn open(
        greeting: Vec<u8>,
        answer: impl Fn(&str) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&lines);
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (record, answer) = (Arc::clone(&record), Arc::clone(&answer));
                let greeting = greeting.clone();
                std::thread::spawn(move || attend(stream, &greeting, &*answer, &record));
            }
        });
        Self { port, lines }
    }

    /// Every line that a client said.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().expect("the record").clone()
    }
}

fn attend(
    mut stream: TcpStream,
    greeting: &[u8],
    answer: &dyn Fn(&str) -> Option<Vec<u8>>,
    record: &Mutex<Vec<String>>,
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
        record.lock().ok()?.push(line.clone());
        stream.write_all(&answer(&line)?).ok()?;
        if line == "QUIT" {
            return None;
        }
    }
}
