//! The disk that a run leaves behind when the power goes: all that was synced, and of the rest anything.
//!
//! What a file system may do is taken at its worst: each sector of 512 octets that was written since the last `fsync` of its
//! file is there or is not, whatever the order of the writes; a file may have grown without its new octets; a name that
//! was made, changed or taken away since the last `fsync` of its folder is there as at any moment since. What an `fsync`
//! failed to write is there or is not whatever is synced later.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::{Entry, Kind};

/// The files below a folder, as they are and as they were synced.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    root: PathBuf,
    /// Each name, with what it has meant since its folder was synced; the oldest meaning is the one that is safe.
    names: BTreeMap<PathBuf, Vec<Option<usize>>>,
    nodes: Vec<Node>,
    open: HashMap<i32, (usize, PathBuf)>,
}

#[derive(Clone, Debug)]
enum Node {
    Folder,
    File {
        synced: Vec<u8>,
        since: Vec<(Change, Safety)>,
    },
}

/// What is known of a change that was made after another one got lost, or itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Safety {
    Pending,
    Synced,
    Lost,
}

#[derive(Clone, Debug)]
enum Change {
    Write { offset: usize, octets: Vec<u8> },
    Truncate(usize),
}

impl Disk {
    /// The files that lie below `root`, all of them safe.
    pub(crate) fn of(root: &Path) -> Self {
        let mut disk = Self {
            root: root.to_owned(),
            names: BTreeMap::new(),
            nodes: vec![Node::Folder],
            open: HashMap::new(),
        };
        disk.names.insert(root.to_owned(), vec![Some(0)]);
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
                let path = entry.path();
                let node = if path.is_dir() {
                    folders.push(path.clone());
                    Node::Folder
                } else {
                    Node::File {
                        synced: std::fs::read(&path).expect("a file"),
                        since: Vec::new(),
                    }
                };
                let node = disk.add(node);
                disk.names.insert(path, vec![Some(node)]);
            }
        }
        disk
    }

    fn add(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    fn now(&self, path: &Path) -> Option<usize> {
        self.names.get(path).and_then(|meanings| *meanings.last()?)
    }

    fn means(&mut self, path: &Path, node: Option<usize>) {
        // A name that nobody knew is safely absent.
        self.names
            .entry(path.to_owned())
            .or_insert_with(|| vec![None])
            .push(node);
    }

    fn change(&mut self, fd: i32, change: Change) {
        if let Some((node, _)) = self.open.get(&fd)
            && let Node::File { since, .. } = &mut self.nodes[*node]
        {
            since.push((change, Safety::Pending));
        }
    }

    /// What one call did.
    pub(crate) fn follow(&mut self, entry: &Entry) {
        let path = |octets: &[u8]| PathBuf::from(OsStr::from_bytes(octets));
        match entry.kind {
            Kind::Open => {
                let path = path(&entry.octets);
                let node = self.now(&path).unwrap_or_else(|| {
                    let node = self.add(Node::File {
                        synced: Vec::new(),
                        since: Vec::new(),
                    });
                    self.means(&path, Some(node));
                    node
                });
                self.open.insert(entry.fd, (node, path));
                if entry.offset & 4 != 0 {
                    self.change(entry.fd, Change::Truncate(0));
                }
            }
            Kind::Close => {
                self.open.remove(&entry.fd);
            }
            Kind::Write => {
                let (offset, octets) = (entry.offset as usize, entry.octets.clone());
                self.change(entry.fd, Change::Write { offset, octets });
            }
            Kind::Truncate => self.change(entry.fd, Change::Truncate(entry.offset as usize)),
            Kind::Sync => self.sync(entry.fd),
            Kind::SyncFailed => self.lose(entry.fd),
            Kind::Unlink => self.means(&path(&entry.octets), None),
            Kind::MakeFolder => {
                let node = self.add(Node::Folder);
                self.means(&path(&entry.octets), Some(node));
            }
            Kind::Rename => {
                let mut names = entry.octets.split(|octet| *octet == 0).map(path);
                let (Some(from), Some(to)) = (names.next(), names.next()) else {
                    return;
                };
                let node = self.now(&from);
                self.means(&to, node);
                self.means(&from, None);
            }
            Kind::Begun
            | Kind::Send
            | Kind::Connect
            | Kind::Resolve
            | Kind::Fault
            | Kind::Ended => {}
        }
    }

    fn sync(&mut self, fd: i32) {
        let Some((node, path)) = self.open.get(&fd) else {
            return;
        };
        match &mut self.nodes[*node] {
            Node::File { synced, since } => {
                // Behind a change that got lost, the order of the others matters.
                let lost = since.iter().position(|(_, safety)| *safety == Safety::Lost);
                for (change, _) in since.drain(..lost.unwrap_or(since.len())) {
                    change.make(synced, |_| true);
                }
                for (_, safety) in since
                    .iter_mut()
                    .filter(|(_, safety)| *safety == Safety::Pending)
                {
                    *safety = Safety::Synced;
                }
            }
            Node::Folder => {
                for (_, meanings) in self
                    .names
                    .iter_mut()
                    .filter(|(name, _)| name.parent() == Some(path))
                {
                    let last = meanings.len() - 1;
                    meanings.drain(..last);
                }
            }
        }
    }

    /// What was written since the last `fsync` of a file may never reach the disk.
    ///
    /// Of a folder the names count as synced: SQLite takes no notice of a folder that cannot be, and the file systems in use
    /// write a new name along with its file, which is synced on its own.
    fn lose(&mut self, fd: i32) {
        let node = self.open.get(&fd).map(|(node, _)| *node);
        match node.map(|node| &mut self.nodes[node]) {
            Some(Node::File { since, .. }) => {
                for (_, safety) in since {
                    if *safety == Safety::Pending {
                        *safety = Safety::Lost;
                    }
                }
            }
            Some(Node::Folder) => self.sync(fd),
            None => {}
        }
    }

    /// Whether nothing waits to be synced that could differ.
    pub(crate) fn is_settled(&self) -> bool {
        let quiet = |node: &Node| match node {
            Node::Folder => true,
            Node::File { since, .. } => since.is_empty(),
        };
        self.nodes.iter().all(quiet) && self.names.values().all(|meanings| meanings.len() == 1)
    }

    /// One of the disks that there may be after the power went now, by path below the root; `None` is a folder.
    pub(crate) fn image(&self, chance: &mut Chance) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let mut image: BTreeMap<PathBuf, Option<Vec<u8>>> = BTreeMap::new();
        // In order of their names a folder comes before what is in it.
        for (path, meanings) in &self.names {
            let inside = path.parent().is_some_and(|parent| {
                let parent = parent.strip_prefix(&self.root);
                parent.is_ok_and(|parent| image.get(parent).is_some_and(Option::is_none))
            });
            if !inside && path != &self.root {
                continue;
            }
            let last = meanings.len() - 1;
            let meaning = (0..last).find(|_| !chance.holds()).unwrap_or(last);
            let Some(node) = meanings[meaning] else {
                continue;
            };
            let content = match &self.nodes[node] {
                Node::Folder => None,
                Node::File { synced, since } => {
                    let mut content = synced.clone();
                    for (change, safety) in since {
                        change.make(&mut content, |_| {
                            *safety == Safety::Synced || chance.holds()
                        });
                    }
                    Some(content)
                }
            };
            let below = path.strip_prefix(&self.root).expect("below the root");
            image.insert(below.to_owned(), content);
        }
        image
    }
}

impl Change {
    /// Makes the change as far as each of its sectors is said to have reached the disk.
    fn make(&self, content: &mut Vec<u8>, mut reached: impl FnMut(usize) -> bool) {
        match self {
            Self::Truncate(length) => {
                if reached(*length) {
                    content.resize(*length, 0);
                }
            }
            Self::Write { offset, octets } => {
                let mut at = 0;
                while at < octets.len() {
                    let place = offset + at;
                    let end = octets.len().min(at + SECTOR - place % SECTOR);
                    if reached(place) {
                        let until = offset + end;
                        if content.len() < until {
                            content.resize(until, 0);
                        }
                        content[place..until].copy_from_slice(&octets[at..end]);
                    }
                    at = end;
                }
            }
        }
    }
}

/// Writes an image into an empty folder.
pub(crate) fn write(image: &BTreeMap<PathBuf, Option<Vec<u8>>>, folder: &Path) {
    for (path, content) in image {
        let place = folder.join(path);
        match content {
            None => std::fs::create_dir_all(&place).expect("a folder of the image"),
            Some(octets) => std::fs::write(&place, octets).expect("a file of the image"),
        }
    }
}

/// What happens by chance, the same for the same seed.
#[derive(Clone, Debug)]
pub(crate) struct Chance {
    state: u64,
    /// Of 256 un-synced changes so many hold.
    share: u8,
    certain: bool,
}

impl Chance {
    /// Seeds 0 and 1 are the two certain cases: nothing that was not synced holds, and all of it does.
    pub(crate) fn new(seed: u64) -> Self {
        let mut chance = Self {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            share: 0,
            certain: seed < 2,
        };
        chance.share = match (seed, chance.next() % 4) {
            (0, _) => 0,
            (1, _) => 255,
            (_, 0) => 24,
            (_, 1) => 128,
            (_, 2) => 232,
            (_, _) => chance.next() as u8,
        };
        chance
    }

    /// Any number.
    pub(crate) fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }

    fn holds(&mut self) -> bool {
        if self.certain {
            return self.share == 255;
        }
        (self.next() >> 16) as u8 <= self.share
    }
}

const SECTOR: usize = 512;
