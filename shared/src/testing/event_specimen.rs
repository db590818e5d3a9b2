//! What a worker is handed all day, written in the worker's own slice: from it the tests make its price and
//! its role, and the bench its start.

use std::{future::Future, pin::Pin};

use serde_json::Value;

use crate::{account::Founded, app::App};

type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

/// What an event is about: a panel, a client of it, and a number that no other event has.
#[derive(Clone)]
pub struct Scene {
    /// The panel's services.
    pub app: App,
    /// The client.
    pub client: Founded,
    /// A new one each time.
    pub number: u64,
}

/// An event that a worker is handed.
pub struct EventSpecimen {
    /// What it comes to: "mail sent".
    pub what: &'static str,
    /// What is special about it, for its price.
    pub situation: &'static str,
    /// How many of the kind are handed over together: the price is for one.
    pub count: u64,
    /// The most that one of them may write, in tenths of a unit, whatever is agreed.
    pub most_write_tenths: Option<u64>,
    /// The most that one of them may read, in units, whatever is agreed.
    pub most_read_units: Option<u64>,
    prepare: Box<dyn Fn(Scene) -> Boxed<Value> + Send + Sync>,
}

impl EventSpecimen {
    /// One event, and how it is prepared, as Lambda hands it over.
    pub fn new<F, P>(what: &'static str, situation: &'static str, prepare: F) -> Self
    where
        F: Fn(Scene) -> P + Send + Sync + 'static,
        P: Future<Output = Value> + 'static,
    {
        let prepare = move |scene| -> Boxed<Value> { Box::pin(prepare(scene)) };
        let prepare = Box::new(prepare);
        let (most_write_tenths, most_read_units) = (None, None);
        Self { what, situation, count: 1, most_write_tenths, most_read_units, prepare }
    }

    /// So many of the kind together.
    #[must_use]
    pub fn of(self, count: u64) -> Self {
        Self { count, ..self }
    }

    /// The most that one of them may write, in tenths of a unit.
    #[must_use]
    pub fn at_most(self, tenths: u64) -> Self {
        Self { most_write_tenths: Some(tenths), ..self }
    }

    /// The most that one of them may read, in units.
    #[must_use]
    pub fn reading_at_most(self, units: u64) -> Self {
        Self { most_read_units: Some(units), ..self }
    }

    /// The event of a scene.
    pub async fn in_scene(&self, scene: Scene) -> Value {
        (self.prepare)(scene).await
    }
}
