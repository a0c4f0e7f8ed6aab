//! Where a request comes from. Headers of proxies are believed from configured proxies only.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;

use crate::config::Networks;

/// The client's address: the peer's, or what trusted proxies say of it. Of a chain of proxies the
/// last address that is not one of ours counts, since all before it can be made up.
#[must_use]
pub fn client(req: &HttpRequest, proxies: &Networks) -> IpAddr {
    let unknown = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let peer = req.peer_addr().map_or(unknown, |peer| peer.ip().to_canonical());
    if !proxies.contain(peer) {
        return peer;
    }
    let mut client = peer;
    let chain: Vec<&str> = req
        .headers()
        .get_all("x-forwarded-for")
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    for hop in chain.into_iter().rev() {
        let Ok(hop) = hop.trim().parse::<IpAddr>() else { break };
        client = hop.to_canonical();
        if !proxies.contain(client) {
            break;
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;
    use crate::config::Layers;

    fn proxies(text: &str) -> Networks {
        let environment = vec![("SWITCHROOM_TRUSTED_PROXIES".to_owned(), text.to_owned())];
        let layers = Layers { environment, ..Layers::default() };
        layers.load().unwrap().settings.trusted_proxies
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        for (peer, header, address) in [
            ("9.9.9.9:1", "1.1.1.1", "9.9.9.9"),
            ("10.0.0.1:1", "1.1.1.1", "1.1.1.1"),
            ("10.0.0.1:1", "6.6.6.6, 1.1.1.1, 10.0.0.2", "1.1.1.1"),
            ("10.0.0.1:1", "nonsense", "10.0.0.1"),
        ] {
            let req = TestRequest::default()
                .peer_addr(peer.parse().unwrap())
                .insert_header(("x-forwarded-for", header))
                .to_http_request();
            let found = client(&req, &proxies("10.0.0.0/8"));
            assert_eq!(found.to_string(), address, "{peer} {header}");
        }
    }
}
