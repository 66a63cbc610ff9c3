//! What idle connections and delivered events cost: this server, plain `axum::serve` with `Sse`, a usual Node server, npm's
//! better-sse, and the floor, which is a bare tokio task with a socket.
//!
//!     cargo bench -p dev-server --bench load [-- --quick] [-- --rounds N]
//!
//! Every server is a process of its own, started anew in each round, and so are the clients. A round measures all servers
//! one after the other, each round beginning with another one; ratios are taken within a round, as the machine's mood
//! changes between rounds. Memory and processor time are the server process's own, from /proc: Linux only. One line per
//! figure goes to the terminal, everything to target/load.json.
//!
//!     cargo bench -p dev-server --bench load -- --nchan [CONNECTIONS]
//!
//! measures what connections to one nginx with nchan cost in front of Redis, which have to be installed (Debian: nginx-light,
//! libnginx-mod-nchan, redis-server), for docs/scale.md. It takes a minute, and both end with it.

mod clients;
mod nchan;
mod node;
mod plan;
mod process;
mod report;
mod servers;

use std::process::ExitCode;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    dev_server::raise_file_limit()?;
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        // The two roles in which the measurement starts itself.
        ["serve", name] => servers::serve(name),
        ["read", address, count, interval, calm] => {
            clients::read(address.parse()?, count.parse()?, interval, calm, None)
        }
        ["read", address, count, interval, calm, target] => {
            clients::read(address.parse()?, count.parse()?, interval, calm, Some(target))
        }
        _ => measure(&arguments),
    }
}

fn measure(arguments: &[&str]) -> Result<()> {
    let mut plan = plan::Plan::full()?;
    // `cargo test --benches` leaves the flag out: then it is enough that everything works.
    if !arguments.contains(&"--bench") {
        plan = plan::Plan::quick();
    }
    let mut rest = arguments.iter().filter(|argument| **argument != "--bench");
    while let Some(argument) = rest.next() {
        match *argument {
            "--quick" => plan = plan::Plan::quick(),
            "--nchan" => {
                let count = rest.next().map_or(Ok(10_000), |count| count.parse())?;
                println!("{}", nchan::measure(count)?);
                return Ok(());
            }
            "--rounds" => plan.rounds = rest.next().ok_or("--rounds needs a number")?.parse()?,
            other => return Err(format!("`{other}` is no flag: there are --quick, --rounds N and --nchan [N]").into()),
        }
    }
    let report = plan.carry_out()?;
    println!("{report}");
    let path = process::target_dir().join("load.json");
    std::fs::write(&path, report.json()?)?;
    eprintln!("All rounds are in {}.", path.display());
    Ok(())
}
