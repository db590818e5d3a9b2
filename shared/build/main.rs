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

const PLANS: &str = "../infra/plans.toml";
const WEB: &str = "src/web";
const LOCALES: &str = "src/web/locales";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed={PLANS}");
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
    let plans: serde_json::Value = toml::from_str(&fs::read_to_string(PLANS)?)?;
    fs::write(out.join("plans.json"), plans.to_string())?;
    Ok(())
}
