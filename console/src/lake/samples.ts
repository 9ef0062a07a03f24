// Questions that are asked again and again when something looks wrong.

export interface Sample { name: string; why: string; statement: string }

export const SAMPLES: Sample[] = [
  {
    name: 'Who was denied, and what they tried',
    why: 'Many denials of one identity on many APIs are somebody who looks around.',
    statement: `SELECT userIdentity.arn AS who, sourceIPAddress, count(*) AS denied, count(DISTINCT eventName) AS apis,
  min(eventTime) AS first, max(eventTime) AS last
FROM events
WHERE (errorCode LIKE '%AccessDenied%' OR errorCode LIKE '%UnauthorizedOperation%')
GROUP BY 1, 2
ORDER BY denied DESC
LIMIT 100`,
  },
  {
    name: 'Everything that one access key did',
    why: 'When a key may have leaked. Put the key in.',
    statement: `SELECT eventTime, eventSource, eventName, awsRegion, sourceIPAddress, userAgent, errorCode, eventID
FROM events
WHERE userIdentity.accessKeyId = 'AKIAEXAMPLE'
ORDER BY eventTime DESC`,
  },
  {
    name: 'Keys that are used from several addresses',
    why: 'A long-lived key is mostly used from where its program runs.',
    statement: `SELECT userIdentity.accessKeyId AS key, arbitrary(userIdentity.arn) AS who, count(DISTINCT sourceIPAddress) AS addresses, count(*) AS calls
FROM events
WHERE userIdentity.accessKeyId LIKE 'AKIA%'
GROUP BY 1
HAVING count(DISTINCT sourceIPAddress) > 1
ORDER BY addresses DESC, calls DESC
LIMIT 100`,
  },
  {
    name: 'Sign-ins to AWS’s console that failed',
    why: 'Passwords that are being guessed, by address.',
    statement: `SELECT sourceIPAddress, count(*) AS failed, count(DISTINCT userIdentity.userName) AS users, max(eventTime) AS last
FROM events
WHERE eventName = 'ConsoleLogin' AND responseElements['ConsoleLogin'] = 'Failure'
GROUP BY 1
ORDER BY failed DESC`,
  },
  {
    name: 'What the root user did',
    why: 'Hardly anything should be done as root.',
    statement: `SELECT eventTime, recipientAccountId, eventName, eventSource, sourceIPAddress, userAgent, errorCode
FROM events
WHERE userIdentity.type = 'Root' AND userIdentity.invokedBy IS NULL
ORDER BY eventTime DESC
LIMIT 1000`,
  },
  {
    name: 'New users, keys, policies and roles',
    why: 'How somebody stays who got in.',
    statement: `SELECT eventTime, eventName, userIdentity.arn AS who, sourceIPAddress,
  coalesce(requestParameters['userName'], requestParameters['roleName']) AS whom, requestParameters['policyArn'] AS policy, errorCode
FROM events
WHERE eventSource = 'iam.amazonaws.com'
  AND eventName IN ('CreateUser', 'CreateAccessKey', 'CreateLoginProfile', 'CreateRole', 'AttachUserPolicy', 'AttachRolePolicy', 'PutUserPolicy', 'PutRolePolicy', 'UpdateAssumeRolePolicy')
ORDER BY eventTime DESC
LIMIT 1000`,
  },
  {
    name: 'Logging that was turned off',
    why: 'Whoever hides does this first.',
    statement: `SELECT eventTime, eventName, userIdentity.arn AS who, sourceIPAddress, errorCode
FROM events
WHERE eventName IN ('StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors', 'DeleteFlowLogs', 'StopConfigurationRecorder', 'DeleteDetector', 'DisableKey', 'ScheduleKeyDeletion')
ORDER BY eventTime DESC`,
  },
  {
    name: 'Ports that were opened to the world',
    why: 'Security groups that take in 0.0.0.0/0.',
    statement: `SELECT eventTime, userIdentity.arn AS who, requestParameters['groupId'] AS "group", requestParameters['ipPermissions'] AS rules
FROM events
WHERE eventName = 'AuthorizeSecurityGroupIngress' AND requestParameters['ipPermissions'] LIKE '%0.0.0.0/0%'
ORDER BY eventTime DESC`,
  },
  {
    name: 'Instances that were started, by hour',
    why: 'Coins are mined in the hours in which nobody looks.',
    statement: `SELECT date_trunc('hour', eventTime) AS hour, count(*) AS calls
FROM events
WHERE eventName = 'RunInstances'
GROUP BY 1
ORDER BY 1`,
  },
  {
    name: 'The busiest APIs',
    why: 'What goes on here at all.',
    statement: `SELECT eventName, count(*) AS calls, count_if(errorCode IS NOT NULL) AS failed
FROM events
GROUP BY 1
ORDER BY calls DESC
LIMIT 25`,
  },
  {
    name: 'Errors by hour',
    why: 'When something broke, or somebody tried.',
    statement: `SELECT date_trunc('hour', eventTime) AS hour, count_if(errorCode IS NOT NULL) AS errors, count(*) AS calls
FROM events
GROUP BY 1
ORDER BY 1`,
  },
  {
    name: 'Who took on which role',
    why: 'Ways from one account or service into another.',
    statement: `SELECT coalesce(userIdentity.arn, userIdentity.invokedBy) AS who, requestParameters['roleArn'] AS role, count(*) AS times, max(eventTime) AS last
FROM events
WHERE eventName LIKE 'AssumeRole%' AND errorCode IS NULL
GROUP BY 1, 2
ORDER BY times DESC
LIMIT 100`,
  },
  {
    name: 'Callers that were never seen before the last day',
    why: 'New identities, and from where they come.',
    statement: `SELECT userIdentity.arn AS who, min(eventTime) AS first, count(*) AS calls, arbitrary(sourceIPAddress) AS address
FROM events
WHERE userIdentity.arn IS NOT NULL
GROUP BY 1
HAVING min(eventTime) > (SELECT max(eventTime) - INTERVAL '1' DAY FROM events)
ORDER BY calls DESC
LIMIT 100`,
  },
  {
    name: 'Insights, the largest first',
    why: 'What was unusual, beside its baseline.',
    statement: `SELECT eventTime, insightDetails.state AS state, insightDetails.eventName AS api, insightDetails.errorCode AS error,
  insightDetails.insightContext.statistics.baseline.average AS baseline, insightDetails.insightContext.statistics.insight.average AS insight
FROM insights
ORDER BY insight DESC
LIMIT 100`,
  },
];
