use super::*;

fn matches(pattern: &str, message: &str) -> bool {
    FilterPattern::of(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}")).matches(message)
}

/// The examples of AWS's page, and what it says of them.
#[test]
fn terms_are_all_there_or_not_there_or_one_of_them_is() {
    for (pattern, wanted, unwanted) in [
        ("ERROR", &["[ERROR] A fatal exception", "Exiting with ERRORCODE: -1"][..], &["an error"][..]),
        ("ERROR ARGUMENTS", &["[ERROR 419] MISSING ARGUMENTS"], &["[ERROR 400] BAD REQUEST"]),
        ("ERROR -Exiting", &["[ERROR] A"], &["Exiting with ERRORCODE"]),
        ("\"INTERNAL SERVER ERROR\"", &["[ERROR 500] INTERNAL SERVER ERROR"], &["INTERNAL ERROR SERVER"]),
        ("?ERROR ?WARN", &["ERROR x", "WARN x"], &["INFO x"]),
        ("?ERROR ?ARGUMENTS REQUEST", &["[INFO] REQUEST FAILED"], &["ERROR"]),
        ("%user-[0-9]{2}%", &["for user-17"], &["for user-x"]),
        ("-\"a \\\"b\\\"\" c", &["c"], &["c a \"b\""]),
        ("", &["", "x"], &[]),
        ("\" \"", &["a b"], &["ab"]),
    ] {
        assert!(wanted.iter().all(|message| matches(pattern, message)), "{pattern}");
        assert!(!unwanted.iter().any(|message| matches(pattern, message)), "{pattern}");
    }
}

const TRAIL: &str = r#"{"eventType":"UpdateTrail","sourceIPAddress":"111.111.111.111","arrayKey":["value","another value"],
    "objectList":[{"name":"a","id":1},{"name":"b","id":2}],"SomeObject":null,"ThisFlag":true,"cluster.name":"c","n":12.5}"#;

#[test]
fn fields_of_json_are_compared() {
    for pattern in [
        r#"{ $.eventType = "UpdateTrail" }"#,
        "{$.eventType=UpdateTrail}",
        r#"{ $.eventType = "Update*" }"#,
        "{ $.eventType = *pdate*il }",
        "{ $.eventType = %Trail% }",
        "{ $.sourceIPAddress != 123.123.* }",
        r#"{ $.arrayKey[0] = "value" }"#,
        "{ $.arrayKey[*] = %val.{2}% }",
        "{ $.objectList[1].id = 2 }",
        "{ $.objectList[*].id > 1 }",
        r"{ $.* = %111\.111\.111\.1[0-9]{1,2}% }",
        "{ $.['cluster.name'] = \"c\" }",
        "{ $.SomeObject IS NULL }",
        "{ $.ThisFlag IS TRUE }",
        "{ $.SomeOtherObject NOT EXISTS }",
        "{ $.n = * }",
        "{ $.n >= 1.25e1 && $.n <= +13 }",
        "{ ($.n = 1 || $.n = 12.5) && $.eventType != Other }",
        "{ $.n = 12.5 || $.n = 1 && $.n = 2 }",
    ] {
        assert!(matches(pattern, TRAIL), "{pattern}");
    }
    for pattern in [
        r#"{ $.eventType = "updatetrail" }"#,
        r#"{ $.eventType = "Trail" }"#,
        "{ $.eventType = Update*Update* }",
        "{ $.arrayKey = value }",
        "{ $.arrayKey != value }",
        "{ $.missing != x }",
        "{ $.SomeObject NOT EXISTS }",
        "{ $.ThisFlag IS FALSE }",
        "{ $.ThisFlag IS NULL }",
        "{ $.objectList[2].id = 2 }",
        "{ $.objectList[*].id > 2 }",
        "{ $.eventType > 5 }",
        "{ ($.n = 12.5 || $.n = 1) && $.n = 2 }",
    ] {
        assert!(!matches(pattern, TRAIL), "{pattern}");
    }
    assert!(!matches("{ $.a NOT EXISTS }", "no JSON") && !matches("{ $.a NOT EXISTS }", "[1]"));
}

#[test]
fn what_is_no_pattern_is_refused_with_its_reason() {
    for (pattern, reason) in [
        ("\"open", "not closed"),
        ("%open", "not closed"),
        ("a:b", "double quotes"),
        ("- a", "double quotes"),
        ("%(a)%", "no meaning"),
        ("%[%", "no regular expression"),
        ("[a, b]", "between blanks"),
        ("{ $.a = 1", "not closed"),
        ("{ ($.a = 1 }", "not closed"),
        ("{ a = 1 }", "begins with $."),
        ("{ $ = 1 }", "begins with $."),
        ("{ $. = 1 }", "comes a name"),
        ("{ $.a[x] = 1 }", "in brackets"),
        ("{ $.a }", "behind a selector"),
        ("{ $.a EXISTS }", "behind a selector"),
        ("{ $.a IS NOT NULL }", "behind IS"),
        ("{ $.a NOT NULL }", "behind NOT"),
        ("{ $.a > b }", "comes a number"),
        ("{ $.a = }", "behind an operator"),
        ("{ $.a = 1 $.b = 2 }", "not expected"),
        ("{ $.*.b.* = 1 }", "one wildcard"),
        ("{ $.* = 1 && $.a[*] = 1 && $.b[*] = 1 && $.c[*] = 1 }", "more than 3"),
        ("{}", "begins with $."),
    ] {
        let error = FilterPattern::of(pattern).expect_err(pattern);
        assert!(error.to_string().contains(reason), "{pattern}: {error}");
    }
}

#[test]
fn any_text_is_a_pattern_or_refused_and_never_a_panic() {
    let parts = [
        "{", "}", "$", ".", "*", "[", "]", "'", "\"", "%", "é", "a", "1", "(", ")", "&&", "||", "=", "-", "?", "\\",
        " ",
    ];
    let mut seed = 7_u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..8 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(parts[(seed >> 33) as usize % parts.len()]);
        }
        if let Ok(pattern) = FilterPattern::of(&text) {
            pattern.matches(TRAIL);
            pattern.matches("é\" a 1");
        }
    }
}
