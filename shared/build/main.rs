//! What is made ready once, so that no function does it at every start.

#![expect(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]

mod assets;
mod icu;
mod languages;
mod messages;
#[expect(dead_code, reason = "the build only writes these fields down; the program reads them")]
#[path = "../src/web/patterns.rs"]
mod patterns;
mod roots;

use std::{error::Error, fs, path::Path};

/// What the operator edits: each is read once and is JSON in the program.
const EDITED: [&str; 3] = ["plans", "support", "tax"];
const INFRA: &str = "../infra";
const WEB: &str = "src/web";
const LOCALES: &str = "src/web/locales";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed={WEB}");
    #[expect(clippy::disallowed_methods, reason = "this is how cargo tells a build script")]
    let out = std::env::var("OUT_DIR")?;
    let out = Path::new(&out);
    fs::write(out.join("amazon-roots.in"), roots::of_amazon()?)?;
    fs::write(
        out.join("languages.in"),
        languages::as_rust(&languages::found(Path::new(LOCALES))?)?,
    )?;
    let style = assets::smaller_style(&assets::join(Path::new(WEB), "css")?);
    assets::write(out, "portal.css", &style)?;
    assets::write(out, "portal.js", &assets::join(Path::new(WEB), "js")?)?;
    for name in EDITED {
        let file = format!("{INFRA}/{name}.toml");
        println!("cargo::rerun-if-changed={file}");
        let edited: serde_json::Value = toml::from_str(&fs::read_to_string(file)?)?;
        fs::write(out.join(name).with_extension("json"), edited.to_string())?;
    }
    Ok(())
}
