//! Parses the command line, starts the log, and hands over to the command or the reader. The one file that names every room.

#[path = "main/copies.rs"]
mod copies;
#[path = "main/reader.rs"]
mod reader;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use poppet::cli::args::{Account, Cli, Command, Demo, Global, Line};
use poppet::cli::exit::Exit;
use poppet::cli::{Context, End, complain, run, start_log, usage};
use poppet::mail::{Kind, Problem};
use poppet::store::give_way;
use tokio::runtime::{Builder, Runtime};

/// The system's allocator keeps a heap for each thread, and what one of them gave back stays with it.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, &Line::new(std::env::args_os())).into(),
    };
    let global = cli.global.clone();
    let quiet = matches!(
        cli.command,
        Some(Command::Completions { .. } | Command::Man { .. } | Command::Demo(_))
    );
    let ready = if quiet { Ok(()) } else { log(&global) };
    match ready.and_then(|()| runtime(&cli)) {
        Ok(runtime) => {
            let end = start(&runtime, cli);
            // A question on the terminal that nobody answered must not keep the program from ending.
            runtime.shutdown_background();
            end.into()
        }
        Err(problem) => {
            complain(&global, None, &problem);
            Exit::from(problem.kind).into()
        }
    }
}

fn start(runtime: &Runtime, cli: Cli) -> End {
    match cli.command {
        None => reader(runtime, &cli.global, Sight::Mail),
        Some(Command::Demo(demo)) if !demo.serve => reader(runtime, &cli.global, Sight::Demo(demo)),
        Some(Command::Account(Account::Add(add))) if add.email.is_none() => {
            if std::io::stdout().is_terminal() {
                return reader(runtime, &cli.global, Sight::Wizard);
            }
            let problem = nobody_to_ask();
            complain(&cli.global, None, &problem);
            End::Exit(problem.kind.into())
        }
        Some(command) => runtime.block_on(run(command, cli.global, reader::unused_keys)),
    }
}

/// The wizard in a pipe: the flags do the same.
fn nobody_to_ask() -> Problem {
    Problem::new(
        Kind::Config,
        "The set-up cannot ask anything",
        "the output is no terminal",
        "Answer on the command line: `poppet account add --email ADDRESS --host SERVER --user NAME`. `poppet account add --help` has the rest.",
    )
}

/// What the reader begins with.
enum Sight {
    /// The person's mail; the wizard when no account is set up.
    Mail,
    /// A sample mailbox on an embedded server.
    Demo(Demo),
    /// The wizard.
    Wizard,
}

/// The reader. It gets what every command gets: options, places, configuration, store.
fn reader(runtime: &Runtime, global: &Global, sight: Sight) -> End {
    match runtime.block_on(see(global.clone(), sight)) {
        Ok(()) => End::Exit(Exit::Done),
        Err(problem) => {
            complain(global, None, &problem);
            End::Exit(problem.kind.into())
        }
    }
}

async fn see(global: Global, sight: Sight) -> Result<(), Problem> {
    let color = global.color;
    let context = match sight {
        Sight::Demo(demo) => return reader::show_demo(&demo, color).await,
        Sight::Mail | Sight::Wizard => {
            Context::new(global.clone()).map_err(|(_, problem)| problem)?
        }
    };
    let wizard = matches!(sight, Sight::Wizard);
    let secrets = context.secrets();
    let config = context.config_or_none()?;
    reader::read(config, &context.paths, secrets, wizard, &global).await
}

fn log(global: &Global) -> Result<(), Problem> {
    let context = Context::new(global.clone()).map_err(|(_, problem)| problem)?;
    start_log(&context.paths.log(), global.verbose)
}

/// Where somebody looks at a screen, which this thread draws, all others let it go first. What only reads the store needs no
/// other thread: starting some takes as long as many an answer.
fn runtime(cli: &Cli) -> Result<Runtime, Problem> {
    let seen = match &cli.command {
        None => true,
        Some(Command::Demo(demo)) => !demo.serve,
        Some(Command::Account(Account::Add(add))) => add.email.is_none(),
        Some(_) => false,
    };
    let mut builder = match &cli.command {
        Some(Command::List(_)) => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    if seen {
        builder.on_thread_start(give_way);
    }
    // A few threads are enough for a mailbox, and each one costs memory.
    builder
        .worker_threads(2)
        .max_blocking_threads(8)
        .enable_all()
        .build()
        .map_err(|error| {
            Problem::new(
                Kind::Store,
                "poppet cannot start",
                error.to_string(),
                "Look whether the system has room for another program.",
            )
        })
}
