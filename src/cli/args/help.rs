//! The longer texts of the help.

use clap::builder::Styles;
use clap::builder::styling::AnsiColor;

pub(super) const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

pub(super) const EXAMPLES: &str = "Examples:
  poppet                        read mail; sets up an account if there is none
  poppet demo                   have a look without any account
  poppet check && poppet        read mail if there is some
  poppet list is:unread larger:1M

Every command explains itself: poppet COMMAND --help";

pub(super) const LONG_EXAMPLES: &str = "Examples:
  poppet                        read mail; sets up an account if there is none
  poppet demo                   have a look without any account
  poppet check && poppet        read mail if there is some
  poppet list is:unread larger:1M

Exit status:
  0  done; for check: new mail; for list: found some
  1  the answer is no: no new mail, nothing found
  2  wrong usage or configuration
  3  the network or the server failed
  4  the login was refused, or no password could be had
  5  the store cannot be used
  6  some accounts failed, others did not

Environment:
  POPPET_CONFIG, POPPET_DATA_DIR   as --config and --data-dir
  POPPET_LOG                       what goes to the log, such as poppet=debug; comes before -v
  NO_COLOR                         no colours
  BROWSER                          opens links, where xdg-open heeds it

Every command explains itself: poppet COMMAND --help";

pub(super) const LIST_EXAMPLES: &str = "Without a query it is the inbox; a query looks everywhere but in the Trash.

Words are AND; \"exact phrase\", -not, or, prefix repor*. In one place only: from: to: cc: subject: body: file: id: account:. Moreover folder:inbox, archive or trash; is:unread, read, starred, answered or pinned; has:file; on:server; no:copy (not all of it is here); larger:5M smaller:10k; older:30d newer:1w (h, d, w, m, y); before:2026-01-01 after:2025-12-24 date:2026-11.

In a pipe a line is: number, account, date, sender, subject, octets, server, local, flags, with tabs between them.

Exit status: 0 some were found, 1 none.

Examples:
  poppet list is:unread
  poppet list from:ada has:file -draft
  poppet list on:server no:copy --sort size --limit 10
  poppet list --json older:1y | jq .octets";

pub(super) const ADD_EXAMPLES: &str = "The connection is tried first, and nothing is saved when it fails. Without --password-stdin, --ask or --password-command the password is asked for on the terminal, and kept in the keyring.

Examples:
  poppet account add
  poppet account add --email sam@example.net --host pop.example.net --user sam --ask
  poppet account add --email sam@example.net --host pop.example.net --password-command 'pass show mail/home'";

pub(super) const TIDY_HELP: &str = "How full it is and how it grows, what an account's rule deletes and when, and the ten largest messages, oldest messages and biggest senders. It asks no server: it is what the last check knew. Nothing is changed; `poppet delete --server ID` frees the server, `poppet keep ID` pins.

How full it is can only be told where the account has a quota.

In a pipe a line is: account, what it is about (mailbox, rule, largest, oldest, sender), and its figures, with tabs between them.

Exit status: 0 something lies there, 1 nothing.

Examples:
  poppet tidy
  poppet tidy home --json";

pub(super) const EXPORT_HELP: &str = "A second run adds only what is new, and nothing is overwritten. Every octet stays as it was received, line ends included. Messages that are not downloaded, or in the Trash, are left out.

A Maildir knows a message by the digest in its file name; .eml files are compared. An mbox is read back: its lines \"From \" are quoted with \">\" (mboxrd), which can be undone. A message that another program changed there is added again.

Examples:
  poppet export --maildir ~/Mail/home
  poppet export from:ada older:1y --mbox ada.mbox";

pub(super) const IMPORT_HELP: &str = "PATH is a Maildir, an mbox file, an .eml file, or a folder of .eml files, and is only read. What the account has already, to the octet, is left out: a second run takes over nothing. The messages go to the inbox; those that a Maildir marks as in the trash go to the Trash. No server is asked and none gets them.

Flags come along: those in the file names of a Maildir, and the header fields Status and X-Status that mbox programs add. A message without a date gets that of its file, or of its line \"From \". In an mbox one \">\" is taken from each line \">From \" (mboxo, mboxrd).

Lines end as on the way from a server, with CR and LF; a message that has such lines already stays to the octet what it is.

Examples:
  poppet import ~/Mail/old --account home
  poppet import archive.mbox --account home";
