//! temporary
#[path = "main/reader.rs"]
mod reader;
fn main() {
    let rt = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let n = std::env::args().nth(1).and_then(|a| a.parse().ok());
    let r = rt.block_on(reader::show_demo(reader::Demo {
        messages: n,
        seed: 1,
        latency: std::time::Duration::from_millis(
            std::env::args()
                .nth(2)
                .and_then(|a| a.parse().ok())
                .unwrap_or(0),
        ),
    }));
    if let Err(p) = r {
        eprintln!("{p}");
    }
    rt.shutdown_timeout(std::time::Duration::from_secs(1));
}
