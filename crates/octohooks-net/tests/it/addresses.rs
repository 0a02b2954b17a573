//! The address policy where it counts: on the address that is connected to.

use octohooks_core::attempt::FailureKind;
use octohooks_core::time::UnixMillis;
use octohooks_net::{AddressPolicy, Client, Proxies};
use octohooks_testkit::{RudeServer, Script, answer};

use crate::support::{client, failure, get, send, url};

#[tokio::test]
async fn forbidden_literals_are_refused_in_every_spelling() {
    for url in [
        "http://169.254.169.254/secret",
        "http://0xA9FEA9FE/",
        "http://2852039166/",
        "http://[::ffff:169.254.169.254]/",
        "http://[fe80::1]/",
        "http://[fd00:ec2::254]/",
        "http://0.0.0.0/",
        "http://0/",
        "http://[::]/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
    ] {
        assert_eq!(failure(&send(&get(url)).await).kind, FailureKind::AddressRefused, "{url}");
    }
}

#[tokio::test]
async fn a_name_that_leads_to_a_forbidden_address_is_refused() {
    let client = client(None, &[("rebound.test", &["169.254.169.254", "::ffff:169.254.169.254"])]);
    let failure = failure(&client.send(&get("http://rebound.test/"), UnixMillis(1)).await);
    assert_eq!(failure.kind, FailureKind::AddressRefused);
    assert_eq!(
        failure.message,
        "rebound.test leads to a forbidden address: 169.254.169.254 is where clouds keep the credentials of their \
         machines, and webhooks never go there."
    );
}

#[tokio::test]
async fn a_forbidden_address_beside_a_good_one_is_passed_over() {
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], ""))]);
    let client = client(None, &[("mixed.test", &["169.254.169.254", "127.0.0.1"])]);
    let attempt = client.send(&get(&format!("http://mixed.test:{}/", server.port())), UnixMillis(1)).await;
    assert_eq!(attempt.outcome.unwrap().status, 200);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_address_where_nobody_listens_is_followed_by_the_next() {
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], ""))]);
    let client = client(None, &[("two.test", &["127.0.0.9", "127.0.0.1"])]);
    let attempt = client.send(&get(&format!("http://two.test:{}/", server.port())), UnixMillis(1)).await;
    assert_eq!(attempt.outcome.unwrap().status, 200);
}

#[tokio::test]
async fn octoprints_own_port_is_refused_before_a_connection_is_opened() {
    let octoprint = RudeServer::start([Script::answering(answer("200 OK", &[], ""))]);
    let client = Client::new(AddressPolicy::home(vec![octoprint.port()]), Proxies::none());
    for host in ["127.0.0.1", "[::1]", "127.0.0.2", "2130706433", "[::ffff:127.0.0.1]"] {
        let request = get(&format!("http://{host}:{}/api/printer/command", octoprint.port()));
        let failure = failure(&client.send(&request, UnixMillis(1)).await);
        assert_eq!(failure.kind, FailureKind::AddressRefused, "{host}");
        assert!(failure.message.contains("is OctoPrint itself"), "{}", failure.message);
    }
    assert_eq!(octoprint.connections(), 0);
}

#[tokio::test]
async fn other_names_are_looked_up_by_the_system() {
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], ""))]);
    let attempt = send(&get(&format!("http://localhost:{}/", server.port()))).await;
    assert_eq!(attempt.outcome.unwrap().status, 200);
    assert!(attempt.phases.dns.is_some());
}

#[tokio::test]
async fn other_ports_of_this_machine_are_allowed() {
    let server = RudeServer::start([Script::answering(answer("200 OK", &[], ""))]);
    let client = Client::new(AddressPolicy::home(vec![5000]), Proxies::none());
    assert!(client.send(&get(&url(&server, "/")), UnixMillis(1)).await.outcome.is_ok());
}
