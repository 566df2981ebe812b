@staff
Feature: Looking after orders
  Staff write notes, work off what was flagged, call off what will not be paid, and see to it that
  everybody gets in. Whatever they do stands in the order's history under their name.

  Background:
    Given the shop sells the run "6.86x-1T2027" for $39.33 with 1 seat
    And the shop sells the run "14.310x-1T2027" for $199.99

  Scenario: Finding an order by whatever is known of it
    Given ada bought "6.86x-1T2027"
    And bob bought "14.310x-1T2027"
    Then staff find the orders of ada by sku "6.86x-1T2027"
    And staff find the orders of bob by sku "14.310x-1T2027"
    And staff find the orders of ada by email "ADA@example.org"
    And staff find the orders of ada and bob by state "paid"
    And staff find the orders of ada and bob by card "1111"
    And staff find no order by card "9999"
    And staff find no order by state "declined"
    And staff find no order by transaction "none"

  Scenario: A note
    Given ada bought "6.86x-1T2027"
    When staff note "she will send her student card" on ada's order
    Then the history of ada's order ends with "note: she will send her student card" by eve
    And ada's order is paid

  Scenario: An empty note
    Given ada bought "6.86x-1T2027"
    When staff note " " on ada's order
    Then staff are refused, because "Say why"

  Scenario: What the platform will not have is flagged, asked for again and attended to
    Given ada bought "6.86x-1T2027" and "14.310x-1T2027"
    And the platform refuses for good
    When the platform is told
    Then line 1 of ada's order is failed
    And ada's order needs attention
    When the platform is well again
    And staff fulfil line 1 of ada's order
    Then line 1 of ada's order is awaiting
    When the platform is told
    Then line 1 of ada's order is fulfilled
    And line 2 of ada's order is failed
    And the platform has heard
      | line.fulfilment_requested |
    When staff attend to ada's order, because "asked the platform for line 2 too"
    Then ada's order needs no attention
    And the history of ada's order ends with "asked the platform for line 2 too" by eve
    When staff attend to ada's order, because "once more"
    Then staff are refused, because "needs no attention"

  Scenario: A line that is fulfilled can be asked for again, where the learner is not in
    Given ada bought "6.86x-1T2027"
    When the platform is told
    And staff fulfil line 1 of ada's order
    And the platform is told
    Then line 1 of ada's order is fulfilled
    And the platform has heard
      | order.placed              |
      | order.paid                |
      | line.fulfilment_requested |
      | line.fulfilment_requested |
    And the platform was never told the same twice

  Scenario: What makes no sense to ask for again
    Given ada bought "6.86x-1T2027" and "14.310x-1T2027"
    When staff fulfil line 1 of ada's order
    Then staff are refused, because "the last request is still on its way"
    When the platform is told
    And staff refund line 1 of ada's order
    And staff fulfil line 1 of ada's order
    Then staff are refused, because "it was revoked"
    When staff fulfil line 3 of ada's order
    Then staff are refused, because "has no line 3"
    When bob puts "6.86x-1T2027" in his basket
    And bob checks out
    And staff fulfil line 1 of bob's order
    Then staff are refused, because "the order is pending"

  Scenario: An order that nobody will pay is cancelled, and its seat is free
    Given ada puts "6.86x-1T2027" in her basket
    And ada checks out
    When staff cancel ada's order, because "ordered twice"
    Then ada's order is cancelled
    And the history of ada's order ends with "ordered twice" by eve
    When bob puts "6.86x-1T2027" in his basket
    And bob checks out
    Then bob's order waits for payment

  Scenario: An order that turns out to be paid is not cancelled
    Given ada puts "6.86x-1T2027" in her basket
    And ada checks out
    When ada pays by a good card, but the answer gets lost
    And 5 minutes pass
    And staff cancel ada's order, because "ordered twice"
    Then ada's order is paid
    And $39.33 was charged

  Scenario: While nobody knows whether it was paid, it is not cancelled
    Given ada puts "6.86x-1T2027" in her basket
    And ada checks out
    When ada pays by a good card, but the answer gets lost
    And the gateway is out of reach
    And staff cancel ada's order, because "ordered twice"
    Then staff are refused, because "still checking"

  Scenario: An order that was paid is refunded, not cancelled
    Given ada bought "6.86x-1T2027"
    When staff cancel ada's order, because "ordered twice"
    Then staff are refused, because "Give its money back with a refund"

  Scenario: An order that is held for review is cancelled, and the review ends against it
    Given ada puts "6.86x-1T2027" in her basket
    And ada checks out
    When ada pays by a card that is looked at twice
    And staff cancel ada's order, because "looks like a stolen card"
    Then ada's order is cancelled
    When the gateway rejects ada's payment
    And 31 minutes pass
    And the clock does its work
    Then ada's order is cancelled
    And nothing was charged

  Scenario: A review is not cut short while the gateway cannot say how it stands
    Given ada puts "6.86x-1T2027" in her basket
    And ada checks out
    When ada pays by a card that is looked at twice
    And the gateway is out of reach
    And staff cancel ada's order, because "took too long"
    Then staff are refused, because "still checking"
    And ada's order is held for review

  Scenario: A cancelled order whose review ends well is paid after all
    Given ada puts "6.86x-1T2027" in her basket
    And ada checks out
    When ada pays by a card that is looked at twice
    And staff cancel ada's order, because "took too long"
    And the gateway accepts ada's payment
    And 31 minutes pass
    And the clock does its work
    Then ada's order is paid

  Scenario: A payment too many whose refund failed is given back on a second try
    Given ada puts "6.86x-1T2027" in her basket
    And ada checks out
    When ada pays by a good card, but the answer gets lost
    And the gateway forgets what it knows
    And 45 minutes pass
    And the clock does its work
    And bob puts "6.86x-1T2027" in his basket
    And bob checks out
    And the gateway refuses the next refund
    And the gateway remembers that ada has paid
    And the clock does its work
    Then nothing was given back
    And ada's order needs attention
    When staff give back what ada paid too much
    Then $39.33 was given back
    And ada's order has expired
    When staff give back what ada paid too much
    Then staff are refused, because "no payment too many"
