Feature: Discount codes
  Of all discounts that apply to a line, the one that leaves the least to pay is taken.

  Scenario Outline: What each kind of discount leaves to pay
    Given the shop sells the run "6.86x-1T2027" for $<price>
    And the code "SPRING" takes <discount>
    When ada puts "6.86x-1T2027" in her basket
    And ada enters the code "spring"
    Then ada's basket costs $<due>

    Examples:
      | price | discount              | due   |
      | 39.33 | 25 percent off        | 29.50 |
      | 19.99 | 33 percent off        | 13.39 |
      | 10.05 | 50 percent off        | 5.02  |
      | 9.99  | 10 dollars off        | 0.00  |
      | 10.01 | 10 dollars off        | 0.01  |
      | 39.33 | the price to 39.32    | 39.32 |
      | 39.33 | the price to 0        | 0.00  |

  Scenario: A fixed price above the list price takes nothing off
    Given the shop sells the run "6.86x-1T2027" for $39.33
    And the code "FLAT" takes the price to 42
    When ada puts "6.86x-1T2027" in her basket
    And ada enters the code "FLAT"
    Then the shop refuses, because "takes nothing off the products in your basket"
    And ada's basket costs $39.33

  Scenario: Nothing stacks, and the better code is taken
    Given the shop sells the run "6.86x-1T2027" for $39.33
    And the code "SPRING" takes 25 percent off
    And the code "TEN" takes 10 dollars off
    When ada puts "6.86x-1T2027" in her basket
    And ada enters the code "SPRING"
    And ada enters the code "TEN"
    Then ada's basket costs $29.33

  Scenario: A discount lowers only what it is for
    Given the shop sells the run "14.310x-1T2027" for $199.99
    And the shop sells the run "6.86x-1T2027" for $39.33
    And the shop sells the program "DEDP" of "14.310x" for $1350.00
    And the code "DEDP10" takes 10 dollars off "DEDP"
    When ada puts "14.310x-1T2027" in her basket
    And ada puts "6.86x-1T2027" in her basket
    And ada enters the code "DEDP10"
    Then "14.310x-1T2027" costs ada $189.99
    And "6.86x-1T2027" costs ada $39.33

  Scenario: A code for other products is refused
    Given the shop sells the run "14.310x-1T2027" for $199.99
    And the shop sells the run "6.86x-1T2027" for $39.33
    And the code "OTHER" takes 10 dollars off "14.310x-1T2027"
    When ada puts "6.86x-1T2027" in her basket
    And ada enters the code "OTHER"
    Then the shop refuses, because "is not for the products in your basket"

  Scenario: A code that expired says when
    Given the shop sells the run "6.86x-1T2027" for $39.33
    And the code "SPRING" takes 25 percent off for 1 hour
    When ada puts "6.86x-1T2027" in her basket
    And ada enters the code "SPRING"
    Then ada's basket costs $29.50
    When 60 minutes pass
    Then ada's basket costs $39.33
    And ada's basket says "expired on 22 November 2026, 13:00 UTC"

  Scenario: A code that does not exist
    Given the shop sells the run "6.86x-1T2027" for $39.33
    When ada enters the code "WINTER"
    Then the shop refuses, because "There is no code"

  Scenario: A code of somebody else is answered like one that does not exist
    Given the shop sells the run "6.86x-1T2027" for $39.33
    And bob has a discount "BOB-7" of 100 percent
    When ada puts "6.86x-1T2027" in her basket
    And ada enters the code "BOB-7"
    Then the shop refuses, because "There is no code"
    And ada's basket costs $39.33

  Scenario: A discount of one's own needs no typing
    Given the shop sells the run "6.86x-1T2027" for $39.33
    And bob has a discount "BOB-7" of 50 percent
    When bob puts "6.86x-1T2027" in his basket
    Then bob's basket costs $19.66

  Scenario: The last use goes to whoever checks out first
    Given the shop sells the run "6.86x-1T2027" for $39.33
    And the code "ONCE" takes 25 percent off once
    When ada puts "6.86x-1T2027" in her basket
    And ada enters the code "ONCE"
    And bob puts "6.86x-1T2027" in his basket
    And bob enters the code "ONCE"
    And ada checks out
    Then bob's basket costs $39.33
    And bob's basket says "is used up"

  Scenario: A code held by one's own unpaid order is not used up
    Given the shop sells the run "6.86x-1T2027" for $39.33
    And the code "ONCE" takes 25 percent off once
    When ada puts "6.86x-1T2027" in her basket
    And ada enters the code "ONCE"
    And ada checks out
    Then ada's basket costs $29.50

  Scenario: A cancelled order gives its code back
    Given the shop sells the run "6.86x-1T2027" for $39.33
    And the code "ONCE" takes 25 percent off once
    When ada puts "6.86x-1T2027" in her basket
    And ada enters the code "ONCE"
    And ada checks out
    And ada cancels her order
    And bob puts "6.86x-1T2027" in his basket
    And bob enters the code "ONCE"
    Then bob's basket costs $29.50

  Scenario: A link carries codes into the basket
    Given the shop sells the run "6.86x-1T2027" for $39.33
    And the code "SPRING" takes 25 percent off
    And the code "TEN" takes 10 dollars off
    When ada puts "6.86x-1T2027" in her basket
    And ada follows a link with the codes "SPRING" and "TEN"
    Then ada's basket costs $29.33

  Scenario: The page says which code was taken on which line, and what beat the others
    Given the shop sells the run "14.310x-1T2027" for $199.99
    And the shop sells the run "6.86x-1T2027" for $39.33
    And the code "TWENTY" takes 20 dollars off
    And the code "SPRING" takes 25 percent off
    When ada puts "14.310x-1T2027" in her basket
    And ada puts "6.86x-1T2027" in her basket
    And ada follows a link with the codes "TWENTY" and "SPRING"
    Then "14.310x-1T2027" costs ada $149.99
    And "6.86x-1T2027" costs ada $19.33
    And ada's basket says "SPRING leaves less to pay"
    And ada's basket says "TWENTY leaves less to pay"
