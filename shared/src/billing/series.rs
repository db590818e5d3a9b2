//! Numbers of documents: each follows the one before, and none is left out. A number is drawn in the transaction
//! that sends its document out, so that there is no number without its document.

use serde::Deserialize;

use crate::table::{Batch, Condition, Key, TableError, Transaction, Update};

/// A series of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Series {
    /// Invoices.
    Invoices,
    /// Credit notes.
    CreditNotes,
}

/// How far a series is.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub struct Drawn {
    /// The last number.
    last: u64,
}

impl Series {
    fn prefix(self) -> &'static str {
        match self {
            Self::Invoices => "INV",
            Self::CreditNotes => "CN",
        }
    }

    /// Where it is kept how far it is.
    #[must_use]
    pub fn key(self) -> Key {
        Key::global("SERIES", self.prefix())
    }

    /// How far it is, among items that were read.
    ///
    /// # Errors
    /// When the item is not as it should be.
    pub fn among(self, items: &mut Batch) -> Result<Drawn, TableError> {
        Ok(items.take(&self.key())?.unwrap_or_default())
    }

    /// Adds to a transaction that the next number is drawn, if nobody has drawn it before; the number.
    pub fn draw<R: Clone>(
        self,
        drawn: Drawn,
        transaction: &mut Transaction<'_, R>,
        refused: R,
    ) -> String {
        let next = drawn.last + 1;
        let untaken = match drawn.last {
            0 => Condition::Absent,
            last => Condition::Equals("last", last.into()),
        };
        let update = Update::new().set("last", next).when(untaken);
        transaction.update(&self.key(), update, Some(refused));
        format!("{}-{next:06}", self.prefix())
    }
}
