//! A staff account with one login.

use serde::Serialize;
use shared::{
    account::{AccountKind, Email, Founder, FoundingRefused, found},
    app::App,
    auth::{Password, hash_password},
    id::AccountId,
    text::required_line,
    ticket::put_staff_member,
    web::Language,
};

use crate::{MOST_NAME_CHARACTERS, Refused};

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

/// Makes a staff account whose owner signs in with `email`.
pub async fn create_staff(app: &App, email: &str, name: &str) -> Result<StaffLogin, Refused> {
    let email: Email = email.parse()?;
    let name = required_line(name, MOST_NAME_CHARACTERS)?;
    let (password, text) = Password::generated(&app.random);
    let founder = Founder {
        kind: AccountKind::Staff,
        plan: app.plans.default_plan().clone(),
        email: email.clone(),
        password_hash: hash_password(password, &app.random).await?,
        name,
        company: String::new(),
        locale: Language::default(),
    };
    let mut transaction = app.table.transaction::<FoundingRefused>();
    let named = founder.name.clone();
    let founded = found(app, founder, &mut transaction);
    put_staff_member(&founded.staff_member(named), &mut transaction);
    transaction.commit().await?;
    Ok(StaffLogin { account: founded.account, email: email.to_string(), password: text })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::testing::{Fault, Faults, TestApp};

    use crate::{handle, tests::run};

    #[tokio::test]
    async fn a_login_is_made_once() {
        let world = TestApp::start().await;
        let create = json!({"create_staff": {"email": "sam@panel.example", "name": "Sam"}});
        let made = run(&world, create.clone()).await["staff"].clone();
        assert!(made["password"].as_str().unwrap().len() >= 24);
        assert_eq!(run(&world, create).await["refused"], "the address has an account");
    }

    #[tokio::test]
    async fn what_is_not_an_address_or_a_name_makes_nothing() {
        let world = TestApp::start().await;
        let create =
            |email: &str, name: &str| json!({"create_staff": {"email": email, "name": name}});
        for (email, name) in
            [("sam", "Sam"), ("sam@panel.example", " "), ("sam@panel.example", "S\nM")]
        {
            let refused = run(&world, create(email, name)).await["refused"].clone();
            assert!(refused.as_str().unwrap().contains("is not valid"), "{refused}");
        }
    }

    #[tokio::test]
    async fn a_table_that_fails_fails_the_invocation() {
        let world = TestApp::start().await;
        let app = world.process(&Faults::lasting(Fault::Throttle, 0).wire());
        let create = json!({"create_staff": {"email": "sam@panel.example", "name": "Sam"}});
        let failed = handle(app, serde_json::from_value(create).unwrap()).await;
        assert!(failed.is_err());
    }
}
