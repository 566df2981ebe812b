Feature: What the gateway tells of its own accord
  A browser may close and an answer may get lost: the gateway sends word all the same. Each message
  that is really the gateway's counts, once, in whatever order it comes. Any other counts for nothing.

  Background:
    Given the gateway sends word of what happens
    And the shop sells the run "6.86x-1T2027" for $39.33 with 1 seat
    And ada puts "6.86x-1T2027" in her basket
    And ada checks out

  Scenario: A lost answer is settled by the gateway's own message
    When ada pays by a good card, but the answer gets lost
    Then ada's order is being checked
    When the gateway's messages come
    Then ada's order is paid
    And $39.33 was charged
    And ada's basket is empty
    And ada's order needs no attention

  Scenario: A message that comes twice
    When ada pays by a good card, but the answer gets lost
    And the gateway's messages come
    And the gateway's messages come again
    Then ada's order is paid
    And $39.33 was charged
    And each message was kept once
    And ada's order needs no attention

  Scenario: A message about what is known already
    When ada pays by a good card
    Then ada's order is paid
    When the gateway's messages come
    Then ada's order is paid
    And $39.33 was charged
    And ada's order needs no attention

  Scenario: A forged message
    When ada pays by a good card, but the answer gets lost
    And somebody forges the gateway's messages
    Then no message was believed
    And ada's order is being checked
    When the gateway's messages come
    Then ada's order is paid
    And $39.33 was charged

  Scenario: A message that somebody changed on the way
    When ada pays by a good card, but the answer gets lost
    And somebody changes the gateway's messages on their way
    Then no message was believed
    And ada's order is being checked

  Scenario: A declined card
    When ada pays by an empty card
    And the gateway's messages come
    Then ada's order waits for another card
    And nothing was charged
    When ada pays by a good card
    And the gateway's messages come
    Then ada's order is paid
    And $39.33 was charged
    And ada's order needs no attention

  Scenario: A refund that fails late
    When ada pays by a good card
    And staff refund $10.00 of ada's order
    And the gateway's day ends
    And the gateway's messages come
    Then ada's order is partly refunded
    And ada's order needs no attention
    When ada's bank sends the money back
    And the gateway's messages come
    Then ada's order needs attention

  Scenario: A payment that somebody takes back at the gateway
    When ada pays by a good card
    And somebody voids ada's payment at the gateway
    And the gateway's messages come
    Then ada's order is paid
    And ada's order needs attention

  Scenario: A message is enough where the gateway cannot be asked
    When ada pays by a good card, but the answer gets lost
    And the gateway cannot be reached
    And the gateway's messages come
    Then ada's order is paid
    When the gateway can be reached again
    And 60 minutes pass
    And the clock does its work
    Then ada's order is paid
    And $39.33 was charged
    And ada's order needs no attention
