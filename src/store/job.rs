//! What is done on a store's thread, several at a time: a job that writes is told after its COMMIT.

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::Error;

/// Work, unless there is an error already, and afterwards the telling of its result or of the error that undid it.
pub(super) struct Job(Box<dyn FnOnce(Given<'_>) -> Done + Send>);

type Given<'a> = Result<&'a Connection, Error>;

/// To be told after the COMMIT, or with the error that undid the work. What is told gives the rest of the work, if any.
pub(super) struct Done {
    failed: bool,
    tell: Box<dyn FnOnce(Option<Error>) -> Option<Job> + Send>,
}

impl Job {
    pub(super) fn new<T: Send + 'static>(
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
    pub(super) fn steps<T: Send + 'static>(
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

/// Gives what is left of the last job that has more to do.
pub(super) fn write_group(connection: &Connection, jobs: Vec<Job>) -> Option<Job> {
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

pub(super) fn read_group(connection: &Connection, jobs: Vec<Job>) -> Option<Job> {
    let read = |job: Job| {
        let begun = connection.execute_batch("BEGIN").err().map(Error::from);
        let done = (job.0)(Ok(connection));
        // A view that was only read has nothing to lose.
        let _ = connection.execute_batch("COMMIT");
        (done.tell)(begun)
    };
    jobs.into_iter().filter_map(read).last()
}

pub(super) fn refuse_group(error: &Error, jobs: Vec<Job>) -> Option<Job> {
    let done = jobs.into_iter().map(|job| (job.0)(Err(error.clone())));
    done.filter_map(|done| (done.tell)(None)).last()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Pending;

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
