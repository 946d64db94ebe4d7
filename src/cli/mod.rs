//! The commands that need no screen, over the same engine and store that the reader uses.
//!
//! | file | what lives there |
//! |---|---|
//! | `args`, `usage`, `exit` | the command line, what is said of a wrong one, the exit status |
//! | `context` | configuration, store, passwords and engine, each opened when first needed |
//! | `desk` | asking the engine, waiting for the end of each ticket, Ctrl-C |
//! | `output`, `complaint`, `json`, `page`, `table`, `fitted`, `words` | what is printed, and how |
//! | `ask`, `progress`, `log` | questions on the terminal, progress on it, the log file |
//! | `zone` | the time zone of this computer |
//! | `mirror` | the live copy of the mail in Maildirs |
//! | the rest | a file for each command |
//!
//! Uses every room but `ui` and `pop3`. No command speaks POP3 by itself: what needs a server goes through the engine.

mod account;
mod add;
mod apply;
pub mod args;
mod ask;
mod attachments;
mod change;
mod check;
mod complaint;
mod context;
mod damaged;
pub mod demo;
mod desk;
mod doctor;
pub mod exit;
mod export;
mod fitted;
mod generate;
mod gone;
mod import;
mod json;
mod list;
mod log;
pub mod mirror;
mod output;
mod page;
mod password;
mod pending;
mod probe;
mod progress;
mod reindex;
mod show;
mod stop;
mod sync;
mod table;
mod tidy;
mod usage;
mod words;
pub mod zone;

use args::{Account, Command, Global};
pub use complaint::complain;
pub use context::Context;
pub use doctor::{UnusedKey, UnusedKeys};
pub use log::start as start_log;
pub use stop::{End, Stop};
pub use usage::usage;

/// Does what a command says, up to its end. `demo` without `--serve` and `account add` without flags are the reader's,
/// and so is what its keys mean.
pub async fn run(command: Command, global: Global, unused_keys: UnusedKeys) -> End {
    let context = match Context::new(global) {
        Ok(context) => context,
        Err((global, problem)) => {
            complain(&global, None, &problem);
            return End::from(Stop::Told(problem.kind.into()));
        }
    };
    let result = dispatch(command, &context, unused_keys).await;
    match result {
        Ok(exit) => End::Exit(exit),
        Err(stop) => {
            if let Stop::Problem(problem) | Stop::Missing(problem) = &stop {
                complain(&context.global, None, problem);
            }
            End::from(stop)
        }
    }
}

async fn dispatch(
    command: Command,
    context: &Context,
    unused_keys: UnusedKeys,
) -> Result<exit::Exit, Stop> {
    match command {
        Command::Demo(demo) => demo::serve(&demo).await,
        Command::Account(Account::Add(add)) => add::add(context, *add).await,
        Command::Account(Account::List) => account::list(context),
        Command::Account(Account::Test { name }) => account::test(context, name).await,
        Command::Account(Account::Remove { name }) => account::remove(context, &name).await,
        Command::Password(args::Password::Set { name }) => password::set(context, &name).await,
        Command::Password(args::Password::Clear { name }) => password::clear(context, &name).await,
        Command::Check { accounts } => check::check(context, &accounts).await,
        Command::Sync(sync) => sync::sync(context, &sync).await,
        Command::List(list) => list::list(context, &list).await,
        Command::Show(show) => show::show(context, &show).await,
        Command::Peek { id, lines } => show::peek(context, id, lines).await,
        Command::Attachments(attachments) => attachments::attachments(context, &attachments).await,
        Command::Delete(delete) => change::delete(context, &delete).await,
        Command::Keep { ids, off } => change::keep(context, &ids, off).await,
        Command::Undelete { ids } => change::undelete(context, &ids).await,
        Command::Pending => pending::pending(context).await,
        Command::Apply(apply) => apply::apply(context, &apply).await,
        Command::Tidy { name } => tidy::tidy(context, name).await,
        Command::Import(import) => import::import(context, &import).await,
        Command::Export(export) => export::export(context, &export).await,
        Command::Doctor { reindex: true, .. } => reindex::reindex(context).await,
        Command::Doctor { offline, .. } => doctor::doctor(context, offline, unused_keys).await,
        Command::Completions { shell } => generate::completions(shell),
        Command::Man { dir } => generate::man(dir.as_deref()),
    }
}
