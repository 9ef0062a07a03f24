// AWS's SDK for JavaScript lives the walkthrough: trails and Insights, a rule, a topic, objects, a function and its log.
//
//     node walkthrough.mjs FOLDER      (e2e/javascript.py starts the service and calls this)
//
// FOLDER has the node_modules of package-lock.json. Where the service is, and as whom, is told by the environment alone.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { createRequire } from "node:module";

const require = createRequire(`${process.argv[2]}/package.json`);
const sdk = (name) => require(`@aws-sdk/client-${name}`);
const claimed = new Set(JSON.parse(process.env.TRAILSIGHT_OPERATIONS));

const { CloudTrail, TrailNotFoundException } = sdk("cloudtrail");
const { EventBridge, ResourceNotFoundException } = sdk("eventbridge");
const { S3, NoSuchKey, paginateListObjectsV2, waitUntilObjectExists } = sdk("s3");
const { SNS, NotFoundException } = sdk("sns");
const { STS } = sdk("sts");

const identity = await new STS().getCallerIdentity({});
assert.equal(identity.Account, "123456789012");

// Objects: checksums in trailers, streams, pages, a copy, errors as classes.
const s3 = new S3();
await s3.createBucket({ Bucket: "my-trail" });
const large = randomBytes(6 << 20);
const put = await s3.putObject({ Bucket: "my-trail", Key: "large é+&", Body: large, Metadata: { by: "us" } });
assert.equal(put.ETag, `"${createHash("md5").update(large).digest("hex")}"`);
await waitUntilObjectExists({ client: s3, maxWaitTime: 10 }, { Bucket: "my-trail", Key: "large é+&" });
const got = await s3.getObject({ Bucket: "my-trail", Key: "large é+&" });
assert.deepEqual(Buffer.from(await got.Body.transformToByteArray()), large);
assert.deepEqual(got.Metadata, { by: "us" });
assert(got.LastModified instanceof Date);
for (const key of ["a", "b", "c"]) await s3.putObject({ Bucket: "my-trail", Key: key, Body: key });
const keys = [];
for await (const page of paginateListObjectsV2({ client: s3, pageSize: 1 }, { Bucket: "my-trail" })) {
  keys.push(...page.Contents.map((each) => each.Key));
}
assert.deepEqual(keys, ["a", "b", "c", "large é+&"]);
await assert.rejects(s3.getObject({ Bucket: "my-trail", Key: "none" }), NoSuchKey);
const removed = await s3.deleteObjects({ Bucket: "my-trail", Delete: { Objects: keys.map((Key) => ({ Key })) } });
assert.equal(removed.Deleted.length, keys.length);

// Step 1 and 2.
const cloudtrail = new CloudTrail();
const trail = await cloudtrail.createTrail({ Name: "my-trail", S3BucketName: "my-trail" });
await cloudtrail.startLogging({ Name: trail.TrailARN });
const status = await cloudtrail.getTrailStatus({ Name: "my-trail" });
assert(status.IsLogging && status.StartLoggingTime instanceof Date, JSON.stringify(status));
const wanted = [{ InsightType: "ApiCallRateInsight" }, { InsightType: "ApiErrorRateInsight" }];
await cloudtrail.putInsightSelectors({ TrailName: "my-trail", InsightSelectors: wanted });
const { InsightSelectors } = await cloudtrail.getInsightSelectors({ TrailName: "my-trail" });
assert.deepEqual(InsightSelectors.map((each) => each.InsightType), wanted.map((each) => each.InsightType));
await assert.rejects(cloudtrail.getTrailStatus({ Name: "no-trail" }), TrailNotFoundException);
const { trailList } = await cloudtrail.describeTrails({});
assert.deepEqual(trailList.map((each) => each.Name), ["my-trail"]);

// Step 3.
const sns = new SNS();
const events = new EventBridge();
const { TopicArn } = await sns.createTopic({ Name: "cloudtrail-insights-alerts" });
await sns.subscribe({ TopicArn, Protocol: "email", Endpoint: "ops-team@example.com" });
const EventPattern = JSON.stringify({ source: ["aws.cloudtrail"], "detail-type": ["AWS Insight via CloudTrail"] });
await events.putRule({ Name: "insights", EventPattern });
const InputTransformer = { InputPathsMap: { type: "$.detail.insightType" }, InputTemplate: '"Type: <type>"' };
const put_ = await events.putTargets({ Rule: "insights", Targets: [{ Id: "sns", Arn: TopicArn, InputTransformer }] });
assert.equal(put_.FailedEntryCount, 0);
const { Targets } = await events.listTargetsByRule({ Rule: "insights" });
assert.deepEqual(Targets[0].InputTransformer, InputTransformer);
const sent = await events.putEvents({ Entries: [{ Source: "js", DetailType: "done", Detail: "{}", Time: new Date() }] });
assert.equal(sent.FailedEntryCount, 0);
await assert.rejects(events.describeRule({ Name: "none" }), ResourceNotFoundException);
await assert.rejects(sns.getTopicAttributes({ TopicArn: `${TopicArn}-not` }), NotFoundException);
const published = await sns.publish({ TopicArn, Message: "ünïcode", MessageAttributes: { a: { DataType: "Number", StringValue: "1" } } });
assert.match(published.MessageId, /^[0-9a-f-]{36}$/);

// Step 5, as far as the service claims it.
if (claimed.has("lambda CreateFunction")) {
  const { Lambda, ResourceNotFoundException: NoFunction } = sdk("lambda");
  const lambda = new Lambda();
  const made = await lambda.createFunction({
    FunctionName: "js",
    Runtime: "python3.11",
    Handler: "lambda_function.handler",
    Role: "arn:aws:iam::123456789012:role/any",
    Code: { ZipFile: Buffer.from(process.env.TRAILSIGHT_ZIP, "base64") },
  });
  assert.match(made.FunctionArn, /:function:js$/);
  const found = await lambda.getFunction({ FunctionName: "js" });
  assert.equal(found.Configuration.CodeSha256, made.CodeSha256);
  await assert.rejects(lambda.getFunction({ FunctionName: "none" }), NoFunction);
}
if (claimed.has("logs DescribeLogGroups")) {
  const { CloudWatchLogs } = sdk("cloudwatch-logs");
  const { logGroups } = await new CloudWatchLogs().describeLogGroups({ logGroupNamePrefix: "/aws/lambda/none" });
  assert.deepEqual(logGroups, []);
}
console.log("all as it should be");
