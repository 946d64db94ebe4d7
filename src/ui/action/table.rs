use super::{Preset, Scope, Spec};

use Preset::{Alpine, Gmail, Mutt};
use Scope::{Accounts, Anywhere, Errors, List, Mailbox, Peek, Reader, Review};

macro_rules! registry {
    ($($action:ident $id:literal $name:literal [$($scope:ident)+] [$($key:literal)*] $hint:literal $sentence:literal
        $({ $($preset:ident [$($other:literal)*])+ })?;)+) => {
        /// Something that a person can do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action {
            $(#[doc = $sentence] $action,)+
        }

        /// All of them, in the order of help and palette.
        pub const ACTIONS: &[Spec] = &[
            $(Spec {
                action: Action::$action,
                id: $id,
                name: $name,
                sentence: $sentence,
                hint: $hint,
                scopes: &[$($scope),+],
                keys: &[$($key),*],
                presets: &[$($(($preset, &[$($other),*])),+)?],
            },)+
        ];
    };
}

registry! {
    // Moving.
    Down "down" "Down" [List Reader Peek Review Mailbox Errors Accounts] ["j" "Down"] "move" "One line down."
        { Alpine ["n" "j" "Down"] };
    Up "up" "Up" [List Reader Peek Review Mailbox Errors Accounts] ["k" "Up"] "up" "One line up."
        { Alpine ["p" "k" "Up"] };
    HalfDown "half-page-down" "Half a page down" [List Reader Peek Review Mailbox Errors] ["^d"] "half page" "Half a page down."
        { Mutt ["]" "^d"] };
    HalfUp "half-page-up" "Half a page up" [List Reader Peek Review Mailbox Errors] ["^u"] "half page up" "Half a page up."
        { Mutt ["[" "^u"] };
    PageDown "page-down" "A page down" [List Reader Peek Review Mailbox Errors] ["PgDn" "^f"] "page" "A page down.";
    PageUp "page-up" "A page up" [List Reader Peek Review Mailbox Errors] ["PgUp" "^b"] "page up" "A page up.";
    First "first" "To the top" [List Reader Peek Review Mailbox Errors Accounts] ["g g" "Home"] "top" "To the first message, or the top of the text."
        { Mutt ["=" "g g" "Home"] };
    Last "last" "To the end" [List Reader Peek Review Mailbox Errors Accounts] ["G" "End"] "end" "To the last message, or the end of the text."
        { Mutt ["End"] };
    Open "open" "Open" [List Errors Accounts] ["Enter" "l" "o" "Right"] "open" "Opens the message under the cursor; downloads it first if it is not here, and asks before that when it is large. Of an account it shows the mail."
        { Mutt ["Enter" "o" "Right"] Alpine [">" "Enter" "l" "o" "Right"] };
    Back "back" "Back" [Reader Peek Review Mailbox Errors Accounts] ["q" "Esc" "h" "Left"] "back" "Back to where you were. Nothing changes."
        { Gmail ["u" "q" "Esc" "h" "Left"] Mutt ["q" "i" "Esc" "Left"] Alpine ["<" "q" "Esc" "h" "Left"] };
    ReadOn "read-on" "Read on" [List Reader] ["Space"] "read on" "A page down in the message; at its end, to the next unread one.";
    ReadBack "read-back" "Read back" [List Reader] ["b"] "page up" "A page up in the message.";
    Next "next" "Next message" [Reader Peek List] ["J"] "next" "To the next message of the list."
        { Alpine ["n" "J"] };
    Previous "previous" "Previous message" [Reader Peek List] ["K"] "previous" "To the previous message of the list."
        { Alpine ["p" "K"] };
    NextUnread "next-unread" "Next unread" [List Reader] ["Tab"] "next unread" "To the next message that is not read yet.";
    PreviousUnread "previous-unread" "Previous unread" [List Reader] ["S-Tab"] "previous unread" "To the previous message that is not read yet.";
    // Doing.
    Delete "delete" "Delete: trash here + stage there" [List Reader] ["d" "#"] "delete" "Moves the message to the Trash on this computer and stages the deletion on the server. Nothing leaves the server before you press $ and confirm.";
    DeleteServer "delete-server" "Delete on server only (keep my copy)" [List Reader] ["D"] "server only" "Stages the deletion on the server and keeps the message here. Nothing leaves the server before you press $ and confirm.";
    Pin "pin" "Leave on the server (pin)" [List Reader Peek Mailbox] ["L"] "leave" "Leaves the message on the server whatever the rules say; once more lets the rules have it again.";
    Undelete "undelete" "Take a deletion back" [List Reader Review Mailbox] ["u"] "undelete" "Takes a staged deletion back, or the message out of the Trash."
        { Gmail ["-"] };
    Archive "archive" "Archive" [List Reader] ["e"] "archive" "Puts the message away into the archive on this computer.";
    Star "star" "Star" [List Reader] ["s" "F"] "star" "Stars the message, or takes the star away.";
    Read "read" "Mark as read" [List Reader] ["I"] "read" "Marks the message as read.";
    Unread "unread" "Mark as unread" [List Reader] ["U"] "unread" "Marks the message as not read."
        { Mutt ["U" "N"] };
    Fetch "fetch" "Download" [List Reader Peek Review Mailbox] ["+"] "fetch" "Downloads the whole message and keeps it here; in the review every one that has no copy here.";
    PeekAt "peek" "Peek: the first lines from the server" [List] ["p"] "peek" "Shows headers and the first lines of a message without downloading the rest."
        { Alpine ["P"] };
    PeekDownload "peek-download" "Download what is peeked at" [Peek] ["Enter"] "download" "Downloads the whole message and opens it.";
    PeekDelete "peek-delete" "Delete what is peeked at" [Peek] ["d"] "delete" "Stages the deletion on the server of a message that is not on this computer: when it is done, the message is gone.";
    PeekMore "peek-more" "More lines" [Peek] ["m"] "more lines" "Fetches twice as many lines from the server.";
    Stage "stage" "Delete on the server" [Mailbox] ["d" "D" "#"] "stage" "Stages the deletion of the message on the server; a copy on this computer stays. Nothing leaves the server before you press $ and confirm.";
    BySize "by-size" "Largest first" [Mailbox] ["1"] "size" "Shows first what takes the most room on the server.";
    ByAge "by-age" "Oldest first" [Mailbox] ["2"] "oldest" "Shows first what has lain on the server the longest.";
    BySender "by-sender" "By sender" [Mailbox] ["3"] "sender" "Shows what lies on the server by sender, each one's largest first.";
    ByMissing "by-missing" "Without a copy first" [Mailbox] ["4"] "no copy" "Shows first what has no copy on this computer.";
    ByRule "by-rule" "What the rule deletes first" [Mailbox] ["5"] "rule" "Shows first what the account's rule deletes next.";
    Calendar "calendar" "What the rule deletes, and when" [Mailbox] ["t"] "calendar" "Shows day by day how much the account's rule deletes on the server, and what stays and why.";
    NextButton "next-button" "Next button" [Review] ["Tab"] "choose" "Goes on to the next button.";
    PreviousButton "previous-button" "Previous button" [Review] ["S-Tab"] "previous button" "Goes back to the button before.";
    Press "press" "Press the button" [Review] ["Enter"] "press" "Does what the chosen button says; the one chosen at first changes nothing.";
    Review "review" "Review what is staged" [Anywhere] ["$" "g p"] "review" "Lists every deletion that waits for your word, why, and whether there is a copy here."
        { Alpine ["x" "$" "g p"] };
    Undo "undo" "Undo" [Anywhere] ["z"] "undo" "Takes the last change back, as often as you like.";
    Redo "redo" "Redo" [Anywhere] ["Z"] "redo" "Does again what was undone.";
    Sync "sync" "Check for mail" [Anywhere] ["^r" "F5"] "check mail" "Asks the servers for new mail now."
        { Mutt ["G" "^r" "F5"] Alpine ["^l" "^r" "F5"] };
    Cancel "cancel" "Stop" [Anywhere] ["^c"] "stop" "Stops the work on the network and keeps what is done; twice with nothing to stop leaves poppet.";
    // Marks.
    Mark "mark" "Mark and move on" [List] ["x" "t"] "mark" "Marks the message, or takes its mark away, and moves on."
        { Alpine ["t" ":"] };
    MarkRange "mark-range" "Mark a range" [List] ["V"] "range" "Starts a range at the cursor; once more ends it and marks what lies in it.";
    MarkAll "mark-all" "Mark all" [List] ["* a"] "mark all" "Marks every message that the list shows.";
    MarkNone "mark-none" "Unmark all" [List] ["* n"] "unmark all" "Takes all marks away.";
    MarkRead "mark-read" "Mark those read" [List] ["* r"] "mark read" "Puts a mark on every message in the list that is read.";
    MarkUnread "mark-unread" "Mark those unread" [List] ["* u"] "mark unread" "Puts a mark on every message in the list that is not read.";
    MarkStarred "mark-starred" "Mark those starred" [List] ["* s"] "mark starred" "Puts a mark on every message in the list that is starred.";
    Escape "escape" "Unmark all, show all" [List] ["Esc"] "show all" "Takes the marks away, then the filter, then the message of the status line. Never quits.";
    // Finding and sorting.
    Find "find" "Find" [List] ["/" "\\"] "find" "Shows only what matches, while you type; Esc brings everything back."
        { Mutt ["/" "l"] Alpine ["w" "/"] };
    NextMatch "next-match" "Next match" [List Reader] ["n"] "next match" "To the next message that matches what was looked for."
        { Alpine ["]"] };
    PreviousMatch "previous-match" "Previous match" [List Reader] ["N"] "previous match" "To the previous message that matches what was looked for."
        { Mutt ["A-n"] Alpine ["["] };
    SaveSearch "save-search" "Save this search" [List] ["^s"] "save search" "Keeps what is looked for, for the list of searches; once more forgets it.";
    SortDate "sort-date" "Sort by date" [List] ["S d"] "by date" "Newest first; once more turns it round.";
    SortSize "sort-size" "Sort by size" [List] ["S z"] "by size" "Largest first; once more turns it round.";
    SortFrom "sort-from" "Sort by sender" [List] ["S f"] "by sender" "By sender from A to Z; once more turns it round.";
    SortSubject "sort-subject" "Sort by subject" [List] ["S s"] "by subject" "By subject from A to Z, without its Re:; once more turns it round.";
    Threads "threads" "Group by thread" [List] ["S t"] "threads" "Shows one row for each thread, the one with the newest message first, or each message by itself again.";
    // Reading.
    Fold "fold" "Fold or unfold" [List Reader] ["T"] "fold" "Folds or unfolds a thread in the list, long quotations in a message.";
    Attachments "attachments" "Attachments" [List Reader] ["A"] "files" "Lists the attachments: save, open.";
    SaveAll "save" "Save all attachments" [Reader] ["w" "W"] "save all" "Writes all attachments into the folder in which poppet was started; never over another file.";
    Links "links" "Links" [List Reader] ["O"] "links" "Lists the links and where each really leads.";
    OpenLink "open-link" "Open a link by its number" [List Reader] ["1" "2" "3" "4" "5" "6" "7" "8" "9"] "link" "Shows where the link of this number really leads, and opens it.";
    ViewText "view-text" "View as text" [List Reader] ["v t"] "text" "Shows the message's plain text.";
    ViewHtml "view-html" "View the HTML as text" [List Reader] ["v h"] "html" "Shows the message's HTML, as text.";
    ViewHeaders "view-headers" "View all headers" [List Reader] ["H" "v a"] "headers" "Shows every header field; once more goes back to the text."
        { Mutt ["h" "H" "v a"] };
    ViewSource "view-source" "View the source" [List Reader] ["v s"] "source" "Shows the message as it came.";
    CopySubject "copy-subject" "Copy the subject" [List Reader] ["y s"] "subject" "Copies the subject to the clipboard.";
    CopyFrom "copy-from" "Copy the sender" [List Reader] ["y f"] "sender" "Copies the sender's address to the clipboard.";
    CopyId "copy-id" "Copy the Message-ID" [List Reader] ["y i"] "message id" "Copies the Message-ID to the clipboard.";
    // Going.
    GoInbox "go-inbox" "Inbox" [Anywhere] ["g i"] "inbox" "Shows the inbox.";
    GoAll "go-all" "All mail" [Anywhere] ["g a"] "all mail" "Shows all mail but the Trash.";
    GoArchive "go-archive" "Archive" [Anywhere] ["g e"] "archive" "Shows the archive.";
    GoTrash "go-trash" "Trash" [Anywhere] ["g T"] "trash here" "Shows what was deleted on this computer.";
    GoMailbox "go-mailbox" "Mailbox on the server" [Anywhere] ["g m"] "mailbox on the server" "Shows what lies on the server: how full it is, what is large, what is old.";
    GoSearches "go-searches" "Searches" [Anywhere] ["g s"] "searches" "Lists the searches that were saved, and those made since the start.";
    GoErrors "go-errors" "Errors" [Anywhere] ["E" "g E"] "errors" "Shows everything that went wrong since the start.";
    GoAccounts "go-accounts" "Accounts" [Anywhere] ["g A"] "accounts" "Shows the accounts and how each stands; Enter shows the mail of one, or of all.";
    AddAccount "add-account" "Add an account" [Accounts] ["a"] "add" "Sets up another account.";
    // The program.
    Palette "palette" "All commands" [Anywhere] ["^p"] "commands" "Finds any command by its name, and shows its key.";
    CommandLine "command-line" "Command line" [Anywhere] [":"] "command" "Takes a command by its name."
        { Alpine [":" "A-x"] };
    Help "help" "Help" [Anywhere] ["?" "F1"] "help" "Shows what each key does here.";
    Suspend "suspend" "Suspend to the shell" [Anywhere] ["^z"] "suspend" "Stops poppet until the shell's fg.";
    Redraw "redraw" "Redraw" [Anywhere] ["^l"] "redraw" "Draws the screen anew."
        { Alpine ["A-l"] };
    Quit "quit" "Quit" [List] ["q"] "quit" "Leaves poppet; asks first when deletions are staged or on their way.";
}

/// Keys that mean their action in some of its scopes only, because the program they come from has another meaning elsewhere.
pub const WITHIN: &[(Preset, &str, Action, &[Scope])] = &[
    (Alpine, "n", Action::Down, BUT_TEXT),
    (Alpine, "p", Action::Up, BUT_TEXT),
    (Alpine, "n", Action::Next, &[Reader, Peek]),
    (Alpine, "p", Action::Previous, &[Reader, Peek]),
];

const BUT_TEXT: &[Scope] = &[List, Review, Mailbox, Errors, Accounts];

/// What stands for an action outside the table; there is none.
pub(super) const NOTHING: Spec = Spec {
    action: Action::Redraw,
    id: "nothing",
    name: "Nothing",
    sentence: "Does nothing.",
    hint: "nothing",
    scopes: &[Anywhere],
    keys: &[],
    presets: &[],
};
