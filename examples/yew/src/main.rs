//! In a browser: brings the page to life. Elsewhere: prints the page.

#[cfg(all(feature = "hydration", target_family = "wasm"))]
fn main() {
    yew::Renderer::<yew_example::App>::new().hydrate();
}

#[cfg(all(feature = "ssr", not(target_family = "wasm")))]
fn main() {
    let app = futures_executor::block_on(yew::ServerRenderer::<yew_example::App>::new().render());
    print!("{}", include_str!("page.html").replace("<!-- app -->", &app));
}

#[cfg(not(any(
    all(feature = "hydration", target_family = "wasm"),
    all(feature = "ssr", not(target_family = "wasm"))
)))]
fn main() {
    eprintln!("Build for wasm32-unknown-unknown with the feature hydration, or run on a server with the feature ssr.");
}
