Feature: Signing in with a basket
  What a visitor chose before signing in comes along, and nothing gets lost on the way.

  Background:
    Given the shop sells the run "14.310x-1T2027" for $199.99
    And the shop sells the run "6.86x-1T2027" for $39.33
    And the code "SPRING" takes 25 percent off
    And ada has not signed in

  Scenario: The visitor's basket becomes the learner's
    When ada puts "6.86x-1T2027" in her basket
    And ada enters the code "SPRING"
    And ada signs in
    Then ada's basket costs $29.50

  Scenario: Two baskets become one
    Given ada left "14.310x-1T2027" in her basket when she was here before
    When ada puts "6.86x-1T2027" in her basket
    And ada puts "14.310x-1T2027" in her basket
    And ada signs in
    Then ada's basket costs $239.32

  Scenario: A basket in another currency is not mixed in
    Given the shop sells the run "9.01x-1T2027" for 49.00 EUR
    And ada left "14.310x-1T2027" in her basket when she was here before
    When ada puts "9.01x-1T2027" in her basket
    And ada signs in
    Then ada's basket costs $199.99
    And ada is told that "9.01x-1T2027" was left out
