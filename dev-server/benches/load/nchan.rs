//! What connections to nginx with nchan cost, one node over Redis: how much memory when idle, how much CPU for each delivered
//! message when all of them get one a second.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::Result;
use crate::clients::Received;
use crate::process::{Process, target_dir};

/// Where Debian has the module.
const MODULE: &str = "/usr/lib/nginx/modules/ngx_nchan_module.so";
/// How long a server may take to listen, or to answer.
const PATIENCE: Duration = Duration::from_secs(10);
const INTERVAL: Duration = Duration::from_secs(1);
/// How long idle connections are watched, and how many messages are sent.
const IDLE: Duration = Duration::from_secs(10);
const MESSAGES: usize = 20;
/// A client process has a file for each connection, and the limit of some systems is 20,000; so has nginx.
const OTHER_FILES: usize = 200;

/// A node: nginx, which speaks to the clients, and the Redis behind it.
struct Node {
    nginx: Process,
    redis: Process,
    address: SocketAddr,
    /// Removed at the end.
    folder: PathBuf,
}

/// Memory and processor time of both at some moment.
struct Usage {
    nginx: (f64, Duration),
    redis: (f64, Duration),
}

/// Connects `count` clients, leaves them idle, then publishes one message a second to all.
pub(crate) fn measure(count: usize) -> Result<String> {
    let most = dev_server::raise_file_limit()?.saturating_sub(OTHER_FILES);
    if count == 0 || count > most {
        return Err(format!("{count} connections: from 1 to {most} are possible with this limit of open files").into());
    }
    let node = Node::start(count)?;
    let bare = node.usage()?;
    let mut clients = Process::this(&[
        "read",
        &node.address.to_string(),
        &count.to_string(),
        &format!("{}ms", INTERVAL.as_millis()),
        "0ms",
        "/sub/all",
    ])?;
    clients.line()?;
    sleep(Duration::from_secs(2));
    let idle = node.usage()?;
    sleep(IDLE);
    let still = node.usage()?;
    // One to warm up: what is allocated for the first message is no part of each.
    node.publish()?;
    sleep(INTERVAL);
    clients.ask()?;
    let before = node.usage()?;
    let begun = Instant::now();
    for n in 1..=MESSAGES {
        node.publish()?;
        sleep((begun + INTERVAL * u32::try_from(n)?).saturating_duration_since(Instant::now()));
    }
    let after = node.usage()?;
    let received: Received = serde_json::from_str(&clients.ask()?)?;
    let expected = u64::try_from(count * MESSAGES)?;
    if received.events != expected {
        return Err(format!("{} of {expected} messages were received", received.events).into());
    }
    let mut out = String::new();
    let count = f64::from(u32::try_from(count)?);
    let events = count * f64::from(u32::try_from(MESSAGES)?);
    writeln!(out, "{count} connections to one nginx process with nchan, over one Redis\n")?;
    writeln!(out, "|            |nginx|Redis|\n|--|--|--|")?;
    row(&mut out, "resident before, MiB", [bare.nginx.0, bare.redis.0].map(mebibytes))?;
    row(&mut out, "resident, idle, MiB", [idle.nginx.0, idle.redis.0].map(mebibytes))?;
    let each = |before: f64, after: f64| (after - before) / 1024.0 / count;
    row(&mut out, "each connection, KiB", [each(bare.nginx.0, idle.nginx.0), each(bare.redis.0, idle.redis.0)])?;
    row(&mut out, "resident, one message a second, MiB", [after.nginx.0, after.redis.0].map(mebibytes))?;
    let busy = |before: Duration, after: Duration, wall: Duration| {
        (after.saturating_sub(before)).as_secs_f64() / wall.as_secs_f64() * 100.0
    };
    row(&mut out, "CPU, idle, %", [busy(idle.nginx.1, still.nginx.1, IDLE), busy(idle.redis.1, still.redis.1, IDLE)])?;
    let wall = INTERVAL * u32::try_from(MESSAGES)?;
    row(
        &mut out,
        "CPU, one message a second, %",
        [busy(before.nginx.1, after.nginx.1, wall), busy(before.redis.1, after.redis.1, wall)],
    )?;
    let cost = |before: Duration, after: Duration| after.saturating_sub(before).as_secs_f64() * 1e6 / events;
    row(
        &mut out,
        "CPU, each delivered message, µs",
        [cost(before.nginx.1, after.nginx.1), cost(before.redis.1, after.redis.1)],
    )?;
    writeln!(out, "\nfrom publishing to reading: p50 {:.0} ms, p99 {:.0} ms", received.delay_p50, received.delay_p99)?;
    Ok(out)
}

fn row(out: &mut String, name: &str, [nginx, redis]: [f64; 2]) -> Result<()> {
    Ok(writeln!(out, "|{name}|{nginx:.2}|{redis:.2}|")?)
}

fn mebibytes(bytes: f64) -> f64 {
    bytes / 1024.0 / 1024.0
}

impl Node {
    fn start(connections: usize) -> Result<Self> {
        let folder = target_dir().join(format!("nchan-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let [redis_address, address] = [free_address()?, free_address()?];
        let redis = Process::start(
            "redis-server".to_owned(),
            Command::new("redis-server")
                .args(["--save", "", "--appendonly", "no", "--loglevel", "warning", "--bind", "127.0.0.1"])
                .args(["--port", &redis_address.port().to_string(), "--dir"])
                .arg(&folder),
        )
        .map_err(|error| {
            format!("redis-server can't be started ({error}): install it, on Debian from `redis-server`")
        })?;
        listening(redis_address, "redis-server")?;
        let configuration = folder.join("nginx.conf");
        std::fs::write(&configuration, configuration_for(&folder, address, redis_address, connections))?;
        let nginx = Process::start(
            "nginx".to_owned(),
            Command::new("nginx")
                .arg("-p")
                .arg(&folder)
                .arg("-e")
                .arg(folder.join("error.log"))
                .arg("-c")
                .arg(&configuration),
        )
        .map_err(|error| {
            format!(
                "nginx can't be started ({error}): install it, on Debian from `nginx-light` and `libnginx-mod-nchan`"
            )
        })?;
        let node = Self { nginx, redis, address, folder };
        if let Err(error) = listening(address, "nginx") {
            let log = std::fs::read_to_string(node.folder.join("error.log")).unwrap_or_default();
            return Err(format!("{error}: {log}").into());
        }
        Ok(node)
    }

    fn usage(&self) -> Result<Usage> {
        let of = |process: &Process| Result::Ok((process.resident()?, process.cpu()?));
        Ok(Usage { nginx: of(&self.nginx)?, redis: of(&self.redis)? })
    }

    /// Publishes a message that tells when it was published.
    fn publish(&self) -> Result<()> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
        // As long as a short message of an application.
        let data = format!("{now}-0\n{:.<80}", "");
        let mut stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let length = data.len();
        write!(
            stream,
            "POST /pub/all HTTP/1.1\r\nHost: node\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{data}"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        match answer.split(' ').nth(1) {
            Some("201" | "202") => Ok(()),
            _ => Err(format!("nchan does not take the message: {answer}").into()),
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Both may write to it until they are killed, right after this; what is left then is small and in the target folder.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// One process, so that its memory and time are those of the node.
fn configuration_for(folder: &Path, address: SocketAddr, redis: SocketAddr, connections: usize) -> String {
    // nginx resets connections that wait for their request once fewer than a sixteenth of the worker's are free.
    let (folder, workers) = (folder.display(), connections * 9 / 8 + OTHER_FILES);
    format!(
        "load_module {MODULE};
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections {workers}; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  nchan_shared_memory_size 128M;
  upstream redis {{ nchan_redis_server redis://{redis}; }}
  server {{
    listen {address} backlog=4096;
    location ~ ^/sub/(\\w+)$ {{
      nchan_subscriber eventsource;
      nchan_channel_id $1;
      nchan_message_buffer_length 1000;
      nchan_redis_pass redis;
    }}
    location ~ ^/pub/(\\w+)$ {{
      nchan_publisher;
      nchan_channel_id $1;
      nchan_message_buffer_length 1000;
      nchan_redis_pass redis;
    }}
  }}
}}
"
    )
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

fn listening(address: SocketAddr, name: &str) -> Result<()> {
    let begun = Instant::now();
    while TcpStream::connect(address).is_err() {
        if begun.elapsed() > PATIENCE {
            return Err(format!("{name} does not listen within {PATIENCE:?}").into());
        }
        sleep(Duration::from_millis(20));
    }
    Ok(())
}
