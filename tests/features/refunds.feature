@staff
Feature: Giving money back
  Staff give back an amount, some lines or all that is left, and never more than was paid.

  Background:
    Given the shop sells the run "14.310x-1T2027" for $199.99 with 1 seat
    And the shop sells the run "6.86x-1T2027" for $39.33
    And ada bought "14.310x-1T2027" and "6.86x-1T2027"

  Scenario: All of it
    When staff refund ada's order
    Then ada's order is refunded
    And $239.32 was given back
    And line 1 of ada's order is revoked
    And line 2 of ada's order is revoked
    When bob puts "14.310x-1T2027" in his basket
    Then bob's basket costs $199.99

  Scenario: An amount
    When staff refund $39.32 of ada's order
    Then ada's order is partly refunded
    And $39.32 was given back
    And line 1 of ada's order is awaiting

  Scenario: An amount, and then the rest
    When staff refund $100.00 of ada's order
    And staff refund ada's order
    Then ada's order is refunded
    And $239.32 was given back

  Scenario: A line
    When staff refund line 2 of ada's order
    Then ada's order is partly refunded
    And $39.33 was given back
    And line 1 of ada's order is awaiting
    And line 2 of ada's order is revoked

  Scenario: A line twice
    When staff refund line 2 of ada's order
    And staff refund line 2 of ada's order
    Then staff are refused, because "is refunded already"
    And $39.33 was given back

  Scenario Outline: More than was paid, and nothing at all
    When staff refund $<amount> of ada's order
    Then staff are refused, because "at most $239.32 is left to refund"
    And nothing was given back

    Examples:
      | amount |
      | 239.33 |
      | 0.00   |

  Scenario: The gateway refuses, and the next try succeeds
    Given the gateway refuses the next refund
    When staff refund ada's order
    Then ada's order is paid
    And ada's order needs attention
    And nothing was given back
    When staff refund ada's order
    Then ada's order is refunded
    And $239.32 was given back

  Scenario: The answer gets lost, and the refund is found and not given twice
    Given the answer to the next refund gets lost
    When staff refund ada's order
    Then ada's order is paid
    When 60 minutes pass
    And the clock does its work
    Then ada's order is refunded
    And $239.32 was given back

  Scenario: What was not paid has nothing to refund
    Given bob puts "6.86x-1T2027" in his basket
    And bob checks out
    When staff refund bob's order
    Then staff are refused, because "there is nothing to refund"

  Scenario: What was refunded can be bought again
    When staff refund ada's order
    And ada puts "6.86x-1T2027" in her basket
    And ada checks out
    And ada pays by a good card
    Then ada's order is paid
