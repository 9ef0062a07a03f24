//! What is wrong with a statement is told in its own words, and where.

use lake::LakeError;

use crate::ask;
use crate::statements::events;

#[test]
fn what_is_wrong_is_told_in_the_words_of_the_statement() {
    let wrong = |statement: &str| match ask(&events(), statement) {
        Err(LakeError::Statement(why)) => why,
        other => panic!("{statement}: {other:?}"),
    };
    for (statement, expected) in [
        ("SELECT eventNam FROM t", "there is no column `eventNam` at Line: 1, Column: 8; did you mean `eventName`?"),
        (
            "SELECT eventName\nFROM 2a8f2138-0caa-46c8-a194-0123456789ab WHERE evntTime > '2026-02-10'",
            "there is no column `evntTime` at Line: 2, Column: 49; did you mean `eventTime`?",
        ),
        (
            "SELECT eventDate.eventTime FROM t",
            "there is no column `eventDate` at Line: 1, Column: 8; did you mean `eventName`?",
        ),
        (
            "SELECT count(*) FROM t GROUP BY userIdentity.sessionContext.sessionIssuer.usrName",
            "there is no field `usrName` at Line: 1, Column: 75; did you mean `userName`?",
        ),
        (
            "SELECT 1 FROM 2a8f2138-0caa-46c8-a194-0123456789ab WHERE eventTime > 'yesterday'",
            "`yesterday` at Line: 1, Column: 70 is no moment: write it like 2026-02-10, 2026-02-10 18:02:03 or 2026-02-10T18:02:03Z",
        ),
        (
            "SELECT 1 FROM t WHERE eventTime < TIMESTAMP '2026-02-30'",
            "`2026-02-30` at Line: 1, Column: 45 is no moment: write it like 2026-02-10, 2026-02-10 18:02:03 or 2026-02-10T18:02:03Z",
        ),
        ("SELECT CAST('x' AS INTEGER) FROM t", "`x` at Line: 1, Column: 13 is no integer"),
        (
            "SELECT\n lenght(eventName) FROM t",
            "there is no function `lenght` at Line: 2, Column: 2; did you mean `length`?",
        ),
        ("SELECT max_by(eventName) FROM t", "`max_by` at Line: 1, Column: 8 does not take so many arguments"),
        ("SELECT zzz() FROM t", "there is no function `zzz` at Line: 1, Column: 8; docs/LAKE.md lists those that are"),
        (
            "SELECT sum(eventName) FROM t",
            "`sum` at Line: 1, Column: 8 does not take (varchar): CAST what is of another type",
        ),
        (
            "SELECT element_at(eventName, 1) FROM t",
            "`element_at` at Line: 1, Column: 8: element_at looks into maps and lists, and this is a varchar",
        ),
        (
            "SELECT parse_datetime(eventName) FROM t",
            "`parse_datetime` at Line: 1, Column: 8: parse_datetime takes 2 arguments, not 1",
        ),
        (
            "SELECT array_transform(eventName, x -> x) FROM t",
            "`array_transform` at Line: 1, Column: 8 expected a list as first argument, got varchar",
        ),
        (
            "SELECT parse_datetim(eventName) FROM t",
            "there is no function `parse_datetim` at Line: 1, Column: 8; did you mean `parse_datetime`?",
        ),
        ("SELECT mod(1) FROM t", "`mod` at Line: 1, Column: 8 does not take so many arguments"),
        ("SELECT e(1) FROM t", "`e` at Line: 1, Column: 8 does not take so many arguments"),
        (
            "SELECT eventName FROM t GROUP BY eventSource",
            "`eventName` at Line: 1, Column: 8 is in SELECT: it must be in GROUP BY, or within a function of many rows like max(…)",
        ),
        (
            "SELECT eventSource FROM 2a8f2138-0caa-46c8-a194-0123456789ab GROUP BY eventSource\nHAVING useridentity.arn = 'a'",
            "`userIdentity` at Line: 2, Column: 8 is in HAVING: it must be in GROUP BY, or within a function of many rows like max(…)",
        ),
        (
            "SELECT filter(eventName, x -> x > 1) FROM t",
            "`filter` at Line: 1, Column: 8 expected a list as first argument, got varchar",
        ),
        (
            "SELECT EXISTS (SELECT 1 FROM t b WHERE a.eventName LIKE b.eventName) FROM t a",
            "a subquery of this kind is not understood: below SELECT and in comparisons one names what is around it by `=` alone, and none does within an aggregate function or behind LATERAL: JOIN instead",
        ),
        (
            "SELECT eventName + 1 FROM t",
            "`+` at Line: 1, Column: 8 does not take a varchar and a bigint: CAST what is of another type",
        ),
        (
            "SELECT 1 FROM t WHERE eventTime > 5",
            "a timestamp and a bigint are not compared by `>` at Line: 1, Column: 23: CAST one of them",
        ),
        (
            "SELECT count(*) FROM t\nWHERE eventName = \"DeleteBucket\"",
            "there is no column `DeleteBucket` at Line: 2, Column: 19: a text stands in single quotes, 'DeleteBucket'",
        ),
        (
            "SELECT foo FROM t",
            "there is no column `foo` at Line: 1, Column: 8; there are addendum, additionalEventData, annotation, apiVersion, awsRegion, edgeDeviceDetails, errorCode, errorMessage, eventCategory, eventID, eventJson, eventJsonChecksum and 22 more",
        ),
        (
            "SELECT json_extract_scalar(requestParameters, '$.x') FROM t",
            "`json_extract_scalar` at Line: 1, Column: 8 takes a text of JSON, and this is a map: take what is in it by its name, like \
             element_at(requestParameters, 'bucketName')",
        ),
        (
            "SELECT lower(userIdentity) FROM t",
            "`lower` at Line: 1, Column: 8 does not take (row(…)): CAST what is of another type",
        ),
        (
            "SELECT resources.arn FROM t",
            "an array(row(…)) has no fields: take an item of it, like resources[1].arn, or UNNEST it",
        ),
        ("SELECT userIdentity.arn.x FROM t", "a varchar has no fields"),
        (
            "SELECT 1 FROM t WHERE resources LIKE 'x'",
            "LIKE at Line: 1, Column: 23 holds a varchar against a pattern, and this is an array(row(…)): CAST it",
        ),
        (
            "SELECT 1 FROM t WHERE resources = 'x'",
            "an array(row(…)) and a varchar are not compared by `=` at Line: 1, Column: 23: CAST one of them",
        ),
        (
            "SELECT 1 FROM t WHERE CAST(sourceIPAddress AS IPADDRESS) = sourceIPAddress",
            "an ipaddress and a varchar are not compared by `=` at Line: 1, Column: 28: CAST one of them",
        ),
        (
            "SELECT lower(IPADDRESS '1.2.3.4')",
            "`lower` at Line: 1, Column: 8 does not take (ipaddress): CAST what is of another type",
        ),
        (
            "SELECT eventTime + 1 FROM t",
            "`+` at Line: 1, Column: 8 does not take a timestamp and a bigint: an INTERVAL is added to it, like INTERVAL '1' DAY",
        ),
        (
            "SELECT row_number() FROM t",
            "`row_number` at Line: 1, Column: 8 is told of rows in an order: write OVER (ORDER BY …) behind it",
        ),
        (
            "SELECT 1 FROM t WHERE rank() OVER (ORDER BY eventTime) = 1",
            "what stands before OVER is no condition: select it in a subquery, and ask for it outside",
        ),
        (
            "SELECT 1 FROM t WHERE count(*) > 1",
            "functions of many rows, like sum and count, do not stand in WHERE, which is asked of each row: use HAVING",
        ),
        (
            "SELECT eventID FROM t a JOIN t b ON a.eventID = b.eventID",
            "`eventID` at Line: 1, Column: 8 is what several columns are called: write of which table, like a.eventID, or name one otherwise by AS",
        ),
        (
            "SELECT 1 FROM t JOIN t ON true",
            "two tables are called `t`: give each a name of its own, like FROM t a JOIN t b",
        ),
        ("SELECT x.* FROM t", "there is no table `x` here"),
        ("SELECT CAST(eventTime AS bigint) FROM t", "a timestamp is not CAST to bigint: to_unixtime gives its seconds"),
        (
            "SELECT 1 FROM t WHERE CAST(sourceIPAddress AS IPADDRESS) IN ('1.2.3.4')",
            "an ipaddress and a varchar are not compared by `IN` at Line: 1, Column: 28: CAST one of them",
        ),
        (
            "SELECT 1 FROM t WHERE readOnly BETWEEN 'a' AND 'b'",
            "a boolean and a varchar are not compared by `BETWEEN` at Line: 1, Column: 23: CAST one of them",
        ),
        (
            "SELECT CASE WHEN readOnly THEN eventTime ELSE readOnly END FROM t",
            "CASE at Line: 1, Column: 8 gives values of one type, and not a timestamp and a boolean",
        ),
        (
            "SELECT IPADDRESS '1.2.3.4' || 'x'",
            "`||` at Line: 1, Column: 18 does not take an ipaddress and a varchar: CAST what is of another type",
        ),
        (
            "SELECT INTERVAL '1-2' YEAR TO MONTH",
            "INTERVAL … TO … is not understood: write one unit, like INTERVAL '14' MONTH",
        ),
        ("SELECT CAST(eventName AS foo) FROM t", "there is no type `foo`"),
        ("SELECT CAST(userIdentity AS bigint) FROM t", "a row(…) is not CAST to bigint"),
        (
            "SELECT 1 FROM t WHERE eventName",
            "a condition is true or false, and this one at Line: 1, Column: 23 is a varchar",
        ),
        (
            "SELECT eventName, eventID\nFROM t ORDER BY 1, 5",
            "`ORDER BY 5` at Line: 2, Column: 20 is by the place of a column, and 2 columns are selected",
        ),
        (
            "SELECT count(*) FROM t GROUP BY 7",
            "`GROUP BY 7` at Line: 1, Column: 33 is by the place of a column, and 1 column is selected",
        ),
        ("SELECT * FROM t ORDER BY 99", "`ORDER BY 99` is by the place of a column, and 34 are selected"),
        (
            "SELECT eventName FROM t LIMIT 'x'",
            "`LIMIT 'x'` at Line: 1, Column: 31 is no number of rows: write a whole one, from 0 on",
        ),
        (
            "SELECT eventName FROM t LIMIT -1",
            "`LIMIT -1` at Line: 1, Column: 32 is no number of rows: write a whole one, from 0 on",
        ),
        (
            "SELECT eventName FROM t OFFSET 1.5",
            "`OFFSET 1.5` at Line: 1, Column: 32 is no number of rows: write a whole one, from 0 on",
        ),
        (
            "SELECT eventName, eventID FROM t UNION ALL SELECT eventName FROM t",
            "UNION at Line: 1, Column: 1 puts as many columns below one another, and not 2 and 1",
        ),
        (
            "SELECT eventTime FROM t UNION ALL SELECT readOnly FROM t",
            "UNION at Line: 1, Column: 1 puts values of one type below one another, and not a timestamp and a boolean in `readOnly`",
        ),
        (
            "SELECT NOT eventName FROM t",
            "NOT at Line: 1, Column: 12 stands before what is true or false, and this is a varchar",
        ),
        (
            "SELECT 1 FROM t a JOIN t b ON a.eventID",
            "a condition is true or false, and this one at Line: 1, Column: 31 is a varchar",
        ),
        (
            "SELECT eventName FROM t JOIN t b ON t.eventTime = b.readOnly",
            "a timestamp and a boolean are not compared by `=` at Line: 1, Column: 37: CAST one of them",
        ),
        ("SELECT 'a' > 5", "`a` at Line: 1, Column: 8 is no bigint"),
        (
            "SELECT 1 FROM t WHERE eventName = 'a' AND (eventID = 'b' OR eventTime = 5)",
            "a timestamp and a bigint are not compared by `=` at Line: 1, Column: 61: CAST one of them",
        ),
        (
            "SELECT 1 FROM t WHERE eventName = 'a' AND readOnly AND requestParameters",
            "`AND` at Line: 1, Column: 23 stands between what is true or false, and this is a map(varchar, varchar)",
        ),
        (
            "SELECT 1 FROM t WHERE eventTime BETWEEN 'x' AND 5 OR eventTime > 7",
            "a timestamp and a bigint are not compared by `>` at Line: 1, Column: 54: CAST one of them",
        ),
        ("SELECT -eventName FROM t", "`-` at Line: 1, Column: 9: - takes a number, and this is varchar"),
        ("SELECT abs(eventName) FROM t", "`abs` at Line: 1, Column: 8: abs takes a number, and this is varchar"),
        (
            "SELECT lower(eventName, 'x') FROM t",
            "`lower` at Line: 1, Column: 8 does not take (varchar, varchar): CAST what is of another type",
        ),
        (
            "SELECT split_part(eventName, 'x') FROM t",
            "`split_part` at Line: 1, Column: 8: split_part takes 3 arguments, not 2",
        ),
        (
            "SELECT 1 FROM t WHERE (eventName, eventID) IN (SELECT eventName FROM t)",
            "`(eventName, eventID)` is a row of 2 values, and what stands behind IN selects 1",
        ),
        ("SELECT 1 FROM t WHERE (eventName, eventID) = ('a', 'b', 'c')", "a row of 2 values is held against one of 3"),
        (
            "SELECT 1 FROM t WHERE (eventName, eventID) IN (('a', 'b'), 'c')",
            "`(eventName, eventID)` is a row of 2 values, and `'c'` behind IN is none",
        ),
        (
            "SELECT (eventName, eventID) IN (SELECT b.eventName, b.eventID FROM t b WHERE b.eventTime < a.eventTime) FROM t a",
            "a subquery of this kind is not understood: below SELECT and in comparisons one names what is around it by `=` alone, and none does within an aggregate function or behind LATERAL: JOIN instead",
        ),
        ("SELECT eventName FROM t WHERE (readOnly", "Expected: ), found: the end of the statement"),
        ("SELECT INTERVAL '1' FORTNIGHT", "INTERVAL '1' has no unit: write it like INTERVAL '1' DAY"),
        ("SELECT eventTime - INTERVAL '1' FROM t", "INTERVAL '1' has no unit: write it like INTERVAL '1' DAY"),
    ] {
        assert_eq!(wrong(statement), expected);
    }
    // What is wrong in a row is told in the same words. Of several rows that are, the first that is met is told.
    let in_a_row = ask(&events(), "SELECT CAST(eventName AS INTEGER) FROM t WHERE eventName = 'DeleteBucket'");
    assert_eq!(in_a_row.expect_err("it is no number").to_string(), "`DeleteBucket` is no integer");
    assert!(matches!(ask(&events(), "SELECT 1 FROM nowhere"), Err(LakeError::NoStore(name)) if name == "nowhere"));
}
