Feature: Telling the learning platform
  The platform hears everything, in order for each order; its troubles never un-pay anything.

  Background:
    Given the shop sells the run "6.86x-1T2027" for $39.33
    And the shop sells the run "14.310x-1T2027" for $199.99

  Scenario: A paid order is fulfilled once the platform has heard of it
    Given ada bought "6.86x-1T2027"
    When the platform is told
    Then the platform has heard
      | order.placed              |
      | order.paid                |
      | line.fulfilment_requested |
    And line 1 of ada's order is fulfilled

  Scenario: An order that was never paid asks for nothing
    When ada puts "6.86x-1T2027" in her basket
    And ada checks out
    And ada cancels her order
    And the platform is told
    Then the platform has heard
      | order.placed    |
      | order.cancelled |

  Scenario: A platform in trouble
    Given ada bought "6.86x-1T2027"
    And the platform is in trouble
    When the platform is told
    Then the platform has heard nothing
    And ada's order is paid
    And line 1 of ada's order is awaiting
    When the platform is well again
    And 60 minutes pass
    And the platform is told
    Then line 1 of ada's order is fulfilled

  Scenario: A refund is told after the fulfilment that it takes back
    Given ada bought "6.86x-1T2027" and "14.310x-1T2027"
    When staff refund line 1 of ada's order
    And the platform is told
    Then the platform has heard
      | order.placed              |
      | order.paid                |
      | line.fulfilment_requested |
      | line.fulfilment_requested |
      | order.refunded            |
      | line.revocation_requested |
    And line 1 of ada's order is revoked
    And line 2 of ada's order is fulfilled
