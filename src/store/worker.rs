use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;

use super::job::{Job, read_group, refuse_group, write_group};
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
