//! What is needed of `WebDriver` `BiDi`.

use std::cell::{Cell, RefCell};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

pub(crate) struct Bidi {
    // Taken while a command runs: there is one at a time.
    socket: RefCell<Option<WebSocketStream<MaybeTlsStream<TcpStream>>>>,
    sent: Cell<u64>,
}

impl Bidi {
    pub(crate) async fn connect(url: &str) -> Self {
        let (socket, _) = connect_async(url).await.expect("the browser takes BiDi connections");
        Self { socket: RefCell::new(Some(socket)), sent: Cell::new(0) }
    }

    pub(crate) async fn command(&self, method: &str, params: Value) -> Value {
        let mut socket = self.socket.take().expect("one command at a time");
        let id = self.sent.get() + 1;
        self.sent.set(id);
        let command = json!({ "id": id, "method": method, "params": params }).to_string();
        socket.send(Message::text(command)).await.expect("the browser reads");
        let answer = loop {
            let message = socket.next().await.expect("the browser answers").expect("the connection holds");
            let Ok(text) = message.to_text() else { continue };
            let answer: Value = serde_json::from_str(text).unwrap_or_default();
            if answer["id"] == id {
                break answer;
            }
        };
        self.socket.replace(Some(socket));
        assert_eq!(answer["type"], "success", "{method}: {answer}");
        answer["result"].clone()
    }
}
