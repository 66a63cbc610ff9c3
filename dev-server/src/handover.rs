//! Streams leave hyper as soon as their requests have been read. hyper keeps 16 KiB of buffers for as long as a connection
//! lives, several times of all else that an idle stream holds.

use std::future::pending;
use std::io;
use std::time::SystemTime;

use axum::body::Body;
use axum::http::header::{CONNECTION, CONTENT_LENGTH, DATE, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Version};
use axum::response::Response;
use bytes::{Buf, Bytes};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::oneshot;

/// Whether the answer to a request may leave hyper.
pub(crate) fn allows<B>(request: &Request<B>) -> bool {
    request.method() == Method::GET && request.version() == Version::HTTP_11
}

/// Returns an answer for hyper to send. A stream is sent to `taker` instead, if there is one, and this is never done.
pub(crate) async fn filter(response: Response, taker: Option<oneshot::Sender<Response>>) -> Response {
    match taker {
        Some(taker) if is_stream(&response) => {
            // An error means that the connection has ended, and so has all this.
            let _ = taker.send(response);
            pending().await
        }
        _ => response,
    }
}

/// Whether the length of an answer is not known before its end.
fn is_stream(response: &Response) -> bool {
    let framed = [CONTENT_LENGTH, TRANSFER_ENCODING].iter().any(|name| response.headers().contains_key(name));
    response.status() == StatusCode::OK && !framed && response.body().size_hint().exact().is_none()
}

/// Sends an answer over HTTP/1.1 until it ends, breaks, or its reader has gone. The connection can't be used again.
///
/// # Errors
/// When the connection breaks.
pub(crate) fn play(mut stream: TcpStream, response: Response) -> impl Future<Output = io::Result<()>> {
    let (parts, body) = response.into_parts();
    // Made here, as a future would keep room for the response until its end.
    let head = head(parts.headers);
    async move {
        let (reader, writer) = stream.split();
        tokio::select! {
            result = send(writer, head, body) => result,
            () = gone(reader) => Ok(()),
        }
    }
}

async fn send(mut writer: WriteHalf<'_>, head: Vec<u8>, mut body: Body) -> io::Result<()> {
    writer.write_all(&head).await?;
    drop(head);
    while let Some(frame) = body.frame().await {
        // Broken off without the last chunk, so that the reader can tell it from an end.
        let Ok(frame) = frame else { return Ok(()) };
        // An empty chunk would be the last one.
        if let Some(data) = frame.into_data().ok().filter(Buf::has_remaining) {
            writer.write_all_buf(&mut chunk(data)).await?;
        }
    }
    writer.write_all(b"0\r\n\r\n").await?;
    writer.shutdown().await
}

/// The head of an answer, with the headers that hyper would have added.
fn head(mut headers: HeaderMap) -> Vec<u8> {
    if let Ok(date) = httpdate::fmt_http_date(SystemTime::now()).try_into() {
        headers.entry(DATE).or_insert(date);
    }
    headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    let mut head = b"HTTP/1.1 200 OK\r\n".to_vec();
    for (name, value) in &headers {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            head.extend_from_slice(part);
        }
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// A chunk of chunked coding; one write, and its data not copied.
fn chunk(data: Bytes) -> impl Buf {
    let length = Bytes::from(format!("{:x}\r\n", data.len()));
    length.chain(data).chain(&b"\r\n"[..])
}

/// Done when the reader has gone. What it may send is not looked at, as no further answer can follow.
async fn gone(reader: ReadHalf<'_>) {
    while reader.readable().await.is_ok() {
        match reader.try_read(&mut [0; 512]) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use tokio::io::AsyncReadExt as _;
    use tokio::net::TcpListener;

    use super::*;

    /// What a reader gets of a stream whose frames are these.
    async fn played(frames: Vec<Result<&'static str, &'static str>>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let mut reader = TcpStream::connect(listener.local_addr().expect("an address")).await.expect("a connection");
        let (stream, _) = listener.accept().await.expect("a connection");
        let response = Response::new(Body::from_stream(stream::iter(frames)));
        play(stream, response).await.expect("a reader that stays");
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
