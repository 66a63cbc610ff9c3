//! The development server as a program.

mod args;
mod build;
mod develop;
mod log;
mod output;
mod project;
mod watch;

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use clap::Parser as _;
use dev_server::{Server, Site, raise_file_limit};

use crate::args::Args;
use crate::develop::Development;
use crate::log::{tell, warn};
use crate::output::{flush, say, url_line};

fn main() -> ExitCode {
    let code = start();
    flush();
    code
}

fn start() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) if error.use_stderr() => {
            let text = error.to_string();
            say(&format!("{} (see --help)", text.lines().next().unwrap_or_default()));
            return ExitCode::from(2);
        }
        Err(help_or_version) => help_or_version.exit(),
    };
    log::start(args.log_level());
    let result = tokio::runtime::Runtime::new()
        .map_err(|error| format!("the runtime's threads can't be started: {error}"))
        .and_then(|runtime| {
            let result = runtime.block_on(run(&args));
            // Dropping the runtime would wait for a build that is still running.
            runtime.shutdown_background();
            result
        });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(line) => {
            say(&format!("error: {line}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &Args) -> Result<(), String> {
    // If the limit can't be raised, fewer connections are served, and the others get a 503.
    let _ = raise_file_limit();
    let root = project::root(args.root.as_deref())?;
    let site = root.as_ref().map(|root| Site::new(root, args.package(root), !args.no_watch));
    let tls = args.certificate()?;
    let server = Server::bind((args.host.as_str(), args.port), args.options(site.clone(), tls.clone()))
        .await
        .map_err(|error| cannot_listen(args, &error))?;
    let address = server.address().map_err(|error| format!("the address is unknown: {error}"))?;
    // Before the URL is printed, because a script that reads it may stop the server at once.
    let stopped = stopped().map_err(|error| format!("signals can't be caught: {error}"))?;
    let development = match (&root, &site) {
        (Some(root), Some(site)) => Some(Development::new(args, root, site).await),
        _ => None,
    };
    let url = url(if tls.is_some() { "https" } else { "http" }, address);
    url_line(&url);
    if let Some(tls) = &tls {
        tell(&format!("The certificate's SHA-256 fingerprint is {}", tls.fingerprint()));
    }
    if args.open {
        open::that_detached(&url)
            .unwrap_or_else(|error| warn(&format!("The browser can't be opened ({error}): open the URL by hand.")));
    }
    // In a separate task, so that a build does not delay it.
    let serving = tokio::spawn(server.run(stopped));
    let developing = async {
        match development {
            Some(development) => development.run().await,
            None => tell(
                "No project was found in the current folder or above it, so only streams are served: name one with --root.",
            ),
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = developing => {}
        done = serving => done.map_err(|error| format!("the server stopped unexpectedly: {error}"))?,
    }
    Ok(())
}

fn cannot_listen(args: &Args, error: &std::io::Error) -> String {
    let Args { host, port, .. } = args;
    match error.kind() {
        ErrorKind::AddrInUse => {
            format!("port {port} of {host} is in use: choose another with --port, or any free one with --port 0")
        }
        ErrorKind::PermissionDenied => format!("port {port} is not permitted: choose one above 1023 with --port"),
        ErrorKind::AddrNotAvailable => format!("{host} is not an address of this machine: choose one with --host"),
        _ => format!("can't listen on {host}, port {port} ({error}): choose others with --host and --port"),
    }
}

/// A URL that a browser on this machine can open.
fn url(scheme: &str, mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    format!("{scheme}://{address}")
}

/// Done when the program has to stop; from this call on no signal is missed.
#[cfg(unix)]
fn stopped() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Done when the program has to stop; from this call on no signal is missed.
#[cfg(windows)]
fn stopped() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}
