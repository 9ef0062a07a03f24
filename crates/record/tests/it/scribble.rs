//! Records as nobody should write them: any order, any spacing, escapes, doubles, holes, wrong types. Exact from a seed.

/// SplitMix64.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.roll() % n as u64) as usize
    }

    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn one_of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len())]
    }
}

/// How wild a record is.
pub(crate) struct Scribble {
    pub(crate) dice: Dice,
    spaced: bool,
    escape_percent: usize,
    wrong_percent: usize,
    absent_percent: usize,
}

impl Scribble {
    pub(crate) fn new(seed: u64) -> Scribble {
        let mut dice = Dice(seed);
        Scribble {
            spaced: dice.percent(30),
            escape_percent: [0, 0, 5, 60][dice.below(4)],
            wrong_percent: [0, 0, 1, 8][dice.below(4)],
            absent_percent: [0, 2, 10, 40][dice.below(4)],
            dice,
        }
    }

    /// One record.
    pub(crate) fn record(&mut self) -> String {
        let mut members: Vec<(&str, String)> = Vec::new();
        for key in [
            "eventVersion",
            "userIdentity",
            "eventTime",
            "eventSource",
            "eventName",
            "awsRegion",
            "sourceIPAddress",
            "userAgent",
            "errorCode",
            "errorMessage",
            "requestParameters",
            "responseElements",
            "additionalEventData",
            "requestID",
            "eventID",
            "readOnly",
            "resources",
            "eventType",
            "apiVersion",
            "managementEvent",
            "recipientAccountId",
            "sharedEventID",
            "vpcEndpointId",
            "eventCategory",
            "tlsDetails",
            "sessionCredentialFromConsole",
        ] {
            let usually_absent =
                matches!(key, "errorCode" | "errorMessage" | "apiVersion" | "sharedEventID" | "vpcEndpointId");
            if self.dice.percent(if usually_absent { 70 } else { self.absent_percent }) {
                continue;
            }
            if self.dice.percent(2) {
                let key = self.dice.one_of(&["eventTim", "EVENTNAME", "", "é", "records", "Records"]);
                members.push((key, self.value(0)));
            }
            members.push((key, self.member(key)));
            if self.dice.percent(1) {
                members.push((key, self.member(key)));
            }
        }
        if self.dice.percent(20) {
            for i in (1..members.len()).rev() {
                members.swap(i, self.dice.below(i + 1));
            }
        }
        self.object(members)
    }

    fn member(&mut self, key: &str) -> String {
        if self.dice.percent(self.wrong_percent) {
            return self.value(2);
        }
        match key {
            "eventVersion" => {
                let version = self.dice.one_of(&["1.0", "1.01", "1.05", "1.08", "1.11", "1", "2.1", "10.1", ""]);
                if self.dice.percent(95) { self.text("1.08") } else { self.text(version) }
            }
            "userIdentity" => self.identity(),
            "eventTime" => {
                let unusual =
                    ["2023-07-10T11:42:36.123Z", "2023-07-10T13:42:36+02:00", "yesterday", "", "2023-02-30T00:00:00Z"];
                let unusual = self.dice.one_of(&unusual);
                if self.dice.percent(90) { self.text("2023-07-10T11:42:36Z") } else { self.text(unusual) }
            }
            "eventSource" => self.text("ec2.amazonaws.com"),
            "eventName" => {
                let name =
                    self.dice.one_of(&["RunInstances", "GetObject", "BatchGetItem", "ListBuckets", "Ünïcödé ☃ 𝄞", ""]);
                self.text(name)
            }
            "awsRegion" => {
                let region = self.dice.one_of(&[
                    "us-east-1",
                    "us-gov-west-1",
                    "eusc-de-east-1",
                    "megov-northeast-1r",
                    "x-y-1",
                    "us",
                ]);
                if self.dice.percent(80) { self.text("eu-west-1") } else { self.text(region) }
            }
            "readOnly" | "managementEvent" => {
                self.dice.one_of(&["true", "false", "true", "false", "null", "\"true\"", "\"false\""]).to_owned()
            }
            "eventID" => {
                let id = self.dice.one_of(&[
                    "6b54e0ad-c23c-4850-b896-7533a3558526",
                    "KEEP-0001",
                    "",
                    "6B54E0AD-C23C-4850-B896-7533A3558526",
                ]);
                self.text(id)
            }
            "recipientAccountId" => {
                let account = self.dice.one_of(&["123456789012", "1234", "", "../../etc/xx"]);
                if self.dice.percent(90) { self.text("123837392027") } else { self.text(account) }
            }
            "eventType" => {
                let kind = self.dice.one_of(&[
                    "AwsApiCall",
                    "AwsServiceEvent",
                    "AwsVpceEvents",
                    "AwsConsoleSignIn",
                    "AwsCloudTrailInsight",
                ]);
                if self.dice.percent(60) { self.text("AwsApiCall") } else { self.text(kind) }
            }
            "eventCategory" => {
                let category = self.dice.one_of(&["Data", "NetworkActivity", "Insight", "Evidence", ""]);
                if self.dice.percent(70) { self.text("Management") } else { self.text(category) }
            }
            "resources" => self.resources(),
            "requestParameters" | "responseElements" | "additionalEventData" | "tlsDetails" => {
                if self.dice.percent(30) { "null".to_owned() } else { self.value(4) }
            }
            _ => {
                let text = self.dice.one_of(&[
                    "AWS Internal",
                    "aws-cli/2.9 \"quoted\" \\ back",
                    "10.0.0.1",
                    "\\\\\\",
                    "a\u{0}b\n\t",
                    "",
                ]);
                self.text(text)
            }
        }
    }

    fn identity(&mut self) -> String {
        let mut members = Vec::new();
        for key in [
            "type",
            "principalId",
            "arn",
            "accountId",
            "accessKeyId",
            "userName",
            "sessionContext",
            "invokedBy",
            "onBehalfOf",
        ] {
            if self.dice.percent(self.absent_percent.max(10)) {
                continue;
            }
            for _ in 0..if self.dice.percent(2) { 2 } else { 1 } {
                let value = if self.dice.percent(self.wrong_percent) {
                    self.value(2)
                } else {
                    match key {
                        "sessionContext" => self.session_context(),
                        "accountId" => {
                            let account = self.dice.one_of(&["123837392027", "ANONYMOUS_PRINCIPAL"]);
                            self.text(account)
                        }
                        "arn" => self.text("arn:aws:sts::123837392027:assumed-role/Role/Session"),
                        "onBehalfOf" => self.value(3),
                        _ => self.text(key),
                    }
                };
                members.push((key, value));
            }
        }
        if self.dice.percent(10) {
            members.reverse();
        }
        self.object(members)
    }

    fn session_context(&mut self) -> String {
        let mut members = Vec::new();
        for key in ["sessionIssuer", "webIdFederationData", "attributes", "ec2RoleDelivery", "sessionIssuer"] {
            if self.dice.percent(if members.len() == 4 { 97 } else { 15 }) {
                continue;
            }
            let value = match key {
                "sessionIssuer" if self.dice.percent(90) => {
                    let mut issuer = Vec::new();
                    for key in ["type", "principalId", "arn", "accountId", "userName", "arn"] {
                        if self.dice.percent(if issuer.len() == 5 { 97 } else { 8 }) {
                            continue;
                        }
                        let value = if self.dice.percent(self.wrong_percent) { self.value(1) } else { self.text(key) };
                        issuer.push((key, value));
                    }
                    self.object(issuer)
                }
                "webIdFederationData" if self.dice.percent(80) => "{}".to_owned(),
                "ec2RoleDelivery" => self.text("2.0"),
                _ => self.value(2),
            };
            members.push((key, value));
        }
        self.object(members)
    }

    fn resources(&mut self) -> String {
        let mut elements = Vec::new();
        for _ in 0..self.dice.below(4) {
            if self.dice.percent(self.wrong_percent) {
                elements.push(self.value(2));
                continue;
            }
            let mut members = Vec::new();
            for key in ["accountId", "type", "ARN", "arn", "ARN"] {
                if self.dice.percent(50) {
                    let value = if self.dice.percent(self.wrong_percent) { self.value(1) } else { self.text(key) };
                    members.push((key, value));
                }
            }
            elements.push(self.object(members));
        }
        self.array(elements)
    }

    /// Any value, at most so deep.
    fn value(&mut self, depth: usize) -> String {
        match self.dice.below(if depth == 0 { 5 } else { 8 }) {
            0 => self.dice.one_of(&["null", "true", "false"]).to_owned(),
            1 => self.dice.one_of(&["0", "-1", "12.5", "1e9", "-0.25E-3", "18446744073709551616"]).to_owned(),
            2..5 => {
                let text = self.dice.one_of(&[
                    "",
                    "}{][",
                    "\"",
                    "\\",
                    "\\\\\"{",
                    ",\"eventName\":\"X\"",
                    "ünï",
                    "\u{1F600}",
                    "plain text",
                    "[[[[[[[[",
                ]);
                let repeated = text.repeat(1 + self.dice.below(20));
                self.text(&repeated)
            }
            5 => {
                let elements = (0..self.dice.below(5)).map(|_| self.value(depth - 1)).collect();
                self.array(elements)
            }
            _ => {
                let count = self.dice.below(5);
                let members = (0..count)
                    .map(|_| {
                        let key =
                            self.dice.one_of(&["eventName", "arn", "a", "}", "\"", "\\", "eventVersion", "Records"]);
                        (key, self.value(depth - 1))
                    })
                    .collect();
                self.object(members)
            }
        }
    }

    fn object(&mut self, members: Vec<(&str, String)>) -> String {
        let members = members.into_iter().map(|(key, value)| {
            let key = self.text(key);
            format!("{}{key}{}:{}{value}", self.space(), self.space(), self.space())
        });
        let members: Vec<String> = members.collect();
        format!("{{{}{}}}", members.join(&format!("{},", self.space())), self.space())
    }

    fn array(&mut self, elements: Vec<String>) -> String {
        let space = self.space();
        format!("[{space}{}{space}]", elements.join(&format!("{space},{space}")))
    }

    fn text(&mut self, text: &str) -> String {
        let mut written = String::from("\"");
        for character in text.chars() {
            let must = matches!(character, '"' | '\\') || character < ' ';
            if !must && !self.dice.percent(self.escape_percent) {
                written.push(character);
                continue;
            }
            match (character, self.dice.below(2)) {
                ('"' | '\\' | '/', 0) => written.extend(['\\', character]),
                ('\n', 0) => written.push_str("\\n"),
                ('\t', 0) => written.push_str("\\t"),
                _ => {
                    let mut units = [0; 2];
                    for unit in character.encode_utf16(&mut units) {
                        written.push_str(&if self.dice.percent(50) {
                            format!("\\u{unit:04x}")
                        } else {
                            format!("\\u{unit:04X}")
                        });
                    }
                }
            }
        }
        written.push('"');
        written
    }

    pub(crate) fn space(&mut self) -> &'static str {
        if self.spaced { ["", " ", "\n", "\t", "\r\n", "    "][self.dice.below(6)] } else { "" }
    }
}
