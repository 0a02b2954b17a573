//! `octohooks`, the command line around the engine.
//!
//! Comes in: arguments. Goes out: an exit code, 0 when what was asked for is done, 1 when it failed, 2 when the
//! arguments are wrong. What a command prints goes to a locked standard output, so that a broken pipe is an error like
//! any other; why it failed goes to standard error. Nothing else in this program ends the process.

mod listen;
mod render;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Webhooks of a 3D printer, tried out and looked at.
#[derive(Debug, Parser)]
#[command(name = "octohooks", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Listen(listen::Options),
    Render(render::Options),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Listen(options) => listen::run(options),
        Command::Render(options) => render::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If standard error is gone as well, the exit code still tells.
            drop(writeln!(std::io::stderr().lock(), "error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
