@core @http
Feature: Signing in with a basket
  At sign-in, the visitor's basket is merged into the learner's basket. Nothing is lost without notice.

  Background:
    Given the shop sells the course run "14.310x-1T2027" for $199.99
    And the shop sells the course run "6.86x-1T2027" for $39.33
    And the code "SPRING" gives 25 percent off
    And Ada is not signed in

  Rule: The visitor's basket is merged at sign-in

    @BAS-14
    Scenario: Products and codes come along at sign-in
      When Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "SPRING"
      And Ada signs in
      Then the total of Ada's basket is $29.50

    @BAS-15
    Scenario: A product that is in both baskets is merged into one line
      Given Ada left "14.310x-1T2027" in her basket on an earlier visit
      When Ada adds "6.86x-1T2027" to her basket
      And Ada adds "14.310x-1T2027" to her basket
      And Ada signs in
      Then the total of Ada's basket is $239.32

    @BAS-16
    Scenario: A product in another currency is not added, and the learner is told
      Given the shop sells the course run "9.01x-1T2027" for 49.00 EUR
      And Ada left "14.310x-1T2027" in her basket on an earlier visit
      When Ada adds "9.01x-1T2027" to her basket
      And Ada signs in
      Then the total of Ada's basket is $199.99
      And Ada is told that "9.01x-1T2027" was not added
