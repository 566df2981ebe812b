@staff
Feature: Asking for money back
  A learner asks for a refund on the order's page; staff approve, which does it all, or deny.

  Background:
    Given the shop sells the run "14.310x-1T2027" for $199.99 with 1 seat
    And the shop sells the run "6.86x-1T2027" for $39.33
    And ada bought "14.310x-1T2027" and "6.86x-1T2027"

  Scenario: Everything, approved
    When ada asks for a refund of everything
    Then ada waits for an answer
    And nothing was given back
    When staff approve ada's request
    Then ada's request is approved
    And ada's order is refunded
    And $239.32 was given back
    And line 1 of ada's order is revoked
    And line 2 of ada's order is revoked
    When the post goes out
    Then ada got letters about "receipt", "approved" and "sent back $239.32"
    When bob puts "14.310x-1T2027" in his basket
    Then bob's basket costs $199.99

  Scenario: One line, approved
    When ada asks for a refund of line 2
    And staff approve ada's request
    Then ada's order is partly refunded
    And $39.33 was given back
    And line 1 of ada's order is awaiting
    And line 2 of ada's order is revoked

  Scenario: Denied, with a reason, and asked again
    When ada asks for a refund of line 1
    And staff deny ada's request, because "you have passed the exam"
    Then ada's request is denied
    And ada reads "you have passed the exam" about it
    And nothing was given back
    When the post goes out
    Then ada got letters about "receipt" and "declined"
    When ada asks for a refund of line 2
    Then ada waits for an answer

  Scenario: One request at a time
    When ada asks for a refund of line 1
    And ada asks for a refund of line 2
    Then the shop refuses ada, because "You have asked for a refund of this order already"

  Scenario: Without a reason, and without consent
    When ada asks for a refund without a reason
    Then the shop refuses ada, because "Say in a few words why you want a refund"
    When ada asks for a refund without consent
    Then the shop refuses ada, because "Tick that you lose access"
    And ada has asked for nothing

  Scenario: In time
    When 6 days pass
    And ada asks for a refund of everything
    Then ada waits for an answer

  Scenario: Too late
    When 7 days pass
    And ada asks for a refund of everything
    Then the shop refuses ada, because "could be asked for until"
    And ada has asked for nothing

  Scenario: Not before it is paid
    Given bob puts "6.86x-1T2027" in his basket
    And bob checks out
    When bob asks for a refund of line 1
    Then the shop refuses bob, because "no refund can be asked for"

  Scenario: Two members of staff approve it
    When ada asks for a refund of line 2
    And staff approve ada's request
    And staff approve ada's request
    Then staff are refused, because "was approved already by staff eve"
    And $39.33 was given back

  Scenario: Refunded by hand meanwhile
    When ada asks for a refund of line 2
    And staff refund line 2 of ada's order
    And staff approve ada's request
    Then staff are refused, because "is refunded already"
    And ada waits for an answer
    And $39.33 was given back

  Scenario: The answer of the gateway gets lost, and nothing is given twice
    Given the answer to the next refund gets lost
    When ada asks for a refund of everything
    And staff approve ada's request
    Then ada's request is approved
    And ada's order is paid
    When 60 minutes pass
    And the clock does its work
    Then ada's order is refunded
    And $239.32 was given back
