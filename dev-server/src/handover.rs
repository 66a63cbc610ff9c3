//! Takes streams out of hyper as soon as their requests have been read, and sends the responses itself.
//!
//! hyper keeps 16 KiB of buffers for as long as a connection lives, several times as much as everything else that an idle
//! stream holds: with 1,000 idle streams, each takes 3.9 KiB here and 19.2 KiB in hyper (README, Load), so the 19,800 that
//! the limit of open files allows take 54 MiB instead of 383 MiB. Also, hyper frames every response correctly, and some
//! have to be wrong.

use std::future::{pending, poll_fn};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::SystemTime;

use axum::body::Body;
use axum::http::header::{CONNECTION, CONTENT_LENGTH, DATE, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Version};
use axum::response::Response;
use bytes::buf::Chain;
use bytes::{Buf as _, Bytes, BytesMut};
use http_body::Body as _;
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::sync::mpsc;

use crate::stream::params::framing::Framing;
use crate::wire::Socket;

/// If the client sends more bytes than this during its stream, they are not kept for the connection's next request, and the
/// connection is closed after the stream.
const MAX_ARRIVED: usize = 64 * 1024;
/// What a malformed chunk has instead of its size.
const NO_SIZE: &[u8] = b"malformed\r\n";

/// Receives a stream that leaves hyper, together with its connection.
pub(crate) struct Taker {
    sender: mpsc::Sender<Taken>,
    keep_alive: bool,
}

/// A response to send without hyper.
pub(crate) struct Taken {
    response: Response,
    /// Whether the client may use the connection for another request.
    keep_alive: bool,
}

impl Taker {
    /// The receiver for the response to a request, if that may leave hyper.
    pub(crate) fn of<B: http_body::Body>(request: &Request<B>, sender: mpsc::Sender<Taken>) -> Option<Self> {
        let allowed = request.method() == Method::GET && request.version() == Version::HTTP_11;
        // The unread rest of a body would be taken for the next request.
        let keep_alive = !closes(request.headers()) && request.body().is_end_stream();
        allowed.then_some(Self { sender, keep_alive })
    }
}

/// Returns a response for hyper to send. If there is a `taker`, a stream is given to it instead, and this never completes.
pub(crate) async fn filter(response: Response, taker: Option<Taker>, flushed: impl Future<Output = ()>) -> Response {
    match taker {
        Some(Taker { sender, keep_alive }) if is_stream(&response) => {
            // hyper may still hold bytes of an earlier response.
            flushed.await;
            let keep_alive = keep_alive && framing(&response) == Framing::Right && !closes(response.headers());
            // An error means that the connection has ended, which drops this future too.
            let _ = sender.try_send(Taken { response, keep_alive });
            pending().await
        }
        _ => response,
    }
}

fn framing(response: &Response) -> Framing {
    response.extensions().get().copied().unwrap_or_default()
}

/// Whether these headers ask for the connection to be closed.
fn closes(headers: &HeaderMap) -> bool {
    let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|word| word.trim().eq_ignore_ascii_case("close"))
}

/// Whether the length of a response is unknown until it ends.
fn is_stream(response: &Response) -> bool {
    let framed = [CONTENT_LENGTH, TRANSFER_ENCODING].iter().any(|name| response.headers().contains_key(name));
    response.status() == StatusCode::OK && !framed && response.body().size_hint().exact().is_none()
}

/// Sends a response over HTTP/1.1 until it ends or breaks, or the client disconnects. If it ended normally and the client
/// has not asked for a close, returns the socket for the next request, with the bytes of that which have arrived.
///
/// # Errors
/// If the connection breaks, or is broken on purpose.
pub(crate) fn play(
    socket: Socket,
    taken: Taken,
    arrived: Bytes,
) -> impl Future<Output = io::Result<Option<(Socket, Bytes)>>> {
    let Taken { response, keep_alive } = taken;
    let framing = framing(&response);
    let (parts, body) = response.into_parts();
    let out = out(head(parts.headers, framing, keep_alive), Bytes::new(), b"");
    let mut playing =
        Playing { socket, out, body, framing, begun: false, keep_alive, arrived: arrived.into(), ended: false };
    async move {
        let usable = poll_fn(|context| playing.poll(context)).await?;
        Ok(usable.then(|| (playing.socket, playing.arrived.freeze())))
    }
}

/// What has to be sent before the body is polled for more: in one write, and without copying data.
type Out = Chain<Chain<Bytes, Bytes>, &'static [u8]>;

fn out(before: impl Into<Bytes>, data: Bytes, after: &'static [u8]) -> Out {
    before.into().chain(data).chain(after)
}

struct Playing {
    socket: Socket,
    out: Out,
    body: Body,
    framing: Framing,
    /// Whether a chunk has been sent.
    begun: bool,
    /// Whether another request may follow.
    keep_alive: bool,
    /// The bytes of that request which have arrived.
    arrived: BytesMut,
    ended: bool,
}

impl Playing {
    /// Ready at the end of the response; the output is whether the connection can be used again.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        if self.poll_gone(context)?.is_ready() {
            return Poll::Ready(Ok(false));
        }
        loop {
            ready!(self.poll_sent(context))?;
            if self.ended && self.keep_alive {
                return Poll::Ready(Ok(true));
            }
            if self.ended {
                return Pin::new(&mut self.socket).poll_shutdown(context).map_ok(|()| false);
            }
            self.out = match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                None => {
                    self.ended = true;
                    match self.framing {
                        Framing::Right => out(&b"0\r\n\r\n"[..], Bytes::new(), b""),
                        Framing::Malformed => out(NO_SIZE, Bytes::new(), b""),
                        Framing::Length(_) => continue,
                    }
                }
                Some(Ok(frame)) => match frame.into_data() {
                    // A chunk of size 0 marks the end of the body.
                    Ok(data) if !data.is_empty() => match self.framing {
                        Framing::Length(_) => out(Bytes::new(), data, b""),
                        Framing::Malformed if self.begun => {
                            self.ended = true;
                            out(NO_SIZE, data, b"\r\n")
                        }
                        Framing::Right | Framing::Malformed => {
                            self.begun = true;
                            out(format!("{:x}\r\n", data.len()), data, b"\r\n")
                        }
                    },
                    _ => continue,
                },
                // Without the last chunk, so that the client can tell the failure from a normal end.
                Some(Err(_)) => return Poll::Ready(Ok(false)),
            };
        }
    }

    /// Ready when the client has disconnected. What it sends before that is kept until the stream has ended.
    fn poll_gone(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut bytes = [0; 512];
        loop {
            let mut buffer = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut self.socket).poll_read(context, &mut buffer))?;
            if buffer.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            if self.arrived.len() + buffer.filled().len() > MAX_ARRIVED {
                self.keep_alive = false;
                self.arrived = BytesMut::new();
            } else if self.keep_alive {
                self.arrived.extend_from_slice(buffer.filled());
            }
        }
    }

    /// Ready when the system has taken all of `out`.
    fn poll_sent(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.out.has_remaining() {
            let mut slices = [IoSlice::new(&[]); 3];
            let count = self.out.chunks_vectored(&mut slices);
            let written = ready!(Pin::new(&mut self.socket).poll_write_vectored(context, &slices[..count]))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.out.advance(written);
        }
        // Frees the memory of what was sent: there may be nothing more to send for hours.
        self.out = out(Bytes::new(), Bytes::new(), b"");
        // Polled so that a socket that has to break does.
        Pin::new(&mut self.socket).poll_flush(context)
    }
}

/// The status line and headers of a response, with those that hyper would have added.
fn head(mut headers: HeaderMap, framing: Framing, keep_alive: bool) -> Vec<u8> {
    if let Ok(date) = httpdate::fmt_http_date(SystemTime::now()).try_into() {
        headers.entry(DATE).or_insert(date);
    }
    match framing {
        Framing::Length(length) => headers.insert(CONTENT_LENGTH, length.into()),
        Framing::Right | Framing::Malformed => headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked")),
    };
    headers.insert(CONNECTION, HeaderValue::from_static(if keep_alive { "keep-alive" } else { "close" }));
    let mut head = b"HTTP/1.1 200 OK\r\n".to_vec();
    for (name, value) in &headers {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            head.extend_from_slice(part);
        }
    }
    head.extend_from_slice(b"\r\n");
    head
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use tokio::io::AsyncReadExt as _;
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::wire::Wire;

    /// What a reader gets of a stream whose frames are these.
    async fn played(frames: Vec<Result<&'static str, &'static str>>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let mut reader = TcpStream::connect(listener.local_addr().expect("an address")).await.expect("a connection");
        let (stream, _) = listener.accept().await.expect("a connection");
        let response = Response::new(Body::from_stream(stream::iter(frames)));
        let taken = Taken { response, keep_alive: false };
        let again = play(Socket::new(stream, Wire::default()), taken, Bytes::new()).await.expect("a reader that stays");
        assert!(again.is_none(), "it asked for a close");
        let mut text = String::new();
        reader.read_to_string(&mut text).await.expect("text");
        text
    }

    #[tokio::test]
    async fn a_stream_has_the_headers_of_http_and_ends_with_the_last_chunk() {
        let text = played(vec![Ok("one"), Ok("and two")]).await;
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let mut lines: Vec<_> = head.lines().map(|line| line.split_once(": ").map_or(line, |(name, _)| name)).collect();
        lines.sort_unstable();
        assert_eq!(lines, ["HTTP/1.1 200 OK", "connection", "date", "transfer-encoding"]);
        assert_eq!(body, "3\r\none\r\n7\r\nand two\r\n0\r\n\r\n");
    }

    #[tokio::test]
    async fn an_empty_frame_is_no_last_chunk() {
        assert!(
            played(vec![Ok("one"), Ok(""), Ok("two")]).await.ends_with("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")
        );
    }

    #[tokio::test]
    async fn a_stream_that_breaks_has_no_last_chunk() {
        assert!(played(vec![Ok("one"), Err("broken")]).await.ends_with("\r\n\r\n3\r\none\r\n"));
    }

    #[tokio::test]
    async fn only_answers_of_unknown_length_are_streams() {
        let stream = || Body::from_stream(stream::pending::<Result<Bytes, io::Error>>());
        assert!(is_stream(&Response::new(stream())));
        assert!(!is_stream(&Response::new(Body::from("text"))));
        assert!(!is_stream(&Response::builder().header(CONTENT_LENGTH, 9).body(stream()).expect("a response")));
        assert!(!is_stream(&Response::builder().status(503).body(stream()).expect("a response")));
    }
}
