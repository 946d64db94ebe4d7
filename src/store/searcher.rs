use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::chosen::Spelled;
use super::view::Access;
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
/// The index does not let itself be stopped while it gets ready to answer, which takes long for the many words behind a
/// short beginning. Meanwhile a second thread answers what is asked next.
pub(super) struct Searcher {
    desk: Arc<Desk>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

struct Desk {
    path: PathBuf,
    access: Access,
    /// The number of the newest search. One with another number is not wanted any more.
    newest: AtomicU64,
    waiting: Mutex<Waiting>,
    bell: Condvar,
}

#[derive(Default)]
struct Waiting {
    question: Option<Question>,
    /// Threads that have nothing to do.
    idle: usize,
    closed: bool,
}

struct Question {
    number: u64,
    listing: Listing,
    page: oneshot::Sender<Result<Vec<MessageSummary>, Error>>,
    all: oneshot::Sender<Result<Vec<MessageId>, Error>>,
}

impl Searcher {
    pub(super) fn new(path: &Path, access: Access) -> Self {
        Self {
            desk: Arc::new(Desk {
                path: path.to_owned(),
                access,
                newest: AtomicU64::new(0),
                waiting: Mutex::default(),
                bell: Condvar::new(),
            }),
            threads: Mutex::default(),
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
            let busy = waiting.idle == 0;
            drop(waiting);
            if busy {
                self.start();
            }
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
        for thread in std::mem::take(&mut *lock(&self.threads)) {
            // A thread that panicked has already turned away whoever waited for it.
            let _ = thread.join();
        }
    }

    fn start(&self) {
        let mut threads = lock(&self.threads);
        if threads.len() < THREADS {
            let desk = Arc::clone(&self.desk);
            let thread = thread::Builder::new()
                .name("store-search".to_owned())
                .spawn(move || desk.serve());
            // Should no thread be had, the question stays where it is until the next one, or until the end.
            threads.extend(thread);
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
        let mut seat = None;
        while let Some(question) = self.take() {
            if seat.is_none() {
                match Seat::new(self) {
                    Ok(opened) => seat = Some(opened),
                    Err(error) => {
                        question.fail(&error);
                        continue;
                    }
                }
            }
            if let Some(seat) = &seat {
                seat.answer(question);
            }
        }
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
            waiting.idle += 1;
            waiting = self
                .bell
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
            waiting.idle -= 1;
        }
    }
}

/// Where one thread answers.
struct Seat {
    desk: Arc<Desk>,
    connection: Connection,
    /// The number of the search that is being answered.
    current: Arc<AtomicU64>,
}

impl Seat {
    /// Its connection gives up in the midst of a statement as soon as the search is not wanted any more.
    fn new(desk: &Arc<Desk>) -> Result<Self, Error> {
        let mut connection = open::reader(&desk.path, desk.access)?;
        let current = Arc::new(AtomicU64::new(0));
        let (newest, mine) = (Arc::clone(desk), Arc::clone(&current));
        connection.progress_handler(
            STEPS,
            Some(move || newest.is_newer_than(mine.load(Ordering::Relaxed))),
        )?;
        Ok(Self {
            desk: Arc::clone(desk),
            connection,
            current,
        })
    }

    fn answer(&self, question: Question) {
        let connection = &self.connection;
        let Question {
            number,
            listing,
            page,
            all,
        } = question;
        self.current.store(number, Ordering::Relaxed);
        let mut page = Some(page);
        let result = view(connection, || {
            let mut tell = |rows| {
                if let Some(page) = page.take() {
                    // Nobody may wait any more.
                    let _ = page.send(Ok(rows));
                }
            };
            let spelled = Spelled::out(connection, &listing)?;
            let told = spelled.first_rows(connection)?.map(&mut tell).is_some();
            let chosen = spelled.chosen(connection)?;
            if !told {
                tell(chosen.rows(connection, &listing)?);
            }
            chosen.ids(connection, &listing)
        });
        let result = result.map_err(|error| {
            if self.desk.is_newer_than(number) {
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
}

impl Desk {
    fn is_newer_than(&self, number: u64) -> bool {
        self.newest.load(Ordering::Relaxed) != number
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

/// One answers, and one is at hand while the other cannot be stopped.
const THREADS: usize = 2;

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

    #[test]
    fn a_newer_search_stops_a_statement_that_would_never_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mail.db");
        open::writer(&path).unwrap();
        let searcher = Searcher::new(&path, Access::Full);
        let seat = Seat::new(&searcher.desk).unwrap();
        let desk = Arc::clone(&searcher.desk);
        let other = thread::spawn(move || desk.newest.fetch_add(1, Ordering::Relaxed));
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
        let result = seat
            .connection
            .query_row(endless, [], |row| row.get::<_, i64>(0));
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
        let searcher = Searcher::new(&path, Access::Full);
        // No thread takes the questions: they stay where they wait.
        searcher.desk.lock().idle = 1;
        let older = searcher.ask(Listing::default());
        let newer = searcher.ask(Listing::default());
        assert!(matches!(older.page.wait(), Err(Error::Superseded)));
        assert!(matches!(older.all.wait(), Err(Error::Superseded)));
        let question = searcher.desk.lock().question.take().unwrap();
        Seat::new(&searcher.desk).unwrap().answer(question);
        assert_eq!(newer.page.wait().unwrap(), []);
        assert_eq!(newer.all.wait().unwrap(), []);
    }

    #[test]
    fn a_closed_store_searches_nothing() {
        let searcher = Searcher::new(Path::new("/nonexistent/mail.db"), Access::Full);
        searcher.close();
        assert!(matches!(
            searcher.ask(Listing::default()).all.wait(),
            Err(Error::Closed)
        ));
    }
}
