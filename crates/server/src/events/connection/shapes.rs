//! What the inputs about connections must be like.

use wire::check::{Member, Shape};

use crate::events::http_parameters::{HEADER_KEY, HEADER_VALUE, QUERY_KEY, QUERY_VALUE};

/// The name of a connection, and of an API destination.
pub(crate) const NAME: Shape = Shape::string().length(1, 64).pattern(r"[\.\-_A-Za-z0-9]+");
/// What they are for.
pub(crate) const DESCRIPTION: Shape = Shape::string().at_most_long(512).pattern(r".*");
/// A connection by its ARN.
pub(crate) const CONNECTION_ARN: Shape = Shape::string()
    .length(1, 1600)
    .pattern(r"^arn:aws([a-z]|\-)*:events:([a-z]|\d|\-)*:([0-9]{12})?:connection\/[\.\-_A-Za-z0-9]+\/[\-A-Za-z0-9]+$");
/// Where requests go.
pub(crate) const ENDPOINT: Shape =
    Shape::string().length(1, 2048).pattern(r"^((%[0-9A-Fa-f]{2}|[-()_.!~*';/?:@\x26=+$,A-Za-z0-9])+)([).!';/?:,])?$");
/// How a connection proves who it is.
pub(crate) const AUTHORIZATION_TYPE: Shape = Shape::string().one_of(&["BASIC", "OAUTH_CLIENT_CREDENTIALS", "API_KEY"]);
/// A private network in front of an endpoint.
pub(crate) const CONNECTIVITY: Shape = Shape::structure(
    "ConnectivityResourceParameters",
    &[Member::required(
        "ResourceParameters",
        Shape::structure(
            "ConnectivityResourceConfigurationArn",
            &[Member::required("ResourceConfigurationArn", Shape::string().at_most_long(2048))],
        ),
    )],
);

/// A key of KMS's.
pub(crate) const KMS_KEY: Shape = Shape::string().at_most_long(2048).pattern(r"^[a-zA-Z0-9_\-/:]*$");
/// All states that AWS knows.
pub(crate) const STATES: &[&str] = &[
    "CREATING",
    "UPDATING",
    "DELETING",
    "AUTHORIZED",
    "DEAUTHORIZED",
    "AUTHORIZING",
    "DEAUTHORIZING",
    "ACTIVE",
    "FAILED_CONNECTIVITY",
];

const AUTH_TEXT: Shape =
    Shape::string().length(1, 512).pattern(r"^[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*$");
const OAUTH_METHOD: Shape = Shape::string().one_of(&["GET", "POST", "PUT"]);

const HEADER: Shape = Shape::structure(
    "ConnectionHeaderParameter",
    &[
        Member::optional("Key", HEADER_KEY),
        Member::optional("Value", HEADER_VALUE),
        Member::optional("IsValueSecret", Shape::any()),
    ],
);
const QUERY: Shape = Shape::structure(
    "ConnectionQueryStringParameter",
    &[
        Member::optional("Key", QUERY_KEY),
        Member::optional("Value", QUERY_VALUE),
        Member::optional("IsValueSecret", Shape::any()),
    ],
);
const BODY: Shape = Shape::structure(
    "ConnectionBodyParameter",
    &[
        Member::optional("Key", Shape::string()),
        Member::optional("Value", Shape::string()),
        Member::optional("IsValueSecret", Shape::any()),
    ],
);
const HTTP: Shape = Shape::structure(
    "ConnectionHttpParameters",
    &[
        Member::optional("HeaderParameters", Shape::list(&HEADER).at_most_long(100)),
        Member::optional("QueryStringParameters", Shape::list(&QUERY).at_most_long(100)),
        Member::optional("BodyParameters", Shape::list(&BODY).at_most_long(100)),
    ],
);

/// The parameters of a new connection.
pub(crate) const AUTH_PARAMETERS: Shape = Shape::structure(
    "CreateConnectionAuthRequestParameters",
    &[
        Member::optional(
            "BasicAuthParameters",
            Shape::structure(
                "CreateConnectionBasicAuthRequestParameters",
                &[Member::required("Username", AUTH_TEXT), Member::required("Password", AUTH_TEXT)],
            ),
        ),
        Member::optional(
            "OAuthParameters",
            Shape::structure(
                "CreateConnectionOAuthRequestParameters",
                &[
                    Member::required(
                        "ClientParameters",
                        Shape::structure(
                            "CreateConnectionOAuthClientRequestParameters",
                            &[Member::required("ClientID", AUTH_TEXT), Member::required("ClientSecret", AUTH_TEXT)],
                        ),
                    ),
                    Member::required("AuthorizationEndpoint", ENDPOINT),
                    Member::required("HttpMethod", OAUTH_METHOD),
                    Member::optional("OAuthHttpParameters", HTTP),
                ],
            ),
        ),
        Member::optional(
            "ApiKeyAuthParameters",
            Shape::structure(
                "CreateConnectionApiKeyAuthRequestParameters",
                &[Member::required("ApiKeyName", AUTH_TEXT), Member::required("ApiKeyValue", AUTH_TEXT)],
            ),
        ),
        Member::optional("InvocationHttpParameters", HTTP),
        Member::optional("ConnectivityParameters", CONNECTIVITY),
    ],
);

/// Those of one that is there.
pub(crate) const AUTH_UPDATE: Shape = Shape::structure(
    "UpdateConnectionAuthRequestParameters",
    &[
        Member::optional(
            "BasicAuthParameters",
            Shape::structure(
                "UpdateConnectionBasicAuthRequestParameters",
                &[Member::optional("Username", AUTH_TEXT), Member::optional("Password", AUTH_TEXT)],
            ),
        ),
        Member::optional(
            "OAuthParameters",
            Shape::structure(
                "UpdateConnectionOAuthRequestParameters",
                &[
                    Member::optional(
                        "ClientParameters",
                        Shape::structure(
                            "UpdateConnectionOAuthClientRequestParameters",
                            &[Member::optional("ClientID", AUTH_TEXT), Member::optional("ClientSecret", AUTH_TEXT)],
                        ),
                    ),
                    Member::optional("AuthorizationEndpoint", ENDPOINT),
                    Member::optional("HttpMethod", OAUTH_METHOD),
                    Member::optional("OAuthHttpParameters", HTTP),
                ],
            ),
        ),
        Member::optional(
            "ApiKeyAuthParameters",
            Shape::structure(
                "UpdateConnectionApiKeyAuthRequestParameters",
                &[Member::optional("ApiKeyName", AUTH_TEXT), Member::optional("ApiKeyValue", AUTH_TEXT)],
            ),
        ),
        Member::optional("InvocationHttpParameters", HTTP),
        Member::optional("ConnectivityParameters", CONNECTIVITY),
    ],
);
