//! A large message on its way to the store: in a file without a name, not in memory.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use crate::mail::{Elsewhere, Octets, Passing};

/// Octets of one message, as they come. Nothing of it is left when it is dropped, or when the process ends.
#[derive(Debug)]
pub(super) struct Spool {
    file: File,
    beginning: Vec<u8>,
    passing: Passing,
}

impl Spool {
    /// A spool in this folder, with what has come before.
    pub(super) fn begin(folder: &Path, octets: Vec<u8>) -> io::Result<Self> {
        let mut spool = Self {
            file: tempfile::tempfile_in(folder)?,
            beginning: Vec::new(),
            passing: Passing::default(),
        };
        spool.push(&octets)?;
        spool.beginning = octets;
        Ok(spool)
    }

    /// Takes the next octets. They go into the system's cache, and to the disk only with the store's own commit.
    pub(super) fn push(&mut self, octets: &[u8]) -> io::Result<()> {
        self.file.write_all(octets)?;
        self.passing.take(octets);
        Ok(())
    }

    /// The first octets.
    pub(super) fn beginning(&self) -> &[u8] {
        &self.beginning
    }

    /// How many octets have come.
    pub(super) fn len(&self) -> u64 {
        self.passing.len()
    }

    /// All have come.
    pub(super) fn finish(self) -> Octets {
        let len = self.passing.len();
        let digests = self.passing.digests();
        Octets::large(self.beginning, Arc::new(Kept(self.file)), len, digests)
    }
}

#[derive(Debug)]
struct Kept(File);

impl Elsewhere for Kept {
    #[cfg(unix)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.0, buffer, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&self.0, buffer, offset)
    }
}

/// Octets of a message above which it is not held in memory.
pub(super) const LARGE: usize = 4 * 1024 * 1024;
