@core @http
Feature: Filling a basket
  A basket holds each product once, shows its current price, and says why a product cannot be bought.

  Background:
    Given the shop sells the course run "14.310x-1T2027" for $199.99
    And the shop sells the course run "14.310x-3T2026" for $149.99
    And the shop sells the course run "6.86x-1T2027" for $39.33
    And the shop sells the program "DEDP" with the courses "14.310x" and "14.73x" for $1350.00

  Rule: A basket holds each product once and costs the sum of its lines

    @BAS-01
    Scenario: Two course runs cost the sum of their prices
      When Ada adds "14.310x-1T2027" to her basket
      And Ada adds "6.86x-1T2027" to her basket
      Then the total of Ada's basket is $239.32
      And Ada's price for "6.86x-1T2027" is $39.33

    @BAS-02
    Scenario: Adding a product twice changes nothing
      When Ada adds "6.86x-1T2027" to her basket
      And Ada adds "6.86x-1T2027" to her basket
      Then the total of Ada's basket is $39.33

    @BAS-03
    Scenario: A removed product is no longer in the basket
      When Ada adds "14.310x-1T2027" to her basket
      And Ada adds "6.86x-1T2027" to her basket
      And Ada removes "14.310x-1T2027" from her basket
      Then the total of Ada's basket is $39.33

  Rule: For a program, the learner picks at most one run of each of its courses

    @BAS-04
    Scenario: A program is added with a run picked for one course
      When Ada adds "DEDP" to her basket with the course run "14.310x-1T2027"
      Then the total of Ada's basket is $1,350.00
      And Ada's basket holds "DEDP"

    @BAS-05
    Scenario: A run of a course outside the program is refused
      When Ada adds "DEDP" to her basket with the course run "6.86x-1T2027"
      Then the shop refuses with the message "Course 6.86x is not a run of a course of Program DEDP"
      And Ada's basket is empty

    @BAS-06
    Scenario: Two runs of one course are refused
      When Ada adds "DEDP" to her basket with the course runs "14.310x-1T2027" and "14.310x-3T2026"
      Then the shop refuses with the message "Pick one run of Course 14.310x for Program DEDP, not two"

    @BAS-07
    Scenario: A run picked for a program is not sold a second time in the same basket
      When Ada adds "DEDP" to her basket with the course run "14.310x-1T2027"
      And Ada adds "14.310x-1T2027" to her basket
      Then Ada's basket shows the message "You picked Course 14.310x for Program DEDP in this basket already"
      And the total of Ada's basket is $1,350.00

  Rule: A basket has one currency

    @BAS-08
    Scenario: A product in another currency is refused
      Given the shop sells the course run "9.01x-1T2027" for 49.00 EUR
      When Ada adds "6.86x-1T2027" to her basket
      And Ada adds "9.01x-1T2027" to her basket
      Then the shop refuses with the message "Course 9.01x is priced in EUR, and your basket is in USD"
      And the total of Ada's basket is $39.33

  Rule: A basket shows current prices and availability

    @BAS-09
    Scenario: A price change is shown, and the new price applies
      When Ada adds "6.86x-1T2027" to her basket
      And the price of "6.86x-1T2027" changes to $49.33
      Then the total of Ada's basket is $49.33
      And Ada's basket shows the message "it was $39.33"

    @BAS-10
    Scenario: A withdrawn product stays visible and is not in the total
      When Ada adds "14.310x-1T2027" to her basket
      And Ada adds "6.86x-1T2027" to her basket
      But "6.86x-1T2027" is withdrawn
      Then the total of Ada's basket is $199.99
      And Ada's basket shows the message "Course 6.86x (6.86x-1T2027) is no longer sold"

  Rule: A learner does not buy the same course run twice

    @BAS-11
    Scenario: A course run that the learner has bought is refused
      Given Ada bought "6.86x-1T2027"
      When Ada adds "6.86x-1T2027" to her basket
      Then Ada's basket shows the message "You bought Course 6.86x already, with order"

    @BAS-12
    Scenario: A course run of a bought program is refused
      Given Ada bought "DEDP"
      When Ada adds "14.310x-1T2027" to her basket
      Then Ada's basket shows the message "Course 14.310x is part of the program DEDP, which you bought"

    @BAS-13
    Scenario: A program can be bought by the owner of one of its runs, who is told before paying
      Given Ada bought "14.310x-1T2027"
      When Ada adds "DEDP" to her basket with the course run "14.310x-1T2027"
      Then Ada's basket shows the message "You own a run of 14.310x already"
      When Ada checks out
      And Ada pays with a valid card
      Then Ada's order is paid
