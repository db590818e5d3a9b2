//! What is no token is refused without a read. The corpus is kept; a few thousand mutations of good
//! tokens are tried in every run, the same ones each time.

use proptest::{
    prelude::{Strategy, any, prop_oneof},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use reqwest::Method;
use serde_json::json;
use shared::{
    auth::{OneTimeToken, Secret, Token, TokenKind},
    id::{AccountId, TokenId},
    random::Random,
    testing::Tally,
};
use tests::{World, read};

const CORPUS: &str = include_str!("../../corpus/tokens.txt");
const MUTATIONS: u32 = 4_000;

fn corpus() -> impl Iterator<Item = &'static str> {
    CORPUS.lines().filter(|line| !line.starts_with("# "))
}

/// Good tokens of every kind.
fn good() -> Vec<String> {
    let random = Random::seeded(1);
    let account = AccountId::new(jiff::Timestamp::UNIX_EPOCH, &random);
    let kinds = [TokenKind::Session, TokenKind::ApiKey, TokenKind::Service, TokenKind::Challenge];
    let token = |kind| {
        let secret = Secret::new(&random);
        Token { kind, account, id: random.bytes(), secret }.to_string()
    };
    let mut good: Vec<String> = kinds.into_iter().map(token).collect();
    let id = TokenId::new(jiff::Timestamp::UNIX_EPOCH, &random);
    good.push(OneTimeToken { id, secret: Secret::new(&random) }.to_string());
    good
}

fn is_no_token(text: &str) -> bool {
    text.parse::<Token>().is_err() && text.parse::<OneTimeToken>().is_err()
}

#[test]
fn nothing_of_the_corpus_and_no_mutation_of_a_good_token_is_a_token() {
    for text in corpus() {
        assert!(is_no_token(text), "{text}");
    }
    let whole = good();
    assert!(whole.iter().all(|token| !is_no_token(token)));
    let config = Config { cases: MUTATIONS, failure_persistence: None, ..Config::default() };
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, seed);
    let edit = prop_oneof![
        (any::<usize>(), any::<char>()).prop_map(|(at, c)| (at, 1, c.to_string())),
        (any::<usize>(), any::<char>()).prop_map(|(at, c)| (at, 0, c.to_string())),
        (any::<usize>(), 1..40_usize).prop_map(|(at, cut)| (at, cut, String::new())),
        (any::<usize>(), ".{0,90}").prop_map(|(at, text)| (at, 90, text)),
    ];
    let cases = (0..whole.len(), edit);
    let mutated = runner.run(&cases, |(which, (at, cut, put))| {
        let letters: Vec<char> = whole[which].chars().collect();
        let at = at % letters.len();
        let head = letters[..at].iter();
        let tail = letters[letters.len().min(at + cut)..].iter();
        let text: String = head.copied().chain(put.chars()).chain(tail.copied()).collect();
        assert!(whole.contains(&text) || is_no_token(&text), "{text}");
        Ok(())
    });
    mutated.unwrap();
}

#[tokio::test]
async fn what_is_no_token_is_refused_without_a_read() {
    let tally = Tally::new();
    let world = World::over(tally.wire()).await;
    let visible = corpus().filter(|text| text.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
    for text in visible {
        let _before = tally.take();
        let bearer = world.request(Method::GET, "/v1/dashboard");
        let bearer = bearer.header("authorization", format!("Bearer {text}"));
        assert_eq!(read(bearer).await.status.as_u16(), 401, "{text}");
        let answer = json!({"challenge": text, "code": "123456"});
        let answer = world.post("/v1/auth/login/verify", &answer).await;
        assert_eq!(answer.status.as_u16(), 401, "{text}");
        assert!(tally.take().charges.is_empty(), "{text}");
    }
}
