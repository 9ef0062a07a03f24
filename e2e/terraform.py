"""Terraform with its AWS provider against the real binary: apply, plan without changes, destroy.

    python e2e/terraform.py path/to/trailsight path/to/aws

It needs `terraform`, and a registry or a mirror to get the provider from; where one of them is not there, nothing is run. What
the resources ask is in PROVIDER_CALLS, so that e2e/every_operation.py can say which of it is not claimed.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

# By reading internal/service/*/ of hashicorp/terraform-provider-aws: create, read and delete of the resources in main.tf.
PROVIDER_CALLS = {
    "sts": ["GetCallerIdentity"],
    "cloudtrail": [
        "CreateTrail", "StartLogging", "PutInsightSelectors", "DescribeTrails", "GetTrailStatus", "GetEventSelectors", "GetInsightSelectors",
        "ListTags", "AddTags", "UpdateTrail", "DeleteTrail",
    ],
    "events": ["PutRule", "DescribeRule", "ListTagsForResource", "PutTargets", "ListTargetsByRule", "RemoveTargets", "DeleteRule"],
    "sns": ["CreateTopic", "GetTopicAttributes", "SetTopicAttributes", "ListTagsForResource", "DeleteTopic"],
    "iam": [
        "CreateRole", "GetRole", "ListRolePolicies", "ListAttachedRolePolicies", "ListInstanceProfilesForRole", "DeleteRole",
    ],
    "lambda": [
        "CreateFunction", "GetFunction", "GetFunctionCodeSigningConfig", "ListVersionsByFunction", "AddPermission", "GetPolicy",
        "RemovePermission", "DeleteFunction",
    ],
    "s3": [
        "CreateBucket", "HeadBucket", "GetBucketTagging", "GetBucketPolicy", "GetBucketAcl", "GetBucketCors", "GetBucketWebsite",
        "GetBucketVersioning", "GetBucketAccelerateConfiguration", "GetBucketRequestPayment", "GetBucketLogging",
        "GetBucketLifecycleConfiguration", "GetBucketReplication", "GetBucketEncryption", "GetObjectLockConfiguration", "GetBucketLocation",
        "DeleteObjects", "DeleteBucket",
    ],
}  # fmt: skip


def main():
    from running import Service

    terraform = shutil.which("terraform")
    if terraform is None:
        print("LEFT OUT: there is no terraform here")
        return
    with tempfile.TemporaryDirectory() as folder:
        package = f"{folder}/function.zip"
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("lambda_function.py", "def handler(event, context):\n    return event\n")
        shutil.copy(pathlib.Path(__file__).parent / "terraform" / "main.tf", folder)
        service = Service(f"{folder}/data")
        try:
            environment = {**os.environ, "TF_VAR_endpoint": service.url, "TF_VAR_package": package, "TF_IN_AUTOMATION": "1"}
            run = lambda *arguments: subprocess.run(
                [terraform, f"-chdir={folder}", *arguments], env=environment, capture_output=True, text=True, timeout=240
            )
            wanted = [("init", "-input=false"), ("apply", "-auto-approve"), ("plan", "-detailed-exitcode"), ("destroy", "-auto-approve")]
            for command in wanted:
                done = run(*command, "-no-color")
                if command[0] == "init" and "Failed to query available provider packages" in done.stderr:
                    print("LEFT OUT: Terraform's AWS provider cannot be got here")
                    return
                if done.returncode != 0:
                    sys.exit(f"terraform {command[0]} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}\n{service.logged()[-4000:]}")
        finally:
            service.process.kill()
    print("applied, planned without changes, destroyed")


if __name__ == "__main__":
    main()
