Feature: Checking out
  An order is the basket as it was shown, once, with its seats and codes held while it is unpaid.

  Background:
    Given the shop sells the run "6.86x-1T2027" for $39.33 with 1 seat
    And the shop sells the run "14.310x-1T2027" for $199.99

  Scenario: An order waits for payment and keeps its seat
    When ada puts "6.86x-1T2027" in her basket
    And ada checks out
    Then ada's order waits for payment
    And ada's order costs $39.33
    When bob puts "6.86x-1T2027" in his basket
    Then the shop refuses him, because "Every seat of Course 6.86x (6.86x-1T2027) is taken"

  Scenario: The last seat goes to whoever checks out first
    When ada puts "6.86x-1T2027" in her basket
    And bob puts "6.86x-1T2027" in his basket
    And ada reviews her order
    And bob checks out
    And ada confirms it
    Then the shop refuses, because "Every seat of Course 6.86x (6.86x-1T2027) is taken"
    And ada has no order
    And bob's order waits for payment

  Scenario: A price that changes in between
    When ada puts "6.86x-1T2027" in her basket
    And ada reviews her order
    And the price of "6.86x-1T2027" changes to $49.33
    And ada confirms it
    Then the shop refuses, because "The total is now $49.33; it was $39.33 when you last saw it"
    And ada has no order
    When ada checks out
    Then ada's order costs $49.33

  Scenario: A product withdrawn in between
    When ada puts "6.86x-1T2027" in her basket
    And ada reviews her order
    But "6.86x-1T2027" is withdrawn
    And ada confirms it
    Then the shop refuses, because "Course 6.86x (6.86x-1T2027) is no longer sold"
    And ada has no order

  Scenario: A double click makes one order
    When ada puts "6.86x-1T2027" in her basket
    And ada reviews her order
    And ada confirms it
    And ada confirms it
    Then ada has 1 order
    And the shop refused nothing

  Scenario: Going back and checking out the same again goes on with the same order
    When ada puts "6.86x-1T2027" in her basket
    And ada checks out
    And ada checks out
    Then ada has 1 order
    And ada's order waits for payment

  Scenario: Another basket makes another order and cancels the one before
    When ada puts "6.86x-1T2027" in her basket
    And ada checks out
    And ada takes "6.86x-1T2027" out of her basket
    And ada puts "14.310x-1T2027" in her basket
    And ada checks out
    Then ada has 2 orders
    And ada's order costs $199.99
    When bob puts "6.86x-1T2027" in his basket
    And bob checks out
    Then bob's order waits for payment

  Scenario: An order of nothing is paid at once
    Given the code "GIFT" takes 100 percent off
    When ada puts "6.86x-1T2027" in her basket
    And ada enters the code "GIFT"
    And ada checks out
    Then ada's order is paid
    And nothing was charged
    And ada's basket is empty

  Scenario: Nobody sees the order of somebody else
    When ada puts "6.86x-1T2027" in her basket
    And ada checks out
    Then bob is told that there is no such order as ada's
