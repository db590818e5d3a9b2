//! The gateway's key.

use shared::{app::App, auth::NewServiceKey, text::required_line};

use crate::{MOST_NAME_CHARACTERS, Refused};

/// Makes a service key; it leaves once.
pub async fn issue_key(app: &App, name: &str) -> Result<String, Refused> {
    let new = NewServiceKey::new(app, required_line(name, MOST_NAME_CHARACTERS)?, None);
    app.table.put(&new.key, &new.item).await?;
    Ok(new.token)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::testing::TestApp;

    use crate::tests::run;

    #[tokio::test]
    async fn a_key_is_made_each_time_it_is_asked_for() {
        let world = TestApp::start().await;
        let create = json!({"create_service_key": {"name": "gateway"}});
        let one = run(&world, create.clone()).await["service_key"].clone();
        assert!(one.as_str().unwrap().starts_with("mxv_"));
        assert_ne!(run(&world, create).await["service_key"], one);
    }

    #[tokio::test]
    async fn without_a_name_none_is_made() {
        let world = TestApp::start().await;
        let key = run(&world, json!({"create_service_key": {"name": " "}})).await;
        assert_eq!(key["refused"], "the name is not valid: empty");
    }
}
