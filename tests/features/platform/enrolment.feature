@core @http @command-line
Feature: Enrolment on the learning platform
  The learning platform receives every event in order. A failing enrolment never changes a payment.

  Background:
    Given the shop sells the course run "6.86x-1T2027" for $39.33
    And the shop sells the course run "14.310x-1T2027" for $199.99

  Rule: A learner is enrolled once the learning platform has received the request

    @PLT-01
    Scenario: A paid order leads to an enrolment
      Given Ada bought "6.86x-1T2027"
      When the scheduled delivery runs
      Then the learning platform has received these events
        | order.placed              |
        | order.paid                |
        | line.fulfilment_requested |
      And Ada is enrolled in "6.86x-1T2027"

    @PLT-02
    Scenario: An unpaid order requests no enrolment
      When Ada adds "6.86x-1T2027" to her basket
      And Ada checks out
      And Ada cancels her order
      And the scheduled delivery runs
      Then the learning platform has received these events
        | order.placed    |
        | order.cancelled |

    @PLT-03
    Scenario: A refund revokes the enrolment after it was requested
      Given Ada bought "6.86x-1T2027" and "14.310x-1T2027"
      When staff refund "6.86x-1T2027" of Ada's order
      And the scheduled delivery runs
      Then the learning platform has received these events
        | order.placed              |
        | order.paid                |
        | line.fulfilment_requested |
        | line.fulfilment_requested |
        | order.refunded            |
        | line.revocation_requested |
      And Ada's enrolment in "6.86x-1T2027" is revoked
      And Ada is enrolled in "14.310x-1T2027"

    @PLT-08
    Scenario: A free enrolment is revoked without the payment gateway
      Given the code "GIFT" gives 100 percent off
      And the payment gateway is unavailable
      When Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "GIFT"
      And Ada checks out
      Then Ada's order is paid
      When staff refund "6.86x-1T2027" of Ada's order
      Then Ada's enrolment in "6.86x-1T2027" is revoked

  Rule: A failing enrolment does not change the payment

    @PLT-04
    Scenario: An enrolment is delivered once the learning platform is up again
      Given Ada bought "6.86x-1T2027"
      And the learning platform is down
      When the scheduled delivery runs
      Then the learning platform has received no event
      And Ada's order is paid
      And Ada's enrolment in "6.86x-1T2027" is requested
      When the learning platform is up again
      And 60 minutes pass
      And the scheduled delivery runs
      Then Ada is enrolled in "6.86x-1T2027"

  Rule: Staff can request an enrolment again

    @PLT-05
    Scenario: A rejected enrolment flags the order and can be requested again
      Given Ada bought "6.86x-1T2027" and "14.310x-1T2027"
      And the learning platform rejects every event
      When the scheduled delivery runs
      Then Ada's enrolment in "6.86x-1T2027" has failed
      And Ada's order needs attention
      When the learning platform is up again
      And staff request Ada's enrolment in "6.86x-1T2027" again
      Then Ada's enrolment in "6.86x-1T2027" is requested
      When the scheduled delivery runs
      Then Ada is enrolled in "6.86x-1T2027"
      And Ada's enrolment in "14.310x-1T2027" has failed
      And the learning platform has received these events
        | line.fulfilment_requested |
      When staff resolve the attention flag of Ada's order with the reason "asked the platform for line 2 too"
      Then Ada's order needs no attention
      And the history of Ada's order ends with "asked the platform for line 2 too" by Eve
      When staff resolve the attention flag of Ada's order with the reason "once more"
      Then staff are refused with the message "needs no attention"

    @PLT-06
    Scenario: An enrolment can be requested again after it was made
      Given Ada bought "6.86x-1T2027"
      When the scheduled delivery runs
      And staff request Ada's enrolment in "6.86x-1T2027" again
      And the scheduled delivery runs
      Then Ada is enrolled in "6.86x-1T2027"
      And the learning platform has received these events
        | order.placed              |
        | order.paid                |
        | line.fulfilment_requested |
        | line.fulfilment_requested |
      And the learning platform received no event twice

    @PLT-07
    Scenario: A request that makes no sense is refused
      Given Ada bought "6.86x-1T2027" and "14.310x-1T2027"
      When staff request Ada's enrolment in "6.86x-1T2027" again
      Then staff are refused with the message "the last request is still on its way"
      When the scheduled delivery runs
      And staff refund "6.86x-1T2027" of Ada's order
      And staff request Ada's enrolment in "6.86x-1T2027" again
      Then staff are refused with the message "it was revoked"
      When staff request the enrolment for line 3 of Ada's order again
      Then staff are refused with the message "has no line 3"
      When Bob adds "6.86x-1T2027" to his basket
      And Bob checks out
      And staff request Bob's enrolment in "6.86x-1T2027" again
      Then staff are refused with the message "the order is pending"
