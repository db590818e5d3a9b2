//! Opening the table's file, or a throw-away one in memory.

use std::sync::atomic::{AtomicU64, Ordering};

use dynoxide::{
    Database,
    actions::{create_table::CreateTableRequest, list_tables::ListTablesRequest},
};
use rusqlite::Connection;

use crate::{Cloud, CloudError, Storage, Template};

/// dynoxide looks for the end of the stream with every write, by a scan unless there is this
/// index: without it the hundred-thousandth write takes a thousand times as long as the first.
const STREAM_INDEX: &str = "CREATE INDEX IF NOT EXISTS panel_stream_order \
     ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";

/// Opens the database and makes the table that the template declares, if it is not there.
pub(crate) fn open(storage: Storage<'_>, template: &Template) -> Result<Database, CloudError> {
    let failed = |error: &dyn std::error::Error| CloudError::Table(error.to_string());
    let path = match storage {
        Storage::Memory => memory_name(),
        Storage::Folder(folder) => {
            std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
            folder.join("table.sqlite").to_string_lossy().into_owned()
        }
    };
    let database = Database::new(&path).map_err(|error| failed(&error))?;
    let index = Connection::open(&path).and_then(|it| it.execute_batch(STREAM_INDEX));
    index.map_err(|error| failed(&error))?;
    let tables = database.list_tables(ListTablesRequest::default());
    let tables = tables.map_err(|error| failed(&error))?;
    if !tables.table_names.iter().any(|name| name == Cloud::TABLE) {
        let request: CreateTableRequest =
            serde_json::from_value(template.create_table(Cloud::TABLE)?)
                .map_err(|error| CloudError::Template(error.to_string()))?;
        database.create_table(request).map_err(|error| failed(&error))?;
    }
    Ok(database)
}

/// A database in this process's memory that more than one connection can open.
fn memory_name() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("file:panel-{number}?mode=memory&cache=shared")
}
