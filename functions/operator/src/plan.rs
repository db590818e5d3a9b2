//! A client's plan, until clients choose their own.

use serde::Serialize;
use shared::{
    account,
    app::App,
    error::{Code, Error},
    id::AccountId,
    plan::PlanRef,
};

use crate::Refused;

/// The plan that a client has now.
#[derive(Serialize)]
pub struct PlanSet {
    /// The client.
    pub account: AccountId,
    /// The plan and the version of its terms.
    pub plan: PlanRef,
}

/// Puts a client on the newest version of a plan, at once and without a charge.
pub async fn set_plan(app: &App, account: &str, plan: &str) -> Result<PlanSet, Refused> {
    let account: AccountId = account.parse().map_err(|_| Refused::UnknownClient)?;
    let plan = app.plans.newest(plan).ok_or(Refused::UnknownPlan)?.reference();
    match account::set_plan(app, account, &plan).await {
        Ok(()) => Ok(PlanSet { account, plan }),
        Err(Error { code: Code::NotFound, .. }) => Err(Refused::UnknownClient),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use shared::{
        account::{Account, Subscription, account_key, subscription_key},
        table::Read,
        testing::TestApp,
    };

    use crate::tests::run;

    #[tokio::test]
    async fn a_plan_is_in_force_at_once_in_account_and_subscription() {
        let world = TestApp::start().await;
        let client = world.client("acme").await;
        let set = json!({"set_plan": {"account": client.account, "plan": "scale"}});
        let done = run(&world, set).await;
        let plan = json!({"id": "scale", "version": 1});
        assert_eq!(done["plan"], json!({"account": client.account, "plan": plan}));
        let (tenant, table) = (world.tenant(client), &world.app.table);
        let account: Option<Account> = table.get(&account_key(tenant), Read::Strong).await.unwrap();
        let subscription: Option<Subscription> =
            table.get(&subscription_key(tenant), Read::Strong).await.unwrap();
        let plans = (account.unwrap().plan, subscription.unwrap().plan);
        assert_eq!((json!(plans.0), json!(plans.1)), (plan.clone(), plan));
    }

    #[tokio::test]
    async fn what_is_no_client_or_no_plan_is_told() {
        let world = TestApp::start().await;
        let client = world.client("acme").await.account.to_string();
        let nobody = "acc_01kapx0000000000000000000a";
        for (account, plan, refused) in [
            (client.as_str(), "huge", "there is no such plan"),
            ("acme", "scale", "there is no such client"),
            (nobody, "scale", "there is no such client"),
        ] {
            let set: Value = json!({"set_plan": {"account": account, "plan": plan}});
            assert_eq!(run(&world, set).await["refused"], refused);
        }
    }
}
