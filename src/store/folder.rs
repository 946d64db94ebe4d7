//! The folder of the store, and who may look into it.

#[cfg(unix)]
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::Path;

use super::Error;

/// Makes what is missing of the folder, for its owner only. A folder that is there stays as it is.
pub(super) fn private_folder(folder: &Path) -> Result<(), Error> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
        private_folder(parent)?;
    }
    match fs::create_dir(folder) {
        Ok(()) => only_owner(folder, 0o700),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(Error::file(folder, error)),
    }
}

/// A store is about to be made at `path`. A folder in which nothing else lies is the store's alone, and is closed to others;
/// one with other things in it is left as it is, and so is one of somebody else. What cannot be done is no failure: the file
/// itself is closed.
#[cfg(unix)]
pub(super) fn claim(path: &Path) {
    use std::os::unix::fs::MetadataExt as _;
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => return,
    };
    let mine = |name: &OsStr| {
        let name = name.as_encoded_bytes();
        let store = path.file_name().unwrap_or_default();
        name.starts_with(store.as_encoded_bytes()) || name.starts_with(LOG)
    };
    let alone = || {
        fs::read_dir(folder).is_ok_and(|mut entries| {
            entries.all(|entry| entry.is_ok_and(|entry| mine(&entry.file_name())))
        })
    };
    let own = fs::metadata(folder).is_ok_and(|found| {
        let shared = found.mode() & (STICKY | SET_GROUP) != 0;
        !shared && found.uid() == rustix::process::geteuid().as_raw()
    });
    if own && alone() {
        let _ = only_owner(folder, 0o700);
    }
}

#[cfg(not(unix))]
pub(super) fn claim(_path: &Path) {}

#[cfg(unix)]
pub(super) fn only_owner(path: &Path, mode: u32) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .map_err(|error| Error::file(path, error))
}

#[cfg(not(unix))]
pub(super) fn only_owner(_path: &Path, _mode: u32) -> Result<(), Error> {
    // Elsewhere a folder of the person's profile is private by what it inherits.
    Ok(())
}

/// The log lies in the same folder when that was named, and may be there before the store is.
#[cfg(unix)]
const LOG: &[u8] = b"poppet.log";
/// Of a folder in which everybody may make files.
#[cfg(unix)]
const STICKY: u32 = 0o1000;
/// Of a folder that is a group's.
#[cfg(unix)]
const SET_GROUP: u32 = 0o2000;
