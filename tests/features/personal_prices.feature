Feature: Personal prices
  An extension may have a price of its own for a learner. It is one more discount: of all that apply
  to a line, the one that leaves the least to pay is taken.

  Background:
    Given the shop sells the run "14.310x-1T2027" for $1000.00

  Scenario: A price of one's own, from basket to receipt
    Given an extension lets ada have "14.310x-1T2027" for $250.00
    When ada puts "14.310x-1T2027" in her basket
    Then ada's basket costs $250.00
    When ada checks out
    And ada pays by a good card
    Then ada's order is paid
    And $250.00 was charged
    And ada's receipt says "$250.00"

  Scenario: It is nobody else's
    Given an extension lets ada have "14.310x-1T2027" for $250.00
    When bob puts "14.310x-1T2027" in his basket
    Then bob's basket costs $1,000.00

  Scenario: Somebody who has not signed in has the price of everybody
    Given an extension lets ada have "14.310x-1T2027" for $250.00
    And eve has not signed in
    When eve puts "14.310x-1T2027" in her basket
    Then eve's basket costs $1,000.00

  Scenario Outline: Nothing stacks, and the better of code and personal price is taken
    Given an extension lets ada have "14.310x-1T2027" for $500.00
    And the code "SPRING" takes <percent> percent off
    When ada puts "14.310x-1T2027" in her basket
    And ada enters the code "SPRING"
    Then ada's basket costs $<due>

    Examples:
      | percent | due    |
      | 25      | 500.00 |
      | 75      | 250.00 |

  Scenario: A personal price above the list price takes nothing off
    Given an extension lets ada have "14.310x-1T2027" for $1200.00
    When ada puts "14.310x-1T2027" in her basket
    Then ada's basket costs $1,000.00

  Scenario: A price that is taken back before it was confirmed
    Given an extension lets ada have "14.310x-1T2027" for $250.00
    When ada puts "14.310x-1T2027" in her basket
    And ada reviews her order
    And the extension takes its price back from ada
    And ada confirms it
    Then the shop refuses, because "The total is now $1,000.00; it was $250.00"
    And ada has no order

  Scenario: Nothing is sold while the extension fails
    Given an extension lets ada have "14.310x-1T2027" for $250.00
    When ada puts "14.310x-1T2027" in her basket
    And ada reviews her order
    And the extension fails
    And ada confirms it
    Then the shop refuses, because "Your price cannot be worked out at the moment"
    And ada has no order

  Scenario: An order is paid and refunded by what it keeps, whatever becomes of the extension
    Given an extension lets ada have "14.310x-1T2027" for $250.00
    When ada puts "14.310x-1T2027" in her basket
    And ada checks out
    And the extension fails
    And ada pays by a good card
    Then ada's order is paid
    When staff refund ada's order
    Then ada's order is refunded
    And $250.00 was given back
