//! The queues of the workers and what is told of them.

use shared::{function::Trigger, outbox::MOST_DELIVERIES};

/// The queues of the workers, each with its dead letters, and their alarms.
#[must_use]
pub fn queues() -> String {
    let (mut text, mut waiting, mut dead) = (String::new(), Vec::new(), Vec::new());
    for function in local::declared() {
        match function.trigger {
            Trigger::Queues(feeds) => {
                for feed in feeds {
                    let name = feed.queue.logical();
                    let letters = format!("{}DeadLetters", name.trim_end_matches("Queue"));
                    let visibility = (6 * function.timeout).to_string();
                    let queue = QUEUE.replace("%NAME%", name).replace("%VISIBILITY%", &visibility);
                    text += &queue
                        .replace("%LETTERS%", &letters)
                        .replace("%TRIES%", &MOST_DELIVERIES.to_string());
                    waiting.push(name);
                    dead.push(letters);
                }
            }
            Trigger::Outbox => dead.push("RelayDeadLetters".to_owned()),
            Trigger::Http(_) | Trigger::Hand | Trigger::EveryMinute => {}
        }
    }
    let letters: String = dead.iter().map(|name| LETTERS.replace("%LETTERS%", name)).collect();
    let alarms = QUEUE_ALARMS.replace("%DEAD%", &dead.join(", "));
    text + &letters + &alarms.replace("%WAITING%", &waiting.join(", "))
}

const QUEUE: &str = "  %NAME%:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: %VISIBILITY%
      MessageRetentionPeriod: 1209600
      SqsManagedSseEnabled: true
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt %LETTERS%.Arn
        maxReceiveCount: %TRIES%
";
const LETTERS: &str = "  %LETTERS%:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 1209600
      SqsManagedSseEnabled: true
";

/// A message that waits long comes again and again, or nobody fetches it.
const QUEUE_ALARMS: &str = "  Fn::ForEach::DeadLetterAlarms:
    - Queue
    - [%DEAD%]
    - ${Queue}Alarm:
        Type: AWS::CloudWatch::Alarm
        Properties:
          AlarmDescription: What was given up on lies in ${Queue}.
          Namespace: AWS/SQS
          MetricName: ApproximateNumberOfMessagesVisible
          Dimensions:
            - Name: QueueName
              Value: !GetAtt [!Sub \"${Queue}\", QueueName]
          Statistic: Maximum
          Period: 60
          EvaluationPeriods: 1
          Threshold: 0
          ComparisonOperator: GreaterThanThreshold
          TreatMissingData: notBreaching
          AlarmActions: [!Ref AlarmTopic]
  Fn::ForEach::WaitingAlarms:
    - Queue
    - [%WAITING%]
    - ${Queue}Alarm:
        Type: AWS::CloudWatch::Alarm
        Properties:
          AlarmDescription: A message has waited in ${Queue} for ten minutes.
          Namespace: AWS/SQS
          MetricName: ApproximateAgeOfOldestMessage
          Dimensions:
            - Name: QueueName
              Value: !GetAtt [!Sub \"${Queue}\", QueueName]
          Statistic: Maximum
          Period: 60
          EvaluationPeriods: 5
          Threshold: 600
          ComparisonOperator: GreaterThanThreshold
          TreatMissingData: notBreaching
          AlarmActions: [!Ref AlarmTopic]
";
