//! Whom a function trusts: AWS's own authorities, or those that `AWS_CA_BUNDLE` names, and nobody
//! else.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::Value;
use shared::table::TableError;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

use crate::connector::{PATIENT, app_at, ask};

const NO_ITEM: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\n\
                         content-length: 2\r\n\r\n{}";

/// A table behind TLS that holds nothing, and the authority that certifies it.
struct Stranger {
    address: SocketAddr,
    authority: String,
}

impl Stranger {
    async fn start() -> Self {
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority =
            CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let names = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = names.signed_by(&key, &authority).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(server))));
        Self { address, authority: authority.pem() }
    }

    /// Asks the stranger for an item, trusting what the bundle says.
    async fn asked(&self, bundle: Option<&PathBuf>) -> Result<Option<Value>, TableError> {
        let endpoint = format!("https://localhost:{}", self.address.port());
        ask(&app_at(&endpoint, bundle.map(PathBuf::as_path), PATIENT)).await
    }
}

async fn serve(listener: TcpListener, tls: TlsAcceptor) {
    while let Ok((client, _)) = listener.accept().await {
        // Whoever does not trust us hangs up.
        let Ok(mut client) = tls.accept(client).await else { continue };
        let mut request = [0; 4096];
        if client.read(&mut request).await.is_ok() {
            let _told = client.write_all(NO_ITEM).await;
            let _told = client.flush().await;
        }
    }
}

#[tokio::test]
async fn a_stranger_is_trusted_only_where_the_bundle_names_its_authority() {
    let stranger = Stranger::start().await;
    let other = Stranger::start().await;
    let folder = std::env::temp_dir().join(format!("trust-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (ours, theirs) = (folder.join("ours.pem"), folder.join("theirs.pem"));
    std::fs::write(&ours, &stranger.authority).unwrap();
    std::fs::write(&theirs, &other.authority).unwrap();

    assert!(stranger.asked(Some(&ours)).await.unwrap().is_none());
    for bundle in [None, Some(&theirs)] {
        let refused = stranger.asked(bundle).await;
        assert!(matches!(refused, Err(TableError::Unavailable(_))), "{refused:?}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}
