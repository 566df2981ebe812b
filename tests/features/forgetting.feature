@staff
Feature: Showing what is held about somebody, and forgetting them
  The books are kept; who it was is not.

  Background:
    Given the shop sells the run "6.86x-1T2027" for $39.33
    And the shop sells the run "14.310x-1T2027" for $199.99

  Scenario: All that is held
    Given ada bought "6.86x-1T2027"
    And bob bought "6.86x-1T2027"
    Then ada's export tells of 1 order

  Scenario: Forgotten, and back again
    Given ada bought "6.86x-1T2027"
    When staff note "ada's sister called" on ada's order
    And staff forget ada
    Then ada's export tells of 0 orders
    And the books still hold 1 order of $39.33, and nobody's name
    When ada puts "6.86x-1T2027" in her basket
    And ada checks out
    And ada pays by a good card
    Then ada's order is paid
    And ada's export tells of 1 order

  Scenario: A second time finds nothing to do
    Given ada bought "6.86x-1T2027"
    When staff forget ada
    And staff forget ada
    Then ada's export tells of 0 orders
    And the shop refused nothing

  Scenario: Not while an order is open
    When ada puts "6.86x-1T2027" in her basket
    And ada checks out
    And staff forget ada
    Then staff are refused, because "is still under way"
    And ada's export tells of 1 order

  Scenario: Not while money is on its way back
    Given ada bought "6.86x-1T2027"
    When staff refund ada's order
    And staff forget ada
    Then staff are refused, because "a refund of order"
