@core @http @command-line
Feature: Receipt emails
  A learner receives one receipt after paying and one for each refund, even if another system is down.

  Background:
    Given the shop sells the course run "6.86x-1T2027" for $39.33
    And Ada bought "6.86x-1T2027"

  Rule: A receipt is sent once per payment and once per refund

    @ORD-27
    Scenario: A payment is confirmed by one email
      When the scheduled delivery runs
      And the scheduled delivery runs
      Then Ada received an email about "receipt"

    @ORD-28
    Scenario: Each refund is confirmed by one email
      When staff refund $10.00 of Ada's order
      And staff refund Ada's order
      And the scheduled delivery runs
      Then Ada received emails about "receipt", "sent back $10.00" and "sent back $29.33"

    @ORD-29
    Scenario: An unpaid order has no receipt
      Given Bob adds "6.86x-1T2027" to his basket
      And Bob checks out
      When the scheduled delivery runs
      Then Bob received no email

    @ORD-30
    Scenario: Staff can resend a receipt
      When the scheduled delivery runs
      And staff resend Ada's receipt
      And the scheduled delivery runs
      Then Ada received emails about "receipt" and "receipt"

  Rule: Emails and enrolments do not wait for each other

    @ORD-31
    Scenario: A mail server that is down delays emails only
      Given the mail server is down
      When the scheduled delivery runs
      Then Ada is enrolled in "6.86x-1T2027"
      And Ada received no email
      When the mail server is up again
      And 1 minute passes
      And the scheduled delivery runs
      Then Ada received an email about "receipt"

    @ORD-32
    Scenario: A learning platform that is down does not delay emails
      Given the learning platform is down
      When the scheduled delivery runs
      Then Ada received an email about "receipt"
      And Ada's enrolment in "6.86x-1T2027" is requested

  Rule: An email that cannot be delivered is given up

    @ORD-33
    Scenario: A receipt that is 30 days old is no longer sent
      Given the mail server is down
      When the scheduled delivery runs
      And 30 days pass
      And the mail server is up again
      And the scheduled delivery runs
      Then Ada received no email

    @ORD-34
    Scenario: A rejected address flags the order
      Given the mail server rejects Ada's address
      When the scheduled delivery runs
      Then Ada received no email
      And Ada's order needs attention
      And Ada's order is paid
