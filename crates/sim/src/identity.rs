//! Actors: who calls in a made-up account, as `userIdentity`, address and user agent.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>

use crate::dice::Dice;
use crate::words::{capitals, hex, person, role, uuid};

/// Someone or something that calls.
#[derive(Clone, Debug)]
pub struct Actor {
    /// What a human would call them: an ARN, or a service's name.
    pub name: String,
    /// `sourceIPAddress`
    pub source_ip: String,
    /// `userAgent`
    pub user_agent: String,
    /// `userIdentity`, with holes.
    pub(crate) identity: String,
    /// Comes over the internet, so the record has `tlsDetails`.
    pub(crate) has_tls: bool,
    /// Signed in at the console.
    pub(crate) is_console: bool,
}

/// What actors of an account are made from.
pub(crate) struct Maker<'a> {
    pub account: &'a str,
    pub seed: u64,
    pub dice: Dice,
}

static TOOLS: [&str; 6] = [
    "aws-cli/2.22.35 md/awscrt#0.23.4 ua/2.0 os/linux#6.8.0-51-generic md/arch#x86_64 lang/python#3.12.6 md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe md/prompt#off",
    "APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/5.82.2 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.32.7 ua/2.1 os/linux lang/go#1.23.3 md/GOOS#linux md/GOARCH#amd64 m/E",
    "Boto3/1.35.81 md/Botocore#1.35.81 ua/2.0 os/macos#24.2.0 md/arch#arm64 lang/python#3.11.9 md/pyimpl#CPython cfg/retry-mode#legacy Botocore/1.35.81",
    "aws-sdk-js/3.714.0 ua/2.1 os/darwin#24.2.0 lang/js md/nodejs#20.18.1 api/cloudformation#3.714.0 m/E,T",
    "aws-cli/2.15.30 Python/3.11.8 Darwin/23.6.0 exe/x86_64 prompt/off",
    "APN/1.0 Pulumi/1.0 PulumiAWS/6.65.0 aws-sdk-go-v2/1.32.6 ua/2.1 os/macos lang/go#1.23.4",
];
static BROWSERS: [&str; 3] = [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
];
static PROGRAMS: [&str; 8] = [
    "aws-sdk-go-v2/1.32.7 ua/2.1 os/linux lang/go#1.23.4 md/GOOS#linux md/GOARCH#arm64 api/ecs#1.52.1 m/E",
    "Boto3/1.35.81 md/Botocore#1.35.81 ua/2.0 os/linux#5.10.230-240.885.amzn2.x86_64 md/arch#x86_64 lang/python#3.12.7 md/pyimpl#CPython exec-env/AWS_Lambda_python3.12 cfg/retry-mode#legacy Botocore/1.35.81",
    "aws-sdk-java/2.29.23 Linux/6.1.115-126.197.amzn2023.aarch64 OpenJDK_64-Bit_Server_VM/21.0.5+11-LTS Java/21.0.5 vendor/Amazon.com_Inc. io/async http/NettyNio cfg/retry-mode/legacy",
    "aws-sdk-go/1.55.5 (go1.22.9; linux; amd64) amazon-ssm-agent/3.3.987.0",
    "aws-sdk-js/3.712.0 ua/2.1 os/linux#6.1.112 lang/js md/nodejs#20.18.0 exec-env/AWS_ECS_FARGATE m/E",
    "kubernetes/v1.31.2 (linux/arm64) cluster-autoscaler/1.31.0 aws-sdk-go/1.55.5 (go1.22.8; linux; arm64)",
    "aws-sdk-rust/1.3.3 os/linux lang/rust/1.82.0",
    "Datadog/7.59.0 Botocore/1.34.162 Python/3.12.6 Linux/6.1.0",
];

impl Maker<'_> {
    fn public_ip(&mut self) -> String {
        // Addresses that RFC 5737 and RFC 2544 keep for examples and tests: nobody's.
        match self.dice.below(4) {
            0 => format!("203.0.113.{}", 1 + self.dice.below(254)),
            1 => format!("198.51.100.{}", 1 + self.dice.below(254)),
            _ => format!("198.{}.{}.{}", 18 + self.dice.below(2), self.dice.below(256), 1 + self.dice.below(254)),
        }
    }

    /// A person with an access key of their own.
    pub(crate) fn person_with_key(&mut self, which: usize) -> Actor {
        let (account, user) = (self.account, person(self.seed, which));
        let (id, key) = (capitals(&mut self.dice, 17), capitals(&mut self.dice, 16));
        Actor {
            name: format!("arn:aws:iam::{account}:user/{user}"),
            source_ip: self.public_ip(),
            user_agent: TOOLS[self.dice.below(TOOLS.len())].to_owned(),
            identity: format!(
                r#"{{"type":"IAMUser","principalId":"AIDA{id}","arn":"arn:aws:iam::{account}:user/{user}","accountId":"{account}","accessKeyId":"AKIA{key}","userName":"{user}"}}"#
            ),
            has_tls: true,
            is_console: false,
        }
    }

    /// A person at the console.
    pub(crate) fn person_at_console(&mut self, which: usize) -> Actor {
        let (account, user) = (self.account, person(self.seed, which));
        let (id, key) = (capitals(&mut self.dice, 17), capitals(&mut self.dice, 16));
        Actor {
            name: format!("arn:aws:iam::{account}:user/{user}"),
            source_ip: self.public_ip(),
            user_agent: BROWSERS[self.dice.below(BROWSERS.len())].to_owned(),
            identity: format!(
                r#"{{"type":"IAMUser","principalId":"AIDA{id}","arn":"arn:aws:iam::{account}:user/{user}","accountId":"{account}","accessKeyId":"ASIA{key}","userName":"{user}","sessionContext":{{"attributes":{{"creationDate":"<session>","mfaAuthenticated":"true"}}}}}}"#
            ),
            has_tls: true,
            is_console: true,
        }
    }

    /// A person who came through single sign-on.
    pub(crate) fn person_by_sso(&mut self, which: usize) -> Actor {
        let (account, user) = (self.account, person(self.seed, which));
        let set = ["PowerUserAccess", "AdministratorAccess", "ReadOnlyAccess"][which % 3];
        let role = format!("AWSReservedSSO_{set}_{}", hex(&mut Dice::of(self.seed, &[which as u64 % 3]), 16));
        let path = format!("aws-reserved/sso.amazonaws.com/{role}");
        let at_console = self.dice.chance(0.5);
        let agents: &[&str] = if at_console { &BROWSERS } else { &TOOLS };
        Actor {
            name: format!("arn:aws:sts::{account}:assumed-role/{role}/{user}@example.com"),
            source_ip: self.public_ip(),
            user_agent: self.dice.pick(agents).to_owned(),
            identity: self.assumed(&role, &path, &format!("{user}@example.com"), ""),
            has_tls: true,
            is_console: at_console,
        }
    }

    /// A program with a role: an instance, a function, a task, a build.
    pub(crate) fn program(&mut self, which: usize) -> Actor {
        let (account, role) = (self.account, role(self.seed, which));
        let session = match which % 4 {
            0 => format!("i-0{}", hex(&mut self.dice, 16)),
            1 => hex(&mut self.dice, 32),
            2 => format!("aws-sdk-{}", role.replace("-role", "")),
            _ => format!("AWSCodeBuild-{}", uuid(&mut self.dice)),
        };
        let source_ip = if self.dice.chance(0.5) {
            format!("10.0.{}.{}", self.dice.below(256), 1 + self.dice.below(254))
        } else {
            self.public_ip()
        };
        Actor {
            name: format!("arn:aws:sts::{account}:assumed-role/{role}/{session}"),
            source_ip,
            user_agent: PROGRAMS[self.dice.below(PROGRAMS.len())].to_owned(),
            identity: self.assumed(&role, &role, &session, ""),
            has_tls: true,
            is_console: false,
        }
    }

    /// A program with a user's access key: the CI system of old.
    pub(crate) fn robot(&mut self, user: &str) -> Actor {
        let account = self.account;
        let (id, key) = (capitals(&mut self.dice, 17), capitals(&mut self.dice, 16));
        Actor {
            name: format!("arn:aws:iam::{account}:user/{user}"),
            source_ip: self.public_ip(),
            user_agent: PROGRAMS[self.dice.below(PROGRAMS.len())].to_owned(),
            identity: format!(
                r#"{{"type":"IAMUser","principalId":"AIDA{id}","arn":"arn:aws:iam::{account}:user/{user}","accountId":"{account}","accessKeyId":"AKIA{key}","userName":"{user}"}}"#
            ),
            has_tls: true,
            is_console: false,
        }
    }

    /// An AWS service that uses a role of the account.
    pub(crate) fn via(&mut self, which: usize, service: &str) -> Actor {
        let (account, role) = (self.account, role(self.seed, which));
        let session = format!("i-0{}", hex(&mut self.dice, 16));
        Actor {
            name: format!("arn:aws:sts::{account}:assumed-role/{role}/{session}"),
            source_ip: service.to_owned(),
            user_agent: service.to_owned(),
            identity: self.assumed(&role, &role, &session, &format!(r#","invokedBy":"{service}""#)),
            has_tls: false,
            is_console: false,
        }
    }

    fn assumed(&mut self, role: &str, path: &str, session: &str, more: &str) -> String {
        let account = self.account;
        let (id, key) = (capitals(&mut self.dice, 17), capitals(&mut self.dice, 16));
        // Records of machines still carry an empty webIdFederationData, half of them.
        let web = if self.dice.chance(0.5) { r#""webIdFederationData":{},"# } else { "" };
        format!(
            r#"{{"type":"AssumedRole","principalId":"AROA{id}:{session}","arn":"arn:aws:sts::{account}:assumed-role/{role}/{session}","accountId":"{account}","accessKeyId":"ASIA{key}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"AROA{id}","arn":"arn:aws:iam::{account}:role/{path}","accountId":"{account}","userName":"{role}"}},{web}"attributes":{{"creationDate":"<session>","mfaAuthenticated":"false"}}}}{more}}}"#
        )
    }

    /// An AWS service as itself.
    pub(crate) fn service(&mut self, service: &str) -> Actor {
        self.plain(service, service, format!(r#"{{"type":"AWSService","invokedBy":"{service}"}}"#))
    }

    /// A service that tells of something it did: no type at all.
    pub(crate) fn event_of(&mut self, service: &str) -> Actor {
        let identity = format!(r#"{{"accountId":"{}","invokedBy":"{service}"}}"#, self.account);
        self.plain(service, service, identity)
    }

    /// AWS behind the scenes, with the account's own name.
    pub(crate) fn internal(&mut self) -> Actor {
        let account = self.account;
        let identity = format!(
            r#"{{"type":"AWSAccount","principalId":"{account}","accountId":"{account}","invokedBy":"AWS Internal"}}"#
        );
        self.plain("AWS Internal", "AWS Internal", identity)
    }

    /// The rarer kinds of people, in turn.
    pub(crate) fn rare_person(&mut self, which: usize) -> Actor {
        let (account, user) = (self.account, person(self.seed, which));
        let (id, key) = (capitals(&mut self.dice, 17), capitals(&mut self.dice, 16));
        let (name, identity) = match which % 5 {
            0 => (
                format!("arn:aws:iam::{account}:root"),
                format!(
                    r#"{{"type":"Root","principalId":"{account}","arn":"arn:aws:iam::{account}:root","accountId":"{account}","accessKeyId":"ASIA{key}","sessionContext":{{"attributes":{{"creationDate":"<session>","mfaAuthenticated":"true"}}}}}}"#
                ),
            ),
            1 => (
                format!("arn:aws:sts::{account}:federated-user/{user}"),
                format!(
                    r#"{{"type":"FederatedUser","principalId":"{account}:{user}","arn":"arn:aws:sts::{account}:federated-user/{user}","accountId":"{account}","accessKeyId":"ASIA{key}","sessionContext":{{"sessionIssuer":{{"type":"IAMUser","principalId":"AIDA{id}","arn":"arn:aws:iam::{account}:user/federation","accountId":"{account}","userName":"federation"}},"attributes":{{"creationDate":"<session>","mfaAuthenticated":"false"}}}}}}"#
                ),
            ),
            2 => {
                let other: String = (0..12).map(|_| char::from(b'1' + self.dice.below(9) as u8)).collect();
                (
                    other.clone(),
                    format!(r#"{{"type":"AWSAccount","principalId":"AROA{id}:auditor","accountId":"{other}"}}"#),
                )
            }
            3 => {
                let (store, who) = (hex(&mut self.dice, 10), uuid(&mut self.dice));
                (
                    format!("identity-center:{who}"),
                    format!(
                        r#"{{"type":"IdentityCenterUser","accountId":"{account}","onBehalfOf":{{"userId":"{who}","identityStoreArn":"arn:aws:identitystore::{account}:identitystore/d-{store}"}},"credentialId":"{id}{key}"}}"#
                    ),
                )
            }
            _ => (
                "Unknown".to_owned(),
                format!(r#"{{"type":"Unknown","principalId":"{account}","accountId":"{account}","userName":""}}"#),
            ),
        };
        let user_agent = BROWSERS[which % 3].to_owned();
        Actor {
            name,
            source_ip: self.public_ip(),
            user_agent,
            identity,
            has_tls: true,
            is_console: which.is_multiple_of(5),
        }
    }

    /// Who assumes a role through an identity provider.
    pub(crate) fn by_provider(&mut self, web: bool, which: usize) -> Actor {
        let (account, user) = (self.account, person(self.seed, which));
        let (name, identity) = if web {
            let provider = format!("arn:aws:iam::{account}:oidc-provider/token.actions.githubusercontent.com");
            let subject = format!("repo:{}/{}:ref:refs/heads/main", "example", role(self.seed, which));
            (
                subject.clone(),
                format!(
                    r#"{{"type":"WebIdentityUser","principalId":"{provider}:sts.amazonaws.com:{subject}","userName":"{subject}","identityProvider":"{provider}"}}"#
                ),
            )
        } else {
            let hash = capitals(&mut self.dice, 26);
            (
                format!("{user}@example.com"),
                format!(
                    r#"{{"type":"SAMLUser","principalId":"{hash}=:{user}@example.com","userName":"{user}@example.com","identityProvider":"{hash}="}}"#
                ),
            )
        };
        let user_agent = if web { PROGRAMS[which % 2].to_owned() } else { BROWSERS[which % 3].to_owned() };
        Actor { name, source_ip: self.public_ip(), user_agent, identity, has_tls: true, is_console: false }
    }

    /// The same credentials in other hands: another address, another tool.
    pub(crate) fn thief_of(&mut self, victim: &Actor) -> Actor {
        Actor {
            source_ip: format!("192.0.2.{}", 1 + self.dice.below(254)),
            user_agent: "aws-cli/2.13.5 Python/3.11.4 Linux/6.1.0-kali9-amd64 exe/x86_64.kali.2023 prompt/off"
                .to_owned(),
            has_tls: true,
            ..victim.clone()
        }
    }

    /// Someone the account has not seen.
    pub(crate) fn stranger(&mut self) -> Actor {
        let user = format!("svc-{}", hex(&mut self.dice, 6));
        let robot = self.robot(&user);
        self.thief_of(&robot)
    }

    fn plain(&mut self, name: &str, address: &str, identity: String) -> Actor {
        Actor {
            name: name.to_owned(),
            source_ip: address.to_owned(),
            user_agent: address.to_owned(),
            identity,
            has_tls: false,
            is_console: false,
        }
    }
}
