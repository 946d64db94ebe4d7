use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::chosen::Chosen;
use super::{Error, Listing, Pending, open};
use crate::mail::{MessageId, MessageSummary};

/// What a search finds.
#[derive(Debug)]
pub struct Search {
    /// The rows of the first page, as soon as they are known.
    pub page: Pending<Vec<MessageSummary>>,
    /// All that was found, in order.
    pub all: Pending<Vec<MessageId>>,
}

/// A thread that searches, for a person who types: a newer search takes the place of the one before, wherever that is.
///
/// It has a connection of its own, so that neither a list nor a message waits for a search. Both begin with the first search.
pub(super) struct Searcher {
    desk: Arc<Desk>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Desk {
    path: PathBuf,
    /// The number of the newest search. One with another number is not wanted any more.
    newest: AtomicU64,
    /// The number of the one that is being answered.
    current: AtomicU64,
    waiting: Mutex<Waiting>,
    bell: Condvar,
}

#[derive(Default)]
struct Waiting {
    question: Option<Question>,
    closed: bool,
}

struct Question {
    number: u64,
    listing: Listing,
    page: oneshot::Sender<Result<Vec<MessageSummary>, Error>>,
    all: oneshot::Sender<Result<Vec<MessageId>, Error>>,
}

impl Searcher {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            desk: Arc::new(Desk {
                path: path.to_owned(),
                newest: AtomicU64::new(0),
                current: AtomicU64::new(0),
                waiting: Mutex::default(),
                bell: Condvar::new(),
            }),
            thread: Mutex::new(None),
        }
    }

    /// Searches, and gives up any search before.
    pub(super) fn ask(&self, listing: Listing) -> Search {
        let (page, first) = Pending::new();
        let (all, rest) = Pending::new();
        let mut waiting = self.desk.lock();
        if !waiting.closed {
            let number = self.desk.newest.fetch_add(1, Ordering::Relaxed) + 1;
            let question = Question {
                number,
                listing,
                page,
                all,
            };
            if let Some(older) = waiting.question.replace(question) {
                older.fail(&Error::Superseded);
            }
            self.desk.bell.notify_all();
            drop(waiting);
            self.start();
        }
        Search {
            page: first,
            all: rest,
        }
    }

    /// Gives up what is being searched, and ends the thread.
    pub(super) fn close(&self) {
        {
            let mut waiting = self.desk.lock();
            waiting.closed = true;
            waiting.question = None;
            self.desk.newest.fetch_add(1, Ordering::Relaxed);
        }
        self.desk.bell.notify_all();
        let thread = lock(&self.thread).take();
        if let Some(thread) = thread {
            // A thread that panicked has already turned away whoever waited for it.
            let _ = thread.join();
        }
    }

    fn start(&self) {
        let mut thread = lock(&self.thread);
        if thread.is_none() {
            let desk = Arc::clone(&self.desk);
            // Should no thread be had, the question stays where it is until the next one, or until the end.
            *thread = thread::Builder::new()
                .name("store-search".to_owned())
                .spawn(move || desk.serve())
                .ok();
        }
    }
}

impl Drop for Searcher {
    fn drop(&mut self) {
        self.close();
    }
}

impl Desk {
    fn serve(self: &Arc<Self>) {
        let mut connection = None;
        while let Some(question) = self.take() {
            if connection.is_none() {
                match self.connect() {
                    Ok(opened) => connection = Some(opened),
                    Err(error) => {
                        question.fail(&error);
                        continue;
                    }
                }
            }
            if let Some(connection) = &connection {
                self.answer(connection, question);
            }
        }
    }

    fn connect(self: &Arc<Self>) -> Result<Connection, Error> {
        let mut connection = open::reader(&self.path)?;
        self.watch(&mut connection)?;
        Ok(connection)
    }

    fn take(&self) -> Option<Question> {
        let mut waiting = self.lock();
        loop {
            if waiting.closed {
                return None;
            }
            if let Some(question) = waiting.question.take() {
                return Some(question);
            }
            waiting = self
                .bell
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Desk {
    /// Lets a connection give up in the midst of a statement as soon as its search is not wanted any more.
    fn watch(self: &Arc<Self>, connection: &mut Connection) -> Result<(), Error> {
        let desk = Arc::clone(self);
        connection.progress_handler(STEPS, Some(move || desk.is_outdated()))?;
        Ok(())
    }

    fn is_outdated(&self) -> bool {
        self.newest.load(Ordering::Relaxed) != self.current.load(Ordering::Relaxed)
    }

    fn answer(&self, connection: &Connection, question: Question) {
        let Question {
            number,
            listing,
            page,
            all,
        } = question;
        self.current.store(number, Ordering::Relaxed);
        let mut page = Some(page);
        let result = view(connection, || {
            let chosen = Chosen::of(connection, &listing)?;
            let rows = chosen.rows(connection, &listing)?;
            if let Some(page) = page.take() {
                // Nobody may wait any more.
                let _ = page.send(Ok(rows));
            }
            chosen.ids(connection, &listing)
        });
        let result = result.map_err(|error| {
            if self.is_outdated() {
                Error::Superseded
            } else {
                error
            }
        });
        if let (Some(page), Err(error)) = (page, &result) {
            let _ = page.send(Err(error.clone()));
        }
        let _ = all.send(result);
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        lock(&self.waiting)
    }
}

impl Question {
    fn fail(self, error: &Error) {
        // Nobody may wait any more.
        let _ = self.page.send(Err(error.clone()));
        let _ = self.all.send(Err(error.clone()));
    }
}

/// Does something on one unchanging view of the store.
fn view<T>(connection: &Connection, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    connection.execute_batch("BEGIN")?;
    let result = work();
    // A view that was only read has nothing to lose.
    let _ = connection.execute_batch("ROLLBACK");
    result
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// So many steps of SQLite's machine, some tens of microseconds, lie between two looks at whether a search is still wanted.
const STEPS: i32 = 1_000;

#[cfg(test)]
mod tests {
    use rusqlite::ErrorCode;

    use super::*;

    fn desk(path: &Path) -> Arc<Desk> {
        Searcher::new(path).desk.clone()
    }

    #[test]
    fn a_newer_search_stops_a_statement_that_would_never_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mail.db");
        open::writer(&path).unwrap();
        let desk = desk(&path);
        let mut connection = open::reader(&path).unwrap();
        desk.watch(&mut connection).unwrap();
        let newer = Arc::clone(&desk);
        let other = thread::spawn(move || newer.newest.fetch_add(1, Ordering::Relaxed));
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
        let result = connection.query_row(endless, [], |row| row.get::<_, i64>(0));
        other.join().unwrap();
        assert_eq!(
            result.unwrap_err().sqlite_error_code(),
            Some(ErrorCode::OperationInterrupted)
        );
    }

    #[test]
    fn a_search_that_waits_gives_way_to_a_newer_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mail.db");
        open::writer(&path).unwrap();
        let searcher = Searcher::new(&path);
        // No thread takes the questions: they stay where they wait.
        *lock(&searcher.thread) = Some(thread::spawn(|| {}));
        let older = searcher.ask(Listing::default());
        let newer = searcher.ask(Listing::default());
        assert!(matches!(older.page.wait(), Err(Error::Superseded)));
        assert!(matches!(older.all.wait(), Err(Error::Superseded)));
        let question = searcher.desk.lock().question.take().unwrap();
        searcher
            .desk
            .answer(&open::reader(&path).unwrap(), question);
        assert_eq!(newer.page.wait().unwrap(), []);
        assert_eq!(newer.all.wait().unwrap(), []);
    }

    #[test]
    fn a_closed_store_searches_nothing() {
        let searcher = Searcher::new(Path::new("/nonexistent/mail.db"));
        searcher.close();
        assert!(matches!(
            searcher.ask(Listing::default()).all.wait(),
            Err(Error::Closed)
        ));
    }
}
