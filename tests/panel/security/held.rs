//! A request that stands still on its way, so that a test decides what comes in between.

use axum::{body::Body, http::Request};
use shared::{http::ClientAddress, testing::Hold};
use tests::World;
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

use super::process;

/// A process that is held at a call of what a request asked for.
pub(crate) struct Held {
    hold: Hold,
    reply: JoinHandle<u16>,
}

impl Held {
    pub(crate) async fn before_it_commits(world: &World, request: Request<Body>) -> Self {
        Self::at(world, Hold::before("TransactWriteItems"), request).await
    }

    pub(crate) async fn at(world: &World, hold: Hold, mut request: Request<Body>) -> Self {
        let router = local::all_routes().into_router(process(world, &hold.wire()));
        request.extensions_mut().insert(ClientAddress([203, 0, 113, 7].into()));
        let mut reply = tokio::spawn(async move {
            let Ok(reply) = router.oneshot(request).await;
            reply.status().as_u16()
        });
        tokio::select! {
            () = hold.reached() => Self { hold, reply },
            early = &mut reply => panic!("it was answered before that call: {early:?}"),
        }
    }

    /// What is replied though the call goes nowhere.
    pub(crate) async fn answers(self) -> u16 {
        self.reply.await.unwrap()
    }

    pub(crate) async fn goes_on(self) -> u16 {
        self.hold.release();
        self.reply.await.unwrap()
    }
}
