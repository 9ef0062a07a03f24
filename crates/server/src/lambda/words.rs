//! What Lambda says when it refuses.

use wire::ApiError;

/// What is asked for cannot be.
pub(crate) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterValueException", message)
}

/// What is meant is not there.
pub(crate) fn not_there(message: impl Into<String>) -> ApiError {
    ApiError::new("ResourceNotFoundException", message).with_status(404)
}

/// There is no such function, version or alias.
pub(crate) fn no_function(arn: impl std::fmt::Display) -> ApiError {
    not_there(format!("Function not found: {arn}"))
}

/// There is something already.
pub(crate) fn conflict(message: impl Into<String>) -> ApiError {
    ApiError::new("ResourceConflictException", message).with_status(409)
}

/// It is larger than it may be.
pub(crate) fn too_large(message: impl Into<String>) -> ApiError {
    ApiError::new("RequestEntityTooLargeException", message).with_status(413)
}

/// Who asks knows an older state of it: it was changed since.
pub(crate) fn hold_revision(known: Option<&str>, current: &str) -> Result<(), ApiError> {
    match known {
        Some(known) if known != current => Err(ApiError::new(
            "PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to \
             retrieve the latest Revision Id",
        )
        .with_status(412)),
        _ => Ok(()),
    }
}

/// AWS can do it, and this cannot.
pub(crate) fn not_here(sentence: &str) -> ApiError {
    invalid(sentence)
}
