//! Builds again when the embedded front end changes: its file names carry hashes, which the compiler cannot follow by itself.
fn main() {
    println!("cargo:rerun-if-changed=web-form/dist");
    println!("cargo:rerun-if-changed=console/dist");
}
