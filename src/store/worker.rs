use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{Error, Pending, open};

/// A thread that owns a connection and does one job after the other.
///
/// A writer groups what is waiting into one transaction, each job in a savepoint of its own, and answers after the
/// COMMIT: one flush to the disk serves many. A reader gives each job one unchanging view of the store.
pub(super) struct Worker {
    queue: Arc<Queue>,
    thread: Mutex<Thread>,
}

enum Thread {
    /// Begins with the first job.
    Asleep(PathBuf),
    Awake(JoinHandle<()>),
    Gone,
}

/// Who goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Urgency {
    /// A person waits for it.
    Person,
    /// It can wait.
    Batch,
}

impl Worker {
    pub(super) fn writer(connection: Connection) -> Result<Self, Error> {
        let writer = Writer::new(connection)?;
        Self::start(WRITER, || move |jobs| writer.group(jobs))
    }

    /// A writer of a store that is as this program wants it. Thread and connection begin with the first job; if that fails, the
    /// job is told why, and the next one tries again.
    pub(super) fn writer_when_asked(path: &Path) -> Self {
        Self {
            queue: Arc::default(),
            thread: Mutex::new(Thread::Asleep(path.to_owned())),
        }
    }

    pub(super) fn reader(connection: Connection) -> Result<Self, Error> {
        Self::start("store-reader", || move |jobs| read_group(&connection, jobs))
    }

    /// One that does nothing and answers every job with this error.
    pub(super) fn refusing(error: Error) -> Result<Self, Error> {
        Self::start("store-refusal", || move |jobs| refuse_group(&error, jobs))
    }

    /// `group` is made on the new thread.
    fn start<G: FnMut(Vec<Job>) -> Option<Job>>(
        name: &str,
        group: impl FnOnce() -> G + Send + 'static,
    ) -> Result<Self, Error> {
        let queue = Arc::default();
        let thread = spawn(name, &queue, group)?;
        Ok(Self {
            queue,
            thread: Mutex::new(Thread::Awake(thread)),
        })
    }

    /// Queues a job, and starts the thread if it sleeps.
    fn push(&self, urgency: Urgency, job: Job) {
        {
            let mut thread = lock(&self.thread);
            if let Thread::Asleep(path) = &*thread {
                let path = path.clone();
                let begun = spawn(WRITER, &self.queue, move || {
                    let mut writer = None;
                    move |jobs| {
                        let opened = writer.take().map_or_else(|| Writer::late(&path), Ok);
                        match opened {
                            Ok(opened) => writer.insert(opened).group(jobs),
                            // The next one tries again.
                            Err(error) => refuse_group(&error, jobs),
                        }
                    }
                });
                match begun {
                    Ok(handle) => *thread = Thread::Awake(handle),
                    Err(error) => {
                        drop(thread);
                        // Nothing can be left over: nothing was done.
                        let _ = refuse_group(&error, vec![job]);
                        return;
                    }
                }
            }
        }
        self.queue.push(urgency, job);
    }

    /// Queues a job.
    pub(super) fn send<T: Send + 'static>(
        &self,
        urgency: Urgency,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Pending<T> {
        let (sender, pending) = Pending::new();
        self.push(urgency, Job::new(sender, work));
        pending
    }

    /// Queues work that is too long for one transaction: each call of `step` is one, until it gives the answer, and what
    /// people wait for is done between them. What was done before an error stays done.
    pub(super) fn send_steps<T: Send + 'static>(
        &self,
        step: impl FnMut(&Connection) -> Result<Option<T>, Error> + Send + 'static,
    ) -> Pending<T> {
        let (sender, pending) = Pending::new();
        let job = Job::steps(sender, true, step);
        self.push(Urgency::Batch, job);
        pending
    }

    /// The same for reading: each step has a view of its own, and what nobody waits for any more is not read to its end.
    pub(super) fn send_reading<T: Send + 'static>(
        &self,
        step: impl FnMut(&Connection) -> Result<Option<T>, Error> + Send + 'static,
    ) -> Pending<T> {
        let (sender, pending) = Pending::new();
        let job = Job::steps(sender, false, step);
        self.push(Urgency::Batch, job);
        pending
    }

    #[cfg(test)]
    pub(super) fn is_asleep(&self) -> bool {
        matches!(&*lock(&self.thread), Thread::Asleep(_))
    }

    /// Does what is queued, takes nothing more, and ends the thread.
    pub(super) fn close(&self) {
        self.queue.lock().closed = true;
        self.queue.waiting.notify_all();
        let thread = std::mem::replace(&mut *lock(&self.thread), Thread::Gone);
        if let Thread::Awake(thread) = thread
            && thread.thread().id() != thread::current().id()
        {
            // A thread that panicked has already turned away whoever waited for it.
            let _ = thread.join();
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.close();
    }
}

fn spawn<G: FnMut(Vec<Job>) -> Option<Job>>(
    name: &str,
    queue: &Arc<Queue>,
    group: impl FnOnce() -> G + Send + 'static,
) -> Result<JoinHandle<()>, Error> {
    let theirs = Arc::clone(queue);
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            // Not before: a thread that cannot be started closes nothing.
            let theirs = ClosesQueue(theirs);
            let mut group = group();
            while let Some(jobs) = theirs.0.take() {
                if let Some(rest) = group(jobs) {
                    theirs.0.lock().batch.push_front(rest);
                }
            }
        })
        .map_err(|error| Error::file(name, error))
}

#[derive(Default)]
struct Queue {
    jobs: Mutex<Jobs>,
    waiting: Condvar,
}

#[derive(Default)]
struct Jobs {
    person: VecDeque<Job>,
    batch: VecDeque<Job>,
    closed: bool,
}

impl Queue {
    fn push(&self, urgency: Urgency, job: Job) {
        let mut jobs = self.lock();
        if jobs.closed {
            // Dropping the job tells whoever waits that the store is closed.
            return;
        }
        match urgency {
            Urgency::Person => jobs.person.push_back(job),
            Urgency::Batch => jobs.batch.push_back(job),
        }
        self.waiting.notify_all();
    }

    /// What goes into the next transaction: all that a person waits for, or one batch. `None` when all is done.
    fn take(&self) -> Option<Vec<Job>> {
        let mut jobs = self.lock();
        loop {
            if !jobs.person.is_empty() {
                let count = jobs.person.len().min(GROUP);
                return Some(jobs.person.drain(..count).collect());
            }
            if let Some(job) = jobs.batch.pop_front() {
                return Some(vec![job]);
            }
            if jobs.closed {
                return None;
            }
            jobs = self
                .waiting
                .wait(jobs)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Jobs> {
        lock(&self.jobs)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Turns everybody away when the thread ends, however it ends.
struct ClosesQueue(Arc<Queue>);

impl Drop for ClosesQueue {
    fn drop(&mut self) {
        let mut jobs = self.0.lock();
        jobs.closed = true;
        jobs.person.clear();
        jobs.batch.clear();
    }
}

/// Work, unless there is an error already, and afterwards the telling of its result or of the error that undid it.
struct Job(Box<dyn FnOnce(Given<'_>) -> Done + Send>);

type Given<'a> = Result<&'a Connection, Error>;

/// To be told after the COMMIT, or with the error that undid the work. What is told gives the rest of the work, if any.
struct Done {
    failed: bool,
    tell: Box<dyn FnOnce(Option<Error>) -> Option<Job> + Send>,
}

impl Job {
    fn new<T: Send + 'static>(
        sender: oneshot::Sender<Result<T, Error>>,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Self {
        Self(Box::new(move |connection| {
            let result = connection.and_then(work);
            Done {
                failed: result.is_err(),
                // Nobody may wait any more; the work is done all the same.
                tell: Box::new(move |undone| {
                    let _ = sender.send(match undone {
                        Some(error) => result.and(Err(error)),
                        None => result,
                    });
                    None
                }),
            }
        }))
    }

    /// `even_unheard`: whether the steps go on when nobody waits for the answer any more.
    fn steps<T: Send + 'static>(
        sender: oneshot::Sender<Result<T, Error>>,
        even_unheard: bool,
        mut step: impl FnMut(&Connection) -> Result<Option<T>, Error> + Send + 'static,
    ) -> Self {
        Self(Box::new(move |connection| {
            let result = connection.and_then(&mut step);
            Done {
                failed: result.is_err(),
                tell: Box::new(move |undone| {
                    let end = match (result, undone) {
                        (Ok(None), None) => {
                            let goes_on = even_unheard || !sender.is_closed();
                            return goes_on.then(|| Self::steps(sender, even_unheard, step));
                        }
                        (Ok(Some(answer)), None) => Ok(answer),
                        (Err(error), _) | (Ok(_), Some(error)) => Err(error),
                    };
                    let _ = sender.send(end);
                    None
                }),
            }
        }))
    }
}

struct Writer {
    connection: Connection,
    /// Pages that were in the log at the last COMMIT.
    log: Arc<AtomicU32>,
    /// So many are folded into the file.
    most: u32,
}

impl Writer {
    fn new(mut connection: Connection) -> Result<Self, Error> {
        let page: u32 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let log = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&log);
        connection.wal_hook(Some(move |_: &mut _, pages| {
            counted.store(u32::try_from(pages).unwrap_or_default(), Ordering::Relaxed);
            Ok(())
        }))?;
        Ok(Self {
            connection,
            log,
            most: FOLDED / page.max(512),
        })
    }

    fn late(path: &Path) -> Result<Self, Error> {
        Self::new(open::late_writer(path)?)
    }

    /// Whoever waits is told after the COMMIT, and does not wait until the log is folded into the file as well: that costs
    /// time and three flushes, and nothing rests on it. It is done on this connection and as a whole: a part that is folded
    /// in while another COMMIT is under way is not flushed, and who learns later that it cannot be, has forgotten which it was.
    fn group(&self, jobs: Vec<Job>) -> Option<Job> {
        let rest = write_group(&self.connection, jobs);
        if self.log.swap(0, Ordering::Relaxed) >= self.most {
            // Where it cannot be done, the log stays, and it is tried again after the next COMMIT.
            let sql = "PRAGMA wal_checkpoint(PASSIVE)";
            let _ = self.connection.query_row(sql, [], |_| Ok(()));
        }
        rest
    }
}

/// Gives what is left of the last job that has more to do.
fn write_group(connection: &Connection, jobs: Vec<Job>) -> Option<Job> {
    // A job on its own needs no savepoint, which would keep a copy of each page that it changes.
    let alone = jobs.len() == 1;
    let mut done = Vec::with_capacity(jobs.len());
    let mut jobs = jobs.into_iter();
    let outcome = (|| -> Result<(), rusqlite::Error> {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        while jobs.len() > 0 {
            if !alone {
                connection.execute_batch("SAVEPOINT job")?;
            }
            let Some(job) = jobs.next() else { break };
            let result = (job.0)(Ok(connection));
            let failed = result.failed;
            done.push(result);
            if connection.is_autocommit() {
                // SQLite has rolled back the whole transaction: disk full, out of memory, I/O error.
                return Err(aborted());
            }
            match (alone, failed) {
                (true, true) => return connection.execute_batch("ROLLBACK"),
                (true, false) => {}
                (false, true) => connection.execute_batch("ROLLBACK TO job; RELEASE job")?,
                (false, false) => connection.execute_batch("RELEASE job")?,
            }
        }
        connection.execute_batch("COMMIT")
    })();
    let error = outcome.err().map(|error| {
        if !connection.is_autocommit() {
            // If even this fails, the next BEGIN does, and says so.
            let _ = connection.execute_batch("ROLLBACK");
        }
        Error::from(error)
    });
    if let Some(error) = &error {
        // Those whose turn did not come any more.
        done.extend(jobs.map(|job| (job.0)(Err(error.clone()))));
    }
    done.into_iter()
        .filter_map(|Done { tell, .. }| tell(error.clone()))
        .last()
}

fn aborted() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(
        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ABORT),
        Some("the transaction was rolled back".to_owned()),
    )
}

fn read_group(connection: &Connection, jobs: Vec<Job>) -> Option<Job> {
    let read = |job: Job| {
        let begun = connection.execute_batch("BEGIN").err().map(Error::from);
        let done = (job.0)(Ok(connection));
        // A view that was only read has nothing to lose.
        let _ = connection.execute_batch("COMMIT");
        (done.tell)(begun)
    };
    jobs.into_iter().filter_map(read).last()
}

fn refuse_group(error: &Error, jobs: Vec<Job>) -> Option<Job> {
    let done = jobs.into_iter().map(|job| (job.0)(Err(error.clone())));
    done.filter_map(|done| (done.tell)(None)).last()
}

const WRITER: &str = "store-writer";
/// So many octets of the log are folded into the file at once: pages that many batches change are written once.
const FOLDED: u32 = 16 << 20;
/// So many small jobs at most share one transaction.
const GROUP: usize = 64;

/// Lowers the priority of this thread for good, where the system can do that for one thread: another one draws a screen that
/// somebody looks at.
#[cfg(target_os = "linux")]
pub fn give_way() {
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), LESS_URGENT);
}

/// Nothing: here a priority is the whole program's.
#[cfg(not(target_os = "linux"))]
pub fn give_way() {}

#[cfg(target_os = "linux")]
const LESS_URGENT: i32 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_the_transaction_cannot_begin_each_job_is_told_why() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Connection::open(folder.path().join("file.db")).unwrap();
        let (connection, other) = (open(), open());
        connection.busy_timeout(std::time::Duration::ZERO).unwrap();
        other
            .execute_batch("CREATE TABLE t (n); BEGIN IMMEDIATE")
            .unwrap();
        let insert =
            |connection: &Connection| Ok(connection.execute("INSERT INTO t VALUES (1)", [])?);
        for count in [1, 3] {
            let (jobs, answers): (Vec<Job>, Vec<Pending<usize>>) = (0..count)
                .map(|_| {
                    let (sender, pending) = Pending::new();
                    (Job::new(sender, insert), pending)
                })
                .unzip();
            let (sender, long) = Pending::new();
            let step = move |connection: &Connection| insert(connection).map(Some);
            let steps = Job::steps(sender, true, step);
            assert!(write_group(&connection, vec![steps]).is_none());
            assert!(write_group(&connection, jobs).is_none());
            for answer in answers.into_iter().chain([long]) {
                let error = answer.wait().unwrap_err();
                let busy = Some(rusqlite::ErrorCode::DatabaseBusy);
                let told =
                    matches!(&error, Error::Database(error) if error.sqlite_error_code() == busy);
                assert!(told, "{error}");
            }
        }
        other.execute_batch("COMMIT").unwrap();
        let (sender, answer) = Pending::new();
        write_group(&connection, vec![Job::new(sender, insert)]);
        assert_eq!(answer.wait().unwrap(), 1);
    }

    #[test]
    fn what_is_read_in_steps_lets_people_go_first_and_ends_when_nobody_waits() {
        let connection = Connection::open_in_memory().unwrap();
        let (sender, answer) = Pending::new();
        let mut steps = 0;
        let reading = move |_: &Connection| {
            steps += 1;
            Ok((steps == 3).then_some(steps))
        };
        let mut job = Job::steps(sender, false, reading);
        for _ in 0..2 {
            job = read_group(&connection, vec![job]).unwrap();
        }
        assert!(read_group(&connection, vec![job]).is_none());
        assert_eq!(answer.wait().unwrap(), 3);

        let (sender, answer) = Pending::<()>::new();
        let job = Job::steps(sender, false, |_| Ok(None));
        let job = read_group(&connection, vec![job]).unwrap();
        drop(answer);
        assert!(read_group(&connection, vec![job]).is_none());
    }
}
