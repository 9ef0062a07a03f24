//! Records: calls written as CloudTrail writes them.
//!
//! Everything of a record that does not change from call to call is compiled once: a key's few variants of
//! parameters, an actor's identity. A record is those pieces, copied, with ids and times filled in.

use std::sync::{Arc, OnceLock};

use crate::call::Call;
use crate::catalogue::{Api, CATALOGUE, Service, Who};
use crate::dice::{Dice, mix};
use crate::happening::Happening;
use crate::identity::Actor;
use crate::plan::REGIONS;
use crate::template::{Filling, Template, write_time, write_uuid};
use crate::words::Place;
use crate::world::World;

/// Writes the records of one world.
pub(crate) struct Scribe {
    world: Arc<World>,
    /// By lane and place of the key, made when first needed.
    keys: Vec<Vec<OnceLock<Forms>>>,
    /// By account and actor.
    identities: Vec<Vec<OnceLock<Template>>>,
}

/// What is written of every call of one key.
struct Forms {
    /// From eventTime's end to the source address.
    call: String,
    variants: Vec<Variant>,
    /// What follows the host's name is the caller's.
    tls: String,
}

struct Variant {
    request: Template,
    response: Template,
    failure: Template,
    tail: Template,
}

impl Scribe {
    pub(crate) fn new(world: &Arc<World>) -> Scribe {
        let cells = |count: usize| (0..count).map(|_| OnceLock::new()).collect();
        let keys = world.lanes.iter().map(|lane| cells(lane.keys.len())).collect();
        let cells = |count: usize| (0..count).map(|_| OnceLock::new()).collect();
        let identities = world.accounts.iter().map(|account| cells(account.actors.len())).collect();
        Scribe { world: Arc::clone(world), keys, identities }
    }

    /// Writes a whole file: `{"Records":[…]}`.
    pub(crate) fn file(&self, calls: &[Call], out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"Records\":[");
        for (place, call) in calls.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            self.record(call, out);
        }
        out.extend_from_slice(b"]}");
    }

    /// Writes one record. The same call is always the same bytes, in whatever file it is.
    pub(crate) fn record(&self, call: &Call, out: &mut Vec<u8>) {
        let world = &self.world;
        let lane_index = world.plan.lane(call.account as usize, call.region as usize);
        let lane = &world.lanes[lane_index];
        let place = lane.place(call.api).expect("a call is of a key of its lane");
        let forms = self.keys[lane_index][place].get_or_init(|| self.forms(lane_index, call.api));
        let actor = &world.accounts[call.account as usize].actors[call.actor as usize];
        let identity = self.identities[call.account as usize][call.actor as usize]
            .get_or_init(|| Template::compile(&actor.identity, &self.place(lane_index, 0)));
        let (api, service) = (&CATALOGUE.apis[call.api as usize], CATALOGUE.service(call.api));
        let mut dice = Dice::new(call.id);
        let variant = &forms.variants[dice.below(forms.variants.len())];
        let event_id = [dice.bits(), dice.bits()];
        let request = [dice.bits(), dice.bits()];
        let mut filling = Filling { at: call.at, dice, request, is_s3: service.is_s3 };

        out.extend_from_slice(b"{\"eventVersion\":\"");
        out.extend_from_slice(service.version.as_bytes());
        out.extend_from_slice(b"\",\"userIdentity\":");
        identity.fill(&mut filling, out);
        out.extend_from_slice(b",\"eventTime\":\"");
        write_time(call.at, out);
        out.extend_from_slice(forms.call.as_bytes());
        out.extend_from_slice(actor.source_ip.as_bytes());
        out.extend_from_slice(b"\",\"userAgent\":\"");
        out.extend_from_slice(actor.user_agent.as_bytes());
        out.push(b'"');
        if let Some(code) = call.error_code() {
            write_error(code, api, service, actor, &mut filling, out);
        }
        variant.request.fill(&mut filling, out);
        if call.error > 0 { &variant.failure } else { &variant.response }.fill(&mut filling, out);
        out.extend_from_slice(b"\"eventID\":\"");
        write_uuid(event_id, out);
        variant.tail.fill(&mut filling, out);
        if actor.has_tls && service.version >= "1.08" && api.who != Who::Console {
            out.extend_from_slice(forms.tls.as_bytes());
        }
        if actor.is_console && service.version >= "1.08" && api.who != Who::Console {
            out.extend_from_slice(b",\"sessionCredentialFromConsole\":\"true\"");
        }
        out.push(b'}');
    }

    fn place(&self, lane: usize, choice: u64) -> Place<'_> {
        let lane = &self.world.lanes[lane];
        let account = &self.world.accounts[lane.account];
        Place {
            account: account.id.as_str(),
            account_seed: account.seed,
            region: REGIONS[lane.region],
            region_index: lane.region,
            choice,
        }
    }

    fn forms(&self, lane_index: usize, api_index: u16) -> Forms {
        let lane = &self.world.lanes[lane_index];
        let (api, service) = (&CATALOGUE.apis[api_index as usize], CATALOGUE.service(api_index));
        let region = REGIONS[lane.region];
        // Busy keys touch more things, and so does who bursts in.
        let a_day = lane.key(api_index).map_or(0.0, |key| key.per_minute() * 1440.0);
        let hits = |each: &&Happening| each.lane == lane_index && each.api == api_index;
        let most = self.world.happenings.iter().filter(hits).map(Happening::added_calls).max().unwrap_or(0);
        let count = (libm::sqrt(a_day) as usize).clamp(2, 24).max(most.min(12));
        let variant = |nth: usize| {
            let place = self.place(lane_index, mix(mix(lane.seed, u64::from(api_index)), nth as u64));
            let compile = |text: &str| Template::compile(text, &place);
            let request_id =
                if api.who == Who::Console || api.who == Who::Event { "" } else { "\"requestID\":\"<req>\"," };
            let additional = additional(api, service, region);
            let details = if api.who == Who::Event { ",\"serviceEventDetails\":{\"state\":\"OK\"}" } else { "" };
            Variant {
                request: compile(&format!(",\"requestParameters\":{}", api.request)),
                response: compile(&format!(",\"responseElements\":{}{additional},{request_id}", api.response)),
                failure: compile(&format!(",\"responseElements\":null{additional},{request_id}")),
                tail: compile(&format!("\"{}{details}", tail(api, service))),
            }
        };
        let host = if service.is_global {
            format!("{}.amazonaws.com", service.host)
        } else {
            format!("{}.{region}.amazonaws.com", service.host)
        };
        let (source, name) = (service.source, api.name);
        Forms {
            call: format!(
                r#"","eventSource":"{source}","eventName":"{name}","awsRegion":"{region}","sourceIPAddress":""#
            ),
            variants: (0..count).map(variant).collect(),
            tls: format!(
                r#","tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"{host}"}}"#
            ),
        }
    }
}

/// `additionalEventData`, where a service has any.
fn additional(api: &Api, service: &Service, region: &str) -> String {
    if service.is_s3 {
        return r#","additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"<b64:75>=","bytesTransferredOut":<n>}"#.to_owned();
    }
    match api.name {
        "ConsoleLogin" => format!(
            r#","additionalEventData":{{"LoginTo":"https://console.aws.amazon.com/console/home?hashArgs=%23&isauthcode=true&region={region}","MobileVersion":"No","MFAUsed":"Yes"}}"#
        ),
        "AssumeRoleWithWebIdentity" => {
            r#","additionalEventData":{"RequestDetails":{"awsServingRegion":"us-east-1","endpointType":"regional"}}"#
                .to_owned()
        }
        _ => String::new(),
    }
}

/// What follows the eventID's value: which fields there are depends on the record's version.
fn tail(api: &Api, service: &Service) -> String {
    let mut tail = String::new();
    if service.version >= "1.08" {
        tail += &format!(r#","readOnly":{}"#, api.is_read);
    }
    if !api.resources.is_empty() {
        tail += &format!(r#","resources":{}"#, api.resources);
    }
    let kind = match api.who {
        Who::Event => "AwsServiceEvent",
        Who::Console if service.source == "signin.amazonaws.com" => "AwsConsoleSignIn",
        _ => "AwsApiCall",
    };
    if service.version > "1.01" {
        tail += &format!(r#","eventType":"{kind}""#);
    }
    if service.version >= "1.08" {
        tail += &format!(r#","managementEvent":{}"#, !api.is_data);
    }
    if service.version > "1.01" {
        tail += r#","recipientAccountId":"<account>""#;
    }
    if service.version >= "1.08" {
        tail += if api.is_data { r#","eventCategory":"Data""# } else { r#","eventCategory":"Management""# };
    }
    tail
}

fn write_error(code: &str, api: &Api, service: &Service, actor: &Actor, filling: &mut Filling, out: &mut Vec<u8>) {
    let mut put = |text: &str| out.extend_from_slice(text.as_bytes());
    put(",\"errorCode\":\"");
    put(code);
    put("\",\"errorMessage\":\"");
    let action = service.source.split('.').next().unwrap_or("");
    if code.contains("AccessDenied") || code.contains("Unauthorized") {
        let is_ec2 = code.starts_with("Client.");
        put(if is_ec2 { "You are not authorized to perform this operation. User: " } else { "User: " });
        put(&actor.name);
        put(" is not authorized to perform: ");
        put(action);
        put(":");
        put(api.name);
        put(" because no identity-based policy allows the action");
        if is_ec2 {
            put(". Encoded authorization failure message: ");
            static MESSAGE: OnceLock<Template> = OnceLock::new();
            let nowhere = || Place { account: "", account_seed: 0, region: "", region_index: 0, choice: 0 };
            MESSAGE.get_or_init(|| Template::compile("<b64:320>", &nowhere())).fill(filling, out);
        }
    } else if code.contains("Throttl") || code.contains("LimitExceeded") || code.contains("TooMany") {
        put("Rate exceeded");
    } else if code.contains("NotFound")
        || code.contains("NoSuch")
        || code.contains("NonExist")
        || code.contains("NotExist")
    {
        put("The specified resource does not exist in this account and Region");
    } else if code.contains("Exist") {
        put("A resource of this name already exists");
    } else {
        put("The request could not be completed: a parameter or the state of the resource does not allow it");
    }
    out.extend_from_slice(b"\"");
}
