"""What comes from outside of the panel on AWS, done by hand: SES's word of a mail that came back, and time.

    outside.py bounce ADDRESS    SES tells the topic of the stack that mails to the address come back
    outside.py hasten TABLE      all that is set to happen later is due now, and the minute is over
    outside.py secret NAME VALUE an operator puts a secret into Secrets Manager
"""

import json
import sys
import time

import boto3


def topic():
    pages = boto3.client("sns").get_paginator("list_topics").paginate()
    arns = [it["TopicArn"] for page in pages for it in page["Topics"]]
    return next(arn for arn in arns if "MailFeedbackTopic" in arn)


def bounce(address):
    event = {
        "eventType": "Bounce",
        "bounce": {
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "bouncedRecipients": [{"emailAddress": address}],
        },
        "mail": {"destination": [address], "headers": []},
    }
    boto3.client("sns").publish(TopicArn=topic(), Message=json.dumps(event))


def hasten(table):
    dynamodb = boto3.client("dynamodb")
    for shard in range(4):
        due = dynamodb.query(
            TableName=table,
            IndexName="Due",
            KeyConditionExpression="due_shard = :shard",
            ExpressionAttributeValues={":shard": {"S": f"DUE#{shard}"}},
        )
        for timer in due["Items"]:
            dynamodb.update_item(
                TableName=table,
                Key={"PK": timer["PK"], "SK": timer["SK"]},
                UpdateExpression="SET due_at = :now",
                ExpressionAttributeValues={":now": {"N": str(int(time.time()))}},
            )


    functions = boto3.client("lambda").get_paginator("list_functions").paginate()
    names = [it["FunctionName"] for page in functions for it in page["Functions"]]
    timekeeper = next(name for name in names if "Timekeeper" in name)
    boto3.client("lambda").invoke(FunctionName=timekeeper, Payload=b"{}")


def secret(name, value):
    boto3.client("secretsmanager").create_secret(Name=name, SecretString=value)


commands = {"bounce": bounce, "hasten": hasten, "secret": secret}
commands[sys.argv[1]](*sys.argv[2:])
