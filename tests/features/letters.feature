@staff
Feature: Letters
  A learner gets a receipt once after paying and once for each refund, whatever else is down.

  Background:
    Given the shop sells the run "6.86x-1T2027" for $39.33
    And ada bought "6.86x-1T2027"

  Scenario: A receipt, once
    When the post goes out
    And the post goes out
    Then ada got a letter about "receipt"

  Scenario: A receipt for each refund
    When staff refund $10.00 of ada's order
    And staff refund ada's order
    And the post goes out
    Then ada got letters about "receipt", "sent back $10.00" and "sent back $29.33"

  Scenario: What was not paid has no receipt
    Given bob puts "6.86x-1T2027" in his basket
    And bob checks out
    When the post goes out
    Then bob got no letter

  Scenario: The mail server is down, and nobody waits for it but the letters
    Given the mail server is down
    When the post goes out
    Then line 1 of ada's order is fulfilled
    And ada got no letter
    When the mail server works again
    And 1 minute passes
    And the post goes out
    Then ada got a letter about "receipt"

  Scenario: The learning platform is down, and the letters do not wait for it
    Given the platform is in trouble
    When the post goes out
    Then ada got a letter about "receipt"
    And line 1 of ada's order is awaiting

  Scenario: The mail server was down for too long
    Given the mail server is down
    When the post goes out
    And 30 days pass
    And the mail server works again
    And the post goes out
    Then ada got no letter

  Scenario: An address that there is not
    Given the mail server knows nobody of ada's name
    When the post goes out
    Then ada got no letter
    And ada's order needs attention
    And ada's order is paid

  Scenario: Sent again by staff
    When the post goes out
    And staff send ada's receipt again
    And the post goes out
    Then ada got letters about "receipt" and "receipt"
