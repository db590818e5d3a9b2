//! Usage: the events that meter it, the counters that sum it up, the limits and where it leads.

mod counted;
mod counters;
mod event;
mod heat;
mod keys;
mod limits;
mod log;
mod metric;
mod month;
mod outlook;
mod place;
mod stored;
mod void;
mod watch;

pub use counted::{Counted, OTHERS, instance_key};
pub use counters::{Counters, Sign, Totals};
pub use event::UsageData;
pub use event::{EventRefused, PackedEvents, RefusedCode, Reported, UsageEvent, parse_event};
pub use heat::relieve;
pub use keys::{
    EVENT_DAYS_KEPT, Grain, HOUR_DAYS_KEPT, by_instance_prefix, by_key_prefix, counted_span,
    counter_key, event_key, event_partition, event_sort, grain_prefix, instance_counter_key,
    key_counter_key, shard, void_key,
};
pub use limits::{LimitedBy, LimitsInForce, Percents, UsageState, is_crossed, percent_of};
pub use log::DayPage;
pub use metric::{Metric, Quantity, Units};
pub use month::{CLOSES_WITH, MonthUsage};
pub use outlook::{Course, Outlook};
pub use place::{EventPlace, InvalidPlace};
pub use stored::{Awaited, CountedAs, Logged, StoredEvent, TAKEN_BACK_AT, UPDATED_AT};
pub use void::{Void, VoidData};
pub use watch::{Watch, Watched, watch};
