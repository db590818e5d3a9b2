//! A staff account with one login.

use serde::Serialize;
use shared::{
    account::{AccountKind, Email, Founder, FoundingRefused, found},
    app::App,
    auth::{Password, hash_password},
    id::AccountId,
    web::Language,
};

use crate::Refused;

/// A login that was just made. It has no `Debug`: the password is for the operator alone.
#[derive(Serialize)]
pub struct StaffLogin {
    /// The staff's account.
    pub account: AccountId,
    /// What it signs in with.
    pub email: String,
    /// The password it begins with, which nobody chose and nobody else knows.
    pub password: String,
}

impl std::fmt::Debug for StaffLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StaffLogin").field("account", &self.account).finish_non_exhaustive()
    }
}

/// Makes a staff account whose owner signs in with `email`.
pub async fn create_staff(app: &App, email: &str, name: String) -> Result<StaffLogin, Refused> {
    let email: Email = email.parse()?;
    let (password, text) = Password::generated(&app.random);
    let founder = Founder {
        kind: AccountKind::Staff,
        email: email.clone(),
        password_hash: hash_password(password, &app.random).await?,
        name,
        company: String::new(),
        locale: Language::En,
    };
    let mut transaction = app.table.transaction::<FoundingRefused>();
    let founded = found(app, founder, &mut transaction);
    transaction.commit().await?;
    Ok(StaffLogin { account: founded.account, email: email.to_string(), password: text })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use shared::testing::TestApp;

    use crate::handle;

    async fn run(world: &TestApp, command: Value) -> Value {
        let outcome = handle(world.app.clone(), serde_json::from_value(command).unwrap()).await;
        serde_json::to_value(outcome).unwrap()
    }

    #[tokio::test]
    async fn a_login_is_made_once_and_a_key_only_in_an_account_of_the_staff() {
        let world = TestApp::start().await;
        let create = json!({"create_staff": {"email": "sam@panel.example", "name": "Sam"}});
        let made = run(&world, create.clone()).await["staff"].clone();
        assert!(made["password"].as_str().unwrap().len() >= 24);
        assert_eq!(run(&world, create).await["error"], "the address has an account");

        let key = |account: &Value| json!({"create_service_key": {"account": account, "name": "gateway"}});
        let issued = run(&world, key(&made["account"])).await;
        assert!(issued["service_key"].is_string());
        let client = json!(world.client("owner@acme.test").await.account);
        let refused = run(&world, key(&client)).await;
        assert_eq!(refused["error"], "there is no such staff account");
    }
}
