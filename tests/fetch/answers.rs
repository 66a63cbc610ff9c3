//! What clients of language models, MCP and GraphQL do, against the servers of tests/answers.

use std::convert::Infallible;
use std::time::Duration;

use eventsource_wasm::{
    Backoff, CloseReason, Error, EventSource, EventSourceBuilder, FetchOptions, Message, ResumeContext, ResumeRequest,
    State,
};
use futures_util::StreamExt;
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{RequestInit, Response};

use crate::common::{self, gave_up, token, until};

/// The address of a path on those servers.
fn answers(path: &str) -> String {
    let Some(server) = option_env!("EVENTSOURCE_TEST_ANSWERS") else {
        panic!("these tests need the servers of tests/answers: run tests/run.sh, or set EVENTSOURCE_TEST_ANSWERS");
    };
    format!("{server}{path}")
}

async fn text(response: &Response) -> String {
    JsFuture::from(response.text().unwrap()).await.unwrap().as_string().unwrap()
}

/// The requests that were made under a key.
async fn asked(key: &str) -> Vec<Value> {
    let address = answers(&format!("/asked?key={key}"));
    let response: Response = JsFuture::from(common::fetch(&address)).await.unwrap().unchecked_into();
    let told: Value = serde_json::from_str(&text(&response).await).unwrap();
    told["requests"].as_array().unwrap().clone()
}

async fn ask(address: &str, headers: &[(&str, &str)], body: &Value) -> Response {
    let init = RequestInit::new();
    init.set_method("POST");
    let all = web_sys::Headers::new().unwrap();
    all.set("Content-Type", "application/json").unwrap();
    for (name, value) in headers {
        all.set(name, value).unwrap();
    }
    init.set_headers(&all);
    init.set_body(&body.to_string().into());
    JsFuture::from(common::fetch_with(address, &init)).await.unwrap().unchecked_into()
}

/// Soon, but not before the server wants it.
fn soon() -> Backoff {
    let soon = Duration::from_millis(1);
    Backoff { min_delay: soon, max_delay: soon, ..Backoff::default() }
}

fn posted(body: &Value) -> FetchOptions {
    FetchOptions::new().method("POST").header("Content-Type", "application/json").body(body.to_string())
}

fn question() -> Value {
    json!({ "model": "m", "max_tokens": 9, "stream": true, "messages": [{ "role": "user", "content": "Why?" }] })
}

fn openai(scenario: &str, key: &str) -> EventSourceBuilder {
    EventSource::builder(&answers(&format!("/openai/{scenario}key={key}")))
        .fetch(posted(&question()))
        .end_data("[DONE]")
}

/// What the model says when it is not asked to stream.
async fn whole() -> String {
    let mut body = question();
    body["stream"] = false.into();
    let response = ask(&answers(&format!("/openai/plain?key={}", token())), &[], &body).await;
    let answer: Value = serde_json::from_str(&text(&response).await).unwrap();
    answer["choices"][0]["message"]["content"].as_str().unwrap().to_owned()
}

/// The text of an answer's chunks, and how it ended.
async fn read(source: &EventSource) -> (String, Option<Error>) {
    let (mut said, mut failed) = (String::new(), None);
    let mut messages = source.subscribe("message");
    while let Some(message) = messages.next().await {
        match message {
            Ok(message) => {
                let chunk: Value = message.json().unwrap();
                said.push_str(chunk["choices"][0]["delta"]["content"].as_str().unwrap_or_default());
            }
            Err(error) => failed = Some(error),
        }
    }
    (said, failed)
}

fn complete() -> State {
    State::Closed { reason: CloseReason::Complete }
}

#[wasm_bindgen_test]
async fn openai_s_answer_is_read_to_its_mark_whoever_comes_late_and_asked_for_once() {
    for scenario in ["plain?", "hang?", "late?delay=300&"] {
        let key = token();
        let source = openai(scenario, &key).reconnect(soon()).open().unwrap();
        until("it is open", async || source.state().is_open()).await;
        if scenario == "plain?" {
            until("all was sent", async || asked(&key).await[0]["state"] == "ended").await;
        }
        assert_eq!((read(&source).await, source.state()), ((whole().await, None), complete()), "{scenario}");
        until("the server is left", async || asked(&key).await[0]["state"] != "open").await;
        assert_eq!(asked(&key).await.len(), 1);
    }
}

#[wasm_bindgen_test]
async fn openai_s_answer_that_breaks_off_is_an_error_and_not_paid_for_twice() {
    for scenario in ["cut?how=reset&", "ended?", "error?"] {
        let key = token();
        let source = openai(scenario, &key).reconnect(soon()).open().unwrap();
        let (_, error) = read(&source).await;
        assert!(matches!(error, Some(Error::Disconnected { messages: Some(_), .. })), "{scenario}: {error:?}");
        assert_eq!(asked(&key).await.len(), 1, "{scenario}");
    }
}

#[wasm_bindgen_test]
async fn openai_s_server_that_is_busy_is_asked_again_and_what_it_refuses_for_good_is_told() {
    let key = token();
    let source = openai("busy?times=2&retry-after=0&", &key).reconnect(soon()).open().unwrap();
    assert_eq!((read(&source).await.0, source.state()), (whole().await, complete()));
    let statuses: Vec<Value> = asked(&key).await.iter().map(|request| request["status"].clone()).collect();
    assert_eq!(statuses, [429, 429, 200]);

    let key = token();
    let source = openai("bad?", &key).reconnect(soon()).open().unwrap();
    match gave_up(&source).await {
        Error::Status { status: 400, answer, .. } => {
            assert_eq!((answer.body.len(), answer.body_truncated), (16 * 1024, true));
        }
        other => panic!("{other}"),
    }
    let source = openai("json?", &key).reconnect(soon()).open().unwrap();
    match gave_up(&source).await {
        Error::ContentType { answer, .. } => assert!(answer.body.contains("chat.completion"), "{}", answer.body),
        other => panic!("{other}"),
    }
    assert_eq!(asked(&key).await.len(), 2);
}

#[wasm_bindgen_test]
async fn anthropic_s_named_events_are_read_to_the_last_and_an_error_among_them_is_one_of_them() {
    let anthropic = |scenario: &str, key: &str| {
        let builder = EventSource::builder(&answers(&format!("/anthropic/{scenario}?key={key}")));
        builder.fetch(posted(&question())).end_event("message_stop").reconnect(soon()).open().unwrap()
    };
    let key = token();
    let source = anthropic("unknown", &key);
    let (mut said, mut types) = (String::new(), Vec::new());
    let mut messages = source.subscribe_any().unwrap();
    while let Some(message) = messages.next().await {
        let message = message.unwrap();
        let part: Value = message.json().unwrap();
        said.push_str(part["delta"]["text"].as_str().unwrap_or_default());
        types.push(message.event_type().to_owned());
    }
    assert_eq!((said, source.state(), asked(&key).await.len()), (whole().await, complete(), 1));
    for expected in ["ping", "message_mood", "message_stop"] {
        assert!(types.iter().any(|known| known == expected), "{expected} in {types:?}");
    }
    let source = anthropic("error", &token());
    let messages: Vec<_> = source.subscribe_any().unwrap().collect().await;
    let [.., Ok(told), Err(Error::Disconnected { .. })] = &messages[..] else { panic!("{messages:?}") };
    assert_eq!(told.event_type(), "error");
}

#[wasm_bindgen_test]
async fn a_chat_goes_on_where_it_broke_by_get_and_nothing_comes_twice() {
    let (key, id) = (token(), token());
    let stream = answers(&format!("/chat/{id}/stream?key={key}&how=reset"));
    let options = posted(&json!({ "id": id, "messages": [] }))
        .resume(async move |_: ResumeContext| Ok::<_, Infallible>(Some(ResumeRequest::new(&stream))));
    let source = EventSource::builder(&answers(&format!("/chat?key={key}&pace=5&break=4,3&how=reset&keep=9000")));
    let source = source.fetch(options).end_data("[DONE]").reconnect(soon()).open().unwrap();
    let messages: Vec<_> = source.subscribe("message").collect().await;
    let ids: Vec<_> = messages.iter().flatten().map(Message::last_event_id).collect();
    let expected: Vec<_> = (1..=25).map(|number| format!("1-{number}")).collect();
    assert_eq!((ids, source.state()), (expected.iter().map(String::as_str).collect(), complete()));
    let requests = asked(&key).await;
    let made: Vec<_> = requests
        .iter()
        .map(|request| (request["method"].as_str().unwrap(), request["headers"]["last-event-id"].as_str()))
        .collect();
    assert_eq!(made, [("POST", None), ("GET", Some("1-4")), ("GET", Some("1-7"))]);
}

#[wasm_bindgen_test]
async fn a_tool_of_mcp_s_is_called_once_however_often_its_stream_ends_or_breaks() {
    let key = token();
    let address = answers(&format!("/mcp?key={key}"));
    let accept = ("Accept", "application/json, text/event-stream");
    let hello = json!({
        "jsonrpc": "2.0", "id": 0, "method": "initialize",
        "params": { "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "tests", "version": "1" } },
    });
    let opened = ask(&address, &[accept], &hello).await;
    let session = opened.headers().get("Mcp-Session-Id").unwrap().unwrap();
    text(&opened).await;
    let headers = [accept, ("Mcp-Session-Id", &session), ("Mcp-Protocol-Version", "2025-11-25")];
    ask(&address, &headers, &json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
    for (id, tool, input) in
        [(1, "slow", json!({ "steps": 4, "end": [2] })), (2, "break", json!({ "after": 2, "how": "reset" }))]
    {
        let call = json!({
            "jsonrpc": "2.0", "id": id, "method": "tools/call",
            "params": { "name": tool, "arguments": input, "_meta": { "progressToken": id } },
        });
        let options = headers.iter().fold(posted(&call), |options, (name, value)| options.header(*name, *value));
        let options = options.resume(async |context: ResumeContext| {
            Ok::<_, Infallible>((!context.last_event_id.is_empty()).then(ResumeRequest::default))
        });
        let source = EventSource::builder(&address).fetch(options).reconnect(soon());
        let source = source.end_when(move |message| message.json::<Value>().is_ok_and(|value| value["id"] == id));
        let source = source.open().unwrap();
        let messages: Vec<_> = source.subscribe("message").collect().await;
        // The first event has an id, and nothing to say.
        let values: Vec<Value> = messages.iter().flatten().filter_map(|message| message.json().ok()).collect();
        let progress: Vec<_> = values.iter().filter_map(|value| value["params"]["progress"].as_u64()).collect();
        assert_eq!((&progress[..], source.state()), (&[1, 2, 3, 4][..], complete()), "{tool}: {messages:?}");
        assert_eq!(values.last().unwrap()["id"], id);
    }
    let requests = asked(&key).await;
    assert_eq!(requests.iter().filter(|request| request["body"]["method"] == "tools/call").count(), 2);
    assert!(requests.iter().any(|request| request["method"] == "GET" && request["status"] == 200));
}

#[wasm_bindgen_test]
async fn a_subscription_of_graphql_s_ends_with_complete() {
    let key = token();
    let query = json!({ "query": "subscription { countdown(from: 3, pause: 5) }" });
    let source = EventSource::builder(&answers(&format!("/graphql?key={key}"))).fetch(posted(&query));
    let source = source.end_event("complete").reconnect(soon()).open().unwrap();
    let messages: Vec<_> = source.subscribe("next").collect().await;
    let values: Vec<Value> = messages.iter().flatten().map(|message| message.json().unwrap()).collect();
    let counts: Vec<_> = values.iter().filter_map(|value| value["data"]["countdown"].as_u64()).collect();
    assert_eq!((&counts[..], source.state(), asked(&key).await.len()), (&[3, 2, 1, 0][..], complete(), 1));
}
