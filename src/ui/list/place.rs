use crate::mail::Folder;

/// Which messages a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Where mail arrives.
    #[default]
    Inbox,
    /// All but the Trash.
    All,
    /// What was put away.
    Archive,
    /// What was deleted here.
    Trash,
}

impl Place {
    /// What a person calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inbox => "Inbox",
            Self::All => "All mail",
            Self::Archive => "Archive",
            Self::Trash => "Trash",
        }
    }

    /// The folder it is, if it is one.
    pub fn folder(self) -> Option<Folder> {
        match self {
            Self::Inbox => Some(Folder::Inbox),
            Self::All => None,
            Self::Archive => Some(Folder::Archive),
            Self::Trash => Some(Folder::Trash),
        }
    }

    /// Whether a message that lies in this folder belongs into it.
    pub fn holds(self, folder: Folder) -> bool {
        match self.folder() {
            Some(mine) => mine == folder,
            None => folder != Folder::Trash,
        }
    }
}
