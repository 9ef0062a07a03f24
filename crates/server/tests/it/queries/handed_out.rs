//! The whole result of a query, for whoever wants all of it at once.

use super::{STATEMENT, running, start, until};
use crate::door::Door;
use crate::port::Port;

#[test]
fn a_result_is_handed_out_whole_once_it_is_there() {
    let door = Door::default();
    let lake = door.lake.clone();
    // More than is read at once.
    let long = "a text ".repeat(100_000);
    lake.answer(&[&[("eventJson", &long)], &[("eventJson", "the last")]]);
    lake.hold();
    running(door, |door, _stop| {
        let port = Port::open(|_| door.clone());
        let get = |id: &str| {
            let headers = "host: 127.0.0.1:4580\r\nx-trailsight-request: 1\r\n";
            port.sends(&format!("GET /trailsight/v1/query-results/{id}"), headers, "")
        };
        let id = start(door, STATEMENT);
        lake.begun(1);
        let (status, told) = get(&id);
        assert_eq!((status, told.contains("is RUNNING: it has a result once it is FINISHED")), (400, true), "{told}");
        lake.let_go();
        until(door, &id, "FINISHED");
        assert_eq!(get(&id), (200, format!("{long}\nthe last")));
        let (status, told) = get("2a8f2138-0caa-46c8-a194-000000000000");
        assert_eq!((status, told.contains("QueryIdNotFoundException")), (400, true), "{told}");
    });
}
