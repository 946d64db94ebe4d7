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
  VISUAL, EDITOR, BROWSER          programs that are opened

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
