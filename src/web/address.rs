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
    use std::net::SocketAddr;

    use actix_web::test::TestRequest;
    use proptest::prelude::*;

    use super::*;
    fn asked(peer: SocketAddr, headers: &[String]) -> HttpRequest {
        let request = TestRequest::default().peer_addr(peer);
        let append = |request: TestRequest, header: &String| {
            request.append_header(("x-forwarded-for", header.as_str()))
        };
        headers.iter().fold(request, append).to_http_request()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        for (peer, header, address) in [
            ("9.9.9.9:1", "1.1.1.1", "9.9.9.9"),
            ("10.0.0.1:1", "1.1.1.1", "1.1.1.1"),
            ("10.0.0.1:1", "6.6.6.6, 1.1.1.1, 10.0.0.2", "1.1.1.1"),
            ("10.0.0.1:1", "nonsense", "10.0.0.1"),
        ] {
            let req = asked(peer.parse().unwrap(), &[header.to_owned()]);
            let found = client(&req, &Networks::parse("10.0.0.0/8").unwrap());
            assert_eq!(found.to_string(), address, "{peer} {header}");
        }
    }

    proptest! {
        #[test]
        fn whoever_is_no_proxy_cannot_choose_an_address(
            peer in any::<Ipv4Addr>(),
            headers in prop::collection::vec("[ -~]{0,40}", 0..4),
        ) {
            let req = asked((peer, 1).into(), &headers);
            prop_assert_eq!(client(&req, &Networks::default()), IpAddr::V4(peer));
        }

        /// What stands before the last address that is not a proxy's changes nothing.
        #[test]
        fn a_proxy_is_believed_as_far_as_it_knows(
            made_up in prop::collection::vec("[ -~]{0,40}", 0..3),
            known in any::<IpAddr>(),
            proxies in prop::collection::vec(0_u8..=255, 0..4),
        ) {
            let ours = Networks::parse("10.0.0.0/8").unwrap();
            prop_assume!(!ours.contain(known));
            let mut hops = made_up;
            hops.push(known.to_string());
            hops.extend(proxies.iter().map(|last| format!("10.1.1.{last}")));

            let req = asked("10.0.0.1:1".parse().unwrap(), &[hops.join(", ")]);
            prop_assert_eq!(client(&req, &ours), known.to_canonical());
            let req = asked("10.0.0.1:1".parse().unwrap(), &hops);
            prop_assert_eq!(client(&req, &ours), known.to_canonical());
        }

        #[test]
        fn any_header_leads_to_an_address_of_the_chain(
            headers in prop::collection::vec("[ -~]{0,40}|[0-9a-f.:, ]{0,40}", 0..4),
        ) {
            let everyone = Networks::parse("0.0.0.0/0 ::/0").unwrap();
            let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
            let found = client(&asked((peer, 1).into(), &headers), &everyone);
            let written: Vec<_> = headers.iter().flat_map(|header| header.split(',')).collect();
            let is_written = written
                .iter()
                .filter_map(|hop| hop.trim().parse::<IpAddr>().ok())
                .any(|hop| hop.to_canonical() == found);
            prop_assert!(found == peer || is_written, "{found}");
        }
    }
}
