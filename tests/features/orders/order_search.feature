@core @http @command-line
Feature: Finding orders
  Staff find an order by any fact that they know.

  Background:
    Given the shop sells the course run "6.86x-1T2027" for $39.33 with 1 seat
    And the shop sells the course run "14.310x-1T2027" for $199.99

  Rule: Staff find orders by product, email, state, card and transaction

    @ORD-17
    Scenario: Each search finds the orders that match, and no others
      Given Ada bought "6.86x-1T2027"
      And Bob bought "14.310x-1T2027"
      Then staff find the orders of Ada by sku "6.86x-1T2027"
      And staff find the orders of Bob by sku "14.310x-1T2027"
      And staff find the orders of Ada by email "ADA@example.org"
      And staff find the orders of Ada and Bob by state "paid"
      And staff find the orders of Ada and Bob by card "1111"
      And staff find no order by card "9999"
      And staff find no order by state "declined"
      And staff find no order by transaction "none"
