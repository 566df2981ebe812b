Feature: Filling a basket
  A basket holds each product once and always says what it costs now, and what stands in the way.

  Background:
    Given the shop sells the run "14.310x-1T2027" for $199.99
    And the shop sells the run "14.310x-3T2026" for $149.99
    And the shop sells the run "6.86x-1T2027" for $39.33
    And the shop sells the program "DEDP" of "14.310x" and "14.73x" for $1350.00

  Scenario: A basket costs the sum of its lines
    When ada puts "14.310x-1T2027" in her basket
    And ada puts "6.86x-1T2027" in her basket
    Then ada's basket costs $239.32
    And "6.86x-1T2027" costs ada $39.33

  Scenario: Putting the same in twice changes nothing
    When ada puts "6.86x-1T2027" in her basket
    And ada puts "6.86x-1T2027" in her basket
    Then ada's basket costs $39.33

  Scenario: What is taken out is gone
    When ada puts "14.310x-1T2027" in her basket
    And ada puts "6.86x-1T2027" in her basket
    And ada takes "14.310x-1T2027" out of her basket
    Then ada's basket costs $39.33

  Scenario: A program with a run picked for one of its courses
    When ada puts "DEDP" in her basket with the run "14.310x-1T2027"
    Then ada's basket costs $1,350.00
    And ada's basket holds "DEDP"

  Scenario: A run of another course cannot be picked
    When ada puts "DEDP" in her basket with the run "6.86x-1T2027"
    Then the shop refuses, because "Course 6.86x is not a run of a course of Program DEDP"
    And ada's basket is empty

  Scenario: Two runs of one course cannot be picked
    When ada puts "DEDP" in her basket with the runs "14.310x-1T2027" and "14.310x-3T2026"
    Then the shop refuses, because "Pick one run of Course 14.310x for Program DEDP, not two"

  Scenario: A run that was picked for a program is not bought beside it
    When ada puts "DEDP" in her basket with the run "14.310x-1T2027"
    And ada puts "14.310x-1T2027" in her basket
    Then ada's basket says "You picked Course 14.310x for Program DEDP in this basket already"
    And ada's basket costs $1,350.00

  Scenario: One currency a basket
    Given the shop sells the run "9.01x-1T2027" for 49.00 EUR
    When ada puts "6.86x-1T2027" in her basket
    And ada puts "9.01x-1T2027" in her basket
    Then the shop refuses, because "Course 9.01x is priced in EUR, and your basket is in USD"
    And ada's basket costs $39.33

  Scenario: A price that changes is said, and the new one counts
    When ada puts "6.86x-1T2027" in her basket
    And the price of "6.86x-1T2027" changes to $49.33
    Then ada's basket costs $49.33
    And ada's basket says "it was $39.33"

  Scenario: What can no longer be bought stays in sight and costs nothing
    When ada puts "14.310x-1T2027" in her basket
    And ada puts "6.86x-1T2027" in her basket
    But "6.86x-1T2027" is withdrawn
    Then ada's basket costs $199.99
    And ada's basket says "Course 6.86x (6.86x-1T2027) is no longer sold"

  Scenario: What was bought is not bought again
    Given ada bought "6.86x-1T2027"
    When ada puts "6.86x-1T2027" in her basket
    Then ada's basket says "You bought Course 6.86x already, with order"

  Scenario: A run of a program that was bought is not bought again
    Given ada bought "DEDP"
    When ada puts "14.310x-1T2027" in her basket
    Then ada's basket says "Course 14.310x is part of the program DEDP, which you bought"

  Scenario: Owning a run is no obstacle to buying its program, and is said before paying
    Given ada bought "14.310x-1T2027"
    When ada puts "DEDP" in her basket with the run "14.310x-1T2027"
    Then ada's basket says "You own a run of 14.310x already"
    When ada checks out
    And ada pays by a good card
    Then ada's order is paid
