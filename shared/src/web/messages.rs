//! A language's messages. Each is found by its id and parsed by itself, when a page says it: to
//! parse them all would take a third of a megabyte in every function, and a page says a few dozen.

/// The messages of a language, as the build wrote them.
#[derive(Debug)]
pub(super) struct Messages {
    /// One after the other in the order of their ids.
    pub(super) source: &'static str,
    /// Where each begins, in bytes.
    pub(super) starts: &'static [u32],
}

impl Messages {
    /// What Fluent reads as the message of an id.
    pub(super) fn get(&self, id: &str) -> Option<&'static str> {
        let place = self.starts.binary_search_by(|&start| self.id(start).cmp(id)).ok()?;
        let end = self.starts.get(place + 1).map_or(self.source.len(), |&end| end as usize);
        self.source.get(self.starts[place] as usize..end)
    }

    /// The ids of all.
    pub(super) fn ids(&self) -> impl Iterator<Item = &'static str> {
        self.starts.iter().map(|&start| self.id(start))
    }

    fn id(&self, start: u32) -> &'static str {
        let message = self.source.get(start as usize..).unwrap_or_default();
        message.split_once(' ').map_or(message, |(id, _)| id)
    }
}
