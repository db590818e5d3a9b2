//! Styles and scripts: one file each, joined from what lies in the folders of the components, and
//! compressed once and for all.

use std::{
    error::Error,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};

/// Joins the files of an ending below `web`, outermost folders first and by their names.
pub(super) fn join(web: &Path, ending: &str) -> Result<String, Box<dyn Error>> {
    let mut folders = vec![web.join("style")];
    let mut components: Vec<PathBuf> = fs::read_dir(web.join("components"))?
        .map(|it| Ok(it?.path()))
        .collect::<Result<_, std::io::Error>>()?;
    components.retain(|path| path.is_dir());
    components.sort();
    folders.append(&mut components);
    folders.iter().map(|folder| super::languages::joined(folder, ending)).collect()
}

/// Writes the file as it is and compressed; the start of its hash becomes part of its address.
pub(super) fn write(out: &Path, name: &str, text: &str) -> Result<(), Box<dyn Error>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes())?;
    fs::write(out.join(name), text)?;
    fs::write(out.join(format!("{name}.gz")), encoder.finish()?)?;
    let hash = hex::encode(&Sha256::digest(text.as_bytes())[..8]);
    let ending = name.rsplit('.').next().unwrap_or_default();
    Ok(fs::write(out.join(format!("{name}.path")), format!("/assets/{hash}.{ending}"))?)
}

/// A style sheet without its comments, indents and line ends.
pub(super) fn smaller_style(css: &str) -> String {
    let mut rest = css;
    let mut kept = String::new();
    while let Some((before, after)) = rest.split_once("/*") {
        kept += before;
        rest = after.split_once("*/").map_or("", |(_comment, after)| after);
    }
    kept += rest;
    kept.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}
