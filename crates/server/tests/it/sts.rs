//! STS.

use crate::door::Door;

#[test]
fn everybody_is_the_account_itself() {
    let reply = Door::default().form("Action=GetCallerIdentity&Version=2011-06-15");
    assert_eq!(reply.status, 200);
    assert!(reply.body.contains("<Arn>arn:aws:iam::123456789012:root</Arn>"), "{}", reply.body);
}
