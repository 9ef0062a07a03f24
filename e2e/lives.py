"""Right inputs for every operation that is answered: a life for each service, from what creates to what deletes.

`ask("CreateTrail", Name=…)` calls it, holds the answer against AWS's model and gives it back. An operation that is claimed and
is not called here fails the test. Before each call `ask` sends the wrong inputs that come of the right one.
"""

import base64
import datetime
import hashlib
import io
import json
import time
import zipfile

from made_up import ACCOUNT, REGION
from running import until

ARN = lambda service, rest: f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"
TAGS = [{"Key": "team", "Value": "ops"}]
PATTERN = json.dumps({"source": ["aws.cloudtrail"], "detail-type": ["AWS Insight via CloudTrail"]})
# As every_operation.py starts the binary.
MEMBER = "111122223333"
DAY = datetime.datetime(2026, 2, 12, tzinfo=datetime.timezone.utc)


def s3(ask):
    ask("CreateBucket", Bucket="life")
    ask("ListBuckets")
    ask("HeadBucket", Bucket="life")
    ask("GetBucketLocation", Bucket="life")
    what_a_bucket_has_besides(ask)
    ask("PutObject", Bucket="life", Key="a/b", Body=b"0123456789", ContentType="text/plain", Metadata={"by": "us"})
    ask("GetObject", Bucket="life", Key="a/b", Range="bytes=1-3")
    ask("HeadObject", Bucket="life", Key="a/b")
    ask("CopyObject", Bucket="life", Key="copy", CopySource="life/a/b")
    ask("PutObjectTagging", Bucket="life", Key="a/b", Tagging={"TagSet": []})
    ask("GetObjectTagging", Bucket="life", Key="a/b")
    ask("GetObjectAcl", Bucket="life", Key="a/b")
    ask("ListObjects", Bucket="life", Prefix="a", Delimiter="/", MaxKeys=2)
    ask("ListObjectsV2", Bucket="life", Prefix="a/", MaxKeys=2)
    upload = {"Bucket": "life", "Key": "parts"}
    upload["UploadId"] = ask("CreateMultipartUpload", **upload)["UploadId"]
    ask("UploadPart", **upload, PartNumber=1, Body=b"small")
    part = ask.again("UploadPart", **upload, PartNumber=1, Body=b"1" * (5 << 20))
    other = ask("UploadPartCopy", **upload, PartNumber=2, CopySource="life/a/b")["CopyPartResult"]
    ask("ListParts", **upload)
    ask("ListMultipartUploads", Bucket="life")
    parts = [{"PartNumber": 1, "ETag": part["ETag"]}, {"PartNumber": 2, "ETag": other["ETag"]}]
    ask("CompleteMultipartUpload", **upload, MultipartUpload={"Parts": parts})
    upload["UploadId"] = ask.again("CreateMultipartUpload", Bucket="life", Key="parts")["UploadId"]
    ask("AbortMultipartUpload", **upload)
    ask("DeleteObjects", Bucket="life", Delete={"Objects": [{"Key": "copy"}, {"Key": "parts"}]})
    ask("DeleteObject", Bucket="life", Key="a/b")
    ask("DeleteBucket", Bucket="life")


def what_a_bucket_has_besides(ask):
    bucket = {"Bucket": "life"}
    ask.not_set("NoSuchBucketPolicy", "GetBucketPolicy", **bucket)
    ask("PutBucketPolicy", **bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": []}))
    ask("GetBucketPolicy", **bucket)
    ask("GetBucketPolicyStatus", **bucket)
    ask("DeleteBucketPolicy", **bucket)
    ask.not_set("NoSuchTagSet", "GetBucketTagging", **bucket)
    ask("PutBucketTagging", **bucket, Tagging={"TagSet": TAGS})
    assert ask("GetBucketTagging", **bucket)["TagSet"] == TAGS
    ask("DeleteBucketTagging", **bucket)
    ask("GetPublicAccessBlock", **bucket)
    ask("PutPublicAccessBlock", **bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True, "RestrictPublicBuckets": False})
    ask("DeletePublicAccessBlock", **bucket)
    ask.not_set("NoSuchPublicAccessBlockConfiguration", "GetPublicAccessBlock", **bucket)
    ask("GetBucketOwnershipControls", **bucket)
    ask("PutBucketOwnershipControls", **bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]})
    ask("DeleteBucketOwnershipControls", **bucket)
    ask.not_set("OwnershipControlsNotFoundError", "GetBucketOwnershipControls", **bucket)
    ask("GetBucketAcl", **bucket)
    ask("PutBucketAcl", **bucket, ACL="private")
    ask("GetBucketEncryption", **bucket)
    plain = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
    ask("PutBucketEncryption", **bucket, ServerSideEncryptionConfiguration=plain)
    ask("DeleteBucketEncryption", **bucket)
    ask("GetBucketVersioning", **bucket)
    ask("PutBucketVersioning", **bucket, VersioningConfiguration={"Status": "Suspended"})
    ask("GetBucketLogging", **bucket)
    ask("PutBucketLogging", **bucket, BucketLoggingStatus={})
    ask("GetBucketNotificationConfiguration", **bucket)
    ask("PutBucketNotificationConfiguration", **bucket, NotificationConfiguration={})
    ask("GetBucketAccelerateConfiguration", **bucket)
    ask("GetBucketRequestPayment", **bucket)
    ask("DeleteBucketLifecycle", **bucket)
    ask.not_set("NoSuchLifecycleConfiguration", "GetBucketLifecycleConfiguration", **bucket)
    ask.not_set("NoSuchWebsiteConfiguration", "GetBucketWebsite", **bucket)
    ask.not_set("NoSuchCORSConfiguration", "GetBucketCors", **bucket)
    ask.not_set("ReplicationConfigurationNotFoundError", "GetBucketReplication", **bucket)
    ask.not_set("ObjectLockConfigurationNotFoundError", "GetObjectLockConfiguration", **bucket)


def cloudtrail(ask):
    ask.of("s3").again("CreateBucket", Bucket="life")
    arn = ask("CreateTrail", Name="life", S3BucketName="life", S3KeyPrefix="p", IsMultiRegionTrail=True, TagsList=TAGS)["TrailARN"]
    ask("GetTrail", Name="life")
    ask("DescribeTrails", trailNameList=["life"])
    ask("ListTrails")
    ask("UpdateTrail", Name="life", IncludeGlobalServiceEvents=True)
    ask("StartLogging", Name=arn)
    ask("GetTrailStatus", Name="life")
    ask("StopLogging", Name="life")
    basic = [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]}]
    ask("PutEventSelectors", TrailName="life", EventSelectors=basic)
    ask("GetEventSelectors", TrailName="life")
    advanced = [{"Name": "management", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]
    ask.again("PutEventSelectors", TrailName="life", AdvancedEventSelectors=advanced)
    ask.again("GetEventSelectors", TrailName="life")
    ask("PutInsightSelectors", TrailName="life", InsightSelectors=[{"InsightType": "ApiCallRateInsight"}])
    ask("GetInsightSelectors", TrailName="life")
    ask("AddTags", ResourceId=arn, TagsList=[{"Key": "more", "Value": "of them"}])
    ask("ListTags", ResourceIdList=[arn])
    ask("RemoveTags", ResourceId=arn, TagsList=[{"Key": "more"}])
    ask("LookupEvents", EventCategory="insight", LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "RunInstances"}], MaxResults=5)
    ask("ListPublicKeys", StartTime=DAY - datetime.timedelta(days=3650), EndTime=DAY)
    ask("ListInsightsData", InsightSource=arn, DataType="InsightsEvents", MaxResults=5)
    of = {"EventSource": "ec2.amazonaws.com", "EventName": "RunInstances", "InsightType": "ApiCallRateInsight"}
    ask("ListInsightsMetricData", **of, StartTime=DAY, EndTime=DAY + datetime.timedelta(hours=1), Period=300)
    ask.if_claimed("RegisterOrganizationDelegatedAdmin", MemberAccountId=MEMBER)
    ask.if_claimed("DeregisterOrganizationDelegatedAdmin", DelegatedAdminAccountId=MEMBER)
    ask("DeleteTrail", Name="life")
    event_data_stores(ask)


def event_data_stores(ask):
    of = lambda category: [{"Name": category, "FieldSelectors": [{"Field": "eventCategory", "Equals": [category]}]}]
    told = ask("CreateEventDataStore", Name="life", AdvancedEventSelectors=of("Management"), RetentionPeriod=90, TagsList=TAGS)
    store = {"EventDataStore": told["EventDataStoreArn"]}
    insights = ask.again("CreateEventDataStore", Name="life-insights", AdvancedEventSelectors=of("Insight"), MultiRegionEnabled=False)
    ask("GetEventDataStore", **store)
    ask("ListEventDataStores", MaxResults=5)
    ask("UpdateEventDataStore", **store, TerminationProtectionEnabled=False, RetentionPeriod=30)
    ask("StopEventDataStoreIngestion", **store)
    ask("StartEventDataStoreIngestion", **store)
    looked_for = [{"InsightType": "ApiErrorRateInsight"}]
    ask.again("PutInsightSelectors", **store, InsightsDestination=insights["EventDataStoreArn"], InsightSelectors=looked_for)
    ask.again("GetInsightSelectors", **store)
    ask.again("ListTags", ResourceIdList=[told["EventDataStoreArn"]])
    queries(ask, store)
    imports(ask, told["EventDataStoreArn"])
    channels(ask, ask.again("CreateEventDataStore", Name="life-outside", AdvancedEventSelectors=of("ActivityAuditLog"), MultiRegionEnabled=False))
    ask("DeleteEventDataStore", **store)
    ask("RestoreEventDataStore", **store)


def channels(ask, store):
    to = [{"Type": "EVENT_DATA_STORE", "Location": store["EventDataStoreArn"]}]
    channel = {"Channel": ask("CreateChannel", Name="life", Source="Custom", Destinations=to, Tags=TAGS)["ChannelArn"]}
    ask("GetChannel", **channel)
    ask("ListChannels", MaxResults=5)
    ask("UpdateChannel", **channel, Name="life-two", Destinations=to)
    ask.again("ListTags", ResourceIdList=[channel["Channel"]])
    ask("DeleteChannel", **channel)


def queries(ask, store):
    ask.of("s3").again("CreateBucket", Bucket="life-results")
    query = {"QueryId": ask("StartQuery", QueryStatement="SELECT count(*) AS n FROM events", DeliveryS3Uri="s3://life-results/lake")["QueryId"]}
    ask("DescribeQuery", **query)
    until("the query has ended", lambda: ask.again("DescribeQuery", **query)["QueryStatus"] not in ("QUEUED", "RUNNING"))
    assert ask("GetQueryResults", **query, MaxQueryResults=5)["QueryResultRows"] == [[{"n": "0"}]]
    ask.not_set("InactiveQueryException", "CancelQuery", **query)
    ask("ListQueries", **store, MaxResults=5, QueryStatus="FINISHED", StartTime=DAY, EndTime=DAY)


def imports(ask, store):
    source = {"S3LocationUri": "s3://life-results/", "S3BucketRegion": REGION, "S3BucketAccessRoleArn": f"arn:aws:iam::{ACCOUNT}:role/life"}
    started = {"ImportId": ask("StartImport", Destinations=[store], ImportSource={"S3": source}, StartEventTime=DAY, EndEventTime=DAY)["ImportId"]}
    ask("GetImport", **started)
    until("the import has ended", lambda: ask.again("GetImport", **started)["ImportStatus"] == "COMPLETED")
    ask("ListImports", Destination=store, MaxResults=5, ImportStatus="COMPLETED")
    ask("ListImportFailures", **started, MaxResults=5)
    ask.not_set("InvalidParameterException", "StopImport", **started)


def cloudtrail_data(ask):
    trails = ask.of("cloudtrail")
    of = [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["ActivityAuditLog"]}]}]
    store = trails.again("CreateEventDataStore", Name="life-of-data", AdvancedEventSelectors=of, MultiRegionEnabled=False)["EventDataStoreArn"]
    to = [{"Type": "EVENT_DATA_STORE", "Location": store}]
    channel = trails.again("CreateChannel", Name="life-of-data", Source="Custom", Destinations=to)["ChannelArn"]
    data = {
        "version": "1", "userIdentity": {"type": "Person", "principalId": "17"}, "eventSource": "life.example.com", "eventName": "Live",
        "eventTime": f"{DAY:%Y-%m-%dT%H:%M:%SZ}", "UID": "1", "recipientAccountId": ACCOUNT,
    }
    text = json.dumps(data)
    checksum = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    events = [{"id": "1", "eventData": text, "eventDataChecksum": checksum}, {"id": "2", "eventData": "none"}]
    told = ask("PutAuditEvents", channelArn=channel, externalId="any", auditEvents=events)
    assert [one["id"] for one in told["successful"]] == ["1"] and told["failed"][0]["errorCode"] == "InvalidData", told
    told = trails.again("GetChannel", Channel=channel)["IngestionStatus"]
    assert told["LatestIngestionErrorCode"] == "InvalidData", told


def events(ask):
    topic = ask.of("sns").again("CreateTopic", Name="life-of-rules")["TopicArn"]
    bus = ask("CreateEventBus", Name="life", Description="a bus", Tags=TAGS)["EventBusArn"]
    ask("DescribeEventBus", Name="life")
    ask("ListEventBuses", NamePrefix="life", Limit=5)
    ask("PutPermission", EventBusName="life", Action="events:PutEvents", Principal=ACCOUNT, StatementId="all")
    ask.again("DescribeEventBus", Name="life")
    ask("RemovePermission", EventBusName="life", StatementId="all")
    rule = ask("PutRule", Name="life", EventPattern=PATTERN, State="ENABLED", Description="a rule", Tags=TAGS)["RuleArn"]
    ask("DescribeRule", Name="life")
    ask("ListRules", NamePrefix="l", Limit=5)
    ask("DisableRule", Name="life")
    ask("EnableRule", Name="life")
    of_topic = {"Id": "topic", "Arn": topic, "InputTransformer": {"InputPathsMap": {"a": "$.detail"}, "InputTemplate": '"<a>"'}}
    ask("PutTargets", Rule="life", Targets=[{**of_topic, "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 60}}])
    ask("ListTargetsByRule", Rule="life", Limit=5)
    ask("ListRuleNamesByTarget", TargetArn=topic, Limit=5)
    ask("RemoveTargets", Rule="life", Ids=["topic"])
    ask("TagResource", ResourceARN=rule, Tags=[{"Key": "more", "Value": "of them"}])
    ask("ListTagsForResource", ResourceARN=rule)
    ask.again("ListTagsForResource", ResourceARN=bus)
    ask("UntagResource", ResourceARN=rule, TagKeys=["more"])
    ask("PutEvents", Entries=[{"Source": "my.app", "DetailType": "done", "Detail": "{}", "Time": DAY, "Resources": [rule]}])
    event = {"id": "1", "account": "1", "source": "aws.s3", "time": "2026-02-12T14:30:00Z", "region": REGION, "detail-type": "x"}
    ask("TestEventPattern", EventPattern='{"source": ["aws.s3"]}', Event=json.dumps(event))
    if ask.claims("CreateConnection"):
        connections(ask)
    ask("DeleteRule", Name="life")
    ask("DeleteEventBus", Name="life")
    ask.of("sns").again("DeleteTopic", TopicArn=topic)


def sns(ask):
    topic = ask("CreateTopic", Name="life", Attributes={"DisplayName": "life"}, Tags=TAGS)["TopicArn"]
    ask("ListTopics")
    ask("GetTopicAttributes", TopicArn=topic)
    ask("SetTopicAttributes", TopicArn=topic, AttributeName="DisplayName", AttributeValue="Life")
    ask("AddPermission", TopicArn=topic, Label="all", AWSAccountId=[ACCOUNT], ActionName=["Publish"])
    ask("RemovePermission", TopicArn=topic, Label="all")
    ask("Subscribe", TopicArn=topic, Protocol="email", Endpoint="ops@example.com", ReturnSubscriptionArn=True)
    token = ask.mailed("Token=")
    subscription = ask("ConfirmSubscription", TopicArn=topic, Token=token)["SubscriptionArn"]
    ask("ListSubscriptions")
    ask("ListSubscriptionsByTopic", TopicArn=topic)
    ask("SetSubscriptionAttributes", SubscriptionArn=subscription, AttributeName="FilterPolicy", AttributeValue='{"a": ["b"]}')
    ask("GetSubscriptionAttributes", SubscriptionArn=subscription)
    attributes = {"a": {"DataType": "String", "StringValue": "c"}}
    ask("Publish", TopicArn=topic, Message="text", Subject="about", MessageAttributes=attributes)
    ask("PublishBatch", TopicArn=topic, PublishBatchRequestEntries=[{"Id": "1", "Message": "text", "MessageAttributes": attributes}])
    ask("TagResource", ResourceArn=topic, Tags=[{"Key": "more", "Value": "of them"}])
    ask("ListTagsForResource", ResourceArn=topic)
    ask("UntagResource", ResourceArn=topic, TagKeys=["more"])
    ask("Unsubscribe", SubscriptionArn=subscription)
    ask("DeleteTopic", TopicArn=topic)


def sts(ask):
    ask("GetCallerIdentity")
    if ask.claims("AssumeRole"):
        ask("AssumeRole", RoleArn=ROLE, RoleSessionName="life", DurationSeconds=900)
    ask.if_claimed("GetSessionToken", DurationSeconds=900)


def connections(ask):
    """EventBridge's way to web addresses."""
    key = {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "secret"}}
    connection = ask("CreateConnection", Name="life", AuthorizationType="API_KEY", AuthParameters=key, Description="a key")["ConnectionArn"]
    ask("DescribeConnection", Name="life")
    ask("ListConnections", NamePrefix="life", Limit=5)
    basic = {"BasicAuthParameters": {"Username": "me", "Password": "secret"}}
    ask("UpdateConnection", Name="life", AuthorizationType="BASIC", AuthParameters=basic)
    address = {"InvocationEndpoint": "https://example.com/hook", "HttpMethod": "POST", "InvocationRateLimitPerSecond": 5}
    ask("CreateApiDestination", Name="life", ConnectionArn=connection, **address)
    ask("DescribeApiDestination", Name="life")
    ask("ListApiDestinations", NamePrefix="life", ConnectionArn=connection, Limit=5)
    ask("UpdateApiDestination", Name="life", Description="a hook", HttpMethod="PUT")
    ask("DeleteApiDestination", Name="life")
    ask("DeauthorizeConnection", Name="life")
    ask("DeleteConnection", Name="life")


def zipped(code="def handler(event, context):\n    return event\n"):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as held:
        held.writestr(zipfile.ZipInfo("lambda_function.py", (2026, 2, 12, 0, 0, 0)), code)
    return archive.getvalue()


def lambda_(ask):
    of = {"FunctionName": "life"}
    made = ask(
        "CreateFunction", **of, Runtime="python3.11", Role=ROLE, Handler="lambda_function.handler", Code={"ZipFile": zipped()},
        Timeout=5, MemorySize=128, Description="a function", Environment={"Variables": {"AB": "c"}}, Tags={"team": "ops"},
    )  # fmt: skip
    arn = made["FunctionArn"]
    ask("GetFunction", **of)
    ask("GetFunctionConfiguration", **of)
    ask("ListFunctions", MaxItems=5)
    ask("UpdateFunctionConfiguration", **of, Timeout=10)
    ask("UpdateFunctionCode", **of, ZipFile=zipped("def handler(event, context):\n    return 1\n"))
    ask("PublishVersion", **of, Description="the first")
    ask("ListVersionsByFunction", **of, MaxItems=5)
    if ask.claims("CreateAlias"):
        ask("CreateAlias", **of, Name="live", FunctionVersion="1")
        ask("GetAlias", **of, Name="live")
        ask("ListAliases", **of)
        ask("UpdateAlias", **of, Name="live", Description="what is called")
        ask("DeleteAlias", **of, Name="live")
    ask("AddPermission", **of, StatementId="events", Action="lambda:InvokeFunction", Principal="events.amazonaws.com")
    ask("GetPolicy", **of)
    ask("RemovePermission", **of, StatementId="events")
    ask("PutFunctionConcurrency", **of, ReservedConcurrentExecutions=1)
    ask("GetFunctionConcurrency", **of)
    ask("DeleteFunctionConcurrency", **of)
    ask("PutFunctionEventInvokeConfig", **of, MaximumRetryAttempts=1, MaximumEventAgeInSeconds=60)
    ask("GetFunctionEventInvokeConfig", **of)
    ask("UpdateFunctionEventInvokeConfig", **of, MaximumRetryAttempts=0)
    ask("ListFunctionEventInvokeConfigs", **of, MaxItems=5)
    ask("DeleteFunctionEventInvokeConfig", **of)
    ask("TagResource", Resource=arn, Tags={"more": "of them"})
    ask("ListTags", Resource=arn)
    ask("UntagResource", Resource=arn, TagKeys=["more"])
    ask("Invoke", **of, InvocationType="DryRun")
    ask.again("Invoke", **of, InvocationType="Event", Payload=b"{}")
    for operation, more in [
        ("GetAccountSettings", {}),
        ("GetFunctionCodeSigningConfig", of),
        ("GetFunctionRecursionConfig", of),
        ("GetRuntimeManagementConfig", of),
        ("ListEventSourceMappings", of),
        ("ListLayers", {}),
        ("ListFunctionUrlConfigs", of),
        ("ListProvisionedConcurrencyConfigs", of),
    ]:
        if ask.claims(operation):
            ask(operation, **more)
    ask("DeleteFunction", **of)


def logs(ask):
    group, of = {"logGroupName": "/life"}, {"logGroupName": "/life", "logStreamName": "stream"}
    ask("CreateLogGroup", **group, tags={"team": "ops"})
    ask("DescribeLogGroups", logGroupNamePrefix="/li", limit=5)
    ask("PutRetentionPolicy", **group, retentionInDays=7)
    ask("CreateLogStream", **of)
    now = int(time.time() * 1000)
    ask("PutLogEvents", **of, logEvents=[{"timestamp": now, "message": "one"}, {"timestamp": now, "message": "two"}])
    ask("DescribeLogStreams", **group, logStreamNamePrefix="s", limit=5)
    ask("GetLogEvents", **of, limit=1, startFromHead=True)
    ask("FilterLogEvents", **group, logStreamNames=["stream"], filterPattern="one", startTime=now - 1000, endTime=now + 1000, limit=5)
    arn = ARN("logs", "log-group:/life")
    ask("TagResource", resourceArn=arn, tags={"more": "of them"})
    ask("ListTagsForResource", resourceArn=arn)
    ask("UntagResource", resourceArn=arn, tagKeys=["more"])
    ask("TagLogGroup", **group, tags={"more": "of them"})
    ask("ListTagsLogGroup", **group)
    ask("UntagLogGroup", **group, tags=["more"])
    policy = {"Version": "2012-10-17", "Statement": []}
    ask("PutResourcePolicy", policyName="life", policyDocument=json.dumps(policy))
    ask("DescribeResourcePolicies", limit=5)
    ask("DeleteResourcePolicy", policyName="life")
    ask("DeleteRetentionPolicy", **group)
    ask("DeleteLogStream", **of)
    ask("DeleteLogGroup", **group)


def iam(ask):
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]}
    allow = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]})
    of = {"RoleName": "life"}
    ask("CreateRole", **of, AssumeRolePolicyDocument=json.dumps(trust), Description="a role", Tags=TAGS)
    ask("GetRole", **of)
    ask.if_claimed("ListRoles", MaxItems=5)
    ask.if_claimed("UpdateRole", **of, Description="another", MaxSessionDuration=3600)
    ask.if_claimed("UpdateAssumeRolePolicy", **of, PolicyDocument=json.dumps(trust))
    ask.if_claimed("PutRolePolicy", **of, PolicyName="own", PolicyDocument=allow)
    ask.if_claimed("GetRolePolicy", **of, PolicyName="own")
    ask("ListRolePolicies", **of)
    ask.if_claimed("DeleteRolePolicy", **of, PolicyName="own")
    arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    ask("AttachRolePolicy", **of, PolicyArn=arn)
    ask("ListAttachedRolePolicies", **of)
    ask.if_claimed("DetachRolePolicy", **of, PolicyArn=arn)
    if ask.claims("CreatePolicy"):
        made = ask("CreatePolicy", PolicyName="life", PolicyDocument=allow, Tags=TAGS)["Policy"]["Arn"]
        ask.if_claimed("GetPolicy", PolicyArn=made)
        ask.if_claimed("GetPolicyVersion", PolicyArn=made, VersionId="v1")
        ask.if_claimed("ListPolicyVersions", PolicyArn=made)
        ask.if_claimed("ListPolicies", Scope="Local", MaxItems=5)
        ask.if_claimed("DeletePolicy", PolicyArn=made)
    ask.if_claimed("TagRole", **of, Tags=[{"Key": "more", "Value": "of them"}])
    ask.if_claimed("ListRoleTags", **of)
    ask.if_claimed("UntagRole", **of, TagKeys=["more"])
    ask.if_claimed("ListInstanceProfilesForRole", **of)
    ask.if_claimed("GetUser")
    ask.if_claimed("CreateServiceLinkedRole", AWSServiceName="cloudtrail.amazonaws.com")
    ask.if_claimed("DeleteRole", **of)


def organizations(ask):
    principal = {"ServicePrincipal": "cloudtrail.amazonaws.com"}
    ask("DescribeOrganization")
    accounts = ask("ListAccounts", MaxResults=5)["Accounts"]
    ask.if_claimed("DescribeAccount", AccountId=accounts[0]["Id"])
    ask.if_claimed("ListRoots")
    ask.if_claimed("ListTagsForResource", ResourceId=accounts[0]["Id"])
    ask("EnableAWSServiceAccess", **principal)
    ask.if_claimed("ListAWSServiceAccessForOrganization", MaxResults=5)
    if ask.claims("RegisterDelegatedAdministrator"):
        other = next((each["Id"] for each in accounts if each["Id"] != ACCOUNT), None)
        if other:
            ask("RegisterDelegatedAdministrator", AccountId=other, **principal)
            ask.if_claimed("ListDelegatedAdministrators", **principal)
            ask.if_claimed("ListDelegatedServicesForAccount", AccountId=other)
            ask.if_claimed("DeregisterDelegatedAdministrator", AccountId=other, **principal)
    ask.if_claimed("DisableAWSServiceAccess", **principal)


LIVES = {
    "s3": s3,
    "cloudtrail": cloudtrail,
    "cloudtrail-data": cloudtrail_data,
    "events": events,
    "sns": sns,
    "sts": sts,
    "lambda": lambda_,
    "logs": logs,
    "iam": iam,
    "organizations": organizations,
}
