//! The page of a line: its days, and the requests of one of them.

use askama::Template;
use axum::response::Response;
use jiff::SignedDuration;
use shared::{
    auth::{Client, Presented},
    billing::LineKind,
    error::{Code, Error},
    http::{PageQuery, Path},
    plan::PlanRef,
    usage::HOUR_DAYS_KEPT,
    web::{Layout, Nav, render},
};

use super::{Made, OpenedQuery, Opening};
use crate::words;

#[derive(Template)]
#[template(path = "opened/page.html")]
struct Page {
    layout: Layout,
    invoice: (String, String),
    /// The address of the line's days.
    path: String,
    description: String,
    amount: String,
    /// The plans whose prices those are, as they are called.
    prices: Vec<(String, u32)>,
    day: Option<jiff::civil::Date>,
    /// Hours are kept since this day.
    hours_since: jiff::civil::Date,
    /// At list price, where the line is less what is included.
    list_cost: Option<String>,
    made: Vec<Made>,
    first: String,
    next: String,
}

impl Page {
    /// What a part costs: a day's sum in cents, a request's cost exactly.
    fn cost(&self, made: &Made) -> String {
        let cost = made.used.cost;
        self.layout.text.money(if made.event.is_some() { cost } else { cost.rounded() })
    }

    fn day_name(&self, made: &Made) -> String {
        let day = made.start.parse::<jiff::civil::Date>();
        day.map_or_else(|_| made.start.clone(), |day| self.layout.text.format().date(&day))
    }

    fn lead(&self) -> &'static str {
        if self.list_cost.is_some() { "invoice-opened-net-lead" } else { "invoice-opened-lead" }
    }

    fn day_title(&self) -> String {
        self.day.map(|day| self.layout.text.format().date(&day)).unwrap_or_default()
    }

    /// The address of a day's hours, while they are kept.
    fn hours(&self) -> String {
        let Some(day) = self.day.filter(|day| *day > self.hours_since) else {
            return String::new();
        };
        let next = day.tomorrow().unwrap_or(day);
        format!("/usage?from={day}&to={next}&granularity=hour")
    }

    fn versions(&self) -> String {
        let named = self.prices.iter().map(|(plan, version)| {
            let version = self.layout.text.format().name((*version).into());
            let fillings = [("plan", self.layout.text.isolate(plan)), ("version", version)];
            self.layout.text.filled("invoice-price-version", fillings)
        });
        named.collect::<Vec<_>>().join(" · ")
    }
}

pub(crate) async fn page(
    presented: Presented,
    Path((id, line)): Path<(String, String)>,
    PageQuery(query): PageQuery<OpenedQuery>,
) -> Result<Response, Error> {
    let asked = query.asked();
    let read = async |app: &_, tenant| Opening::read(app, tenant, &id, &line).await;
    let (Client(signed_in), opening) = presented.alongside(read).await?;
    let (asked, opening) = (asked?, opening.ok_or(Code::NotFound)?);
    let (day, goes_on) = (asked.day, asked.cursor.is_some());
    let layout = Layout::portal(&signed_in.context, Nav::Billing);
    let path = format!("/billing/invoices/{}/lines/{line}", opening.invoice.id);
    let invoice_path = format!("/billing/invoices/{}", opening.invoice.id);
    let invoice = (invoice_path, words::name(&opening.invoice, &layout.text));
    let description = words::description(&opening.line, &layout.text);
    let net = opening.line.kind != LineKind::Usage;
    let list_cost = opening.line.used.filter(|_| net);
    let list_cost = list_cost.map(|used| layout.text.money(used.cost.rounded()));
    let kept = SignedDuration::from_hours(24 * (HOUR_DAYS_KEPT - 1));
    let hours_since = signed_in.account.zones.day(signed_in.app.clock.now() - kept);
    let amount = layout.text.money(opening.line.amount);
    let named = |plan: &PlanRef| {
        let known = signed_in.app.plans.find(plan);
        let name = known.map_or(plan.id.as_str(), |it| it.name_in(layout.text.language().code()));
        (name.to_owned(), plan.version)
    };
    let prices = opening.line.prices.iter().map(named).collect();
    let (made, next) = Opening::open(Some(opening), &signed_in, asked).await?;
    let of_day = day.map(|day| format!("{path}?day={day}")).unwrap_or_default();
    let next = next.map(|cursor| format!("{of_day}&cursor={cursor}")).unwrap_or_default();
    let first = if goes_on { of_day } else { String::new() };
    Ok(render(&Page {
        layout,
        invoice,
        path,
        description,
        amount,
        prices,
        day,
        hours_since,
        list_cost,
        made,
        first,
        next,
    }))
}
