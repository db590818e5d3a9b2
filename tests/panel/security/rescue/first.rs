//! Whoever was in an account has links as its owner has: the owner wins, whoever uses one first and
//! whatever is under way meanwhile.

use axum::{body::Body, http::Request};
use reqwest::{Method, StatusCode};
use serde_json::json;
use shared::{
    account::{EmailClaim, User, email_key, user_key},
    table::{Read, Tenant},
    testing::Hold,
};
use tests::{Client, PASSWORD, World};

use super::{back, key, move_to, not_me, races::rescue};
use crate::security::{
    CROWD, Crowd, count,
    held::Held,
    passwords::{NEXT, forgot, login, new_address, reset},
    post,
};

const EVIL: &str = "thief@evil.test";

/// Somebody else in an account, which has the thief's address now; the owner's address and link.
struct Moved {
    thief: Client,
    owner: String,
    link: String,
}

impl Moved {
    async fn of(world: &World) -> Self {
        let mut thief = world.client("acme").await;
        thief.elevate().await;
        Self::by(world, thief).await
    }

    async fn by(world: &World, thief: Client) -> Self {
        let owner = thief.email.clone();
        move_to(world, &thief, EVIL).await;
        let link = world.mailed_token(&owner).await;
        world.advance(1).await;
        Self { thief, owner, link }
    }

    /// A link of the thief's own, about a key that it made.
    async fn thiefs_link(&self, world: &World) -> String {
        key(&self.thief, "thief's").await;
        let link = world.mailed_token(EVIL).await;
        world.advance(1).await;
        link
    }

    /// The account is the owner's again, and nothing that the thief has opens it.
    async fn is_the_owners(&self, world: &World) {
        let token = world.mailed_link(&self.owner, "reset").await;
        assert_eq!(reset(world, &token, NEXT).await.0, 204);
        let acme = world.sign_in(&self.owner, NEXT).await;
        assert_eq!(acme.get("/v1/profile").await.json()["email"], self.owner);
        assert_eq!(login(world, EVIL, PASSWORD).await, 401);
        assert_eq!(login(world, EVIL, NEXT).await, 401);
    }
}

#[tokio::test]
async fn a_rescue_of_long_ago_does_not_help_the_thief_of_today() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    key(&acme, "first").await;
    let first = world.mailed_token(&acme.email).await;
    world.advance(60).await;
    let mut thief = back(&world, &acme.email.clone(), &first).await;
    world.advance(3 * 24 * 3600).await;
    thief.elevate_with(NEXT).await;
    let moved = Moved::by(&world, thief).await;
    let thiefs = moved.thiefs_link(&world).await;
    assert_eq!(not_me(&world, &thiefs).await.0, 303);
    assert_eq!(not_me(&world, &moved.link).await.0, 303);
    moved.is_the_owners(&world).await;
}

#[tokio::test]
async fn links_of_one_s_own_can_be_used_from_the_newest_to_the_oldest() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let mut links = Vec::new();
    for name in ["one", "two", "three", "four"] {
        // Word of the one before has gone by then.
        world.advance(301).await;
        acme.elevate().await;
        key(&acme, name).await;
        links.push(world.mailed_token(&acme.email).await);
    }
    for place in [3, 1, 0] {
        assert_eq!(not_me(&world, &links[place]).await.0, 303);
    }
    assert_eq!(not_me(&world, &links[2]).await.0, 422, "what is later than a rescue is over");
}

/// A rescue that has locked the account and stands before the rest of it.
async fn half_done(world: &World, link: &str) -> Held {
    Held::at(world, Hold::before("TransactWriteItems").after(1), rescue(link)).await
}

#[tokio::test]
async fn a_thief_that_says_so_in_the_same_moment_comes_too_late() {
    let world = World::start().await;
    let moved = Moved::of(&world).await;
    let thiefs = moved.thiefs_link(&world).await;
    let owners = half_done(&world, &moved.link).await;
    let thiefs = Held::before_it_commits(&world, rescue(&thiefs)).await;
    assert_eq!(owners.goes_on().await, 303);
    assert_eq!(thiefs.goes_on().await, 422);
    moved.is_the_owners(&world).await;
}

#[tokio::test]
async fn a_thief_that_is_quicker_by_a_moment_has_won_nothing() {
    let world = World::start().await;
    let moved = Moved::of(&world).await;
    let thiefs = moved.thiefs_link(&world).await;
    let owners = half_done(&world, &moved.link).await;
    assert_eq!(not_me(&world, &thiefs).await.0, 303);
    assert_eq!(owners.goes_on().await, 303);
    moved.is_the_owners(&world).await;
}

#[tokio::test]
async fn a_link_about_something_that_was_under_way_does_nothing() {
    let world = World::start().await;
    let mut thief = world.client("acme").await;
    thief.elevate().await;
    let (owners, _) = key(&thief, "the owner's").await;
    world.advance(60).await;
    let moved = Moved::by(&world, thief).await;
    let mut renaming = post(&owners, Some(&moved.thief.token), &json!({"name": "renamed"}));
    *renaming.method_mut() = Method::PATCH;
    // The user was read; what is told of it is not written yet.
    let renaming = Held::before_it_commits(&world, renaming).await;
    assert_eq!(not_me(&world, &moved.link).await.0, 303);
    let way_on = world.mailed_token(&moved.owner).await;
    world.advance(60).await;
    assert_eq!(renaming.goes_on().await, 200);
    let thiefs = world.mailed_token(EVIL).await;
    assert_eq!(not_me(&world, &thiefs).await.0, 422);
    assert_eq!(reset(&world, &way_on, NEXT).await.0, 204);
    world.sign_in(&moved.owner, NEXT).await;
}

/// Setting the password anew with a link to the thief's address.
async fn thiefs_reset(world: &World) -> Request<Body> {
    let token = forgot(world, EVIL).await;
    post("/v1/auth/password/reset", None, &json!({"token": token, "password": "amber-fox-sings"}))
}

#[tokio::test]
async fn a_password_that_is_being_set_anew_does_not_outlive_the_rescue() {
    let world = World::start().await;
    let moved = Moved::of(&world).await;
    let thiefs = thiefs_reset(&world).await;
    let owners = half_done(&world, &moved.link).await;
    let thiefs = Held::before_it_commits(&world, thiefs).await;
    assert_eq!(owners.goes_on().await, 303);
    assert_eq!(thiefs.goes_on().await, 409);
    assert_eq!(login(&world, &moved.owner, "amber-fox-sings").await, 401);
    moved.is_the_owners(&world).await;
}

#[tokio::test]
async fn a_reset_that_found_its_account_before_the_rescue_does_not_find_its_user_after_it() {
    let world = World::start().await;
    let moved = Moved::of(&world).await;
    let thiefs = thiefs_reset(&world).await;
    // The link and the account of its address were read.
    let thiefs = Held::at(&world, Hold::before("GetItem").after(2), thiefs).await;
    assert_eq!(not_me(&world, &moved.link).await.0, 303);
    assert_eq!(thiefs.goes_on().await, 422);
    moved.is_the_owners(&world).await;
}

#[tokio::test]
async fn a_password_is_not_set_anew_by_the_reader_of_an_address_that_was_given_up_meanwhile() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let (former, next) = (acme.email.clone(), "ada@next.test");
    new_address(&acme, next).await;
    let confirming = json!({"token": world.mailed_token(next).await});
    let token = forgot(&world, &former).await;
    let resetting = json!({"token": token, "password": "amber-fox-sings"});
    let resetting = post("/v1/auth/password/reset", None, &resetting);
    let resetting = Held::before_it_commits(&world, resetting).await;
    let confirmed = world.post("/v1/auth/verify-email", &confirming).await;
    assert_eq!(confirmed.status, StatusCode::NO_CONTENT);
    assert_eq!(resetting.goes_on().await, 409);
    assert_eq!(login(&world, next, "amber-fox-sings").await, 401);
    world.sign_in(next, PASSWORD).await;
}

/// How many rescues are remembered of whoever has an address.
async fn rescues(world: &World, email: &str) -> usize {
    let table = &world.panel.app.table;
    let claim: EmailClaim = table.get(&email_key(email), Read::Strong).await.unwrap().unwrap();
    let key = user_key(Tenant::of_record(&claim), claim.user);
    let user: User = table.get(&key, Read::Strong).await.unwrap().unwrap();
    user.rescues.len()
}

#[tokio::test]
async fn rescues_without_end_neither_pile_up_nor_keep_the_owner_out() {
    let world = World::start().await;
    let moved = Moved::of(&world).await;
    let mut thiefs = moved.thiefs_link(&world).await;
    for _turn in 0..20 {
        assert_eq!(not_me(&world, &thiefs).await.0, 303);
        let way_on = world.mailed_link(EVIL, "reset").await;
        assert_eq!(reset(&world, &way_on, NEXT).await.0, 204);
        thiefs = world.mailed_link(EVIL, "not-me").await;
        // Until word of its like is not gathered any more.
        world.advance(301).await;
    }
    assert_eq!(rescues(&world, EVIL).await, 16);
    assert_eq!(not_me(&world, &moved.link).await.0, 303);
    assert_eq!(rescues(&world, &moved.owner).await, 1, "it says more than all of them");
    assert_eq!(not_me(&world, &thiefs).await.0, 422);
    moved.is_the_owners(&world).await;
}

#[tokio::test]
async fn a_password_that_was_set_anew_in_the_same_moment_is_locked_again() {
    let world = World::start().await;
    let moved = Moved::of(&world).await;
    let thiefs = thiefs_reset(&world).await;
    let owners = half_done(&world, &moved.link).await;
    let thiefs = Held::before_it_commits(&world, thiefs).await;
    assert_eq!(thiefs.goes_on().await, 204);
    assert_eq!(owners.goes_on().await, 303);
    assert_eq!(login(&world, &moved.owner, "amber-fox-sings").await, 401);
    moved.is_the_owners(&world).await;
}

#[tokio::test]
async fn an_owner_whose_address_has_another_account_by_now_gets_the_first_back_later() {
    let world = World::start().await;
    let moved = Moved::of(&world).await;
    key(&moved.thief, "thief's").await;
    // Shut out, the owner begins anew.
    let mut other = world.client("acme").await;
    assert_eq!(other.email, moved.owner);
    let mails = world.mails(EVIL).await;
    let form = rescue(&moved.link);
    let held = Held::before_it_commits(&world, form).await;
    assert_eq!(held.goes_on().await, 409);
    let told = world.mails(EVIL).await;
    assert_eq!(told.len(), mails.len() + 1);
    assert!(!told[0].to_string().contains("mxt_"), "no way on goes to the thief");
    assert_eq!(moved.thief.get("/v1/profile").await.status, StatusCode::UNAUTHORIZED);
    forgot_leads_nowhere(&world).await;

    other.elevate().await;
    new_address(&other, "ada@other.test").await;
    let token = world.mailed_token("ada@other.test").await;
    let confirmed = world.post("/v1/auth/verify-email", &json!({"token": token})).await;
    assert_eq!(confirmed.status, StatusCode::NO_CONTENT);
    assert_eq!(not_me(&world, &moved.link).await.0, 303);
    moved.is_the_owners(&world).await;
}

#[tokio::test]
async fn an_address_that_another_account_takes_in_the_same_moment_stays_its_own() {
    let world = World::start().await;
    let moved = Moved::of(&world).await;
    let owners = half_done(&world, &moved.link).await;
    let other = world.client("acme").await;
    assert_eq!(other.email, moved.owner);
    assert_eq!(owners.goes_on().await, 409);
    let back = world.sign_in(&other.email, PASSWORD).await;
    assert_eq!(back.account, other.account);
}

#[tokio::test]
async fn a_thief_who_moved_on_gets_nothing_back_while_the_owners_address_is_taken() {
    let world = World::start().await;
    let moved = Moved::of(&world).await;
    move_to(&world, &moved.thief, "next@evil.test").await;
    let thiefs = world.mailed_token(EVIL).await;
    world.advance(1).await;
    world.client("acme").await;
    assert_eq!(not_me(&world, &moved.link).await.0, 409);
    assert_eq!(not_me(&world, &thiefs).await.0, 422);
    let told = world.mails("next@evil.test").await;
    assert_eq!(not_me(&world, &moved.link).await.0, 409, "and the owner's is still good");
    assert_eq!(world.mails("next@evil.test").await, told, "one word is enough");
}

/// The thief's address opens nothing any more.
async fn forgot_leads_nowhere(world: &World) {
    let mails = world.mails(EVIL).await;
    world.post("/v1/auth/password/forgot", &json!({"email": EVIL})).await;
    assert_eq!(world.mails(EVIL).await, mails);
}

#[tokio::test]
async fn what_one_rescue_disowned_stays_so_after_the_next_as_long_as_a_link_is_good() {
    let world = World::start().await;
    let moved = Moved::of(&world).await;
    let thiefs = moved.thiefs_link(&world).await;
    back(&world, &moved.owner, &moved.link).await;
    world.advance(6 * 24 * 3600).await;
    let mut acme = world.sign_in(&moved.owner, NEXT).await;
    acme.elevate_with(NEXT).await;
    key(&acme, "later").await;
    let later = world.mailed_token(&moved.owner).await;
    world.advance(60).await;
    assert_eq!(not_me(&world, &later).await.0, 303);
    assert_eq!(not_me(&world, &thiefs).await.0, 422);
}

#[tokio::test]
async fn a_key_that_is_revoked_in_the_same_moment_makes_room_once() {
    let world = World::start().await;
    let mut acme = world.client("acme").await;
    acme.elevate().await;
    let (made, _) = key(&acme, "made").await;
    let link = world.mailed_token(&acme.email).await;
    let mut revoking = post(&made, Some(&acme.token), &json!({}));
    *revoking.method_mut() = Method::DELETE;
    let revoking = Held::before_it_commits(&world, revoking).await;
    let owners = half_done(&world, &link).await;
    assert_eq!(revoking.goes_on().await, 204);
    assert_eq!(owners.goes_on().await, 303);
    let token = world.mailed_link(&acme.email, "reset").await;
    assert_eq!(reset(&world, &token, NEXT).await.0, 204);
    let mut acme = world.sign_in(&acme.email, NEXT).await;
    acme.elevate_with(NEXT).await;
    for name in ["one", "two", "three", "four", "five"] {
        key(&acme, name).await;
    }
    let sixth = json!({"name": "six", "scopes": ["read"]});
    assert_eq!(acme.post("/v1/api-keys", &sixth).await.status, StatusCode::CONFLICT);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_link_rescues_once() {
    let world = World::start().await;
    let moved = Moved::of(&world).await;
    let crowd = Crowd::new(&world);
    let replies = crowd.at_once(|_| rescue(&moved.link)).await;
    assert_eq!((count(&replies, 303), count(&replies, 422)), (1, CROWD - 1), "{replies:?}");
    moved.is_the_owners(&world).await;
}
