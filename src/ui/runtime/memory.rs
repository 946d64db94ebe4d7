//! A file that is only a convenience: whatever goes wrong with it is no reason to bother anybody.

use std::fs;
use std::io::Write as _;
use std::path::Path;

/// Writes it whole, in the place of what was there before. It is not flushed to the disk: what is lost with the power is a cursor.
pub(super) fn write(file: &Path, text: &str) {
    let written = || {
        let folder = file.parent()?;
        let mut fresh = tempfile::NamedTempFile::new_in(folder).ok()?;
        fresh.write_all(text.as_bytes()).ok()?;
        fresh.persist(file).ok()
    };
    if written().is_none() {
        tracing::debug!("where the cursor is was not written down");
    }
}

/// What was written; `None` where there is nothing, or too much to be it.
pub fn read(file: &Path) -> Option<String> {
    let length = fs::metadata(file).ok()?.len();
    (length <= MOST).then(|| fs::read_to_string(file).ok())?
}

const MOST: u64 = 64 << 10;
