# What a team would write to have its Insights mailed: e2e/terraform.py applies it, plans without changes, and destroys it.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.0" }
  }
}

variable "endpoint" { type = string }
variable "package" { type = string }

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "AKIAANYKEYWILLDO"
  secret_key                  = "any"
  s3_use_path_style           = true
  skip_metadata_api_check     = true
  skip_credentials_validation = true
  endpoints {
    cloudtrail       = var.endpoint
    cloudwatchevents = var.endpoint
    iam              = var.endpoint
    lambda           = var.endpoint
    s3               = var.endpoint
    sns              = var.endpoint
    sts              = var.endpoint
  }
}

resource "aws_s3_bucket" "logs" {
  bucket        = "trail-logs"
  force_destroy = true
}

resource "aws_cloudtrail" "all" {
  name                  = "all"
  s3_bucket_name        = aws_s3_bucket.logs.id
  is_multi_region_trail = true
  insight_selector { insight_type = "ApiCallRateInsight" }
  insight_selector { insight_type = "ApiErrorRateInsight" }
  tags = { "trailsight:false-alarms-per-month" = "3" }
}

resource "aws_cloudwatch_event_rule" "insights" {
  name          = "insights"
  event_pattern = jsonencode({ source = ["aws.cloudtrail"], "detail-type" = ["AWS Insight via CloudTrail"] })
}

resource "aws_sns_topic" "alerts" {
  name = "alerts"
}

resource "aws_cloudwatch_event_target" "topic" {
  rule = aws_cloudwatch_event_rule.insights.name
  arn  = aws_sns_topic.alerts.arn
  input_transformer {
    input_paths    = { type = "$.detail.insightType" }
    input_template = "\"Unusual: <type>\""
  }
}

resource "aws_iam_role" "function" {
  name = "function"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_lambda_function" "responder" {
  function_name    = "responder"
  role             = aws_iam_role.function.arn
  runtime          = "python3.11"
  handler          = "lambda_function.handler"
  filename         = var.package
  source_code_hash = filebase64sha256(var.package)
}

resource "aws_lambda_permission" "events" {
  statement_id  = "events"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.responder.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.insights.arn
}

resource "aws_cloudwatch_event_target" "function" {
  rule = aws_cloudwatch_event_rule.insights.name
  arn  = aws_lambda_function.responder.arn
}
