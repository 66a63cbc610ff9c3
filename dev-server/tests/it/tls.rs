//! HTTPS, and the streams of HTTP/2 that share a connection.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Request, StatusCode, Version};
use dev_server::{Data, End, Options, TestServer, Tls};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

/// Takes any certificate: a fresh one has nobody who vouches for it.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

async fn connect(server: &TestServer, protocol: &str) -> TlsStream<TcpStream> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let builder = builder.unwrap().dangerous().with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)));
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    let stream = TcpStream::connect(server.address()).await.unwrap();
    TlsConnector::from(Arc::new(config)).connect("localhost".try_into().unwrap(), stream).await.unwrap()
}

async fn server() -> TestServer {
    let tls = Some(Tls::self_signed(&[]).unwrap());
    TestServer::spawn_with(Options { tls, ..Options::default() }).await.unwrap()
}

/// A connection over which streams are opened.
async fn shared(server: &TestServer) -> http2::SendRequest<Empty<Bytes>> {
    let stream = connect(server, "h2").await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn request(url: &str) -> Request<Empty<Bytes>> {
    Request::builder().uri(url).body(Empty::new()).unwrap()
}

async fn first_frame(body: &mut Incoming) -> String {
    let frame = body.frame().await.unwrap().unwrap();
    String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn fifty_streams_share_one_connection() {
    let server = server().await;
    let mut sender = shared(&server).await;
    let url = server.events().data(Data::N).to_string();
    assert!(url.starts_with("https://"), "{url}");
    let mut open = Vec::new();
    for _ in 0..50 {
        let answer = sender.send_request(request(&url)).await.unwrap();
        assert_eq!((answer.status(), answer.version()), (StatusCode::OK, Version::HTTP_2));
        let mut body = answer.into_body();
        assert!(first_frame(&mut body).await.contains("data: 0\n\n"));
        open.push(body);
    }
    let connections = server.connections().list();
    assert_eq!(connections.len(), 50);
    assert!(connections.iter().all(|one| one.peer == connections[0].peer && one.http.as_deref() == Some("HTTP/2.0")));
    // One goes, and the others stay.
    drop(open.pop());
    server.connections().wait_for_count(49).await;
    // The last handle closes the connection.
    drop((open, sender));
    server.connections().wait_for_count(0).await;
}

#[tokio::test]
async fn over_http_2_a_broken_stream_is_reset_and_leaves_the_others_alone() {
    let server = server().await;
    let mut sender = shared(&server).await;
    let other = sender.send_request(request(&server.events().to_string())).await.unwrap();
    for end in [End::Abort, End::Reset, End::RstStream] {
        let url = server.events().data(Data::N).drop(1).end(end).to_string();
        let mut body = sender.send_request(request(&url)).await.unwrap().into_body();
        assert!(first_frame(&mut body).await.contains("data: 0\n\n"));
        body.frame().await.unwrap().expect_err("RST_STREAM");
    }
    assert!(first_frame(&mut other.into_body()).await.contains("data: "));
    let url = server.events().malformed_chunks().to_string();
    let refused = sender.send_request(request(&url)).await.unwrap();
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    let line = refused.into_body().collect().await.unwrap().to_bytes();
    assert!(line.starts_with(b"`content-length` and `chunks` are allowed only for GET over HTTP/1.1"), "{line:?}");
}

#[tokio::test]
async fn after_a_goaway_the_open_streams_go_on_and_new_ones_need_another_connection() {
    let server = server().await;
    let mut sender = shared(&server).await;
    let other =
        sender.send_request(request(&server.events().interval(Duration::from_millis(10)).to_string())).await.unwrap();
    let url = server.events().drop(1).end(End::GoAway).to_string();
    let body = sender.send_request(request(&url)).await.unwrap().into_body();
    assert!(body.collect().await.is_ok(), "it ends whole");
    // The client learns of it when the frame has arrived.
    let refused = async { while sender.send_request(request(&url)).await.is_ok() {} };
    timeout(Duration::from_secs(30), refused).await.expect("GOAWAY");
    let mut other = other.into_body();
    for _ in 0..3 {
        assert!(first_frame(&mut other).await.contains("data: "));
    }
    let mut again = shared(&server).await;
    assert_eq!(again.send_request(request(&url)).await.unwrap().status(), StatusCode::OK);
    drop(other);
    server.connections().wait_for_count(0).await;
}

#[tokio::test]
async fn ends_of_http_2_are_refused_over_http_1_1() {
    let server = server().await;
    for query in ["drop=1&end=goaway", "drop=1&end=rst-stream", "token=a&plan=200:drop=1:end=goaway"] {
        let stream = connect(&server, "http/1.1").await;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let request = Request::builder().uri(format!("/events?{query}")).header("host", "localhost");
        let answer = sender.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{query}");
        let line = answer.into_body().collect().await.unwrap().to_bytes();
        assert!(
            line.starts_with(b"`end=rst-stream` and `end=goaway` need HTTP/2: start the server with --tls"),
            "{line:?}"
        );
    }
}

#[tokio::test]
async fn http_1_1_is_spoken_over_tls_too_and_its_connection_breaks_as_asked() {
    let server = server().await;
    for (end, whole) in [(End::Eof, true), (End::Abort, false), (End::Reset, false)] {
        let stream = connect(&server, "http/1.1").await;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let path = server.events().drop(1).end(end).to_string().split_once("/events").unwrap().1.to_owned();
        let request = Request::builder().uri(format!("/events{path}")).header("host", "localhost");
        let answer = sender.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap();
        assert_eq!((answer.status(), answer.version()), (StatusCode::OK, Version::HTTP_11));
        assert_eq!(answer.into_body().collect().await.is_ok(), whole, "{end}");
    }
}
