"""What comes from outside of the panel on AWS, done by hand: SES's word of a mail that came back, and time.

    outside.py bounce ADDRESS    SES tells the topic of the stack that mails to the address come back
    outside.py hasten            all that is set to happen later is due now
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


commands = {"bounce": bounce, "hasten": hasten}
commands[sys.argv[1]](*sys.argv[2:])
